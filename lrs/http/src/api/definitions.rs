//! `definitions`: what counts, and where each definition stands.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use varde_core::definitions::{DefinitionBook, ListedDefinition};

use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// Every definition, without its body.
#[derive(Debug, Serialize)]
pub(super) struct List {
    definitions: Vec<ListedDefinition>,
}

/// Returns the definitions, in the order of kind, id and version.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(book): State<DefinitionBook>,
    parameters: Parameters,
) -> Result<Json<List>, ApiError> {
    parameters.none()?;
    let definitions = book.listed(&caller).await?;
    Ok(Json(List { definitions }))
}
