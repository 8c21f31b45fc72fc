//! Groups and what they conclude.

use std::collections::BTreeSet;

use super::ahead::GROUPS_AT_ONCE;
use super::{Group, KnownFact, NaturalKey, RunnerError, Settling, Touched, keys};
use crate::ledger::Entry;
use crate::ledger::memory::facts_of;
use crate::ports::StoreError;
use crate::registers::RegisterView;

/// Up to so many groups are read one by one: reading more at once begins with a commit.
const FEW: usize = 20;

impl Settling<'_> {
    /// Settles the groups that were touched, earlier stages first, until none is left.
    pub(super) async fn settle_touched(&mut self) -> Result<(), RunnerError> {
        while let Some((group, _)) = self.touched.first_key_value() {
            let group = group.clone();
            if !self.memory.has(&group) && self.touched.len() > FEW {
                let next = self.touched.keys().take(GROUPS_AT_ONCE);
                let next: Vec<Group> = next.cloned().collect();
                self.bring(&next).await?;
            }
            self.hold(&group).await?;
            let reads = self.reads(&group);
            if !self.touch_unsettled(&reads).await? {
                self.settle(&group, &reads).await?;
                self.memory.held(&group).slim();
                self.settled(&group);
            }
            self.flush_if_full().await?;
        }
        Ok(())
    }

    fn reads(&self, group: &Group) -> Vec<Group> {
        let mut reads = self.rulebook.reads(group);
        reads.retain(|read| read.stage < group.stage);
        reads
    }

    /// Has those of the groups settled that were not there before. Being of an earlier stage than
    /// their reader, they come first.
    async fn touch_unsettled(&mut self, groups: &[Group]) -> Result<bool, StoreError> {
        let mut any = false;
        for group in groups {
            if !self.hold(group).await? {
                self.changed(group);
                any = true;
            }
        }
        Ok(any)
    }

    async fn settle(&mut self, group: &Group, reads: &[Group]) -> Result<(), RunnerError> {
        let mut read = Vec::new();
        for source in reads {
            self.hold_rows(source).await?;
            let open = self.memory.held(source).open.iter().flatten();
            read.extend(open.map(|(_, row)| (source.clone(), row.entry.clone())));
        }
        // Left in place while the group is settled: if this is cut short, it is marked.
        let touched = self
            .touched
            .get_mut(group)
            .map(|touched| std::mem::replace(touched, Touched::Changed));
        if let Some(Touched::Came(facts)) = touched
            && let Some(entries) = self.add(group, &facts, &read).await?
        {
            return self.write_over(group, entries).await;
        }
        self.hold_facts(group).await?;
        let entries = self.settle_all(group, reads, &read).await?;
        self.write_difference(group, entries).await
    }

    /// Settles a group with some more facts, where that can be done without the others.
    async fn add(
        &mut self,
        group: &Group,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
    ) -> Result<Option<Vec<Entry>>, RunnerError> {
        let Some(mut tally) = self.memory.held(group).tally.take() else {
            return Ok(None);
        };
        let view = RegisterView::new(self.registers, self.now);
        let added = facts.iter().map(|fact| tally.add(fact, read, &view));
        let Some(entries) = added.collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        self.memory.grow(facts.len());
        self.memory.held(group).tally = Some(tally);
        let asked = view.take_looked_up().keys;
        self.note_asked(group, &asked).await?;
        Ok(Some(entries.into_iter().flatten().collect()))
    }

    /// Settles a group from all its facts, which are at hand.
    async fn settle_all(
        &mut self,
        group: &Group,
        reads: &[Group],
        read: &[(Group, Entry)],
    ) -> Result<Vec<Entry>, RunnerError> {
        let facts = self.memory.held(group).facts.take().unwrap_or_default();
        let view = RegisterView::new(self.registers, self.now);
        let entries = self.rulebook.settle(group, &facts, read, &view);
        let tally = self.rulebook.tally(group, &facts, &view);
        let mut asked = view.take_looked_up().keys;
        asked.extend(reads.iter().map(entries_of));
        self.memory
            .grow(tally.as_ref().map_or(0, |tally| tally.weight()));
        let held = self.memory.held(group);
        (held.facts, held.tally) = (Some(facts), tally);
        self.note_asked(group, &asked).await?;
        Ok(entries)
    }

    /// Brings a group's facts to hand.
    async fn hold_facts(&mut self, group: &Group) -> Result<(), StoreError> {
        if self.memory.held(group).facts.is_some() {
            return Ok(());
        }
        let prefix = self.group_key(group);
        let facts = self.workspace.all(keys::FACT, prefix).await?.into_iter();
        let facts = facts_of(facts.map(|(_, value)| value))?;
        self.memory.grow(facts.len());
        self.memory.held(group).take_facts(facts);
        Ok(())
    }

    /// Has the groups settled that read this one's entries.
    pub(super) async fn touch_readers(&mut self, group: &Group) -> Result<(), RunnerError> {
        if group.stage >= self.rulebook.last_stage() {
            return Ok(());
        }
        let prefix = self.key().natural(entries_of(group)).bytes();
        let askers = self.workspace.all(keys::ASKED, prefix).await?;
        let readers: BTreeSet<Group> = askers
            .iter()
            .filter_map(|(key, value)| keys::asker(key, value))
            .filter(|reader| reader.stage > group.stage)
            .collect();
        for reader in readers {
            self.changed(&reader);
            self.flush_if_full().await?;
        }
        Ok(())
    }
}

/// The natural key under which readers of a group's entries are found.
fn entries_of(group: &Group) -> NaturalKey {
    NaturalKey::hash("Group", &format!("{}/{}", group.stage, group.key))
}
