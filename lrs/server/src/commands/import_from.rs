//! `varde import --from`: statements of another record store, asked over its xAPI endpoint.

use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::Need;

use super::pull::{Pull, Tally};
use super::taking::{Taker, caller};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// The flags of `varde import --from`.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
pub(crate) struct ImportFromArgs {
    /// The xAPI endpoint of another record store, such as `https://lrs.example.org/xapi`, whose
    /// statements are pulled with their attachments. Typed again, it goes on where it was.
    #[arg(long, value_name = "URL", required = true)]
    pub(crate) from: Option<String>,
    /// The file that holds `name:secret` of a key there that reads all statements; `-` for standard
    /// input.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) credentials: Option<PathBuf>,
    /// The API key that they are stored under: its space, its authority.
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) key: Option<String>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Asks for everything again, and not only for what was not pulled yet.
    #[arg(long)]
    pub(crate) anew: bool,
    /// The file to list in what was refused of this source, now and earlier: a line of JSON each.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Prints what came of it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for ImportFromArgs {
    fn name(&self) -> &'static str {
        "import --from"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.credentials.clone().into_iter().collect()
    }

    /// Pulls what is new, shows what came of it however it ended, and fails when anything was not
    /// stored.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let credentials = credentials(desk).await?;
        let parts = desk.open_existing().await?;
        let key = self.key.as_deref().unwrap_or_default();
        let caller = caller(&parts, key, Need::WriteStatements).await?;
        let from = self.from.as_deref().unwrap_or_default();
        let taker = Taker::new(&parts, caller);
        let mut pull = Pull::begin(&parts, taker, (from, &credentials)).await?;
        if self.anew {
            pull.forget().await?;
        }
        let ended = pull.run(desk).await;
        if let Some(report) = &self.report {
            let file = desk.write_file(report, true).await?;
            pull.write_refused(file).await?;
        }
        desk.print(if self.json {
            as_json(&pull, ended.is_ok())
        } else {
            as_text(&pull.tally)
        })
        .await?;
        ended?;
        match pull.tally.refused + pull.tally.conflicting {
            0 => Ok(()),
            1 => Err(Failure::new(
                Exit::Data,
                format!("1 statement {NOT_STORED}"),
            )),
            refused => {
                let sentence = format!("{refused} statements {NOT_STORED}");
                Err(Failure::new(Exit::Data, sentence))
            }
        }
    }
}

const NOT_STORED: &str =
    "of the source can not be stored as they are; --report FILE lists which, and why";

/// Reads `name:secret`, which stands in no error.
async fn credentials(desk: &mut Desk) -> Result<String, Failure> {
    let Some(file) = desk.next_file().await? else {
        return Err(Failure::new(Exit::NoInput, "no credentials were given"));
    };
    let (name, text) = file.text().await?;
    let line = text.trim();
    if line.contains(':') && line.lines().count() == 1 {
        return Ok(line.to_owned());
    }
    let sentence = format!("{name} holds no credentials: expected one line, name:secret");
    Err(Failure::new(Exit::Data, sentence))
}

fn as_json(pull: &Pull, complete: bool) -> String {
    let mut told = json!(pull.tally);
    told["source"] = json!(pull.endpoint());
    told["complete"] = json!(complete);
    format!("{told}\n")
}

fn as_text(tally: &Tally) -> String {
    let row = |what: &str, count: u64| vec![what.to_owned(), count.to_string()];
    columns(
        &[
            row("taken", tally.taken),
            row("known already", tally.known),
            row("conflicting", tally.conflicting),
            row("refused", tally.refused),
            row("attachments", tally.attachments),
        ],
        &[1],
    )
}
