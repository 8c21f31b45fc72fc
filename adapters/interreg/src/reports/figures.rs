//! The figures of one indicator in one report.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount::{minus, plus};

/// What an indicator reached in a period, beside what was reported before. Amounts are exact
/// decimals, written as texts.
///
/// `previous + new + correction = total` and `new + correction = current`, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The total of the last accepted report, else the opening balance, else 0.
    pub previous: Decimal,
    /// What counts from a day of the period on.
    pub new: Decimal,
    /// By how much what is known now of the time before the period differs from what was reported.
    pub correction: Decimal,
    /// What this report adds: new and correction. May be negative.
    pub current: Decimal,
    /// Everything to the period's end.
    pub total: Decimal,
}

impl Figures {
    /// Works the figures out from what was reported before and from what is known now of two days:
    /// the last before the period and its last.
    pub fn of(previous: Decimal, before: Decimal, end: Decimal) -> Self {
        let new = minus(end, before);
        let correction = minus(before, previous);
        Self {
            previous: previous.normalize(),
            new,
            correction,
            current: plus(new, correction),
            total: end.normalize(),
        }
    }
}

/// What people decided beside what is counted: approved manual lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manual {
    /// The lines of earlier reports, as the last accepted one had them.
    pub previous: Decimal,
    /// The approved lines of this report.
    pub current: Decimal,
    /// Both.
    pub total: Decimal,
}

impl Manual {
    pub(super) fn of(previous: Decimal, current: Decimal) -> Self {
        Self {
            previous: previous.normalize(),
            current: current.normalize(),
            total: plus(previous, current),
        }
    }
}

/// What is handed in for one indicator: what is counted and what people decided, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// What was handed in before.
    pub previous: Decimal,
    /// What this report adds.
    pub current: Decimal,
    /// What is handed in now, cumulative.
    pub total: Decimal,
}

impl Reported {
    pub(super) fn of(figures: &Figures, manual: &Manual) -> Self {
        Self {
            previous: plus(figures.previous, manual.previous),
            current: plus(figures.current, manual.current),
            total: plus(figures.total, manual.total),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn figures_add_up(previous in any::<i32>(), before in any::<i32>(), end in any::<i32>()) {
            let cents = |n: i32| Decimal::new(n.into(), 2);
            let figures = Figures::of(cents(previous), cents(before), cents(end));
            prop_assert_eq!(plus(figures.new, figures.correction), figures.current);
            prop_assert_eq!(plus(figures.previous, figures.current), figures.total);
            prop_assert_eq!(figures.total, cents(end));
            let manual = Manual::of(cents(before), cents(previous));
            let reported = Reported::of(&figures, &manual);
            prop_assert_eq!(plus(reported.previous, reported.current), reported.total);
        }
    }
}
