//! Reading the ledger: what was concluded, as known at an instant.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use futures_util::future::try_join;
use serde::de::DeserializeOwned;
use varde_xapi::Stored;

use super::entry::{Current, Row};
use super::keys::{self, Key};
use super::{Group, LedgerId, LedgerRow, Progress};
use crate::Caller;
use crate::audit::{Audit, Told};
use crate::definitions::{Definition, DefinitionBook, DefinitionHash, DefinitionRecord};
use crate::ports::{Collection, KeyRange, Position, Record, Records, StatementLog, StoreError};
use crate::registers::{Entity, NaturalKey};

/// How many rows are read from the store at a time where one stretch is read.
const ROWS_AT_A_TIME: usize = 1_000;
/// How many stretches are read with one question.
const STRETCHES_AT_A_TIME: usize = 500;
/// The fewest rows that are read of each at a time.
const ROWS_OF_EACH: usize = 50;

/// One definition's ledger as known at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The definition.
    pub definition: Definition,
    /// Its identity.
    pub hash: DefinitionHash,
    /// The generation of its ledger that is read.
    ledger: LedgerId,
    /// The instant that answers are as of: the one asked for, or `complete_through` if earlier.
    pub known_at: Stored,
    /// Everything stored up to this instant is in the ledger.
    pub complete_through: Stored,
    /// Since when no entry came or went, as far as it is noted.
    changed: Option<Stored>,
}

impl Snapshot {
    /// Tells whether both show the same entries, whatever else became known between them.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        let earlier = self.known_at.min(other.known_at);
        let is_unchanged = |one: &Self| one.changed.is_some_and(|changed| changed <= earlier);
        self.ledger == other.ledger
            && (self.known_at == other.known_at || is_unchanged(self) && is_unchanged(other))
    }
}

/// The groups of one stage of a ledger whose keys begin alike.
#[derive(Debug, Clone)]
pub struct Stretch<'a> {
    /// The ledger.
    pub snapshot: &'a Snapshot,
    /// The stage.
    pub stage: u8,
    /// How the keys begin.
    pub prefix: String,
}

/// Where the log ends.
#[derive(Debug, Clone, Copy)]
struct End {
    through: Stored,
    head: Position,
}

impl End {
    /// Returns the instant up to which a ledger is complete: the log's own when the runner stands
    /// at its head, else that of the last event carried over.
    fn complete_through(self, progress: Progress) -> Stored {
        if progress.position >= self.head {
            self.through
        } else {
            progress.stored
        }
    }
}

/// Reads the ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    definitions: DefinitionBook,
    audit: Audit,
}

impl Ledger {
    /// Reads the ledger of one store.
    pub fn new(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) -> Self {
        let definitions = DefinitionBook::new(Arc::clone(&records));
        let audit = Audit::new(Arc::clone(&records));
        Self {
            log,
            records,
            definitions,
            audit,
        }
    }

    /// Returns a snapshot of each current definition of a kind, in the order of their ids.
    pub async fn current(
        &self,
        kind: &str,
        known_at: Option<Stored>,
    ) -> Result<Vec<Snapshot>, StoreError> {
        let end = self.end().await?;
        let records = self.definitions.current(kind).await?;
        self.snapshots(end, records, known_at).await
    }

    /// Returns a snapshot of one definition, current or not.
    pub async fn snapshot(
        &self,
        record: DefinitionRecord,
        known_at: Option<Stored>,
    ) -> Result<Snapshot, StoreError> {
        let end = self.end().await?;
        let mut snapshots = self.snapshots(end, vec![record], known_at).await?;
        snapshots.pop().ok_or(StoreError::Busy)
    }

    async fn snapshots(
        &self,
        end: End,
        records: Vec<DefinitionRecord>,
        known_at: Option<Stored>,
    ) -> Result<Vec<Snapshot>, StoreError> {
        let ledgers: Vec<_> = records.iter().map(DefinitionRecord::ledger).collect();
        let progress = Progress::each(&*self.records, &ledgers).await?;
        let each = records.into_iter().zip(ledgers).zip(progress);
        let each = each.map(|((record, ledger), (progress, _))| {
            let complete_through = end.complete_through(progress);
            Snapshot {
                hash: record.definition.hash(),
                definition: record.definition,
                ledger,
                known_at: known_at.map_or(complete_through, |asked| asked.min(complete_through)),
                complete_through,
                changed: progress.changed,
            }
        });
        let snapshots: Vec<_> = each.collect();
        self.check(snapshots.iter()).await?;
        Ok(snapshots)
    }

