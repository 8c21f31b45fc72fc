//! Instants: the sender's timestamps and the store's own.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::family::Family;

/// A timestamp as the standard allows it, brought to UTC.
///
/// xAPI 1.0.3 Data 4.5 / IEEE 9274.1.1 4.2.7. Two are equal when they name the same instant to
/// the nanosecond, however they are written.
#[derive(Debug, Clone)]
pub struct Timestamp {
    /// The instant, cut to nanoseconds.
    pub instant: jiff::Timestamp,
    /// The text in UTC: `T`, `Z`, at least three fraction digits and all that were sent.
    pub text: String,
}

impl Timestamp {
    /// Reads a timestamp as either family allows it; a text without a zone is read as UTC.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        Self::from_parts(&Parts::split(text)?)
    }

    /// Reads a timestamp as this family allows it.
    ///
    /// Only 1.0.x admits a text without a zone, and only 2.0.x a space in place of the `T`.
    pub fn parse_in(text: &str, family: Family) -> Result<Self, TimestampError> {
        let parts = Parts::split(text)?;
        match family {
            Family::V1 if parts.separator == ' ' => Err(TimestampError::Form),
            Family::V2 if parts.zone.is_empty() => Err(TimestampError::Zone),
            _ => Self::from_parts(&parts),
        }
    }

    fn from_parts(parts: &Parts<'_>) -> Result<Self, TimestampError> {
        let offset = parts.offset()?;
        let (local, leap) = parts.local()?;
        let whole = offset
            .to_timestamp(local)
            .map_err(|_| TimestampError::Range)?;
        // A leap second is the instant that follows it, as in POSIX time.
        let leap = jiff::SignedDuration::from_secs(i64::from(leap));
        let whole = whole.checked_add(leap).map_err(|_| TimestampError::Range)?;
        let utc = Offset::UTC.to_datetime(whole);
        if !(0..=9999).contains(&utc.year()) {
            return Err(TimestampError::Range);
        }
        let nanoseconds = jiff::SignedDuration::from_nanos(parts.nanoseconds());
        let instant = whole
            .checked_add(nanoseconds)
            .map_err(|_| TimestampError::Range)?;
        let text = format!(
            "{}.{:0<3}Z",
            utc.strftime("%Y-%m-%dT%H:%M:%S"),
            parts.fraction
        );
        Ok(Self { instant, text })
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.instant == other.instant
    }
}

impl Eq for Timestamp {}

/// Why a text is no timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// The text has not the form of an RFC 3339 date and time.
    #[error("not an RFC 3339 date and time")]
    Form,
    /// The offset is missing where it is needed, malformed, out of range or minus zero.
    #[error("not a valid offset from UTC")]
    Zone,
    /// A field, or the instant in UTC, is outside the calendar years 0 to 9999.
    #[error("no such instant between the years 0 and 9999")]
    Range,
}

/// The pieces of a timestamp, not yet looked up in a calendar.
struct Parts<'a> {
    fields: [i16; 6],
    separator: char,
    fraction: &'a str,
    zone: &'a str,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, TimestampError> {
        let form = TimestampError::Form;
        let (head, tail) = text.split_at_checked(19).ok_or(form)?;
        let separator = char::from(*head.as_bytes().get(10).ok_or(form)?);
        if !matches!(separator, 'T' | 't' | ' ') || !has_shape(head) {
            return Err(form);
        }
        let field = |range| {
            head.get(range)
                .and_then(|digits: &str| digits.parse().ok())
                .ok_or(form)
        };
        let fields = [
            field(0..4)?,
            field(5..7)?,
            field(8..10)?,
            field(11..13)?,
            field(14..16)?,
            field(17..19)?,
        ];
        let (fraction, zone) = match tail.strip_prefix('.') {
            Some(rest) => {
                let end = rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                rest.split_at_checked(end)
                    .filter(|(digits, _)| !digits.is_empty())
                    .ok_or(form)?
            }
            None => ("", tail),
        };
        Ok(Self {
            fields,
            separator,
            fraction,
            zone,
        })
    }

    fn local(&self) -> Result<(DateTime, bool), TimestampError> {
        let [year, month, day, hour, minute, second] = self.fields;
        let small = |value: i16| i8::try_from(value).map_err(|_| TimestampError::Range);
        let leap = second == 60;
        let second = if leap { 59 } else { second };
        let local = DateTime::new(
            year,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
            0,
        );
        Ok((local.map_err(|_| TimestampError::Range)?, leap))
    }

    fn offset(&self) -> Result<Offset, TimestampError> {
        let zone = TimestampError::Zone;
        if matches!(self.zone, "" | "Z" | "z") {
            return Ok(Offset::UTC);
        }
        let (sign, digits) = self.zone.split_at_checked(1).ok_or(zone)?;
        let (hours, minutes) = match digits.len() {
            2 => (digits, "00"),
            4 => digits.split_at_checked(2).ok_or(zone)?,
            5 => digits
                .split_once(':')
                .filter(|(hours, _)| hours.len() == 2)
                .ok_or(zone)?,
            _ => return Err(zone),
        };
        let two = |text: &str, max: i32| {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            text.parse()
                .ok()
                .filter(|value: &i32| digits && *value <= max)
                .ok_or(zone)
        };
        let seconds = two(hours, 23)? * 3600 + two(minutes, 59)? * 60;
        match sign {
            "+" => Offset::from_seconds(seconds).map_err(|_| zone),
            "-" if seconds > 0 => Offset::from_seconds(-seconds).map_err(|_| zone),
            _ => Err(zone),
        }
    }

    fn nanoseconds(&self) -> i64 {
        let nine: String = self
            .fraction
            .chars()
            .chain("000000000".chars())
            .take(9)
            .collect();
        nine.parse().unwrap_or_default()
    }
}

/// Tells whether a text of 19 bytes has digits and signs where `2026-11-23T19:30:00` has them.
fn has_shape(head: &str) -> bool {
    head.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        13 | 16 => byte == b':',
        10 => true,
        _ => byte.is_ascii_digit(),
    })
}

/// When the store took a statement: microseconds since 1970-01-01T00:00:00Z.
///
/// Prints with exactly six fraction digits, `2026-11-23T19:30:00.123456Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stored(pub i64);

impl Stored {
    /// Reads any xAPI timestamp, cut down to the microsecond.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        Timestamp::parse(text).map(|timestamp| Self::from(timestamp.instant))
    }

    /// Returns the instant; values outside the years -9999 to 9999 are cut to that range.
    pub fn instant(self) -> jiff::Timestamp {
        let bound = if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        };
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(bound)
    }
}

impl From<jiff::Timestamp> for Stored {
    fn from(instant: jiff::Timestamp) -> Self {
        let whole = instant.as_microsecond();
        // The library cuts towards zero; before 1970 that would be forward in time.
        let ahead = jiff::Timestamp::from_microsecond(whole).is_ok_and(|cut| cut > instant);
        Self(whole - i64::from(ahead))
    }
}

impl From<&Timestamp> for Stored {
    fn from(timestamp: &Timestamp) -> Self {
        Self::from(timestamp.instant)
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.instant())
    }
}

impl FromStr for Stored {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
