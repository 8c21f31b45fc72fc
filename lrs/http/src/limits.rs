//! What the surface bounds, and the choices that an operator has.

use std::num::NonZeroU32;
use std::time::Duration;

use varde_xapi::multipart::HEADER_BYTES_MAX;
use varde_xapi::{Family, JSON_DEPTH_MAX};

/// Bounds and choices of the HTTP surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a request body, counted after decompression; more is a 413. Of a body of
    /// several parts it bounds the one with the statements.
    pub body_bytes_max: usize,
    /// The most bytes of a body of several parts beside its statements, counted after
    /// decompression: the data of attachments, and the lines around it. More is a 413.
    pub attachment_bytes_max: usize,
    /// The most parts of a body of several parts, the statements included; more is a 413.
    pub parts_max: usize,
    /// The most bytes of the headers of one part; more is a 400.
    pub part_head_bytes_max: usize,
    /// The most levels of arrays and objects in a JSON body, of 128 at most; more is a 400.
    pub json_depth_max: usize,
    /// The most bytes of a query; more is a 414. Forms in the place of a query are bodies.
    pub query_bytes_max: usize,
    /// How long a whole body may take; longer is a 408.
    pub body_max: Duration,
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
    /// Returns 16 MiB bodies of 128 levels, 256 MiB of attachments in 1,000 parts with one request, queries
    /// of 64 KiB, an hour for a body and 30 seconds for its next bytes, two slow checks at a time, any
    /// number of requests, and answers as 2.0.0.
    fn default() -> Self {
        Self {
            body_bytes_max: 16 * 1024 * 1024,
            attachment_bytes_max: 256 * 1024 * 1024,
            parts_max: 1_000,
            part_head_bytes_max: HEADER_BYTES_MAX,
            json_depth_max: JSON_DEPTH_MAX,
            query_bytes_max: 64 * 1024,
            body_max: Duration::from_hours(1),
            body_pause_max: Duration::from_secs(30),
            secret_checks_max: 2,
            requests_per_minute: None,
            unversioned: Family::V2,
        }
    }
}
