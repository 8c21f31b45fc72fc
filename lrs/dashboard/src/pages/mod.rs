//! The pages, a file each.

mod administration;
mod attention;
mod competences;
pub(crate) mod imports;
mod indicator;
mod learners;
mod overview;
mod own;
mod published;
mod quality;
mod refusals;
pub(crate) mod reports;
mod sources;
mod statement;
mod statements;
mod titles;

use axum::Router;
use axum::routing::get;
use jiff::civil::Date;
use varde_core::{Clock, ProjectCode};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, ProtocolRule};
use varde_interreg::pack::Language;
use varde_interreg::{IndicatorQuery, IndicatorReport, IndicatorValue, Measure};

use crate::format;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(overview::get))
        .route("/indicators.csv", get(overview::indicators))
        .route("/keys.csv", get(overview::keys))
        .route("/indicators/{project}/{code}", get(indicator::get))
        .merge(sources::routes())
        .merge(administration::routes())
        .route("/refusals", get(refusals::get))
        .route("/refusals.csv", get(refusals::table))
        .route("/statements", get(statements::get))
        .route("/statements/{id}", get(statement::get))
        .merge(learners::routes())
        .merge(competences::routes())
        .merge(quality::routes())
        .route("/own", get(own::get))
        .merge(reports::routes())
        .merge(imports::routes())
        .merge(published::routes())
}

/// Returns a parameter that a form has sent; an empty field was not filled in.
fn given<'k>(known: &'k Known, name: &str) -> Option<&'k str> {
    known
        .get(name)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// Reads how many rows stand before those of a page.
pub(crate) fn from(known: &Known) -> Result<usize, ApiError> {
    let Some(text) = given(known, "from") else {
        return Ok(0);
    };
    let expected = "the number of rows before the page";
    let fault = |_| Finding::new("from", ProtocolRule::PageCursor, text, expected);
    Ok(text.parse().map_err(fault)?)
}

/// Reads the day that figures are as of; today where none is given.
fn as_of(known: &Known, clock: &dyn Clock, language: Language) -> Result<Date, ApiError> {
    let Some(text) = given(known, "as_of") else {
        return Ok(today(clock, language));
    };
    day("as_of", text)
}

/// Returns the present day where a language's people live.
fn today(clock: &dyn Clock, language: Language) -> Date {
    let zone = format::zone(language);
    zone.to_datetime(clock.now().instant()).date()
}

/// Reads a day.
fn day(name: &str, text: &str) -> Result<Date, ApiError> {
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    let fault = || Finding::new(name, ProtocolRule::Day, text, "a day such as 2026-11-23");
    Ok(day.ok_or_else(fault)?)
}

/// Asks what projects have reached.
async fn reached(
    app: &App,
    visit: &crate::visit::Visit,
    query: &IndicatorQuery,
) -> Result<IndicatorReport, NotShown> {
    let report = app.services().indicators.query(visit.caller(), query).await;
    Ok(report.map_err(ApiError::from)?)
}

/// How far an indicator has come, as it is shown.
#[derive(Debug)]
struct Progress {
    value: String,
    target: String,
    unit: String,
    /// The share of the target in percent; `None` where there is no target, or the value is no amount.
    percent: Option<u32>,
    percent_text: String,
    /// How long the bar is, from 0 to 100.
    length: u32,
}

impl Progress {
    fn of(one: &IndicatorValue, language: Language) -> Self {
        let percent = match one.measure {
            Measure::Count | Measure::Sum => one.value.percent_of(one.target),
            Measure::Ratio | Measure::Summary => None,
        };
        Self {
            value: format::number(one.value, language),
            target: format::number(one.target, language),
            unit: language.of(&one.unit).to_owned(),
            percent,
            percent_text: percent
                .map_or_else(String::new, |share| format::percent(share, language)),
            length: percent.unwrap_or_default().min(100),
        }
    }
}

/// Returns the address of an indicator's page.
fn indicator_path(project: &ProjectCode, code: &impl ToString, as_of: Date) -> String {
    format!("/indicators/{project}/{}?as_of={as_of}", code.to_string())
}
