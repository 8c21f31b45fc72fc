//! One list of the index, read a few positions at a time.

use rusqlite::Connection;
use varde_core::ports::TermKey;

use super::join::{Candidate, Stretch};
use crate::database::Database;
use crate::index::{ListKey, block};

/// The fewest and the most positions that a list reads at once.
const READ_MIN: usize = 4;
const READ_MAX: usize = 2_048;

/// Where a list has its positions.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// In blocks on disk, and behind those in memory.
    Carried(ListKey),
    /// Among the entries that statements inherit.
    Inherited(i64),
}

/// The positions of one term, in the direction of the stretch.
pub(super) struct List {
    source: Source,
    positions: Vec<i64>,
    next: usize,
    /// How many positions are read at once: more, the longer the walk goes from one read to the
    /// next; fewer when it leaps.
    read: usize,
    at_end: bool,
}

impl List {
    /// Lists what a filter finds: statements that carry the term, then those that inherit it.
    pub(super) fn of_filter(term: TermKey) -> [Self; 2] {
        let carried = Source::Carried(ListKey::own(term));
        let inherited = Source::Inherited(term.0.cast_signed());
        [carried, inherited].map(Self::new)
    }

    /// Lists the statements that carry a term as scope.
    pub(super) fn of_scope(term: TermKey) -> Self {
        Self::new(Source::Carried(ListKey::scope(term)))
    }

    fn new(source: Source) -> Self {
        Self {
            source,
            positions: Vec::new(),
            next: 0,
            read: READ_MIN,
            at_end: false,
        }
    }

    /// Returns the first position at `from` or farther.
    pub(super) fn seek(
        &mut self,
        database: &Database,
        stretch: Stretch,
        from: i64,
    ) -> rusqlite::Result<Option<Candidate>> {
        loop {
            let rest = self.positions.get(self.next..).unwrap_or_default();
            self.next += rest.partition_point(|position| !stretch.reaches(*position, from));
            if let Some(position) = self.positions.get(self.next) {
                return Ok(Some(Candidate {
                    position: *position,
                    own: matches!(self.source, Source::Carried(_)),
                }));
            }
            if self.at_end {
                return Ok(None);
            }
            self.fill(database, stretch, from)?;
        }
    }

    fn fill(&mut self, database: &Database, stretch: Stretch, from: i64) -> rusqlite::Result<()> {
        self.read = if self.is_near(from) {
            self.read * 2
        } else {
            self.read / 2
        };
        self.read = self.read.clamp(READ_MIN, READ_MAX);
        self.next = 0;
        self.positions = match self.source {
            Source::Carried(key) => carried(database, key, stretch.from(from), self.read)?,
            Source::Inherited(term) => {
                inherited(&database.connection, term, stretch.from(from), self.read)?
            }
        };
        self.at_end = self.positions.len() < self.read;
        Ok(())
    }

    /// Tells whether a position is no farther behind what was read last than that is long.
    fn is_near(&self, from: i64) -> bool {
        match (self.positions.first(), self.positions.last()) {
            (Some(first), Some(last)) => from.abs_diff(*last) <= last.abs_diff(*first),
            _ => false,
        }
    }
}

/// Returns the next positions, `max` or more of them unless those are all.
fn carried(
    database: &Database,
    key: ListKey,
    stretch: Stretch,
    max: usize,
) -> rusqlite::Result<Vec<i64>> {
    let mut found = Vec::new();
    if stretch.ascending {
        from_blocks(&database.connection, key, stretch, max, &mut found)?;
        from_memory(database, key, stretch, max, &mut found);
    } else {
        from_memory(database, key, stretch, max, &mut found);
        from_blocks(&database.connection, key, stretch, max, &mut found)?;
    }
    Ok(found)
}

/// Returns what is left of the stretch behind what was found; a part of a list may be in memory
/// and on disk at once.
fn rest(stretch: Stretch, found: &[i64]) -> Stretch {
    found
        .last()
        .map_or(stretch, |last| stretch.from(stretch.beyond(*last)))
}

fn from_memory(
    database: &Database,
    key: ListKey,
    stretch: Stretch,
    max: usize,
    found: &mut Vec<i64>,
) {
    let rest = rest(stretch, found);
    if let Some(view) = database.view.as_ref().filter(|_| found.len() < max) {
        let left = max - found.len();
        found.extend(view.read(key, (rest.low, rest.high), !rest.ascending, left));
    }
}

fn from_blocks(
    connection: &Connection,
    key: ListKey,
    stretch: Stretch,
    max: usize,
    found: &mut Vec<i64>,
) -> rusqlite::Result<()> {
    let Stretch {
        low,
        high,
        ascending,
    } = rest(stretch, found);
    if found.len() >= max || low > high {
        return Ok(());
    }
    let sql = if ascending { ASCENDING } else { DESCENDING };
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query((key.term, key.scope, low, high))?;
    while found.len() < max {
        let Some(row) = rows.next()? else { break };
        let distances = row.get_ref(1)?.as_blob().unwrap_or_default();
        let before = found.len();
        found.reserve(distances.len() + 1);
        for position in block::positions(row.get(0)?, distances) {
            if position > high {
                break;
            }
            if position >= low {
                found.push(position);
            }
        }
        if !ascending {
            found.get_mut(before..).unwrap_or_default().reverse();
        }
    }
    Ok(())
}

const ASCENDING: &str = "SELECT first, distances FROM posting
    WHERE term = ?1 AND scope = ?2 AND last >= ?3 AND first <= ?4 AND first >= coalesce(
        (SELECT first FROM posting WHERE term = ?1 AND scope = ?2 AND first <= ?3
         ORDER BY first DESC LIMIT 1), ?3)
    ORDER BY first";
const DESCENDING: &str = "SELECT first, distances FROM posting
    WHERE term = ?1 AND scope = ?2 AND first <= ?4 AND last >= ?3 ORDER BY first DESC";

fn inherited(
    connection: &Connection,
    term: i64,
    stretch: Stretch,
    max: usize,
) -> rusqlite::Result<Vec<i64>> {
    let sql = if stretch.ascending {
        "SELECT position FROM inherited WHERE term = ?1 AND position >= ?2 AND position <= ?3
         ORDER BY position LIMIT ?4"
    } else {
        "SELECT position FROM inherited WHERE term = ?1 AND position >= ?2 AND position <= ?3
         ORDER BY position DESC LIMIT ?4"
    };
    let mut select = connection.prepare_cached(sql)?;
    let bounds = (term, stretch.low, stretch.high, super::bounded(max));
    let positions = select.query_map(bounds, |row| row.get(0))?;
    positions.collect()
}
