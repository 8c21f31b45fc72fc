//! What the surface bounds, and the choices that an operator has.

use std::num::NonZeroU32;
use std::time::Duration;

use varde_xapi::Family;

/// Bounds and choices of the HTTP surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a request body, counted after decompression; more is a 413. Of a body of
    /// several parts it bounds the one with the statements.
    pub body_bytes_max: usize,
    /// The most bytes of a body of several parts beside its statements, counted after
    /// decompression: the data of attachments, and the lines around it. More is a 413.
    pub attachment_bytes_max: usize,
    /// How long a body may let wait for its next bytes; longer is a 408.
    pub body_pause_max: Duration,
    /// How many secrets are checked by the slow hash at the same time; others wait their turn.
    /// Each takes some 20 MiB of memory and tens of milliseconds of one processor.
    pub secret_checks_max: usize,
    /// How many requests one key may make in a minute, at once or spread; more is a 429 that says
    /// when to come back. `None` for any number. Requests without a right credential are not
    /// counted: what they cost is bounded by `secret_checks_max`.
    pub requests_per_minute: Option<NonZeroU32>,
    /// The family named in the version header of answers to requests that named none or none
    /// that is supported.
    pub unversioned: Family,
}

impl Default for Limits {
    /// Returns 16 MiB bodies, 256 MiB of attachments with one request, 30 seconds for the next bytes of
    /// a body, two slow checks at a time,
    /// any number of requests, and answers as 2.0.0.
    fn default() -> Self {
        Self {
            body_bytes_max: 16 * 1024 * 1024,
            attachment_bytes_max: 256 * 1024 * 1024,
            body_pause_max: Duration::from_secs(30),
            secret_checks_max: 2,
            requests_per_minute: None,
            unversioned: Family::V2,
        }
    }
}
