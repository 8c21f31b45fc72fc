//! As of which day, as known at which instant, and behind which position.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use varde_core::{Clock, Position};
use varde_xapi::{Fault, Stored, parameter};

use crate::error::ApiError;
use crate::extract::Known;
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// The zone whose day is "today" where a request names no day: that of Oslo and Stockholm.
const ZONE: &str = "Europe/Oslo";

/// Reads `as_of`, a day; today where it is not given.
pub(super) fn as_of(known: &Known, clock: &dyn Clock) -> Result<Date, ApiError> {
    Ok(known.read("as_of", day)?.unwrap_or_else(|| today(clock)))
}

/// Reads `known_at`, an instant.
pub(super) fn known_at(known: &Known) -> Result<Option<Stored>, ApiError> {
    let timestamp = known.read::<_, Fault>("known_at", parameter::timestamp)?;
    Ok(timestamp.map(|timestamp| Stored::from(&timestamp)))
}

/// Reads a day.
pub(super) fn day(name: &str, text: &str) -> Result<Date, Finding> {
    // The library also reads longer texts that begin with a day; those would hide a mistake.
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    day.ok_or_else(|| Finding::new(name, ProtocolRule::Day, text, "a day such as 2026-11-23"))
}

/// Returns today.
pub(super) fn today(clock: &dyn Clock) -> Date {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    zone.to_datetime(clock.now().instant()).date()
}

/// Reads a position in the log.
pub(super) fn position(name: &str, text: &str) -> Result<Position, Finding> {
    let expected = "a position in the log, as an answer gave it: a whole number, 0 or more";
    let position = text.parse().map(Position);
    position.map_err(|_| Finding::new(name, ProtocolRule::Position, text, expected))
}
