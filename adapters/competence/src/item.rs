//! A finding with where it stands in the ledger, and until when it holds.

use jiff::Timestamp;
use jiff::civil::Date;
use varde_core::definitions::DefinitionHash;
use varde_xapi::StatementId;

use crate::closing::Closing;
use crate::finding::{Closed, Finding, Verdict};

/// A finding with the statements and the rule that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) finding: Finding,
    pub(crate) statements: Vec<StatementId>,
    /// Those of the statements that are carried over from an earlier version of the rule.
    pub(crate) carried: Vec<StatementId>,
    pub(crate) definition: DefinitionHash,
}

/// How evidence ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Its time was over.
    Lapsed(Date),
    /// The competence was closed.
    Closed(Closed),
    /// What it rests on was taken back: it never was any.
    Undone(Date),
}

impl End {
    /// Returns which of several ends says most: a loss, then a lapse, then what was taken back.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Closed(closed) if closed.how != Closing::Expired => 0,
            Self::Closed(_) | Self::Lapsed(_) => 1,
            Self::Undone(_) => 2,
        }
    }

    /// Returns the day from which on it does not hold.
    pub(crate) fn day(self) -> Date {
        match self {
            Self::Lapsed(day) | Self::Undone(day) => day,
            Self::Closed(closed) => closed.day,
        }
    }
}

impl Item {
    /// Returns the level that it shows; `None` for a near miss.
    pub(crate) fn level(&self) -> Option<u32> {
        match &self.finding.verdict {
            Verdict::Evidence { level, .. } => Some(*level),
            Verdict::NearMiss => None,
        }
    }

    pub(crate) fn level_name(&self) -> Option<&str> {
        match &self.finding.verdict {
            Verdict::Evidence { level_name, .. } => level_name.as_deref(),
            Verdict::NearMiss => None,
        }
    }

    /// Returns the first of what ends it; of several on one day what says most.
    pub(crate) fn end(&self) -> Option<End> {
        let Verdict::Evidence {
            expires,
            undone,
            closed,
            ..
        } = self.finding.verdict
        else {
            return None;
        };
        let ends = [
            undone.map(End::Undone),
            closed.map(End::Closed),
            expires.map(End::Lapsed),
        ];
        // The first of equals.
        ends.into_iter().flatten().min_by_key(|end| end.day())
    }

    /// Tells whether it is evidence at the end of a day.
    pub(crate) fn holds_on(&self, day: Date) -> bool {
        let begun = self.level().is_some() && self.finding.day <= day;
        begun && self.end().is_none_or(|end| day < end.day())
    }

    /// Tells whether it was evidence at the end of a day or before, and was not taken back since.
    pub(crate) fn was_by(&self, day: Date) -> bool {
        let begun = self.level().is_some() && self.finding.day <= day;
        let undone = match &self.finding.verdict {
            Verdict::Evidence { undone, .. } => *undone,
            Verdict::NearMiss => None,
        };
        begun && undone.is_none_or(|undone| day < undone)
    }

    /// Tells whether the competence was closed by the end of a day.
    pub(crate) fn is_closed_by(&self, day: Date) -> bool {
        match &self.finding.verdict {
            Verdict::Evidence { closed, .. } => closed.is_some_and(|closed| closed.day <= day),
            Verdict::NearMiss => false,
        }
    }

    /// Returns the order in which items decide: by what they speak of, never by arrival.
    pub(crate) fn order(&self) -> (Timestamp, &[StatementId]) {
        (self.finding.instant, &self.statements)
    }
}
