//! `me`: who is signed in in this browser.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde::Serialize;
use varde_core::users::{SignedIn, Users};
use varde_core::{ProjectCode, Role, Space};

use crate::error::ApiError;
use crate::extract::{Parameters, cookie};

/// Somebody, or nobody.
#[derive(Debug, Serialize)]
struct Me {
    user: Option<Person>,
}

#[derive(Debug, Serialize)]
struct Person {
    name: String,
    role: Option<Role>,
    space: Space,
    reads: Vec<Space>,
    projects: Vec<ProjectCode>,
    partner: Option<String>,
    csrf_token: String,
}

/// Tells who is signed in; nobody where there is no cookie, or not one that lets in.
pub(super) async fn get(
    State(users): State<Arc<Users>>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    parameters.none()?;
    let signed_in = match cookie(&headers) {
        Some(token) => users.open(token).await?,
        None => None,
    };
    let me = Me {
        user: signed_in.map(Person::of),
    };
    // No cache may keep who is signed in (RFC 9111 5.2.2.5).
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(me)))
}

impl Person {
    fn of(signed_in: SignedIn) -> Self {
        let caller = &signed_in.caller;
        Self {
            name: signed_in.user,
            role: caller.role,
            space: caller.space.clone(),
            reads: caller.reads.clone(),
            projects: caller.projects.iter().cloned().collect(),
            partner: caller.partner.as_ref().map(ToString::to_string),
            csrf_token: signed_in.csrf,
        }
    }
}
