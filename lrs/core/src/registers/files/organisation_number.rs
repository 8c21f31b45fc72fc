//! Organisation numbers: Norwegian with modulus 11, Swedish with modulus 10 (Luhn).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The weights of the first eight digits of a Norwegian organisation number, modulus 11.
const NORWEGIAN_WEIGHTS: [u32; 8] = [3, 2, 7, 6, 5, 4, 3, 2];
/// The most characters in a number of a country whose check digits are not known here.
const OTHER_CHARS_MAX: usize = 20;

/// A checked organisation number with its country, printed as the natural key of the
/// organisation: `NO-123456785`, `SE-402000-0008`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationNumber {
    country: String,
    number: String,
}

/// Why a text is no organisation number. It never quotes the text, which for a sole trader may
/// be a personal identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OrganisationNumberError {
    /// No country was given and the number of digits tells none.
    #[error(
        "found no country for it; expected 9 digits (Norway), 10 digits (Sweden) or a country before it, such as NO-123456785"
    )]
    Country,
    /// Not a country code.
    #[error("found another country than a two-letter code; expected one such as NO or SE")]
    CountryCode,
    /// The number's own country differs from the one beside it.
    #[error("found a number of another country than the one given beside it")]
    OtherCountry,
    /// Not nine digits.
    #[error("found another form than a Norwegian organisation number's; expected 9 digits")]
    NorwegianForm,
    /// The last digit is wrong.
    #[error(
        "found a Norwegian organisation number whose last digit does not fit the others (modulus 11); look for a mistyped digit"
    )]
    NorwegianCheck,
    /// Not ten digits.
    #[error(
        "found another form than a Swedish organisation number's; expected 10 digits, as in 402000-0008"
    )]
    SwedishForm,
    /// The last digit is wrong.
    #[error(
        "found a Swedish organisation number whose last digit does not fit the others (Luhn); look for a mistyped digit"
    )]
    SwedishCheck,
    /// A sole trader's number, which is the owner's personal identity number; see
    /// [`super::Organisation`].
    #[error(
        "found a Swedish personal identity number, as sole traders have; expected the number of a legal person"
    )]
    SwedishPerson,
    /// Not 1 to 20 letters, digits and hyphens.
    #[error(
        "found another form than an organisation number's; expected 1 to 20 letters, digits and hyphens"
    )]
    OtherForm,
}

use OrganisationNumberError as Error;

impl OrganisationNumber {
    /// Reads a number, with the country beside it where there is one. Spaces are ignored;
    /// without any country, 9 digits are Norwegian and 10 are Swedish.
    pub fn parse(country: Option<&str>, text: &str) -> Result<Self, Error> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (prefix, number) = split_country(&text);
        let country = match (prefix, country) {
            (Some(prefix), Some(beside)) if prefix != beside => return Err(Error::OtherCountry),
            (Some(country), _) | (None, Some(country)) => country,
            (None, None) => told_by_digits(number)?,
        };
        let number = match country {
            "NO" => norwegian(number)?,
            "SE" => swedish(number)?,
            _ if is_country(country) => other(number)?,
            _ => return Err(Error::CountryCode),
        };
        Ok(Self {
            country: country.to_owned(),
            number,
        })
    }

    /// Returns the country as two upper-case letters.
    pub fn country(&self) -> &str {
        &self.country
    }
}

impl fmt::Display for OrganisationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.country, self.number)
    }
}

impl FromStr for OrganisationNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(None, text)
    }
}

impl TryFrom<String> for OrganisationNumber {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<OrganisationNumber> for String {
    fn from(number: OrganisationNumber) -> Self {
        number.to_string()
    }
}

/// Tells whether a text has the form of a country code: two upper-case letters.
pub(super) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn split_country(text: &str) -> (Option<&str>, &str) {
    match text.split_once('-') {
        Some((country, number)) if is_country(country) => (Some(country), number),
        _ => (None, text),
    }
}

fn told_by_digits(number: &str) -> Result<&'static str, Error> {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let plain = number.chars().all(|c| c.is_ascii_digit() || c == '-');
    match digits {
        9 if plain => Ok("NO"),
        10 if plain => Ok("SE"),
        _ => Err(Error::Country),
    }
}

