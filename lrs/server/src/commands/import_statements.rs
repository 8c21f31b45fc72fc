//! `varde import statements`: statements of another record store.

use std::fmt::Write as _;
use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use varde_core::Need;

use super::taking::{Fate, Ready, Taker, caller, read};
use crate::cli::StoreArgs;
use crate::desk::{Desk, GivenFile, StoreCommand};
use crate::exit::{Exit, Failure};

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
        let caller = caller(&parts, &self.key, Need::WriteStatements).await?;
        let mut import = Import::new(Taker::new(&parts, caller));
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

/// An import on its way.
struct Import {
    taker: Taker,
    batch: Vec<Ready>,
    /// Where each of the batch stood.
    places: Vec<String>,
    /// How many are stored, now or earlier.
    taken: u64,
    refused: u64,
    /// Where a statement was refused, and why.
    listed: Vec<(String, String)>,
}

impl Import {
    fn new(taker: Taker) -> Self {
        Self {
            taker,
            batch: Vec::new(),
            places: Vec::new(),
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
        match read(text) {
            Ok(Some(ready)) => {
                self.batch.push(ready);
                self.places.push(place);
            }
            Ok(None) => {}
            Err(unfit) => self.refuse(place, unfit.to_string()),
        }
        if self.batch.len() >= BATCH {
            self.store().await?;
        }
        Ok(())
    }

    /// Stores the batch.
    async fn store(&mut self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        let places = std::mem::take(&mut self.places);
        let fates = self.taker.take(&batch).await?;
        for (place, fate) in places.into_iter().zip(fates) {
            match fate {
                Fate::New | Fate::Known => self.taken += 1,
                Fate::Conflicting(why) => self.refuse(place, why),
                Fate::Refused(unfit) => self.refuse(place, unfit.to_string()),
            }
        }
        Ok(())
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
