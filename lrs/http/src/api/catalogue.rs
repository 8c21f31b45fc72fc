//! `frameworks`, `competences`, `rules`: by what competence is told.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;
use varde_competence::{Catalogue, CatalogueQuery, sheet};
use varde_xapi::{Fault, parameter};

use super::form::{self, Form, Page};
use super::outcomes::{BASES, competence};
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};

/// What `frameworks` knows.
pub(super) const FRAMEWORKS: &[&str] = &["limit", "cursor", "format"];
/// What `frameworks/package` knows.
pub(super) const PACKAGE: &[&str] = &["framework"];
/// What `competences` knows.
pub(super) const COMPETENCES: &[&str] = &["framework", "competence", "limit", "cursor", "format"];
/// What `rules` knows.
pub(super) const RULES: &[&str] = &[
    "framework",
    "competence",
    "basis",
    "limit",
    "cursor",
    "format",
];

/// Returns the current frameworks.
pub(super) async fn frameworks(
    Authenticated(caller): Authenticated,
    State(catalogue): State<Catalogue>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(FRAMEWORKS)?;
    let form = Form::of(&known, &headers)?;
    let page = Page::of(catalogue.frameworks(&caller).await?, &known)?;
    form.answer(&page, |page, out| sheet::frameworks(&page.items, out))
}

/// Returns a framework as the CASE package that it came as.
pub(super) async fn package(
    Authenticated(caller): Authenticated,
    State(catalogue): State<Catalogue>,
    parameters: Parameters,
) -> Result<Json<Value>, ApiError> {
    let known = parameters.only(PACKAGE)?;
    let named = known.needed("framework")?;
    let package = catalogue.package(&caller, named).await?;
    package.map(Json).ok_or(ApiError::Absent("framework"))
}

/// Returns competences.
pub(super) async fn competences(
    Authenticated(caller): Authenticated,
    State(catalogue): State<Catalogue>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(COMPETENCES)?;
    let form = Form::of(&known, &headers)?;
    let all = catalogue.competences(&caller, &query(&known)?).await?;
    let page = Page::of(all, &known)?;
    form.answer(&page, |page, out| sheet::competences(&page.items, out))
}

/// Returns the current rules.
pub(super) async fn rules(
    Authenticated(caller): Authenticated,
    State(catalogue): State<Catalogue>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(RULES)?;
    let form = Form::of(&known, &headers)?;
    let all = catalogue.rules(&caller, &query(&known)?).await?;
    let page = Page::of(all, &known)?;
    form.answer(&page, |page, out| sheet::rules(&page.items, out))
}

fn query(known: &Known) -> Result<CatalogueQuery, ApiError> {
    let framework = known.read::<_, Fault>("framework", parameter::iri)?;
    Ok(CatalogueQuery {
        framework: framework.map(|iri| iri.to_string()),
        competence: competence(known)?,
        basis: form::word(known, "basis", BASES)?,
    })
}
