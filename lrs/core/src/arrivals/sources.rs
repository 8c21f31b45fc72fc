//! The keys that statements come by, with what was counted of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::Date;
use thiserror::Error;
use varde_xapi::Stored;

use super::counts::{Month, Seen, day, month_of, month_prefix, seen_space};
use super::table::{Source, SourceDay, SourceRepeats, SourceTable};
use super::{Arrivals, Counts, MONTHS, REPEATS, Rhythm, SEEN};
use crate::keys::{Key, Keys};
use crate::ports::{Collection, KeyRange, Position, Record, Records, StatementLog, StoreError};
use crate::statements::Repeats;
use crate::{Caller, Clock, Forbidden, KeyId, Need, Space};

/// The most days of a window.
pub const WINDOW_DAYS_MAX: i32 = 366;
/// How many days a window has where nobody says otherwise, the present one among them.
const WINDOW_DAYS: i64 = 30;
/// The most spaces that one key sends into: its own, and the test space of its project.
const SPACES_MAX: usize = 100;
/// The most months of a window, in part or whole.
const MONTHS_MAX: usize = 14;
/// The most repeats that a page holds.
const REPEATS_PER_PAGE: usize = 50;
/// How often a page goes on where everything that it finds was erased since.
const RANGES_PER_PAGE: usize = 20;

/// Days that what came in is told of, first and last among them, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    from: Date,
    to: Date,
}

impl Window {
    /// Makes a window of 1 to 366 days; `None` where they are fewer or more.
    pub fn new(from: Date, to: Date) -> Option<Self> {
        let days = from.until(to).ok()?.get_days();
        (0..WINDOW_DAYS_MAX)
            .contains(&days)
            .then_some(Self { from, to })
    }

    /// Makes a window of a first and a last day, as far as they are given: else it ends on the present
    /// day, and has 30 days.
    pub fn given(from: Option<Date>, to: Option<Date>, now: Stored) -> Option<Self> {
        let to = to.unwrap_or_else(|| day(now));
        let first = || to.saturating_sub((WINDOW_DAYS - 1).days());
        Self::new(from.unwrap_or_else(first), to)
    }

    /// Returns its first day.
    pub fn first(self) -> Date {
        self.from
    }

    /// Returns its last day.
    pub fn last(self) -> Date {
        self.to
    }
}

/// What is asked of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceQuery {
    /// Only the key of this name.
    pub name: Option<String>,
    /// Of which days.
    pub window: Window,
}

/// Why sources were not told of.
#[derive(Debug, Error)]
pub enum SourcesError {
    /// The caller may not review statements.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The caller sees no key of that name.
    #[error("no source has this name")]
    Absent,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells of the keys that statements come by.
#[derive(Debug, Clone)]
pub struct Sources {
    arrivals: Arrivals,
    records: Arc<dyn Records>,
    keys: Arc<Keys>,
    repeats: Repeats,
    clock: Arc<dyn Clock>,
    silent_hours: u32,
}

impl Sources {
    /// Works on one store. A front end that is let in no more for `silent_hours` is silent.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        keys: Arc<Keys>,
        clock: Arc<dyn Clock>,
        silent_hours: u32,
    ) -> Self {
        Self {
            arrivals: Arrivals::new(Arc::clone(&log), Arc::clone(&records)),
            repeats: Repeats::new(log, Arc::clone(&records)),
            records,
            keys,
            clock,
            silent_hours,
        }
    }

    /// Returns the sources of the caller's projects and spaces in the order of their names, one of each
    /// key and space: keys that may send statements, and those that did in the window.
    pub async fn list(
        &self,
        caller: &Caller,
        query: &SourceQuery,
    ) -> Result<SourceTable, SourcesError> {
        caller.may(Need::ReviewStatements)?;
        let complete_through = self.arrivals.complete_through().await?;
        let keys = self.keys_of(caller, query.name.as_deref()).await?;
        let counted = self.counted(&keys, query.window).await?;
        let mut sources = Vec::new();
        for (key, counted) in keys.iter().zip(counted) {
            for (space, counted) in counted.by_space(key, query.name.is_some()) {
                if is_seen(caller, &space) {
                    sources.push(self.source(key, space, counted, query.window).await?);
                }
            }
        }
        let (from, to) = (query.window.from, query.window.to);
        Ok(SourceTable::new((from, to), complete_through, sources))
    }

    /// Returns the newest repeats that a source sent, up to 50, behind the last of another page; there may be
    /// fewer on a page that is not the last.
    pub async fn repeats(
        &self,
        caller: &Caller,
        name: &str,
        after: Option<Position>,
    ) -> Result<SourceRepeats, SourcesError> {
        caller.may(Need::ReviewStatements)?;
        let keys = self.keys_of(caller, Some(name)).await?;
        let key = keys.first().ok_or(SourcesError::Absent)?;
        let mut range = KeyRange {
            prefix: key.id.0.as_bytes().to_vec(),
            after: after.map(|after| super::repeat_key(key.id, after)),
            limit: REPEATS_PER_PAGE,
        };
        let mut repeats = Vec::new();
        for _ in 0..RANGES_PER_PAGE {
            let page = self.records.range(REPEATS, &range).await?;
            for record in &page {
                // What was erased since is no repeat any more, and nothing is told of spaces that are not
                // read, though they are of a project whose results are.
                if let Some(repeat) = self.repeats.at(position(&record.key)?).await?
                    && caller.reads.contains(&repeat.space)
                {
                    repeats.push(repeat);
                }
            }
            range.after = page.last().map(|last| last.key.clone());
            if range.after.is_none() || page.len() < REPEATS_PER_PAGE {
                return Ok(SourceRepeats {
                    repeats,
                    next: None,
                });
            }
            if !repeats.is_empty() {
                break;
            }
        }
        let next = range.after.as_deref().map(position).transpose()?;
        Ok(SourceRepeats { repeats, next })
    }

