//! One event, one definition: which groups it touches, and what they conclude now.
//!
//! Everything here may be cut short between two changes and done again: facts that are in place
//! already change nothing, and a group stays marked until it is settled.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use varde_xapi::{StatementId, Stored};

use super::keys::{self, Key};
use super::workspace::{Workspace, parse};
use super::{Entry, Fact, Group, KnownFact, LedgerRow, Rulebook, RunnerError, Witness};
use crate::definitions::DefinitionHash;
use crate::ports::{
    Happened, KeyRange, LogEvent, Position, Standing, StatementLog, StoreError, StoredStatement,
};
use crate::registers::{NaturalKey, RegisterView, Registers, event_rows};
use crate::space::Space;

/// A statement whose `timestamp` lies further than this past its `stored` is never counted.
const FUTURE_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// How many askers of one natural key are read at a time.
const ASKERS_AT_A_TIME: usize = 500;

/// A fact with the groups it is in and the natural keys that put it there.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FactRecord {
    fact: KnownFact,
    groups: BTreeSet<Group>,
    asked: BTreeSet<[u8; 16]>,
}

/// Who asked for a natural key.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Asker {
    Fact(Position, u32),
    Group(Group),
}

/// One definition's ledger, in the middle of one event.
pub(super) struct Settling<'a> {
    pub(super) hash: DefinitionHash,
    pub(super) rulebook: &'a dyn Rulebook,
    pub(super) registers: &'a Registers,
    pub(super) log: &'a dyn StatementLog,
    pub(super) workspace: &'a mut Workspace,
    /// The event's `stored`: what the registers are viewed as of, and where rows begin and end.
    pub(super) now: Stored,
}

