//! What the ledger holds of an indicator set.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::registers::PersonId;

use crate::IndicatorCode;
use crate::amount::{self, Amount};

/// After so many days without a start a participation counts as dropped.
pub(crate) const DROPPED_AFTER_DAYS: i32 = 180;

/// One key of an indicator, counted or not: the body of a ledger entry.
///
/// It names persons and organisations by id only; what is known of them is looked up when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// The indicator.
    pub code: IndicatorCode,
    /// The scheme, action, event or other object; or the several that are equally near. Ledgers of
    /// earlier builds have them as schemes.
    #[serde(default, alias = "schemes", skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// The person, where the key is a person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The organisation, where the key is an organisation's; of something adopted, who adopted it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The other organisations that had a part in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<String>,
    /// The local day of the statement that asks to be counted.
    pub occurred: Date,
    /// The organisation that the person was there for, where the statement says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The kind of the object or the role of the partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The day of an enterprise's first support: its size class is that of this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supported: Option<Date>,
    /// What the key adds to a sum; one where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Exact>,
    /// The first day on which something later stands in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Before this day the amount is provisional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisional_before: Option<Date>,
    /// How a participation went on, where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// Whether it counts.
    pub standing: Standing,
}

impl Conclusion {
    /// Concludes something of an indicator, so far about nobody and nothing.
    pub(crate) fn new(code: &IndicatorCode, occurred: Date, standing: Standing) -> Self {
        Self {
            code: code.clone(),
            units: Vec::new(),
            person: None,
            organisation: None,
            partners: Vec::new(),
            occurred,
            team: None,
            kind: None,
            supported: None,
            amount: None,
            until: None,
            provisional_before: None,
            course: None,
            standing,
        }
    }
}

/// An amount that keeps every digit when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exact(#[serde(with = "amount::exact")] pub Amount);

/// How a participation went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// The day from which it counts as completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Date>,
    /// The days before and after each time of more than 180 days without a start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<(Date, Date)>,
    /// The day of the last start.
    pub last: Date,
}

/// Where a participation stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Completed.
    Completed,
    /// Not completed, and there was a start in the 180 days before.
    InProgress,
    /// Not completed, and no start for 180 days.
    Dropped,
}

impl State {
    /// Returns the state's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::InProgress => "in-progress",
            Self::Dropped => "dropped",
        }
    }
}

impl Course {
    /// Follows the days of starts, in order, of which there must be one.
    pub(crate) fn of(starts: &[Date], completed: Option<Date>) -> Option<Self> {
        let pairs = starts.iter().zip(starts.iter().skip(1));
        let breaks = pairs.filter(|(before, after)| dropped_from(**before) < **after);
        Some(Self {
            completed,
            breaks: breaks.map(|(before, after)| (*before, *after)).collect(),
            last: *starts.last()?,
        })
    }

    /// Tells where it stands on a day.
    pub fn state_on(&self, day: Date) -> State {
        if self.completed.is_some_and(|completed| completed <= day) {
            return State::Completed;
        }
        let within = |(before, after): &(Date, Date)| dropped_from(*before) <= day && day < *after;
        if self.breaks.iter().any(within) || dropped_from(self.last) <= day {
            State::Dropped
        } else {
            State::InProgress
        }
    }
}

/// The first day on which a participation without a start since this day is dropped.
fn dropped_from(last: Date) -> Date {
    last.saturating_add(DROPPED_AFTER_DAYS.days())
}

/// Whether a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It counts from this local day on: the first on which all its conditions hold.
    CountedFrom(Date),
    /// It does not count.
    Excluded(Reason),
}