    /// Checks that what was read of ledgers is whole. It is not when a new generation has taken the
    /// place of one, for then the old one is being removed: [`StoreError::Busy`], and who asks
    /// again is answered from the new one.
    async fn check<'a>(
        &self,
        snapshots: impl Iterator<Item = &'a Snapshot>,
    ) -> Result<(), StoreError> {
        let read: BTreeMap<_, _> = snapshots.map(|read| (read.hash, read.ledger)).collect();
        let hashes: Vec<_> = read.keys().copied().collect();
        let records = self.definitions.each(&hashes).await?;
        let is_whole = |(record, read): (&Option<DefinitionRecord>, &LedgerId)| {
            record
                .as_ref()
                .is_some_and(|record| record.ledger() == *read)
        };
        if records.iter().zip(read.values()).all(is_whole) {
            Ok(())
        } else {
            Err(StoreError::Busy)
        }
    }

    /// Returns the rows of one stage whose group key begins with a prefix, as known at the
    /// snapshot's instant and as far as the caller reads their projects, in the order of group and
    /// entry keys.
    pub async fn rows(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        stage: u8,
        prefix: &str,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let prefix = prefix.to_owned();
        let stretch = Stretch {
            snapshot,
            stage,
            prefix,
        };
        self.rows_of(caller, &[stretch]).await
    }

    /// Returns the rows of several stretches as [`Ledger::rows`] does, in the order of the
    /// stretches, with their bodies read. However many stretches there are, it takes few questions.
    pub async fn rows_of<B: DeserializeOwned>(
        &self,
        caller: &Caller,
        stretches: &[Stretch<'_>],
    ) -> Result<Vec<LedgerRow<B>>, StoreError> {
        let keep = |row: &Row<B>| caller.projects.contains(&row.entry.project);
        self.read(stretches, keep).await
    }

    /// Returns the groups of a stage that ever looked an entity up in the registers, by themselves
    /// or by one of their facts, whatever became of them since.
    pub async fn askers(
        &self,
        snapshot: &Snapshot,
        stage: u8,
        entity: &Entity,
    ) -> Result<Vec<Group>, StoreError> {
        let key = Key::of(snapshot.ledger).natural(NaturalKey::of(entity));
        let mut range = KeyRange {
            prefix: key.byte(stage).bytes(),
            after: None,
            limit: ROWS_AT_A_TIME,
        };
        let mut groups = Vec::new();
        loop {
            let records = self.records.range(keys::ASKED, &range).await?;
            let found = records.iter();
            groups.extend(found.filter_map(|record| keys::asker(&record.key, &record.value)));
            let full = records.len() >= range.limit;
            match records.into_iter().next_back() {
                Some(last) if full => range.after = Some(last.key),
                _ => break,
            }
        }
        self.check([snapshot].into_iter()).await?;
        Ok(groups)
    }

    /// Notes in the audit log what a caller is about to be told of persons. What cannot be noted
    /// must not be told.
    pub async fn told(&self, caller: &Caller, told: &Told) -> Result<(), StoreError> {
        let at = self.log.consistent_through().await?;
        self.audit.add(at, caller, told).await
    }

    /// Returns every row that ever was under a prefix, in the order of group, entry and
    /// known-from.
    pub async fn history(
        &self,
        snapshot: &Snapshot,
        stage: u8,
        prefix: &str,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let stretch = Stretch {
            snapshot,
            stage,
            prefix: prefix.to_owned(),
        };
        // What ends in between is read twice rather than not at all.
        let mut rows: BTreeMap<(Vec<u8>, Stored), Row> = BTreeMap::new();
        for record in self.all(keys::ENTRY, &stretch).await? {
            if let Current::Row(row) = Current::read(&record.key, &record.value)? {
                rows.insert((record.key, row.known_from), row);
            }
        }
        for mut record in self.all(keys::ENDED, &stretch).await? {
            let row = Row::read(&record.key, &record.value)?;
            keys::cut_instant(&mut record.key);
            rows.insert((record.key, row.known_from), row);
        }
        self.check([snapshot].into_iter()).await?;
        let rows = rows.into_values().filter(|row| stretch.has(&row.group));
        let definition = snapshot.definition.name();
        Ok(rows.map(|row| row.of(&definition, snapshot.hash)).collect())
    }

    /// Returns the records of a stretch.
    async fn all(
        &self,
        collection: Collection,
        stretch: &Stretch<'_>,
    ) -> Result<Vec<Record>, StoreError> {
        let mut range = stretch.range(None, ROWS_AT_A_TIME);
        let mut all = Vec::new();
        loop {
            let page = self.records.range(collection, &range).await?;
            let full = page.len() >= range.limit;
            all.extend(page);
            match all.last() {
                Some(last) if full => range.after = Some(last.key.clone()),
                _ => return Ok(all),
            }
        }
    }

    /// Returns the rows of stretches that were known at their snapshots' instants and are to be kept.
    async fn read<B: DeserializeOwned>(
        &self,
        stretches: &[Stretch<'_>],
        keep: impl Fn(&Row<B>) -> bool,
    ) -> Result<Vec<LedgerRow<B>>, StoreError> {
        let mut rows: Vec<Vec<LedgerRow<B>>> = stretches.iter().map(|_| Vec::new()).collect();
        let mut waiting = (0..).zip(stretches).map(Reading::of).collect();
        let mut pages = self.pages(&mut waiting).await?;
        while !pages.is_empty() {
            // The store looks for the next ones while these are read.
            let read = async {
                for Page { of, stretch, found } in pages {
                    let found = self.known(stretch, found).await?.into_iter();
                    let (definition, hash) =
                        (stretch.snapshot.definition.name(), stretch.snapshot.hash);
                    let kept = found.filter(|row| stretch.has(&row.group) && keep(row));
                    if let Some(rows) = rows.get_mut(of) {
                        rows.extend(kept.map(|row| row.of(&definition, hash)));
                    }
                }
                Ok(())
            };
            (pages, ()) = try_join(self.pages(&mut waiting), read).await?;
        }
        self.check(stretches.iter().map(|stretch| stretch.snapshot))
            .await?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Takes one more page each of stretches that are waiting; those that have more wait again.
    async fn pages<'a>(
        &self,
        waiting: &mut VecDeque<Reading<'a>>,
    ) -> Result<Vec<Page<'a>>, StoreError> {
        let number = waiting.len().min(STRETCHES_AT_A_TIME);
        let limit = (ROWS_AT_A_TIME / number.max(1)).max(ROWS_OF_EACH);
        let now: Vec<_> = waiting.drain(..number).collect();
        let ranges = now.iter().map(|reading| {
            let range = reading.stretch.range(reading.after.clone(), limit);
            (keys::ENTRY, range)
        });
        let found = match ranges.collect::<Vec<_>>() {
            nothing if nothing.is_empty() => Vec::new(),
            ranges => self.records.ranges(ranges).await?,
        };
        let pages = now.into_iter().zip(found).map(|(mut reading, found)| {
            let Reading { of, stretch, .. } = reading;
            // A page that is not full is the last.
            if let Some(last) = found.last().filter(|_| found.len() >= limit) {
                reading.after = Some(last.key.clone());
                waiting.push_back(reading);
            }
            Page { of, stretch, found }
        });
        Ok(pages.collect())
    }

    /// Reads the rows of entries as known at a stretch's instant: in the place of what came since, what
    /// it ended.
    async fn known<B: DeserializeOwned>(
        &self,
        stretch: &Stretch<'_>,
        page: Vec<Record>,
    ) -> Result<Vec<Row<B>>, StoreError> {
        let known_at = stretch.snapshot.known_at;
        let (mut rows, mut asked) = (Vec::with_capacity(page.len()), Vec::new());
        for record in page {
            let row = match Current::read(&record.key, &record.value)? {
                Current::Row(row) if row.known_from <= known_at => Some(row),
                Current::NoneSince(since) if since <= known_at => continue,
                Current::Row(_) | Current::NoneSince(_) => {
                    asked.push((keys::ENDED, keys::ended_after(record.key, known_at)));
                    None
                }
            };
            rows.push(row);
        }
        if asked.is_empty() {
            return Ok(rows.into_iter().flatten().collect());
        }
        let mut ended = self.records.ranges(asked).await?.into_iter();
        let mut known = Vec::with_capacity(rows.len());
        for row in rows {
            let row = match row {
                Some(row) => Some(row),
                None => match ended.next().and_then(|found| found.into_iter().next()) {
                    Some(record) => Some(Row::read(&record.key, &record.value)?),
                    None => None,
                },
            };
            known.extend(row.filter(|row| row.known_at(known_at)));
        }
        Ok(known)
    }

    async fn end(&self) -> Result<End, StoreError> {
        // Asked first: what is appended after this lies beyond it.
        let through = self.log.consistent_through().await?;
        let head = self.log.head().await?;
        Ok(End { through, head })
    }
}

impl Stretch<'_> {
    /// Returns the range of the records behind a key.
    fn range(&self, after: Option<Vec<u8>>, limit: usize) -> KeyRange {
        KeyRange {
            prefix: keys::entries_of_prefix(self.snapshot.ledger, self.stage, &self.prefix),
            after,
            limit,
        }
    }

    /// Tells whether a group is in it: long keys may begin alike in the store without doing so.
    fn has(&self, group: &Group) -> bool {
        group.key.starts_with(&self.prefix)
    }
}

/// A stretch of which a part is read.
struct Reading<'a> {
    /// Its place among the stretches.
    of: usize,
    stretch: &'a Stretch<'a>,
    /// The last key that was read.
    after: Option<Vec<u8>>,
}

impl<'a> Reading<'a> {
    fn of((of, stretch): (usize, &'a Stretch<'a>)) -> Self {
        Self {
            of,
            stretch,
            after: None,
        }
    }
}

/// Some records of a stretch, one behind the other.
struct Page<'a> {
    /// The stretch's place among the stretches.
    of: usize,
    stretch: &'a Stretch<'a>,
    found: Vec<Record>,
}
