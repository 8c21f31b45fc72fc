//! Statements, by what the standard lets one ask for (xAPI 1.0.3 Communication 2.1.3).

use std::fmt::Write as _;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use varde_core::ports::StoredStatement;
use varde_core::statements::Selection;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Known, Parameters};
use varde_interreg::pack::Language;
use varde_xapi::{Stored, agent_value, parameter};

use super::given;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::Statements;

const KNOWN: &[&str] = &[
    "agent",
    "verb",
    "activity",
    "registration",
    "since",
    "until",
    "more",
];
/// How many statements a page shows.
const PER_PAGE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "statements.html")]
struct StatementsPage {
    frame: Frame,
    words: &'static Statements,
    /// Each field of the form: its name, its label, what is in it.
    fields: Vec<(&'static str, &'static str, String)>,
    rows: Vec<Summary>,
    next: Option<String>,
}

/// A statement in a few words.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) id: String,
    pub(super) stored: String,
    pub(super) actor: String,
    pub(super) verb: String,
    pub(super) object: String,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let statements = &app.services().statements;
    let found = match given(&known, "more") {
        Some(more) => statements.continue_from(visit.caller(), more).await,
        None => statements.select(visit.caller(), selection(&known)?).await,
    };
    let found = found.map_err(ApiError::from)?;
    let words = Statements::of(visit.language);
    let fields = [
        ("verb", words.verb),
        ("activity", words.activity),
        ("agent", words.agent),
        ("registration", words.registration),
        ("since", words.since),
        ("until", words.until),
    ];
    let fields = fields.map(|(name, label)| {
        let text = given(&known, name).unwrap_or_default().to_owned();
        (name, label, text)
    });
    let next = found.more.as_deref().map(|more| next(&known, more));
    let template = StatementsPage {
        frame: visit.frame(words.title),
        words,
        fields: fields.into(),
        rows: found
            .statements
            .iter()
            .map(|one| Summary::of(one, &visit))
            .collect(),
        next,
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Returns the address of the next page; what was asked for stays in the form.
fn next(known: &Known, more: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut next = format!("/statements?more={}", encoded(more));
    for name in KNOWN.iter().filter(|name| **name != "more") {
        if let Some(text) = given(known, name) {
            // Writing to a text cannot fail.
            let _ = write!(next, "&{name}={}", encoded(text));
        }
    }
    next
}

fn selection(known: &Known) -> Result<Selection, ApiError> {
    let agent = given(known, "agent").map(as_agent);
    let agent = agent.map(|agent| parameter::agent_or_group("agent", &agent));
    let agent = agent.transpose()?;
    let iri = |name: &str| {
        let iri = given(known, name).map(|text| parameter::iri(name, text));
        iri.transpose().map(|iri| iri.map(|iri| iri.to_string()))
    };
    let instant = |name: &str| {
        let read = given(known, name).map(|text| parameter::timestamp(name, text));
        read.transpose().map(|at| at.map(|at| Stored::from(&at)))
    };
    let registration =
        given(known, "registration").map(|text| parameter::uuid("registration", text));
    let registration = registration.transpose()?;
    Ok(Selection {
        agent: agent.as_ref().and_then(agent_value),
        verb: iri("verb")?,
        activity: iri("activity")?,
        registration: registration.map(|id| id.to_string()),
        since: instant("since")?,
        until: instant("until")?,
        limit: PER_PAGE,
        ..Selection::default()
    })
}

/// Returns an agent as JSON; people write a mail address.
fn as_agent(text: &str) -> String {
    if text.starts_with('{') || !text.contains('@') {
        return text.to_owned();
    }
    let address = text.strip_prefix("mailto:").unwrap_or(text);
    json!({ "mbox": format!("mailto:{address}") }).to_string()
}

impl Summary {
    pub(super) fn of(statement: &StoredStatement, visit: &Visit) -> Self {
        // What cannot be read here stands on its own page as it is.
        let value: Value = serde_json::from_str(&statement.body).unwrap_or_default();
        let language = visit.language;
        let at = |path: &str| value.pointer(path).and_then(Value::as_str);
        let verb = at("/verb/id").unwrap_or_default();
        let object = at("/object/id").unwrap_or_default();
        Self {
            id: statement.id.to_string(),
            stored: format::instant(statement.stored, language),
            actor: actor(&value, Statements::of(language)),
            verb: named(value.pointer("/verb/display"), language).unwrap_or_else(|| last(verb)),
            object: named(value.pointer("/object/definition/name"), language)
                .unwrap_or_else(|| object.to_owned()),
        }
    }
}

/// Returns who acted: by name where one was sent, else by what identifies them.
fn actor(statement: &Value, words: &Statements) -> String {
    let at = |path: &str| statement.pointer(path).and_then(Value::as_str);
    let paths = [
        "/actor/name",
        "/actor/mbox",
        "/actor/account/name",
        "/actor/openid",
        "/actor/mbox_sha1sum",
    ];
    let found = paths.into_iter().find_map(at);
    found.map_or_else(
        || words.unnamed.to_owned(),
        |found| found.strip_prefix("mailto:").unwrap_or(found).to_owned(),
    )
}

/// Returns the text of a language map that fits best: of the page's language, else the first.
pub(super) fn named(map: Option<&Value>, language: Language) -> Option<String> {
    let map = map?.as_object()?;
    let fits = |tag: &str| {
        tag.split('-').next().is_some_and(|first| {
            first == language.tag() || language == Language::Nb && first == "no"
        })
    };
    let found = map
        .iter()
        .find(|(tag, _)| fits(tag))
        .or_else(|| map.iter().next());
    Some(found?.1.as_str()?.to_owned())
}

/// Returns the last part of an IRI.
fn last(iri: &str) -> String {
    let part = iri.rsplit(['/', '#']).find(|part| !part.is_empty());
    part.unwrap_or(iri).to_owned()
}
