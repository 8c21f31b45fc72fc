//! Statements as an answer holds them.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use varde_core::ports::StoredStatement;
use varde_core::statements::StatementPage;
use varde_xapi::Stored;

use crate::xapi::{BASE, http_date};

/// Returns one statement.
pub(super) fn one(statement: &StoredStatement) -> Response {
    json(statement.text(), Some(statement.stored))
}

/// Returns a `StatementResult`: the statements and the link to the next page, empty on the last.
pub(super) fn page(page: &StatementPage) -> Response {
    let texts: Vec<_> = page.statements.iter().map(StoredStatement::text).collect();
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
    json(
        result,
        page.statements
            .iter()
            .map(|statement| statement.stored)
            .max(),
    )
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
