//! What projects published, as a page for everybody: no credential, no script, nothing from elsewhere.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use varde_core::ProjectCode;
use varde_interreg::pack::Language;
use varde_interreg::publication::{Publication, STYLE, page};

use crate::error::ApiError;
use crate::extract::{PageLanguage, Parameters};
use crate::finding::Finding;
use crate::rule::ProtocolRule;
use crate::state::App;

/// Where the pages stand.
pub(crate) const BASE: &str = "/public";

const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
const KNOWN: &[&str] = &["language"];

/// What every answer is sent with.
const FIXED: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Returns the pages.
pub(crate) fn routes(app: &App) -> Router {
    Router::new()
        .route("/style.css", get(style))
        .route("/{project}", get(releases))
        .fallback(async || ApiError::UnknownPath)
        .with_state(app.clone())
}

async fn style() -> Response {
    let content_type = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (FIXED, content_type, STYLE).into_response()
}

/// Returns the page of a project; one that published nothing has none.
async fn releases(
    State(publication): State<Publication>,
    Path(project): Path<String>,
    PageLanguage(wanted): PageLanguage,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(KNOWN)?;
    let given = known.read("language", |name, text| {
        let expected = "nb, sv or en";
        text.parse::<Language>()
            .map_err(|()| Finding::new(name, ProtocolRule::Choice, text, expected))
    })?;
    let absent = || ApiError::Absent("published result");
    let project: ProjectCode = project.parse().map_err(|_| absent())?;
    let releases = publication.public(&project).await?;
    if releases.is_empty() {
        return Err(absent());
    }
    let language = given.unwrap_or(wanted);
    let of_page = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, language.tag()),
        (header::VARY, "Accept-Language, Cookie"),
    ];
    Ok((FIXED, of_page, page(&releases, language)).into_response())
}
