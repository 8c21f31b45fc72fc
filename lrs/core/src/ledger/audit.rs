//! Builds a ledger again in memory and compares it with the one in the store.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use varde_xapi::Stored;

use super::entry::Row;
use super::keys::{self, Key, LedgerId};
use super::workspace::parse;
use super::{Adapter, Group, Progress, Runner, RunnerError};
use crate::definitions::DefinitionRecord;
use crate::ports::{
    Changes, Collection, CommitError, Committed, KeyRange, Position, Record, Records, StatementLog,
    StoreError,
};
use crate::registers::RegisterBook;

/// The most differences that are told of one ledger.
const TOLD_MAX: usize = 100;
/// How many rows are read from the store at a time.
const ROWS_AT_A_TIME: usize = 1_000;

/// One place where a ledger is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The definition, `id@version`.
    pub definition: String,
    /// The group.
    pub group: Group,
    /// The entry's key within the group.
    pub entry: String,
    /// The `stored` of the event that brought the row.
    pub known_from: Stored,
    /// What is wrong with it.
    pub what: Wrong,
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The log gives the row, and the store does not have it.
    Missing,
    /// The store has the row, and the log does not give it.
    Surplus,
    /// Both have it, and it says or ends otherwise.
    Changed,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            definition,
            group: Group { stage, key },
            entry,
            known_from,
            ..
        } = self;
        let what = match self.what {
            Wrong::Missing => "is missing",
            Wrong::Surplus => "does not follow from the log",
            Wrong::Changed => "says otherwise than the log",
        };
        let entry = if entry.is_empty() { "" } else { entry };
        write!(
            f,
            "{definition}: group `{key}` of stage {stage}, entry `{entry}`, known from \
             {known_from}: {what}"
        )
    }
}

/// What the comparison of one ledger came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The last event that both were compared by.
    pub through: Progress,
    /// How many rows the log gives.
    pub rows: usize,
    /// How many differ.
    pub found: usize,
    /// The first of them, at most 100.
    pub differences: Vec<Difference>,
}

/// Compares the ledgers of a store with its log. Nothing is written to the store.
#[derive(Debug)]
pub struct Audit {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    registers: Arc<RegisterBook>,
    adapters: Vec<Arc<dyn Adapter>>,
}

impl Audit {
    /// Prepares the comparison of a store's ledgers.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        registers: Arc<RegisterBook>,
        adapters: Vec<Arc<dyn Adapter>>,
    ) -> Self {
        Self {
            log,
            records,
            registers,
            adapters,
        }
    }

    /// Builds a definition's ledger again, as far as the store has come, and compares every row;
    /// `watch` is told how many events are done, and of how many. `None` for a definition that no
    /// longer compiles.
    pub async fn compare(
        &self,
        record: &DefinitionRecord,
        mut watch: impl FnMut(u64, u64) + Send,
    ) -> Result<Option<Audited>, RunnerError> {
        let ledger = record.ledger();
        let through = Progress::read(&*self.records, ledger).await?;
        let shadow = Arc::new(Shadow::over(Arc::clone(&self.records)));
        let runner = Runner::new(
            Arc::clone(&self.log),
            Arc::clone(&shadow) as Arc<dyn Records>,
            Arc::clone(&self.registers),
            self.adapters.clone(),
        );
        let mut at = Position(0);
        while at < through.position {
            let Some(reached) = runner.carry_one(record, through.position).await? else {
                return Ok(None);
            };
            at = reached;
            watch(at.0, through.position.0);
        }
        let rebuilt = shadow.rows(ledger);
        let mut audited = Audited {
            through,
            rows: rebuilt.len(),
            found: 0,
            differences: Vec::new(),
        };
        self.lay_beside(record, rebuilt, &mut audited).await?;
        Ok(Some(audited))
    }

    async fn lay_beside(
        &self,
        record: &DefinitionRecord,
        mut rebuilt: BTreeMap<Vec<u8>, Record>,
        audited: &mut Audited,
    ) -> Result<(), StoreError> {
        let definition = record.definition.name();
        let through = audited.through.stored;
        let mut note = |row: Row, what| {
            audited.found += 1;
            if audited.differences.len() < TOLD_MAX {
                audited.differences.push(Difference {
                    definition: definition.clone(),
                    group: row.group,
                    entry: row.entry.key,
                    known_from: row.known_from,
                    what,
                });
            }
        };
        let mut range = KeyRange {
            prefix: Key::of(record.ledger()).bytes(),
            after: None,
            limit: ROWS_AT_A_TIME,
        };
        loop {
            let page = self.records.range(keys::ENTRY, &range).await?;
            for stored in &page {
                let row = as_of(parse(&stored.value)?, through);
                match rebuilt.remove(&stored.key) {
                    // Of an event that the ledger took since, or is taking.
                    None if row.known_from > through => {}
                    None => note(row, Wrong::Surplus),
                    Some(again) if parse::<Row>(&again.value)? == row => {}
                    Some(_) => note(row, Wrong::Changed),
                }
            }
            match page.into_iter().next_back() {
                Some(last) => range.after = Some(last.key),
                None => break,
            }
        }
        for missing in rebuilt.into_values() {
            note(parse(&missing.value)?, Wrong::Missing);
        }
        Ok(())
    }
}

