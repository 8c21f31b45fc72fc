//! Looking ahead over the events of a step: what they say for one definition, where that belongs,
//! and what the ledger holds there, read in a few questions instead of one by one.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::placing::{Place, place};
use super::{Taken, UNPLACED};
use crate::definitions::Lineage;
use crate::ledger::keys::{self, Key, LedgerId};
use crate::ledger::memory::{Held, Memory};
use crate::ledger::workspace::Workspace;
use crate::ledger::{Group, KnownFact, Rulebook};
use crate::people::Acquainted;
use crate::ports::{Collection, KeyRange, StoreError};
use crate::registers::{NaturalKey, Registers};

/// The most facts, and the most rows, of one group that are read ahead.
const OF_GROUP_MAX: usize = 200;
/// How many groups' facts and rows are read at once.
pub(super) const GROUPS_AT_ONCE: usize = 200;
/// No more facts and rows are read ahead once there are so many.
const AHEAD_ENOUGH: usize = 20_000;

/// A fact, and where it belongs by the registers as known when it comes.
#[derive(Debug)]
pub(in crate::ledger) struct Placed {
    pub(super) fact: KnownFact,
    pub(super) place: Place,
}

/// One definition's view of what comes.
#[derive(Debug)]
pub(in crate::ledger) struct Ahead {
    pub(in crate::ledger) ledger: LedgerId,
    pub(in crate::ledger) lineage: Lineage,
    pub(in crate::ledger) rulebook: Arc<dyn Rulebook>,
}

impl Ahead {
    /// Fills in by event what it says, where that is not known yet; tells whether it now is of all.
    /// It is not where somebody is named who must be met first.
    pub(in crate::ledger) fn say(
        &self,
        taken: &[Taken<'_>],
        memory: &Memory,
        acquainted: &Acquainted,
        said: &mut [Option<Vec<KnownFact>>],
    ) -> Result<bool, StoreError> {
        let mut all = true;
        for (taken, said) in taken.iter().zip(said) {
            if said.is_none() {
                *said = self.facts(taken, memory, acquainted)?;
            }
            all &= said.is_some();
        }
        Ok(all)
    }

    fn facts(
        &self,
        taken: &Taken<'_>,
        memory: &Memory,
        acquainted: &Acquainted,
    ) -> Result<Option<Vec<KnownFact>>, StoreError> {
        let Taken::Statement(reading) = taken else {
            return Ok(Some(Vec::new()));
        };
        // Whom it names who was voided before it came, nobody need meet.
        if memory.is_voided(reading.space, reading.id) {
            return Ok(Some(Vec::new()));
        }
        let facts = reading.facts(&self.lineage, &*self.rulebook, acquainted)?;
        Ok(acquainted.knew_all().then_some(facts))
    }

    /// Returns by event where what it says belongs.
    pub(in crate::ledger) fn place(
        &self,
        said: Vec<Option<Vec<KnownFact>>>,
        registers: &Registers,
    ) -> Vec<Vec<Placed>> {
        let placed = |fact: KnownFact| {
            let place = place(&*self.rulebook, registers, &fact, fact.stored);
            Placed { fact, place }
        };
        let each = said.into_iter().map(Option::unwrap_or_default);
        each.map(|facts| facts.into_iter().map(placed).collect())
            .collect()
    }

    /// Brings to hand what the ledger holds of the groups that facts will be put in, and of those
    /// that these read.
    pub(in crate::ledger) async fn fetch(
        &self,
        placed: &[Vec<Placed>],
        memory: &mut Memory,
        workspace: &Workspace,
    ) -> Result<(), StoreError> {
        let groups = placed
            .iter()
            .flatten()
            .flat_map(|placed| &placed.place.groups);
        let unknown = unknown(groups, &*self.rulebook, memory);
        bring(self.ledger, unknown, memory, workspace).await
    }

    /// Finds out, in one question, which of the register rows that come concern nothing in the
    /// ledger: most are of people and units that no fact has asked for yet.
    pub(in crate::ledger) async fn find_unasked(
        &self,
        taken: &[Taken<'_>],
        memory: &mut Memory,
        workspace: &Workspace,
    ) -> Result<(), StoreError> {
        let keys = taken.iter().filter_map(|taken| match taken {
            Taken::Registers(entities) => Some(entities.keys()),
            Taken::Statement(_) => None,
        });
        let keys: BTreeSet<NaturalKey> = keys.flatten().copied().collect();
        let asked = keys.iter().map(|key| {
            let range = KeyRange {
                prefix: Key::of(self.ledger).natural(*key).bytes(),
                after: None,
                limit: 1,
            };
            (keys::ASKED, range)
        });
        let found = workspace.stored(asked.collect()).await?;
        let unasked = keys.into_iter().zip(found);
        let unasked = unasked.filter(|(_, askers)| askers.is_empty());
        memory.unasked = unasked.map(|(key, _)| key).collect();
        Ok(())
    }
}

/// Returns those of the groups, and of those that they read, that are not at hand.
pub(super) fn unknown<'a>(
    groups: impl Iterator<Item = &'a Group>,
    rulebook: &dyn Rulebook,
    memory: &Memory,
) -> BTreeSet<Group> {
    let is_unknown = |group: &Group| group.stage != UNPLACED && !memory.has(group);
    let mut unknown: BTreeSet<Group> = groups.filter(|g| is_unknown(g)).cloned().collect();
    let reads = unknown.iter().flat_map(|group| rulebook.reads(group));
    let reads: Vec<Group> = reads.filter(is_unknown).collect();
    unknown.extend(reads);
    unknown
}

/// Brings groups to hand as the store has them, in a few questions.
pub(super) async fn bring(
    ledger: LedgerId,
    groups: BTreeSet<Group>,
    memory: &mut Memory,
    workspace: &Workspace,
) -> Result<(), StoreError> {
    let asked = groups
        .iter()
        .map(|group| range(ledger, keys::GROUP, group, 1));
    let found = workspace.stored(asked.collect()).await?;
    let mut there = Vec::new();
    for (group, found) in groups.into_iter().zip(found) {
        match found.into_iter().next() {
            Some(record) => there.push((group, record.value)),
            None => drop(memory.absent.insert(group)),
        }
    }
    let mut read = 0;
    for groups in there.chunks(GROUPS_AT_ONCE) {
        let ranges = groups.iter().flat_map(|(group, _)| {
            let of = |collection| range(ledger, collection, group, OF_GROUP_MAX);
            [of(keys::FACT), of(keys::ENTRY)]
        });
        let mut found = workspace.stored(ranges.collect()).await?.into_iter();
        for (group, value) in groups {
            let (facts, rows) = (found.next(), found.next());
            let whole = |found: Option<Vec<_>>| found.filter(|all| all.len() < OF_GROUP_MAX);
            read += [&facts, &rows]
                .into_iter()
                .flatten()
                .map(Vec::len)
                .sum::<usize>();
            memory.insert(group, Held::read(value, whole(facts), whole(rows))?);
        }
        if read >= AHEAD_ENOUGH {
            break;
        }
    }
    Ok(())
}

/// Returns the range of a group's records: no group's key begins another's.
fn range(
    ledger: LedgerId,
    collection: Collection,
    group: &Group,
    limit: usize,
) -> (Collection, KeyRange) {
    let range = KeyRange {
        prefix: Key::of(ledger).group(group).bytes(),
        after: None,
        limit,
    };
    (collection, range)
}
