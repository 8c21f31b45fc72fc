//! The registers of a store: kept in memory, refreshed from the log, added to in turns.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use super::{PersonId, Registers, Row, logged};
use crate::people::{Identities, IdentityId, IdentityName, PersonKeys};
use crate::ports::{
    Change, Changes, Collection, CommitError, Committed, EventKind, Expected, LogEvent, Position,
    Records, StatementLog, StoreError,
};

/// How many register events are read at a time.
const EVENTS_AT_A_TIME: usize = 100;

/// How often names are resolved again because others were given ids in between.
const TRIES: usize = 5;

/// One record whose version makes imports wait for each other.
const TURN: Collection = Collection("register-turn");
const TURN_KEY: &[u8] = b"registers";

/// The registers of one store, kept in memory and refreshed from the log.
#[derive(Debug)]
pub struct RegisterBook {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    identities: Arc<Identities>,
    known: RwLock<Arc<Registers>>,
}

impl RegisterBook {
    /// Opens the registers of a store; they are read at the first refresh.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        identities: Arc<Identities>,
    ) -> Self {
        Self {
            log,
            records,
            identities,
            known: RwLock::default(),
        }
    }

    /// Returns the identities behind the registers.
    pub fn identities(&self) -> &Arc<Identities> {
        &self.identities
    }

    /// Returns the log that the registers are in.
    pub(super) fn log(&self) -> &dyn StatementLog {
        &*self.log
    }

    /// Returns the registers with every row that the log holds now; [`StoreError::Sealed`] while
    /// the key that opens them is missing.
    pub async fn refresh(&self) -> Result<Arc<Registers>, StoreError> {
        let vault = self.identities.vault();
        if vault.is_sealed() {
            return Err(StoreError::Sealed);
        }
        loop {
            let through = self.present().through;
            let events = self
                .log
                .events(EventKind::Registers, through, EVENTS_AT_A_TIME)
                .await?;
            if events.is_empty() {
                return Ok(self.present());
            }
            let keys = vault.keys_of(logged::persons(&events)?).await?;
            self.take_in(&events, &keys)?;
        }
    }

    /// Returns the person whom a pseudonym or the printed id of a person names; `None` for a
    /// pseudonym that nobody has.
    pub async fn person(&self, named: &str) -> Result<Option<PersonId>, StoreError> {
        if let Some(id) = PersonId::parse(named) {
            return Ok(Some(id));
        }
        let pseudonym = IdentityName::pseudonym(named);
        let person = self.identities.find(&pseudonym).await?;
        Ok(person.map(PersonId::registered))
    }

    /// Returns the ids of names. Those that have none yet get one that lasts.
    pub async fn ids_of(
        &self,
        names: BTreeSet<IdentityName>,
    ) -> Result<HashMap<IdentityName, IdentityId>, StoreError> {
        for _ in 0..TRIES {
            let resolved = self.identities.resolve(names.clone()).await?;
            if resolved.new.is_empty() {
                return Ok(resolved.ids);
            }
            let changes = Changes {
                changes: resolved.new,
                events: Vec::new(),
                import: true,
            };
            match self.commit(changes).await {
                Ok(_) => return Ok(resolved.ids),
                // Another gave some of them an id first.
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Store(error)) => return Err(error),
                Err(too_large) => return Err(StoreError::failed(too_large)),
            }
        }
        Err(StoreError::Busy)
    }

    /// Forgets what was rewritten by another process on the same store: erasures behind a position.
    /// Returns the position up to which they are known.
    pub async fn notice_erasures(&self, after: Position) -> Result<Position, StoreError> {
        let head = self.log.head().await?;
        let erased = self.log.events(EventKind::Erasure, after, 1).await?;
        if !erased.is_empty() {
            self.identities.forget_all();
            self.forget();
        }
        Ok(head)
    }

    /// Forgets every row, so that all are read again: some were rewritten.
    pub(crate) fn forget(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Arc::default();
    }

    fn present(&self) -> Arc<Registers> {
        // A poisoned lock holds registers that are whole: an event is read before it is added.
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_in(&self, events: &[LogEvent], keys: &PersonKeys) -> Result<(), StoreError> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Copied only while somebody still looks at the registers as they were.
        let through = known.through;
        let registers = Arc::make_mut(&mut known);
        for event in events.iter().filter(|event| event.position > through) {
            registers.add(event, keys)?;
        }
        Ok(())
    }

    /// Returns what the turn must look like for [`RegisterBook::append`]. Asked for before the
    /// registers are refreshed, so that no row slips in between.
    pub(super) async fn turn(&self) -> Result<Expected, StoreError> {
        let turn = self.records.get(TURN, TURN_KEY).await?;
        Ok(turn.map_or(Expected::Absent, |turn| Expected::Version(turn.version)))
    }

    /// Makes the commit that appends rows as one log event, with new keys for the persons that
    /// have none yet and with the changes that go with the rows.
    pub(super) async fn changes(
        &self,
        rows: Vec<Row>,
        mut changes: Vec<Change>,
        turn: Expected,
    ) -> Result<Changes, StoreError> {
        let vault = self.identities.vault();
        let persons: BTreeSet<_> = rows.iter().filter_map(Row::kept_under).collect();
        // What is added of somebody who is restricted is as closed as the rest.
        let mut keys = vault.all_keys_of(persons.clone()).await?;
        changes.extend(vault.complete(&mut keys, persons)?);
        changes.push(Change {
            collection: TURN,
            key: TURN_KEY.to_vec(),
            value: Some(Vec::new()),
            expected: turn,
        });
        Ok(Changes {
            changes,
            events: vec![logged::event(vault, &keys, rows)?],
            import: true,
        })
    }

    pub(super) async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        self.records.commit(changes).await
    }
}
