//! The project office's files: tried first, and then imported to the byte.

use std::fmt::Write as _;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use sha2::{Digest as _, Sha256};
use varde_core::Need;
use varde_core::registers::files::{FileFault, RegisterFile};
use varde_http::pages::{NotShown, SentFile, SentForm};
use varde_http::{ApiError, App, Parameters};
use varde_interreg::imports::templates::{Template as Table, WORKBOOK};
use varde_interreg::imports::{ImportReport, JudgedRow};

use crate::export;
use crate::format;
use crate::visit::{Frame, Visit, page, see};
use crate::words::{Imports, fill};
use crate::work::{Examined, Outcome, What, Works};

/// How many lines, and how many faults, a page shows.
const PER_PAGE: usize = 50;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What a file without a name is called.
const NAMELESS: &str = "import";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/imports", get(show).post(examine))
        .route("/imports/{work}", post(import))
        .route("/imports/templates/{name}", get(template))
}

#[derive(Debug, Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    frame: Frame,
    words: &'static Imports,
    csrf: String,
    lead: String,
    may_import: bool,
    tables: Vec<Table>,
    workbook: &'static str,
    works: Vec<(String, String)>,
}

async fn show(
    State(app): State<App>,
    Extension(begun): Extension<Works>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let services = app.services();
    let tables = services.imports.templates(visit.caller())?;
    let words = Imports::of(visit.language);
    let template = ImportsPage {
        frame: visit.frame(words.title),
        words,
        csrf: visit.csrf(),
        lead: fill(words.lead, &[visit.caller().space.project()]),
        may_import: visit.caller().may(Need::WriteStatements).is_ok(),
        tables,
        workbook: WORKBOOK,
        works: crate::work::links(&begun, &visit, services.clock.now()),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Gives a table to fill in, or the workbook of all.
async fn template(
    State(app): State<App>,
    visit: Visit,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["example"])?;
    let example = super::given(&known, "example").is_some();
    let imports = &app.services().imports;
    let found = imports.template(visit.caller(), &name, example)?;
    let bytes = found.ok_or(ApiError::Absent("template"))?;
    let media_type = if name == WORKBOOK {
        XLSX
    } else {
        "text/csv; charset=utf-8; header=present"
    };
    Ok(export::attached(media_type, &name, bytes))
}

/// Begins to try a file, and changes nothing.
async fn examine(
    State(app): State<App>,
    Extension(works): Extension<Works>,
    sent: SentFile,
) -> Result<Response, ApiError> {
    let caller = sent.signed_in.caller.clone();
    caller.may(Need::ImportFacts)?;
    let imports = app.services().imports.clone();
    let replace = !sent.fields.get("replace").is_empty();
    let name = match sent.file.name.trim() {
        "" => NAMELESS.to_owned(),
        name => name.to_owned(),
    };
    let file = RegisterFile {
        name: name.clone(),
        bytes: sent.file.bytes,
    };
    let work = async move {
        let files = [file];
        let report = imports.examine(&caller, &files, replace).await?;
        let digest = Sha256::digest(&files[0].bytes);
        let sha256 = digest.iter().fold(String::new(), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Outcome::Examined(Examined {
            files,
            sha256,
            replace,
            report,
        }))
    };
    let begun = works.begin((&app, &sent.signed_in), What::Examine(name), work);
    Ok(see(&begun?))
}

/// Begins to import a file that was tried: the bytes that were kept of it.
async fn import(
    State(app): State<App>,
    Extension(works): Extension<Works>,
    visit: Visit,
    Path(id): Path<String>,
    sent: SentForm,
) -> Result<Response, ApiError> {
    let caller = sent.signed_in.caller.clone();
    let services = app.services();
    let tried = works.find(&visit, &id, services.clock.now());
    let tried = tried.and_then(|work| work.ended());
    let tried = tried.map(|ended| ended.outcome);
    let gone = ApiError::Absent("file that was tried, or not any more: try it again");
    let tried = match tried {
        Some(tried) if matches!(&*tried, Ok(Outcome::Examined(_))) => tried,
        _ => return Err(gone),
    };
    let imports = services.imports.clone();
    let name = match &*tried {
        Ok(Outcome::Examined(examined)) => examined.files[0].name.clone(),
        _ => NAMELESS.to_owned(),
    };
    let work = async move {
        let Ok(Outcome::Examined(examined)) = &*tried else {
            return Err(gone);
        };
        let report = imports
            .import(&caller, &examined.files, examined.replace)
            .await?;
        Ok(Outcome::Imported(report))
    };
    let begun = works.begin((&app, &sent.signed_in), What::Import(name), work);
    Ok(see(&begun?))
}

/// What becomes of the lines of a file, as a page shows it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) is_dry: bool,
    pub(crate) csrf: String,
    pub(crate) may_import: bool,
    /// Where the form leads that imports it.
    pub(crate) import: String,
    pub(crate) counts: Vec<(&'static str, String)>,
    pub(crate) faults: Vec<Faulty>,
    pub(crate) faults_told: String,
    pub(crate) rows: Vec<Line>,
    pub(crate) rows_told: String,
    pub(crate) next: Option<String>,
}

/// Something wrong with a file.
#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) place: String,
    pub(crate) line: String,
    pub(crate) column: String,
    pub(crate) sentence: String,
}

