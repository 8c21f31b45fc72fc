//! Two persons who are one, and two again: each is confirmed on a page that says what it means.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use varde_core::Need;
use varde_core::registers::{PersonCard, PersonState};
use varde_http::pages::{Fields, NotShown, SentForm};
use varde_http::{
    ApiError, App, CountedIn, Finding, MergePreview, Parameters, ProtocolRule, SharedKey,
};
use varde_interreg::pack::Language;

use super::shape::{kinds, value};
use super::{path, state, today};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Learners, Merging, fill};

#[derive(Debug, Template)]
#[template(path = "learners/merge.html")]
struct MergePage {
    frame: Frame,
    words: &'static Merging,
    csrf: String,
    path: String,
    person: String,
    into: String,
    /// What is told of both: what, of the one, of the other.
    rows: Vec<(&'static str, String, String)>,
    /// What counts both.
    shared: Vec<String>,
    means: String,
    back_means: String,
    /// Why it cannot be done, where it cannot.
    hindrance: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "learners/unmerge.html")]
struct UnmergePage {
    frame: Frame,
    words: &'static Merging,
    csrf: String,
    path: String,
    means: String,
    /// Whether there is something to take back.
    is_merged: bool,
}

/// Shows both beside each other, and what merging them would mean.
pub(super) async fn beside(
    State(app): State<App>,
    visit: Visit,
    Path(person): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["into"])?;
    visit
        .caller()
        .may(Need::MergePeople)
        .map_err(ApiError::from)?;
    let both = (person.as_str(), known.needed("into")?.trim());
    let records = &app.services().person_records;
    let today = today(&app, &visit);
    let preview = records.merge_preview(visit.caller(), both, today).await;
    let preview = preview.map_err(ApiError::from)?;
    Ok(page(StatusCode::OK, visit.language, &of(&visit, &preview)))
}

fn of(visit: &Visit, preview: &MergePreview) -> MergePage {
    let (language, words) = (visit.language, Merging::of(visit.language));
    let (person, into) = (&preview.person.card, &preview.into.card);
    let (goes, stays) = (&person.listed.person, &into.listed.person);
    let shared = preview.shared.iter().map(|key| shared(key, language));
    MergePage {
        frame: visit.frame(words.title),
        words,
        csrf: visit.visitor.0.csrf.clone(),
        path: path(goes),
        person: goes.clone(),
        into: stays.clone(),
        rows: rows(preview, language),
        shared: shared.collect(),
        means: fill(words.means_counts, &[goes, stays]),
        back_means: fill(words.back_means, &[goes]),
        hindrance: hindrance(person, into, language),
    }
}

fn shared(key: &SharedKey, language: Language) -> String {
    let name = format!("{} {}", key.code, language.of(&key.name));
    match key.title.as_ref().or(key.unit.as_ref()) {
        Some(unit) => format!("{name}: {unit}"),
        None => name,
    }
}

fn hindrance(person: &PersonCard, into: &PersonCard, language: Language) -> Option<String> {
    let (words, merging) = (Learners::of(language), Merging::of(language));
    if person.listed.id == into.listed.id {
        return Some(merging.same.to_owned());
    }
    let mut both = [person, into].into_iter();
    let other = both.find(|card| card.listed.state != PersonState::Active)?;
    let said = state(&other.listed.state, words);
    Some(fill(merging.not_active, &[&other.listed.person, &said]))
}

