//! Walking several index lists at once, in the order of positions, without loading any.
//!
//! Each list leaps to the position where the others stand, so the rarest one sets the pace
//! whichever it is, and no counts have to be kept.

use rusqlite::Connection;
use varde_core::ports::TermKey;

use crate::schema::how;

/// The fewest and the most entries that a list reads at once.
const READ_MIN: usize = 4;
const READ_MAX: usize = 256;

/// The stretch of positions that is walked, and the direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) ascending: bool,
}

impl Stretch {
    /// Returns the position where the walk begins.
    pub(super) fn start(self) -> i64 {
        if self.ascending { self.low } else { self.high }
    }

    /// Returns the next position on the walk.
    pub(super) fn beyond(self, position: i64) -> i64 {
        if self.ascending {
            position.saturating_add(1)
        } else {
            position.saturating_sub(1)
        }
    }

    pub(super) fn contains(self, position: i64) -> bool {
        (self.low..=self.high).contains(&position)
    }

    /// Tells whether the walk has come from `from` as far as `position`, or farther.
    fn reaches(self, position: i64, from: i64) -> bool {
        if self.ascending {
            position >= from
        } else {
            position <= from
        }
    }
}

/// A position that all lists have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) position: i64,
    /// Whether each list has it by a term of the statement's own.
    pub(super) own: bool,
}

/// The positions that several lists have in common.
pub(super) struct Join<'c> {
    connection: &'c Connection,
    stretch: Stretch,
    lists: Vec<AnyOf>,
}

impl<'c> Join<'c> {
    /// Joins the lists of filters and of scope. One or more are needed.
    pub(super) fn new(
        connection: &'c Connection,
        stretch: Stretch,
        filters: &[Vec<TermKey>],
        scope: &[Vec<TermKey>],
    ) -> Self {
        let filters = filters
            .iter()
            .map(|terms| AnyOf::new(terms, how::OWN | how::INHERITED));
        let scope = scope.iter().map(|terms| AnyOf::new(terms, how::SCOPE));
        Self {
            connection,
            stretch,
            lists: filters.chain(scope).collect(),
        }
    }

    /// Returns the next position, at `from` or farther on the walk.
    pub(super) fn next(&mut self, from: i64) -> rusqlite::Result<Option<Candidate>> {
        let mut candidate = Candidate {
            position: from,
            own: true,
        };
        let mut agreed = 0;
        // Round the lists until all of them in a row stand at the same position.
        for turn in (0..self.lists.len()).cycle() {
            let Some(list) = self.lists.get_mut(turn) else {
                break;
            };
            let found = list.seek(self.connection, self.stretch, candidate.position)?;
            let Some(found) = found else { return Ok(None) };
            if found.position == candidate.position {
                agreed += 1;
                candidate.own &= found.own;
            } else {
                agreed = 1;
                candidate = found;
            }
            if agreed == self.lists.len() {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }
}

/// The positions that any of several terms has.
struct AnyOf {
    lists: Vec<List>,
}

impl AnyOf {
    fn new(terms: &[TermKey], mask: i64) -> Self {
        Self {
            lists: terms.iter().map(|term| List::new(*term, mask)).collect(),
        }
    }

    fn seek(
        &mut self,
        connection: &Connection,
        stretch: Stretch,
        from: i64,
    ) -> rusqlite::Result<Option<Candidate>> {
        let mut nearest: Option<Candidate> = None;
        for list in &mut self.lists {
            let Some(found) = list.seek(connection, stretch, from)? else {
                continue;
            };
            nearest = Some(match nearest {
                Some(near) if near.position == found.position => Candidate {
                    own: near.own || found.own,
                    ..near
                },
                Some(near) if stretch.reaches(found.position, near.position) => near,
                _ => found,
            });
        }
        Ok(nearest)
    }
}

/// The positions of one term, read a few at a time.
struct List {
    term: i64,
    /// Which kinds of entry count.
    mask: i64,
    entries: Vec<Candidate>,
    next: usize,
    /// How many of the entries were of use; leaping past them makes the next read smaller.
    used: usize,
    read: usize,
    at_end: bool,
}

impl List {
    fn new(term: TermKey, mask: i64) -> Self {
        Self {
            term: term.0.cast_signed(),
            mask,
            entries: Vec::new(),
            next: 0,
            used: 0,
            read: READ_MIN,
            at_end: false,
        }
    }

    /// Returns the first position at `from` or farther.
    fn seek(
        &mut self,
        connection: &Connection,
        stretch: Stretch,
        from: i64,
    ) -> rusqlite::Result<Option<Candidate>> {
        loop {
            while let Some(entry) = self.entries.get(self.next) {
                if stretch.reaches(entry.position, from) {
                    self.used += 1;
                    return Ok(Some(*entry));
                }
                self.next += 1;
            }
            if self.at_end {
                return Ok(None);
            }
            self.fill(connection, stretch, from)?;
        }
    }

    fn fill(
        &mut self,
        connection: &Connection,
        stretch: Stretch,
        from: i64,
    ) -> rusqlite::Result<()> {
        let of_use = self.used * 2 >= self.entries.len();
        self.read = if of_use { self.read * 2 } else { self.read / 2 }.clamp(READ_MIN, READ_MAX);
        let (sql, end) = if stretch.ascending {
            (ASCENDING, stretch.high)
        } else {
            (DESCENDING, stretch.low)
        };
        let mut select = connection.prepare_cached(sql)?;
        let mut rows =
            select.query((self.term, from, end, self.mask, super::bounded(self.read)))?;
        self.entries.clear();
        (self.next, self.used) = (0, 0);
        while let Some(row) = rows.next()? {
            let (position, kinds): (i64, i64) = (row.get(0)?, row.get(1)?);
            let own = kinds & self.mask & !how::INHERITED != 0;
            self.entries.push(Candidate { position, own });
        }
        self.at_end = self.entries.len() < self.read;
        Ok(())
    }
}

const ASCENDING: &str = "SELECT position, how FROM posting
    WHERE term = ?1 AND position >= ?2 AND position <= ?3 AND how & ?4 ORDER BY position LIMIT ?5";
const DESCENDING: &str = "SELECT position, how FROM posting
    WHERE term = ?1 AND position <= ?2 AND position >= ?3 AND how & ?4
    ORDER BY position DESC LIMIT ?5";
