//! One event, one definition: which groups it touches, and what they conclude now.
//!
//! Everything here may be cut short between two changes and done again: facts that are in place
//! already change nothing, and a group stays marked until it is settled.

mod ahead;
mod groups;
mod placing;
mod rows;

use std::collections::{BTreeMap, HashSet};

use varde_xapi::{StatementId, Stored};

use super::keys::{self, Key, LedgerId};
use super::memory::Memory;
use super::reading::Reading;
use super::workspace::Workspace;
use super::{Group, KnownFact, Rulebook, RunnerError};
use crate::definitions::Lineage;
use crate::people::{Acquainted, Identities};
use crate::ports::{LogEvent, Position, StatementLog, StoreError};
use crate::registers::{Entity, NaturalKey, RegisterView, Registers, event_entities};
use crate::space::Space;

pub(super) use ahead::{Ahead, Placed};

/// The stage of groups that gather facts which belong to no group, by what they asked for.
const UNPLACED: u8 = u8::MAX;

/// One definition's ledger, in the middle of one event.
pub(super) struct Settling<'a> {
    pub(super) ledger: LedgerId,
    pub(super) lineage: &'a Lineage,
    pub(super) rulebook: &'a dyn Rulebook,
    pub(super) registers: &'a Registers,
    pub(super) identities: &'a Identities,
    pub(super) acquainted: &'a mut Acquainted,
    pub(super) log: &'a dyn StatementLog,
    pub(super) workspace: &'a mut Workspace,
    pub(super) memory: &'a mut Memory,
    /// The event's `stored`: what the registers are viewed as of, and where rows begin and end.
    pub(super) now: Stored,
    /// The groups to be settled, and what happened to each.
    touched: BTreeMap<Group, Touched>,
    /// Those of them that may not be marked in the store yet.
    unmarked: Vec<Group>,
}

/// What happened to a group.
#[derive(Debug)]
enum Touched {
    /// Nothing but that these facts came.
    Came(Vec<KnownFact>),
    /// Anything.
    Changed,
}

/// An event, read once for all definitions.
#[derive(Debug)]
pub(super) enum Taken<'a> {
    /// A statement.
    Statement(Reading<'a>),
    /// Rows of the registers: their entities by natural key; none for other events.
    Registers(BTreeMap<NaturalKey, Entity>),
}

impl<'a> Taken<'a> {
    /// Reads the events of a step.
    pub(super) fn all(events: &'a [LogEvent]) -> Result<Vec<Self>, StoreError> {
        let mut voided: HashSet<(&Space, StatementId)> = HashSet::new();
        let mut all = Vec::with_capacity(events.len());
        for event in events {
            let mut taken = Self::of(event)?;
            if let Self::Statement(reading) = &mut taken {
                reading.came_voided = voided.contains(&(reading.space, reading.id));
                voided.extend(reading.voids.map(|target| (reading.space, target)));
            }
            all.push(taken);
        }
        Ok(all)
    }

    fn of(event: &'a LogEvent) -> Result<Self, StoreError> {
        if let Some(reading) = Reading::of(event)? {
            return Ok(Self::Statement(reading));
        }
        let entities = event_entities(event)?;
        let keyed = entities
            .into_iter()
            .map(|entity| (NaturalKey::of(&entity), entity));
        Ok(Self::Registers(keyed.collect()))
    }
}

impl<'a> Settling<'a> {
    pub(super) fn new(
        (ledger, lineage, rulebook): (LedgerId, &'a Lineage, &'a dyn Rulebook),
        (registers, log): (&'a Registers, &'a dyn StatementLog),
        (identities, acquainted): (&'a Identities, &'a mut Acquainted),
        (workspace, memory): (&'a mut Workspace, &'a mut Memory),
        now: Stored,
    ) -> Self {
        // What an event that was cut short left behind.
        let marked = memory.marked.iter().cloned();
        let touched = marked.map(|group| (group, Touched::Changed)).collect();
        Self {
            ledger,
            lineage,
            rulebook,
            registers,
            identities,
            acquainted,
            log,
            workspace,
            memory,
            now,
            touched,
            unmarked: Vec::new(),
        }
    }

    /// Takes an event into the ledger; `placed` is what it says and where that belongs.
    pub(super) async fn take(
        &mut self,
        taken: &Taken<'_>,
        placed: Vec<Placed>,
    ) -> Result<(), RunnerError> {
        match taken {
            Taken::Statement(reading) => self.statement(reading, placed).await?,
            Taken::Registers(entities) => {
                for (key, entity) in entities {
                    self.touch(*key).await?;
                    self.introduce(entity).await?;
                }
            }
        }
        self.settle_touched().await
    }