/// Returns a row as it was when the ledger had come so far.
fn as_of(mut row: Row, through: Stored) -> Row {
    row.known_to = row.known_to.filter(|to| *to <= through);
    row
}

/// Records over those of a store: what is written stays in memory, and ledgers begin empty.
#[derive(Debug)]
struct Shadow {
    store: Arc<dyn Records>,
    own: Mutex<Own>,
}

#[derive(Debug, Default)]
struct Own {
    records: BTreeMap<(Collection, Vec<u8>), Record>,
    commits: u64,
}

impl Shadow {
    fn over(store: Arc<dyn Records>) -> Self {
        let own = Mutex::default();
        Self { store, own }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows(&self, ledger: LedgerId) -> BTreeMap<Vec<u8>, Record> {
        let everything = KeyRange {
            prefix: Key::of(ledger).bytes(),
            after: None,
            limit: usize::MAX,
        };
        let rows = self.own().range(keys::ENTRY, &everything);
        rows.into_iter()
            .map(|record| (record.key.clone(), record))
            .collect()
    }
}

impl Own {
    fn range(&self, collection: Collection, range: &KeyRange) -> Vec<Record> {
        let after = range.after.clone().unwrap_or_default();
        let from = (collection, range.prefix.clone().max(after));
        self.records
            .range(from..)
            .take_while(|((its, key), _)| *its == collection && key.starts_with(&range.prefix))
            .map(|(_, record)| record)
            .filter(|record| range.after.as_ref().is_none_or(|after| record.key > *after))
            .take(range.limit)
            .cloned()
            .collect()
    }
}

#[async_trait]
impl Records for Shadow {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        let own = self.own().records.get(&(collection, key.to_vec())).cloned();
        if own.is_some() || keys::is_of_ledger(collection) {
            return Ok(own);
        }
        self.store.get(collection, key).await
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        if keys::is_of_ledger(collection) {
            return Ok(self.own().range(collection, range));
        }
        self.store.range(collection, range).await
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        let mut own = self.own();
        own.commits += 1;
        let number = own.commits;
        for change in changes.changes {
            let place = (change.collection, change.key.clone());
            match change.value {
                Some(value) => {
                    let record = Record {
                        key: change.key,
                        value,
                        version: number,
                    };
                    own.records.insert(place, record);
                }
                None => {
                    own.records.remove(&place);
                }
            }
        }
        Ok(Committed {
            number,
            events: Vec::new(),
        })
    }
}
