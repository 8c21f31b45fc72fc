//! `varde key list`

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::keys::KeyView;

use super::listed;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;
use crate::terminal::columns;

/// The flags of `varde key list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct KeyListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for KeyListArgs {
    fn name(&self) -> &'static str {
        "key list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Lists the keys with what they may do, and never a secret.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let keys = desk.open_existing().await?.keys.views().await?;
        let list = if self.json {
            format!("{}\n", json!({ "keys": keys }))
        } else {
            as_text(&keys)
        };
        desk.print(list).await
    }
}

fn as_text(keys: &[KeyView]) -> String {
    if keys.is_empty() {
        return "  no keys yet; make one with `varde key create NAME`\n".to_owned();
    }
    let header = [
        "Name",
        "Id",
        "Space",
        "Reads",
        "Projects",
        "Partner",
        "Role",
        "Scopes",
        "Tolerances (uses)",
        "National ids",
        "Pseudonymises",
        "Origins",
        "Last use",
        "Ends",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(keys.iter().map(|key| {
        let tolerances = key.tolerances.iter();
        let tolerances = tolerances.map(|(name, uses)| format!("{name} ({uses})"));
        vec![
            key.name.clone(),
            key.id.to_string(),
            key.space.to_string(),
            listed(&key.reads),
            listed(&key.projects),
            listed(&key.partner),
            listed(key.role),
            listed(key.scopes.iter().map(|scope| scope.name())),
            listed(tolerances),
            key.national_ids.to_string(),
            listed(key.pseudonymise.then_some("yes")),
            listed(&key.origins),
            listed(key.last_use),
            end(key),
        ]
    }));
    columns(&rows, &[])
}

/// Tells when a key is or was let in no more.
fn end(key: &KeyView) -> String {
    match key.revoked {
        Some(at) => format!("revoked {at}"),
        None => listed(key.expires),
    }
}