impl Settling<'_> {
    /// Takes one event into the ledger.
    pub(super) async fn apply(&mut self, event: &LogEvent) -> Result<(), RunnerError> {
        match &event.what {
            Happened::Statement(statement) => self.statement(statement).await?,
            Happened::Event(..) => self.register_rows(event).await?,
        }
        self.settle_marked().await
    }

    async fn statement(&mut self, statement: &StoredStatement) -> Result<(), RunnerError> {
        if let Some(target) = statement.voids {
            return self
                .void(&statement.space, target, statement.position)
                .await;
        }
        if statement.space.is_test() || self.is_voided(statement).await? {
            return Ok(());
        }
        for (number, fact) in (0..).zip(self.facts(statement)?) {
            let fact = KnownFact {
                statement: statement.id,
                position: statement.position,
                stored: statement.stored,
                happened: statement.happened(),
                space: statement.space.clone(),
                fact,
            };
            self.regroup(fact, number).await?;
        }
        Ok(())
    }

    fn facts(&self, stored: &StoredStatement) -> Result<Vec<Fact>, StoreError> {
        let happened = stored.happened();
        let (space, id) = (&stored.space, stored.id);
        if happened.duration_since(stored.stored.instant()) > FUTURE_MAX {
            return Ok(Vec::new());
        }
        let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
        let (statement, stored) = (&statement, stored.stored);
        Ok(self.rulebook.facts(&Witness {
            statement,
            id,
            stored,
            happened,
            space,
        }))
    }

    fn key(&self) -> Key {
        Key::of(self.hash)
    }

    fn voided_key(&self, space: &Space, target: StatementId) -> Vec<u8> {
        self.key()
            .text(&space.to_string())
            .text(&target.to_string())
            .bytes()
    }

    async fn is_voided(&self, statement: &StoredStatement) -> Result<bool, StoreError> {
        let key = self.voided_key(&statement.space, statement.id);
        Ok(self.workspace.get(keys::VOIDED, &key).await?.is_some())
    }

    /// Notes that a target is voided and takes its facts away, if it arrived already.
    async fn void(
        &mut self,
        space: &Space,
        target: StatementId,
        by: Position,
    ) -> Result<(), RunnerError> {
        self.workspace
            .mark(keys::VOIDED, self.voided_key(space, target));
        let spaces = std::slice::from_ref(space);
        // A target that is itself voiding stays valid, and has no facts either way.
        let Some(target) = self.log.get(spaces, target, Standing::Voided).await? else {
            return Ok(());
        };
        if target.position < by {
            let prefix = self.key().position(target.position).bytes();
            for (_, value) in self.workspace.all(keys::FACT, prefix).await? {
                self.forget(&parse(&value)?)?;
            }
        }
        Ok(())
    }

    fn fact_key(&self, position: Position, number: u32) -> Vec<u8> {
        self.key().position(position).number(number).bytes()
    }

    fn forget(&mut self, record: &(FactRecord, u32)) -> Result<(), StoreError> {
        let (record, number) = record;
        let position = record.fact.position;
        for group in &record.groups {
            let member = self
                .key()
                .group(group)
                .position(position)
                .number(*number)
                .bytes();
            self.workspace.delete(keys::MEMBER, member);
            self.mark(group)?;
        }
        for asked in &record.asked {
            let key = self.asked_by_fact(NaturalKey(*asked), position, *number);
            self.workspace.delete(keys::ASKED, key);
        }
        self.workspace
            .delete(keys::FACT, self.fact_key(position, *number));
        Ok(())
    }

    /// Puts a fact into the groups that it belongs to by the registers as known now.
    async fn regroup(&mut self, fact: KnownFact, number: u32) -> Result<(), RunnerError> {
        let view = RegisterView::new(self.registers, self.now);
        let groups: BTreeSet<Group> = self.rulebook.groups(&fact, &view).into_iter().collect();
        let asked: BTreeSet<_> = view.take_looked_up().keys.iter().map(|key| key.0).collect();
        let position = fact.position;
        let fact_key = self.fact_key(position, number);
        let old: Option<(FactRecord, u32)> = self.workspace.read(keys::FACT, &fact_key).await?;
        let (old_groups, old_asked) = old
            .map(|(old, _)| (old.groups, old.asked))
            .unwrap_or_default();
        for group in groups.symmetric_difference(&old_groups) {
            let member = self
                .key()
                .group(group)
                .position(position)
                .number(number)
                .bytes();
            if groups.contains(group) {
                self.workspace.put(keys::MEMBER, member, &fact)?;
            } else {
                self.workspace.delete(keys::MEMBER, member);
            }
            self.mark(group)?;
        }
        for asked in old_asked.difference(&asked) {
            let key = self.asked_by_fact(NaturalKey(*asked), position, number);
            self.workspace.delete(keys::ASKED, key);
        }
        for asked in asked.difference(&old_asked) {
            let key = self.asked_by_fact(NaturalKey(*asked), position, number);
            self.workspace
                .put(keys::ASKED, key, &Asker::Fact(position, number))?;
        }
        let record = FactRecord {
            fact,
            groups,
            asked,
        };
        self.workspace
            .put(keys::FACT, fact_key, &(record, number))?;
        Ok(())
    }

    fn asked_by_fact(&self, key: NaturalKey, position: Position, number: u32) -> Vec<u8> {
        self.key()
            .natural(key)
            .byte(b'f')
            .position(position)
            .number(number)
            .bytes()
    }

    fn asked_by_group(&self, key: NaturalKey, group: &Group) -> Vec<u8> {
        self.key().natural(key).byte(b'g').group(group).bytes()
    }

    /// Marks a group to be settled.
    fn mark(&mut self, group: &Group) -> Result<(), StoreError> {
        let key = self.key().group(group).bytes();
        self.workspace.put(keys::DIRTY, key, group)
    }

    async fn register_rows(&mut self, event: &LogEvent) -> Result<(), RunnerError> {
        let rows = event_rows(event)?;
        let touched: BTreeSet<_> = rows
            .iter()
            .map(|row| NaturalKey::of(&row.row.entity))
            .collect();
        for key in touched {
            self.touch(key).await?;
        }
        Ok(())
    }

    /// Regroups every fact and marks every group that asked for a natural key.
    async fn touch(&mut self, key: NaturalKey) -> Result<(), RunnerError> {
        let prefix = self.key().natural(key).bytes();
        let mut range = KeyRange {
            prefix,
            after: None,
            limit: ASKERS_AT_A_TIME,
        };
        loop {
            let askers = self.workspace.range(keys::ASKED, &range).await?;
            for (_, value) in &askers {
                match parse(value)? {
                    Asker::Fact(position, number) => self.again(position, number).await?,
                    Asker::Group(group) => self.mark(&group)?,
                }
                self.flush_if_full().await?;
            }
            match askers.into_iter().next_back() {
                Some((last, _)) => range.after = Some(last),
                None => return Ok(()),
            }
        }
    }

    async fn again(&mut self, position: Position, number: u32) -> Result<(), RunnerError> {
        let key = self.fact_key(position, number);
        match self
            .workspace
            .read::<(FactRecord, u32)>(keys::FACT, &key)
            .await?
        {
            Some((record, number)) => self.regroup(record.fact, number).await,
            None => Ok(()),
        }
    }

    async fn flush_if_full(&mut self) -> Result<(), RunnerError> {
        if self.workspace.is_full() {
            self.workspace.flush().await?;
        }
        Ok(())
    }

    /// Settles marked groups, earlier stages first, until none is left.
    async fn settle_marked(&mut self) -> Result<(), RunnerError> {
        let range = KeyRange {
            prefix: self.key().bytes(),
            after: None,
            limit: 1,
        };
        while let Some((key, value)) = self
            .workspace
            .range(keys::DIRTY, &range)
            .await?
            .into_iter()
            .next()
        {
            let group: Group = parse(&value)?;
            let facts = self.members(&group).await?;
            let reads = self.reads(&group, &facts);
            if !self.mark_unsettled(&reads).await? {
                self.settle(&group, &facts, &reads).await?;
                self.workspace.delete(keys::DIRTY, key);
            }
            self.flush_if_full().await?;
        }
        Ok(())
    }

    /// Marks those of the groups that were never settled. Being of an earlier stage than their
    /// reader, they come first.
    async fn mark_unsettled(&mut self, groups: &[Group]) -> Result<bool, RunnerError> {
        let mut any = false;
        for group in groups {
            let key = self.key().group(group).bytes();
            if self.workspace.get(keys::GROUP, &key).await?.is_none() {
                self.mark(group)?;
                any = true;
            }
        }
        Ok(any)
    }

    fn reads(&self, group: &Group, facts: &[KnownFact]) -> Vec<Group> {
        let mut reads = self.rulebook.reads(group, facts);
        reads.retain(|read| read.stage < group.stage);
        reads
    }

    async fn members(&self, group: &Group) -> Result<Vec<KnownFact>, StoreError> {
        let prefix = self.key().group(group).bytes();
        let mut facts = Vec::new();
        for (_, value) in self.workspace.all(keys::MEMBER, prefix).await? {
            facts.push(parse::<KnownFact>(&value)?);
        }
        facts.sort_by_key(KnownFact::order);
        Ok(facts)
    }

    async fn settle(
        &mut self,
        group: &Group,
        facts: &[KnownFact],
        reads: &[Group],
    ) -> Result<(), RunnerError> {
        let mut read = Vec::new();
        for source in reads {
            let open = self.open_rows(source).await?;
            read.extend(open.into_values().map(|row| (source.clone(), row.entry)));
        }
        let view = RegisterView::new(self.registers, self.now);
        let mut entries = self.rulebook.settle(group, facts, &read, &view);
        let looked_up = view.take_looked_up();
        for entry in &mut entries {
            entry.rows = looked_up.rows.iter().copied().collect();
        }
        let asked = looked_up
            .keys
            .into_iter()
            .chain(reads.iter().map(group_key));
        self.note_asked(group, asked.map(|key| key.0).collect())
            .await?;
        self.write_difference(group, entries).await
    }

    async fn note_asked(
        &mut self,
        group: &Group,
        asked: BTreeSet<[u8; 16]>,
    ) -> Result<(), RunnerError> {
        let key = self.key().group(group).bytes();
        let old: Option<BTreeSet<[u8; 16]>> = self.workspace.read(keys::GROUP, &key).await?;
        if old.as_ref() == Some(&asked) {
            return Ok(());
        }
        let old = old.unwrap_or_default();
        for asked in old.difference(&asked) {
            let key = self.asked_by_group(NaturalKey(*asked), group);
            self.workspace.delete(keys::ASKED, key);
        }
        for asked in asked.difference(&old) {
            let key = self.asked_by_group(NaturalKey(*asked), group);
            self.workspace
                .put(keys::ASKED, key, &Asker::Group(group.clone()))?;
        }
        self.workspace.put(keys::GROUP, key, &asked)?;
        Ok(())
    }

    /// Returns a group's rows that are what the ledger says now, by entry key.
    async fn open_rows(&self, group: &Group) -> Result<BTreeMap<String, LedgerRow>, StoreError> {
        let prefix = self.key().group(group).bytes();
        let mut open = BTreeMap::new();
        for (_, value) in self.workspace.all(keys::ENTRY, prefix).await? {
            let row: LedgerRow = parse(&value)?;
            if row.known_to.is_none() {
                open.insert(row.entry.key.clone(), row);
            }
        }
        Ok(open)
    }

    /// Closes the entries that no longer hold and opens those that hold now.
    async fn write_difference(
        &mut self,
        group: &Group,
        entries: Vec<Entry>,
    ) -> Result<(), RunnerError> {
        let mut old = self.open_rows(group).await?;
        let mut new = Vec::new();
        for entry in entries {
            match old.remove(&entry.key) {
                Some(row) if row.entry == entry => {}
                Some(row) => {
                    old.insert(entry.key.clone(), row);
                    new.push(entry);
                }
                None => new.push(entry),
            }
        }
        if old.is_empty() && new.is_empty() {
            return Ok(());
        }
        // Marked before anything is written: if this is cut short, the marks are there.
        self.mark_readers(group).await?;
        for row in old.into_values() {
            self.close(row)?;
        }
        for entry in new {
            let known_from = self.now;
            let row = LedgerRow {
                group: group.clone(),
                entry,
                known_from,
                known_to: None,
            };
            self.workspace.put(keys::ENTRY, self.row_key(&row), &row)?;
            self.flush_if_full().await?;
        }
        Ok(())
    }

    fn row_key(&self, row: &LedgerRow) -> Vec<u8> {
        self.key()
            .group(&row.group)
            .text(&row.entry.key)
            .stored(row.known_from)
            .bytes()
    }

    fn close(&mut self, mut row: LedgerRow) -> Result<(), StoreError> {
        let key = self.row_key(&row);
        if row.known_from == self.now {
            // It never was what the ledger said after an event.
            self.workspace.delete(keys::ENTRY, key);
            return Ok(());
        }
        row.known_to = Some(self.now);
        self.workspace.put(keys::ENTRY, key, &row)
    }

    async fn mark_readers(&mut self, group: &Group) -> Result<(), RunnerError> {
        let prefix = self.key().natural(group_key(group)).bytes();
        for (_, value) in self.workspace.all(keys::ASKED, prefix).await? {
            if let Asker::Group(reader) = parse(&value)?
                && reader.stage > group.stage
            {
                self.mark(&reader)?;
            }
        }
        Ok(())
    }
}

/// The natural key under which readers of a group's entries are found.
fn group_key(group: &Group) -> NaturalKey {
    NaturalKey::hash("Group", &format!("{}/{}", group.stage, group.key))
}
