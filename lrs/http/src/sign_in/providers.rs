//! Signing in at an issuer: a browser is sent there, and comes back.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use varde_core::users::{JOURNEY_SECONDS_MAX, Users};

use super::page::{self, Wrong};
use super::{ATTRIBUTES, FIXED, html};
use crate::error::ApiError;
use crate::extract::{Languages, Parameters, cookie, cookie_named};

/// The cookie that holds the sealed text of a journey.
const JOURNEY: &str = "__Host-varde-journey=";

/// Sends a browser to an issuer. Another site may do so too: it gains nothing, since who comes back is
/// who signed in there.
pub(super) async fn depart(
    State(users): State<Arc<Users>>,
    Path(issuer): Path<String>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    parameters.none()?;
    let departed = users.depart(&issuer).await?;
    let (to, sealed) = departed.ok_or(ApiError::UnknownPath)?;
    let cookie = format!("{JOURNEY}{sealed}; Max-Age={JOURNEY_SECONDS_MAX}; {ATTRIBUTES}");
    let to = [(header::LOCATION, to), (header::SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, FIXED, to).into_response())
}

/// Signs in who comes back from an issuer. Whatever is not right gets one answer.
pub(super) async fn arrive(
    State(users): State<Arc<Users>>,
    Path(issuer): Path<String>,
    Languages(wanted): Languages,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let sealed = cookie_named(&headers, JOURNEY).unwrap_or_default();
    let given = |name: &str| parameters.first(name).unwrap_or_default();
    let token = users
        .arrive(&issuer, sealed, (given("state"), given("code")))
        .await?;
    let mut response = if let Some(token) = token {
        // What this browser was signed in by before is of no use to anybody any more.
        if let Some(before) = cookie(&headers) {
            users.sign_out(before).await?;
        }
        super::to_sign_in(&format!("__Host-varde={token}; {ATTRIBUTES}"))
    } else {
        let words = page::words(&wanted);
        let page = page::form(words, Some(Wrong::NotVouched), &users.issuers());
        html(StatusCode::UNAUTHORIZED, page, words)
    };
    let over = format!("{JOURNEY}; Max-Age=0; {ATTRIBUTES}");
    if let Ok(over) = HeaderValue::from_str(&over) {
        response.headers_mut().append(header::SET_COOKIE, over);
    }
    Ok(response)
}
