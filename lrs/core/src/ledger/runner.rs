//! Carries the log into the ledger, one step at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;
use varde_xapi::Stored;

use super::generations::Rebuilt;
use super::keys::LedgerId;
use super::memory::Memory;
use super::{Adapter, Progress, Rulebook};
use crate::definitions::{
    Definition, DefinitionBook, DefinitionFault, DefinitionFaults, DefinitionHash,
    DefinitionRecord, Lineage, State,
};
use crate::people::IDENTITY;
use crate::ports::{CommitError, Expected, Position, Records, StatementLog, StoreError};
use crate::registers::RegisterBook;

/// The most events one step takes.
const EVENTS_PER_STEP: u64 = 1_000;

/// Why a step failed. What it had committed stays and is continued from.
#[derive(Debug, Error)]
pub enum RunnerError {
    /// Somebody else gave an id to somebody met for the first time; doing the step again uses it.
    #[error("somebody met for the first time was given an id elsewhere in the same moment")]
    Met,
    /// Another runner moved the same ledger.
    #[error("another runner is carrying the log into this ledger")]
    Raced,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CommitError> for RunnerError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict { collection, .. } if collection == IDENTITY => Self::Met,
            CommitError::Conflict { .. } => Self::Raced,
            CommitError::Store(error) => Self::Store(error),
            too_large @ CommitError::TooLarge { .. } => Self::Store(StoreError::failed(too_large)),
        }
    }
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It carried events or made definitions current; there may be more to do already.
    Worked,
    /// It carried all events that there were.
    Reached,
    /// Every ledger stands at the head of the log.
    Idle,
}

/// A definition that was installed and no longer compiles: its ledger stands still, and all
/// others go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// `id@version`.
    pub name: String,
    /// Its identity.
    pub hash: DefinitionHash,
    /// What is wrong with it now.
    pub faults: DefinitionFaults,
}

/// How far the ledger furthest behind is from the head of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lag {
    /// How many events it has yet to take.
    pub events: u64,
    /// The `stored` of the first of them.
    pub since: Option<Stored>,
}

/// Ledgers that stand at the same place and move on together.
pub(super) struct Cohort {
    from: Position,
    /// Where the next cohort stands, which this one must not pass.
    until: Option<Position>,
    pub(super) members: Vec<Member>,
}

/// A ledger that follows the log.
pub(super) struct Member {
    record: DefinitionRecord,
    pub(super) lineage: Lineage,
    pub(super) rulebook: Arc<dyn Rulebook>,
    pub(super) ledger: LedgerId,
    pub(super) progress: Progress,
    pub(super) expected: Expected,
}

impl Member {
    /// Tells whether the definition is to become current once its ledger has the whole log.
    fn is_new(&self) -> bool {
        self.record.state == State::Installed
    }
}

/// Definitions that were compiled, or were not.
type Compiled = BTreeMap<DefinitionHash, Result<Arc<dyn Rulebook>, DefinitionFaults>>;

/// Carries the log into the ledgers of all definitions. One runner works on a store at a time;
/// a second one is noticed and stops with [`RunnerError::Raced`].
#[derive(Debug)]
pub struct Runner {
    pub(super) log: Arc<dyn StatementLog>,
    pub(super) records: Arc<dyn Records>,
    pub(super) registers: Arc<RegisterBook>,
    pub(super) definitions: DefinitionBook,
    adapters: Vec<Arc<dyn Adapter>>,
    compiled: Mutex<Compiled>,
    memories: Mutex<BTreeMap<LedgerId, Memory>>,
    /// How far a new definition's ledger must come before it is read: to where the log's head was
    /// when the definition was first seen here.
    goals: Mutex<BTreeMap<LedgerId, Position>>,
}

