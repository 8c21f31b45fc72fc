//! Tables to be taken away.

use std::io;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use varde_http::ApiError;
use varde_interreg::export::guarded;

/// Writes a table as CSV (RFC 4180); no spreadsheet program takes one of its texts for a formula.
pub(crate) fn csv<const N: usize>(
    name: &str,
    columns: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Response, ApiError> {
    let written = || -> io::Result<Vec<u8>> {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(columns)?;
        for row in rows {
            writer.write_record(row.iter().map(|cell| guarded(cell)))?;
        }
        writer
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))
    };
    let bytes = written().map_err(|_| ApiError::Internal("a table could not be written"))?;
    let name = format!("{name}.csv");
    Ok(attached("text/csv; charset=utf-8", &name, bytes))
}

/// Sends bytes to be saved under a name, which holds nothing that must be quoted.
pub(crate) fn attached(
    media_type: &str,
    name: &str,
    bytes: impl Into<axum::body::Body>,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, bytes.into()).into_response()
}
