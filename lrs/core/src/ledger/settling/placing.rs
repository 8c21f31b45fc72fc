//! Facts and the groups they are in, which change when registers do.
//!
//! Where a fact belongs is not stored: it follows from the fact and the registers, and the index
//! from natural keys to groups finds the groups whose facts must be asked again.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::ahead::{bring, unknown};
use super::{Group, KnownFact, NaturalKey, Placed, Rulebook, RunnerError, Settling, Stored};
use super::{UNPLACED, keys};
use crate::ledger::memory::{ASKED_MAX, Held};
use crate::ledger::workspace::parse;
use crate::ports::{KeyRange, StoreError};
use crate::registers::{RegisterView, Registers};

/// How many askers of one natural key, or facts of a group, are read at a time.
const AT_A_TIME: usize = 500;

/// Where a fact belongs.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) groups: BTreeSet<Group>,
    asked: BTreeSet<NaturalKey>,
}

/// Returns where a fact belongs by the registers as known at an instant: in its groups, or with
/// those that belong nowhere for the same reason.
pub(super) fn place(
    rulebook: &dyn Rulebook,
    registers: &Registers,
    fact: &KnownFact,
    known_at: Stored,
) -> Place {
    let view = RegisterView::new(registers, known_at);
    let groups = rulebook.groups(fact, &view);
    let mut groups: BTreeSet<Group> = groups.into_iter().collect();
    let asked = view.take_looked_up().keys;
    if groups.is_empty() {
        groups.insert(unplaced(&asked));
    }
    Place { groups, asked }
}

