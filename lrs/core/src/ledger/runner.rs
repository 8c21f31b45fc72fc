//! Carries the log into the ledger, one step at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_xapi::Stored;

use super::keys::{self, Key};
use super::settling::Settling;
use super::workspace::Workspace;
use super::{Adapter, Rulebook};
use crate::definitions::{Definition, DefinitionBook, DefinitionFaults, DefinitionHash, State};
use crate::ports::{CommitError, Expected, LogEvent, Position, Records, StatementLog, StoreError};
use crate::registers::RegisterBook;

/// The most events one step takes.
const EVENTS_PER_STEP: u64 = 500;

/// How far a definition's ledger has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last event carried over whole.
    pub position: Position,
    /// That event's `stored`; the epoch when there is none.
    pub stored: Stored,
}

impl Progress {
    const START: Self = Self {
        position: Position(0),
        stored: Stored(0),
    };

    pub(super) async fn read(
        records: &dyn Records,
        hash: DefinitionHash,
    ) -> Result<Self, StoreError> {
        Ok(Self::versioned(records, hash).await?.0)
    }

    async fn versioned(
        records: &dyn Records,
        hash: DefinitionHash,
    ) -> Result<(Self, Expected), StoreError> {
        match records.get(keys::PROGRESS, &hash.0).await? {
            Some(record) => {
                let progress = super::workspace::parse(&record.value)?;
                Ok((progress, Expected::Version(record.version)))
            }
            None => Ok((Self::START, Expected::Absent)),
        }
    }
}

/// Why a step failed. What it had committed stays and is continued from.
#[derive(Debug, Error)]
pub enum RunnerError {
    /// Another runner moved the same ledger.
    #[error("another runner is carrying the log into this ledger")]
    Raced,
    /// A definition that was installed no longer compiles.
    #[error("the definition {name} no longer compiles: {faults}")]
    Definition {
        /// `id@version`.
        name: String,
        /// What is wrong with it now.
        faults: DefinitionFaults,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CommitError> for RunnerError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict { .. } => Self::Raced,
            CommitError::Store(error) => Self::Store(error),
            too_large @ CommitError::TooLarge { .. } => Self::Store(StoreError::failed(too_large)),
        }
    }
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It carried events or made definitions current; another step may find more.
    Worked,
    /// Every ledger stands at the head of the log.
    Idle,
}

/// Definitions whose ledgers stand at the same place and move on together.
struct Cohort {
    from: Position,
    /// Where the next cohort stands, which this one must not pass.
    until: Option<Position>,
    members: Vec<Member>,
}

struct Member {
    definition: Definition,
    hash: DefinitionHash,
    state: State,
    progress: Progress,
    expected: Expected,
}

/// Carries the log into the ledgers of all definitions. One runner works on a store at a time;
/// a second one is noticed and stops with [`RunnerError::Raced`].
#[derive(Debug)]
pub struct Runner {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    registers: RegisterBook,
    definitions: DefinitionBook,
    adapters: Vec<Arc<dyn Adapter>>,
    compiled: Mutex<BTreeMap<DefinitionHash, Arc<dyn Rulebook>>>,
}