impl Runner {
    /// Makes the runner of a store, which keeps its ledgers in these records.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        registers: Arc<RegisterBook>,
        adapters: Vec<Arc<dyn Adapter>>,
    ) -> Self {
        Self {
            registers,
            definitions: DefinitionBook::new(Arc::clone(&records)),
            log,
            records,
            adapters,
            compiled: Mutex::default(),
            memories: Mutex::default(),
            goals: Mutex::default(),
        }
    }

    /// Takes one step: the ledgers furthest behind take up to 1,000 events.
    pub async fn step(&self) -> Result<Step, RunnerError> {
        if self.renewed().await? {
            return Ok(Step::Worked);
        }
        let Some(cohort) = self.hindmost().await? else {
            return Ok(Step::Idle);
        };
        if self.activated(&cohort).await? {
            return Ok(Step::Worked);
        }
        let room = cohort
            .until
            .map_or(EVENTS_PER_STEP, |until| until.0 - cohort.from.0);
        let limit = usize::try_from(room.min(EVENTS_PER_STEP)).unwrap_or(1);
        let events = self.log.follow(cohort.from, limit).await?;
        if events.is_empty() {
            return Ok(Step::Idle);
        }
        let reached = cohort.until.is_none() && events.len() < limit;
        match self.carry(cohort, &events).await {
            Ok(()) if reached => Ok(Step::Reached),
            Ok(()) | Err(RunnerError::Met) => Ok(Step::Worked),
            Err(error) => Err(error),
        }
    }

    /// Steps until every ledger stands at the head of the log.
    pub async fn catch_up(&self) -> Result<(), RunnerError> {
        while self.step().await? != Step::Idle {}
        Ok(())
    }

    /// Tells whether all ledgers hold the log up to an event, and none that is new or built again
    /// is still to be read in the place of another. What came behind that event does not count, so
    /// who waits for this waits no longer when more comes.
    pub async fn has_carried(&self, through: Position) -> Result<bool, StoreError> {
        for record in self.definitions.all().await? {
            let is_waiting = record.state == State::Installed || record.rebuilding.is_some();
            let moves = self.rulebook(&record.definition).is_ok();
            if !record.left.is_empty() || (is_waiting && moves) {
                return Ok(false);
            }
        }
        let hindmost = self.hindmost().await?;
        Ok(hindmost.is_none_or(|cohort| cohort.from >= through))
    }

    /// Waits until there is something to do: the log holds more than the ledgers do, or one that
    /// has all of it is not current yet.
    pub async fn rest(&self) -> Result<(), StoreError> {
        let beyond = match self.hindmost().await? {
            Some(cohort) if cohort.members.iter().any(Member::is_new) => return Ok(()),
            Some(cohort) => cohort.from,
            None => self.log.head().await?,
        };
        self.log.grown(beyond).await
    }

    /// Returns how far the ledger furthest behind is from the head.
    pub async fn lag(&self) -> Result<Lag, StoreError> {
        let head = self.log.head().await?;
        let from = self.hindmost().await?.map_or(head, |cohort| cohort.from);
        let waiting = self.log.follow(from, usize::from(from < head)).await?;
        Ok(Lag {
            events: head.0.saturating_sub(from.0),
            since: waiting.first().map(|event| event.stored),
        })
    }

    /// Returns the definitions that follow the log no more.
    pub async fn stopped(&self) -> Result<Vec<Stopped>, StoreError> {
        let mut stopped = Vec::new();
        for record in self.definitions.all().await? {
            if record.state != State::Superseded
                && let Err(faults) = self.rulebook(&record.definition)
            {
                stopped.push(Stopped {
                    name: record.definition.name(),
                    hash: record.definition.hash(),
                    faults,
                });
            }
        }
        Ok(stopped)
    }

    /// Has the ledgers read that were built again, or removes a piece of what they have replaced;
    /// tells whether there was anything to do.
    async fn renewed(&self) -> Result<bool, RunnerError> {
        for record in self.definitions.all().await? {
            if let Some(Rebuilt::Due) = self.rebuilt(&record).await? {
                self.renew(&record).await?;
                return Ok(true);
            }
            if self.remove_some(&record).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn hindmost(&self) -> Result<Option<Cohort>, StoreError> {
        let (mut ledgers, mut stops) = (Vec::new(), Vec::new());
        for record in self.definitions.all().await? {
            if let (Some(new), Some(Rebuilt::Behind(stop))) =
                (record.rebuilding, self.rebuilt(&record).await?)
            {
                ledgers.push((record.clone(), new));
                stops.push(stop);
            }
            if record.state != State::Superseded {
                let read = record.generation;
                ledgers.push((record, read));
            }
        }
        let mut members = self.members(ledgers).await?;
        let Some(from) = members.iter().map(|member| member.progress.position).min() else {
            return Ok(None);
        };
        let ahead = members.iter().map(|member| member.progress.position);
        let until = ahead.chain(stops).filter(|position| *position > from).min();
        members.retain(|member| member.progress.position == from);
        Ok(Some(Cohort {
            from,
            until,
            members,
        }))
    }

    /// Takes one definition up to 1,000 events further, and never past an event, whatever else
    /// there is; returns where it stands. `None` when it no longer compiles.
    pub(super) async fn carry_one(
        &self,
        record: &DefinitionRecord,
        until: Position,
    ) -> Result<Option<Position>, RunnerError> {
        let ledger = (record.clone(), record.generation);
        let Some(member) = self.members(vec![ledger]).await?.pop() else {
            return Ok(None);
        };
        let from = member.progress.position;
        let room = until.0.saturating_sub(from.0).min(EVENTS_PER_STEP);
        let limit = usize::try_from(room).unwrap_or(1);
        let events = self.log.follow(from, limit).await?;
        let reached = events.last().map_or(until, |event| event.position);
        let cohort = Cohort {
            from,
            until: Some(until),
            members: vec![member],
        };
        self.carry(cohort, &events).await?;
        Ok(Some(reached))
    }

    /// Returns definitions, each with a generation of its ledger. One that no longer compiles stops
    /// alone and is not among them; [`Runner::stopped`] tells of it.
    async fn members(
        &self,
        ledgers: Vec<(DefinitionRecord, u32)>,
    ) -> Result<Vec<Member>, StoreError> {
        let compiled = ledgers.into_iter().filter_map(|(record, generation)| {
            let rulebook = self.rulebook(&record.definition).ok()?;
            Some((record.ledger_of(generation), record, rulebook))
        });
        let compiled: Vec<_> = compiled.collect();
        let ids: Vec<_> = compiled.iter().map(|(ledger, ..)| *ledger).collect();
        let progress = Progress::each(&*self.records, &ids).await?;
        let members = compiled.into_iter().zip(progress);
        let members = members.map(
            |((ledger, record, rulebook), (progress, expected))| Member {
                lineage: record.lineage(),
                record,
                rulebook,
                ledger,
                progress,
                expected,
            },
        );
        Ok(members.collect())
    }

    /// Makes the new definitions current whose ledgers have come as far as every other, and to
    /// where the log ended when they were first seen; tells whether there were any. They need not
    /// stand at its head, which under a constant stream they never would.
    async fn activated(&self, cohort: &Cohort) -> Result<bool, RunnerError> {
        let new = cohort.members.iter().filter(|member| member.is_new());
        let mut due: Vec<&Member> = new.collect();
        if due.is_empty() {
            return Ok(false);
        }
        let head = self.log.head().await?;
        due.retain(|member| {
            let goal = *self.goals().entry(member.ledger).or_insert(head);
            cohort.until.is_none() && cohort.from >= goal
        });
        for member in &due {
            self.definitions.activate(member.lineage.hash).await?;
            self.goals().remove(&member.ledger);
        }
        Ok(!due.is_empty())
    }

    fn goals(&self) -> MutexGuard<'_, BTreeMap<LedgerId, Position>> {
        self.goals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of what is remembered of a ledger.
    pub(super) fn forget(&self, ledger: LedgerId) {
        self.memories().remove(&ledger);
    }

    pub(super) fn memories(&self) -> MutexGuard<'_, BTreeMap<LedgerId, Memory>> {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn rulebook(
        &self,
        definition: &Definition,
    ) -> Result<Arc<dyn Rulebook>, DefinitionFaults> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let rulebook = compiled
            .entry(definition.hash())
            .or_insert_with(|| compile(&self.adapters, definition));
        rulebook.clone()
    }
}

/// Compiles a definition by the adapter of its kind.
pub fn compile(
    adapters: &[Arc<dyn Adapter>],
    definition: &Definition,
) -> Result<Arc<dyn Rulebook>, DefinitionFaults> {
    let kind = definition.kind.as_str();
    let mut adapters = adapters.iter();
    match adapters.find(|adapter| adapter.kinds().contains(&kind)) {
        Some(adapter) => adapter.compile(definition),
        None => Err(DefinitionFaults(vec![DefinitionFault {
            path: "$".to_owned(),
            line: None,
            column: None,
            sentence: format!("nothing here works with definitions of the kind {kind}"),
        }])),
    }
}