    /// Has the groups settled that there are for an entity of the registers.
    async fn introduce(&mut self, entity: &Entity) -> Result<(), RunnerError> {
        let view = RegisterView::new(self.registers, self.now);
        for group in self.rulebook.introduced(entity, &view) {
            self.changed(&group);
            self.flush_if_full().await?;
        }
        Ok(())
    }

    async fn statement(
        &mut self,
        reading: &Reading<'_>,
        placed: Vec<Placed>,
    ) -> Result<(), RunnerError> {
        if let Some(target) = reading.voids {
            return self.void(reading.space, target, reading.position).await;
        }
        if !self.memory.is_voided(reading.space, reading.id) {
            for placed in placed {
                self.join(placed).await?;
            }
        }
        Ok(())
    }

    /// Returns what a statement says for this definition. Whoever is met for the first time gets an
    /// id in the commit of this step.
    async fn facts(&mut self, reading: &Reading<'_>) -> Result<Vec<KnownFact>, StoreError> {
        loop {
            let facts = reading.facts(self.lineage, self.rulebook, self.acquainted)?;
            if self.acquainted.knew_all() {
                return Ok(facts);
            }
            for first in self.acquainted.meet(self.identities).await? {
                self.workspace.first(first);
            }
        }
    }

    /// Takes the facts of a voided statement away, or notes that it is voided before it arrives.
    async fn void(
        &mut self,
        space: &Space,
        target: StatementId,
        by: Position,
    ) -> Result<(), RunnerError> {
        if space.is_test() || self.memory.is_voided(space, target) {
            return Ok(());
        }
        match self.log.position(space, target).await? {
            Some(position) if position < by => self.forget(position).await,
            // It arrives later, or never.
            _ => {
                let key = self.key().statement(space, target).bytes();
                let voided = (space.clone(), target);
                self.workspace.put(keys::VOIDED, key, &voided)?;
                self.memory.voided.insert(voided);
                Ok(())
            }
        }
    }

    /// Takes the facts of a statement out of their groups. One that is itself voiding stays valid,
    /// and has none.
    async fn forget(&mut self, position: Position) -> Result<(), RunnerError> {
        let before = Position(position.0.saturating_sub(1));
        for event in self.log.follow(before, 1).await? {
            let Some(reading) = Reading::of(&event)? else {
                continue;
            };
            for fact in self.facts(&reading).await? {
                for group in self.place(&fact, self.now).groups {
                    self.take_out(&group, &fact).await?;
                }
            }
        }
        Ok(())
    }

    fn key(&self) -> Key {
        Key::of(self.ledger)
    }

    fn group_key(&self, group: &Group) -> Vec<u8> {
        self.key().group(group).bytes()
    }

    /// Notes that a group is to be settled from all its facts.
    fn changed(&mut self, group: &Group) {
        let touched = self.touched.insert(group.clone(), Touched::Changed);
        if touched.is_none() {
            self.unmarked.push(group.clone());
        }
    }

    /// Notes that a group is to be settled with one more fact.
    fn came(&mut self, group: &Group, fact: &KnownFact) {
        match self.touched.get_mut(group) {
            Some(Touched::Came(facts)) => facts.push(fact.clone()),
            Some(Touched::Changed) => {}
            None => {
                let came = Touched::Came(vec![fact.clone()]);
                self.touched.insert(group.clone(), came);
                self.unmarked.push(group.clone());
            }
        }
    }

    /// Takes a settled group's mark away.
    fn settled(&mut self, group: &Group) {
        self.touched.remove(group);
        if self.memory.marked.remove(group) {
            let key = self.group_key(group);
            self.workspace.delete(keys::DIRTY, key);
        }
    }

    /// Commits what there is when it is time to.
    async fn flush_if_full(&mut self) -> Result<(), RunnerError> {
        if self.workspace.is_full_with(self.unmarked.len()) {
            self.flush().await?;
        }
        Ok(())
    }

    /// Commits what there is. What is still to be settled is marked first.
    async fn flush(&mut self) -> Result<(), RunnerError> {
        for group in std::mem::take(&mut self.unmarked) {
            if self.touched.contains_key(&group) && self.memory.marked.insert(group.clone()) {
                let key = self.group_key(&group);
                self.workspace.put(keys::DIRTY, key, &group)?;
            }
        }
        self.workspace.flush().await?;
        self.memory.trim();
        Ok(())
    }
}