/// What becomes of a line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) place: String,
    pub(crate) number: String,
    pub(crate) table: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) told: Vec<String>,
}

impl Judged {
    /// Shows a page of what was found, behind so many lines.
    pub(crate) fn of(report: &ImportReport, visit: &Visit, (path, from): (&str, usize)) -> Self {
        let words = Imports::of(visit.language);
        let number = |number: usize| format::number(number, visit.language);
        let told = |shown: usize, all: usize| fill(words.shown_of, &[&number(shown), &number(all)]);
        let faults: Vec<_> = report
            .faults
            .0
            .iter()
            .take(PER_PAGE)
            .map(Faulty::of)
            .collect();
        let telling: Vec<_> = report.rows.iter().filter(|row| row.tells()).collect();
        let rows: Vec<_> = telling.iter().skip(from).take(PER_PAGE).collect();
        let rows: Vec<_> = rows.into_iter().map(|row| Line::of(row, words)).collect();
        let end = from.saturating_add(rows.len());
        let may = |need| visit.caller().may(need).is_ok();
        let counts = report.counts.iter();
        Self {
            name: String::new(),
            sha256: String::new(),
            is_dry: report.dry_run,
            csrf: visit.csrf(),
            may_import: report.dry_run
                && report.faults.0.is_empty()
                && may(Need::ImportFacts)
                && may(Need::WriteStatements),
            import: path.replacen("/works/", "/imports/", 1),
            counts: counts
                .map(|(verdict, count)| (words.verdict_of(verdict), number(*count)))
                .collect(),
            faults_told: told(faults.len(), report.faults.0.len()),
            faults,
            rows_told: told(rows.len(), telling.len()),
            rows,
            next: (end < telling.len()).then(|| format!("{path}?from={end}")),
        }
    }
}

fn place(file: &str, sheet: Option<&String>) -> String {
    sheet.map_or_else(|| file.to_owned(), |sheet| format!("{file}, {sheet}"))
}

impl Faulty {
    fn of(fault: &FileFault) -> Self {
        let cell = fault.cell.as_ref().map(|cell| format!(" ({cell})"));
        Self {
            place: place(&fault.file, fault.sheet.as_ref()),
            line: fault.line.map_or_else(String::new, |line| line.to_string()),
            column: fault.column.clone().unwrap_or_default() + &cell.unwrap_or_default(),
            sentence: fault.sentence.clone(),
        }
    }
}

impl Line {
    fn of(row: &JudgedRow, words: &Imports) -> Self {
        let fields = (!row.fields.is_empty()).then(|| row.fields.join(", "));
        let told = row.why.iter().chain(&row.warnings).cloned();
        Self {
            place: place(row.file.as_deref().unwrap_or_default(), row.sheet.as_ref()),
            number: row.line.map_or_else(String::new, |line| line.to_string()),
            table: row.table.unwrap_or_default(),
            verdict: words.verdict_of(row.verdict.name()),
            told: fields.into_iter().chain(told).collect(),
        }
    }
}

/// Returns a fault as cells of a table.
pub(crate) fn fault_cells(fault: &FileFault) -> [String; 6] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        fault.file.clone(),
        text(&fault.sheet),
        fault.line.map_or_else(String::new, |line| line.to_string()),
        text(&fault.column),
        text(&fault.cell),
        fault.sentence.clone(),
    ]
}

/// Returns the verdict on a line as cells of a table.
pub(crate) fn row_cells(row: &JudgedRow) -> [String; 9] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        text(&row.file),
        text(&row.sheet),
        row.line.map_or_else(String::new, |line| line.to_string()),
        row.table.unwrap_or_default().to_owned(),
        row.verdict.name().to_owned(),
        row.fields.join(" "),
        row.why.join("; "),
        row.warnings.join("; "),
        text(&row.statement),
    ]
}
