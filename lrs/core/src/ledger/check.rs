//! Builds a ledger again in another place and compares it with the one in the store.
//!
//! Neither is ever in memory as a whole: the one that is built again stands in records that the
//! caller gives, and the two are read side by side in the order of their keys.

use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::sync::Arc;

use serde_json::Value;
use varde_xapi::Stored;

use super::entry::{Current, Row};
use super::keys::{self, Key, LedgerId};
use super::shadow::Shadow;
use super::{Adapter, Group, Progress, Runner, RunnerError};
use crate::definitions::DefinitionRecord;
use crate::ports::{Collection, KeyRange, Position, Record, Records, StatementLog, StoreError};
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
            let place = match (kept.peek().await?, rebuilt.peek().await?) {
                (None, None) => return Ok(()),
                (Some(one), Some(other)) => one.min(other),
                (Some(only), None) | (None, Some(only)) => only,
            };
            let again = rebuilt.take(&place).await?;
            let mut found = kept.take(&place).await?;
            if found.is_none() && again.is_some() {
                // It may have ended after the ended rows here were read.
                found = kept.ended_since(&place).await?;
            }
            self.compared.rows += usize::from(again.is_some());
            self.row(found, again);
        }
    }

    /// Compares what is at one place.
    fn row(&mut self, kept: Option<Row>, again: Option<Row>) {
        let through = self.compared.through.stored;
        match (kept.map(|row| as_of(row, through)), again) {
            // Of an event that the ledger took since, or is taking.
            (Some(kept), None) if kept.known_from > through => {}
            (Some(kept), None) => self.note(kept, Wrong::Surplus),
            (Some(kept), Some(again)) if kept == again => {}
            (Some(kept), Some(_)) => self.note(kept, Wrong::Changed),
            (None, Some(again)) => self.note(again, Wrong::Missing),
            (None, None) => {}
        }
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

/// The place of a row among all of its ledger: its entry's key, and since when it was known.
type Place = (Vec<u8>, Stored);

/// The rows of a ledger in the order of their places, of which a few at a time are at hand.
struct Rows<'a> {
    current: Pages<'a>,
    ended: Pages<'a>,
}

impl<'a> Rows<'a> {
    fn of(records: &'a dyn Records, ledger: LedgerId) -> Self {
        Self {
            current: Pages::of(records, keys::ENTRY, ledger),
            ended: Pages::of(records, keys::ENDED, ledger),
        }
    }

    /// Returns the place of the next row.
    async fn peek(&mut self) -> Result<Option<Place>, StoreError> {
        loop {
            let ended = self.ended.peek().await?.map(|(place, _)| place.clone());
            let Some((place, row)) = self.current.peek().await? else {
                return Ok(ended);
            };
            let place = place.clone();
            match (row, ended) {
                (Some(_), Some(ended)) => return Ok(Some(place.min(ended))),
                (Some(_), None) => return Ok(Some(place)),
                // It stands until what ended before it is read.
                (None, Some(ended)) if ended.0 <= place.0 => return Ok(Some(ended)),
                (None, _) => self.current.page.pop_front(),
            };
        }
    }

    /// Returns the row of a place, if it is the next. One that ended while it was read is in both.
    /// One that has ended is found by its entry's record only.
    async fn take(&mut self, place: &Place) -> Result<Option<Row>, StoreError> {
        let next = self.current.peek().await?;
        let has_entry = next.is_some_and(|((entry, _), _)| *entry == place.0);
        let current = self.current.take(place).await?;
        let ended = self.ended.take(place).await?;
        Ok(ended.filter(|_| has_entry).or(current))
    }

    /// Asks the store itself for a row that has ended.
    async fn ended_since(&self, (entry, known_from): &Place) -> Result<Option<Row>, StoreError> {
        let records = self.ended.records;
        let has_entry = records.get(keys::ENTRY, entry).await?.is_some();
        let range = keys::ended_after(entry.clone(), *known_from);
        let found = records.range(keys::ENDED, &range).await?;
        let row = found.first();
        let row = row.map(|record| Row::read(&record.key, &record.value));
        let row = row.transpose()?;
        Ok(row.filter(|row| has_entry && row.known_from == *known_from))
    }
}

/// One collection of a ledger's rows.
struct Pages<'a> {
    records: &'a dyn Records,
    collection: Collection,
    /// What is still to be read; `None` once everything is.
    range: Option<KeyRange>,
    /// Rows by their places; none where an entry's record says that none holds.
    page: VecDeque<(Place, Option<Row>)>,
}

impl<'a> Pages<'a> {
    fn of(records: &'a dyn Records, collection: Collection, ledger: LedgerId) -> Self {
        let range = KeyRange {
            prefix: Key::of(ledger).bytes(),
            after: None,
            limit: ROWS_AT_A_TIME,
        };
        Self {
            records,
            collection,
            range: Some(range),
            page: VecDeque::new(),
        }
    }

    async fn peek(&mut self) -> Result<Option<&(Place, Option<Row>)>, StoreError> {
        while self.page.is_empty()
            && let Some(mut range) = self.range.take()
        {
            let records = self.records.range(self.collection, &range).await?;
            if let Some(last) = records.last() {
                range.after = Some(last.key.clone());
                self.range = Some(range);
            }
            for record in records {
                self.page.push_back(placed(self.collection, record)?);
            }
        }
        Ok(self.page.front())
    }

    async fn take(&mut self, place: &Place) -> Result<Option<Row>, StoreError> {
        let next = self.peek().await?;
        if next.is_none_or(|(next, _)| next != place) {
            return Ok(None);
        }
        Ok(self.page.pop_front().and_then(|(_, row)| row))
    }
}

fn placed(collection: Collection, mut record: Record) -> Result<(Place, Option<Row>), StoreError> {
    if collection == keys::ENDED {
        keys::cut_instant(&mut record.key);
    }
    Ok(match Current::<Value>::read(&record.key, &record.value)? {
        Current::Row(row) => ((record.key, row.known_from), Some(row)),
        Current::NoneSince(since) => ((record.key, since), None),
    })
}

/// Returns a row as it was when the ledger had come so far.
fn as_of(mut row: Row, through: Stored) -> Row {
    row.known_to = row.known_to.filter(|to| *to <= through);
    row
}
