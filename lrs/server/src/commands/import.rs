//! `varde import registers`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::registers::files::{self, RegisterFile, RegisterFiles, Verdict};
use varde_core::registers::{ImportError, Imported, Row};
use varde_interreg::imports::registers_of;

use super::dry_run::{DryRun, place};
use super::import_from::ImportFromArgs;
use super::import_office::{ImportOfficeArgs, ImportTemplatesArgs};
use super::import_statements::ImportStatementsArgs;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::{Look, columns};
use crate::wiring::Parts;

/// What is taken in: files of a kind, or what another record store has.
#[derive(Debug, Args, Serialize, Deserialize)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ImportArgs {
    /// Files of a kind.
    #[command(subcommand)]
    pub(crate) files: Option<Import>,
    /// What another record store has.
    #[command(flatten)]
    pub(crate) from: ImportFromArgs,
}

impl ImportArgs {
    /// Returns the command as one that works on a store.
    pub(super) fn on_store(&self) -> Option<&dyn StoreCommand> {
        Some(match &self.files {
            None => &self.from,
            Some(Import::Registers(command)) => command,
            Some(Import::Office(command)) => command,
            Some(Import::Statements(command)) => command,
            Some(Import::Templates(_)) => return None,
        })
    }
}

/// Files that are taken in.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Import {
    /// Adds projects, people, organisations and programme activities from YAML, CSV and XLSX files.
    Registers(ImportRegistersArgs),
    /// Takes in what a project office keeps: registers and facts, from YAML, CSV and XLSX files.
    Office(ImportOfficeArgs),
    /// Writes the tables of a project office to be filled in.
    #[serde(skip)]
    Templates(ImportTemplatesArgs),
    /// Stores statements of another record store, with new `stored`.
    Statements(ImportStatementsArgs),
}

/// The flags of `varde import registers`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ImportRegistersArgs {
    /// Project files (YAML or JSON), CSV files and workbooks (XLSX), told apart by their headers.
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Shows what each line would do, beside what the store knows where there is one, and changes
    /// nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Prints the verdicts as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for ImportRegistersArgs {
    fn name(&self) -> &'static str {
        "import registers"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Reads the files, shows the verdicts and adds what is new.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let read_in = handed_in(desk).await?;
        let data = desk.config().store.data();
        if self.dry_run && data.is_ok_and(Path::is_dir) {
            return self.compare(desk, &read_in).await;
        }
        let (RegisterFiles { rows, verdicts }, faults) = registers_of(&read_in);
        if !faults.0.is_empty() {
            if self.json {
                let faults = format!("{}\n", json!({ "faults": faults }));
                desk.print(faults).await?;
            }
            return Err(refused(&faults));
        }
        let imported = if self.dry_run {
            None
        } else {
            Some(add(&*desk.open().await?, rows).await?)
        };
        let shown = if self.json {
            as_json(&verdicts, imported)
        } else {
            as_text(desk.look(), &verdicts, imported)
        };
        desk.print(shown).await
    }
}

impl ImportRegistersArgs {
    /// Shows what each line would do beside what the store knows.
    async fn compare(&self, desk: &mut Desk, files: &[RegisterFile]) -> Result<(), Failure> {
        let (files, faults) = registers_of(files);
        let parts = desk.open_existing().await?;
        let dry_run = DryRun::of(&parts, &files, &faults).await?;
        let shown = if self.json {
            dry_run.as_json()
        } else {
            dry_run.as_text()
        };
        desk.print(shown).await?;
        if faults.0.is_empty() {
            Ok(())
        } else {
            Err(refused(&faults))
        }
    }
}

/// Returns the files that the command was given.
pub(super) async fn handed_in(desk: &mut Desk) -> Result<Vec<RegisterFile>, Failure> {
    let mut files = Vec::new();
    while let Some(file) = desk.next_file().await? {
        let (name, bytes) = file.bytes().await?;
        files.push(RegisterFile { name, bytes });
    }
    Ok(files)
}

/// Reads a set of register files, or says everything that is wrong with them.
pub(crate) fn read(files: &[RegisterFile]) -> Result<RegisterFiles, Failure> {
    files::read(files).map_err(|faults| refused(&faults))
}

/// Adds the rows that say something new.
pub(crate) async fn add(parts: &Parts, rows: Vec<Row>) -> Result<Imported, Failure> {
    parts
        .registers
        .import(rows)
        .await
        .map_err(|error| match error {
            ImportError::Store(error) => error.into(),
            ImportError::Busy => Failure::new(Exit::TryLater, error.to_string()),
            ImportError::TooLarge { .. } => Failure::new(Exit::Data, error.to_string()),
        })
}

pub(super) fn refused(faults: &files::FileFaults) -> Failure {
    let lines: Vec<_> = faults.0.iter().map(|fault| format!("  {fault}")).collect();
    let count = match lines.len() {
        1 => "1 fault".to_owned(),
        n => format!("{n} faults"),
    };
    Failure::new(
        Exit::Data,
        format!("{count}, so nothing was imported:\n{}", lines.join("\n")),
    )
}

fn as_json(verdicts: &[Verdict], imported: Option<Imported>) -> String {
    let stored = imported
        .and_then(|imported| imported.stored)
        .map(|stored| stored.to_string());
    format!(
        "{}\n",
        json!({
            "dry_run": imported.is_none(),
            "added": imported.map(|imported| imported.added),
            "unchanged": imported.map(|imported| imported.unchanged),
            "stored": stored,
            "verdicts": verdicts,
        })
    )
}

/// Lists the files with what they hold, then the warnings, then what was done.
fn as_text(look: Look, verdicts: &[Verdict], imported: Option<Imported>) -> String {
    let header = ["File", "Holds", "Lines", "Rows", "Warnings"]
        .map(str::to_owned)
        .to_vec();
    let mut table = vec![header];
    for of_file in verdicts.chunk_by(|a, b| (&a.file, &a.sheet) == (&b.file, &b.sheet)) {
        let Some(first) = of_file.first() else {
            continue;
        };
        let rows: usize = of_file.iter().map(|verdict| verdict.rows).sum();
        let warnings: usize = of_file.iter().map(|verdict| verdict.warnings.len()).sum();
        table.push(vec![
            place(&first.file, first.sheet.as_deref()),
            first.kind.to_string(),
            of_file.len().to_string(),
            rows.to_string(),
            warnings.to_string(),
        ]);
    }
    let mut text = columns(&table, &[2, 3, 4]);
    for verdict in verdicts {
        for warning in &verdict.warnings {
            let line = verdict
                .line
                .map(|line| format!(", line {line}"))
                .unwrap_or_default();
            let place = place(&verdict.file, verdict.sheet.as_deref());
            let _ = writeln!(text, "  {place}{line}: {warning}");
        }
    }
    text + &done(look, imported)
}

fn done(look: Look, imported: Option<Imported>) -> String {
    match imported {
        None => "  nothing was changed (--dry-run)\n".to_owned(),
        Some(Imported {
            added, unchanged, ..
        }) => {
            let added = look.heading(&format!("{added} rows added"));
            format!("  {added}, {unchanged} known already\n")
        }
    }
}
