//! One indicator: its value, what it is made of, and the statements behind each key.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::{Need, ProjectCode};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};
use varde_interreg::pack::{Language, Voice};
use varde_interreg::{
    CountedKey, IndicatorCode, IndicatorQuery, IndicatorTable, IndicatorValue, Measure,
};
use varde_xapi::Stored;

use super::titles::Titles;
use super::{Progress, as_of, day, given, indicator_path, reached};
use crate::charts::{About, Part, Point, Stacked, Timeline};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Indicators, fill};

const KNOWN: &[&str] = &["as_of", "known_on", "from"];
/// The dimensions whose values are activities.
const UNITS: [&str; 2] = ["scheme", "action"];
/// How many letters of a statement's id a key leaves out, from its beginning: ids made at about the same
/// time begin alike (RFC 9562 5.7). The page that it leads to has all.
const ID_SKIPPED: usize = 28;
/// How many keys a page shows.
const KEYS_PER_PAGE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "indicator.html")]
struct IndicatorPage {
    frame: Frame,
    words: &'static Indicators,
    /// The filters: the days that the figures are as of, and as known on.
    as_of: String,
    known_on: String,
    progress: Progress,
    target: String,
    told: String,
    facts: Vec<(&'static str, String)>,
    growth: Option<Timeline>,
    made_of: Vec<Stacked>,
    /// The same of what does not add up to a whole.
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
        known_at: known_on(&known, visit.language)?,
    };
    let report = reached(&app, &visit, &query).await?;
    let table = report.tables.first().ok_or_else(absent)?;
    let value = table.indicators.first().ok_or_else(absent)?;
    let shown = value.keys.iter().skip(from).take(KEYS_PER_PAGE);
    let keys: Vec<&CountedKey> = shown.collect();
    let units = keys.iter().filter_map(|key| key.unit.clone());
    let of_dimensions = UNITS.iter().filter_map(|unit| value.breakdowns.get(unit));
    let units = units.chain(of_dimensions.flat_map(|cells| cells.keys().cloned()));
    let titles = Titles::of(&app, &visit, units.collect()).await?;
    let keys = keys.into_iter().map(|key| of_key(key, &titles, &visit));
    let keys = (keys.collect(), from);
    let known_on = given(&known, "known_on").unwrap_or_default();
    Ok(page(
        StatusCode::OK,
        visit.language,
        &of(&visit, (table, value), known_on, (keys, &titles)),
    ))
}

/// Reads the day at whose end figures are as known; as known now where none is given.
fn known_on(known: &Known, language: Language) -> Result<Option<Stored>, ApiError> {
    let Some(text) = given(known, "known_on") else {
        return Ok(None);
    };
    let day = day("known_on", text)?;
    Ok(format::end_of(day, language))
}

