//! What a project had reported before its first report here.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::key::ReportKey;
use super::reached::KeyStand;

/// An indicator's opening balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningBalance {
    /// The value that was reported.
    pub value: Decimal,
    /// The last day that it stands for.
    pub as_of: Date,
    /// Where it is from: the report it was handed in with, in words.
    pub source: String,
    /// The document, by the SHA-256 of an evidence file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What exactly it stands for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<BTreeSet<ReportKey>>,
}

impl OpeningBalance {
    /// Tells whether it stands for a key already, so that the key must not count again: with a list
    /// for those on it, whatever their day; without one for those up to its day.
    pub(super) fn covers(&self, key: &ReportKey, stand: &KeyStand) -> bool {
        match &self.keys {
            Some(keys) => keys.contains(key),
            None => stand.day <= self.as_of,
        }
    }
}
