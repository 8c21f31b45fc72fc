//! Signing in at an issuer: a browser is sent there, and comes back.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use varde_core::users::JOURNEY_SECONDS_MAX;
use varde_http::{ApiError, App, PageLanguage, Parameters, cookie_named};

use super::{ATTRIBUTES, forget, form, over, signed_in_by, to};
use crate::words::Account;

/// The cookie that holds the sealed text of a journey.
const JOURNEY: &str = "__Host-varde-journey=";

/// Sends a browser to an issuer. Another site may do so too: it gains nothing, since who comes back is
/// who signed in there.
pub(super) async fn depart(
    State(app): State<App>,
    Path(issuer): Path<String>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    parameters.none()?;
    let departed = app.services().users.depart(&issuer).await?;
    let (address, sealed) = departed.ok_or(ApiError::UnknownPath)?;
    let cookie = format!("{JOURNEY}{sealed}; Max-Age={JOURNEY_SECONDS_MAX}; {ATTRIBUTES}");
    Ok(to(&address, &[cookie]))
}

/// Signs in who comes back from an issuer. Whatever is not right gets one answer.
pub(super) async fn arrive(
    State(app): State<App>,
    Path(issuer): Path<String>,
    PageLanguage(language): PageLanguage,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let sealed = cookie_named(&headers, JOURNEY).unwrap_or_default();
    let given = |name: &str| parameters.first(name).unwrap_or_default();
    let users = &app.services().users;
    let token = users
        .arrive(&issuer, sealed, (given("state"), given("code")))
        .await?;
    if let Some(token) = token {
        forget(&app, &headers).await?;
        return Ok(to("/", &[signed_in_by(&token), over(JOURNEY)]));
    }
    let wrong = Some((|words| words.not_vouched) as fn(&Account) -> _);
    let mut response = form(&app, language, StatusCode::UNAUTHORIZED, wrong);
    if let Ok(over) = over(JOURNEY).parse() {
        response.headers_mut().append(header::SET_COOKIE, over);
    }
    Ok(response)
}
