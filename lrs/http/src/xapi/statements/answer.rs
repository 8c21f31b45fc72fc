//! Statements as an answer holds them.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use varde_core::ports::StoredStatement;
use varde_core::statements::{Format, StatementPage};
use varde_xapi::{LanguageRange, Stored, format};

use crate::error::ApiError;
use crate::xapi::{BASE, http_date};

/// The form in which statements are wanted.
pub(super) struct Rendering<'a> {
    pub(super) format: Format,
    pub(super) languages: &'a [LanguageRange],
}

impl Rendering<'_> {
    fn text(&self, statement: &StoredStatement) -> Result<String, ApiError> {
        let text = statement.text();
        let rendered = match self.format {
            Format::Exact => return Ok(text),
            Format::Ids => format::ids(&text),
            Format::Canonical => format::canonical(&text, self.languages, &|_| None),
        };
        rendered.map_err(|_| ApiError::Internal("a stored statement could not be rendered"))
    }
}

/// Returns one statement.
pub(super) fn one(
    statement: &StoredStatement,
    rendering: &Rendering<'_>,
) -> Result<Response, ApiError> {
    Ok(json(rendering.text(statement)?, Some(statement.stored)))
}

/// Returns a `StatementResult`: the statements and the link to the next page, empty on the last.
pub(super) fn page(page: &StatementPage, rendering: &Rendering<'_>) -> Result<Response, ApiError> {
    let texts = page
        .statements
        .iter()
        .map(|statement| rendering.text(statement));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let more = page
        .more
        .as_ref()
        .map(|more| format!("{BASE}/statements?more={more}"));
    // The sealed text is base64url, so the link needs no JSON escape.
    let result = format!(
        r#"{{"statements":[{}],"more":"{}"}}"#,
        texts.join(","),
        more.unwrap_or_default()
    );
    let latest = page
        .statements
        .iter()
        .map(|statement| statement.stored)
        .max();
    Ok(json(result, latest))
}

fn json(text: String, modified: Option<Stored>) -> Response {
    let mut response = Response::new(Body::from(text));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Some(date) = modified.and_then(http_date) {
        response.headers_mut().insert(header::LAST_MODIFIED, date);
    }
    response
}
