//! `varde doctor`: whether everything around the store is as it should be, and what to do about what
//! is not.
//!
//! - `inside`: the store, its disk, its keys, its clock; `outside`: the address that people use,
//!   issuers, backups.

mod inside;
mod outside;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// The flags of `varde doctor`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct DoctorArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints what was found as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// As it should be.
    Well,
    /// Somebody does well to look at it.
    Look,
    /// It does not work, or will not when it is needed.
    Broken,
}

/// A check and what it came to.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    /// What to do, where it is not well.
    mend: Option<String>,
}

impl Check {
    fn well(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            verdict: Verdict::Well,
            found: found.into(),
            mend: None,
        }
    }

    fn look(name: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            name,
            verdict: Verdict::Look,
            found: found.into(),
            mend: Some(mend.into()),
        }
    }

    fn broken(name: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Broken,
            ..Self::look(name, found, mend)
        }
    }
}

#[async_trait]
impl StoreCommand for DoctorArgs {
    fn name(&self) -> &'static str {
        "doctor"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Looks at everything, shows it, and fails when something is broken.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let mut checks = inside::look(&parts, desk.config()).await;
        checks.extend(outside::look(&parts, desk.config()).await);
        desk.print(if self.json {
            format!("{}\n", json!({ "checks": checks }))
        } else {
            as_text(&checks)
        })
        .await?;
        let broken = checks.iter().filter(|one| one.verdict == Verdict::Broken);
        match broken.count() {
            0 => Ok(()),
            1 => Err(Failure::new(Exit::Data, "1 thing is broken")),
            count => Err(Failure::new(
                Exit::Data,
                format!("{count} things are broken"),
            )),
        }
    }
}

fn as_text(checks: &[Check]) -> String {
    let row = |check: &Check| {
        let mark = match check.verdict {
            Verdict::Well => "well",
            Verdict::Look => "LOOK",
            Verdict::Broken => "BROKEN",
        };
        vec![check.name.to_owned(), mark.to_owned(), check.found.clone()]
    };
    let rows: Vec<Vec<String>> = checks.iter().map(row).collect();
    let mut text = columns(&rows, &[]);
    let mends = checks.iter().filter_map(|check| {
        let mend = check.mend.as_ref()?;
        Some(format!("  {}: {mend}\n", check.name))
    });
    let mends: String = mends.collect();
    if !mends.is_empty() {
        text.push_str("\n  What to do:\n");
        text.push_str(&mends);
    }
    text
}
