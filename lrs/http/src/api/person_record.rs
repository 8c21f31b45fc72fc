//! `people/{person}/record`: everything that is held of a person, for the person who asks.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use varde_competence::Language;
use varde_core::Clock;
use varde_core::erasures::Whom;

use super::{form, moment};
use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};
use crate::person_record::PersonRecords;

pub(super) const KNOWN: &[&str] = &["as_of", "format", "language"];
/// What the page may do where a browser shows it: nothing.
const ALONE: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Returns the record as JSON, or as a page to be saved.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(records): State<PersonRecords>,
    State(clock): State<Arc<dyn Clock>>,
    person: Result<Path<String>, PathRejection>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(KNOWN)?;
    let Ok(Path(person)) = person else {
        return Err(ApiError::Absent("person"));
    };
    let as_page = known.read("format", |name, text| match text {
        "json" => Ok(false),
        "html" => Ok(true),
        _ => Err(form::choice(name, text, "json or html")),
    })?;
    let language = form::word::<Language>(&known, "language", "nb, sv or en")?;
    let as_of = moment::as_of(&known, &*clock)?;
    let record = records.of(&caller, &Whom::Person(person), as_of).await?;
    if as_page != Some(true) {
        return Ok(Json(record).into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"record.html\"",
        ),
        (header::CONTENT_SECURITY_POLICY, ALONE),
    ];
    Ok((headers, record.page(language.unwrap_or_default())).into_response())
}
