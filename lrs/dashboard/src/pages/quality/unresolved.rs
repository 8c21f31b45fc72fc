//! The keys of an indicator whose person is not in the register.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::{Need, ProjectCode};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};
use varde_interreg::{CountedKey, IndicatorCode, IndicatorQuery, IndicatorReport};

use super::{allowed, label, told};
use crate::export;
use crate::format;
use crate::pages::{as_of, given, reached};
use crate::visit::{Frame, Visit, page};
use crate::words::{Quality, fill};

const KNOWN: &[&str] = &["as_of", "from"];
const PER_PAGE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "quality/unresolved.html")]
struct UnresolvedPage {
    frame: Frame,
    words: &'static Quality,
    told: String,
    shown: String,
    keys: Vec<Key>,
    next: Option<String>,
    table: String,
}

/// A key without a person.
#[derive(Debug)]
struct Key {
    person: String,
    unit: String,
    day: String,
    statements: Vec<(String, Option<String>)>,
}

/// Asks for one indicator.
async fn figures(
    app: &App,
    visit: &Visit,
    (project, code): &(String, String),
    known: &Known,
) -> Result<IndicatorReport, NotShown> {
    allowed(visit)?;
    let absent = || ApiError::Absent("indicator");
    let project: ProjectCode = project.parse().map_err(|_| absent())?;
    let code: IndicatorCode = code.parse().map_err(|_| absent())?;
    let query = IndicatorQuery {
        project: Some(project.to_string()),
        code: Some(code),
        as_of: as_of(known, &*app.services().clock, visit.language)?,
        known_at: None,
    };
    let report = reached(app, visit, &query).await?;
    let found = report.tables.first();
    match found.and_then(|table| table.indicators.first()) {
        Some(_) => Ok(report),
        None => Err(absent().into()),
    }
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path(place): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let from = given(&known, "from").map_or(Ok(0), |text| {
        let expected = "the number of keys before the page";
        text.parse()
            .map_err(|_| Finding::new("from", ProtocolRule::PageCursor, text, expected))
    });
    let from: usize = from.map_err(ApiError::from)?;
    let report = figures(&app, &visit, &place, &known).await?;
    let absent = || ApiError::Absent("indicator");
    let table = report.tables.first().ok_or_else(absent)?;
    let value = table.indicators.first().ok_or_else(absent)?;
    let words = Quality::of(visit.language);
    let all: Vec<&CountedKey> = value.keys.iter().filter(|key| !key.resolved).collect();
    let shown = all.iter().skip(from).take(PER_PAGE);
    let keys: Vec<_> = shown.map(|key| Key::of(key, &visit)).collect();
    let end = from.saturating_add(keys.len());
    let (project, code) = (&table.project, &value.code);
    let path = format!("/quality/unresolved/{project}/{code}");
    let number = |number: usize| format::number(number, visit.language);
    let template = UnresolvedPage {
        frame: visit.frame(format!("{}: {}", words.unresolved, label(value, &visit))),
        told: told(table, &visit),
        shown: fill(words.shown, &[&number(keys.len()), &number(all.len())]),
        next: (end < all.len()).then(|| format!("{path}?as_of={}&from={end}", report.as_of)),
        table: format!("{path}/keys.csv?as_of={}", report.as_of),
        keys,
        words,
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

impl Key {
    fn of(key: &CountedKey, visit: &Visit) -> Self {
        let opens = visit.caller().may(Need::ReadStatements).is_ok();
        let statements = key.statements.iter().map(|id| {
            let id = id.to_string();
            let path = opens.then(|| format!("/statements/{id}"));
            (id, path)
        });
        Self {
            person: key.person.clone().unwrap_or_default(),
            unit: key.unit.clone().unwrap_or_default(),
            day: format::day(key.day, visit.language),
            statements: statements.collect(),
        }
    }
}

pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    Path(place): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let report = figures(&app, &visit, &place, &parameters.only(&["as_of"])?).await?;
    let head = [
        "project",
        "code",
        "person",
        "unit",
        "day",
        "statements",
        "as_of",
    ];
    let mut rows = Vec::new();
    for table in &report.tables {
        for value in &table.indicators {
            for key in value.keys.iter().filter(|key| !key.resolved) {
                let ids = key.statements.iter().map(ToString::to_string);
                rows.push([
                    table.project.to_string(),
                    value.code.to_string(),
                    key.person.clone().unwrap_or_default(),
                    key.unit.clone().unwrap_or_default(),
                    key.day.to_string(),
                    ids.collect::<Vec<_>>().join(" "),
                    report.as_of.to_string(),
                ]);
            }
        }
    }
    Ok(export::csv(
        &format!("unresolved-keys-{}", report.as_of),
        &head,
        rows.into_iter(),
    )?)
}
