//! JSON numbers, kept to the digit and compared by value.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The largest magnitude of a written exponent, so that arithmetic on it cannot overflow.
const EXPONENT_MAX: i64 = 999_999_999_999_999;

/// A JSON number with its text; equal, ordered and hashed by its exact decimal value.
///
/// No digit is lost and no power of ten is ever written out, so `1e999999999` costs nothing.
#[derive(Debug, Clone)]
pub struct Number {
    text: String,
}

impl Number {
    /// Takes the text of a JSON number whose exponent has at most 15 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = json_number_end(text.as_bytes())?;
        (rest == text.len() && Decimal::of(text).is_some()).then(|| Self {
            text: text.to_owned(),
        })
    }

    /// Returns the number as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns one spelling per value: whole significand and exponent, `1.50` as `15e-1`.
    pub fn canonical(&self) -> String {
        self.decimal().canonical()
    }

    fn decimal(&self) -> Decimal {
        Decimal::of(&self.text).unwrap_or_default()
    }
}

/// Returns where the JSON number at the start of `bytes` ends; `None` when there is none.
pub(crate) fn json_number_end(bytes: &[u8]) -> Option<usize> {
    let at = |index: usize| bytes.get(index).copied();
    let digits_from = |start: usize| {
        let count = bytes
            .iter()
            .skip(start)
            .take_while(|b| b.is_ascii_digit())
            .count();
        (count > 0).then_some(start + count)
    };
    let start = usize::from(at(0) == Some(b'-'));
    let mut end = if at(start) == Some(b'0') {
        start + 1
    } else {
        digits_from(start)?
    };
    if at(end) == Some(b'.') {
        end = digits_from(end + 1)?;
    }
    if matches!(at(end), Some(b'e' | b'E')) {
        let signed = matches!(at(end + 1), Some(b'+' | b'-'));
        end = digits_from(end + 1 + usize::from(signed))?;
    }
    Some(end)
}

/// Tells whether the exponent of a JSON number is within bounds.
pub(crate) fn exponent_in_bounds(text: &str) -> bool {
    Decimal::of(text).is_some()
}

/// A decimal value as 0.*digits* × 10^`exponent`, without zeros at either end of the digits.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads a well-formed JSON number; `None` when its exponent is out of bounds.
    fn of(text: &str) -> Option<Self> {
        let (mantissa, written) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let written: i64 = written
            .parse()
            .ok()
            .filter(|e: &i64| e.abs() <= EXPONENT_MAX)?;
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all = [whole, fraction].concat();
        let led = all.trim_start_matches('0');
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(all.len() - led.len()).ok()?;
        let digits = led.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self::default());
        }
        Some(Self {
            negative,
            digits,
            exponent: written + point,
        })
    }

    fn canonical(&self) -> String {
        if self.digits.is_empty() {
            return "0".to_owned();
        }
        let sign = if self.negative { "-" } else { "" };
        let scale = i64::try_from(self.digits.len()).map_or(i64::MAX, |n| self.exponent - n);
        format!("{sign}{}e{scale}", self.digits)
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        // Digits are fractions after the point, so text order is value order.
        self.exponent
            .cmp(&other.exponent)
            .then_with(|| self.digits.cmp(&other.digits))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.decimal(), other.decimal());
        left.sign()
            .cmp(&right.sign())
            .then_with(|| match left.sign() {
                -1 => right.cmp_magnitude(&left),
                _ => left.cmp_magnitude(&right),
            })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.decimal() == other.decimal()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.decimal().hash(state);
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
