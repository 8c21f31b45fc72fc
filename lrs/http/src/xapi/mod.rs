//! The resources of the standard, under `/xapi`.

mod about;
mod activities;
mod agents;
mod documents;
mod statements;

use axum::Router;
use axum::extract::FromRef as _;
use axum::http::{HeaderValue, Method};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use jiff::fmt::rfc2822::DateTimePrinter;
use tower::ServiceBuilder;
use varde_core::Need;
use varde_xapi::Stored;

use self::documents::{ActivityProfile, AgentProfile, AgentState};
use crate::access::{self, Methods};
use crate::error::ApiError;
use crate::limits::Limits;
use crate::middleware::{
    AroundLayer, AsXapiError, NameVersion, Negotiate, NotingLayer, consistent_through, cors, unfold,
};
use crate::state::App;

/// Where the resources stand; `more` links begin with it.
pub(crate) const BASE: &str = "/xapi";

/// What each resource needs.
pub(crate) const METHODS: &[(&str, Methods)] = &[
    ("/about", &[("GET", &[])]),
    (
        "/statements",
        &[
            ("GET", &[Need::ReadStatements]),
            ("PUT", &[Need::WriteStatements]),
            ("POST", &[Need::WriteStatements]),
        ],
    ),
    ("/activities", &[("GET", &[Need::ReadActivities])]),
    ("/agents", &[("GET", &[Need::ReadActivities])]),
    (
        "/activities/state",
        &[
            ("GET", &[Need::ReadState]),
            ("PUT", &[Need::WriteState]),
            ("POST", &[Need::WriteState]),
            ("DELETE", &[Need::WriteState]),
        ],
    ),
    (
        "/activities/profile",
        &[
            ("GET", &[Need::ReadActivityProfile]),
            ("PUT", &[Need::WriteActivityProfile]),
            ("POST", &[Need::WriteActivityProfile]),
            ("DELETE", &[Need::WriteActivityProfile]),
        ],
    ),
    (
        "/agents/profile",
        &[
            ("GET", &[Need::ReadAgentProfile]),
            ("PUT", &[Need::WriteAgentProfile]),
            ("POST", &[Need::WriteAgentProfile]),
            ("DELETE", &[Need::WriteAgentProfile]),
        ],
    ),
];

/// Returns the resources with all that holds for each of them.
pub(crate) fn routes(app: &App) -> Router {
    let statements = get(statements::get)
        .put(statements::put)
        .post(statements::post)
        .fallback(method_not_allowed)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(app.clone(), consistent_through))
                .layer(AroundLayer(Negotiate)),
        );
    let others = Router::new()
        .route("/activities", get(activities::get))
        .route("/agents", get(agents::get))
        .route("/activities/state", documents::methods::<AgentState>())
        .route(
            "/activities/profile",
            documents::methods::<ActivityProfile>(),
        )
        .route("/agents/profile", documents::methods::<AgentProfile>())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(AroundLayer(Negotiate));
    let resources = Router::new()
        .route("/statements", statements)
        .merge(others)
        .route("/about", get(about::get).fallback(method_not_allowed))
        .fallback(async || ApiError::UnknownPath)
        // Behind the unfolding of the alternate syntax, whose form says who sent it.
        .layer(NotingLayer {
            app: app.clone(),
            base: BASE,
            route: |path| access::route(METHODS.iter().map(|(path, _)| *path), path),
        })
        .with_state(app.clone());
    // Outermost first. The version stands on every answer, those to preflight requests too; a
    // browser's script can read an error only where the cross-origin headers stand on it.
    let unversioned = Limits::from_ref(app).unversioned;
    let shared = ServiceBuilder::new()
        .layer(AroundLayer(NameVersion { unversioned }))
        .layer(cors())
        .layer(AroundLayer(AsXapiError))
        // Before anything looks at method, headers or parameters.
        .layer(from_fn_with_state(app.clone(), unfold));
    Router::new().fallback_service(shared.service(resources))
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::MethodNotAllowed(method.to_string())
}

/// Writes an instant as an HTTP date, which has whole seconds.
fn http_date(stored: Stored) -> Option<HeaderValue> {
    let date = DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&stored.instant())
        .ok()?;
    HeaderValue::from_str(&date).ok()
}