fn digits<const N: usize>(text: &str) -> Option<[u32; N]> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    digits?.try_into().ok()
}

fn norwegian(number: &str) -> Result<String, Error> {
    let digits: [u32; 9] = digits(number).ok_or(Error::NorwegianForm)?;
    let sum: u32 = digits
        .iter()
        .zip(NORWEGIAN_WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    // 11 stands for 0; no number has a remainder that would ask for the digit 10.
    let check = (11 - sum % 11) % 11;
    if digits.last() == Some(&check) {
        Ok(number.to_owned())
    } else {
        Err(Error::NorwegianCheck)
    }
}

fn swedish(number: &str) -> Result<String, Error> {
    let plain = number.replacen('-', "", 1);
    let digits: [u32; 10] = digits(&plain).ok_or(Error::SwedishForm)?;
    let doubled = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
        (0, twice) if twice > 9 => twice - 9,
        (0, twice) => twice,
        _ => *digit,
    };
    let sum: u32 = digits.iter().enumerate().map(doubled).sum();
    // The "month" of an organisation number is 20 or more, so that none is a birth date.
    match digits {
        _ if !sum.is_multiple_of(10) => Err(Error::SwedishCheck),
        [_, _, 0 | 1, ..] => Err(Error::SwedishPerson),
        _ => {
            let (front, back) = plain.split_at(6);
            Ok(format!("{front}-{back}"))
        }
    }
}

fn other(number: &str) -> Result<String, Error> {
    let fits = (1..=OTHER_CHARS_MAX).contains(&number.len())
        && number
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits {
        Ok(number.to_owned())
    } else {
        Err(Error::OtherForm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(country: Option<&str>, text: &str) -> Result<String, Error> {
        OrganisationNumber::parse(country, text).map(|number| number.to_string())
    }

    #[test]
    fn a_number_is_read_in_each_usual_spelling() {
        let cases = [
            (Some("NO"), "123456785", "NO-123456785"),
            (Some("NO"), "123 456 785", "NO-123456785"),
            (None, "123456785", "NO-123456785"),
            (None, "NO-123456785", "NO-123456785"),
            (Some("SE"), "402000-0008", "SE-402000-0008"),
            (Some("SE"), "4020000008", "SE-402000-0008"),
            (None, "402000-0008", "SE-402000-0008"),
            (None, "SE-4020000008", "SE-402000-0008"),
            (Some("FI"), "0000000-0", "FI-0000000-0"),
        ];
        for (country, text, expected) in cases {
            assert_eq!(
                key(country, text).as_deref(),
                Ok(expected),
                "{country:?} {text}"
            );
        }
    }

    #[test]
    fn a_wrong_number_is_refused_for_what_is_wrong_with_it() {
        let cases = [
            (Some("NO"), "123456784", Error::NorwegianCheck),
            (Some("NO"), "12345678", Error::NorwegianForm),
            (Some("NO"), "12345678½", Error::NorwegianForm),
            (Some("SE"), "402000-0009", Error::SwedishCheck),
            (Some("SE"), "402000-000", Error::SwedishForm),
            (Some("SE"), "40-2000-0008", Error::SwedishForm),
            (Some("SE"), "400101-0000", Error::SwedishPerson),
            (Some("SE"), "NO-123456785", Error::OtherCountry),
            (Some("Norge"), "123456785", Error::CountryCode),
            (None, "12345", Error::Country),
            (None, "", Error::Country),
            (Some("FI"), "", Error::OtherForm),
        ];
        for (country, text, expected) in cases {
            assert_eq!(key(country, text), Err(expected), "{country:?} {text}");
        }
    }

    #[test]
    fn any_single_mistyped_digit_is_noticed() {
        for (country, number) in [("NO", "123456785"), ("SE", "4020000008")] {
            for place in 0..number.len() {
                for digit in '0'..='9' {
                    let mut typed: Vec<char> = number.chars().collect();
                    typed[place] = digit;
                    let typed: String = typed.into_iter().collect();
                    let read = OrganisationNumber::parse(Some(country), &typed);
                    assert_eq!(read.is_ok(), typed == number, "{country} {typed}");
                }
            }
        }
    }
}
