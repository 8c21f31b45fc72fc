//! `varde retention run`: erases what no duty keeps any longer.

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::erase::refused;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;

/// Work with what is kept no longer.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Retention {
    /// Erases statements that the project files' duties keep no longer, and whoever is behind them
    /// once nothing else is held of them.
    Run(RetentionRunArgs),
}

/// The flags of `varde retention run`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct RetentionRunArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Tells what would be erased and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints the receipt as JSON.
    #[arg(long)]
    json: bool,
}

#[async_trait]
impl StoreCommand for RetentionRunArgs {
    fn name(&self) -> &'static str {
        "retention run"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        // Whatever a statement counts as, it counts as it before and after.
        let _turn = parts.hold().await?;
        let retention = parts.retention();
        let receipt = if self.dry_run {
            retention.plan().await
        } else {
            retention.run().await
        };
        let receipt = receipt.map_err(refused)?;
        let shown = if self.json {
            format!("{}\n", json!(receipt))
        } else {
            receipt.text()
        };
        desk.print(shown).await
    }
}
