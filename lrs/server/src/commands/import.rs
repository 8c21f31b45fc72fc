//! `varde import registers`

use std::fmt::Write as _;

use serde_json::json;
use varde_core::registers::files::{self, RegisterFile, RegisterFiles, Verdict};
use varde_core::registers::{ImportError, Imported, Row};

use super::files::read as read_file;
use crate::cli::ImportRegistersArgs;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::terminal::{Look, columns, print};
use crate::wiring::Parts;

/// Reads the files, shows the verdicts and adds what is new.
pub(crate) async fn registers(args: &ImportRegistersArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let mut read_in = Vec::new();
    for path in &args.files {
        read_in.push(RegisterFile {
            name: path.display().to_string(),
            bytes: read_file(path)?,
        });
    }
    let found = files::read(&read_in);
    if let (Err(faults), true) = (&found, args.json) {
        print(&format!("{}\n", json!({ "faults": faults })));
    }
    let RegisterFiles { rows, verdicts } = found.map_err(|faults| refused(&faults))?;
    let imported = if args.dry_run {
        None
    } else {
        let parts = Parts::open(config.store.data()?)?;
        let imported = add(&parts, rows).await?;
        parts.close().await?;
        Some(imported)
    };
    print(&if args.json {
        as_json(&verdicts, imported)
    } else {
        as_text(&verdicts, imported)
    });
    Ok(())
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

fn refused(faults: &files::FileFaults) -> Failure {
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
fn as_text(verdicts: &[Verdict], imported: Option<Imported>) -> String {
    let header = ["File", "Holds", "Lines", "Rows", "Warnings"]
        .map(str::to_owned)
        .to_vec();
    let mut table = vec![header];
    for of_file in verdicts.chunk_by(|a, b| a.file == b.file) {
        let Some(first) = of_file.first() else {
            continue;
        };
        let rows: usize = of_file.iter().map(|verdict| verdict.rows).sum();
        let warnings: usize = of_file.iter().map(|verdict| verdict.warnings.len()).sum();
        table.push(vec![
            first.file.clone(),
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
            let _ = writeln!(text, "  {}{line}: {warning}", verdict.file);
        }
    }
    text + &done(imported)
}

fn done(imported: Option<Imported>) -> String {
    match imported {
        None => "  nothing was changed (--dry-run)\n".to_owned(),
        Some(Imported {
            added, unchanged, ..
        }) => {
            let added = Look::of_stdout().heading(&format!("{added} rows added"));
            format!("  {added}, {unchanged} known already\n")
        }
    }
}
