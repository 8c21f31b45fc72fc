//! `varde import statements`: statements of another record store.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use varde_core::ports::CommitError;
use varde_core::statements::{Provenance, RefusedStatements, Statements};
use varde_core::{Caller, Need};
use varde_xapi::{Family, Received, StatementId, Stored};

use crate::cli::StoreArgs;
use crate::config::HttpSection;
use crate::desk::{Desk, GivenFile, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::wiring::Parts;

/// How many statements are stored at once.
const BATCH: usize = 500;
/// The most bytes of one statement, or of one array of them.
const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most refusals that are listed.
const LISTED_MAX: usize = 1_000;

/// The flags of `varde import statements`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ImportStatementsArgs {
    /// Files of statements: one a line, or JSON arrays; `-` for standard input.
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// The API key that they are stored under: its space, its authority.
    #[arg(long, value_name = "NAME")]
    pub(crate) key: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints what came of it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for ImportStatementsArgs {
    fn name(&self) -> &'static str {
        "import statements"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Stores what is good, lists what is not, and fails when anything is not.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let mut import = Import::new(
            &parts,
            caller(&parts, &self.key, Need::WriteStatements).await?,
        );
        while let Some(file) = desk.next_file().await? {
            import.file(file).await?;
        }
        desk.print(if self.json {
            import.as_json()
        } else {
            import.as_text()
        })
        .await?;
        match import.refused {
            0 => Ok(()),
            1 => Err(Failure::new(Exit::Data, "1 statement was not stored")),
            refused => {
                let sentence = format!("{refused} statements were not stored");
                Err(Failure::new(Exit::Data, sentence))
            }
        }
    }
}

/// Returns the caller that a key stands for, who may do what is needed.
pub(super) async fn caller(parts: &Parts, name: &str, need: Need) -> Result<Caller, Failure> {
    let Some(key) = parts.keys.find(name).await? else {
        let sentence = format!("no key is called {name}; `varde key create` makes one");
        return Err(Failure::new(Exit::NoInput, sentence));
    };
    let caller = parts.keys.caller(&key);
    match caller.may(need) {
        Ok(()) => Ok(caller),
        Err(forbidden) => Err(Failure::new(Exit::NoPermission, forbidden.to_string())),
    }
}

/// What is told of a statement before it is read in full.
#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    id: Option<&'a str>,
    version: Option<String>,
    stored: Option<String>,
    /// A line of `varde export` holds the statement within.
    #[serde(borrow)]
    statement: Option<&'a RawValue>,
    kind: Option<String>,
}

/// A statement that is ready to be stored, and where it stood.
struct Ready {
    received: Received,
    family: Family,
    original: Option<Stored>,
    place: String,
}

/// An import on its way.
struct Import {
    statements: Statements,
    provenance: Provenance,
    caller: Caller,
    batch: Vec<Ready>,
    /// How many are stored, now or earlier.
    taken: u64,
    refused: u64,
    /// Where a statement was refused, and why.
    listed: Vec<(String, String)>,
}

impl Import {
    fn new(parts: &Parts, caller: Caller) -> Self {
        let services = parts.services(&HttpSection::default());
        Self {
            statements: services.statements,
            provenance: Provenance::new(std::sync::Arc::clone(&parts.records)),
            caller,
            batch: Vec::new(),
            taken: 0,
            refused: 0,
            listed: Vec::new(),
        }
    }

    fn refuse(&mut self, place: String, why: String) {
        self.refused += 1;
        if self.listed.len() < LISTED_MAX {
            self.listed.push((place, why));
        }
    }

    /// Takes a file in: an array when it begins as one, else a statement a line.
    async fn file(&mut self, mut file: GivenFile<'_>) -> Result<(), Failure> {
        let name = file.name.clone();
        let what = format!("importing statements of {name}, in bytes");
        let (mut come, mut line) = (Vec::new(), 0_u64);
        while let Some(data) = file.next().await? {
            file.progress(&what)?;
            come.extend(data);
            if is_array(&come) {
                check_length(&come, &name)?;
                continue;
            }
            while let Some(end) = come.iter().position(|byte| *byte == b'\n') {
                let text: Vec<u8> = come.drain(..=end).collect();
                line += 1;
                self.text(&text, format!("{name}, line {line}")).await?;
            }
            check_length(&come, &name)?;
        }
        if is_array(&come) {
            self.array(&come, &name).await?;
        } else {
            self.text(&come, format!("{name}, line {}", line + 1))
                .await?;
        }
        self.store().await
    }

