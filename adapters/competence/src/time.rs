//! How long a duration is, exactly.

use crate::decimal::Decimal;

/// Returns the seconds of an ISO 8601 duration (xAPI 1.0.3 Data 4.6), a day taken as 24 hours;
/// `None` for one of years or months, which have no exact length, and for too many digits.
pub(crate) fn seconds(duration: &str) -> Option<Decimal> {
    let mut rest = duration.strip_prefix('P')?;
    let (mut sum, mut in_time) = (Decimal::ZERO, false);
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            (rest, in_time) = (time, true);
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, unit) = rest.split_at_checked(end)?;
        let number = Decimal::parse(&number.replace(',', "."))?;
        let of_one = match (unit.chars().next()?, in_time) {
            ('W', false) => "604800",
            ('D', false) => "86400",
            ('H', true) => "3600",
            ('M', true) => "60",
            ('S', true) => "1",
            _ if number.is_zero() => "0",
            _ => return None,
        };
        sum = sum.plus(number.times(Decimal::parse(of_one)?)?)?;
        rest = unit.get(1..)?;
    }
    sum.nanos().map(|_| sum)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_duration_of_days_or_less_has_an_exact_length() {
        for (text, expected) in [
            ("PT0S", Some("0")),
            ("PT1H30M5.25S", Some("5405.25")),
            ("PT1,5H", Some("5400")),
            ("P1DT1M", Some("86460")),
            ("P2W", Some("1209600")),
            ("P0Y0MT8S", Some("8")),
            ("P1M", None),
            ("P1Y", None),
            ("PT0.0000000001S", None),
            ("PT99999999999999999999999999999999999999S", None),
            ("two hours", None),
            ("PT", Some("0")),
        ] {
            let found = seconds(text).map(|seconds| seconds.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
