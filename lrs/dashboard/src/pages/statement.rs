//! One statement, valid or voided.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use varde_core::ports::{Standing, StoredStatement};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};
use varde_xapi::parameter;

use super::statements::Summary;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::Statements;

#[derive(Debug, Template)]
#[template(path = "statement.html")]
struct StatementPage {
    frame: Frame,
    words: &'static Statements,
    is_voided: bool,
    summary: Summary,
    facts: Vec<(&'static str, String)>,
    /// What it says something of, by what it does.
    links: Vec<(&'static str, String)>,
    text: String,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let absent = || ApiError::Absent("statement");
    let id = parameter::statement_id("id", &id).map_err(|_| absent())?;
    let statements = &app.services().statements;
    let mut found = statements.get(visit.caller(), id, Standing::Valid).await;
    let is_voided = matches!(found, Ok(None));
    if is_voided {
        found = statements.get(visit.caller(), id, Standing::Voided).await;
    }
    let statement = found.map_err(ApiError::from)?.ok_or_else(absent)?;
    let template = of(&visit, &statement, is_voided)?;
    Ok(page(StatusCode::OK, visit.language, &template))
}

fn of(
    visit: &Visit,
    statement: &StoredStatement,
    is_voided: bool,
) -> Result<StatementPage, ApiError> {
    let words = Statements::of(visit.language);
    let unread = |_| ApiError::Internal("a stored statement could not be read");
    let value: Value = serde_json::from_str(&statement.text()).map_err(unread)?;
    let text = serde_json::to_string_pretty(&value).map_err(unread)?;
    let said = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let facts = vec![
        (
            words.stored,
            format::instant(statement.stored, visit.language),
        ),
        (words.timestamp, said("timestamp")),
        (words.space, statement.space.to_string()),
        (words.version, said("version")),
    ];
    let links = [
        (words.refers_to, statement.refers_to),
        (words.voids, statement.voids),
    ];
    // Who voids a statement refers to it too, which need not be said twice.
    let links = links
        .into_iter()
        .filter(|(word, _)| *word == words.voids || statement.voids.is_none());
    let links = links.filter_map(|(word, id)| Some((word, id?.to_string())));
    Ok(StatementPage {
        frame: visit.frame(format!("{} {}", words.one, statement.id)),
        words,
        is_voided,
        summary: Summary::of(statement, visit),
        facts,
        links: links.collect(),
        text,
    })
}