fn rows(preview: &MergePreview, language: Language) -> Vec<(&'static str, String, String)> {
    let (words, merging) = (Learners::of(language), Merging::of(language));
    let sides = [&preview.person, &preview.into];
    let of_cards = |word: &'static str, tell: &dyn Fn(&PersonCard) -> String| {
        let [one, other] = sides.map(|side| tell(&side.card));
        (word, one, other)
    };
    let joined = |texts: &std::collections::BTreeSet<String>| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        texts.join(", ")
    };
    let value = |card: &PersonCard, field: &str| value(card, field, language);
    let [counted, of_other] = sides.map(|side| codes(&side.counted, language));
    let [levels, levels_of_other] = sides.map(|side| format::number(side.outcomes, language));
    vec![
        of_cards(words.state, &|card| state(&card.listed.state, words)),
        of_cards(words.identifiers, &|card| kinds(card, words)),
        of_cards(words.countries, &|card| joined(&card.listed.countries)),
        of_cards(words.organisations, &|card| {
            joined(&card.listed.organisations)
        }),
        of_cards(words.gender, &|card| value(card, "gender")),
        of_cards(words.birth_year_band, &|card| {
            value(card, "birth-year-band")
        }),
        of_cards(words.region, &|card| value(card, "nuts3")),
        (merging.counted, counted, of_other),
        (merging.levels, levels, levels_of_other),
    ]
}

/// Says how often which indicator counts somebody: `RCO85 × 2, RCR81`.
fn codes(counted: &[CountedIn], language: Language) -> String {
    let mut codes: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for one in counted {
        *codes.entry(one.code.to_string()).or_default() += 1;
    }
    let codes = codes.into_iter().map(|(code, count)| match count {
        1 => code,
        count => format!("{code} × {}", format::number(count, language)),
    });
    let codes: Vec<String> = codes.collect();
    if codes.is_empty() {
        format::number(0, language)
    } else {
        codes.join(", ")
    }
}

/// Merges one into the other.
pub(super) async fn merge(
    State(app): State<App>,
    Path(person): Path<String>,
    sent: SentForm,
) -> Result<Response, NotShown> {
    let from = from(&sent.fields)?;
    let (caller, into) = (&sent.signed_in.caller, sent.fields.get("into"));
    let roster = &app.services().roster;
    let merged = roster.merge(caller, (&person, into), from).await;
    merged.map_err(ApiError::from)?;
    Ok(done(&person, "merged"))
}

/// Asks whether they are two after all.
pub(super) async fn apart(
    State(app): State<App>,
    visit: Visit,
    Path(person): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let caller = visit.caller();
    caller.may(Need::MergePeople).map_err(ApiError::from)?;
    let roster = &app.services().roster;
    let card = roster.show(caller, &person, today(&app, &visit)).await;
    let card = card.map_err(ApiError::from)?;
    let card = card.ok_or(ApiError::Absent("person"))?;
    let words = Merging::of(visit.language);
    let shown = &card.listed.person;
    let other = match &card.listed.state {
        PersonState::MergedInto(other) => Some(other),
        _ => None,
    };
    let template = UnmergePage {
        frame: visit.frame(words.part_title),
        words,
        csrf: visit.visitor.0.csrf.clone(),
        path: path(shown),
        means: match other {
            Some(other) => fill(words.part_means, &[shown, other]),
            None => fill(words.not_merged, &[shown]),
        },
        is_merged: other.is_some(),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Takes a merge back.
pub(super) async fn unmerge(
    State(app): State<App>,
    Path(person): Path<String>,
    sent: SentForm,
) -> Result<Response, NotShown> {
    let from = from(&sent.fields)?;
    let caller = &sent.signed_in.caller;
    let parted = app.services().roster.unmerge(caller, &person, from).await;
    parted.map_err(ApiError::from)?;
    Ok(done(&person, "parted"))
}

/// Reads the first day on which it holds; none for all days.
fn from(fields: &Fields) -> Result<Option<Date>, ApiError> {
    let text = fields.get("from");
    if text.is_empty() {
        return Ok(None);
    }
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    let fault = || Finding::new("from", ProtocolRule::Day, text, "a day such as 2026-11-23");
    Ok(Some(day.ok_or_else(fault)?))
}

/// Leads to the person's page, which says what was done.
fn done(person: &str, what: &str) -> Response {
    let to = format!("{}?done={what}", path(person));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
