//! Numbers, days and instants as people of a language write them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use varde_interreg::pack::Language;
use varde_xapi::Stored;

/// Between groups of three digits and before a percent sign: a space at which no line is broken.
const NO_BREAK: char = '\u{a0}';
/// What stands before a negative number.
const MINUS: char = '\u{2212}';

const MONTHS_NB: [&str; 12] = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
];
const MONTHS_SV: [&str; 12] = [
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Returns a number that prints with a point before its decimals: `1234.5` is `1 234,5`.
pub(crate) fn number(number: impl ToString + Copy, language: Language) -> String {
    let text = number.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (Some(MINUS), digits),
        None => (None, text.as_str()),
    };
    let (whole, decimals) = match digits.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let (group, point) = match language {
        Language::Nb | Language::Sv => (NO_BREAK, ','),
        Language::En => (',', '.'),
    };
    let mut written: String = sign.into_iter().collect();
    let count = whole.chars().count();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (count - at).is_multiple_of(3) {
            written.push(group);
        }
        written.push(digit);
    }
    if let Some(decimals) = decimals {
        written.push(point);
        written.push_str(decimals);
    }
    written
}

/// Returns a share in percent, rounded to a whole number.
pub(crate) fn percent(share: u32, language: Language) -> String {
    match language {
        Language::En => format!("{share}%"),
        Language::Nb | Language::Sv => format!("{share}{NO_BREAK}%"),
    }
}

/// Returns a day with its month by name.
pub(crate) fn day(day: Date, language: Language) -> String {
    let month = name_of_month(day, language);
    let stop = if language == Language::Nb { "." } else { "" };
    format!("{}{stop} {month} {}", day.day(), day.year())
}

/// Returns the month and the year of a day, the month by its first three letters.
pub(crate) fn month(day: Date, language: Language) -> String {
    let name: String = name_of_month(day, language).chars().take(3).collect();
    format!("{name} {}", day.year())
}

fn name_of_month(day: Date, language: Language) -> &'static str {
    let months = match language {
        Language::Nb => MONTHS_NB,
        Language::Sv => MONTHS_SV,
        Language::En => MONTHS_EN,
    };
    let at = usize::try_from(day.month() - 1).unwrap_or_default();
    months.get(at).copied().unwrap_or_default()
}

/// Returns an instant to the minute, in the zone that a language's people live in.
pub(crate) fn instant(instant: Stored, language: Language) -> String {
    let local = zone(language).to_datetime(instant.instant());
    let (time, before) = (
        local.time(),
        match language {
            Language::Nb | Language::Sv => " kl. ",
            Language::En => ", ",
        },
    );
    format!(
        "{}{before}{:02}:{:02}",
        day(local.date(), language),
        time.hour(),
        time.minute()
    )
}

/// Returns the last instant of a day in that zone; `None` at the end of the calendar.
pub(crate) fn end_of(day: Date, language: Language) -> Option<Stored> {
    let next = day.tomorrow().ok()?.at(0, 0, 0, 0);
    let next = zone(language).into_ambiguous_zoned_datetime(next);
    let next = next.compatible().ok()?.timestamp();
    Some(Stored(next.as_microsecond() - 1))
}

/// Returns the zone of instants: that of Oslo in Norwegian and English, of Stockholm in Swedish.
pub(crate) fn zone(language: Language) -> TimeZone {
    let name = match language {
        Language::Nb | Language::En => "Europe/Oslo",
        Language::Sv => "Europe/Stockholm",
    };
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn numbers_are_grouped_as_each_language_groups_them() {
        assert_eq!(number(1_234_567, Language::Nb), "1\u{a0}234\u{a0}567");
        assert_eq!(number("-1234.5", Language::Sv), "\u{2212}1\u{a0}234,5");
        assert_eq!(number("1234.50", Language::En), "1,234.50");
        assert_eq!(number(999, Language::En), "999");
        assert_eq!(number(0, Language::Nb), "0");
    }

    #[test]
    fn days_have_their_month_by_name() {
        let then = date(2025, 3, 31);
        assert_eq!(day(then, Language::Nb), "31. mars 2025");
        assert_eq!(day(then, Language::Sv), "31 mars 2025");
        assert_eq!(day(then, Language::En), "31 March 2025");
        assert_eq!(month(then, Language::Sv), "mar 2025");
    }

    #[test]
    fn instants_are_told_in_local_time() {
        let summer: jiff::Timestamp = "2025-06-30T22:30:00Z".parse().expect("an instant");
        let stored = Stored(summer.as_microsecond());
        assert_eq!(instant(stored, Language::Nb), "1. juli 2025 kl. 00:30");
        assert_eq!(instant(stored, Language::En), "1 July 2025, 00:30");
        let end = end_of(date(2025, 6, 30), Language::Sv).expect("an instant");
        assert_eq!(end.instant().to_string(), "2025-06-30T21:59:59.999999Z");
    }
}
