//! Administration: a page for each thing that is looked after.

mod audit;
mod definitions;
mod form;
mod keys;
mod people;
mod projects;
mod system;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use varde_core::{Need, sheet};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App};
use varde_interreg::pack::Language;
use varde_xapi::Stored;

use self::form::{Form, Kind};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::Administration;

/// Where the pages stand.
const BASE: &str = "/administration";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(BASE, get(index))
        .route("/administration/keys", get(keys::list).post(keys::make))
        .route("/administration/keys.csv", get(keys::table))
        .route("/administration/keys/new", get(keys::new))
        .route("/administration/key", get(keys::one))
        .route("/administration/key/rotate", post(keys::rotate))
        .route(
            "/administration/key/revoke",
            get(keys::confirm).post(keys::revoke),
        )
        .route(
            "/administration/people",
            get(people::list).post(people::make),
        )
        .route("/administration/people.csv", get(people::table))
        .route("/administration/person", get(people::one))
        .route(
            "/administration/person/password",
            post(people::set_password),
        )
        .route(
            "/administration/person/disable",
            get(people::confirm).post(people::disable),
        )
        .route("/administration/projects", get(projects::list))
        .route("/administration/projects.csv", get(projects::table))
        .route("/administration/definitions", get(definitions::list))
        .route("/administration/definitions.csv", get(definitions::table))
        .route("/administration/audit", get(audit::list))
        .route("/administration/audit.csv", get(audit::table))
        .route("/administration/system", get(system::show))
}

/// A page of administration.
#[derive(Debug, Template)]
#[template(path = "administration/page.html")]
struct AdministrationPage {
    frame: Frame,
    words: &'static Administration,
    /// What was done just now.
    done: Option<&'static str>,
    /// A secret that is shown this once, with what it is of.
    secret: Option<(String, String)>,
    lead: Option<String>,
    /// Pages below, each with its name.
    links: Vec<(String, &'static str)>,
    facts: Vec<(String, String)>,
    /// What is to be known of them.
    note: Option<&'static str>,
    table: Option<Table>,
    /// Where the table is as CSV.
    csv: Option<&'static str>,
    /// Where it goes on.
    more: Vec<(String, &'static str)>,
    forms: Vec<Form>,
    /// Whether it stands below the first of them.
    is_below: bool,
}

/// A table, on a page and as CSV.
#[derive(Debug)]
struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug)]
struct Cell {
    text: String,
    /// Where it leads.
    to: Option<String>,
    is_code: bool,
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            to: None,
            is_code: false,
        }
    }

    fn code(text: impl Into<String>) -> Self {
        Self {
            is_code: true,
            ..Self::text(text)
        }
    }

    fn link(text: &str, to: &str) -> Self {
        Self {
            to: Some(to.to_owned()),
            ..Self::text(text)
        }
    }
}

impl AdministrationPage {
    fn new(visit: &Visit, title: impl Into<String>) -> Self {
        Self {
            frame: visit.frame(title),
            words: Administration::of(visit.language),
            done: None,
            secret: None,
            lead: None,
            links: Vec::new(),
            facts: Vec::new(),
            note: None,
            table: None,
            csv: None,
            more: Vec::new(),
            forms: Vec::new(),
            is_below: true,
        }
    }

    /// Makes a page of one table, with where that is as CSV.
    fn listing(
        visit: &Visit,
        (title, lead): (&'static str, impl Into<String>),
        table: Table,
        csv: &'static str,
    ) -> Self {
        Self {
            lead: Some(lead.into()),
            table: Some(table),
            csv: Some(csv),
            ..Self::new(visit, title)
        }
    }

    fn answer(&self, status: StatusCode) -> Response {
        page(status, self.frame.language, self)
    }
}

impl Table {
    /// Answers with the table as CSV.
    fn as_csv(&self, name: &str) -> Result<Response, NotShown> {
        let mut csv = Vec::new();
        let rows = self.rows.iter();
        let rows = rows.map(|row| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>());
        sheet::write(&mut csv, &self.head, rows)
            .map_err(|_| ApiError::Internal("a table could not be written"))?;
        Ok(csv_file(name, csv))
    }
}

fn csv_file(name: &str, csv: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    (headers, csv).into_response()
}

/// Shows which pages there are for whom.
async fn index(visit: Visit) -> Result<Response, NotShown> {
    visit
        .caller()
        .may(Need::ReadAudit)
        .map_err(ApiError::Forbidden)?;
    let words = Administration::of(visit.language);
    let each = [
        ("keys", Need::ManageKeys, words.keys),
        ("people", Need::ManageKeys, words.people),
        ("projects", Need::ReadResults, words.projects),
        ("definitions", Need::ReadResults, words.definitions),
        ("audit", Need::ReadAudit, words.audit),
        ("system", Need::ReadAudit, words.system),
    ];
    let allowed = each
        .into_iter()
        .filter(|(_, need, _)| visit.caller().may(*need).is_ok());
    let links = allowed.map(|(path, _, label)| (format!("{BASE}/{path}"), label));
    let template = AdministrationPage {
        links: links.collect(),
        is_below: false,
        ..AdministrationPage::new(&visit, words.title)
    };
    Ok(template.answer(StatusCode::OK))
}

/// Returns those facts of which there is something to say.
fn told<const N: usize>(facts: [(&str, String); N]) -> Vec<(String, String)> {
    let told = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    told.map(|(label, fact)| (label.to_owned(), fact)).collect()
}

/// Returns an address with a name in its query.
fn named(path: &str, name: &str) -> String {
    format!("{BASE}/{path}?name={}", encoded(name))
}

/// Writes a name as a value in a query.
fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// Leads to a page that says what was done.
fn see(path: &str, name: &str, done: &str) -> Response {
    let address = format!("{}&done={done}", named(path, name));
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, address),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
    )
        .into_response()
}

fn instant(at: Option<Stored>, absent: &str, language: Language) -> String {
    at.map_or_else(|| absent.to_owned(), |at| format::instant(at, language))
}
