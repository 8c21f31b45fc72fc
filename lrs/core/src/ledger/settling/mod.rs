//! One event, one definition: which groups it touches, and what they conclude now.
//!
//! Everything here may be cut short between two changes and done again: facts that are in place
//! already change nothing, and a group stays marked until it is settled.

mod facts;
mod groups;

use serde::{Deserialize, Serialize};
use varde_xapi::{StatementId, Stored};

use super::keys::{self, Key};
use super::workspace::{Workspace, parse};
use super::{ErasedFacts, Fact, Group, KnownFact, Rulebook, RunnerError, Witness};
use crate::definitions::DefinitionHash;
use crate::ports::{
    Happened, LogEvent, Position, StatementLog, StoreError, StoredStatement, Tombstone,
};
use crate::registers::Registers;
use crate::space::Space;

/// A statement whose `timestamp` lies further than this past its `stored` is never counted.
const FUTURE_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

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
            Happened::Erased(left) => self.erased(event, left).await?,
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

    /// Takes what is left of an erased statement in its stead.
    async fn erased(&mut self, event: &LogEvent, left: &Tombstone) -> Result<(), RunnerError> {
        if let Some(target) = left.voids {
            return self.void(&left.space, target, event.position).await;
        }
        let Some(erased) = ErasedFacts::read(left)? else {
            return Ok(());
        };
        let key = self.voided_key(&left.space, left.id);
        if self.workspace.get(keys::VOIDED, &key).await?.is_some() {
            return Ok(());
        }
        let facts = erased.facts.get(&self.hash).cloned().unwrap_or_default();
        for (number, fact) in (0..).zip(facts) {
            let fact = KnownFact {
                statement: left.id,
                position: event.position,
                stored: event.stored,
                happened: erased.happened,
                space: left.space.clone(),
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
        // A target that is itself voiding stays valid, and has no facts either way.
        let Some(target) = self.log.position(space, target).await? else {
            return Ok(());
        };
        if target < by {
            let prefix = self.key().position(target).bytes();
            for (_, value) in self.workspace.all(keys::FACT, prefix).await? {
                self.forget(&parse(&value)?)?;
            }
        }
        Ok(())
    }

    /// Marks a group to be settled.
    fn mark(&mut self, group: &Group) -> Result<(), StoreError> {
        let key = self.key().group(group).bytes();
        self.workspace.put(keys::DIRTY, key, group)
    }

    async fn flush_if_full(&mut self) -> Result<(), RunnerError> {
        if self.workspace.is_full() {
            self.workspace.flush().await?;
        }
        Ok(())
    }
}