fn of(
    visit: &Visit,
    (table, value): (&IndicatorTable, &IndicatorValue),
    known_on: &str,
    ((keys, from), titles): ((Vec<Key>, usize), &Titles),
) -> IndicatorPage {
    let (language, words) = (visit.language, Indicators::of(visit.language));
    let progress = Progress::of(value, language);
    let target = fill(
        words.target,
        &[&progress.target, &progress.unit, &progress.percent_text],
    );
    let told = [
        format::day(table.as_of, language),
        format::instant(table.known_at, language),
    ];
    let end = from.saturating_add(keys.len());
    let mut path = indicator_path(&table.project, &value.code, table.as_of);
    if !known_on.is_empty() {
        path.push_str("&known_on=");
        path.push_str(known_on);
    }
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
        as_of: table.as_of.to_string(),
        known_on: known_on.to_owned(),
        target,
        told: fill(words.as_of, &told.each_ref().map(String::as_str)),
        facts: facts(table, value, visit),
        growth: growth(value, visit),
        made_of: made_of(table, value, titles, visit),
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

/// Draws how the value grew towards its target, where that can be told.
fn growth(value: &IndicatorValue, visit: &Visit) -> Option<Timeline> {
    let (language, words) = (visit.language, Indicators::of(visit.language));
    let [first, .., last] = value.series.as_slice() else {
        return None;
    };
    let points = value.series.iter().map(|point| Point {
        // Days since the first, which a chart draws evenly.
        at: (point.day - first.day).get_days().into(),
        when: format::month(point.day, language),
        amount: point.value.approximate(),
        said: format::number(point.value, language),
    });
    let points: Vec<_> = points.collect();
    let target = format::number(value.target, language);
    let rows = value.series.iter().map(|point| {
        vec![
            format::day(point.day, language),
            format::number(point.value, language),
        ]
    });
    let told = [
        format::day(first.day, language),
        format::number(first.value, language),
        format::day(last.day, language),
        format::number(last.value, language),
        target.clone(),
    ];
    let about = About {
        id: "growth".to_owned(),
        title: fill(words.growth, &[&value.code.to_string(), &told[2]]),
        description: fill(words.grew, &told.each_ref().map(String::as_str)),
        as_table: words.as_table,
        columns: vec![words.day_of.to_owned(), words.count.to_owned()],
        rows: rows.collect(),
    };
    let target = fill(words.target_line, &[&target]);
    let target = (value.target.approximate(), target);
    Some(Timeline::new(about, &points, Some(target), |number| {
        format::number(number, language)
    }))
}

/// Draws what a count or sum is made of, by each dimension.
fn made_of(
    table: &IndicatorTable,
    value: &IndicatorValue,
    titles: &Titles,
    visit: &Visit,
) -> Vec<Stacked> {
    let (language, words) = (visit.language, Indicators::of(visit.language));
    let voice = Voice::In(language);
    let named = |cell: &String| voice.value(titles.get(cell));
    if !adds_up(value) {
        return Vec::new();
    }
    let cells = value
        .breakdowns
        .iter()
        .filter(|(_, cells)| !cells.is_empty());
    let charts = cells.map(|(dimension, cells)| {
        let parts = cells.iter().map(|(cell, amount)| Part {
            name: named(cell),
            amount: amount.approximate(),
            said: format::number(*amount, language),
        });
        let parts: Vec<_> = parts.collect();
        let rows = cells.iter().map(|(cell, amount)| {
            let share = amount.percent_of(value.value).unwrap_or_default();
            vec![
                named(cell),
                format::number(*amount, language),
                format::percent(share, language),
            ]
        });
        let title = voice.dimension(dimension);
        let largest = parts
            .iter()
            .max_by(|one, other| one.amount.total_cmp(&other.amount));
        let told = largest.map_or_else(Default::default, |part| {
            [part.name.clone(), part.said.clone()]
        });
        let [name, said] = told;
        let n = format::number(value.value, language);
        let day = format::day(table.as_of, language);
        let about = About {
            id: format!("by-{dimension}"),
            title: fill(words.by, &[&title, &n, &day]),
            description: fill(words.largest, &[&name, &said, &n]),
            as_table: words.as_table,
            columns: vec![title, words.count.to_owned(), words.share.to_owned()],
            rows: rows.collect(),
        };
        Stacked::new(about, parts, words.others)
    });
    charts.collect()
}

/// Tells whether the values of a dimension sum to the whole.
fn adds_up(value: &IndicatorValue) -> bool {
    matches!(value.measure, Measure::Count | Measure::Sum)
}

fn breakdowns(value: &IndicatorValue, visit: &Visit) -> Vec<Breakdown> {
    if adds_up(value) {
        return Vec::new();
    }
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

fn of_key(key: &CountedKey, titles: &Titles, visit: &Visit) -> Key {
    let opens = visit.caller().may(Need::ReadStatements).is_ok();
    let statements = key.statements.iter().map(|id| {
        let id = id.to_string();
        if !opens {
            return (id, None);
        }
        let path = format!("/statements/{id}");
        let end: String = id.chars().skip(ID_SKIPPED).collect();
        (format!("…{end}"), Some(path))
    });
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Key {
        unit: titles.get(&text(&key.unit)).to_owned(),
        person: text(&key.person),
        organisation: text(&key.organisation),
        day: format::day(key.day, visit.language),
        amount: format::number(key.amount, visit.language),
        statements: statements.collect(),
    }
}
