//! Walking several index lists at once, in the order of positions, without loading any.
//!
//! Each list leaps to the position where the others stand, so the rarest one sets the pace
//! whichever it is, and no counts have to be kept.

use varde_core::ports::TermKey;

use super::list::List;
use crate::database::Database;

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

    /// Returns what is left of the stretch at a position and farther on the walk.
    pub(super) fn from(self, position: i64) -> Self {
        if self.ascending {
            Self {
                low: self.low.max(position),
                ..self
            }
        } else {
            Self {
                high: self.high.min(position),
                ..self
            }
        }
    }

    pub(super) fn contains(self, position: i64) -> bool {
        (self.low..=self.high).contains(&position)
    }

    /// Tells whether the walk has come from `from` as far as `position`, or farther.
    pub(super) fn reaches(self, position: i64, from: i64) -> bool {
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
    database: &'c Database,
    stretch: Stretch,
    lists: Vec<AnyOf>,
}

impl<'c> Join<'c> {
    /// Joins the lists of filters and of scope. One or more are needed.
    pub(super) fn new(
        database: &'c Database,
        stretch: Stretch,
        filters: &[Vec<TermKey>],
        scope: &[Vec<TermKey>],
    ) -> Self {
        let filters = filters.iter().map(|terms| AnyOf {
            lists: terms.iter().copied().flat_map(List::of_filter).collect(),
        });
        let scope = scope.iter().map(|terms| AnyOf {
            lists: terms.iter().copied().map(List::of_scope).collect(),
        });
        Self {
            database,
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
            let found = list.seek(self.database, self.stretch, candidate.position)?;
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
    fn seek(
        &mut self,
        database: &Database,
        stretch: Stretch,
        from: i64,
    ) -> rusqlite::Result<Option<Candidate>> {
        let mut nearest: Option<Candidate> = None;
        for list in &mut self.lists {
            let Some(found) = list.seek(database, stretch, from)? else {
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
