//! What the ledger says of a set, laid out for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use varde_core::ProjectCode;
use varde_core::definitions::DefinitionHash;
use varde_core::registers::{PersonId, RowId};
use varde_xapi::{StatementId, Stored};

use crate::conclusion::Reason;
use crate::set::{Baseline, Indicator, Measure, Names};
use crate::{Amount, IndicatorCode};

/// The indicators of one or more projects, as of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorReport {
    /// The local day that values are as of.
    pub as_of: Date,
    /// A table for each indicator set.
    pub tables: Vec<IndicatorTable>,
}

/// The indicators of one set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorTable {
    /// The project.
    pub project: ProjectCode,
    /// The set, as `id@version`.
    pub definition: String,
    /// The set's identity.
    pub hash: DefinitionHash,
    /// The local day that values are as of.
    pub as_of: Date,
    /// The instant that values are as known at.
    pub known_at: Stored,
    /// Everything stored up to this instant is counted.
    pub complete_through: Stored,
    /// The indicators, in the order of the set; what is asked for again is shared.
    pub indicators: Vec<Arc<IndicatorValue>>,
    /// What should hold between them and does not.
    pub breaches: Vec<Breach>,
}

/// Something that should hold between indicators, or within one, and does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// The indicator.
    pub code: IndicatorCode,
    /// What should hold and what was found.
    pub sentence: String,
    /// The keys that break it, where single ones do.
    pub keys: Vec<String>,
}

/// One indicator with everything that its value rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndicatorValue {
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// What it counts.
    pub unit: Names,
    /// How keys become the value.
    pub measure: Measure,
    /// Where it stood before, of result indicators only.
    pub baseline: Option<Baseline>,
    /// The value to be reached on the way.
    pub milestone: Option<Amount>,
    /// The value to be reached by the end.
    pub target: Amount,
    /// Where milestone and target are decided.
    pub source: String,
    /// The number of keys that count on or before the day; what they sum to; or a share in percent.
    pub value: Amount,
    /// What a ratio or summary is made of: `numerator` and `denominator`, the number of pairs and so on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<&'static str, Amount>,
    /// How a count or sum came to it, by what is known now: its value at the end of each month, and on the
    /// day itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<SeriesPoint>,
    /// How many keys have an amount that may still change, being measured too early.
    pub provisional: u64,
    /// How many keys are of persons whom no register row explains.
    pub unresolved: u64,
    /// By dimension, what keys of each value come to; each dimension of a count or sum sums to the value.
    pub breakdowns: BTreeMap<&'static str, BTreeMap<String, Amount>>,
    /// The keys, in the order of units, organisations and persons.
    pub keys: Vec<CountedKey>,
    /// How many things were left out, by reason.
    pub excluded: BTreeMap<Reason, u64>,
    /// What was left out, in the same order.
    pub exclusions: Vec<Exclusion>,
    /// What might count and is never counted by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// The value of an indicator on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SeriesPoint {
    /// The local day.
    pub day: Date,
    /// The value as of that day.
    pub value: Amount,
}

/// One counted key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountedKey {
    /// The IRI of the scheme, action, event or other object, where the key has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The person, where the key is a person's: the register's pseudonym, or the random id of an
    /// identifier not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The organisation, where the key is an organisation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The person's id, by which use cases look further.
    #[serde(skip)]
    pub(crate) id: Option<PersonId>,
    /// The other organisations that had a part in it.
    #[serde(skip)]
    pub(crate) partners: Vec<String>,
    /// Whether a register row stands behind the person; always so where there is none.
    pub resolved: bool,
    /// The local day from which it counts.
    pub day: Date,
    /// What it adds to the value.
    pub amount: Amount,
    /// Whether the amount may still change, being measured too early.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// What is known of the key on that day, by dimension; `unknown` where nothing is.
    pub breakdowns: BTreeMap<&'static str, String>,
    /// The statements that it rests on.
    pub statements: Vec<StatementId>,
    /// Those of them that were erased before the set was installed. What they count as is carried
    /// over from an earlier version of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The register rows that it rests on.
    pub rows: Vec<RowId>,
}

impl CountedKey {
    /// Returns what tells the key from the others of its indicator: unit, organisation and person by
    /// their ids, parted by `|`. It names nobody.
    pub fn natural_key(&self) -> String {
        let parts = self.natural_parts().into_iter();
        parts.flatten().collect::<Vec<_>>().join("|")
    }

    /// Returns the id of the person, whatever is shown.
    pub fn person_id(&self) -> Option<&PersonId> {
        self.id.as_ref()
    }

    pub(crate) fn natural_parts(&self) -> [Option<&str>; 3] {
        [
            self.unit.as_deref(),
            self.organisation.as_deref().filter(|_| self.unit.is_none()),
            self.id.as_ref().map(PersonId::as_str),
        ]
    }
}

/// Something that was considered and not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// The units: none, one, or the several that are equally near.
    pub units: Vec<String>,
    /// The person: the register's pseudonym, or the random id of an identifier not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The local day of the statement that asks to be counted.
    pub day: Date,
    /// Why it does not count.
    pub reason: Reason,
    /// The same in a sentence.
    pub sentence: &'static str,
    /// The statements.
    pub statements: Vec<StatementId>,
    /// Those of them that were erased before the set was installed. What they count as is carried
    /// over from an earlier version of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The register rows.
    pub rows: Vec<RowId>,
}

/// An organisation that might count: somebody of it completed a scheme, and no support is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The organisation.
    pub organisation: String,
    /// How many persons of it completed a scheme.
    pub completions: u64,
    /// The day of the first.
    pub day: Date,
    /// The statements that those completions rest on.
    pub statements: Vec<StatementId>,
}

impl IndicatorValue {
    /// An indicator of which nothing is counted yet.
    pub(crate) fn empty(indicator: &Indicator) -> Self {
        Self {
            code: indicator.code.clone(),
            name: indicator.name.clone(),
            unit: indicator.unit.clone(),
            measure: indicator.measure,
            baseline: indicator.baseline.clone(),
            milestone: indicator.milestone,
            target: indicator.target,
            source: indicator.source.clone(),
            value: Amount::ZERO,
            parts: BTreeMap::new(),
            series: Vec::new(),
            provisional: 0,
            unresolved: 0,
            breakdowns: BTreeMap::new(),
            keys: Vec::new(),
            excluded: BTreeMap::new(),
            exclusions: Vec::new(),
            candidates: Vec::new(),
        }
    }
}
