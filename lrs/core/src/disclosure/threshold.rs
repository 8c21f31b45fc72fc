//! How few is too few.

use std::collections::{BTreeMap, BTreeSet};

/// The least number that may be shown or told by a difference, except for zero; 3 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold(u64);

impl Threshold {
    /// For evaluators inside the project: 3. Statistics Norway hides cells of fewer.
    pub const EVALUATOR: Self = Self(3);
    /// For everybody: 5.
    pub const PUBLIC: Self = Self(5);

    /// Returns the number itself.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Tells whether a number is too small to be shown.
    pub fn is_small(self, number: u64) -> bool {
        0 < number && number < self.0
    }

    /// Returns which cells must stay as they are, by their lags, none of which is zero; `None` for
    /// all of them, and then not even which they are may be told.
    pub(super) fn held_back<'a>(self, lags: &BTreeMap<&'a str, u64>) -> Option<BTreeSet<&'a str>> {
        if !lags.values().any(|lag| self.is_small(*lag)) {
            return Some(BTreeSet::new());
        }
        let together: u64 = lags.values().sum();
        let all_small = u64::try_from(lags.len()).unwrap_or(u64::MAX) * (self.0 - 1);
        if together <= all_small {
            return None;
        }
        let companion = lags.values().copied().filter(|lag| *lag >= self.0).min();
        let stays = |lag: u64| self.is_small(lag) || Some(lag) == companion;
        let held = lags.iter().filter(|(_, lag)| stays(**lag));
        Some(held.map(|(cell, _)| *cell).collect())
    }
}

#[cfg(test)]
impl Threshold {
    pub(super) fn of(k: u64) -> Self {
        Self(k)
    }
}
