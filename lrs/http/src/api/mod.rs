//! Everything beyond the standard, under `/api/v1`.

mod audit;
mod balances;
mod catalogue;
mod cohorts;
mod definitions;
mod document;
mod evidence;
mod form;
mod handovers;
mod imports;
mod indicators;
mod keys;
mod me;
mod moment;
mod national_ids;
mod outcomes;
mod periods;
mod person_record;
mod refusals;
mod registers;
mod releases;
mod repeats;
mod reports;
mod roster;
mod sessions;
mod sources;
mod system;
mod test_statements;
mod uncounted;
mod users;

use axum::http::Method;
use axum::routing::{MethodRouter, get, post, put};
use axum::{Extension, Router};

use varde_core::Need;

use crate::access::{self, Methods};
use crate::error::ApiError;
use crate::extract::TakesCookies;
use crate::middleware::NotingLayer;
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
    /// Its methods with what each needs.
    needs: Methods,
    answer: fn() -> MethodRouter<App>,
}

const ROUTES: [Route; 62] = [
    Route {
        path: "/openapi.json",
        known: &[],
        needs: &[("GET", &[])],
        answer: || get(document::get),
    },
    Route {
        path: "/me",
        known: &[],
        needs: &[("GET", &[])],
        answer: || get(me::get),
    },
    Route {
        path: "/frameworks",
        known: catalogue::FRAMEWORKS,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(catalogue::frameworks),
    },
    Route {
        path: "/frameworks/package",
        known: catalogue::PACKAGE,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(catalogue::package),
    },
    Route {
        path: "/competences",
        known: catalogue::COMPETENCES,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(catalogue::competences),
    },
    Route {
        path: "/rules",
        known: catalogue::RULES,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(catalogue::rules),
    },
    Route {
        path: "/outcomes",
        known: outcomes::KNOWN,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(outcomes::get),
    },
    Route {
        path: "/outcomes/explanation",
        known: outcomes::EXPLANATION,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(outcomes::explain),
    },
    Route {
        path: "/cohorts",
        known: cohorts::KNOWN,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(cohorts::get),
    },
    Route {
        path: "/indicators",
        known: indicators::KNOWN,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(indicators::get),
    },
    Route {
        path: "/indicators/periods",
        known: periods::KNOWN,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(periods::get),
    },
    Route {
        path: "/uncounted",
        known: uncounted::KNOWN,
        needs: &[("GET", &[Need::ReviewStatements])],
        answer: || get(uncounted::get),
    },
    Route {
        path: "/imports",
        known: imports::KNOWN,
        needs: &[("POST", &[Need::ImportFacts, Need::WriteStatements])],
        answer: || post(imports::post),
    },
    Route {
        path: "/imports/templates",
        known: &[],
        needs: &[("GET", &[Need::ImportFacts])],
        answer: || get(imports::templates),
    },
    Route {
        path: "/imports/templates/{name}",
        known: imports::TEMPLATE,
        needs: &[("GET", &[Need::ImportFacts])],
        answer: || get(imports::template),
    },
    Route {
        path: "/repeats",
        known: repeats::KNOWN,
        needs: &[("GET", &[Need::ReviewStatements])],
        answer: || get(repeats::get),
    },
    Route {
        path: "/sources",
        known: sources::KNOWN,
        needs: &[("GET", &[Need::ReviewStatements])],
        answer: || get(sources::list),
    },
    Route {
        path: "/sources/days",
        known: sources::DAYS,
        needs: &[("GET", &[Need::ReviewStatements])],
        answer: || get(sources::days),
    },
    Route {
        path: "/sources/repeats",
        known: sources::REPEATS,
        needs: &[("GET", &[Need::ReviewStatements])],
        answer: || get(sources::repeats),
    },
    Route {
        path: "/test-statements",
        known: test_statements::KNOWN,
        needs: &[
            ("GET", &[Need::ReviewStatements, Need::ReadStatements]),
            ("POST", &[Need::ReviewStatements, Need::WriteStatements]),
        ],
        answer: || get(test_statements::sent).post(test_statements::send),
    },
    Route {
        path: "/national-ids",
        known: national_ids::KNOWN,
        needs: &[("GET", &[Need::ReviewStatements])],
        answer: || get(national_ids::get),
    },
    Route {
        path: "/refusals",
        known: refusals::KNOWN,
        needs: &[("GET", &[Need::ReviewStatements])],
        answer: || get(refusals::get),
    },
    Route {
        path: "/reports",
        known: reports::LIST,
        needs: &[
            ("GET", &[Need::ReadResults]),
            ("POST", &[Need::ManageReports]),
        ],
        answer: || get(reports::list).post(reports::open),
    },
    Route {
        path: "/reports/periods",
        known: &[],
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(reports::periods),
    },
    Route {
        path: "/reports/check",
        known: reports::PLACE,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(reports::check),
    },
    Route {
        path: "/reports/content",
        known: reports::CONTENT,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(reports::content),
    },
    Route {
        path: "/reports/file",
        known: reports::FILE,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(reports::file),
    },
    Route {
        path: "/reports/pack",
        known: reports::FILE,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(reports::pack),
    },
    Route {
        path: "/reports/submit",
        known: reports::PLACE,
        needs: &[("POST", &[Need::ManageReports])],
        answer: || post(reports::submit),
    },
    Route {
        path: "/reports/return",
        known: reports::PLACE,
        needs: &[("POST", &[Need::ManageReports])],
        answer: || post(reports::give_back),
    },
    Route {
        path: "/reports/accept",
        known: reports::PLACE,
        needs: &[("POST", &[Need::ManageReports])],
        answer: || post(reports::accept),
    },
    Route {
        path: "/reports/comments",
        known: reports::COMMENTS,
        needs: &[("PUT", &[Need::ManageReports])],
        answer: || put(reports::comment),
    },
    Route {
        path: "/reports/lines",
        known: reports::LINES,
        needs: &[
            ("POST", &[Need::ManageReports]),
            ("DELETE", &[Need::ManageReports]),
        ],
        answer: || post(reports::add_line).delete(reports::withdraw_line),
    },
    Route {
        path: "/reports/lines/approve",
        known: reports::LINES,
        needs: &[("POST", &[Need::ManageReports])],
        answer: || post(reports::approve_line),
    },
    Route {
        path: "/releases",
        known: releases::KNOWN,
        needs: &[
            ("GET", &[Need::ReadReleases]),
            ("POST", &[Need::ManageReports]),
        ],
        answer: || get(releases::list).post(releases::publish),
    },
    Route {
        path: "/releases/check",
        known: releases::ONE,
        needs: &[("GET", &[Need::ReadReleases])],
        answer: || get(releases::check),
    },
    Route {
        path: "/handovers",
        known: handovers::KNOWN,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(handovers::list),
    },
    Route {
        path: "/balances",
        known: balances::KNOWN,
        needs: &[
            ("GET", &[Need::ReadReports]),
            ("PUT", &[Need::ManageReports]),
            ("DELETE", &[Need::ManageReports]),
        ],
        answer: || {
            get(balances::get)
                .put(balances::put)
                .delete(balances::delete)
        },
    },
    Route {
        path: "/evidence",
        known: evidence::KNOWN,
        needs: &[
            ("GET", &[Need::ReadReports]),
            ("POST", &[Need::ManageReports]),
        ],
        answer: || get(evidence::list).post(evidence::add),
    },
    Route {
        path: "/evidence/file",
        known: evidence::ONE,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(evidence::file),
    },
    Route {
        path: "/evidence/links",
        known: evidence::ONE,
        needs: &[("POST", &[Need::ManageReports])],
        answer: || post(evidence::link),
    },
    Route {
        path: "/keys",
        known: keys::KNOWN,
        needs: &[
            ("GET", &[Need::ManageKeys]),
            ("POST", &[Need::ManageKeys]),
            ("DELETE", &[Need::ManageKeys]),
        ],
        answer: || get(keys::list).post(keys::create).delete(keys::revoke),
    },
    Route {
        path: "/keys/rotate",
        known: keys::ROTATE,
        needs: &[("POST", &[Need::ManageKeys])],
        answer: || post(keys::rotate),
    },
    Route {
        path: "/users",
        known: users::KNOWN,
        needs: &[
            ("GET", &[Need::ManageKeys]),
            ("POST", &[Need::ManageKeys]),
            ("DELETE", &[Need::ManageKeys]),
        ],
        answer: || get(users::list).post(users::create).delete(users::disable),
    },
    Route {
        path: "/users/password",
        known: users::KNOWN,
        needs: &[("POST", &[Need::ManageKeys])],
        answer: || post(users::set_password),
    },
    Route {
        path: "/definitions",
        known: &[],
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(definitions::list),
    },
    Route {
        path: "/audit",
        known: audit::KNOWN,
        needs: &[("GET", &[Need::ReadAudit])],
        answer: || get(audit::get),
    },
    Route {
        path: "/system",
        known: &[],
        needs: &[("GET", &[Need::ReadAudit])],
        answer: || get(system::get),
    },
    Route {
        path: "/sessions",
        known: &[],
        needs: &[("POST", &[Need::MintSessions])],
        answer: || post(sessions::mint),
    },
    Route {
        path: "/projects",
        known: registers::KNOWN,
        needs: &[("GET", &[Need::ReadResults])],
        answer: || get(registers::projects),
    },
    Route {
        path: "/organisations",
        known: registers::KNOWN,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(registers::organisations),
    },
    Route {
        path: "/activities",
        known: registers::KNOWN,
        needs: &[("GET", &[Need::ReadReports])],
        answer: || get(registers::activities),
    },
    Route {
        path: "/people",
        known: registers::KNOWN,
        needs: &[("GET", &[Need::ReviewPeople])],
        answer: || get(registers::people),
    },
    Route {
        path: "/roster",
        known: roster::LIST,
        needs: &[("GET", &[Need::ReviewPeople])],
        answer: || get(roster::list),
    },
    Route {
        path: "/people/find",
        known: &[],
        needs: &[("POST", &[Need::ReviewPeople])],
        answer: || post(roster::find),
    },
    Route {
        path: "/people/merge",
        known: roster::MERGE,
        needs: &[
            ("GET", &[Need::ReviewPeople, Need::ReadResults]),
            ("POST", &[Need::MergePeople]),
        ],
        answer: || get(roster::preview).post(roster::merge),
    },
    Route {
        path: "/people/unmerge",
        known: &[],
        needs: &[("POST", &[Need::MergePeople])],
        answer: || post(roster::unmerge),
    },
    Route {
        path: "/people/{person}/history",
        known: roster::HISTORY,
        needs: &[("GET", &[Need::ReviewPeople, Need::ReadResults])],
        answer: || get(roster::history),
    },
    Route {
        path: "/people/{person}/record",
        known: person_record::KNOWN,
        needs: &[("GET", &[Need::ReviewPeople, Need::ReadResults])],
        answer: || get(person_record::get),
    },
    Route {
        path: "/own/history",
        known: roster::HISTORY,
        needs: &[("GET", &[Need::ReadOwn])],
        answer: || get(roster::own_history),
    },
    Route {
        path: "/own/record",
        known: person_record::KNOWN,
        needs: &[("GET", &[Need::ReadOwn])],
        answer: || get(person_record::own),
    },
    Route {
        path: "/own/outcomes",
        known: person_record::OUTCOMES,
        needs: &[("GET", &[Need::ReadOwn])],
        answer: || get(person_record::own_outcomes),
    },
];

/// Returns each path with what its methods need.
pub(crate) fn methods() -> impl Iterator<Item = (&'static str, Methods)> {
    ROUTES.iter().map(|route| (route.path, route.needs))
}

/// Returns the endpoints.
pub(crate) fn routes(app: &App) -> Router {
    let mut router = Router::new();
    for Route { path, answer, .. } in ROUTES {
        router = router.route(path, answer().fallback(method_not_allowed));
    }
    router
        .fallback(async || ApiError::UnknownPath)
        .layer(NotingLayer {
            app: app.clone(),
            base: BASE,
            route: |path| access::route(ROUTES.iter().map(|route| route.path), path),
        })
        .layer(Extension(TakesCookies))
        .with_state(app.clone())
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::MethodNotAllowed(method.to_string())
}
