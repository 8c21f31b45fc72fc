//! Who takes part in what, and the statements that come of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{cmi5, h5p, material, moodle};
use crate::exit::{Exit, Failure};

/// The namespace of the ids that the demonstration's front ends make (UUID version 5).
const NAMESPACE: Uuid = Uuid::from_u128(0x5e1f_8a34_0d51_4c1b_9f6e_d2a7_6b3c_1001);

/// A system that sends statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FrontEnd {
    /// Moodle with its xAPI log store: arrays of statements without ids.
    Moodle,
    /// A cmi5 course and the system that launches it: one statement at a time, each with an id.
    Cmi5,
    /// H5P in a web page: one statement at a time, without an id.
    H5p,
}

impl FrontEnd {
    /// Every front end.
    pub(crate) const EACH: [Self; 3] = [Self::Moodle, Self::Cmi5, Self::H5p];

    /// Returns the front end's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Moodle => "Moodle",
            Self::Cmi5 => "cmi5",
            Self::H5p => "H5P",
        }
    }
}

/// How far somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reached {
    /// Signed up, and no more: that begins nothing.
    Enrolled,
    /// The course was opened for them, and no more.
    Launched,
    /// Began.
    Started,
    /// Came to the end.
    Completed,
}

/// What is odd about a participation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Oddity {
    /// Its statements arrive after everything else.
    Late,
    /// The learner used another account.
    OldAccount,
    /// A statement is sent twice under its id.
    Resent,
    /// All its statements are sent twice, and the sender gives no ids.
    ResentWithoutId,
    /// Its statement is voided.
    Voided,
}

/// One line of the programme.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Participation {
    /// The learner, by the project office's pseudonym (`p-017`).
    pub(crate) pseudonym: String,
    /// Where the scheme is taught; each front end has one scheme.
    pub(crate) front_end: FrontEnd,
    /// The first day.
    pub(crate) begin: Date,
    /// How far the learner came.
    pub(crate) result: Reached,
    /// The day on which the learner came to the end.
    pub(crate) end: Option<Date>,
    /// Moodle: points of 10 in the quiz before the course, of those who took it.
    pub(crate) before: Option<u32>,
    /// Moodle: points of 10 in each attempt; cmi5: the scaled score; H5P: points of 12.
    pub(crate) points: String,
    /// What is odd about it.
    pub(crate) remark: Option<Oddity>,
}

/// A statement at its hour.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Who sends it.
    pub(crate) front_end: FrontEnd,
    /// The statement.
    pub(crate) statement: Value,
}

impl Participation {
    /// Returns the number in the pseudonym, by which front ends name the learner.
    pub(crate) fn number(&self) -> &str {
        self.pseudonym.trim_start_matches("p-")
    }

    /// Returns nine o'clock in Oslo and Stockholm on a day, and so many minutes later.
    pub(crate) fn hour(day: Date, minutes: i64) -> Result<Timestamp, Failure> {
        let nine = zone()?.to_timestamp(day.at(9, 0, 0, 0));
        nine.and_then(|nine| nine.checked_add(minutes.minutes()))
            .map_err(|error| Failure::software(&error))
    }

    /// Returns the statements of this participation, in order.
    pub(crate) fn events(&self) -> Result<Vec<Event>, Failure> {
        let statements = match self.front_end {
            FrontEnd::Moodle => moodle::statements(self),
            FrontEnd::Cmi5 => cmi5::statements(self),
            FrontEnd::H5p => h5p::statements(self),
        }?;
        let front_end = self.front_end;
        let event = |(at, statement)| Event {
            at,
            front_end,
            statement,
        };
        Ok(statements.into_iter().map(event).collect())
    }
}

/// Returns the zone of Oslo and Stockholm.
pub(crate) fn zone() -> Result<TimeZone, Failure> {
    TimeZone::get("Europe/Oslo").map_err(|error| Failure::software(&error))
}

/// Returns the whole programme, in the order of first days.
pub(crate) fn read() -> Result<Vec<Participation>, Failure> {
    csv::Reader::from_reader(material::PROGRAMME.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::new(Exit::Software, format!("programme.csv: {error}")))
}

/// Counts the learners.
pub(crate) fn learners() -> Result<usize, Failure> {
    let learners: BTreeSet<_> = read()?.into_iter().map(|line| line.pseudonym).collect();
    Ok(learners.len())
}

/// Makes the same id from the same text, in every run.
pub(crate) fn id(text: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, text.as_bytes())
}
