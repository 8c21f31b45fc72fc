//! ISO 8601 durations, kept as sent and compared to the hundredth of a second.

use std::fmt;

/// A duration in the ISO 8601 format with designators, such as `PT1H30M` or `P2W`.
///
/// xAPI 1.0.3 Data 4.6 / IEEE 9274.1.1 4.2.7. Two are equal when their parts are, seconds cut
/// (not rounded) to 0.01; a minute is not taken for sixty seconds.
#[derive(Debug, Clone)]
pub struct Duration {
    text: String,
}

impl Duration {
    /// Takes `P[nY][nM][nD][T[nH][nM][nS]]` or `PnW`; only the last part may have a fraction.
    pub fn parse(text: &str) -> Option<Self> {
        parts(text).map(|_| Self {
            text: text.to_owned(),
        })
    }

    /// Returns the duration as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns one spelling per compared value: no zero parts, seconds cut to 0.01.
    pub fn canonical(&self) -> String {
        let mut date = String::from("P");
        let mut time = String::new();
        for part in parts(&self.text).unwrap_or_default() {
            let value = part.canonical_value();
            if value == "0" {
                continue;
            }
            let target = if part.in_time { &mut time } else { &mut date };
            target.push_str(&value);
            target.push(part.unit);
        }
        match (date.as_str(), time.is_empty()) {
            ("P", true) => "PT0S".to_owned(),
            (_, true) => date,
            (_, false) => format!("{date}T{time}"),
        }
    }
}

impl PartialEq for Duration {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for Duration {}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One number with its designator.
struct Part<'a> {
    whole: &'a str,
    fraction: &'a str,
    unit: char,
    in_time: bool,
}

impl Part<'_> {
    fn canonical_value(&self) -> String {
        let whole = match self.whole.trim_start_matches('0') {
            "" => "0",
            digits => digits,
        };
        let cut = if self.unit == 'S' {
            self.fraction.get(..2)
        } else {
            None
        };
        match cut.unwrap_or(self.fraction).trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        }
    }
}

fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let body = text.strip_prefix('P')?;
    if body.ends_with('W') {
        return sequence(body, "W", false);
    }
    let (date, time) = match body.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (body, ""),
    };
    let mut all = sequence(date, "YMD", false)?;
    all.extend(sequence(time, "HMS", true)?);
    let fractions_before_last = all
        .iter()
        .rev()
        .skip(1)
        .any(|part| !part.fraction.is_empty());
    (!all.is_empty() && !fractions_before_last).then_some(all)
}

/// Reads numbers with designators that come in the order of `units`, each at most once.
fn sequence<'a>(mut rest: &'a str, mut units: &str, in_time: bool) -> Option<Vec<Part<'a>>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (part, after) = part(rest, in_time)?;
        units = units.split_once(part.unit)?.1;
        found.push(part);
        rest = after;
    }
    Some(found)
}

fn part(text: &str, in_time: bool) -> Option<(Part<'_>, &str)> {
    let (whole, rest) = digits(text)?;
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => digits(rest)?,
        None => ("", rest),
    };
    let unit = rest.chars().next()?;
    let after = rest.get(unit.len_utf8()..)?;
    Some((
        Part {
            whole,
            fraction,
            unit,
            in_time,
        },
        after,
    ))
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end)
        .filter(|(digits, _)| !digits.is_empty())
}