impl Settling<'_> {
    pub(super) fn place(&self, fact: &KnownFact, known_at: Stored) -> Place {
        place(self.rulebook, self.registers, fact, known_at)
    }

    /// Puts a new fact where it belongs.
    pub(super) async fn join(&mut self, placed: Placed) -> Result<(), RunnerError> {
        let Placed { fact, place } = placed;
        for group in &place.groups {
            // Noted first: if this is cut short, the group is marked.
            if group.stage != UNPLACED {
                self.came(group, &fact);
            }
            self.put_in(group, &fact, &place.asked).await?;
        }
        Ok(())
    }

    fn fact_key(&self, group: &Group, fact: &KnownFact) -> Vec<u8> {
        let key = self.key().group(group);
        key.position(fact.position).number(fact.number).bytes()
    }

    async fn put_in(
        &mut self,
        group: &Group,
        fact: &KnownFact,
        asked: &BTreeSet<NaturalKey>,
    ) -> Result<(), RunnerError> {
        let key = self.fact_key(group, fact);
        self.workspace.put(keys::FACT, key, fact)?;
        if group.stage == UNPLACED {
            if self.memory.unplaced.insert(group.clone()) {
                for key in asked {
                    self.index(*key, group).await?;
                }
            }
            return Ok(());
        }
        self.hold(group).await?;
        let held = self.memory.held(group);
        held.note(fact);
        if let Some(facts) = &mut held.facts
            && let Err(place) = facts.binary_search_by_key(&fact.order(), KnownFact::order)
        {
            facts.insert(place, fact.clone());
            self.memory.grow(1);
        }
        self.note_asked(group, asked).await
    }

    pub(super) async fn take_out(
        &mut self,
        group: &Group,
        fact: &KnownFact,
    ) -> Result<(), StoreError> {
        let key = self.fact_key(group, fact);
        self.workspace.delete(keys::FACT, key);
        if group.stage == UNPLACED {
            return Ok(());
        }
        self.changed(group);
        self.hold(group).await?;
        if let Some(facts) = &mut self.memory.held(group).facts
            && let Ok(place) = facts.binary_search_by_key(&fact.order(), KnownFact::order)
        {
            facts.remove(place);
        }
        Ok(())
    }

    /// Adds a group to the index under natural keys that it or a fact of it asked for. Entries
    /// that are no longer true stay: they cost a look, and change nothing.
    pub(super) async fn note_asked(
        &mut self,
        group: &Group,
        asked: &BTreeSet<NaturalKey>,
    ) -> Result<(), RunnerError> {
        let mut any = false;
        for key in asked {
            if self.memory.held(group).asked.insert(*key) {
                self.index(*key, group).await?;
                any = true;
            }
        }
        let noted = &self.memory.held(group).asked;
        if any && noted.len() <= ASKED_MAX {
            // Behind the index, never before it: what stands with a group is in the index.
            let value = keys::asked_value(noted);
            let key = self.group_key(group);
            self.workspace.put_bytes(keys::GROUP, key, value);
        }
        Ok(())
    }

    async fn index(&mut self, key: NaturalKey, group: &Group) -> Result<(), RunnerError> {
        self.memory.unasked.remove(&key);
        let (key, value) = (self.asked_key(key, group), keys::asker_value(group));
        self.workspace.put_bytes(keys::ASKED, key, value);
        // One statement may name a thousand activities.
        self.flush_if_full().await
    }

    fn asked_key(&self, key: NaturalKey, group: &Group) -> Vec<u8> {
        self.key().natural(key).group(group).bytes()
    }

    /// Brings a group to hand, as far as that it is there. New groups are noted in the store.
    pub(super) async fn hold(&mut self, group: &Group) -> Result<bool, StoreError> {
        if self.memory.has(group) {
            return Ok(true);
        }
        let key = self.group_key(group);
        if !self.memory.absent.remove(group)
            && let Some(value) = self.workspace.get(keys::GROUP, &key).await?
        {
            self.memory.insert(group, Held::read(&value, None, None)?);
            return Ok(true);
        }
        self.workspace.mark(keys::GROUP, key);
        self.memory.insert(group, Held::new());
        Ok(false)
    }

    /// Looks again at every fact and every group that asked for a natural key.
    pub(super) async fn touch(&mut self, key: NaturalKey) -> Result<(), RunnerError> {
        if self.memory.unasked.contains(&key) {
            return Ok(());
        }
        let mut range = KeyRange {
            prefix: self.key().natural(key).bytes(),
            after: None,
            limit: AT_A_TIME,
        };
        loop {
            let askers = self.workspace.range(keys::ASKED, &range).await?;
            let groups = askers.iter();
            let groups = groups.filter_map(|(asker, value)| keys::asker(asker, value));
            let groups: Vec<Group> = groups.collect();
            self.bring(&groups).await?;
            for group in groups {
                if group.stage != UNPLACED {
                    self.hold(&group).await?;
                    self.changed(&group);
                }
                self.place_again(key, &group).await?;
            }
            match askers.into_iter().next_back() {
                Some((last, _)) => range.after = Some(last),
                None => return Ok(()),
            }
        }
    }

    /// Brings groups to hand in a few questions, once what was changed is in the store.
    pub(super) async fn bring(&mut self, groups: &[Group]) -> Result<(), RunnerError> {
        let unknown = unknown(groups.iter(), self.rulebook, self.memory);
        if !unknown.is_empty() {
            self.flush().await?;
            self.workspace.committed().await?;
            bring(self.ledger, unknown, self.memory, self.workspace).await?;
        }
        Ok(())
    }

    /// Asks each fact of a group anew where it belongs.
    async fn place_again(&mut self, key: NaturalKey, group: &Group) -> Result<(), RunnerError> {
        if group.stage != UNPLACED
            && let Some(facts) = self.memory.held(group).facts.clone()
        {
            for fact in &facts {
                self.move_fact(group, fact).await?;
                self.flush_if_full().await?;
            }
            return self.flush_if_full().await;
        }
        let mut range = KeyRange {
            prefix: self.group_key(group),
            after: None,
            limit: AT_A_TIME,
        };
        let mut any = false;
        loop {
            let facts = self.workspace.range(keys::FACT, &range).await?;
            any |= !facts.is_empty();
            for (_, value) in &facts {
                self.move_fact(group, &parse(value)?).await?;
                self.flush_if_full().await?;
            }
            let full = facts.len() == AT_A_TIME;
            match facts.into_iter().next_back() {
                Some((last, _)) if full => range.after = Some(last),
                _ => break,
            }
        }
        if group.stage == UNPLACED && !any {
            let key = self.asked_key(key, group);
            self.workspace.delete(keys::ASKED, key);
            self.memory.unplaced.remove(group);
        }
        self.flush_if_full().await
    }

    /// Moves a fact from one of its groups to those it belongs to since this event.
    async fn move_fact(&mut self, from: &Group, fact: &KnownFact) -> Result<(), RunnerError> {
        let place = self.place(fact, self.now);
        let before = self.place(fact, Stored(self.now.0 - 1));
        if place.groups.contains(from) {
            if from.stage != UNPLACED {
                self.note_asked(from, &place.asked).await?;
            }
        } else {
            self.take_out(from, fact).await?;
        }
        for group in place.groups.difference(&before.groups) {
            if group.stage != UNPLACED {
                self.changed(group);
            }
            self.put_in(group, fact, &place.asked).await?;
        }
        Ok(())
    }
}

/// Names the facts that belong nowhere by what they asked for: a register row that could give
/// them a place concerns all of them.
fn unplaced(asked: &BTreeSet<NaturalKey>) -> Group {
    let all = hex(asked.iter().flat_map(|key| key.0));
    let NaturalKey(hash) = NaturalKey::hash("Unplaced", &all);
    Group {
        stage: UNPLACED,
        key: hex(hash),
    }
}

fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
