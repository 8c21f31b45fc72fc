//! `handovers`: what was handed over of a project, to whom, and how that went.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use varde_interreg::handover::{Deliveries, Told};

use super::reports::of_project;
use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// What `handovers` knows.
pub(super) const KNOWN: &[&str] = &["project"];

/// The deliveries of a project.
#[derive(Debug, Serialize)]
pub(super) struct List {
    handovers: Vec<Told>,
}

/// Returns the deliveries of a project with the log of each.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(deliveries): State<Deliveries>,
    parameters: Parameters,
) -> Result<Json<List>, ApiError> {
    let project = of_project(&parameters.only(KNOWN)?)?;
    let handovers = deliveries.of_project(&caller, &project).await?;
    Ok(Json(List { handovers }))
}
