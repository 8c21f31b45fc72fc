//! `about`: what this record store speaks (xAPI 1.0.3 Communication 2.8, IEEE 9274.1.1 4.1.6.7).

use axum::Json;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::extract::Parameters;

/// Every version that is accepted: older clients look for the one they speak.
const VERSIONS: [&str; 5] = ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"];

/// Returns the versions. Needs neither credentials nor a version header.
pub(super) async fn get(parameters: Parameters) -> Result<Json<Value>, ApiError> {
    parameters.none()?;
    Ok(Json(json!({ "version": VERSIONS, "extensions": {} })))
}
