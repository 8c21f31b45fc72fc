//! What pages for people stand on: who is signed in, the forms that they send, and how an error reads.
//!
//! The pages themselves are `varde-dashboard`. They are handlers over [`App`], as endpoints are.

mod upload;

use axum::extract::{FromRef as _, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use varde_core::users::SignedIn;
use varde_interreg::pack::Language;

use crate::error::ApiError;
use crate::extract::{Gate, TakesCookies, cookie, decode_form, is_own_page, read_whole};
use crate::limits::Limits;
use crate::middleware::{AroundLayer, AsPage};
use crate::state::App;

pub use self::upload::{File, SentFile};

/// Where one signs in, and where everybody is sent who is not.
pub const SIGN_IN: &str = "/sign-in";
/// The most bytes of a form without files.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Writes an error as a page, in a language; the text is the request's id.
pub type ErrorPage = fn(&ApiError, &str, Language) -> String;

/// The pages that stand beside the endpoints.
#[derive(Debug)]
pub struct Pages {
    /// Each path with its handlers. A path that the endpoints have is theirs.
    pub routes: Router<App>,
    /// How an error of theirs reads.
    pub error: ErrorPage,
    /// What an error's page may load (`Content-Security-Policy`): its style, and no more.
    pub policy: &'static str,
}

impl Pages {
    /// Returns the routes as they are served.
    pub(crate) fn served(self, app: &App) -> Router {
        let routes = self.routes.with_state(app.clone());
        routes
            .layer(AroundLayer(AsPage {
                write: self.error,
                policy: self.policy,
            }))
            .layer(Extension(TakesCookies))
    }
}

/// Somebody signed in who opens a page. Whoever is not is sent to sign in.
#[derive(Debug)]
pub struct Visitor(pub SignedIn);

/// Why a page is not shown.
#[derive(Debug)]
pub enum NotShown {
    /// Nobody is signed in in this browser.
    SignedOut,
    /// Something went wrong.
    Error(ApiError),
}

impl IntoResponse for NotShown {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut => {
                (StatusCode::SEE_OTHER, [(header::LOCATION, SIGN_IN)]).into_response()
            }
            Self::Error(error) => error.into_response(),
        }
    }
}

impl<E: Into<ApiError>> From<E> for NotShown {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = NotShown;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NotShown> {
        let signed_in = opened(app, &parts.headers).await?;
        let signed_in = signed_in.ok_or(NotShown::SignedOut)?;
        Ok(Self(held(app, signed_in, &parts.headers)?))
    }
}

/// A form that somebody signed in sent from a page of ours, which it proves.
#[derive(Debug)]
pub struct SentForm {
    /// Who sent it.
    pub signed_in: SignedIn,
    /// The cookie's token.
    pub token: String,
    /// What is in it.
    pub fields: Fields,
}

/// The fields of a form.
#[derive(Debug)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Returns a field without the white space around it; empty where there is none of this name.
    pub fn get(&self, name: &str) -> &str {
        self.verbatim(name).trim()
    }

    /// Returns each field of a name, in their order.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let named = self.0.iter().filter(move |(of, _)| of == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Returns a field to the letter, as a password is.
    pub fn verbatim(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(of, _)| of == name);
        found.map_or("", |(_, value)| value)
    }
}

impl FromRequest<App> for SentForm {
    type Rejection = ApiError;

    /// A form that no page of ours sent, or without the proof that one did, is refused.
    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let headers = request.headers().clone();
        let signed_in = opened(app, &headers).await?;
        let signed_in = signed_in.ok_or(ApiError::SignedOut)?;
        let fields = OwnForm::from_request(request, app).await?.0;
        if !signed_in.is_proof(fields.get("csrf")) {
            return Err(ApiError::NoProof);
        }
        Ok(Self {
            signed_in: held(app, signed_in, &headers)?,
            token: cookie(&headers).unwrap_or_default().to_owned(),
            fields,
        })
    }
}

/// A form that a page of ours sent, whoever is signed in.
#[derive(Debug)]
pub struct OwnForm(pub Fields);

impl FromRequest<App> for OwnForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if !is_own_page(request.headers(), &app.services().public_url) {
            return Err(ApiError::NoProof);
        }
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
        let fields = decode_form(&String::from_utf8_lossy(&bytes))?;
        Ok(Self(Fields(fields)))
    }
}

impl App {
    /// Signs somebody in by a password, a few checks at a time, and returns the cookie's token; `None`
    /// where the name or the password is wrong.
    pub async fn sign_in(&self, name: &str, password: &str) -> Result<Option<String>, ApiError> {
        let gate = Gate::from_ref(self);
        gate.signed_in(&self.services().users, name, password).await
    }
}

/// Returns who is signed in by the cookie of a request.
async fn opened(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, ApiError> {
    let Some(token) = cookie(headers) else {
        return Ok(None);
    };
    Ok(app.services().users.open(token).await?)
}

/// Holds somebody to the origins and the rate of the key that they act through.
fn held(app: &App, signed_in: SignedIn, headers: &HeaderMap) -> Result<SignedIn, ApiError> {
    let gate = Gate::from_ref(app);
    let origin = headers.get(header::ORIGIN);
    let origin = origin.map(|origin| origin.to_str().unwrap_or_default());
    gate.hold(signed_in.caller.clone(), &signed_in.key, None, origin)?;
    Ok(signed_in)
}
