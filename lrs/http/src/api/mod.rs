//! Everything beyond the standard, under `/api/v1`.

mod balances;
mod catalogue;
mod cohorts;
mod document;
mod evidence;
mod form;
mod imports;
mod indicators;
mod moment;
mod outcomes;
mod periods;
mod person_record;
mod registers;
mod releases;
mod repeats;
mod reports;
mod uncounted;

use axum::Router;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post, put};

use crate::error::ApiError;
use crate::state::App;

/// Where the endpoints stand.
pub(crate) const BASE: &str = "/api/v1";

/// An endpoint: its path, the parameters that its methods know, and what answers.
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

const ROUTES: [Route; 35] = [
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
    Route {
        path: "/reports",
        known: reports::LIST,
        answer: || get(reports::list).post(reports::open),
    },
    Route {
        path: "/reports/content",
        known: reports::CONTENT,
        answer: || get(reports::content),
    },
    Route {
        path: "/reports/file",
        known: reports::FILE,
        answer: || get(reports::file),
    },
    Route {
        path: "/reports/pack",
        known: reports::FILE,
        answer: || get(reports::pack),
    },
    Route {
        path: "/reports/submit",
        known: reports::PLACE,
        answer: || post(reports::submit),
    },
    Route {
        path: "/reports/return",
        known: reports::PLACE,
        answer: || post(reports::give_back),
    },
    Route {
        path: "/reports/accept",
        known: reports::PLACE,
        answer: || post(reports::accept),
    },
    Route {
        path: "/reports/comments",
        known: reports::COMMENTS,
        answer: || put(reports::comment),
    },
    Route {
        path: "/reports/lines",
        known: reports::LINES,
        answer: || post(reports::add_line).delete(reports::withdraw_line),
    },
    Route {
        path: "/reports/lines/approve",
        known: reports::LINES,
        answer: || post(reports::approve_line),
    },
    Route {
        path: "/releases",
        known: releases::KNOWN,
        answer: || get(releases::list).post(releases::publish),
    },
    Route {
        path: "/balances",
        known: balances::KNOWN,
        answer: || {
            get(balances::get)
                .put(balances::put)
                .delete(balances::delete)
        },
    },
    Route {
        path: "/evidence",
        known: evidence::KNOWN,
        answer: || get(evidence::list).post(evidence::add),
    },
    Route {
        path: "/evidence/file",
        known: evidence::ONE,
        answer: || get(evidence::file),
    },
    Route {
        path: "/evidence/links",
        known: evidence::ONE,
        answer: || post(evidence::link),
    },
    Route {
        path: "/projects",
        known: registers::KNOWN,
        answer: || get(registers::projects),
    },
    Route {
        path: "/organisations",
        known: registers::KNOWN,
        answer: || get(registers::organisations),
    },
    Route {
        path: "/activities",
        known: registers::KNOWN,
        answer: || get(registers::activities),
    },
    Route {
        path: "/people",
        known: registers::KNOWN,
        answer: || get(registers::people),
    },
    Route {
        path: "/people/{person}/record",
        known: person_record::KNOWN,
        answer: || get(person_record::get),
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