    /// Returns the keys that may be told to a caller, by their names.
    async fn keys_of(&self, caller: &Caller, name: Option<&str>) -> Result<Vec<Key>, StoreError> {
        let mut keys: Vec<Key> = match name {
            Some(name) => self.keys.find(name).await?.into_iter().collect(),
            None => self.keys.all().await?,
        };
        keys.retain(|key| is_seen(caller, &key.space));
        Ok(keys)
    }

    /// Returns what was counted of each of some keys.
    async fn counted(&self, keys: &[Key], window: Window) -> Result<Vec<Counted>, StoreError> {
        let ranges = keys.iter().flat_map(|key| ranges(key.id, window));
        let mut found = self.records.ranges(ranges.collect()).await?.into_iter();
        let mut counted = Vec::with_capacity(keys.len());
        while let (Some(seen), Some(months)) = (found.next(), found.next()) {
            counted.push(Counted::of(&seen, &months, window)?);
        }
        Ok(counted)
    }

    async fn source(
        &self,
        key: &Key,
        space: Space,
        counted: InSpace,
        window: Window,
    ) -> Result<Source, StoreError> {
        let (view, now) = (self.keys.view(key).await?, self.clock.now());
        let mut totals = Counts::default();
        for day in &counted.days {
            totals += day.counts;
        }
        let days = counted.days.iter();
        let sent: Vec<_> = days.map(|day| (day.day, day.counts.statements)).collect();
        let end = window.to.min(day(now)).max(window.from);
        let before = counted.seen.map(|seen| day(seen.last));
        let before = before.filter(|before| *before < window.from);
        let is_home = space == key.space;
        let silent = self.keys.silent_since(key, now, self.silent_hours).await?;
        Ok(Source {
            name: view.name,
            space,
            role: view.role,
            made: view.made,
            revoked: view.revoked,
            expires: view.expires,
            last_use: view.last_use,
            last_statement: counted.seen.map(|seen| seen.last),
            silent_since: silent.filter(|_| is_home),
            statements_ever: counted.seen.map_or(0, |seen| seen.statements),
            rhythm: Rhythm::of(&sent, (window.from, end), before),
            totals,
            tolerances: view.tolerances,
            days: counted.days,
        })
    }
}

/// Tells whether a caller is told what came into a space: it belongs to a project of theirs, or they
/// read it.
fn is_seen(caller: &Caller, space: &Space) -> bool {
    caller.projects.contains(space.project_code()) || caller.reads.contains(space)
}

fn ranges(key: KeyId, window: Window) -> [(Collection, KeyRange); 2] {
    let prefix = key.0.as_bytes().to_vec();
    let seen = KeyRange {
        prefix: prefix.clone(),
        after: None,
        limit: SPACES_MAX,
    };
    let months = KeyRange {
        prefix,
        after: Some(month_prefix(key, window.from)),
        limit: MONTHS_MAX * SPACES_MAX,
    };
    [(SEEN, seen), (MONTHS, months)]
}

/// What was counted of a key.
#[derive(Debug, Default)]
struct Counted(BTreeMap<Space, InSpace>);

/// What was counted of a key in a space.
#[derive(Debug, Default)]
struct InSpace {
    seen: Option<Seen>,
    days: Vec<SourceDay>,
}

impl Counted {
    fn of(seen: &[Record], months: &[Record], window: Window) -> Result<Self, StoreError> {
        let mut spaces: BTreeMap<Space, InSpace> = BTreeMap::new();
        for record in seen {
            let seen = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
            let space = seen_space(&record.key)?;
            spaces.entry(space).or_default().seen = Some(seen);
        }
        for record in months {
            let (first, space) = month_of(&record.key)?;
            if first > window.to {
                break;
            }
            let month: Month = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
            let days = month.into_iter().filter_map(|(of_month, counts)| {
                let day = Date::new(first.year(), first.month(), of_month).ok()?;
                let is_in = (window.from..=window.to).contains(&day);
                is_in.then_some(SourceDay { day, counts })
            });
            spaces.entry(space).or_default().days.extend(days);
        }
        Ok(Self(spaces))
    }

    /// Returns what is told of it: the space that it sends into, and those that it sent into. Whoever asks
    /// for it by name is told of it also when it is let in no more.
    fn by_space(mut self, key: &Key, is_named: bool) -> Vec<(Space, InSpace)> {
        let is_told = key.may_send() && (is_named || key.revoked.is_none());
        if is_told {
            self.0.entry(key.space.clone()).or_default();
        }
        let told = |space: &Space| is_told && *space == key.space;
        self.0
            .retain(|space, of| told(space) || !of.days.is_empty());
        self.0.into_iter().collect()
    }
}

/// Returns the position that the key of a repeat names.
fn position(key: &[u8]) -> Result<Position, StoreError> {
    let bytes = key.last_chunk();
    let bytes = bytes.ok_or_else(|| StoreError::failed("a repeat has no position in its key"))?;
    Ok(Position(!u64::from_be_bytes(*bytes)))
}
