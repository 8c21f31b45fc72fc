//! `statements` (xAPI 1.0.3 Communication 2.1, IEEE 9274.1.1 4.1.6.1).

mod answer;
mod canonical;
mod parts;
mod query;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::Caller;
use varde_core::attachments::AttachmentData;
use varde_core::statements::Format;
use varde_xapi::{Batch, Family, Received, StatementId, parameter};

use self::answer::{Found, Rendering};
use self::canonical::Definitions;
use self::parts::Parts;
use self::query::Query;
use crate::error::ApiError;
use crate::extract::{Authenticated, Languages, Multipart, Parameters, StatementsBody, Version};
use crate::finding::Finding;
use crate::rule::ProtocolRule;
use crate::state::{App, Services};

/// Stores one statement or an array of them, and returns the ids in order.
pub(super) async fn post(
    Version(family): Version,
    Authenticated(caller): Authenticated,
    State(attachments): State<AttachmentData>,
    parameters: Parameters,
    StatementsBody { json, parts }: StatementsBody,
) -> Result<Json<Vec<String>>, ApiError> {
    parameters.of(&caller).none()?;
    let batch = varde_xapi::receive(&json, family)?;
    let spelled: Vec<_> = batch
        .statements
        .iter()
        .map(|one| one.id_text.clone())
        .collect();
    let ids = store(&attachments, &caller, family, batch, parts).await?;
    let spelled = spelled.into_iter().zip(ids);
    Ok(Json(
        spelled
            .map(|(sent, id)| sent.unwrap_or_else(|| id.to_string()))
            .collect(),
    ))
}

/// Stores one statement under the id named in the query.
pub(super) async fn put(
    Version(family): Version,
    Authenticated(caller): Authenticated,
    State(attachments): State<AttachmentData>,
    parameters: Parameters,
    StatementsBody { json, parts }: StatementsBody,
) -> Result<StatusCode, ApiError> {
    let known = parameters.of(&caller).only(&["statementId"])?;
    let id = known.required("statementId", parameter::statement_id)?;
    let received = varde_xapi::receive_one(&json, family)?;
    let received = under(id, known.needed("statementId")?, received)?;
    let batch = Batch {
        array: false,
        statements: vec![received],
    };
    store(&attachments, &caller, family, batch, parts).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stores statements once all parts behind them have arrived, and returns the ids in order.
async fn store(
    attachments: &AttachmentData,
    caller: &Caller,
    family: Family,
    batch: Batch,
    parts: Option<Multipart>,
) -> Result<Vec<StatementId>, ApiError> {
    let mut intake = attachments.take_in(caller, family, batch)?;
    if let Some(parts) = parts {
        parts.hand_over(&mut intake).await?;
    }
    Ok(intake.store().await?)
}

/// Gives the statement the id of the query, which its own must equal where it has one.
fn under(id: StatementId, spelled: &str, mut received: Received) -> Result<Received, ApiError> {
    match received.statement.id {
        Some(own) if own != id => {
            let (rule, found) = (ProtocolRule::StatementIdAgrees, own.to_string());
            let expected = format!("{id}, as in the query");
            let finding = Finding::new("$.id", rule, &found, expected);
            return Err(finding.quoting().into());
        }
        Some(_) => {}
        None => {
            received.statement.id = Some(id);
            received.id_text = (id.to_string() != spelled).then(|| spelled.to_owned());
        }
    }
    Ok(received)
}

/// Returns one statement by its id, or a page of those that a query selects.
pub(super) async fn get(
    Version(_): Version,
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    Languages(languages): Languages,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let Services {
        statements,
        activities,
        attachments,
        entropy,
        ..
    } = app.services();
    let found = match query::read(parameters.of(&caller))? {
        Query::One { id, standing, form } => {
            let found = statements.get(&caller, id, standing).await?;
            Found::One(found.ok_or(ApiError::Absent("statement"))?, form)
        }
        Query::First(selection) => Found::Page(statements.select(&caller, *selection).await?),
        Query::Next(more) => Found::Page(statements.continue_from(&caller, &more).await?),
    };
    let form = found.form();
    let definitions = match form.format {
        Format::Canonical => {
            canonical::definitions(activities, &caller, found.statements()).await?
        }
        Format::Exact | Format::Ids => Definitions::default(),
    };
    let parts = if form.attachments {
        let kept = attachments.of(found.statements()).await?;
        Some(Parts::new(attachments.clone(), kept, entropy.uuid()))
    } else {
        None
    };
    let rendering = Rendering {
        format: form.format,
        languages,
        definitions,
    };
    answer::of(&found, &rendering, parts)
}
