//! The persons of the register: who is there, one of them, and two who are one.

mod list;
mod merging;
mod one;
pub(super) mod shape;

use axum::Router;
use axum::routing::{get, post};
use jiff::civil::Date;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use varde_core::registers::{PersonCard, PersonState};
use varde_http::{ApiError, App, Finding, Known, ProtocolRule};
use varde_interreg::pack::Language;

use super::given;
use crate::format;
use crate::visit::Visit;
use crate::words::{Learners, fill};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/learners", get(list::get))
        .route("/learners.csv", get(list::csv))
        .route("/learners/find", post(list::find))
        .route("/learners/{person}", get(one::get))
        .route("/learners/{person}/timeline.csv", get(one::timeline))
        .route("/learners/{person}/counted.csv", get(one::counted))
        .route(
            "/learners/{person}/merge",
            get(merging::beside).post(merging::merge),
        )
        .route(
            "/learners/{person}/unmerge",
            get(merging::apart).post(merging::unmerge),
        )
}

/// Returns the address of a person's page.
pub(super) fn path(person: &str) -> String {
    format!("/learners/{}", encoded(person))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Returns the day that it is where the page's readers live.
pub(super) fn today(app: &App, visit: &Visit) -> Date {
    let now = app.services().clock.now().instant();
    format::zone(visit.language).to_datetime(now).date()
}

/// Reads how many events come before the page.
pub(super) fn events_before(known: &Known) -> Result<usize, ApiError> {
    let from = given(known, "from").map_or(Ok(0), |text| {
        let expected = "the number of events before the page";
        text.parse()
            .map_err(|_| Finding::new("from", ProtocolRule::PageCursor, text, expected))
    });
    Ok(from?)
}

/// Says what became of a person.
fn state(state: &PersonState, words: &Learners) -> String {
    match state {
        PersonState::Active => words.active.to_owned(),
        PersonState::MergedInto(other) => fill(words.counts_for, &[other]),
        PersonState::Restricted => words.restricted.to_owned(),
        PersonState::Sealed => words.sealed.to_owned(),
        PersonState::Erased => words.erased.to_owned(),
    }
}

/// Says what the register holds of a person, without what identifies them.
fn facts(card: &PersonCard, language: Language) -> Vec<(&'static str, String)> {
    let (listed, words) = (&card.listed, Learners::of(language));
    let joined = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let value = |field: &str| shape::value(card, field, language);
    let facts = vec![
        (words.state, state(&listed.state, words)),
        (words.identifiers, shape::kinds(card, words)),
        (words.countries, joined(&mut listed.countries.iter())),
        (
            words.organisations,
            joined(&mut listed.organisations.iter()),
        ),
        (words.gender, value("gender")),
        (words.birth_year_band, value("birth-year-band")),
        (words.region, value("nuts3")),
        (words.merged_from, joined(&mut card.merged_from.iter())),
    ];
    let is_said = |(_, text): &(&str, String)| !text.is_empty();
    facts.into_iter().filter(is_said).collect()
}
