//! National identity numbers in running text: where one stands, by its digits alone.

use std::ops::Range;

use jiff::civil::Date;

/// The weights of the first and of the second check digit of a Norwegian number.
const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
/// From this year on, twelve digits that read as a minute are taken for one: statements are younger
/// than xAPI, and learners are older.
const MINUTES_SINCE: i16 = 2013;
/// The bytes of a UUID in its standard form, and where its hyphens stand.
const UUID_BYTES: usize = 36;
const UUID_HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Returns where national identity numbers stand in a text, in order.
pub(super) fn numbers(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while let Some(start) = next_digit(bytes, at) {
        let number = opens(bytes, start).then(|| number_end(bytes, start));
        if let Some(end) = number.flatten() {
            found.push(start..end);
            at = end;
        } else {
            at = run_end(bytes, start);
        }
    }
    found
}

/// Tells whether a JSON text may hold a national identity number: whatever has one is told of, and
/// nearly nothing else. It is one look at each byte.
pub(super) fn may_hold_one(json: &str) -> bool {
    let bytes = json.as_bytes();
    let (mut at, mut behind_escape) = (0, false);
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_digit() {
            let stands = behind_escape || opens(bytes, at);
            if stands && number_end(bytes, at).is_some() {
                return true;
            }
            at = run_end(bytes, at);
            behind_escape = false;
        } else if *byte == b'\\' {
            if is_escaped_part(bytes, at) {
                return true;
            }
            at += if bytes.get(at + 1) == Some(&b'u') {
                6
            } else {
                2
            };
            behind_escape = true;
        } else {
            at += 1;
            behind_escape = false;
        }
    }
    false
}

/// Tells whether an escape stands for a character that numbers are made of.
fn is_escaped_part(bytes: &[u8], at: usize) -> bool {
    let code = bytes.get(at + 1..at + 6);
    let code = code.and_then(|code| code.strip_prefix(b"u00"));
    matches!(
        code,
        Some([b'3', b'0'..=b'9'] | [b'2', b'0' | b'b' | b'B' | b'd' | b'D'])
    )
}

fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let ahead = rest.iter().position(u8::is_ascii_digit)?;
    Some(from + ahead)
}

fn run_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    start + digits.count()
}

/// Tells whether a number may begin here: not within a word, a telephone number or a longer one.
fn opens(bytes: &[u8], start: usize) -> bool {
    let before = |count: usize| bytes.get(start.checked_sub(count)?);
    let joins = matches!(before(1), Some(b'-' | b'.' | b','));
    let is_part = joins && before(2).is_some_and(u8::is_ascii_digit);
    let follows = before(1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'+');
    !follows && !is_part
}

/// Tells whether a number may end here.
fn closes(bytes: &[u8], end: usize) -> bool {
    let joins = matches!(bytes.get(end), Some(b'-' | b'.' | b','));
    let is_part = joins && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) && !is_part
}

