//! `sources`: the keys that statements come by, with what was counted of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use varde_core::Clock;
use varde_core::arrivals::{
    Source, SourceDay, SourceQuery, SourceRepeats, SourceTable, Sources, Window,
};
use varde_xapi::Stored;

use super::form::{Form, Page};
use super::moment;
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// What `sources` knows.
pub(super) const KNOWN: &[&str] = &["name", "from", "to", "format", "cursor", "limit"];
/// What `sources/days` knows.
pub(super) const DAYS: &[&str] = &["name", "from", "to", "format"];
/// What `sources/repeats` knows.
pub(super) const REPEATS: &[&str] = &["name", "after"];

/// Days of sources.
#[derive(Debug, Serialize)]
struct Days<'t> {
    complete_through: Option<Stored>,
    days: Vec<OfDay<'t>>,
}

/// A day of a source.
#[derive(Debug, Serialize)]
struct OfDay<'t> {
    name: &'t str,
    space: String,
    #[serde(flatten)]
    day: &'t SourceDay,
}

/// A page of sources, in what is told of all of them.
#[derive(Debug, Serialize)]
struct SourcePage<'t> {
    #[serde(flatten)]
    table: &'t SourceTable,
    next: Option<String>,
}

/// Returns the sources of the caller's projects, with what came in by each in a window of days.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(sources): State<Sources>,
    State(clock): State<Arc<dyn Clock>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(KNOWN)?;
    let form = Form::of(&known, &headers)?;
    let mut table = sources.list(&caller, &query(&known, &*clock)?).await?;
    let all: Vec<Source> = std::mem::take(&mut table.sources);
    let Page { items, next } = Page::of(all, &known)?;
    table.sources = items;
    let page = SourcePage {
        table: &table,
        next,
    };
    form.answer(&page, |page, out| page.table.write_csv(out))
}

/// Returns what came in by each day of a window.
pub(super) async fn days(
    Authenticated(caller): Authenticated,
    State(sources): State<Sources>,
    State(clock): State<Arc<dyn Clock>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(DAYS)?;
    let form = Form::of(&known, &headers)?;
    let table = sources.list(&caller, &query(&known, &*clock)?).await?;
    let days = table.sources.iter().flat_map(|source| {
        source.days.iter().map(|day| OfDay {
            name: &source.name,
            space: source.space.to_string(),
            day,
        })
    });
    let days = Days {
        complete_through: table.complete_through,
        days: days.collect(),
    };
    form.answer(&days, |_, out| table.write_days_csv(out))
}

/// Returns the newest repeats that a source sent.
pub(super) async fn repeats(
    Authenticated(caller): Authenticated,
    State(sources): State<Sources>,
    parameters: Parameters,
) -> Result<Json<SourceRepeats>, ApiError> {
    let known = parameters.only(REPEATS)?;
    let after = known.read("after", moment::position)?;
    let repeats = sources.repeats(&caller, known.needed("name")?, after);
    Ok(Json(repeats.await?))
}

fn query(known: &Known, clock: &dyn Clock) -> Result<SourceQuery, ApiError> {
    let (from, to) = (
        known.read("from", moment::day)?,
        known.read("to", moment::day)?,
    );
    Ok(SourceQuery {
        name: known.get("name").map(str::to_owned),
        window: window((from, to), clock.now())?,
    })
}

/// Makes a window of what was given of it.
fn window(
    (from, to): (Option<jiff::civil::Date>, Option<jiff::civil::Date>),
    now: Stored,
) -> Result<Window, Finding> {
    Window::given(from, to, now).ok_or_else(|| {
        let found = [("from", from), ("to", to)].map(|(name, day)| {
            let day = day.map_or_else(|| "not given".to_owned(), |day| day.to_string());
            format!("{name} {day}")
        });
        let expected = "a first day that is not behind the last one, and 366 days at most";
        Finding::new("from", ProtocolRule::Window, &found.join(", "), expected)
    })
}
