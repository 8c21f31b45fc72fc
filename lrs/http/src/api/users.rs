//! `users`: people's accounts of the projects that an administrator looks after.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use varde_core::users::{UserView, Users};

use crate::error::ApiError;
use crate::extract::{Authenticated, JsonBody, Parameters};

/// What `users` knows.
pub(super) const KNOWN: &[&str] = &["name"];

/// The accounts of the caller's projects.
#[derive(Debug, Serialize)]
pub(super) struct List {
    users: Vec<UserView>,
}

/// The account that is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    name: String,
    password: String,
    key: String,
}

/// Another password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    password: String,
}

/// Returns the accounts, without their passwords.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(users): State<Arc<Users>>,
    parameters: Parameters,
) -> Result<Json<List>, ApiError> {
    parameters.none()?;
    let users = users.managed(&caller).await?;
    Ok(Json(List { users }))
}

/// Makes an account.
pub(super) async fn create(
    Authenticated(caller): Authenticated,
    State(users): State<Arc<Users>>,
    parameters: Parameters,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<(StatusCode, Json<UserView>), ApiError> {
    parameters.none()?;
    let Wish {
        name,
        password,
        key,
    } = wish;
    let made = users.make(&caller, &name, &password, &key).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Lets an account in no more.
pub(super) async fn disable(
    Authenticated(caller): Authenticated,
    State(users): State<Arc<Users>>,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(KNOWN)?;
    let name = known.needed("name")?;
    users.disable_managed(&caller, name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an account another password.
pub(super) async fn set_password(
    Authenticated(caller): Authenticated,
    State(users): State<Arc<Users>>,
    parameters: Parameters,
    JsonBody(Password { password }): JsonBody<Password>,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(KNOWN)?;
    let name = known.needed("name")?;
    users.set_password_managed(&caller, name, &password).await?;
    Ok(StatusCode::NO_CONTENT)
}
