//! The page of a work: how far it is, and what came of it.

use std::time::Duration;

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tokio::time::timeout;
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};

use super::{Ended, Outcome, Packed, What, Work, Works};
use crate::export;
use crate::format;
use crate::pages::imports::{Judged, fault_cells, row_cells};
use crate::pages::{from, reports};
use crate::visit::{Frame, Visit, page};
use crate::words::{Imports, Packs, Work as Words, fill};
use varde_xapi::Stored;

/// How long a page waits for what is nearly done, so that short works are shown at once.
const WAITED: Duration = Duration::from_secs(1);
/// After how many seconds a browser asks again.
const AGAIN: HeaderValue = HeaderValue::from_static("2");
const MICROSECONDS: i64 = 1_000_000;

#[derive(Debug, Template)]
#[template(path = "work.html")]
struct WorkPage {
    frame: Frame,
    words: &'static Words,
    path: String,
    passed: Option<String>,
    begun: String,
    ended: Option<String>,
    failed: Option<String>,
    submitted: Option<(String, String)>,
    packed: Option<(reports::Found, String)>,
    judged: Option<Judged>,
    packs: &'static Packs,
    imports: &'static Imports,
}

/// Shows a work of the visitor's own; one of somebody else is not found.
pub(super) async fn get(
    State(app): State<App>,
    Extension(kept): Extension<Works>,
    visit: Visit,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["from"])?;
    let from = from(&known)?;
    let clock = &app.services().clock;
    let work = kept.find(&visit, &id, clock.now());
    let work = work.ok_or(ApiError::Absent("work, or not any more"))?;
    // What takes longer is asked for again.
    let _ = timeout(WAITED, work.end()).await;
    let ended = work.ended();
    let words = Words::of(visit.language);
    let passed = clock.now().0.saturating_sub(work.begun.0) / MICROSECONDS;
    let mut template = WorkPage {
        frame: visit.frame(name(&work.what, &visit)),
        words,
        path: format!("/works/{}", work.id),
        passed: ended
            .is_none()
            .then(|| fill(words.passed, &[&passed.to_string()])),
        begun: format::instant(work.begun, visit.language),
        ended: ended
            .as_ref()
            .map(|ended| format::instant(ended.at, visit.language)),
        failed: None,
        submitted: None,
        packed: None,
        judged: None,
        packs: Packs::of(visit.language),
        imports: Imports::of(visit.language),
    };
    if let Some(Ended { outcome, .. }) = &ended {
        allowed(&visit, outcome)?;
        template
            .tell(&app, (&visit, &work), (outcome, from))
            .await?;
    }
    let mut response = page(StatusCode::OK, visit.language, &template);
    if ended.is_none() {
        response.headers_mut().insert(header::REFRESH, AGAIN);
    }
    Ok(response)
}

impl WorkPage {
    async fn tell(
        &mut self,
        app: &App,
        (visit, work): (&Visit, &Work),
        (outcome, from): (&Result<Outcome, ApiError>, usize),
    ) -> Result<(), ApiError> {
        match outcome {
            Err(error) => self.failed = Some(error.sentence()),
            Ok(Outcome::Submitted(place, revision, hash)) => {
                let path = format!("{}?revision={revision}", reports::path(place));
                self.submitted = Some((hash.to_string(), path));
            }
            Ok(Outcome::Packed(packed)) => {
                let found = reports::found_in(app, visit, &packed.inspection).await?;
                let path = format!(
                    "{}?revision={}",
                    reports::path(&packed.place),
                    packed.revision
                );
                self.packed = Some((found, path));
            }
            Ok(Outcome::Examined(examined)) => {
                let mut judged = Judged::of(&examined.report, visit, (&self.path, from));
                judged.name.clone_from(&examined.files[0].name);
                judged.sha256.clone_from(&examined.sha256);
                self.judged = Some(judged);
            }
            Ok(Outcome::Imported(report)) => {
                let mut judged = Judged::of(report, visit, (&self.path, from));
                if let What::Import(name) = &work.what {
                    judged.name.clone_from(name);
                }
                self.judged = Some(judged);
            }
        }
        Ok(())
    }
}

