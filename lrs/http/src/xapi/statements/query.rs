//! What `GET statements` may ask for (xAPI 1.0.3 Communication 2.1.3).

use varde_core::ports::Standing;
use varde_core::statements::{Format, Selection};
use varde_xapi::{Fault, Faults, StatementId, Stored, agent_value, parameter};

use crate::error::ApiError;
use crate::extract::{Known, Parameters};
use crate::finding::Finding;
use crate::rule::ProtocolRule;

const KNOWN: &[&str] = &[
    "statementId",
    "voidedStatementId",
    "agent",
    "verb",
    "activity",
    "registration",
    "related_activities",
    "related_agents",
    "since",
    "until",
    "limit",
    "format",
    "attachments",
    "ascending",
];

/// One of the three things that can be asked for.
#[derive(Debug)]
pub(super) enum Query {
    /// A statement by its id.
    One {
        id: StatementId,
        standing: Standing,
        form: Form,
    },
    /// The first page of a selection.
    First(Box<Selection>),
    /// The page behind a `more` link.
    Next(String),
}

/// In which form statements are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) format: Format,
    /// Whether the data of their attachments is wanted too.
    pub(super) attachments: bool,
}

/// Reads the parameters.
pub(super) fn read(parameters: Parameters) -> Result<Query, ApiError> {
    if parameters.has("more") {
        let known = parameters.only(&["more"])?;
        return Ok(Query::Next(
            known.get("more").unwrap_or_default().to_owned(),
        ));
    }
    let known = parameters.only(KNOWN)?;
    match single(&known)? {
        Some(query) => Ok(query),
        None => Ok(Query::First(Box::new(selection(&known)?))),
    }
}

/// Reads the id of a single statement, which goes with `attachments` and `format` alone.
fn single(known: &Known) -> Result<Option<Query>, ApiError> {
    let (name, standing) = match (known.get("statementId"), known.get("voidedStatementId")) {
        (None, None) => return Ok(None),
        (Some(_), None) => ("statementId", Standing::Valid),
        (None, Some(_)) => ("voidedStatementId", Standing::Voided),
        (Some(_), Some(_)) => return Err(combined("voidedStatementId", "statementId")),
    };
    if let Some(other) = known
        .names()
        .find(|other| ![name, "attachments", "format"].contains(other))
    {
        return Err(combined(other, name));
    }
    let id = known.required(name, parameter::statement_id)?;
    let form = form(known)?;
    Ok(Some(Query::One { id, standing, form }))
}

fn combined(name: &str, beside: &str) -> ApiError {
    let rule = ProtocolRule::ParameterCombination;
    let found = format!("{name} beside {beside}");
    Finding::new(
        name,
        rule,
        &found,
        "only attachments and format beside a statement's id",
    )
    .shaped("parameters that exclude each other")
    .into()
}

fn selection(known: &Known) -> Result<Selection, ApiError> {
    let agent = known.read::<_, Faults>("agent", parameter::agent_or_group)?;
    let registration = known.read::<_, Fault>("registration", parameter::uuid)?;
    let limit = known
        .read::<_, Fault>("limit", parameter::limit)?
        .unwrap_or_default();
    let Form {
        format,
        attachments,
    } = form(known)?;
    Ok(Selection {
        agent: agent.as_ref().and_then(agent_value),
        verb: iri(known, "verb")?,
        activity: iri(known, "activity")?,
        registration: registration.map(|id| id.to_string()),
        related_activities: known.flag("related_activities")?,
        related_agents: known.flag("related_agents")?,
        since: instant(known, "since")?,
        until: instant(known, "until")?,
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        format,
        attachments,
        ascending: known.flag("ascending")?,
    })
}

fn form(known: &Known) -> Result<Form, ApiError> {
    let format = known
        .read::<_, Fault>("format", parameter::format)?
        .unwrap_or_default();
    let format = match format {
        parameter::Format::Ids => Format::Ids,
        parameter::Format::Exact => Format::Exact,
        parameter::Format::Canonical => Format::Canonical,
    };
    Ok(Form {
        format,
        attachments: known.flag("attachments")?,
    })
}

fn iri(known: &Known, name: &str) -> Result<Option<String>, ApiError> {
    let iri = known.read::<_, Fault>(name, parameter::iri)?;
    Ok(iri.map(|iri| iri.to_string()))
}

/// Reads a timestamp, cut to the microseconds that `stored` has.
fn instant(known: &Known, name: &str) -> Result<Option<Stored>, ApiError> {
    let timestamp = known.read::<_, Fault>(name, parameter::timestamp)?;
    Ok(timestamp.map(|timestamp| Stored::from(&timestamp)))
}
