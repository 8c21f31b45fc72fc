//! Everything beyond the standard, under `/api/v1`.

mod catalogue;
mod cohorts;
mod document;
mod form;
mod imports;
mod indicators;
mod moment;
mod outcomes;
mod periods;
mod repeats;
mod uncounted;

use axum::Router;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};

use crate::error::ApiError;
use crate::state::App;

/// Where the endpoints stand.
pub(crate) const BASE: &str = "/api/v1";

/// An endpoint: its path, the parameters that it knows, and what answers.
struct Route {
    path: &'static str,
    /// Compared with the `OpenAPI` document.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the document is compared with it")
    )]
    known: &'static [&'static str],
    answer: fn() -> MethodRouter<App>,
}

const ROUTES: [Route; 15] = [
    Route {
        path: "/openapi.json",
        known: &[],
        answer: || get(document::get),
    },
    Route {
        path: "/frameworks",
        known: catalogue::FRAMEWORKS,
        answer: || get(catalogue::frameworks),
    },
    Route {
        path: "/frameworks/package",
        known: catalogue::PACKAGE,
        answer: || get(catalogue::package),
    },
    Route {
        path: "/competences",
        known: catalogue::COMPETENCES,
        answer: || get(catalogue::competences),
    },
    Route {
        path: "/rules",
        known: catalogue::RULES,
        answer: || get(catalogue::rules),
    },
    Route {
        path: "/outcomes",
        known: outcomes::KNOWN,
        answer: || get(outcomes::get),
    },
    Route {
        path: "/outcomes/explanation",
        known: outcomes::EXPLANATION,
        answer: || get(outcomes::explain),
    },
    Route {
        path: "/cohorts",
        known: cohorts::KNOWN,
        answer: || get(cohorts::get),
    },
    Route {
        path: "/indicators",
        known: indicators::KNOWN,
        answer: || get(indicators::get),
    },
    Route {
        path: "/indicators/periods",
        known: periods::KNOWN,
        answer: || get(periods::get),
    },
    Route {
        path: "/uncounted",
        known: uncounted::KNOWN,
        answer: || get(uncounted::get),
    },
    Route {
        path: "/imports",
        known: imports::KNOWN,
        answer: || post(imports::post),
    },
    Route {
        path: "/imports/templates",
        known: &[],
        answer: || get(imports::templates),
    },
    Route {
        path: "/imports/templates/{name}",
        known: imports::TEMPLATE,
        answer: || get(imports::template),
    },
    Route {
        path: "/repeats",
        known: repeats::KNOWN,
        answer: || get(repeats::get),
    },
];

/// Returns the endpoints.
pub(crate) fn routes(app: &App) -> Router {
    let mut router = Router::new();
    for Route { path, answer, .. } in ROUTES {
        router = router.route(path, answer().fallback(method_not_allowed));
    }
    router
        .fallback(async || ApiError::UnknownPath)
        .with_state(app.clone())
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::MethodNotAllowed(method.to_string())
}
