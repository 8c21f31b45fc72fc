//! `projects`, `organisations`, `activities`, `people`: what the registers say on a day.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use serde::Serialize;
use varde_core::Clock;
use varde_interreg::{Directory, DirectoryQuery, Reading, Readings};
use varde_xapi::Stored;

use super::form::Page;
use super::moment;
use super::periods::project;
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};

/// What each of them knows.
pub(super) const KNOWN: &[&str] = &["project", "as_of", "known_at", "limit", "cursor"];

/// A page of readings.
#[derive(Debug, Serialize)]
pub(super) struct ReadingPage {
    as_of: Date,
    known_at: Stored,
    complete_through: Stored,
    #[serde(flatten)]
    page: Page<Reading>,
}

/// Returns the projects whose results the caller reads.
pub(super) async fn projects(
    Authenticated(caller): Authenticated,
    State(directory): State<Directory>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<ReadingPage>, ApiError> {
    let known = parameters.only(KNOWN)?;
    let query = query(&known, &*clock)?;
    page(directory.projects(&caller, &query).await?, &known)
}

/// Returns the organisations of the caller's projects.
pub(super) async fn organisations(
    Authenticated(caller): Authenticated,
    State(directory): State<Directory>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<ReadingPage>, ApiError> {
    let known = parameters.only(KNOWN)?;
    let query = query(&known, &*clock)?;
    page(directory.organisations(&caller, &query).await?, &known)
}

/// Returns the programme activities of the caller's projects.
pub(super) async fn activities(
    Authenticated(caller): Authenticated,
    State(directory): State<Directory>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<ReadingPage>, ApiError> {
    let known = parameters.only(KNOWN)?;
    let query = query(&known, &*clock)?;
    page(directory.activities(&caller, &query).await?, &known)
}

/// Returns the persons in keys of the caller's projects, under their pseudonyms.
pub(super) async fn people(
    Authenticated(caller): Authenticated,
    State(directory): State<Directory>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<ReadingPage>, ApiError> {
    let known = parameters.only(KNOWN)?;
    let query = query(&known, &*clock)?;
    page(directory.people(&caller, &query).await?, &known)
}

fn query(known: &Known, clock: &dyn Clock) -> Result<DirectoryQuery, ApiError> {
    Ok(DirectoryQuery {
        project: known.read("project", project)?,
        as_of: moment::as_of(known, clock)?,
        known_at: moment::known_at(known)?,
    })
}

fn page(readings: Readings, known: &Known) -> Result<Json<ReadingPage>, ApiError> {
    Ok(Json(ReadingPage {
        as_of: readings.as_of,
        known_at: readings.known_at,
        complete_through: readings.complete_through,
        page: Page::of(readings.items, known)?,
    }))
}