    async fn array(&mut self, text: &[u8], name: &str) -> Result<(), Failure> {
        let items: Vec<&RawValue> = serde_json::from_slice(text).map_err(|error| {
            let sentence = format!("{name} is no JSON array: {error}");
            Failure::new(Exit::Data, sentence)
        })?;
        for (index, item) in items.into_iter().enumerate() {
            self.text(item.get().as_bytes(), format!("{name}, $[{index}]"))
                .await?;
        }
        Ok(())
    }

    async fn text(&mut self, text: &[u8], place: String) -> Result<(), Failure> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(());
        }
        match read(text, place.clone()) {
            Ok(Some(ready)) => self.batch.push(ready),
            Ok(None) => {}
            Err(why) => self.refuse(place, why),
        }
        if self.batch.len() >= BATCH {
            self.store().await?;
        }
        Ok(())
    }

    /// Stores the batch, or where that is in conflict each statement of it by itself.
    async fn store(&mut self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        let originals: BTreeSet<(StatementId, Stored)> = batch
            .iter()
            .filter_map(|ready| Some((ready.received.statement.id?, ready.original?)))
            .collect();
        let originals: Vec<_> = originals.into_iter().collect();
        let noted = self.provenance.note(&self.caller.space, &originals).await;
        noted.map_err(|error| match error {
            CommitError::Store(error) => error.into(),
            other => Failure::software(&other),
        })?;
        for of_family in batch.chunk_by(|one, other| one.family == other.family) {
            self.store_each(of_family).await?;
        }
        Ok(())
    }

    async fn store_each(&mut self, batch: &[Ready]) -> Result<(), Failure> {
        match self.append(batch).await {
            Ok(()) => self.taken += batch.len() as u64,
            Err(RefusedStatements::Store(error)) => return Err(error.into()),
            Err(_) => {
                for one in batch {
                    match self.append(std::slice::from_ref(one)).await {
                        Ok(()) => self.taken += 1,
                        Err(RefusedStatements::Store(error)) => return Err(error.into()),
                        Err(refused) => self.refuse(one.place.clone(), refused.to_string()),
                    }
                }
            }
        }
        Ok(())
    }

    async fn append(&self, batch: &[Ready]) -> Result<(), RefusedStatements> {
        let Some(first) = batch.first() else {
            return Ok(());
        };
        let received = batch.iter().map(|ready| ready.received.clone()).collect();
        let stored = self.statements.store(&self.caller, first.family, received);
        stored.await.map(drop)
    }

    fn as_json(&self) -> String {
        let refusal = |(place, why): &(String, String)| json!({ "place": place, "why": why });
        let listed: Vec<_> = self.listed.iter().map(refusal).collect();
        let (taken, refused) = (self.taken, self.refused);
        format!(
            "{}\n",
            json!({ "taken": taken, "refused": refused, "refusals": listed })
        )
    }

    fn as_text(&self) -> String {
        let (taken, refused) = (self.taken, self.refused);
        let mut text = format!("  {taken} statements are in the store, {refused} were refused\n");
        for (place, why) in &self.listed {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  {place}: {}", why.replace('\n', "; "));
        }
        text
    }
}

fn is_array(text: &[u8]) -> bool {
    text.trim_ascii_start().first() == Some(&b'[')
}

fn check_length(text: &[u8], name: &str) -> Result<(), Failure> {
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(());
    }
    let sentence = format!(
        "{name} holds a statement or array of over {TEXT_BYTES_MAX} bytes; write one statement a line"
    );
    Err(Failure::new(Exit::Data, sentence))
}

/// Reads a statement, `None` for a line of an export that holds none.
fn read(text: &[u8], place: String) -> Result<Option<Ready>, String> {
    let envelope: Envelope<'_> =
        serde_json::from_slice(text).map_err(|error| format!("no JSON object: {error}"))?;
    match (envelope.statement, envelope.kind) {
        (Some(statement), Some(_)) => return read(statement.get().as_bytes(), place),
        (None, Some(_)) => return Ok(None),
        _ => {}
    }
    if envelope.id.is_none() {
        return Err("it has no id, so importing it again would store it again".to_owned());
    }
    let is_old = envelope
        .version
        .is_none_or(|version| version.starts_with("1."));
    let family = if is_old { Family::V1 } else { Family::V2 };
    let received = varde_xapi::receive_one(text, family).map_err(|faults| faults.to_string())?;
    let original = envelope
        .stored
        .and_then(|stored| Stored::parse(&stored).ok());
    Ok(Some(Ready {
        received,
        family,
        original,
        place,
    }))
}
