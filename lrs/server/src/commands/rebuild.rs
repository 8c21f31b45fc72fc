//! Ledgers beside what the log says, and ledgers built again.

use std::sync::Arc;

use serde::Serialize;
use varde_core::definitions::DefinitionRecord;
use varde_core::ledger::{Compared, LedgerCheck};
use varde_core::ports::Records;

use super::rules::{carry, not_carried};
use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::scratch::Scratch;
use crate::wiring::Parts;

/// A definition with how its ledger compares; `None` where it no longer compiles.
#[derive(Debug)]
pub(super) struct CheckedLedger {
    pub(super) record: DefinitionRecord,
    pub(super) compared: Option<Compared>,
}

/// A ledger that was built again, and what was wrong with the one before.
#[derive(Debug, Serialize)]
pub(super) struct Rebuilt {
    /// The definition, `id@version`.
    pub(super) definition: String,
    /// How many rows differed.
    pub(super) found: usize,
    /// The first of them, in words.
    pub(super) differences: Vec<String>,
}

/// Builds each ledger again from the log, in a scratch store, and compares every row. None of a
/// store without its key: who is who cannot be told, and the ledgers rest until it is back.
pub(super) async fn compare(desk: &Desk, parts: &Parts) -> Result<Vec<CheckedLedger>, Failure> {
    if parts.identities.vault().is_sealed() {
        return Ok(Vec::new());
    }
    let scratch = Scratch::open(&parts.data, &parts.clock)?;
    let check = LedgerCheck::new(
        Arc::clone(&parts.log),
        Arc::clone(&parts.records),
        Arc::clone(&parts.registers),
        parts.adapters.clone(),
        Arc::clone(&scratch.store) as Arc<dyn Records>,
    );
    let mut ledgers = Vec::new();
    for record in parts.definitions.all().await? {
        let what = format!("comparing {}", record.definition.name());
        let watch = |done, of| {
            // A bar that cannot be shown stops no check.
            let _ = desk.progress(&what, done, of);
        };
        let compared = check.compare(&record, watch).await.map_err(not_carried)?;
        ledgers.push(CheckedLedger { record, compared });
    }
    scratch.close().await?;
    Ok(ledgers)
}

/// Has ledgers built again, and waits until they are read: those that differ, or the one named.
pub(super) async fn rebuild(
    desk: &Desk,
    parts: &Parts,
    ledgers: &[CheckedLedger],
    named: &str,
) -> Result<Vec<Rebuilt>, Failure> {
    let mut rebuilt = Vec::new();
    for CheckedLedger { record, compared } in ledgers {
        let definition = record.definition.name();
        let Some(compared) = compared else { continue };
        let wanted = match named {
            "" => compared.found > 0,
            named => definition == named,
        };
        if wanted {
            parts.definitions.rebuild(record.definition.hash()).await?;
            rebuilt.push(Rebuilt {
                definition,
                found: compared.found,
                differences: compared
                    .differences
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
            });
        }
    }
    if rebuilt.is_empty() && !named.is_empty() {
        let sentence = format!(
            "found no definition {named} that compiles; expected one as `varde rules list` names it"
        );
        return Err(Failure::new(Exit::NoInput, sentence));
    }
    carry(desk, parts).await?;
    Ok(rebuilt)
}
