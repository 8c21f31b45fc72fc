//! Decimal numbers whose arithmetic is exact or refused, never rounded.

use std::cmp::Ordering;
use std::fmt;

/// The most digits behind the point.
const SCALE_MAX: u32 = 36;

/// The scale of billionths.
const NANO: u32 = 9;

/// `mantissa` × 10^-`scale`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    pub(crate) const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };

    /// Reads a JSON number; `None` for any other text and for more than 36 digits behind the
    /// point or about 38 in all.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let mantissa: i128 = [whole, fraction].concat().parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        match u32::try_from(scale) {
            Ok(scale) => (scale <= SCALE_MAX).then_some(Self { mantissa, scale }),
            Err(_) => Self { mantissa, scale: 0 }.at_scale(scale.unsigned_abs()),
        }
    }

    /// Returns the mantissa of the same value at a larger scale; as a value, `scale` stays.
    fn at_scale(self, more: u32) -> Option<Self> {
        if self.mantissa == 0 {
            return Some(self);
        }
        let factor = 10_i128.checked_pow(more)?;
        Some(Self {
            mantissa: self.mantissa.checked_mul(factor)?,
            scale: self.scale,
        })
    }

    /// Returns the mantissas of both at their common scale.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let left = self.at_scale(scale - self.scale)?.mantissa;
        let right = other.at_scale(scale - other.scale)?.mantissa;
        Some((left, right, scale))
    }

    /// Returns a number of billionths.
    pub(crate) fn of_nanos(nanos: i128) -> Self {
        Self {
            mantissa: nanos,
            scale: NANO,
        }
    }

    /// Returns the value in billionths; `None` where it is finer than that.
    pub(crate) fn nanos(self) -> Option<i128> {
        let more = NANO.checked_sub(self.scale)?;
        Some(self.at_scale(more)?.mantissa)
    }

    /// Returns the whole part of a value of zero or more, and the digits behind it as text.
    pub(crate) fn split(self) -> Option<(u64, String)> {
        let text = self.to_string();
        let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
        Some((whole.parse().ok()?, fraction.to_owned()))
    }

    pub(crate) fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self {
            mantissa: left.checked_add(right)?,
            scale,
        })
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self {
            mantissa: left.checked_sub(right)?,
            scale,
        })
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Self {
            mantissa,
            scale: self.scale.checked_add(other.scale)?,
        })
    }

    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        let (left, right, _) = self.aligned(other)?;
        Some(left.cmp(&right))
    }

    /// Returns the quotient cut to four digits, half away from zero, for people to read; nothing
    /// is ever decided by it.
    pub(crate) fn share_of(self, whole: Self) -> Option<Self> {
        const SCALE: u32 = 4;
        let (part, whole, _) = self.aligned(whole)?;
        let twice = part.checked_mul(2)?.checked_mul(10_i128.pow(SCALE))?;
        let rounded = if twice < 0 {
            twice.checked_sub(whole)?
        } else {
            twice.checked_add(whole)?
        };
        Some(Self {
            mantissa: rounded.checked_div(whole.checked_mul(2)?)?,
            scale: SCALE,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let width = self.scale as usize + 1;
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::Decimal;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text} is a decimal"))
    }

    #[test]
    fn numbers_are_read_and_printed_by_value() {
        for (text, printed) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.60", "0.6"),
            ("-1.5", "-1.5"),
            ("-0.05", "-0.05"),
            ("1e2", "100"),
            ("15e-1", "1.5"),
            ("1.25E+1", "12.5"),
            ("0e999999", "0"),
        ] {
            assert_eq!(decimal(text).to_string(), printed, "{text}");
        }
        for text in ["1e400", "1e-400", "1e99999999999", "", "-", "abc", "1.2.3"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_binary_floats_confuse_is_told_apart() {
        let sum = decimal("0.3").compare(decimal("0.30000000000000004"));
        assert_eq!(sum, Some(Ordering::Less));
        let share = decimal("0.6")
            .times(decimal("25"))
            .and_then(|min| decimal("15").compare(min));
        assert_eq!(share, Some(Ordering::Equal));
    }

    #[test]
    fn a_share_is_rounded_half_away_from_zero() {
        for (part, whole, printed) in [
            ("18", "25", "0.72"),
            ("2", "3", "0.6667"),
            ("-2", "3", "-0.6667"),
            ("1", "16", "0.0625"),
        ] {
            let share = decimal(part)
                .share_of(decimal(whole))
                .map(|share| share.to_string());
            assert_eq!(share.as_deref(), Some(printed));
        }
    }

    proptest! {
        #[test]
        fn order_and_difference_agree(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, s in 0_u32..6, t in 0_u32..6) {
            let (left, right) = (decimal(&format!("{a}e-{s}")), decimal(&format!("{b}e-{t}")));
            let sign = left.minus(right).and_then(|difference| difference.compare(Decimal::ZERO));
            prop_assert_eq!(left.compare(right), sign);
            prop_assert_eq!(decimal(&left.to_string()).compare(left), Some(Ordering::Equal));
        }
    }
}
