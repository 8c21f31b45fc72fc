//! When a dictionary is trained, and on what.

use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::{Connection, OptionalExtension};

use super::sample;
use crate::database::Database;
use crate::error::Fault;
use crate::row::{self, columns};

/// How many statements the log holds when the first dictionary is trained.
const FIRST_AT: i64 = 2_000;
/// By how much the log grows before the next one is trained.
const GROWTH: i64 = 10;
/// The most statements that one is trained on.
const SAMPLES_MAX: i64 = 2_000;
/// The most bytes of a dictionary.
const DICTIONARY_BYTES_MAX: usize = 32 * 1024;

/// The position at which the next dictionary is trained.
#[derive(Debug)]
pub(crate) struct Training(AtomicI64);

impl Training {
    /// Goes on behind the last dictionary that was trained.
    pub(crate) fn new(connection: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT max(trained_at) FROM dictionary";
        let last: Option<i64> = connection
            .query_row(sql, [], |row| row.get(0))
            .optional()?
            .flatten();
        Ok(Self(AtomicI64::new(next_behind(last.unwrap_or(0)))))
    }

    /// Tells, once, that a dictionary is due now that the log reaches so far.
    pub(crate) fn is_due(&self, head: i64) -> bool {
        let at = self.0.load(Ordering::Relaxed);
        let next = next_behind(head);
        head >= at
            && self
                .0
                .compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

fn next_behind(trained_at: i64) -> i64 {
    trained_at.saturating_mul(GROWTH).max(FIRST_AT)
}

/// Trains a dictionary on the newest statements; `None` when they have too little in common.
pub(crate) fn train(database: &Database) -> Result<Option<Vec<u8>>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM log WHERE kind = 0 ORDER BY position DESC LIMIT ?1"
    );
    let events = database.rows(sql, [SAMPLES_MAX], row::read_event)?;
    let bodies: Vec<_> = events
        .into_iter()
        .filter_map(|event| Some(row::into_statement(event)?.body))
        .collect();
    let samples = sample::anonymous(&bodies);
    match zstd::dict::from_samples(&samples, DICTIONARY_BYTES_MAX) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => {
            tracing::info!(%error, "no dictionary was made of the newest statements");
            Ok(None)
        }
    }
}
