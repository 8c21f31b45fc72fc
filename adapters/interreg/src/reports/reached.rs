//! What an indicator has reached on a day, as reports look at it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_core::registers::RowId;
use varde_xapi::StatementId;

use super::amount::{plus, sum};
use super::key::ReportKey;
use crate::conclusion::Reason;
use crate::table::{CountedKey, IndicatorValue};

/// One counted key: from when on, how much, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStand {
    /// The local day from which it counts.
    pub day: Date,
    /// What it adds to the value.
    pub amount: Decimal,
    /// Whether it may still change by the calendar alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// The statements that it rests on.
    pub statements: Vec<StatementId>,
    /// Those of them that were erased before the indicator set was installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The register rows that it rests on.
    pub rows: Vec<RowId>,
}

impl KeyStand {
    /// Tells whether it rests on one of the statements.
    pub(super) fn shares(&self, statements: &[StatementId]) -> bool {
        let own = self.statements.iter();
        own.into_iter().any(|one| statements.contains(one))
    }
}

/// The keys of an indicator.
pub(super) type Keys = BTreeMap<ReportKey, KeyStand>;

/// Something that was considered and not counted. It names nobody: the statements lead on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The units: one, or the several that are equally near.
    pub units: Vec<String>,
    /// The local day of the statement that asks to be counted.
    pub day: Date,
    /// Why it does not count, in a word.
    pub reason: String,
    /// The same in a sentence.
    pub sentence: String,
    /// The statements.
    pub statements: Vec<StatementId>,
    /// The register rows.
    pub rows: Vec<RowId>,
}

/// What an indicator has reached on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) keys: Keys,
    pub(super) left_out: Vec<LeftOut>,
}

impl Reached {
    /// Reads an indicator as it was laid out for a day. The one place that knows its shape.
    pub(super) fn of(value: &IndicatorValue) -> Self {
        let mut reached = Self::default();
        for key in &value.keys {
            reached.add(key_of(key), stand_of(key));
        }
        let left_out = value.exclusions.iter().map(|exclusion| LeftOut {
            units: exclusion.units.clone(),
            day: exclusion.day,
            reason: word(exclusion.reason),
            sentence: exclusion.sentence.to_owned(),
            statements: exclusion.statements.clone(),
            rows: exclusion.rows.clone(),
        });
        reached.left_out = left_out.collect();
        reached
    }

    /// Adds a key; what two of one name count stays counted.
    fn add(&mut self, key: ReportKey, stand: KeyStand) {
        let Some(known) = self.keys.get_mut(&key) else {
            self.keys.insert(key, stand);
            return;
        };
        known.day = known.day.min(stand.day);
        known.amount = plus(known.amount, stand.amount);
        known.provisional |= stand.provisional;
        known.statements.extend(stand.statements);
        known.carried.extend(stand.carried);
        known.rows.extend(stand.rows);
    }

    /// Takes out the keys that an opening balance stands for already, and returns how many.
    pub(super) fn without(&mut self, covered: impl Fn(&ReportKey, &KeyStand) -> bool) -> usize {
        let before = self.keys.len();
        self.keys.retain(|key, stand| !covered(key, stand));
        before - self.keys.len()
    }

    /// Returns what the keys count together.
    pub(super) fn sum(&self) -> Decimal {
        sum(self.keys.values().map(|stand| stand.amount))
    }

    /// Returns the statements that some keys rest on.
    pub(super) fn statements<'k>(
        stands: impl Iterator<Item = &'k KeyStand>,
    ) -> BTreeSet<StatementId> {
        stands
            .flat_map(|stand| stand.statements.iter().copied())
            .collect()
    }
}

/// Returns a reason as it stands in answers.
fn word(reason: Reason) -> String {
    let word = serde_json::to_value(reason).ok();
    let word = word.as_ref().and_then(Value::as_str);
    word.unwrap_or_default().to_owned()
}

/// An organisation that first adopted something is not what makes it one.
fn key_of(key: &CountedKey) -> ReportKey {
    let organisation = key.organisation.as_ref().filter(|_| key.unit.is_none());
    ReportKey {
        unit: key.unit.clone(),
        person: key.id.as_ref().map(ToString::to_string),
        organisation: organisation.cloned(),
    }
}

fn stand_of(key: &CountedKey) -> KeyStand {
    KeyStand {
        day: key.day,
        amount: key.amount.decimal().normalize(),
        provisional: key.provisional,
        statements: key.statements.clone(),
        carried: key.carried.clone(),
        rows: key.rows.clone(),
    }
}
