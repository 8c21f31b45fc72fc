//! One person: who they are in the register, what was concluded, what happened, and making two of them one.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::Need;
use varde_core::registers::PersonState;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters, PersonHistory, What};

use super::super::given;
use super::shape::{Names, Shape};
use super::{encoded, events_before, facts, path, today};
use crate::export;
use crate::visit::{Frame, Visit, page};
use crate::words::{Learners, Merging, fill};

const KNOWN: &[&str] = &["from", "done"];

#[derive(Debug, Template)]
#[template(path = "learners/one.html")]
struct OnePage {
    frame: Frame,
    words: &'static Learners,
    merging: &'static Merging,
    /// What was just done, as it stands now.
    done: Option<String>,
    /// Whom the person counts for, with their page.
    counts_for: Option<(String, String)>,
    facts: Vec<(&'static str, String)>,
    shape: Shape,
    next: Option<String>,
    path: String,
    named: String,
    record: String,
    may_merge: bool,
    may_part: bool,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path(person): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let from = events_before(&known)?;
    let history = history(&app, &visit, &person).await?;
    let (words, merging) = (Learners::of(visit.language), Merging::of(visit.language));
    let shown = history.card.listed.person.clone();
    let path = path(&shown);
    let state = &history.card.listed.state;
    let other = match state {
        PersonState::MergedInto(other) => Some(other),
        _ => None,
    };
    let done = match (given(&known, "done"), other) {
        (Some("merged"), Some(other)) => Some(fill(merging.done, &[&shown, other])),
        (Some("parted"), None) => Some(fill(merging.parted, &[&shown])),
        _ => None,
    };
    let shape = Shape::of(&history, &visit, from);
    let merges = visit.caller().may(Need::MergePeople).is_ok();
    let template = OnePage {
        done,
        counts_for: other.map(|other| (other.clone(), super::path(other))),
        facts: facts(&history.card, visit.language),
        next: shape
            .next
            .map(|next| format!("{path}?from={next}#timeline")),
        shape,
        record: format!("/api/v1/people/{}/record", encoded(&shown)),
        may_merge: merges && *state == PersonState::Active,
        may_part: merges && other.is_some(),
        frame: visit.frame(shown.as_str()),
        named: encoded(&shown),
        words,
        merging,
        path,
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

async fn history(app: &App, visit: &Visit, person: &str) -> Result<PersonHistory, ApiError> {
    let records = &app.services().person_records;
    let today = today(app, visit);
    Ok(records.history(visit.caller(), person, today).await?)
}

/// Returns what happened as a table.
pub(super) async fn timeline(
    State(app): State<App>,
    visit: Visit,
    Path(person): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let history = history(&app, &visit, &person).await?;
    let names = Names {
        history: &history,
        language: visit.language,
    };
    let head = ["person", "day", "kind", "what", "statements", "as_of"];
    let shown = &history.card.listed.person;
    let mut rows = Vec::new();
    for event in &history.events {
        let (kind, statements) = match &event.what {
            What::Counted(one) => ("counted", one.statements.as_slice()),
            What::Shown { statements, .. } => ("shown", statements.as_slice()),
            What::Affiliated(_) => ("affiliated", &[] as &[_]),
            What::Merged(_) => ("merged", &[] as &[_]),
        };
        rows.push([
            shown.clone(),
            event.day.map_or_else(String::new, |day| day.to_string()),
            kind.to_owned(),
            names.sentence(&event.what),
            joined(statements),
            history.as_of.to_string(),
        ]);
    }
    Ok(export::csv(
        &format!("timeline-{}", history.as_of),
        &head,
        rows.into_iter(),
    )?)
}

/// Returns the figures that count the person as a table.
pub(super) async fn counted(
    State(app): State<App>,
    visit: Visit,
    Path(person): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let history = history(&app, &visit, &person).await?;
    let head = [
        "person",
        "project",
        "code",
        "unit",
        "day",
        "statements",
        "as_of",
    ];
    let shown = &history.card.listed.person;
    let mut rows = Vec::new();
    for one in &history.counted {
        rows.push([
            shown.clone(),
            one.project.to_string(),
            one.code.to_string(),
            one.unit.clone().unwrap_or_default(),
            one.day.to_string(),
            joined(&one.statements),
            history.as_of.to_string(),
        ]);
    }
    Ok(export::csv(
        &format!("counted-{}", history.as_of),
        &head,
        rows.into_iter(),
    )?)
}

fn joined(statements: &[impl ToString]) -> String {
    let ids: Vec<String> = statements.iter().map(ToString::to_string).collect();
    ids.join(" ")
}
