//! `varde rules check | activate | list`

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use varde_core::definitions::{
    Definition, DefinitionFaults, DefinitionRecord, InstallError, Installed, State,
};
use varde_core::ledger::{RunnerError, Step};
use varde_schemas::{Document, Kind};

use super::files::read_text;
use crate::cli::{RulesActivateArgs, RulesCheckArgs, RulesListArgs};
use crate::config::Config;
use crate::exit::{Exit, Failure, chain};
use crate::terminal::{columns, print};
use crate::wiring::{Parts, adapters};

/// Checks definition files without a store.
pub(crate) fn check(args: &RulesCheckArgs) -> Result<(), Failure> {
    let rows = read_all(&args.files)?;
    let rows: Vec<_> = rows
        .iter()
        .map(|definition| vec![definition.kind.clone(), definition.name(), hash(definition)])
        .collect();
    print(&columns(&rows, &[]));
    Ok(())
}

/// Installs definitions, works through the log and makes them current.
pub(crate) async fn activate(args: &RulesActivateArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let definitions = read_all(&args.files)?;
    let parts = Parts::open(config.store.data()?)?;
    let done = async {
        let installed = install(&parts, definitions).await?;
        carry(&parts).await?;
        Ok(installed)
    };
    let installed: Result<_, Failure> = done.await;
    parts.close().await?;
    let rows: Vec<_> = installed?
        .iter()
        .map(|(definition, installed)| {
            let what = match installed {
                Installed::New => "now current",
                Installed::Already => "was known already",
            };
            vec![definition.kind.clone(), definition.name(), what.to_owned()]
        })
        .collect();
    print(&columns(&rows, &[]));
    Ok(())
}

/// Lists the definitions of a store.
pub(crate) async fn list(args: &RulesListArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let parts = Parts::open_existing(config.store.data()?)?;
    let all = parts.definitions.all().await?;
    parts.close().await?;
    print(&if args.json {
        as_json(&all)
    } else {
        as_text(&all)
    });
    Ok(())
}

fn as_json(all: &[DefinitionRecord]) -> String {
    let all: Vec<_> = all
        .iter()
        .map(|DefinitionRecord { definition, state }| {
            json!({
                "kind": definition.kind,
                "id": definition.id,
                "version": definition.version,
                "hash": definition.hash().to_string(),
                "state": state,
            })
        })
        .collect();
    format!("{}\n", json!({ "definitions": all }))
}

fn as_text(all: &[DefinitionRecord]) -> String {
    if all.is_empty() {
        return "  no definitions yet; add some with `varde rules activate FILES…`\n".to_owned();
    }
    let row = |DefinitionRecord { definition, state }: &DefinitionRecord| {
        let state = match state {
            State::Installed => "being worked through",
            State::Current => "current",
            State::Superseded => "superseded",
        };
        vec![
            definition.kind.clone(),
            definition.name(),
            hash(definition),
            state.to_owned(),
        ]
    };
    columns(&all.iter().map(row).collect::<Vec<_>>(), &[])
}

