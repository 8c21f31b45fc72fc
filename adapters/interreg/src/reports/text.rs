//! Texts and amounts as people give them, and the lines of the audit log.

use std::str::FromStr as _;

use jiff::civil::Date;
use rust_decimal::Decimal;
use varde_core::ProjectCode;
use varde_core::audit::Told;

use super::error::ReportError;

/// The largest amount, either way, that somebody may give.
const AMOUNT_MAX: i64 = 99_999_999_999;

/// Checks a text that must say something and not too much.
pub(super) fn bounded(field: &'static str, text: &str, max: usize) -> Result<String, ReportError> {
    let text = text.trim();
    let length = text.chars().count();
    if (1..=max).contains(&length) {
        return Ok(text.to_owned());
    }
    Err(ReportError::Invalid {
        field,
        expected: format!("a text of 1 to {max} characters"),
        found: format!("{length}"),
    })
}

/// Reads an amount: a decimal number with a point and at most two decimals.
pub fn amount(field: &'static str, text: &str) -> Result<Decimal, ReportError> {
    let amount = Decimal::from_str(text.trim()).ok();
    let max = Decimal::new(AMOUNT_MAX, 2);
    let amount = amount.map(|amount| amount.normalize());
    let amount = amount.filter(|amount| amount.scale() <= 2 && amount.abs() <= max);
    amount.ok_or_else(|| ReportError::Invalid {
        field,
        expected: format!("a number with at most two decimals, from -{max} to {max}"),
        found: text.chars().take(40).collect(),
    })
}

/// Describes a deed to the audit log.
pub(super) fn told(what: &str, project: &ProjectCode, period: Option<Date>) -> Told {
    let period = period.map(|day| format!(" {day}")).unwrap_or_default();
    Told {
        query: format!("{what}({project}{period})"),
        ..Told::new(what, &[], 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimals_of_two_places_within_bounds() {
        let read = |text: &str| amount("amount", text).map(|amount| amount.to_string()).ok();
        let cases = [
            ("3", Some("3")),
            ("-0.50", Some("-0.5")),
            ("12.25", Some("12.25")),
            ("999999999.99", Some("999999999.99")),
            ("1000000000", None),
            ("0.001", None),
            ("1,5", None),
            ("", None),
            ("one", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }
}
