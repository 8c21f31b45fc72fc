//! `evidence`: the files that prove what reports say.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use varde_interreg::reports::{EvidencePage, Exhibit, Link, NewEvidence, Reports};

use super::form;
use super::reports::of_project;
use crate::error::ApiError;
use crate::extract::{Authenticated, DocumentBody, JsonBody, Parameters};

/// What `evidence` knows.
pub(super) const KNOWN: &[&str] = &["project", "title", "cursor", "limit"];
const LIST: &[&str] = &["project", "cursor", "limit"];
const ADD: &[&str] = &["project", "title"];
/// What `evidence/file` and `evidence/links` know.
pub(super) const ONE: &[&str] = &["project", "sha256"];

/// Returns a page of the evidence files of a project, without their bytes.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Json<EvidencePage>, ApiError> {
    let known = parameters.only(LIST)?;
    let page = (known.get("cursor"), form::limit(&known)?);
    let project = of_project(&known)?;
    Ok(Json(reports.evidence(&caller, &project, page).await?))
}

/// Keeps an evidence file: the body, of the media type that Content-Type names.
pub(super) async fn add(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
    DocumentBody(body): DocumentBody,
) -> Result<(StatusCode, Json<Exhibit>), ApiError> {
    let known = parameters.only(ADD)?;
    let new = NewEvidence {
        project: of_project(&known)?,
        title: known.needed("title")?.to_owned(),
        media_type: body.content_type,
        bytes: body.bytes,
    };
    let kept = reports.add_evidence(&caller, new).await?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// Returns the bytes of an evidence file. A browser is told to save it and not to open it.
pub(super) async fn file(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(ONE)?;
    let (project, sha256) = (of_project(&known)?, known.needed("sha256")?);
    let (exhibit, bytes) = reports.evidence_file(&caller, &project, sha256).await?;
    let fixed = [
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let mut response = (fixed, bytes).into_response();
    if let Ok(media_type) = HeaderValue::from_str(&exhibit.media_type) {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
    }
    Ok(response)
}

/// Says that an evidence file proves something.
pub(super) async fn link(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
    JsonBody(link): JsonBody<Link>,
) -> Result<Json<Exhibit>, ApiError> {
    let known = parameters.only(ONE)?;
    let (project, sha256) = (of_project(&known)?, known.needed("sha256")?.to_owned());
    let place = (&project, sha256.as_str());
    Ok(Json(reports.link_evidence(&caller, place, link).await?))
}
