//! How often one key may call.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use varde_core::keys::Fingerprint;
use varde_core::{Clock, KeyId};
use varde_xapi::Stored;

use crate::error::ApiError;

const MINUTE_MICROS: i64 = 60_000_000;
const SECOND_MICROS: i64 = 1_000_000;

/// A token bucket for each key and session: it holds a minute's requests and fills steadily.
///
/// Only callers whose credential was right have a bucket, and a full one is forgotten, so memory is
/// bounded by the keys and sessions that called within the last minutes.
#[derive(Debug)]
pub(crate) struct Rate {
    clock: Arc<dyn Clock>,
    buckets: Mutex<Buckets>,
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    /// Those of a key.
    Key(KeyId),
    /// Those of one session token.
    Session(Fingerprint),
}

/// When each bucket is full again, in microseconds since 1970 UTC.
#[derive(Debug, Default)]
struct Buckets {
    full_at: HashMap<Bucket, i64>,
    /// When full buckets were last forgotten.
    swept: i64,
}

impl Rate {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            buckets: Mutex::default(),
        }
    }

    /// Takes a token for one request, or tells when there will be one.
    pub(crate) fn take(&self, bucket: Bucket, per_minute: NonZeroU32) -> Result<(), ApiError> {
        let Stored(now) = self.clock.now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.sweep(now);
        let full_at = buckets.full_at.entry(bucket).or_insert(now);
        // An empty bucket is full in a minute; it is farther off only where the clock went back.
        *full_at = (*full_at).clamp(now, now.saturating_add(MINUTE_MICROS));
        let after = full_at.saturating_add(MINUTE_MICROS / i64::from(per_minute.get()));
        let missing = after.saturating_sub(now) - MINUTE_MICROS;
        if missing > 0 {
            return Err(ApiError::TooManyRequests {
                per_minute,
                seconds: missing
                    .unsigned_abs()
                    .div_ceil(SECOND_MICROS.unsigned_abs()),
            });
        }
        *full_at = after;
        Ok(())
    }
}

impl Buckets {
    /// Forgets full buckets, about once a minute.
    fn sweep(&mut self, now: i64) {
        if now.abs_diff(self.swept) >= MINUTE_MICROS.unsigned_abs() {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept = now;
        }
    }
}
