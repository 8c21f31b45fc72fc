//! A test statement: sent by a button, and shown as it is stored.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use varde_core::statements::TestStatements;
use varde_http::ApiError;
use varde_http::pages::{NotShown, SentForm};
use varde_xapi::{StatementId, parameter};

use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::Sources;

#[derive(Debug, Template)]
#[template(path = "sources/test.html")]
struct TestPage {
    frame: Frame,
    words: &'static Sources,
    id: String,
    facts: Vec<(&'static str, String)>,
    text: String,
}

/// Sends one, and leads to what is stored of it.
pub(super) async fn send(
    State(tests): State<TestStatements>,
    sent: SentForm,
) -> Result<Response, ApiError> {
    let id = tests.send(&sent.signed_in.caller).await?;
    let at = format!("/test-statements/{id}");
    let headers = [
        (header::LOCATION, at.as_str()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Shows one that the visitor sent.
pub(super) async fn get(
    State(tests): State<TestStatements>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, NotShown> {
    let absent = || ApiError::Absent("test statement");
    let id = parameter::uuid("id", &id).map_err(|_| absent())?;
    let found = tests.sent(visit.caller(), StatementId(id)).await;
    let found = found.map_err(ApiError::from)?.ok_or_else(absent)?;
    let words = Sources::of(visit.language);
    let template = TestPage {
        frame: visit.frame(words.test_stored),
        words,
        id: found.id.to_string(),
        facts: vec![
            (words.space, found.space.to_string()),
            (words.stored, format::instant(found.stored, visit.language)),
        ],
        text: pretty(&found.text()),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Returns JSON with a member on each line; what is none stays as it is.
fn pretty(text: &str) -> String {
    let read = serde_json::from_str::<serde_json::Value>(text);
    let written = read.and_then(|value| serde_json::to_string_pretty(&value));
    written.unwrap_or_else(|_| text.to_owned())
}
