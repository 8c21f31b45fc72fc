//! One transaction in the making.

use rusqlite::Connection;
use varde_core::ports::TermKey;
use varde_xapi::Stored;

use super::{Answer, Job};
use crate::database::Database;
use crate::error::Fault;
use crate::row::Place;
use crate::schema::how;
use crate::timeline::Timeline;

/// The name under which the timeline's mark is kept.
pub(crate) const MARK: &str = "mark";
/// The name under which the number of the last commit is kept.
pub(super) const COMMITS: &str = "commits";

/// How far the store has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    /// The last position of the log.
    pub(super) head: i64,
    /// The number of the last commit of records.
    pub(super) commits: i64,
}

/// What one group of jobs writes.
pub(super) struct Group<'a> {
    pub(super) database: &'a Database,
    timeline: &'a Timeline,
    /// Where the store stood before the group.
    before: Reached,
    /// The last position given.
    pub(super) last: i64,
    /// The number of the last commit.
    pub(super) commits: i64,
    /// Index entries of the group: they go in sorted, so that neighbours share a page.
    postings: Vec<Posting>,
}

/// An entry of the index: term, position, how.
type Posting = (i64, i64, i64);

impl<'a> Group<'a> {
    pub(super) fn new(database: &'a Database, timeline: &'a Timeline, before: Reached) -> Self {
        Self {
            database,
            timeline,
            before,
            last: before.head,
            commits: before.commits,
            postings: Vec::new(),
        }
    }

    pub(super) fn connection(&self) -> &'a Connection {
        &self.database.connection
    }

    /// Writes one job, or finds it in conflict and writes nothing of it.
    pub(super) fn take(&mut self, job: &Job) -> Result<Answer, Fault> {
        match job {
            Job::Append(batch, _) => self.append(batch).map(Answer::Append),
            Job::Commit(changes, _) => self.commit(changes).map(Answer::Commit),
            Job::Erase(erasure, _) => self.erase(erasure).map(Answer::Erase),
            Job::Scrub(_) | Job::Mark(_) => Ok(Answer::Mark),
        }
    }

    /// Takes the next place in the log.
    pub(super) fn next(&mut self) -> Place {
        self.last += 1;
        Place {
            position: self.last,
            stored: self.timeline.next(),
        }
    }

    /// Notes index entries of one position.
    pub(super) fn post(&mut self, terms: &[TermKey], position: i64, how: i64) {
        let entries = terms
            .iter()
            .map(|term| (term.0.cast_signed(), position, how));
        self.postings.extend(entries);
    }

    /// Writes what was only noted, and returns how far the store comes by it, and the mark, where
    /// one was due.
    pub(super) fn finish(mut self) -> Result<(Reached, Option<Stored>), Fault> {
        self.postings.sort_unstable();
        let mut insert = self
            .connection()
            .prepare_cached("INSERT INTO posting VALUES (?1, ?2, ?3)")?;
        let mut merge = self.connection().prepare_cached(
            "INSERT INTO posting VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET how = how | excluded.how WHERE how & 1 = 0",
        )?;
        for (term, position, how) in merged(&self.postings) {
            // Only a position from before the group can have entries already.
            let write = if position > self.before.head {
                &mut insert
            } else {
                &mut merge
            };
            write.execute((term, position, how))?;
        }
        if self.commits > self.before.commits {
            write_meta(self.connection(), COMMITS, self.commits)?;
        }
        let mark = self.timeline.due();
        if let Some(mark) = mark {
            write_meta(self.connection(), MARK, mark.0)?;
        }
        let reached = Reached {
            head: self.last,
            commits: self.commits,
        };
        Ok((reached, mark))
    }
}

/// Leaves a number for the next process.
pub(super) fn write_meta(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    let mut write = connection.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?;
    write.execute((name, value)).map(drop)
}

/// Brings sorted entries of one term and position together.
fn merged(postings: &[Posting]) -> impl Iterator<Item = Posting> {
    let together = postings.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1));
    together.filter_map(|entries| {
        let (term, position, _) = *entries.first()?;
        let all = entries.iter().fold(0, |all, (_, _, how)| all | how);
        Some((term, position, settled(all)))
    })
}

/// What a statement carries itself is not inherited as well.
fn settled(all: i64) -> i64 {
    if all & how::OWN == 0 {
        all
    } else {
        all & !how::INHERITED
    }
}
