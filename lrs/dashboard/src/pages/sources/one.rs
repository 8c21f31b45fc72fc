//! One source: when it sent, what to see to, and its repeats.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::arrivals::{Source, SourceRepeats, SourceTable};
use varde_core::{Position, Tolerance};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};
use varde_interreg::pack::Language;

use super::shown::{behind, chart, encoded, instant, silence, span};
use super::{csrf, query, sources, told};
use crate::format;
use crate::pages::given;
use crate::visit::{Frame, Visit, page};
use crate::words::{Sources, fill};

const KNOWN: &[&str] = &["from", "to", "after"];

#[derive(Debug, Template)]
#[template(path = "sources/one.html")]
struct SourcePage {
    frame: Frame,
    words: &'static Sources,
    name: String,
    path: String,
    from: String,
    to: String,
    told: String,
    /// What came into each space; most keys send into one.
    parts: Vec<Part>,
    /// Each with how often it was used, and what it means.
    tolerances: Vec<(&'static str, String, &'static str)>,
    /// When each was stored, its id, and the id of what it repeats.
    repeats: Vec<(String, String, String)>,
    next: Option<String>,
    csrf: Option<String>,
}

/// What came into a space.
#[derive(Debug)]
struct Part {
    space: String,
    silence: Option<String>,
    chart: String,
    facts: Vec<(&'static str, String)>,
    clock: Vec<String>,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path(key): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let mut query = query(&app, &known)?;
    query.name = Some(key);
    let table = sources(&app, &visit, &query).await?;
    let first = table.sources.first().ok_or(ApiError::Absent("source"))?;
    let repeats = &app.services().sources;
    let repeats = repeats.repeats(visit.caller(), &first.name, after(&known)?);
    let repeats = repeats.await.map_err(ApiError::from)?;
    let template = of(&visit, &table, first, &repeats)?;
    Ok(page(StatusCode::OK, visit.language, &template))
}

fn after(known: &Known) -> Result<Option<Position>, Finding> {
    let after = given(known, "after").map(|text| {
        let expected = "a position in the log, as a page gave it: a whole number, 0 or more";
        text.parse()
            .map(Position)
            .map_err(|_| Finding::new("after", ProtocolRule::Position, text, expected))
    });
    after.transpose()
}

fn of(
    visit: &Visit,
    table: &SourceTable,
    first: &Source,
    repeats: &SourceRepeats,
) -> Result<SourcePage, ApiError> {
    let (language, words) = (visit.language, Sources::of(visit.language));
    let path = format!("/sources/{}", encoded(&first.name));
    let (from, to) = (table.from.to_string(), table.to.to_string());
    let parts = (1..).zip(&table.sources);
    let parts: Result<_, _> = parts
        .map(|(at, source)| part(at, source, table, language))
        .collect();
    let shown = repeats.repeats.iter().map(|repeat| {
        let stored = format::instant(repeat.stored, language);
        (
            stored,
            repeat.statement.to_string(),
            repeat.repeats.to_string(),
        )
    });
    let next = repeats.next;
    Ok(SourcePage {
        frame: visit.frame(first.name.clone()),
        words,
        told: told(table, visit),
        parts: parts?,
        tolerances: tolerances(first, language),
        repeats: shown.collect(),
        next: next.map(|next| format!("{path}?from={from}&to={to}&after={next}#repeats")),
        csrf: csrf(visit),
        name: first.name.clone(),
        path,
        from,
        to,
    })
}

fn part(
    at: usize,
    source: &Source,
    table: &SourceTable,
    language: Language,
) -> Result<Part, ApiError> {
    Ok(Part {
        space: source.space.to_string(),
        silence: silence(source, language),
        chart: chart(&source.days, table, &at.to_string(), language)?,
        facts: facts(source, language),
        clock: clock(source, language),
    })
}

fn facts(source: &Source, language: Language) -> Vec<(&'static str, String)> {
    let (words, totals) = (Sources::of(language), &source.totals);
    let number = |number: u64| format::number(number, language);
    let skew = (totals.future > 0).then(|| span(totals.skew_max_seconds, language));
    let days = |days: Option<u32>| days.map(|days| number(days.into()));
    let at = |at| Some(format::instant(at, language));
    let facts = [
        (words.kind, Some(behind(source, language).to_owned())),
        (words.made, source.made.and_then(at)),
        (words.revoked, source.revoked.and_then(at)),
        (words.expires, source.expires.and_then(at)),
        (words.last_use, Some(instant(source.last_use, language))),
        (
            words.last_statement,
            Some(instant(source.last_statement, language)),
        ),
        (words.ever, Some(number(source.statements_ever))),
        (words.in_window, Some(number(totals.statements))),
        (words.days_with, Some(number(source.rhythm.days))),
        (
            words.per_day,
            Some(format::number(source.rhythm.per_day, language)),
        ),
        (words.usual_gap, days(source.rhythm.usual_gap_days)),
        (words.longest_gap, days(source.rhythm.longest_gap_days)),
        (words.repeats, Some(number(totals.repeats))),
        (words.future, Some(number(totals.future))),
        (words.skew, skew),
        (words.late, Some(number(totals.late))),
        (
            words.without_timestamp,
            Some(number(totals.without_timestamp)),
        ),
    ];
    let facts = facts.into_iter();
    facts
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

/// Says what of timestamps is to be seen to, and how.
fn clock(source: &Source, language: Language) -> Vec<String> {
    let (words, totals) = (Sources::of(language), &source.totals);
    let number = |number: u64| format::number(number, language);
    let furthest = span(totals.skew_max_seconds, language);
    let said = [
        (totals.future, words.future_try),
        (totals.late, words.late_try),
        (totals.without_timestamp, words.without_try),
    ];
    let said = said.into_iter().filter(|(count, _)| *count > 0);
    let mut said: Vec<String> = said
        .map(|(count, sentence)| fill(sentence, &[&number(count), &furthest]))
        .collect();
    if said.is_empty() {
        said.push(words.clock_well.to_owned());
    }
    said
}

fn tolerances(source: &Source, language: Language) -> Vec<(&'static str, String, &'static str)> {
    let each = Tolerance::EACH.into_iter().filter_map(|tolerance| {
        let uses = source.tolerances.get(tolerance.name())?;
        let means = Sources::of(language).meaning(tolerance);
        Some((tolerance.name(), format::number(*uses, language), means))
    });
    each.collect()
}
