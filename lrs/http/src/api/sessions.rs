//! `sessions`: tokens for learners' browsers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use varde_core::Scope;
use varde_core::sessions::{SECONDS, SessionToken, Sessions};
use varde_xapi::{Stored, parameter};

use crate::error::ApiError;
use crate::extract::{Authenticated, JsonBody, Parameters};

/// The learner, the activity, and how long the token is to live.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    actor: Box<RawValue>,
    activity: String,
    #[serde(default)]
    registration: Option<String>,
    #[serde(default)]
    seconds: Option<u32>,
}

/// A token, in the two forms that front ends send.
#[derive(Debug, Serialize)]
struct Minted {
    token: String,
    /// What stands behind `Basic ` for front ends that know nothing else.
    basic: String,
    expires: Stored,
    scopes: Vec<Scope>,
}

/// Mints a token.
pub(super) async fn mint(
    Authenticated(caller): Authenticated,
    State(sessions): State<Arc<Sessions>>,
    parameters: Parameters,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<impl IntoResponse, ApiError> {
    parameters.none()?;
    let actor = parameter::agent("actor", wish.actor.get())?;
    let activity = parameter::iri("activity", &wish.activity)?;
    let registration = wish.registration.as_deref();
    let registration = registration.map(|text| parameter::uuid("registration", text));
    let bound = (&actor, registration.transpose()?, &activity);
    let seconds = wish.seconds.unwrap_or(SECONDS);
    let minted = sessions.mint(&caller, bound, seconds).await?;
    // No cache may keep a credential (RFC 9111 5.2.2.5).
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, unkept, Json(Minted::of(minted))))
}

impl Minted {
    fn of(minted: SessionToken) -> Self {
        Self {
            basic: STANDARD.encode(format!("session:{}", minted.token)),
            token: minted.token,
            expires: minted.expires,
            scopes: minted.scopes,
        }
    }
}
