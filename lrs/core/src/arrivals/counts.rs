//! What is counted of the statements of a key.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use crate::ports::{StoreError, StoredStatement};
use crate::{KeyId, Space};

/// How far a statement's `timestamp` lies before its `stored` when it came late.
const LATE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many bytes the id of a key has.
const KEY_ID_BYTES: usize = 16;
/// How many bytes a month has in the key of a record: the year, and the month of it.
const MONTH_BYTES: usize = 3;

/// What came in, in numbers; it names nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How many statements, those that void others among them.
    pub statements: u64,
    /// How many of them said not when they happened.
    pub without_timestamp: u64,
    /// How many speak of an instant more than five minutes past their `stored`; they never count.
    pub future: u64,
    /// How far the furthest of those lies past its `stored`, in whole seconds.
    pub skew_max_seconds: u64,
    /// How many speak of an instant more than seven days before their `stored`.
    pub late: u64,
    /// How many probably say again what an earlier one said.
    pub repeats: u64,
}

impl Counts {
    /// Counts one statement.
    pub(super) fn of(statement: &StoredStatement, is_repeat: bool) -> Self {
        let ahead = statement
            .happened()
            .duration_since(statement.stored.instant());
        let is_future = statement.is_from_the_future();
        let skew = u64::try_from(ahead.as_secs()).unwrap_or_default();
        Self {
            statements: 1,
            without_timestamp: statement.timestamp.is_none().into(),
            future: is_future.into(),
            skew_max_seconds: if is_future { skew } else { 0 },
            late: (ahead < -LATE).into(),
            repeats: is_repeat.into(),
        }
    }
}

impl AddAssign for Counts {
    /// Adds what came in besides; of the furthest skews the further one stays.
    fn add_assign(&mut self, more: Self) {
        self.statements = self.statements.saturating_add(more.statements);
        self.without_timestamp = self
            .without_timestamp
            .saturating_add(more.without_timestamp);
        self.future = self.future.saturating_add(more.future);
        self.skew_max_seconds = self.skew_max_seconds.max(more.skew_max_seconds);
        self.late = self.late.saturating_add(more.late);
        self.repeats = self.repeats.saturating_add(more.repeats);
    }
}

/// What came in on the days of a month, by the day of it.
pub(super) type Month = BTreeMap<i8, Counts>;

/// When statements of a key came into a space, and how many in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) first: Stored,
    pub(super) last: Stored,
    pub(super) statements: u64,
}

/// Returns the day of an instant, in UTC.
pub(super) fn day(stored: Stored) -> Date {
    TimeZone::UTC.to_datetime(stored.instant()).date()
}

/// Returns the key of what is known of a key in a space; those of one key stand together.
pub(super) fn seen_key(key: KeyId, space: &Space) -> Vec<u8> {
    let mut bytes = key.0.as_bytes().to_vec();
    bytes.extend(space.to_string().bytes());
    bytes
}

/// Returns the space that such a key names.
pub(super) fn seen_space(bytes: &[u8]) -> Result<Space, StoreError> {
    space(bytes.get(KEY_ID_BYTES..))
}

/// Returns what the keys of a key's months begin with, up to the month of a day. It sorts before each
/// of them, and behind those of earlier months.
pub(super) fn month_prefix(key: KeyId, day: Date) -> Vec<u8> {
    let mut bytes = key.0.as_bytes().to_vec();
    // No statement is stored before the year 0; the order of such would be wrong, and nothing else.
    bytes.extend(day.year().to_be_bytes());
    bytes.extend(day.month().to_be_bytes());
    bytes
}

/// Returns the key of what a key sent into a space in the month of a day.
pub(super) fn month_key(key: KeyId, space: &Space, day: Date) -> Vec<u8> {
    let mut bytes = month_prefix(key, day);
    bytes.extend(space.to_string().bytes());
    bytes
}

/// Returns the first day of the month and the space that such a key names.
pub(super) fn month_of(bytes: &[u8]) -> Result<(Date, Space), StoreError> {
    let damaged = || StoreError::failed("a month of what came in has no month in its key");
    let month = bytes.get(KEY_ID_BYTES..KEY_ID_BYTES + MONTH_BYTES);
    let &[high, low, month] = month.ok_or_else(damaged)? else {
        return Err(damaged());
    };
    let month = i8::from_be_bytes([month]);
    let first = Date::new(i16::from_be_bytes([high, low]), month, 1).map_err(|_| damaged())?;
    Ok((first, space(bytes.get(KEY_ID_BYTES + MONTH_BYTES..))?))
}

fn space(bytes: Option<&[u8]>) -> Result<Space, StoreError> {
    let text = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
    text.unwrap_or_default().parse().map_err(StoreError::failed)
}
