//! One indicator: its value, what it is made of, and the statements behind each key.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::{Need, ProjectCode};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Parameters, ProtocolRule};
use varde_interreg::pack::Voice;
use varde_interreg::{CountedKey, IndicatorCode, IndicatorQuery, IndicatorTable, IndicatorValue};

use super::{Progress, as_of, given, indicator_path, reached};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Indicators, fill};

const KNOWN: &[&str] = &["as_of", "from"];
/// How many keys a page shows.
const KEYS_PER_PAGE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "indicator.html")]
struct IndicatorPage {
    frame: Frame,
    words: &'static Indicators,
    progress: Progress,
    target: String,
    told: String,
    facts: Vec<(&'static str, String)>,
    breakdowns: Vec<Breakdown>,
    counted: String,
    has_units: bool,
    has_persons: bool,
    has_organisations: bool,
    keys: Vec<Key>,
    next: Option<String>,
    left_out: Vec<(String, String)>,
    back: String,
}

/// What keys of each value of a dimension come to.
#[derive(Debug)]
struct Breakdown {
    title: String,
    /// The value, its amount, and its share in percent as a text and as a number.
    rows: Vec<(String, String, String, u32)>,
}

/// A counted key.
#[derive(Debug)]
struct Key {
    unit: String,
    person: String,
    organisation: String,
    day: String,
    amount: String,
    /// The statements, each with its page where the visitor may open it.
    statements: Vec<(String, Option<String>)>,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path((project, code)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let absent = || ApiError::Absent("indicator");
    let project: ProjectCode = project.parse().map_err(|_| absent())?;
    let code: IndicatorCode = code.parse().map_err(|_| absent())?;
    let from = given(&known, "from").map_or(Ok(0), |text| {
        let expected = "the number of keys before the page";
        text.parse()
            .map_err(|_| Finding::new("from", ProtocolRule::PageCursor, text, expected))
    });
    let from: usize = from.map_err(ApiError::from)?;
    let query = IndicatorQuery {
        project: Some(project.to_string()),
        code: Some(code),
        as_of: as_of(&known, &*app.services().clock, visit.language)?,
        known_at: None,
    };
    let report = reached(&app, &visit, &query).await?;
    let table = report.tables.first().ok_or_else(absent)?;
    let value = table.indicators.first().ok_or_else(absent)?;
    Ok(page(
        StatusCode::OK,
        visit.language,
        &of(&visit, table, value, from),
    ))
}

fn of(visit: &Visit, table: &IndicatorTable, value: &IndicatorValue, from: usize) -> IndicatorPage {
    let (language, words) = (visit.language, Indicators::of(visit.language));
    let progress = Progress::of(value, language);
    let target = fill(
        words.target,
        &[&progress.target, &progress.unit, &progress.percent_text],
    );
    let told = [
        format::day(table.as_of, language),
        format::instant(table.complete_through, language),
    ];
    let shown = value.keys.iter().skip(from).take(KEYS_PER_PAGE);
    let keys: Vec<_> = shown.map(|key| of_key(key, visit)).collect();
    let end = from.saturating_add(keys.len());
    let path = indicator_path(&table.project, &value.code, table.as_of);
    let voice = Voice::In(language);
    let left_out = value.excluded.iter().map(|(reason, count)| {
        let code = serde_json::to_value(reason).unwrap_or_default();
        let said = voice.reason(code.as_str().unwrap_or_default());
        (said, format::number(count, language))
    });
    let has = |part: fn(&CountedKey) -> bool| value.keys.iter().any(part);
    IndicatorPage {
        frame: visit.frame(format!("{} {}", value.code, language.of(&value.name))),
        words,
        target,
        told: fill(words.as_of, &told.each_ref().map(String::as_str)),
        facts: facts(table, value, visit),
        breakdowns: breakdowns(value, visit),
        counted: fill(
            words.counted_count,
            &[
                &format::number(keys.len(), language),
                &format::number(value.keys.len(), language),
            ],
        ),
        has_units: has(|key| key.unit.is_some()),
        has_persons: has(|key| key.person.is_some()),
        has_organisations: has(|key| key.organisation.is_some()),
        keys,
        next: (end < value.keys.len()).then(|| format!("{path}&from={end}")),
        left_out: left_out.collect(),
        back: format!("/?as_of={}", table.as_of),
        progress,
    }
}

fn facts(
    table: &IndicatorTable,
    value: &IndicatorValue,
    visit: &Visit,
) -> Vec<(&'static str, String)> {
    let words = Indicators::of(visit.language);
    let number = |number: u64| format::number(number, visit.language);
    vec![
        (words.rule_set, table.definition.clone()),
        (words.hash, table.hash.to_string()),
        (words.source, value.source.clone()),
        (words.unresolved, number(value.unresolved)),
        (words.provisional, number(value.provisional)),
    ]
}

fn breakdowns(value: &IndicatorValue, visit: &Visit) -> Vec<Breakdown> {
    let voice = Voice::In(visit.language);
    let each = value.breakdowns.iter().map(|(dimension, cells)| {
        let rows = cells.iter().map(|(cell, amount)| {
            let share = amount.percent_of(value.value).unwrap_or_default().min(100);
            (
                voice.value(cell),
                format::number(*amount, visit.language),
                format::percent(share, visit.language),
                share,
            )
        });
        Breakdown {
            title: voice.dimension(dimension),
            rows: rows.collect(),
        }
    });
    each.filter(|breakdown| !breakdown.rows.is_empty())
        .collect()
}

fn of_key(key: &CountedKey, visit: &Visit) -> Key {
    let opens = visit.caller().may(Need::ReadStatements).is_ok();
    let statements = key.statements.iter().map(|id| {
        let id = id.to_string();
        let path = opens.then(|| format!("/statements/{id}"));
        (id, path)
    });
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Key {
        unit: text(&key.unit),
        person: text(&key.person),
        organisation: text(&key.organisation),
        day: format::day(key.day, visit.language),
        amount: format::number(key.amount, visit.language),
        statements: statements.collect(),
    }
}
