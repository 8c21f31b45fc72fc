//! `varde import office` and `varde import templates`: the project office's files as a whole.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use varde_core::Need;
use varde_core::registers;
use varde_interreg::imports::{ImportError, ImportReport, JudgedRow, templates};

use super::import::{handed_in, refused};
use super::taking::caller;
use crate::cli::StoreArgs;
use crate::config::HttpSection;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::{Look, columns, print};

/// The flags of `varde import office`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ImportOfficeArgs {
    /// Project files (YAML or JSON), CSV files and workbooks (XLSX) with registers and facts, told
    /// apart by their headers and the names of their sheets.
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// The API key that facts are stored under: its project, its authority.
    #[arg(long, value_name = "NAME")]
    pub(crate) key: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Shows what each line would do, and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Takes back the facts of these tables that are in the store and not in the files.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Prints the verdicts as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for ImportOfficeArgs {
    fn name(&self) -> &'static str {
        "import office"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Judges each line, and imports all of them when nothing is wrong with any.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let files = handed_in(desk).await?;
        let parts = desk.open_existing().await?;
        let caller = caller(&parts, &self.key, Need::ImportFacts).await?;
        let imports = parts.services(&HttpSection::default()).imports;
        let report = if self.dry_run {
            imports.examine(&caller, &files, self.replace).await
        } else {
            imports.import(&caller, &files, self.replace).await
        };
        let report = match report {
            Err(ImportError::Refused(_)) => imports.examine(&caller, &files, self.replace).await,
            report => report,
        };
        let report = report.map_err(failed)?;
        let shown = if self.json {
            as_json(&report)?
        } else {
            as_text(desk.look(), &report)
        };
        desk.print(shown).await?;
        if report.faults.0.is_empty() {
            Ok(())
        } else {
            Err(refused(&report.faults))
        }
    }
}

fn failed(error: ImportError) -> Failure {
    match error {
        ImportError::Store(error)
        | ImportError::Registers(registers::ImportError::Store(error)) => error.into(),
        ImportError::Refused(faults) => refused(&faults),
        ImportError::Forbidden(_) => Failure::new(Exit::NoPermission, error.to_string()),
        ImportError::Busy | ImportError::Registers(registers::ImportError::Busy) => {
            Failure::new(Exit::TryLater, error.to_string())
        }
        ImportError::TooLarge { .. } | ImportError::Registers(_) => {
            Failure::new(Exit::Data, error.to_string())
        }
    }
}

fn as_json(report: &ImportReport) -> Result<String, Failure> {
    let text = serde_json::to_string(report).map_err(|error| Failure::software(&error))?;
    Ok(format!("{text}\n"))
}

/// Lists the lines that do something or are to be looked at, then how many there are of each kind.
fn as_text(look: Look, report: &ImportReport) -> String {
    let header = ["File", "Line", "Table", "Verdict", "What"].map(str::to_owned);
    let mut table = vec![header.to_vec()];
    table.extend(report.rows.iter().filter(|row| row.tells()).map(line));
    let mut text = if table.len() > 1 {
        columns(&table, &[1])
    } else {
        String::new()
    };
    let counts: Vec<_> = (report.counts.iter())
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let counts = if counts.is_empty() {
        "no line".to_owned()
    } else {
        counts.join(", ")
    };
    let counts = look.heading(&counts);
    let ending = match (report.dry_run, report.faults.0.is_empty()) {
        (true, true) => "; nothing was changed (--dry-run)",
        (_, false) => "; nothing was changed",
        (false, true) => "",
    };
    // Writing to a text cannot fail.
    let _ = writeln!(text, "  {counts}{ending}");
    text
}

fn line(row: &JudgedRow) -> Vec<String> {
    let file = row.file.as_deref().unwrap_or("(in no file)");
    let what = [row.fields.as_slice(), &row.why, &row.warnings].concat();
    vec![
        super::dry_run::place(file, row.sheet.as_deref()),
        row.line.map(|line| line.to_string()).unwrap_or_default(),
        row.table.unwrap_or_default().to_owned(),
        row.verdict.name().to_owned(),
        what.join("; "),
    ]
}

/// The flags of `varde import templates`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportTemplatesArgs {
    /// The folder that they are written to; made when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// With the lines of an example project.
    #[arg(long)]
    pub(crate) example: bool,
}

/// Writes every table as a CSV file, and all of them as one workbook. No file is written over: it
/// may be filled in already.
pub(crate) fn write_templates(args: &ImportTemplatesArgs) -> Result<(), Failure> {
    let cannot = |what: &std::path::Path, error: &dyn std::fmt::Display| {
        let sentence = format!("cannot make {}: {error}", what.display());
        Failure::new(Exit::CannotCreate, sentence)
    };
    std::fs::create_dir_all(&args.output).map_err(|error| cannot(&args.output, &error))?;
    let tables = templates::list().map(|table| format!("{}.csv", table.name));
    let names: Vec<_> = tables.chain([templates::WORKBOOK.to_owned()]).collect();
    let there = names.iter().map(|name| args.output.join(name));
    if let Some(path) = there.into_iter().find(|path| path.exists()) {
        let sentence = format!(
            "there is {} already; give another folder with --output",
            path.display()
        );
        return Err(Failure::new(Exit::CannotCreate, sentence));
    }
    for name in &names {
        let path = args.output.join(name);
        let bytes = templates::file(name, args.example).unwrap_or_default();
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let written = file.and_then(|mut file| file.write_all(&bytes));
        written.map_err(|error| cannot(&path, &error))?;
    }
    print(&format!(
        "  {} files written to {}\n",
        names.len(),
        args.output.display()
    ));
    Ok(())
}