/// Says what a work is.
pub(super) fn name(what: &What, visit: &Visit) -> String {
    let words = Words::of(visit.language);
    match what {
        What::Submit(place) | What::Pack(place) => {
            let sentence = match what {
                What::Submit(_) => words.submit,
                _ => words.pack,
            };
            let day = format::day(place.period, visit.language);
            fill(sentence, &[place.project.as_str(), &day])
        }
        What::Examine(file) => fill(words.examine, &[file]),
        What::Import(file) => fill(words.import, &[file]),
    }
}

/// Returns what came of a work of the visitor's own, once it has ended well.
fn outcome(
    works: &Works,
    (visit, id, now): (&Visit, &str, Stored),
) -> Result<std::sync::Arc<Result<Outcome, ApiError>>, ApiError> {
    let work = works.find(visit, id, now);
    let ended = work.and_then(|work| work.ended());
    let ended = ended.ok_or(ApiError::Absent("result of a work, or not any more"))?;
    allowed(visit, &ended.outcome)?;
    Ok(ended.outcome)
}

/// Checks that a visitor may still see what came of a work: a role may be narrowed meanwhile.
fn allowed(visit: &Visit, outcome: &Result<Outcome, ApiError>) -> Result<(), ApiError> {
    let caller = visit.caller();
    match outcome {
        Ok(Outcome::Submitted(place, ..) | Outcome::Packed(Packed { place, .. })) => {
            caller.may(Need::ReadReports)?;
            let reads = caller.projects.contains(&place.project);
            reads.then_some(()).ok_or(ApiError::Absent("project"))
        }
        Ok(Outcome::Examined(_) | Outcome::Imported(_)) => Ok(caller.may(Need::ImportFacts)?),
        Err(_) => Ok(()),
    }
}

/// Gives a pack to be saved: the bytes that were looked at.
pub(super) async fn pack(
    State(app): State<App>,
    Extension(works): Extension<Works>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, NotShown> {
    let outcome = outcome(&works, (&visit, &id, app.services().clock.now()))?;
    let Ok(Outcome::Packed(packed)) = &*outcome else {
        return Err(ApiError::Absent("pack").into());
    };
    let name = format!("{}-{}.zip", packed.place.project, packed.place.period);
    Ok(export::attached(
        "application/zip",
        &name,
        packed.zip.clone(),
    ))
}

/// Gives what is wrong with a file as a table.
pub(super) async fn faults(
    State(app): State<App>,
    Extension(works): Extension<Works>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, NotShown> {
    let outcome = outcome(&works, (&visit, &id, app.services().clock.now()))?;
    let report = report(&outcome)?;
    let columns = ["file", "sheet", "line", "column", "cell", "fault"];
    let rows = report.faults.0.iter().map(fault_cells);
    Ok(export::csv("faults", &columns, rows)?)
}

/// Gives the verdict on every line as a table.
pub(super) async fn lines(
    State(app): State<App>,
    Extension(works): Extension<Works>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, NotShown> {
    let outcome = outcome(&works, (&visit, &id, app.services().clock.now()))?;
    let report = report(&outcome)?;
    let columns = [
        "file",
        "sheet",
        "line",
        "table",
        "verdict",
        "fields",
        "why",
        "warnings",
        "statement",
    ];
    Ok(export::csv(
        "lines",
        &columns,
        report.rows.iter().map(row_cells),
    )?)
}

fn report(
    outcome: &Result<Outcome, ApiError>,
) -> Result<&varde_interreg::imports::ImportReport, ApiError> {
    match outcome {
        Ok(Outcome::Examined(examined)) => Ok(&examined.report),
        Ok(Outcome::Imported(report)) => Ok(report),
        _ => Err(ApiError::Absent("import")),
    }
}
