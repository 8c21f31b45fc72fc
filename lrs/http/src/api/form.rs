//! The form of an answer: JSON or CSV, and which page.

use std::str::FromStr;

use axum::Json;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::ApiError;
use crate::extract::Known;
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// How many rows a page has where the request does not say.
const LIMIT: usize = 1_000;
/// The most rows of a page.
const LIMIT_MAX: usize = 10_000;
const CSV: &str = "text/csv";

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Csv,
}

impl Form {
    /// Reads `format`; where it is not given CSV for who accepts that and not JSON (RFC 9110
    /// 12.5.1).
    pub(super) fn of(known: &Known, headers: &HeaderMap) -> Result<Self, ApiError> {
        let given = known.read("format", |name, text| match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err(choice(name, text, "json or csv")),
        })?;
        Ok(given.unwrap_or_else(|| {
            let accepts = |media: &str| {
                let accept = headers.get_all(header::ACCEPT).iter();
                let mut accept = accept.filter_map(|value| value.to_str().ok());
                accept.any(|value| value.to_ascii_lowercase().contains(media))
            };
            if accepts(CSV) && !accepts("application/json") {
                Self::Csv
            } else {
                Self::Json
            }
        }))
    }

    /// Answers in this form.
    pub(super) fn answer<T: Serialize>(
        self,
        table: &T,
        write_csv: impl FnOnce(&T, &mut Vec<u8>) -> Result<(), csv::Error>,
    ) -> Result<Response, ApiError> {
        if self == Self::Json {
            return Ok(Json(table).into_response());
        }
        let mut csv = Vec::new();
        write_csv(table, &mut csv)
            .map_err(|_| ApiError::Internal("the table could not be written as CSV"))?;
        let content_type = [(
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present",
        )];
        Ok((content_type, csv).into_response())
    }
}

/// Reads `limit`, the most rows of a page.
pub(super) fn limit(known: &Known) -> Result<usize, ApiError> {
    let limit = known.read("limit", |name, text| {
        let limit = text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit));
        let expected = format!("a whole number from 1 to {LIMIT_MAX}");
        limit.ok_or_else(|| Finding::new(name, ProtocolRule::PageLimit, text, expected))
    })?;
    Ok(limit.unwrap_or(LIMIT))
}

/// Reads `cursor`, where a page begins.
pub(super) fn cursor<T: FromStr>(known: &Known) -> Result<Option<T>, ApiError> {
    known.read("cursor", |name, text| {
        let expected = "the `next` of an answer, as it was given";
        let cursor = text.parse();
        cursor.map_err(|_| Finding::new(name, ProtocolRule::PageCursor, text, expected))
    })
}

/// Reads one of a few words.
pub(super) fn word<T: FromStr>(
    known: &Known,
    name: &str,
    expected: &str,
) -> Result<Option<T>, ApiError> {
    known.read(name, |name, text| {
        text.parse().map_err(|_| choice(name, text, expected))
    })
}

/// Says that a word is none of a few.
pub(super) fn choice(name: &str, found: &str, expected: &str) -> Finding {
    Finding::new(name, ProtocolRule::Choice, found, expected)
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    /// The rows.
    pub(super) items: Vec<T>,
    /// Where the next page begins; null on the last.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a page out of a whole list, by the parameters `cursor` and `limit`.
    pub(super) fn of(all: Vec<T>, known: &Known) -> Result<Self, ApiError> {
        let offset = cursor::<usize>(known)?.unwrap_or(0);
        let limit = limit(known)?;
        let end = offset.saturating_add(limit);
        Ok(Self {
            next: (end < all.len()).then(|| end.to_string()),
            items: all.into_iter().skip(offset).take(limit).collect(),
        })
    }
}
