//! `releases`: what is published of projects.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use varde_interreg::publication::{Choice, NewRelease, Publication, Release, ReleaseCheck};

use super::reports::{count, of_project, query};
use crate::error::ApiError;
use crate::extract::{Authenticated, JsonBody, Parameters};

/// What `releases` knows.
pub(super) const KNOWN: &[&str] = &["project", "period", "revision", "dry_run"];
const OF_PROJECT: &[&str] = &["project"];
/// What `releases/check` knows.
pub(super) const ONE: &[&str] = &["project", "number"];

/// The releases of a project.
#[derive(Debug, Serialize)]
pub(super) struct List {
    releases: Vec<Release>,
}

/// Returns what was published of a project.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(publication): State<Publication>,
    parameters: Parameters,
) -> Result<Json<List>, ApiError> {
    let project = of_project(&parameters.only(OF_PROJECT)?)?;
    let releases = publication.releases(&caller, &project).await?;
    Ok(Json(List { releases }))
}

/// Checks that a release is what was published, and follows from the report that it names.
pub(super) async fn check(
    Authenticated(caller): Authenticated,
    State(publication): State<Publication>,
    parameters: Parameters,
) -> Result<Json<ReleaseCheck>, ApiError> {
    let known = parameters.only(ONE)?;
    let project = of_project(&known)?;
    let number = known.required("number", count)?;
    Ok(Json(publication.check(&caller, &project, number).await?))
}

/// Which tables are published; every one that may be where there are none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    tables: BTreeSet<Choice>,
}

/// Publishes tables of a submitted report, or tells what they would show or reveal.
pub(super) async fn publish(
    Authenticated(caller): Authenticated,
    State(publication): State<Publication>,
    parameters: Parameters,
    JsonBody(chosen): JsonBody<Chosen>,
) -> Result<(StatusCode, Json<Release>), ApiError> {
    let known = parameters.only(KNOWN)?;
    let new = NewRelease {
        report: query(&known, None)?,
        tables: chosen.tables,
    };
    if known.flag("dry_run")? {
        let release = publication.preview(&caller, &new).await?;
        return Ok((StatusCode::OK, Json(release)));
    }
    let release = publication.publish(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(release)))
}
