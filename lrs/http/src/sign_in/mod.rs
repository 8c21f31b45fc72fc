//! Signing in with a local account, and out: pages that work without a script, for people.

mod page;
mod providers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef as _, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use varde_core::users::{SignedIn, Users};

use crate::error::ApiError;
use crate::extract::{Gate, Languages, cookie, decode_form, is_own_page, read_whole};
use crate::limits::Limits;
use crate::state::App;

/// Where one signs in.
const SIGN_IN: &str = "/sign-in";
/// The most bytes of a form.
const FORM_BYTES_MAX: usize = 8 * 1024;
/// The attributes of the cookie: no script reads it, no other site sends it along with a form, and it
/// is of this host alone.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";
/// What every answer is sent with.
const FIXED: [(HeaderName, &str); 2] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    // No cache may keep who is signed in (RFC 9111 5.2.2.5).
    (header::CACHE_CONTROL, "no-store"),
];

/// Returns the pages.
pub(crate) fn routes(app: &App) -> Router {
    Router::new()
        .route(SIGN_IN, get(show).post(sign_in))
        .route("/sign-in/{issuer}", get(providers::depart))
        .route("/sign-in/{issuer}/callback", get(providers::arrive))
        .route("/sign-out", post(sign_out))
        .route("/sign-out/everywhere", post(sign_out_everywhere))
        .with_state(app.clone())
}

async fn show(
    State(users): State<Arc<Users>>,
    Languages(wanted): Languages,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let words = page::words(&wanted);
    let page = match opened(&users, &headers).await? {
        Some((_, signed_in)) => page::signed_in(words, &signed_in),
        None => page::form(words, None, &users.issuers()),
    };
    Ok(html(StatusCode::OK, page, words))
}

/// Signs in; unknown, disabled and locked-out users get the answer that a wrong password gets.
async fn sign_in(
    State(app): State<App>,
    State(gate): State<Gate>,
    Languages(wanted): Languages,
    request: Request,
) -> Result<Response, ApiError> {
    let users = &app.services().users;
    let headers = request.headers().clone();
    if !is_own_page(&headers, &app.services().public_url) {
        return Err(ApiError::NoProof);
    }
    let form = form(&app, request).await?;
    let (name, password) = (field(&form, "name"), field(&form, "password"));
    let Some(token) = gate.signed_in(users, name, password).await? else {
        let words = page::words(&wanted);
        return Ok(html(
            StatusCode::UNAUTHORIZED,
            page::form(words, Some(page::Wrong::Password), &users.issuers()),
            words,
        ));
    };
    // What this browser was signed in by before is of no use to anybody any more.
    if let Some(before) = cookie(&headers) {
        users.sign_out(before).await?;
    }
    Ok(to_sign_in(&format!("__Host-varde={token}; {ATTRIBUTES}")))
}

async fn sign_out(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let users = &app.services().users;
    let (token, _) = proved(&app, request).await?;
    users.sign_out(&token).await?;
    Ok(forgotten())
}

async fn sign_out_everywhere(
    State(app): State<App>,
    request: Request,
) -> Result<Response, ApiError> {
    let (_, signed_in) = proved(&app, request).await?;
    let users = &app.services().users;
    users.sign_out_everywhere(&signed_in).await?;
    Ok(forgotten())
}

/// Returns who sends a form that changes something, once it is sure that a page of ours sent it.
async fn proved(app: &App, request: Request) -> Result<(String, SignedIn), ApiError> {
    let services = app.services();
    let headers = request.headers().clone();
    let opened = opened(&services.users, &headers).await?;
    let (token, signed_in) = opened.ok_or(ApiError::NoCredentials)?;
    let form = form(app, request).await?;
    let proved = signed_in.is_proof(field(&form, "csrf"));
    if !proved || !is_own_page(&headers, &services.public_url) {
        return Err(ApiError::NoProof);
    }
    Ok((token, signed_in))
}

async fn opened(
    users: &Users,
    headers: &HeaderMap,
) -> Result<Option<(String, SignedIn)>, ApiError> {
    let Some(token) = cookie(headers) else {
        return Ok(None);
    };
    let signed_in = users.open(token).await?;
    Ok(signed_in.map(|signed_in| (token.to_owned(), signed_in)))
}

async fn form(app: &App, request: Request) -> Result<Vec<(String, String)>, ApiError> {
    let limits = Limits {
        body_bytes_max: FORM_BYTES_MAX,
        ..Limits::from_ref(app)
    };
    let bytes = read_whole(request, &limits).await;
    // No setting says how large a form may be.
    let bytes = bytes.map_err(|error| match error {
        ApiError::TooLarge { bytes_max, .. } => ApiError::TooLarge {
            bytes_max,
            setting: "",
        },
        error => error,
    })?;
    Ok(decode_form(&String::from_utf8_lossy(&bytes))?)
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    let found = form.iter().find(|(of, _)| of == name);
    found.map_or("", |(_, value)| value)
}

fn html(status: StatusCode, page: String, words: &page::Words) -> Response {
    let of_page = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, words.tag),
        (header::VARY, "Accept-Language, Cookie"),
    ];
    (status, FIXED, of_page, page).into_response()
}

fn forgotten() -> Response {
    to_sign_in(&format!("__Host-varde=; Max-Age=0; {ATTRIBUTES}"))
}

/// Always to our own page: no request says where to, so none leads elsewhere.
fn to_sign_in(cookie: &str) -> Response {
    let to = [(header::LOCATION, SIGN_IN), (header::SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, FIXED, to).into_response()
}