/// Returns the end of the national identity number that begins here, if one does.
fn number_end(bytes: &[u8], start: usize) -> Option<usize> {
    let first = run_end(bytes, start);
    let (end, separator) = match (first - start, bytes.get(first)) {
        (10..=12, _) => (first, None),
        (6 | 8, Some(separator @ (b'-' | b'+' | b' '))) => {
            (run_end(bytes, first + 1), Some(*separator))
        }
        _ => return None,
    };
    let digits = bytes.get(start..end)?.iter();
    let digits: Vec<u8> = digits.filter_map(|byte| digit(*byte)).collect();
    let is_number = match (first - start, digits.len(), separator) {
        (11, 11, None) | (6, 11, Some(b'-' | b' ')) => is_norwegian(&digits),
        (10, 10, None) | (6, 10, Some(b'-' | b'+')) => is_swedish(20, &digits),
        (12, 12, None) | (8, 12, Some(b'-' | b'+')) => is_swedish_with_century(&digits),
        _ => false,
    };
    (is_number && closes(bytes, end) && !is_in_uuid(bytes, start, end)).then_some(end)
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// Reads two digits.
fn pair(digits: &[u8], at: usize) -> Option<i8> {
    match digits.get(at..at + 2)? {
        [tens, ones] => i8::try_from(tens * 10 + ones).ok(),
        _ => None,
    }
}

/// Tells of eleven digits whether they are a fødselsnummer or a D-number (day + 40), or one that
/// is synthetic: of the tax administration's Tenor (month + 80) or of Nav (month + 40).
///
/// The check digits are those of numbers given before 2032.
fn is_norwegian(digits: &[u8]) -> bool {
    let weighed = |weights: &[u32]| {
        let products = weights.iter().zip(digits);
        let sum: u32 = products
            .map(|(weight, digit)| weight * u32::from(*digit))
            .sum();
        sum.is_multiple_of(11)
    };
    weighed(&FIRST) && weighed(&SECOND) && is_norwegian_date(digits).unwrap_or(false)
}

fn is_norwegian_date(digits: &[u8]) -> Option<bool> {
    let (day, month, year) = (pair(digits, 0)?, pair(digits, 2)?, pair(digits, 4)?);
    let day = if day > 40 { day - 40 } else { day };
    let month = match month {
        81.. => month - 80,
        41.. => month - 40,
        _ => month,
    };
    // Which centuries the three digits behind the date stand for.
    let century = match (digits.get(6)?, year) {
        (0..=4, _) | (9, 40..) => 1900,
        (5..=7, 54..) if digits.get(6..8)? < [7, 5].as_slice() => 1800,
        (5..=9, ..40) => 2000,
        _ => return Some(false),
    };
    Some(Date::new(century + i16::from(year), month, day).is_ok())
}

/// Tells of ten digits whether they are a personnummer or a samordningsnummer (day + 60).
fn is_swedish(century: i16, digits: &[u8]) -> bool {
    // The digit of the sum of two digits is that of the digit less nine.
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let weighed = digits.iter().enumerate();
    let weighed = weighed.map(|(at, digit)| if at % 2 == 0 { doubled(*digit) } else { *digit });
    let sum: u32 = weighed.map(u32::from).sum();
    let is_given = digits.get(6..9) != Some(&[0, 0, 0]);
    sum.is_multiple_of(10) && is_given && is_swedish_date(century, digits).unwrap_or(false)
}

fn is_swedish_date(century: i16, digits: &[u8]) -> Option<bool> {
    let (year, month, day) = (pair(digits, 0)?, pair(digits, 2)?, pair(digits, 4)?);
    let day = if day > 60 { day - 60 } else { day };
    Some(Date::new(century * 100 + i16::from(year), month, day).is_ok())
}

/// Tells the same of twelve digits, of which the first two are the century.
fn is_swedish_with_century(digits: &[u8]) -> bool {
    let Some((century, digits)) = pair(digits, 0).zip(digits.get(2..)) else {
        return false;
    };
    matches!(century, 18..=20)
        && is_swedish(i16::from(century), digits)
        && !is_minute(i16::from(century), digits).unwrap_or(false)
}

/// Tells whether digits are a date and a time of day since there are statements.
fn is_minute(century: i16, digits: &[u8]) -> Option<bool> {
    let year = century * 100 + i16::from(pair(digits, 0)?);
    let (hour, minute) = (pair(digits, 6)?, pair(digits, 8)?);
    Some(year >= MINUTES_SINCE && hour < 24 && minute < 60)
}

/// Tells whether a stretch lies within a UUID.
fn is_in_uuid(bytes: &[u8], start: usize, end: usize) -> bool {
    (start.saturating_sub(UUID_BYTES)..=start).any(|from| {
        let stretch = bytes.get(from..from + UUID_BYTES);
        from + UUID_BYTES >= end && stretch.is_some_and(is_uuid)
    })
}

fn is_uuid(stretch: &[u8]) -> bool {
    stretch.iter().enumerate().all(|(at, byte)| {
        if UUID_HYPHENS.contains(&at) {
            *byte == b'-'
        } else {
            byte.is_ascii_hexdigit()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that authorities publish for tests, and nobody has: those of the Swedish tax agency
    /// ("Allt du behöver veta om testpersonnummer", skatteverket.se).
    const SWEDISH: [&str; 26] = [
        "20131112-2384",
        "19900704-2386",
        "19950113-2386",
        "19080807-9800",
        "18991223-9812",
        "201707302384",
        "201411182387",
        "195210092218",
        "971129-2392",
        "900804-2385",
        "141031-2381",
        "930302+9806",
        "091224+9828",
        "1712192390",
        "0205102387",
        "5211231864",
        "900477-2381",
        "110482-2398",
        "7911882392",
        "197203702399",
        "19600780-2397",
        "020372-2392",
        "197505722392",
        "196104902397",
        // The examples of its pages on personnummer and samordningsnummer.
        "640823-3234",
        "701063-2391",
    ];

    /// Made for tests by Nav (github.com/navikt/fnrvalidator, whose numbers are "autogenererte"):
    /// fødselsnummer, D-number, Nav's synthetic, Tenor's synthetic, and both kinds of D-number.
    const NORWEGIAN: [&str; 9] = [
        "13097248022",
        "29029648784",
        "29020075838",
        "15021951940",
        "53097248016",
        "13527248013",
        "10915596784",
        "68467038838",
        "50846202355",
    ];

    /// Digits that are no number of a person: by date or by check digit.
    const WRONG: [&str; 19] = [
        "000000-0000",
        "198413320428",
        "7602314564",
        "19520132-6724",
        "941301-4235",
        "19541011-3606",
        "19631224-8564",
        "199601267042",
        "952813-5358",
        "630712+3176",
        "9601267042",
        "0908157892",
        "13097248032",
        "13097248023",
        "32127248022",
        "13137248022",
        "29020112345",
        "1234567890",
        "123456789012",
    ];

    #[test]
    fn published_test_numbers_are_found_and_wrong_ones_are_not() {
        for text in SWEDISH.iter().chain(&NORWEGIAN) {
            let whole = numbers(text).first().cloned();
            assert_eq!(whole, Some(0..text.len()), "{text}");
        }
        for text in WRONG {
            assert_eq!(numbers(text), [], "{text}");
        }
    }

    #[test]
    fn a_number_is_found_amid_text_with_its_usual_separator() {
        for (text, found) in [
            ("Kari (130972 48022)", "130972 48022"),
            ("130972-48022,", "130972-48022"),
            ("mailto:13097248022@example.org", "13097248022"),
            ("elev-19900704-2386", "19900704-2386"),
            ("pnr:900804-2385.", "900804-2385"),
            ("å13097248022ø", "13097248022"),
        ] {
            let places = numbers(text);
            assert_eq!(places.len(), 1, "{text}");
            assert_eq!(text.get(places[0].clone()), Some(found));
        }
        let two = numbers("900804-2385, 13097248022");
        assert_eq!(two, [0..11, 13..24]);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            // Telephone numbers.
            "+4690080423 85",
            "+9008042385",
            "+13097248022",
            "91 23 45 67",
            "070-123 45 67",
            // Instants: a minute, a second, milliseconds, a date with a fraction.
            "201903121200",
            "20190312-1200",
            "20190312120000",
            "1767225600",
            "1767225600000",
            "2019-03-12T12:00:00.900804238500Z",
            // UUIDs whose parts have the right digits.
            "6f1a2b3c-4d5e-4f60-8a7b-195210092218",
            "19900704-2386-4a4b-8c8d-0123456789ab",
            // Digests, and parts of longer numbers or words.
            "a13097248022",
            "13097248022b",
            "1.9008042385",
            "9008042385.5",
            "900804-2385-1",
            "1-900804-2385",
            "190080423850",
        ] {
            assert_eq!(numbers(text), [], "{text}");
        }
    }

    #[test]
    fn a_json_text_that_may_hold_one_is_told_apart_at_a_look() {
        for json in [
            r#"{"x":13097248022}"#,
            r#"{"x":"13097248022"}"#,
            r#"{"x":"line\n900804-2385"}"#,
            r#"{"x":"\u00e513097248022\u00e5"}"#,
            r#"{"x":"1309724802\u0032"}"#,
            r#"{"x":"900804\u002d2385"}"#,
        ] {
            assert!(may_hold_one(json), "{json}");
        }
        for json in [
            r#"{"x":"\u00e5\u00f8\/\"","id":"6f1a2b3c-4d5e-4f60-8a7b-195210092218"}"#,
            r#"{"timestamp":"2026-01-01T00:00:00.900804238500Z"}"#,
            r#"{"x":"trailing\"#,
        ] {
            assert!(!may_hold_one(json), "{json}");
        }
    }
}
