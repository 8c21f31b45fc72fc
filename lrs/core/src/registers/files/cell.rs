//! Cells of register tables, read as what they mean.
//!
//! A cell that does not fit becomes a fault and is read as nothing: with one fault in the set
//! no row of it is used.

use jiff::civil::Date;

use super::organisation_number::is_country;
use super::{FileFault, Line, Organisation};
use crate::registers::PersonId;

/// The most bytes of a pseudonym.
const PSEUDONYM_BYTES_MAX: usize = 64;
/// The most bytes of an activity's IRI: with a pseudonym it must fit in a ledger key.
const IRI_BYTES_MAX: usize = 300;
/// The most characters of a title or a name.
const TEXT_CHARS_MAX: usize = 500;

const DAY: &str = "a date such as 2026-01-31";
const DECIMAL: &str = "a number of 0 or more, such as 12 or 1.5";
const TEXT: &str = "a text of 1 to 500 characters";
const IRI: &str = "an absolute IRI of at most 300 bytes, such as https://example.org/course";

/// A line that is being read, with the faults found so far.
#[derive(Debug)]
pub struct Cells<'a> {
    /// The line.
    pub line: Line<'a>,
    /// What is wrong with the lines so far.
    pub faults: &'a mut Vec<FileFault>,
}

impl<'a> Cells<'a> {
    /// Reads a cell that may be empty; one that does not fit is told, with what was expected.
    pub fn optional<T>(
        &mut self,
        column: &str,
        expected: &str,
        read: impl Fn(&'a str) -> Option<T>,
    ) -> Option<T> {
        let text = self.line.text(column);
        if text.is_empty() {
            return None;
        }
        let value = read(text);
        if value.is_none() {
            self.faults.push(self.line.misfit(column, expected));
        }
        value
    }

    /// Reads a cell that must not be empty; what does not fit is told and read as the default.
    pub fn required<T: Default>(
        &mut self,
        column: &str,
        expected: &str,
        read: impl Fn(&'a str) -> Option<T>,
    ) -> T {
        if self.line.text(column).is_empty() {
            self.faults.push(self.line.misfit(column, expected));
        }
        self.optional(column, expected, read).unwrap_or_default()
    }

    /// Reads the pseudonym of a person.
    pub fn pseudonym(&mut self) -> String {
        let expected = "a pseudonym of 1 to 64 letters, digits, `.`, `_` and `-`";
        self.required("pseudonym", expected, |text| {
            is_pseudonym(text).then(|| text.to_owned())
        })
    }

    /// Reads a day that may be missing.
    pub fn date(&mut self, column: &str) -> Option<Date> {
        self.optional(column, DAY, date)
    }

    /// Reads a day.
    pub fn day(&mut self, column: &str) -> Date {
        self.required(column, DAY, date)
    }

    /// Reads two dates of which the first must not be later.
    pub fn span(&mut self, from: &str, to: &str) -> (Option<Date>, Option<Date>) {
        let span = (self.date(from), self.date(to));
        if let (Some(first), Some(last)) = span
            && last < first
        {
            self.faults.push(
                self.line
                    .misfit(to, &format!("a day not before the one in {from}")),
            );
        }
        span
    }

    pub(super) fn nuts3(&mut self) -> Option<String> {
        let expected = "a NUTS 3 code of two letters and three letters or digits, such as NO060";
        self.optional("nuts3", expected, |text| {
            is_nuts3(text).then(|| text.to_owned())
        })
    }

    /// Reads a text of some form, or none.
    pub fn matching(
        &mut self,
        column: &str,
        expected: &str,
        fits: impl Fn(&str) -> bool,
    ) -> Option<String> {
        self.optional(column, expected, |text| fits(text).then(|| text.to_owned()))
    }

    /// Reads a number of 0 or more that may be missing, with point or comma, as one with a point.
    pub fn decimal(&mut self, column: &str) -> Option<String> {
        self.optional(column, DECIMAL, decimal)
    }

    /// Reads a number of 0 or more.
    pub fn number(&mut self, column: &str) -> String {
        self.required(column, DECIMAL, decimal)
    }

    /// Reads one of some words, or none.
    pub fn one_of(&mut self, column: &str, words: &[&str]) -> Option<String> {
        let expected = format!("one of {}", words.join(", "));
        self.matching(column, &expected, |text| words.contains(&text))
    }

    /// Reads one of some words.
    pub fn word(&mut self, column: &str, words: &[&str]) -> String {
        let expected = format!("one of {}", words.join(", "));
        let read = |text: &str| words.contains(&text).then(|| text.to_owned());
        self.required(column, &expected, read)
    }

    /// Reads a text that may be missing.
    pub fn note(&mut self, column: &str) -> Option<String> {
        self.matching(column, TEXT, is_short)
    }

    /// Reads a title or a name.
    pub fn title(&mut self, column: &str) -> String {
        let read = |text: &str| is_short(text).then(|| text.to_owned());
        self.required(column, TEXT, read)
    }

    /// Reads an absolute IRI.
    pub fn iri(&mut self, column: &str) -> String {
        self.required(column, IRI, |text| is_iri(text).then(|| text.to_owned()))
    }

    /// Reads an absolute IRI that may be missing.
    pub fn optional_iri(&mut self, column: &str) -> Option<String> {
        self.matching(column, IRI, is_iri)
    }

    /// Reads an organisation number with the country beside it, where the table has that column.
    pub(super) fn organisation(&mut self) -> Option<String> {
        let country = self.optional("country", "a country of two letters, such as NO", |text| {
            is_country(text).then_some(text)
        });
        match Organisation::parse(country, self.line.text("orgnr")) {
            Ok(organisation) => Some(organisation.given()),
            Err(error) => {
                self.faults
                    .push(self.line.fault("orgnr", error.to_string()));
                None
            }
        }
    }
}

/// Tells whether a text may be a pseudonym; no e-mail address and no name with spaces may, and
/// nothing that reads as a person's id.
fn is_pseudonym(text: &str) -> bool {
    (1..=PSEUDONYM_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && !PersonId::is_reserved(text)
}

pub(super) fn date(text: &str) -> Option<Date> {
    // The library reads more spellings than the one that offices are asked for.
    if text.len() == 10 {
        text.parse().ok()
    } else {
        None
    }
}

fn is_nuts3(text: &str) -> bool {
    let (country, region) = text.split_at_checked(2).unwrap_or(("", ""));
    is_country(country)
        && region.len() == 3
        && region
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= TEXT_CHARS_MAX
}

fn is_iri(text: &str) -> bool {
    text.len() <= IRI_BYTES_MAX && varde_xapi::parameter::iri("iri", text).is_ok()
}

/// Reads a decimal number with point or comma as one with a point.
fn decimal(text: &str) -> Option<String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let plain = text.replacen(',', ".", 1);
    let fits = match plain.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(&plain),
    };
    // No zeros before the number, as JSON writes it.
    let whole = plain.trim_start_matches('0');
    let zero = if whole.is_empty() || whole.starts_with('.') {
        "0"
    } else {
        ""
    };
    fits.then(|| format!("{zero}{whole}"))
}

/// Tells whether a text is a band of birth years, such as `1980-1989`.
pub(super) fn is_birth_year_band(text: &str) -> bool {
    let year = |text: &str| -> Option<u16> {
        let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match text
        .split_once('-')
        .map(|(from, to)| (year(from), year(to)))
    {
        Some((Some(from), Some(to))) => from <= to,
        _ => false,
    }
}

/// Tells whether a text is a NACE code: a division, group or class, with or without its section
/// letter, such as `85`, `85.5` or `P85.59`.
pub(super) fn is_nace(text: &str) -> bool {
    let code = text
        .strip_prefix(|c: char| c.is_ascii_uppercase())
        .unwrap_or(text);
    let (division, class) = code.split_once('.').unwrap_or((code, "0"));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    division.len() == 2 && digits(division) && matches!(class.len(), 1 | 2) && digits(class)
}

/// Tells whether a text is a year of four digits.
pub(super) fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())
}
