//! The three document resources, which differ only in what a document is about
//! (xAPI 1.0.3 Communication 2.3, 2.6 and 2.7, IEEE 9274.1.1 4.1.6.2, 4.1.6.5 and 4.1.6.6).

mod activity_profile;
mod agent_profile;
mod answer;
mod state;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use varde_core::documents::{Documents, Subject};
use varde_xapi::{Family, Fault, Faults, Stored, parameter};

pub(super) use self::activity_profile::ActivityProfile;
pub(super) use self::agent_profile::AgentProfile;
pub(super) use self::state::AgentState;
use crate::error::ApiError;
use crate::extract::{Authenticated, Conditions, DocumentBody, Known, Parameters, Version};
use crate::finding::Finding;
use crate::rule::ProtocolRule;
use crate::state::App;

/// How a document resource names its documents.
pub(super) trait Resource: Send + 'static {
    /// The parameter that names one document of a subject.
    const ID: &'static str;
    /// The parameters of a subject, and [`Self::ID`].
    const WRITTEN: &'static [&'static str];
    /// Those, and `since`.
    const READ: &'static [&'static str];
    /// Whether all documents of a subject can be deleted at once.
    const CLEARED: bool;

    /// Reads what the documents are about.
    fn subject(known: &Known, family: Family) -> Result<Subject, ApiError>;
}

/// Returns the methods of a document resource.
pub(super) fn methods<R: Resource>() -> MethodRouter<App> {
    get(read::<R>)
        .put(put::<R>)
        .post(merge::<R>)
        .delete(delete::<R>)
}

/// Returns one document, or the ids of those that were changed since an instant.
async fn read<R: Resource>(
    Version(family): Version,
    Authenticated(caller): Authenticated,
    State(documents): State<Documents>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.of(&caller).only(R::READ)?;
    let subject = R::subject(&known, family)?;
    let since = known.read::<_, Fault>("since", parameter::timestamp)?;
    match (known.get(R::ID), since) {
        (Some(id), None) => {
            let found = documents.get(&caller, &subject, id).await?;
            Ok(answer::one(found.ok_or(ApiError::Absent("document"))?))
        }
        (None, since) => {
            let since = since.map(|since| Stored::from(&since));
            Ok(answer::list(
                &documents.list(&caller, &subject, since).await?,
            ))
        }
        (Some(_), Some(_)) => {
            let rule = ProtocolRule::ParameterCombination;
            let found = format!("since beside {}", R::ID);
            let finding = Finding::new("since", rule, &found, "one of them");
            Err(finding.shaped("parameters that exclude each other").into())
        }
    }
}

/// Stores a document in place of the one that is there.
async fn put<R: Resource>(
    Version(family): Version,
    Authenticated(caller): Authenticated,
    State(documents): State<Documents>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
    DocumentBody(new): DocumentBody,
) -> Result<StatusCode, ApiError> {
    let (subject, id) = named::<R>(parameters.of(&caller), family)?;
    documents
        .put(&caller, family, (&subject, &id), new, &conditions)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Merges a JSON object into the document that is there.
async fn merge<R: Resource>(
    Version(family): Version,
    Authenticated(caller): Authenticated,
    State(documents): State<Documents>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
    DocumentBody(new): DocumentBody,
) -> Result<StatusCode, ApiError> {
    let (subject, id) = named::<R>(parameters.of(&caller), family)?;
    documents
        .merge(&caller, (&subject, &id), new, &conditions)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes one document, or all of a subject where the resource knows that.
async fn delete<R: Resource>(
    Version(family): Version,
    Authenticated(caller): Authenticated,
    State(documents): State<Documents>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    if R::CLEARED && !parameters.has(R::ID) {
        let subject = R::subject(&parameters.of(&caller).only(R::WRITTEN)?, family)?;
        documents.clear(&caller, &subject).await?;
    } else {
        let (subject, id) = named::<R>(parameters.of(&caller), family)?;
        documents
            .delete(&caller, (&subject, &id), &conditions)
            .await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn named<R: Resource>(
    parameters: Parameters,
    family: Family,
) -> Result<(Subject, String), ApiError> {
    let known = parameters.only(R::WRITTEN)?;
    let subject = R::subject(&known, family)?;
    Ok((subject, known.needed(R::ID)?.to_owned()))
}

/// Reads the activity's IRI.
fn activity(known: &Known) -> Result<String, ApiError> {
    Ok(known
        .required::<_, Fault>("activityId", parameter::iri)?
        .to_string())
}

/// Reads the agent's identifier. 2.0 knows identified groups here too.
fn agent(known: &Known, family: Family) -> Result<String, ApiError> {
    let ifi = match family {
        Family::V1 => Some(known.required::<_, Faults>("agent", parameter::agent)?.ifi),
        Family::V2 => known
            .required::<_, Faults>("agent", parameter::agent_or_group)?
            .ifi()
            .cloned(),
    };
    let identifier = ifi.map(|ifi| ifi.canonical());
    // The parser lets no group without an identifier through.
    identifier.ok_or(ApiError::Internal(
        "an agent parameter without an identifier",
    ))
}
