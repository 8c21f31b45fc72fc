//! Builds a ledger again in another place and compares it with the one in the store.
//!
//! Neither is ever in memory as a whole: the one that is built again stands in records that the
//! caller gives, and the two are read side by side in the order of their keys.

use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::sync::Arc;

use varde_xapi::Stored;

use super::entry::Row;
use super::keys::{self, Key, LedgerId};
use super::shadow::Shadow;
use super::workspace::parse;
use super::{Adapter, Group, Progress, Runner, RunnerError};
use crate::definitions::DefinitionRecord;
use crate::ports::{KeyRange, Position, Record, Records, StatementLog, StoreError};
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
pub struct Compared {
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
pub struct LedgerCheck {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    registers: Arc<RegisterBook>,
    adapters: Vec<Arc<dyn Adapter>>,
    scratch: Arc<dyn Records>,
}

impl LedgerCheck {
    /// Prepares the comparison of a store's ledgers, which are built again in `scratch`: records
    /// that nobody else uses, and that hold nothing of ledgers or what this left there.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        registers: Arc<RegisterBook>,
        adapters: Vec<Arc<dyn Adapter>>,
        scratch: Arc<dyn Records>,
    ) -> Self {
        Self {
            log,
            records,
            registers,
            adapters,
            scratch,
        }
    }

    /// Builds a definition's ledger again, as far as the store has come, and compares every row;
    /// `watch` is told how many events are done, and of how many. `None` for a definition that no
    /// longer compiles.
    pub async fn compare(
        &self,
        record: &DefinitionRecord,
        mut watch: impl FnMut(u64, u64) + Send,
    ) -> Result<Option<Compared>, RunnerError> {
        let through = Progress::read(&*self.records, record.ledger()).await?;
        let shadow = Shadow {
            store: Arc::clone(&self.records),
            scratch: Arc::clone(&self.scratch),
            ledgers: vec![record.ledger()],
        };
        let runner = Runner::new(
            Arc::clone(&self.log),
            Arc::new(shadow),
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
        let mut sides = Sides {
            definition: record.definition.name(),
            compared: Compared {
                through,
                rows: 0,
                found: 0,
                differences: Vec::new(),
            },
        };
        let kept = Rows::of(&*self.records, record.ledger());
        let rebuilt = Rows::of(&*self.scratch, record.ledger());
        sides.lay(kept, rebuilt).await?;
        Ok(Some(sides.compared))
    }
}

/// Two ledgers side by side.
struct Sides {
    definition: String,
    compared: Compared,
}

impl Sides {
    async fn lay(&mut self, mut kept: Rows<'_>, mut rebuilt: Rows<'_>) -> Result<(), StoreError> {
        loop {
            let (one, other) = (kept.peek().await?, rebuilt.peek().await?);
            let (in_store, in_log) = match (one, other) {
                (None, None) => return Ok(()),
                (Some(one), Some(other)) => (one <= other, other <= one),
                (one, other) => (one.is_some(), other.is_some()),
            };
            let kept = if in_store { kept.take() } else { None };
            let again = if in_log { rebuilt.take() } else { None };
            self.compared.rows += usize::from(again.is_some());
            self.row(kept, again)?;
        }
    }

    /// Compares what is at one key.
    fn row(&mut self, kept: Option<Record>, again: Option<Record>) -> Result<(), StoreError> {
        let through = self.compared.through.stored;
        let kept: Option<Row> = kept.map(|record| parse(&record.value)).transpose()?;
        let again: Option<Row> = again.map(|record| parse(&record.value)).transpose()?;
        match (kept.map(|row| as_of(row, through)), again) {
            // Of an event that the ledger took since, or is taking.
            (Some(kept), None) if kept.known_from > through => {}
            (Some(kept), None) => self.note(kept, Wrong::Surplus),
            (Some(kept), Some(again)) if kept == again => {}
            (Some(kept), Some(_)) => self.note(kept, Wrong::Changed),
            (None, Some(again)) => self.note(again, Wrong::Missing),
            (None, None) => {}
        }
        Ok(())
    }

    fn note(&mut self, row: Row, what: Wrong) {
        self.compared.found += 1;
        if self.compared.differences.len() < TOLD_MAX {
            self.compared.differences.push(Difference {
                definition: self.definition.clone(),
                group: row.group,
                entry: row.entry.key,
                known_from: row.known_from,
                what,
            });
        }
    }
}

/// The rows of a ledger in the order of their keys, of which a few at a time are at hand.
struct Rows<'a> {
    records: &'a dyn Records,
    /// What is still to be read; `None` once everything is.
    range: Option<KeyRange>,
    page: VecDeque<Record>,
}

impl<'a> Rows<'a> {
    fn of(records: &'a dyn Records, ledger: LedgerId) -> Self {
        let range = KeyRange {
            prefix: Key::of(ledger).bytes(),
            after: None,
            limit: ROWS_AT_A_TIME,
        };
        Self {
            records,
            range: Some(range),
            page: VecDeque::new(),
        }
    }

    /// Returns the key of the next row.
    async fn peek(&mut self) -> Result<Option<&Vec<u8>>, StoreError> {
        if self.page.is_empty()
            && let Some(mut range) = self.range.take()
        {
            self.page = self.records.range(keys::ENTRY, &range).await?.into();
            if let Some(last) = self.page.back() {
                range.after = Some(last.key.clone());
                self.range = Some(range);
            }
        }
        Ok(self.page.front().map(|record| &record.key))
    }

    fn take(&mut self) -> Option<Record> {
        self.page.pop_front()
    }
}

/// Returns a row as it was when the ledger had come so far.
fn as_of(mut row: Row, through: Stored) -> Row {
    row.known_to = row.known_to.filter(|to| *to <= through);
    row
}
