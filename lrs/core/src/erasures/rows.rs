//! The register rows of the persons.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::Staying;
use super::{ErasureError, Erasures};
use crate::Position;
use crate::people::IdentityId;
use crate::ports::{EventKind, Rewrite};
use crate::registers::rewritten;

/// How many register events are read at a time.
const EVENTS_AT_A_TIME: usize = 10;

/// Register events to be rewritten, and how many rows lose or keep their value.
#[derive(Debug, Default)]
pub(super) struct RegisterRows {
    pub(super) events: BTreeMap<Position, Rewrite>,
    pub(super) emptied: usize,
    pub(super) kept: usize,
}

impl Erasures {
    /// Finds the register rows of persons. Each keeps its place, its field and its days, so that
    /// what ledgers rest on stays; its value goes, unless enough others share what stays.
    pub(super) async fn register_rows(
        &self,
        persons: &BTreeSet<IdentityId>,
    ) -> Result<RegisterRows, ErasureError> {
        let mut found = RegisterRows::default();
        if persons.is_empty() {
            return Ok(found);
        }
        let registers = self.registers.refresh().await?;
        let staying = |person: &IdentityId| (*person, Staying::of(&registers, *person, persons));
        let staying: BTreeMap<_, _> = persons.iter().map(staying).collect();
        let vault = self.registers.identities().vault();
        let keys = vault.all_keys_of(persons.clone()).await?;
        let mut after = Position(0);
        loop {
            let kind = EventKind::Registers;
            let events = self.log.events(kind, after, EVENTS_AT_A_TIME).await?;
            let Some(last) = events.last() else {
                return Ok(found);
            };
            after = last.position;
            for event in &events {
                let body = rewritten(event, &keys, |person, row| {
                    let value = staying.get(&person).and_then(|stays| stays.value(row));
                    match (&row.value, &value) {
                        (Some(_), None) => found.emptied += 1,
                        (Some(_), Some(_)) => found.kept += 1,
                        _ => {}
                    }
                    value
                })?;
                if let Some(body) = body {
                    let rewrite = Rewrite::Event { body };
                    found.events.insert(event.position, rewrite);
                }
            }
        }
    }
}
