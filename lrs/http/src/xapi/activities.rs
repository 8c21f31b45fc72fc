//! `activities`: what is known of an activity (xAPI 1.0.3 Communication 2.5,
//! IEEE 9274.1.1 4.1.6.4).

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::value::RawValue;
use varde_core::activities::Activities;
use varde_xapi::{Fault, parameter};

use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters, Version};

/// An activity with the definition that its statements add up to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activity {
    object_type: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<Box<RawValue>>,
}

/// Returns the activity, for an unknown one too.
pub(super) async fn get(
    Version(_): Version,
    Authenticated(caller): Authenticated,
    State(activities): State<Activities>,
    parameters: Parameters,
) -> Result<Json<Activity>, ApiError> {
    let known = parameters.of(&caller).only(&["activityId"])?;
    let id = known
        .required::<_, Fault>("activityId", parameter::iri)?
        .to_string();
    let definition = activities.definition(&caller, &id).await?;
    Ok(Json(Activity {
        object_type: "Activity",
        id,
        definition,
    }))
}
