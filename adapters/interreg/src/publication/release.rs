//! A release: tables of a report that everybody may read, as they were suppressed once.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::{KeyId, ProjectCode};
use varde_xapi::Stored;

use crate::IndicatorCode;
use crate::reports::ReportHash;
use crate::set::Names;

/// What may be published of a report. Training schemes, actions and organisations may not: a course can
/// tell of a person's health, and an organisation can be a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Countries.
    Country,
    /// NUTS 3 regions, as a division of countries.
    Nuts3,
    /// Gender.
    Gender,
    /// Years of birth.
    BirthYearBand,
    /// The size of enterprises.
    Size,
    /// The sector of enterprises.
    Nace,
    /// The kind of objects.
    Kind,
    /// The role of partners.
    Role,
}

impl Dimension {
    /// Every dimension, a whole before its division.
    pub const EACH: [Self; 8] = [
        Self::Country,
        Self::Nuts3,
        Self::Gender,
        Self::BirthYearBand,
        Self::Size,
        Self::Nace,
        Self::Kind,
        Self::Role,
    ];

    /// Returns its name, as breakdowns of reports have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Nuts3 => "nuts3",
            Self::Gender => "gender",
            Self::BirthYearBand => "birth_year_band",
            Self::Size => "size",
            Self::Nace => "nace",
            Self::Kind => "kind",
            Self::Role => "role",
        }
    }

    /// Returns the dimension of a name.
    pub fn of(name: &str) -> Option<Self> {
        let mut each = Self::EACH.into_iter();
        each.find(|dimension| dimension.name() == name)
    }
}

/// A table that is chosen for a release: an indicator in a dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The indicator.
    pub code: IndicatorCode,
    /// The dimension.
    pub dimension: Dimension,
}

/// A number that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// The number.
    pub value: u64,
    /// The period end that it is of: the release's, or an earlier one, when too little came since.
    pub as_of: Date,
}

/// Tables that were published together. What is in a release never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The project.
    pub project: ProjectCode,
    /// The project's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Names>,
    /// Which of the project's releases it is, from 1.
    pub number: u32,
    /// When it was published.
    pub published: Stored,
    /// By whom. It is not told to others than those who manage reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<KeyId>,
    /// The last day that counts.
    pub period: Date,
    /// The time zone in which days begin and end.
    pub zone: String,
    /// The snapshot that it is of: the hash of the report.
    pub snapshot: ReportHash,
    /// Everything that was known at this instant is in it.
    pub known_at: Stored,
    /// The indicator set, as `id@version`.
    pub rule_set: String,
    /// The indicator set's identity.
    pub rule_set_hash: String,
    /// The least number that is shown or told by a difference, except for zero.
    pub threshold: u64,
    /// The indicators, in the order of the set.
    pub indicators: Vec<ReleasedIndicator>,
}

/// An indicator in a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedIndicator {
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// What it counts.
    pub unit: Names,
    /// How many there are.
    pub total: Number,
    /// By dimension, how many there are of each value; `null` for a number that is held back. A
    /// dimension without any value is held back as a whole.
    pub tables: BTreeMap<Dimension, BTreeMap<String, Option<Number>>>,
}

impl Release {
    /// Returns an indicator.
    pub(super) fn indicator(&self, code: &IndicatorCode) -> Option<&ReleasedIndicator> {
        self.indicators.iter().find(|one| one.code == *code)
    }
}
