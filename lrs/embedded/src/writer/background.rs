//! What the thread that writes does beside the jobs: index entries on their way to disk.

use std::collections::VecDeque;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use varde_xapi::Stored;

use super::references::{INHERITED_MAX, Inheritance, backlog, first_held};
use super::{Job, Writer, group};
use crate::alarm::Alarm;
use crate::database::Database;
use crate::error::{Fault, of_index};
use crate::index::INDEXED;
use crate::index::merge::Merge;
use crate::index::newest::Newest;

/// How much faster a generation is written than the next one grows.
const HASTE: usize = 3;
/// How many entries and lists are written at once while no job waits.
const IDLE_SLICE: usize = 2_000;
/// How long no job comes before slices are written without one. Callers that wait for an answer
/// before they ask again must not find the writer at this.
const QUIET: Duration = Duration::from_millis(20);
/// How long no job comes before a generation is written that is not full.
const IDLE: Duration = Duration::from_secs(1);
/// The fewest statements of a generation that is worth being written early.
const EARLY_MIN: usize = 5_000;

/// What is written bit by bit, in the transactions of the jobs and between them.
#[derive(Debug, Default)]
pub(super) struct Background {
    merge: Option<Merge>,
    /// How far the transaction under way comes with the merge.
    merged: usize,
    backlog: VecDeque<Inheritance>,
    /// Whether the transaction under way comes to the end of the first of the backlog.
    inherited: bool,
    /// Whether the backlog is to be read again, since a transaction was taken back.
    stale: bool,
}

impl Background {
    /// Goes on with what an earlier process left.
    pub(super) fn new(database: &Database, alarm: &Alarm) -> Result<Self, Fault> {
        let backlog = match alarm.heed(backlog(database)) {
            // The index is made anew by whoever is woken, and what is inherited with it.
            Err(damage) if damage.tells_of_damage() => Vec::new(),
            backlog => backlog?,
        };
        Ok(Self {
            backlog: backlog.into(),
            ..Self::default()
        })
    }

    /// Returns the event before which everything is found.
    pub(super) fn held(&self) -> Option<Stored> {
        first_held(&self.backlog)
    }

    fn is_idle(&self) -> bool {
        self.merge.is_none() && self.backlog.is_empty()
    }

    /// Writes a slice that goes with so many new statements.
    pub(super) fn write(
        &mut self,
        database: &Database,
        newest: &Newest,
        new: usize,
    ) -> Result<(), Fault> {
        let entries = self.merge.as_ref().map_or(0, Merge::len);
        let slice = (new * entries * HASTE).div_ceil(newest.generation_max);
        // Only tables of the index are written by this.
        self.write_slice(database, slice).map_err(of_index)?;
        self.inherit(database)
    }

    fn write_slice(&mut self, database: &Database, count: usize) -> rusqlite::Result<()> {
        let Some(merge) = &self.merge else {
            return Ok(());
        };
        self.merged = merge.write(&database.connection, count)?;
        if merge.is_done(self.merged) {
            group::write_meta(&database.connection, INDEXED, merge.through())?;
        }
        Ok(())
    }

    fn inherit(&mut self, database: &Database) -> Result<(), Fault> {
        if std::mem::take(&mut self.stale) {
            self.backlog = backlog(database)?.into();
        }
        let Some(first) = self.backlog.front_mut() else {
            return Ok(());
        };
        self.inherited = match first.advance(database, INHERITED_MAX) {
            Err(damage @ (Fault::Damaged { .. } | Fault::Index(_))) => {
                // Whoever meets the row is told; the others must not wait for it. An index that is
                // made anew has what is inherited too.
                tracing::error!(%damage, "damage ends what is inherited along it");
                true
            }
            advanced => advanced?,
        };
        if self.inherited {
            first.forget(database)?;
        }
        Ok(())
    }

    /// Notes that the transaction was committed, and what it left to be inherited.
    pub(super) fn committed(&mut self, newest: &Newest, unfinished: Vec<Inheritance>) {
        if std::mem::take(&mut self.inherited) {
            self.backlog.pop_front();
        }
        self.backlog.extend(unfinished);
        let merged = self.merged;
        if self
            .merge
            .as_mut()
            .is_some_and(|merge| merge.committed(merged))
        {
            newest.written();
            (self.merge, self.merged) = (None, 0);
        }
        self.freeze(newest, newest.generation_max);
    }

    /// Notes that the transaction was taken back.
    pub(super) fn taken_back(&mut self) {
        (self.inherited, self.stale) = (false, !self.backlog.is_empty());
    }

    fn freeze(&mut self, newest: &Newest, at_least: usize) {
        if self.merge.is_none() {
            self.merge = newest.freeze(at_least).map(Merge::new);
        }
    }
}

impl Writer {
    /// Waits for the next job, and writes what else there is meanwhile; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Job> {
        loop {
            if self.background.is_idle() {
                match self.jobs.recv_timeout(IDLE) {
                    Ok(job) => return Some(job),
                    Err(RecvTimeoutError::Disconnected) => return None,
                    Err(RecvTimeoutError::Timeout) => {
                        self.background.freeze(&self.shared.newest, EARLY_MIN);
                    }
                }
                if self.background.is_idle() {
                    return self.jobs.recv().ok();
                }
            }
            match self.jobs.recv_timeout(QUIET) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.write_beside().is_err() {
                // The disk refuses; the next job is told so, and tries again.
                return self.jobs.recv().ok();
            }
        }
    }

    /// Writes one slice in a transaction of its own.
    fn write_beside(&mut self) -> Result<(), Fault> {
        let written = self.transact_beside();
        let written = self.shared.alarm.heed(written);
        match &written {
            Ok(()) => {
                self.background.committed(&self.shared.newest, Vec::new());
                self.shared.timeline.hold(self.background.held());
                self.database.view = Some(self.shared.newest.view());
            }
            Err(error) => {
                tracing::warn!(%error, "index entries were not written; nothing is lost");
                self.roll_back();
            }
        }
        written
    }

    fn transact_beside(&mut self) -> Result<(), Fault> {
        self.database.connection.execute_batch("BEGIN IMMEDIATE")?;
        self.background.write_slice(&self.database, IDLE_SLICE)?;
        self.background.inherit(&self.database)?;
        self.database.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Writes everything that is left.
    pub(super) fn work_off(&mut self) -> Result<(), Fault> {
        loop {
            self.background.freeze(&self.shared.newest, 1);
            if self.background.is_idle() {
                return Ok(());
            }
            self.write_beside()?;
        }
    }
}