impl Runner {
    /// Makes the runner of a store.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        adapters: Vec<Arc<dyn Adapter>>,
    ) -> Self {
        Self {
            registers: RegisterBook::new(Arc::clone(&log), Arc::clone(&records)),
            definitions: DefinitionBook::new(Arc::clone(&records)),
            log,
            records,
            adapters,
            compiled: Mutex::default(),
        }
    }

    /// Takes one step: the ledgers furthest behind take up to 500 events.
    pub async fn step(&self) -> Result<Step, RunnerError> {
        let Some(cohort) = self.hindmost().await? else {
            return Ok(Step::Idle);
        };
        let room = cohort
            .until
            .map_or(EVENTS_PER_STEP, |until| until.0 - cohort.from.0);
        let limit = usize::try_from(room.min(EVENTS_PER_STEP)).unwrap_or(1);
        let events = self.log.follow(cohort.from, limit).await?;
        if events.is_empty() {
            return self.activate(&cohort).await;
        }
        self.carry(cohort, &events).await?;
        Ok(Step::Worked)
    }

    /// Steps until every ledger stands at the head of the log.
    pub async fn catch_up(&self) -> Result<(), RunnerError> {
        while self.step().await? == Step::Worked {}
        Ok(())
    }

    /// Waits until the log holds more than the ledgers do.
    pub async fn rest(&self) -> Result<(), StoreError> {
        let beyond = match self.hindmost().await? {
            Some(cohort) => cohort.from,
            None => self.log.head().await?,
        };
        self.log.grown(beyond).await
    }

    /// Returns how many events the ledger furthest behind has yet to take.
    pub async fn lag(&self) -> Result<u64, StoreError> {
        let head = self.log.head().await?;
        let from = self.hindmost().await?.map_or(head, |cohort| cohort.from);
        Ok(head.0.saturating_sub(from.0))
    }

    async fn hindmost(&self) -> Result<Option<Cohort>, StoreError> {
        let mut members = Vec::new();
        for record in self.definitions.all().await? {
            if record.state != State::Superseded {
                let hash = record.definition.hash();
                let (progress, expected) = Progress::versioned(&*self.records, hash).await?;
                let (definition, state) = (record.definition, record.state);
                members.push(Member {
                    definition,
                    hash,
                    state,
                    progress,
                    expected,
                });
            }
        }
        let Some(from) = members.iter().map(|member| member.progress.position).min() else {
            return Ok(None);
        };
        let ahead = members.iter().map(|member| member.progress.position);
        let until = ahead.filter(|position| *position > from).min();
        members.retain(|member| member.progress.position == from);
        Ok(Some(Cohort {
            from,
            until,
            members,
        }))
    }

    async fn activate(&self, cohort: &Cohort) -> Result<Step, RunnerError> {
        let mut step = Step::Idle;
        for member in cohort
            .members
            .iter()
            .filter(|member| member.state == State::Installed)
        {
            self.definitions.activate(member.hash).await?;
            step = Step::Worked;
        }
        Ok(step)
    }

    async fn carry(&self, cohort: Cohort, events: &[LogEvent]) -> Result<(), RunnerError> {
        // Refreshed after the events were read, so that every row they bring is known.
        let registers = self.registers.refresh().await?;
        let mut workspace = Workspace::new(Arc::clone(&self.records));
        let mut members = Vec::new();
        for member in cohort.members {
            let key = Key::of(member.hash).bytes();
            workspace.guard(keys::PROGRESS, key, member.expected);
            members.push((self.rulebook(&member.definition)?, member));
        }
        for event in events {
            for (rulebook, member) in &members {
                let mut settling = Settling {
                    hash: member.hash,
                    rulebook: &**rulebook,
                    registers: &registers,
                    log: &*self.log,
                    workspace: &mut workspace,
                    now: event.stored,
                };
                settling.apply(event).await?;
                let progress = Progress {
                    position: event.position,
                    stored: event.stored,
                };
                workspace.put(keys::PROGRESS, Key::of(member.hash).bytes(), &progress)?;
            }
            if workspace.is_full() {
                workspace.flush().await?;
            }
        }
        workspace.flush().await?;
        Ok(())
    }

    fn rulebook(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, RunnerError> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = definition.hash();
        if let Some(rulebook) = compiled.get(&hash) {
            return Ok(Arc::clone(rulebook));
        }
        let rulebook = self.compile(definition)?;
        compiled.insert(hash, Arc::clone(&rulebook));
        Ok(rulebook)
    }

    fn compile(&self, definition: &Definition) -> Result<Arc<dyn Rulebook>, RunnerError> {
        let name = definition.name();
        let kind = definition.kind.as_str();
        match self
            .adapters
            .iter()
            .find(|adapter| adapter.kinds().contains(&kind))
        {
            Some(adapter) => adapter
                .compile(definition)
                .map_err(|faults| RunnerError::Definition { name, faults }),
            None => Err(RunnerError::Definition {
                name,
                faults: DefinitionFaults(Vec::new()),
            }),
        }
    }
}
