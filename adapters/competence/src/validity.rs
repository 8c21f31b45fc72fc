//! Until when evidence holds.

use jiff::civil::Date;
use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};
use varde_xapi::Statement;

/// The context extension by which a statement says when the competence ends (learner competency
/// profile of ADL).
const EXPIRES: &str = "https://w3id.org/xapi/comp/contextextensions/expires";

/// When a statement says that what it shows ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expiry {
    /// At an instant.
    At(Timestamp),
    /// On a day.
    On(Date),
    /// It says so in a way that cannot be read.
    Unread,
}

impl Expiry {
    pub(crate) fn of(statement: &Statement) -> Option<Self> {
        let json = statement.context.as_ref()?.extensions.get(EXPIRES)?;
        let text = serde_json::from_str::<String>(json).unwrap_or_default();
        Some(match (text.parse(), text.parse()) {
            (Ok(instant), _) => Self::At(instant),
            (_, Ok(day)) => Self::On(day),
            _ => Self::Unread,
        })
    }

    /// Returns the day from which on it has lapsed, in the zone of a local time.
    pub(crate) fn day(self, local: &ZonedDateTime) -> Option<Date> {
        match self {
            Self::At(instant) => {
                let zone = local.time_zone().clone();
                Some(instant.to_zoned_datetime(zone).date())
            }
            Self::On(day) => Some(day),
            Self::Unread => None,
        }
    }
}
