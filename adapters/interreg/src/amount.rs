//! Exact amounts: values of indicators, of which some have decimals.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most decimals that are shown, as funders' forms have them.
const DECIMALS: u32 = 2;
/// Nothing that is measured or aimed at is larger than this, so that sums stay exact.
const MOST: u64 = 1_000_000_000_000;
/// The most digits of an amount that is taken in.
const DIGITS_MAX: usize = 24;

/// An amount, exact to the digit.
///
/// It is rounded to two decimals, half away from zero, only where it is shown: when it is printed or
/// written as a JSON number. [`exact`] keeps every digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// What one key counts.
    pub const ONE: Self = Self(Decimal::ONE);

    /// Reads a decimal number such as `12` or `-1.25`; `None` for anything else, and for what is larger
    /// than a billion of thousands.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.strip_prefix('-').unwrap_or(text);
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
        if text.len() > DIGITS_MAX || !digits(whole) || !digits(fraction) {
            return None;
        }
        let amount = Decimal::from_str_exact(text).ok()?;
        (amount.abs() <= Decimal::from(MOST)).then_some(Self(amount))
    }

    /// Returns a share in percent; nothing of nothing is nothing.
    pub fn percent(part: Self, whole: Self) -> Self {
        let hundredfold = part.0.checked_mul(Decimal::ONE_HUNDRED);
        Self(
            hundredfold
                .and_then(|part| part.checked_div(whole.0))
                .unwrap_or_default(),
        )
    }

    /// Returns what whole share in percent it is of another, rounded down; `None` of nothing, or below it.
    pub fn percent_of(self, whole: Self) -> Option<u32> {
        use rust_decimal::prelude::ToPrimitive as _;
        if whole.0.is_zero() {
            return None;
        }
        Self::percent(self, whole).0.trunc().to_u32()
    }

    /// Returns about how much it is, for the shapes of charts; numbers are printed from the amount itself.
    pub fn approximate(self) -> f64 {
        use rust_decimal::prelude::ToPrimitive as _;
        self.0.to_f64().unwrap_or_default()
    }

    /// Divides it among so many; nothing for nobody.
    pub(crate) fn part_of(self, count: u64) -> Self {
        Self(self.0.checked_div(count.into()).unwrap_or_default())
    }

    /// Returns every digit, for those who reckon on.
    pub(crate) fn decimal(self) -> Decimal {
        self.0
    }

    fn shown(self) -> Decimal {
        let rounded = self
            .0
            .round_dp_with_strategy(DECIMALS, RoundingStrategy::MidpointAwayFromZero);
        rounded.normalize()
    }
}

impl From<u64> for Amount {
    fn from(number: u64) -> Self {
        Self(number.into())
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use rust_decimal::prelude::ToPrimitive as _;
        let shown = self.shown();
        match (shown.is_integer(), shown.to_i64(), shown.to_f64()) {
            (true, Some(whole), _) => serializer.serialize_i64(whole),
            (_, _, Some(number)) => serializer.serialize_f64(number),
            _ => serializer.serialize_str(&shown.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            Number(f64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Whole(whole) => whole.to_string(),
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        let expected = "expected a number such as 12 or 1.25";
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(expected))
    }
}

/// Writes an amount with every digit, as a text.
pub mod exact {
    use super::{Amount, Deserialize as _, Deserializer, Serializer};

    /// Writes every digit.
    pub fn serialize<S: Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&amount.0)
    }

    /// Reads what [`serialize`] wrote.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        Amount::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_only_where_they_are_shown() {
        let half: Amount = ["0.125", "0.125", "0.005"]
            .map(|text| Amount::parse(text).unwrap())
            .into_iter()
            .sum();
        assert_eq!(half.to_string(), "0.26");
        let cases = [
            ("1.005", "1.01"),
            ("-1.005", "-1.01"),
            ("2.50", "2.5"),
            ("3.00", "3"),
            ("0", "0"),
        ];
        for (text, shown) in cases {
            let amount = Amount::parse(text).unwrap();
            assert_eq!(amount.to_string(), shown, "{text}");
            assert_eq!(serde_json::to_string(&amount).unwrap(), shown, "{text}");
        }
    }

    #[test]
    fn a_share_of_nothing_is_nothing() {
        let percent =
            |part: u64, whole: u64| Amount::percent(part.into(), whole.into()).to_string();
        assert_eq!(percent(2, 3), "66.67");
        assert_eq!(percent(0, 3), "0");
        assert_eq!(percent(0, 0), "0");
    }

    #[test]
    fn what_is_no_plain_number_is_refused() {
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "1e3",
            "1,5",
            "+1",
            "1_000",
            "９",
            "9999999999999",
            "1.0000000000000000000000001",
        ] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
        assert!(serde_json::from_str::<Amount>("1.25").is_ok());
        assert!(serde_json::from_str::<Amount>("\"12\"").is_ok());
        assert!(serde_json::from_str::<Amount>("\"twelve\"").is_err());
    }
}
