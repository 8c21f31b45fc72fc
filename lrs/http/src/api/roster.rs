//! `roster`, `people/find`, `people/{person}/history`, `people/merge` and `people/unmerge`: the persons of the
//! register, as data stewards look through them and say that two are one.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::Clock;
use varde_core::registers::{FoundPerson, Merged, PERSONS_MAX, Roster, RosterPage, RosterQuery};

use super::moment;
use crate::error::ApiError;
use crate::extract::{Authenticated, JsonBody, Parameters};
use crate::finding::Finding;
use crate::person_record::{MergePreview, PersonHistory, PersonRecords};
use crate::rule::ProtocolRule;

/// What `roster` knows.
pub(super) const LIST: &[&str] = &["as_of", "begins", "after", "limit"];
/// What histories know.
pub(super) const HISTORY: &[&str] = &["as_of"];
/// What `people/merge` knows.
pub(super) const MERGE: &[&str] = &["person", "into", "as_of"];

/// How many persons a page has where the request does not say.
const LIMIT: usize = 100;

/// Returns a page of persons.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(roster): State<Roster>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<RosterPage>, ApiError> {
    let known = parameters.only(LIST)?;
    let limit = known.read("limit", |name, text| {
        let limit: Option<usize> = text.parse().ok();
        let expected = format!("a whole number from 1 to {PERSONS_MAX}");
        let limit = limit.filter(|limit| (1..=PERSONS_MAX).contains(limit));
        limit.ok_or_else(|| Finding::new(name, ProtocolRule::PageLimit, text, expected))
    })?;
    let query = RosterQuery {
        after: known.get("after").map(str::to_owned),
        begins: known.get("begins").map(str::to_owned),
        limit: limit.unwrap_or(LIMIT),
        today: moment::as_of(&known, &*clock)?,
    };
    Ok(Json(roster.list(&caller, &query).await?))
}

/// By what somebody is looked for. It comes in a body, so that no log of addresses holds it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sought {
    identifier: String,
    #[serde(default)]
    as_of: Option<Date>,
}

/// The person who was found, if one was.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    person: Option<FoundPerson>,
}

/// Returns whose an identifier is.
pub(super) async fn find(
    Authenticated(caller): Authenticated,
    State(roster): State<Roster>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
    JsonBody(sought): JsonBody<Sought>,
) -> Result<Json<Found>, ApiError> {
    parameters.none()?;
    let identifier = crate::extract::identifier(&sought.identifier)?;
    let today = sought.as_of.unwrap_or_else(|| moment::today(&*clock));
    let person = roster.find(&caller, &identifier, today).await?;
    Ok(Json(Found { person }))
}

/// Returns what is known of a person, and what happened.
pub(super) async fn history(
    Authenticated(caller): Authenticated,
    State(records): State<PersonRecords>,
    State(clock): State<Arc<dyn Clock>>,
    person: Result<Path<String>, PathRejection>,
    parameters: Parameters,
) -> Result<Json<PersonHistory>, ApiError> {
    let as_of = moment::as_of(&parameters.only(HISTORY)?, &*clock)?;
    let Ok(Path(person)) = person else {
        return Err(ApiError::Absent("person"));
    };
    Ok(Json(records.history(&caller, &person, as_of).await?))
}

/// Returns the same of the learner whose credential it is.
pub(super) async fn own_history(
    Authenticated(caller): Authenticated,
    State(records): State<PersonRecords>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<PersonHistory>, ApiError> {
    let as_of = moment::as_of(&parameters.only(HISTORY)?, &*clock)?;
    Ok(Json(records.own_history(&caller, as_of).await?))
}

/// Returns two persons beside each other, and what would count one instead of two.
pub(super) async fn preview(
    Authenticated(caller): Authenticated,
    State(records): State<PersonRecords>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<MergePreview>, ApiError> {
    let known = parameters.only(MERGE)?;
    let both = (known.needed("person")?, known.needed("into")?);
    let as_of = moment::as_of(&known, &*clock)?;
    Ok(Json(records.merge_preview(&caller, both, as_of).await?))
}

/// Who is to count for whom.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    person: String,
    into: String,
    #[serde(default)]
    from: Option<Date>,
}

/// Merges a person into another.
pub(super) async fn merge(
    Authenticated(caller): Authenticated,
    State(roster): State<Roster>,
    parameters: Parameters,
    JsonBody(wish): JsonBody<Merge>,
) -> Result<Json<Merged>, ApiError> {
    parameters.none()?;
    let both = (wish.person.as_str(), wish.into.as_str());
    Ok(Json(roster.merge(&caller, both, wish.from).await?))
}

/// Who is to count for themselves again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unmerge {
    person: String,
    #[serde(default)]
    from: Option<Date>,
}

/// Takes a merge back.
pub(super) async fn unmerge(
    Authenticated(caller): Authenticated,
    State(roster): State<Roster>,
    parameters: Parameters,
    JsonBody(wish): JsonBody<Unmerge>,
) -> Result<Json<Merged>, ApiError> {
    parameters.none()?;
    let parted = roster.unmerge(&caller, &wish.person, wish.from).await?;
    Ok(Json(parted))
}
