//! `varde rules check | preview | activate | list`

use std::path::PathBuf;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::definitions::{
    Definition, DefinitionFaults, DefinitionRecord, InstallError, Installed, RefusedDefinition,
    State,
};
use varde_core::examples::{UnplayedExamples, play};
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

/// A definition with the file that it was read from.
#[derive(Debug)]
pub(crate) struct DefinitionFile {
    name: String,
    document: Document,
    pub(super) definition: Definition,
}

/// Checks definition files without a store, and plays their examples.
pub(crate) async fn check(args: &RulesCheckArgs) -> Result<(), Failure> {
    let mut texts = Vec::new();
    for path in &args.files {
        texts.push((path.display().to_string(), read_text(path)?));
    }
    let files = read_each(&texts)?;
    let row = |file: &DefinitionFile| {
        let definition = &file.definition;
        vec![definition.kind.clone(), definition.name(), hash(definition)]
    };
    print(&columns(&files.iter().map(row).collect::<Vec<_>>(), &[]));
    let (rows, failed) = examples(&files).await?;
    if !rows.is_empty() {
        print(&columns(&rows, &[]));
    }
    match failed {
        0 => Ok(()),
        1 => Err(Failure::new(Exit::Data, "1 expectation does not hold")),
        failed => {
            let sentence = format!("{failed} expectations do not hold");
            Err(Failure::new(Exit::Data, sentence))
        }
    }
}

/// Plays the examples of files; returns a row for each expectation, and how many do not hold.
async fn examples(files: &[DefinitionFile]) -> Result<(Vec<Vec<String>>, usize), Failure> {
    let others: Vec<_> = files.iter().map(|file| file.definition.clone()).collect();
    let (mut rows, mut failed) = (Vec::new(), 0);
    for file in files {
        let kind = file.definition.kind.as_str();
        let adapters = adapters().into_iter();
        for adapter in adapters.filter(|adapter| adapter.kinds().contains(&kind)) {
            let shown = play(&file.definition, &adapter, &others).await;
            let shown = shown.map_err(|error| match error {
                UnplayedExamples::Faults(faults) => file.refused(&faults),
                UnplayedExamples::Store(error) => error.into(),
            })?;
            for shown in shown {
                let line = file.document.place(&shown.path).line;
                failed += usize::from(!shown.answer.holds);
                let answer = shown.answer;
                rows.push(vec![
                    if answer.holds { "ok" } else { "failed" }.to_owned(),
                    shown.example,
                    answer.what,
                    format!("found {}", answer.found),
                    format!("expected {}", answer.expected),
                    format!("line {line}"),
                ]);
            }
        }
    }
    Ok((rows, failed))
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
        let files = read_given(desk).await?;
        let parts = desk.open().await?;
        let installed = install(&parts, files).await?;
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

/// Reads the definitions of all files that were given, or says everything that is wrong with them.
pub(super) async fn read_given(desk: &mut Desk) -> Result<Vec<DefinitionFile>, Failure> {
    let mut texts = Vec::new();
    while let Some(file) = desk.next_file().await? {
        texts.push(file.text().await?);
    }
    read_each(&texts)
}

/// Reads definitions from files and their texts, or says everything that is wrong with them.
fn read_each(texts: &[(String, String)]) -> Result<Vec<DefinitionFile>, Failure> {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for (name, text) in texts {
        match read(name, text) {
            Ok(file) => files.push(file),
            Err(failure) => faults.push(failure.sentence),
        }
    }
    if faults.is_empty() {
        Ok(files)
    } else {
        Err(Failure::new(Exit::Data, faults.join("\n")))
    }
}

/// Reads a definition, checks it by its schema and compiles it, or says everything that is wrong.
pub(crate) fn read(name: &str, text: &str) -> Result<DefinitionFile, Failure> {
    let document = varde_schemas::read(text).map_err(|faults| {
        let faults = faults.iter().map(ToString::to_string);
        refused(name, faults)
    })?;
    if document.kind == Kind::Project {
        let sentence = "a project is no definition; give it to `varde import registers`";
        return Err(refused(name, [sentence.to_owned()]));
    }
    let definition = Definition {
        kind: document.kind.name().to_owned(),
        id: document.id.clone(),
        version: document.version,
        body: document.value.clone().into(),
    };
    let file = DefinitionFile {
        name: name.to_owned(),
        document,
        definition,
    };
    let definition = &file.definition;
    let kind = definition.kind.as_str();
    let mut adapters = adapters().into_iter();
    let Some(adapter) = adapters.find(|adapter| adapter.kinds().contains(&kind)) else {
        let sentence = InstallError::Kind(definition.kind.clone()).to_string();
        return Err(refused(name, [sentence]));
    };
    match adapter.compile(definition) {
        Ok(_) => Ok(file),
        Err(faults) => Err(file.refused(&faults)),
    }
}

fn refused(file: &str, faults: impl IntoIterator<Item = String>) -> Failure {
    let lines = faults.into_iter().map(|fault| format!("{file}, {fault}"));
    let lines: Vec<_> = lines.collect();
    Failure::new(Exit::Data, lines.join("\n"))
}

impl DefinitionFile {
    /// Says what is wrong with the file, with lines and columns.
    fn refused(&self, faults: &DefinitionFaults) -> Failure {
        let faults = faults.0.iter();
        let faults = faults.map(|fault| self.placed(&fault.path, &fault.sentence));
        refused(&self.name, faults)
    }

    fn placed(&self, path: &str, sentence: &str) -> String {
        let at = self.document.place(path);
        let (line, column) = (at.line, at.column);
        format!("line {line}, column {column}, {path}: {sentence}")
    }

    /// Says why the definition was not installed.
    pub(super) fn not_installed(&self, why: InstallError) -> Failure {
        match why {
            InstallError::Store(error) => error.into(),
            InstallError::Faults(faults) => self.refused(&faults),
            InstallError::Examples(failed) => {
                let failed = failed.0.iter();
                let failed = failed.map(|shown| self.placed(&shown.path, &shown.to_string()));
                refused(&self.name, failed)
            }
            why => Failure::new(Exit::Data, why.to_string()),
        }
    }
}

/// Installs all definitions, or none when one of them cannot be.
pub(crate) async fn install(
    parts: &Parts,
    files: Vec<DefinitionFile>,
) -> Result<Vec<(Definition, Installed)>, Failure> {
    let definitions: Vec<_> = files.iter().map(|file| file.definition.clone()).collect();
    let installed = parts.definitions.install_all(definitions, &parts.adapters);
    let installed = installed.await.map_err(|refused| {
        let RefusedDefinition { index, why } = refused;
        match files.get(index) {
            Some(file) => file.not_installed(why),
            None => Failure::new(Exit::Data, why.to_string()),
        }
    })?;
    let definitions = files.into_iter().map(|file| file.definition);
    Ok(definitions.zip(installed).collect())
}

/// Carries the log into the ledgers to where its head is now, and has those read that are new or
/// built again. What comes meanwhile is left to whoever comes next.
pub(crate) async fn carry(desk: &Desk, parts: &Parts) -> Result<(), Failure> {
    let behind = parts.runner.lag().await?.events;
    // Twice, since it is an event too that a definition is made current.
    for _ in 0..2 {
        let head = parts.log.head().await?;
        while !parts.runner.has_carried(head).await? {
            if parts.carrier.step().await.map_err(not_carried)? == Step::Idle {
                return Ok(());
            }
            let behind_now = parts.runner.lag().await?.events;
            let done = behind.saturating_sub(behind_now);
            desk.progress("working through the log", done, behind.max(behind_now))?;
        }
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
