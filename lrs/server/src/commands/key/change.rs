//! `varde key rotate` and `varde key revoke`

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::{refused, shown_as_json, shown_as_text};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;

/// The flags of `varde key rotate`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct KeyRotateArgs {
    /// The key's name.
    pub(crate) name: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// For how many hours the earlier secret is let in beside the new one, 0 to 720.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub(crate) overlap: u32,
    /// Prints the key as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde key revoke`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct KeyRevokeArgs {
    /// The key's name.
    pub(crate) name: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
}

#[async_trait]
impl StoreCommand for KeyRotateArgs {
    fn name(&self) -> &'static str {
        "key rotate"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Gives the key a new secret and shows it.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let rotated = parts.keys.rotate(&self.name, self.overlap).await;
        let (key, secret) = rotated.map_err(refused)?;
        let key = parts.keys.view(&key).await?;
        let shown = if self.json {
            shown_as_json(&key, &secret)?
        } else {
            shown_as_text(&key, &secret)
        };
        desk.print(shown).await
    }
}

#[async_trait]
impl StoreCommand for KeyRevokeArgs {
    fn name(&self) -> &'static str {
        "key revoke"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Lets the key in no more.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        parts.keys.revoke(&self.name).await.map_err(refused)?;
        let told = format!(
            "  {} is let in no more, nor are the sessions that it minted\n",
            self.name
        );
        desk.print(told).await
    }
}
