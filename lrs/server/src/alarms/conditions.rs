//! What is looked at, and what of it somebody has to look at.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};
use varde_core::keys::Keys;
use varde_core::ledger::{Lag, Runner};
use varde_core::ports::StatementLog;
use varde_core::{Clock, Position, ProjectCode, StoreError};
use varde_embedded::EmbeddedStore;
use varde_interreg::reports::Reports;
use varde_xapi::Stored;

use super::{Condition, Finding};
use crate::config::AlarmsSection;
use crate::noted::Noted;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// The disk of a data folder.
pub(crate) trait Disk: Debug + Send + Sync {
    /// Returns how many bytes can still be written.
    fn free(&self) -> Result<u64, StoreError>;
}

impl Disk for EmbeddedStore {
    fn free(&self) -> Result<u64, StoreError> {
        Self::free(self)
    }
}

/// Looks at what alarms are about.
#[derive(Debug)]
pub(crate) struct Conditions {
    /// Which keys there are, and when each was let in last.
    pub(crate) keys: Arc<Keys>,
    /// Through which instant it is complete, and how old it is.
    pub(crate) log: Arc<dyn StatementLog>,
    /// How far results are behind.
    pub(crate) runner: Arc<Runner>,
    /// Which periods are due.
    pub(crate) reports: Reports,
    /// Where backups are noted and what its disk has free, where the store is in a folder: those of a
    /// database are in the hands of those who run it.
    pub(crate) folder: Option<(PathBuf, Arc<dyn Disk>)>,
    /// From where on somebody has to look.
    pub(crate) bounds: AlarmsSection,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Conditions {
    /// Looks at a condition. With an error nothing is known of it, neither that it holds nor that it
    /// does not.
    pub(crate) async fn look(&self, condition: Condition) -> Result<Vec<Finding>, StoreError> {
        let now = self.clock.now();
        match condition {
            Condition::SourceSilent => self.silent(now).await,
            Condition::Lag => {
                let lag = self.runner.lag().await;
                let lag = lag.map_err(StoreError::failed)?;
                let through = self.log.consistent_through().await?;
                Ok(self.bounds.behind(lag, through, self.clock.now()))
            }
            Condition::BackupOverdue => self.backup(now).await,
            Condition::FreeSpaceLow => match &self.folder {
                Some((_, disk)) => Ok(self.bounds.room(disk.free()?).into_iter().collect()),
                None => Ok(Vec::new()),
            },
            Condition::PeriodDue => {
                let today = TimeZone::UTC.to_datetime(now.instant()).date();
                let ahead = i64::from(self.bounds.period_days).days();
                let due = self
                    .reports
                    .due_periods(today.saturating_add(ahead))
                    .await?;
                let due = due.into_iter();
                Ok(due
                    .map(|(project, end)| period(&project, end, today))
                    .collect())
            }
        }
    }

    /// Finds the keys of front ends that were let in once and not for a time.
    async fn silent(&self, now: Stored) -> Result<Vec<Finding>, StoreError> {
        let mut found = Vec::new();
        for key in self.keys.all().await? {
            let hours = self.bounds.silent_hours;
            if let Some(last) = self.keys.silent_since(&key, now, hours).await? {
                found.push(silent_key(&key.name, last, now));
            }
        }
        Ok(found)
    }

    /// Finds that the last backup is too old, or that there is none of a store that is.
    async fn backup(&self, now: Stored) -> Result<Vec<Finding>, StoreError> {
        let Some((data, _)) = &self.folder else {
            return Ok(Vec::new());
        };
        let last = Noted::Backup.last(data);
        let since = if last.is_some() {
            last
        } else {
            let first = self.log.follow(Position(0), 1).await?;
            first.first().map(|event| event.stored)
        };
        let is_overdue =
            since.is_some_and(|at| now.0 - at.0 > i64::from(self.bounds.backup_hours) * HOUR);
        Ok(is_overdue.then(|| overdue(last)).into_iter().collect())
    }
}

impl AlarmsSection {
    /// Finds how far results, and what readers are told to be complete, are behind.
    pub(super) fn behind(&self, lag: Lag, through: Stored, now: Stored) -> Vec<Finding> {
        let bound = i64::from(self.lag_seconds) * SECOND;
        let mut found = Vec::new();
        let finding = |about: &str, title: &str, found: String, mend: &str| Finding {
            condition: Condition::Lag,
            about: about.to_owned(),
            title: title.to_owned(),
            found,
            mend: mend.to_owned(),
        };
        if let Some(since) = lag.since.filter(|since| now.0 - since.0 > bound) {
            let (events, waits) = (lag.events, since_then(since, now));
            found.push(finding(
                "results",
                "results are behind",
                format!("{events} events wait to be counted, the oldest for {waits}."),
                "Look for `the ledger` in the log of the server, and run `varde doctor`. Nothing is lost: \
                 results say through which instant they are complete.",
            ));
        }
        if now.0 - through.0 > bound {
            found.push(finding(
                "reading",
                "what is read is behind",
                format!(
                    "Readers are told that the record is complete until {through}, {} ago.",
                    since_then(through, now)
                ),
                "Work on the index waits, or the database does not answer: see the log of the server, and run \
                 `varde doctor`. Nothing is lost.",
            ));
        }
        found
    }

    /// Finds that a disk has little room.
    pub(super) fn room(&self, free: u64) -> Option<Finding> {
        (free < self.free_bytes).then(|| Finding {
            condition: Condition::FreeSpaceLow,
            about: String::new(),
            title: "the disk is nearly full".to_owned(),
            found: format!(
                "The disk of the data folder has {free} bytes left; when `store.free_bytes_min` is reached, \
                 nothing is stored any more."
            ),
            mend: "Make room on the disk, or move the data folder to a larger one.".to_owned(),
        })
    }
}

fn silent_key(name: &str, last: Stored, now: Stored) -> Finding {
    Finding {
        condition: Condition::SourceSilent,
        about: name.to_owned(),
        title: format!("the key {name} is silent"),
        found: format!(
            "The key {name} was used last on {last}, {} ago.",
            since_then(last, now)
        ),
        mend: format!(
            "Ask whether the course has ended; else see why its front end does not send. A key that is \
             needed no more is revoked by `varde key revoke {name}`, which ends this alarm."
        ),
    }
}

fn overdue(last: Option<Stored>) -> Finding {
    let found = match last {
        Some(last) => format!("The last backup was made on {last}."),
        None => "No backup was ever made of this data folder.".to_owned(),
    };
    Finding {
        condition: Condition::BackupOverdue,
        about: String::new(),
        title: "a backup is overdue".to_owned(),
        found,
        mend: "See why the timer did not run `varde backup FOLDER`, and run it. Only one that was checked \
               counts, which is when the command ends with code 0."
            .to_owned(),
    }
}

fn period(project: &ProjectCode, end: Date, today: Date) -> Finding {
    let found = if end < today {
        format!("The period of {project} to {end} has ended, and its report is not submitted.")
    } else {
        format!("The period of {project} to {end} ends soon, and its report is not submitted.")
    };
    Finding {
        condition: Condition::PeriodDue,
        about: format!("{project}/{end}"),
        title: format!("the report of {project} to {end} is due"),
        found,
        mend: format!(
            "Prepare it: `varde report show {project} {end}` shows the figures of the present, and `varde \
             report submit {project} {end}` submits them once the period has ended."
        ),
    }
}

/// Says how long it is from one instant to another, in the largest unit that is whole.
fn since_then(from: Stored, to: Stored) -> String {
    let minutes = SignedDuration::from_micros((to.0 - from.0).max(0)).as_mins();
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2_880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
