//! Who is in the register.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use varde_core::registers::{ListedPerson, PERSONS_MAX, RosterPage, RosterQuery};
use varde_http::pages::{NotShown, SentForm};
use varde_http::{ApiError, App, Known, Parameters, identifier};

use super::super::given;
use super::{encoded, path, state, today};
use crate::export;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::Learners;

const KNOWN: &[&str] = &["begins", "after"];
const PER_PAGE: usize = 50;
/// The most pages of a table, so that it ends whatever the register does meanwhile.
const PAGES_MAX: usize = 1_000;

#[derive(Debug, Template)]
#[template(path = "learners/list.html")]
struct ListPage {
    frame: Frame,
    words: &'static Learners,
    csrf: String,
    begins: String,
    /// What came of looking for somebody: what was found, and what to try.
    found: Option<(&'static str, &'static str)>,
    rows: Vec<Row>,
    next: Option<String>,
    table: String,
}

/// A person.
#[derive(Debug)]
struct Row {
    person: String,
    path: String,
    countries: String,
    organisations: String,
    identifiers: String,
    state: String,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let query = query(&app, &visit, &known);
    shown(&app, &visit, &query, (StatusCode::OK, None)).await
}

fn query(app: &App, visit: &Visit, known: &Known) -> RosterQuery {
    let text = |name: &str| given(known, name).map(str::to_owned);
    RosterQuery {
        after: text("after"),
        begins: text("begins"),
        limit: PER_PAGE,
        today: today(app, visit),
    }
}

async fn listed(app: &App, visit: &Visit, query: &RosterQuery) -> Result<RosterPage, ApiError> {
    let roster = &app.services().roster;
    Ok(roster.list(visit.caller(), query).await?)
}

async fn shown(
    app: &App,
    visit: &Visit,
    query: &RosterQuery,
    (status, found): (StatusCode, Option<(&'static str, &'static str)>),
) -> Result<Response, NotShown> {
    let listed = listed(app, visit, query).await?;
    let words = Learners::of(visit.language);
    let begins = query.begins.clone().unwrap_or_default();
    let next = listed.next.map(|after| {
        let (begins, after) = (encoded(&begins), encoded(&after));
        format!("/learners?begins={begins}&after={after}")
    });
    let template = ListPage {
        frame: visit.frame(words.title),
        words,
        csrf: visit.visitor.0.csrf.clone(),
        table: format!("/learners.csv?begins={}", encoded(&begins)),
        begins,
        found,
        rows: listed
            .persons
            .iter()
            .map(|one| Row::of(one, visit))
            .collect(),
        next,
    };
    Ok(page(status, visit.language, &template))
}

impl Row {
    fn of(one: &ListedPerson, visit: &Visit) -> Self {
        let joined = |texts: &std::collections::BTreeSet<String>| {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            texts.join(", ")
        };
        Self {
            person: one.person.clone(),
            path: path(&one.person),
            countries: joined(&one.countries),
            organisations: joined(&one.organisations),
            identifiers: format::number(one.identifiers, visit.language),
            state: state(&one.state, Learners::of(visit.language)),
        }
    }
}

/// Returns everybody who fits as a table.
pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let mut query = query(&app, &visit, &parameters.only(KNOWN)?);
    query.limit = PERSONS_MAX;
    let head = [
        "person",
        "countries",
        "organisations",
        "identifiers",
        "state",
        "as_of",
    ];
    let mut rows = Vec::new();
    for _ in 0..PAGES_MAX {
        let listed = listed(&app, &visit, &query).await?;
        for one in &listed.persons {
            let row = Row::of(one, &visit);
            rows.push([
                row.person,
                row.countries,
                row.organisations,
                one.identifiers.to_string(),
                row.state,
                query.today.to_string(),
            ]);
        }
        match listed.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    Ok(export::csv(
        &format!("learners-{}", query.today),
        &head,
        rows.into_iter(),
    )?)
}

/// Leads to the person behind an identifier, which comes in the form so that it stands in no address.
pub(super) async fn find(
    State(app): State<App>,
    visit: Visit,
    sent: SentForm,
) -> Result<Response, NotShown> {
    let identifier = identifier(sent.fields.get("identifier")).map_err(ApiError::from)?;
    let today = today(&app, &visit);
    let roster = &app.services().roster;
    let found = roster.find(visit.caller(), &identifier, today).await;
    let words = Learners::of(visit.language);
    let said = match found.map_err(ApiError::from)? {
        Some(found) if found.registered => {
            let to = path(&found.person);
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
        }
        Some(_) => (words.unregistered, words.unregistered_try),
        None => (words.nobody, words.nobody_try),
    };
    let everybody = RosterQuery {
        after: None,
        begins: None,
        limit: PER_PAGE,
        today,
    };
    shown(
        &app,
        &visit,
        &everybody,
        (StatusCode::NOT_FOUND, Some(said)),
    )
    .await
}
