//! One transaction in the making.

use rusqlite::Connection;
use varde_core::ports::NewEvent;
use varde_xapi::Stored;

use super::references::Inheritance;
use super::{Answer, Job};
use crate::bodies::Dictionary;
use crate::care::anew;
use crate::database::Database;
use crate::error::{Fault, is_damage};
use crate::index::INDEXED;
use crate::index::newest::Added;
use crate::row::{self, Place};
use crate::timeline::Timeline;

/// The name under which the timeline's mark is kept.
pub(crate) const MARK: &str = "mark";
/// The name under which the number of the last commit is kept.
pub(crate) const COMMITS: &str = "commits";

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
    /// Index entries of the group, which stay in memory for now.
    pub(super) added: Added,
    /// What was too much to be inherited at once.
    pub(super) unfinished: Vec<Inheritance>,
    /// Whether everything that finds statements is on disk.
    indexed: bool,
    /// Whether every page of the file is sound, where the index is to be made anew.
    pub(super) sound: bool,
}

/// What a group came to.
pub(super) struct Written {
    pub(super) reached: Reached,
    /// The mark, where one was due.
    pub(super) mark: Option<Stored>,
    pub(super) added: Added,
    pub(super) unfinished: Vec<Inheritance>,
    /// Whether everything that finds statements is on disk, so that nothing of it is in memory.
    pub(super) indexed: bool,
}

impl<'a> Group<'a> {
    pub(super) fn new(database: &'a Database, timeline: &'a Timeline, before: Reached) -> Self {
        Self {
            database,
            timeline,
            before,
            last: before.head,
            commits: before.commits,
            added: Added::default(),
            unfinished: Vec::new(),
            indexed: false,
            sound: false,
        }
    }

    pub(super) fn connection(&self) -> &'a Connection {
        &self.database.connection
    }

    /// Writes one job, or finds it in conflict and writes nothing of it.
    pub(super) fn take(&mut self, job: &Job) -> Result<Answer, Fault> {
        match job {
            Job::Append(batch, beside, _) => self.append(batch, beside).map(Answer::Append),
            Job::Commit(changes, _) => self.commit(changes).map(Answer::Commit),
            Job::Erase(erasure, _) => self.erase(erasure).map(Answer::Erase),
            Job::Reindex(_) => self.index_anew().map(|()| Answer::Reindex),
            Job::Scrub(_) | Job::Mark(_) => Ok(Answer::Mark),
            Job::Dictionary { trained_at, bytes } => {
                self.keep(*trained_at, bytes).map(Answer::Dictionary)
            }
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

    /// Appends an event.
    pub(super) fn event(&mut self, event: &NewEvent) -> rusqlite::Result<Place> {
        let place = self.next();
        row::write_event(self.connection(), place, event)?;
        Ok(place)
    }

    /// Makes anew what is derived from the log. It is all on disk then; a job of this kind stands
    /// alone, so nothing came with it that is not. The number of the last commit is lifted to what
    /// records say.
    fn index_anew(&mut self) -> Result<(), Fault> {
        anew::make_anew(self.database, self.sound)?;
        write_meta(self.connection(), INDEXED, self.last)?;
        let sql = "SELECT coalesce(max(version), 0) FROM record";
        match self.database.log().query_row(sql, [], |row| row.get(0)) {
            Err(error) if is_damage(&error) => {}
            version => self.commits = self.commits.max(version?),
        }
        self.indexed = true;
        Ok(())
    }

    fn keep(&self, trained_at: i64, bytes: &[u8]) -> Result<Dictionary, Fault> {
        let sql = "INSERT INTO dictionary(trained_at, bytes) VALUES (?1, ?2)";
        let version = self
            .connection()
            .prepare(sql)?
            .insert((trained_at, bytes))?;
        Ok(Dictionary {
            version,
            bytes: bytes.to_vec(),
        })
    }

    /// Writes what was only noted, and returns what the group came to.
    pub(super) fn finish(mut self) -> Result<Written, Fault> {
        if self.commits > self.before.commits {
            write_meta(self.connection(), COMMITS, self.commits)?;
        }
        let mark = self.timeline.due();
        if let Some(mark) = mark {
            write_meta(self.connection(), MARK, mark.0)?;
        }
        self.added.ids = self.database.uncommitted.take();
        Ok(Written {
            reached: Reached {
                head: self.last,
                commits: self.commits,
            },
            mark,
            added: self.added,
            unfinished: self.unfinished,
            indexed: self.indexed,
        })
    }
}

/// Leaves a number for the next process.
pub(crate) fn write_meta(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    let mut write = connection.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?;
    write.execute((name, value)).map(drop)
}
