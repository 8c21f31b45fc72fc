//! `people/{person}/record`: everything that is held of a person, for the person who asks.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use varde_competence::{ExplanationTable, Language};
use varde_core::Clock;
use varde_core::erasures::Whom;

use super::{form, moment};
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};
use crate::person_record::{PersonRecords, WholeRecord};

/// What `own/outcomes` knows.
pub(super) const OUTCOMES: &[&str] = &["as_of"];
/// What records know.
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
    let wish = Wish::of(&parameters.only(KNOWN)?, &*clock)?;
    let Ok(Path(person)) = person else {
        return Err(ApiError::Absent("person"));
    };
    let record = records
        .of(&caller, &Whom::Person(person), wish.as_of)
        .await?;
    Ok(wish.answer(record))
}

/// Returns the caller's own record in the same forms.
pub(super) async fn own(
    Authenticated(caller): Authenticated,
    State(records): State<PersonRecords>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let wish = Wish::of(&parameters.only(KNOWN)?, &*clock)?;
    let record = records.own(&caller, wish.as_of).await?;
    Ok(wish.answer(record))
}

/// Returns the levels that the caller has, with the reasons.
pub(super) async fn own_outcomes(
    Authenticated(caller): Authenticated,
    State(records): State<PersonRecords>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<ExplanationTable>, ApiError> {
    let known = parameters.only(OUTCOMES)?;
    let as_of = moment::as_of(&known, &*clock)?;
    Ok(Json(records.own_outcomes(&caller, as_of).await?))
}

/// What is wished of a record: its day and its form.
struct Wish {
    as_of: Date,
    as_page: bool,
    language: Language,
}

impl Wish {
    fn of(known: &Known, clock: &dyn Clock) -> Result<Self, ApiError> {
        let as_page = known.read("format", |name, text| match text {
            "json" => Ok(false),
            "html" => Ok(true),
            _ => Err(form::choice(name, text, "json or html")),
        })?;
        let language = form::word::<Language>(known, "language", "nb, sv or en")?;
        Ok(Self {
            as_of: moment::as_of(known, clock)?,
            as_page: as_page.unwrap_or_default(),
            language: language.unwrap_or_default(),
        })
    }

    fn answer(self, record: WholeRecord) -> Response {
        if !self.as_page {
            return Json(record).into_response();
        }
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"record.html\"",
            ),
            (header::CONTENT_SECURITY_POLICY, ALONE),
        ];
        (headers, record.page(self.language)).into_response()
    }
}
