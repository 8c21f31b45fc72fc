//! `varde rules check | preview | activate | list`

use std::path::PathBuf;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::definitions::{
    Definition, DefinitionFaults, DefinitionRecord, InstallError, Installed, State,
};
use varde_core::ledger::{RunnerError, Step, Stopped};
use varde_schemas::{Document, Kind};

use super::files::read_text;
use super::preview::RulesPreviewArgs;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure, chain};
use crate::terminal::{columns, print};
use crate::wiring::{Parts, adapters};

/// Work with definitions.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Rules {
    /// Checks definition files without a store.
    Check(RulesCheckArgs),
    /// Tells what results would be with definitions, and changes nothing.
    Preview(RulesPreviewArgs),
    /// Installs definitions, works through the whole log and makes them current.
    Activate(RulesActivateArgs),
    /// Lists the definitions of a store.
    List(RulesListArgs),
}

/// The flags of `varde rules check`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct RulesCheckArgs {
    /// Definition files (YAML or JSON).
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
}

/// The flags of `varde rules activate`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct RulesActivateArgs {
    /// Definition files (YAML or JSON).
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
}

/// The flags of `varde rules list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct RulesListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Checks definition files without a store.
pub(crate) fn check(args: &RulesCheckArgs) -> Result<(), Failure> {
    let mut texts = Vec::new();
    for path in &args.files {
        texts.push((path.display().to_string(), read_text(path)?));
    }
    let rows = read_each(&texts)?;
    let rows: Vec<_> = rows
        .iter()
        .map(|definition| vec![definition.kind.clone(), definition.name(), hash(definition)])
        .collect();
    print(&columns(&rows, &[]));
    Ok(())
}

#[async_trait]
impl StoreCommand for RulesActivateArgs {
    fn name(&self) -> &'static str {
        "rules activate"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Installs definitions, works through the log and makes them current.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let mut texts = Vec::new();
        while let Some(file) = desk.next_file().await? {
            texts.push(file.text().await?);
        }
        let definitions = read_each(&texts)?;
        let parts = desk.open().await?;
        let installed = install(&parts, definitions).await?;
        carry(desk, &parts).await?;
        let rows: Vec<_> = installed
            .iter()
            .map(|(definition, installed)| {
                let what = match installed {
                    Installed::New => "now current",
                    Installed::Already => "was known already",
                };
                vec![definition.kind.clone(), definition.name(), what.to_owned()]
            })
            .collect();
        desk.print(columns(&rows, &[])).await
    }
}

#[async_trait]
impl StoreCommand for RulesListArgs {
    fn name(&self) -> &'static str {
        "rules list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Lists the definitions of a store.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let all = parts.definitions.all().await?;
        let stopped = parts.runner.stopped().await?;
        let list = if self.json {
            as_json(&all, &stopped)
        } else {
            as_text(&all, &stopped)
        };
        desk.print(list).await
    }
}

fn as_json(all: &[DefinitionRecord], stopped: &[Stopped]) -> String {
    let all: Vec<_> = all
        .iter()
        .map(|record| {
            let DefinitionRecord {
                definition, state, ..
            } = record;
            json!({
                "stopped": why_stopped(record, stopped),
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

/// Returns what is wrong with a definition that no longer compiles.
fn why_stopped(record: &DefinitionRecord, stopped: &[Stopped]) -> Option<String> {
    let hash = record.definition.hash();
    let stopped = stopped.iter().find(|stopped| stopped.hash == hash)?;
    Some(stopped.faults.to_string())
}

fn as_text(all: &[DefinitionRecord], stopped: &[Stopped]) -> String {
    if all.is_empty() {
        return "  no definitions yet; add some with `varde rules activate FILES…`\n".to_owned();
    }
    let row = |record: &DefinitionRecord| {
        let definition = &record.definition;
        let state = match record.state {
            State::Installed => "being worked through",
            State::Current => "current",
            State::Superseded => "superseded",
        };
        let state = match why_stopped(record, stopped) {
            Some(why) => format!("{state}, stopped: {why}"),
            None => state.to_owned(),
        };
        vec![
            definition.kind.clone(),
            definition.name(),
            hash(definition),
            state,
        ]
    };
    columns(&all.iter().map(row).collect::<Vec<_>>(), &[])
}

/// The beginning of the hash, enough for people to compare.
fn hash(definition: &Definition) -> String {
    definition.hash().to_string().chars().take(12).collect()
}

/// Reads definitions from files and their texts, or says everything that is wrong with them.
pub(super) fn read_each(texts: &[(String, String)]) -> Result<Vec<Definition>, Failure> {
    let (mut definitions, mut faults) = (Vec::new(), Vec::new());
    for (file, text) in texts {
        match read(file, text) {
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

pub(super) fn not_installed(error: InstallError) -> Failure {
    match error {
        InstallError::Store(error) => error.into(),
        refused => Failure::new(Exit::Data, refused.to_string()),
    }
}

/// Carries the log into the ledgers to its head.
pub(crate) async fn carry(desk: &Desk, parts: &Parts) -> Result<(), Failure> {
    let behind = parts.runner.lag().await?.events;
    while parts.carrier.step().await.map_err(not_carried)? != Step::Idle {
        let behind_now = parts.runner.lag().await?.events;
        let done = behind.saturating_sub(behind_now);
        desk.progress("working through the log", done, behind.max(behind_now))?;
    }
    Ok(())
}

/// Says why the ledgers do not follow the log.
pub(crate) fn not_carried(error: RunnerError) -> Failure {
    match error {
        RunnerError::Store(error) => error.into(),
        RunnerError::Raced | RunnerError::Met => Failure::new(Exit::TryLater, chain(&error)),
    }
}
