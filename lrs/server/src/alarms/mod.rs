//! Alarms for people: what somebody has to look at is told by mail or by a signed webhook, once when it
//! begins, again while it lasts, and once when it is over.
//!
//! - `conditions`: what is looked at; a [`Finding`] is what somebody has to look at.
//! - `book`: which alarms last, on record.
//! - [`Alarms`]: compares both, and brings what changed to the targets by the outbox that hand-overs have too.
//! - `message`: what is told; `way`: how it gets there; `mail`: by SMTP.

mod book;
mod conditions;
mod mail;
mod message;
#[cfg(test)]
mod smtp;
#[cfg(test)]
mod tests;
mod way;
mod worker;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::book::{Alarm, AlarmBook};
pub(crate) use self::conditions::{Conditions, Disk};
pub(crate) use self::mail::{Mail, Relay, Security};
pub(crate) use self::message::{Delivery, Event, Message};
pub(crate) use self::way::{AlarmTarget, AlarmWay};
pub(crate) use self::worker::{Alarms, Memory};

/// What somebody has to look at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema, Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Condition {
    /// A key that used to send has not for a time.
    SourceSilent,
    /// Results, or what readers are told to be complete, are behind.
    Lag,
    /// The last backup is too old.
    BackupOverdue,
    /// The disk of the data folder has little room.
    FreeSpaceLow,
    /// A reporting period has ended or ends soon, and its report is not submitted.
    PeriodDue,
}

impl Condition {
    /// Every condition.
    pub(crate) const EACH: [Self; 5] = [
        Self::SourceSilent,
        Self::Lag,
        Self::BackupOverdue,
        Self::FreeSpaceLow,
        Self::PeriodDue,
    ];

    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SourceSilent => "source-silent",
            Self::Lag => "lag",
            Self::BackupOverdue => "backup-overdue",
            Self::FreeSpaceLow => "free-space-low",
            Self::PeriodDue => "period-due",
        }
    }
}

/// A condition that holds now. It names keys and projects, which the operator named, and no learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Which.
    pub(crate) condition: Condition,
    /// Of what, where there may be several: a key, or a project and a day.
    pub(crate) about: String,
    /// What it is in a few words, for a subject line.
    pub(crate) title: String,
    /// What was found, as a sentence.
    pub(crate) found: String,
    /// What to do, as a sentence.
    pub(crate) mend: String,
}

impl Finding {
    /// Returns the key of its alarm, which stays the same for as long as it lasts and when it comes
    /// again.
    pub(crate) fn key(&self) -> String {
        if self.about.is_empty() {
            return self.condition.name().to_owned();
        }
        format!("{}/{}", self.condition.name(), self.about)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