/// Why something that was considered does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No two countries organise the scheme, action or event.
    NotJoint,
    /// Two units are equally near.
    AmbiguousUnit,
    /// The day lies behind the last one that counts.
    AfterProjectEnd,
    /// A completion without a participation.
    NoParticipation,
    /// The statement itself denies the completion.
    CompletionDenied,
    /// The completion was taken back.
    CompletionUndone,
    /// All conditions hold, but only from a day behind the one asked for.
    CountsLater,
    /// The support is shorter than the least that counts.
    SupportTooShort,
    /// The enterprise is older than three years before the project's start.
    NotNew,
    /// The register does not say when the enterprise was founded, or the project begins.
    AgeUnknown,
    /// The enterprise was not supported.
    NotSupported,
    /// The enterprise is large.
    LargeEnterprise,
    /// The measurement has no figures before and after.
    NoFigures,
    /// Organisations of one country only developed it.
    NotJointlyDeveloped,
    /// Nobody says that the pilot action was completed.
    NotFinished,
    /// No uptake actions are named.
    NoUptakeActions,
    /// The adoption is not documented.
    NoEvidence,
    /// It is a solution to a legal or administrative obstacle.
    LegalOrAdministrative,
    /// Organisations of one country only joined the partnership.
    OneCountryOnly,
    /// The organisation is not in the partnership.
    NotInPartnership,
    /// The agreement does not hold beyond the project's last day.
    EndsWithProject,
    /// The register does not say when the project ends.
    ProjectEndUnknown,
    /// The register does not say when the event ends.
    NoEndDay,
    /// The event was cancelled.
    Cancelled,
    /// The event was not public.
    NotPublic,
}

impl Reason {
    /// Says it in a sentence for the project office.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotJoint => "no organisers from two countries are on record for it",
            Self::AmbiguousUnit => "the statement names two activities at the same distance",
            Self::AfterProjectEnd => "it happened after the last day that counts",
            Self::NoParticipation => "no counted participation goes with the completion",
            Self::CompletionDenied => "the statement says completed, but its result denies it",
            Self::CompletionUndone => "the completion was taken back by a later statement",
            Self::CountsLater => "its last condition holds only after the day asked for",
            Self::SupportTooShort => "the support on record is shorter than the least that counts",
            Self::NotNew => {
                "the enterprise was founded more than three years before the project began"
            }
            Self::AgeUnknown => {
                "the registers do not say when the enterprise was founded, or when the project began"
            }
            Self::NotSupported => "no counted support of the enterprise is on record",
            Self::LargeEnterprise => "the enterprise is large",
            Self::NoFigures => "the measurement does not say the employment before and after",
            Self::NotJointlyDeveloped => {
                "organisations from one country only are on record as having developed it"
            }
            Self::NotFinished => "no organisation is on record as having completed it",
            Self::NoUptakeActions => "the actions that its uptake needs are not named",
            Self::NoEvidence => "the adoption is not documented",
            Self::LegalOrAdministrative => "it is a solution to a legal or administrative obstacle",
            Self::OneCountryOnly => "organisations from one country only are on record as partners",
            Self::NotInPartnership => "the organisation is not on record as a partner",
            Self::EndsWithProject => {
                "the agreement is not on record as holding beyond the project's last day"
            }
            Self::ProjectEndUnknown => "the registers do not say when the project ends",
            Self::NoEndDay => "the registers do not say on which day the event ends",
            Self::Cancelled => "the event was cancelled",
            Self::NotPublic => "the event was not open to the public",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_participation_is_dropped_after_180_days_and_taken_up_again() {
        let starts = [date(2025, 1, 1), date(2025, 1, 20), date(2025, 12, 1)];
        let course = Course::of(&starts, Some(date(2026, 3, 1))).unwrap();
        assert_eq!(course.breaks, [(date(2025, 1, 20), date(2025, 12, 1))]);
        let cases = [
            (date(2025, 1, 5), State::InProgress),
            (date(2025, 7, 18), State::InProgress),
            (date(2025, 7, 19), State::Dropped),
            (date(2025, 11, 30), State::Dropped),
            (date(2025, 12, 1), State::InProgress),
            (date(2026, 2, 28), State::InProgress),
            (date(2026, 3, 1), State::Completed),
        ];
        for (day, state) in cases {
            assert_eq!(course.state_on(day), state, "{day}");
        }
        let short = [date(2025, 1, 1), date(2025, 6, 30)];
        assert_eq!(Course::of(&short, None).unwrap().breaks, []);
        assert_eq!(Course::of(&[], None), None);
    }
}
