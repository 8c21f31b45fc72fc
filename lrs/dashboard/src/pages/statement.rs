//! One statement, valid or voided.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use varde_core::Need;
use varde_core::ports::{Standing, StoredStatement};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};
use varde_interreg::pack::Voice;
use varde_interreg::{IndicatorQuery, IndicatorReport};
use varde_xapi::{StatementId, parameter};

use super::statements::Summary;
use super::titles::Titles;
use super::{indicator_path, today};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Statements, fill};

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
    /// What it counts for, and what it does not count for with the reason; `None` where the visitor reads no
    /// results.
    counts: Option<Vec<Counts>>,
    /// As of when, as known when.
    counted: String,
    text: String,
}

/// An indicator that a statement was considered for.
#[derive(Debug)]
struct Counts {
    name: String,
    path: String,
    unit: String,
    day: String,
    how: String,
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
    let mut template = of(&visit, &statement, is_voided)?;
    if visit.caller().may(Need::ReadResults).is_ok() {
        let report = resting_on(&app, &visit, statement.id).await?;
        let rows = report.tables.iter().flat_map(|table| &table.indicators);
        let keys = rows.flat_map(|value| &value.keys);
        let units = keys.filter_map(|key| key.unit.clone());
        let titles = Titles::of(&app, &visit, units.collect()).await?;
        template.counted = fill(
            template.words.as_of,
            &[&format::day(report.as_of, visit.language)],
        );
        template.counts = Some(counts(&report, &titles, &visit));
    }
    Ok(page(StatusCode::OK, visit.language, &template))
}

async fn resting_on(
    app: &App,
    visit: &Visit,
    id: StatementId,
) -> Result<IndicatorReport, NotShown> {
    let query = IndicatorQuery {
        project: None,
        code: None,
        as_of: today(&*app.services().clock, visit.language),
        known_at: None,
    };
    let indicators = &app.services().indicators;
    let report = indicators.resting_on(visit.caller(), &query, id).await;
    Ok(report.map_err(ApiError::from)?)
}

fn counts(report: &IndicatorReport, titles: &Titles, visit: &Visit) -> Vec<Counts> {
    let (language, words) = (visit.language, Statements::of(visit.language));
    let voice = Voice::In(language);
    let mut counts = Vec::new();
    for table in &report.tables {
        for value in &table.indicators {
            let name = format!("{} {}", value.code, language.of(&value.name));
            let path = indicator_path(&table.project, &value.code, table.as_of);
            let row = |unit: Option<&String>, day, how: String| Counts {
                name: name.clone(),
                path: path.clone(),
                unit: unit.map_or_else(String::new, |unit| titles.get(unit).to_owned()),
                day: format::day(day, language),
                how,
            };
            counts.extend(value.keys.iter().map(|key| {
                let amount = format::number(key.amount, language);
                row(key.unit.as_ref(), key.day, fill(words.adds, &[&amount]))
            }));
            counts.extend(value.exclusions.iter().map(|one| {
                let code = serde_json::to_value(one.reason).unwrap_or_default();
                let how = voice.reason(code.as_str().unwrap_or_default());
                row(one.units.first(), one.day, how)
            }));
        }
    }
    counts
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
        counts: None,
        counted: String::new(),
        text,
    })
}