/// The beginning of the hash, enough for people to compare.
fn hash(definition: &Definition) -> String {
    definition.hash().to_string().chars().take(12).collect()
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Definition>, Failure> {
    let (mut definitions, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        match read(&path.display().to_string(), &read_text(path)?) {
            Ok(definition) => definitions.push(definition),
            Err(failure) => faults.push(failure.sentence),
        }
    }
    if faults.is_empty() {
        Ok(definitions)
    } else {
        Err(Failure::new(Exit::Data, faults.join("\n")))
    }
}

/// Reads a definition, checks it by its schema and compiles it, or says everything that is wrong.
pub(crate) fn read(file: &str, text: &str) -> Result<Definition, Failure> {
    let refuse = |faults: Vec<String>| {
        let lines: Vec<_> = faults
            .iter()
            .map(|fault| format!("{file}, {fault}"))
            .collect();
        Err(Failure::new(Exit::Data, lines.join("\n")))
    };
    let document = match varde_schemas::read(text) {
        Ok(document) => document,
        Err(faults) => return refuse(faults.iter().map(ToString::to_string).collect()),
    };
    if document.kind == Kind::Project {
        let sentence = "a project is no definition; give it to `varde import registers`";
        return refuse(vec![sentence.to_owned()]);
    }
    let definition = Definition {
        kind: document.kind.name().to_owned(),
        id: document.id.clone(),
        version: document.version,
        body: document.value.clone(),
    };
    let kind = definition.kind.as_str();
    let compiled = adapters()
        .into_iter()
        .find(|adapter| adapter.kinds().contains(&kind))
        .map(|adapter| adapter.compile(&definition));
    match compiled {
        Some(Ok(_)) => Ok(definition),
        Some(Err(faults)) => refuse(placed(&document, &faults)),
        None => refuse(vec![InstallError::Kind(definition.kind).to_string()]),
    }
}

/// Adds lines and columns to what is wrong with a document.
fn placed(document: &Document, faults: &DefinitionFaults) -> Vec<String> {
    let place = |path: &str| document.place(path);
    faults
        .0
        .iter()
        .map(|fault| {
            let at = place(&fault.path);
            let (line, column) = (at.line, at.column);
            format!(
                "line {line}, column {column}, {}: {}",
                fault.path, fault.sentence
            )
        })
        .collect()
}

/// Installs all definitions, or none when one of them cannot be.
pub(crate) async fn install(
    parts: &Parts,
    definitions: Vec<Definition>,
) -> Result<Vec<(Definition, Installed)>, Failure> {
    let known = parts.definitions.all().await?;
    let mut taken: Vec<Definition> = known.into_iter().map(|record| record.definition).collect();
    for definition in &definitions {
        may_follow(definition, &taken).map_err(not_installed)?;
        taken.push(definition.clone());
    }
    let mut installed = Vec::new();
    for definition in definitions {
        let done = parts
            .definitions
            .install(definition.clone(), &parts.adapters)
            .await;
        installed.push((definition, done.map_err(not_installed)?));
    }
    Ok(installed)
}

/// Checks a definition against those before it, so that a set is refused before its first
/// member is installed.
fn may_follow(new: &Definition, known: &[Definition]) -> Result<(), InstallError> {
    let same = known
        .iter()
        .filter(|old| (&old.kind, &old.id) == (&new.kind, &new.id));
    let Some(last) = same.max_by_key(|old| old.version) else {
        return Ok(());
    };
    if known.iter().any(|old| old.hash() == new.hash()) {
        return Ok(());
    }
    match last.version {
        known if known > new.version => Err(InstallError::Older {
            id: new.id.clone(),
            known,
        }),
        known if known == new.version => Err(InstallError::Taken { name: new.name() }),
        _ => Ok(()),
    }
}

fn not_installed(error: InstallError) -> Failure {
    match error {
        InstallError::Store(error) => error.into(),
        refused => Failure::new(Exit::Data, refused.to_string()),
    }
}

/// Carries the log into the ledgers to its head; a progress bar shows on a terminal.
pub(crate) async fn carry(parts: &Parts) -> Result<(), Failure> {
    let behind = parts.runner.lag().await?;
    let bar = ProgressBar::new(behind);
    let style = ProgressStyle::with_template("  working through the log {bar:40} {pos}/{len}");
    bar.set_style(style.map_err(|error| Failure::software(&error))?);
    while parts.runner.step().await.map_err(not_carried)? == Step::Worked {
        let behind_now = parts.runner.lag().await?;
        bar.set_length(behind.max(behind_now));
        bar.set_position(behind.saturating_sub(behind_now));
    }
    bar.finish_and_clear();
    Ok(())
}

/// Says why the ledgers do not follow the log.
pub(crate) fn not_carried(error: RunnerError) -> Failure {
    match error {
        RunnerError::Store(error) => error.into(),
        RunnerError::Raced => Failure::new(Exit::TryLater, chain(&error)),
        RunnerError::Definition { .. } => Failure::new(Exit::Data, chain(&error)),
    }
}
