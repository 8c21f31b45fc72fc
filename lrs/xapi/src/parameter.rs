//! Query parameters, held to the same rules as the like values in a statement.

use uuid::Uuid;

use crate::family::Family;
use crate::fault::{Fault, Faults, Found, Rule};
use crate::id::{StatementId, parse_uuid};
use crate::iri::Iri;
use crate::model::{Actor, Agent};
use crate::time::Timestamp;
use crate::validate::{Check, validate};

/// Which rendering of statements is asked for (xAPI 1.0.3 Communication 2.1.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Only what identifies agents, activities and verbs.
    Ids,
    /// As stored.
    #[default]
    Exact,
    /// With the store's own definitions, one language each.
    Canonical,
}

/// Reads an Agent as JSON; a group is a fault.
pub fn agent(name: &str, text: &str) -> Result<Agent, Faults> {
    let read = validate(text, Family::V2, Check::agent);
    read.map_err(|faults| faults.of_parameter(name))
}

/// Reads an Agent or an identified Group as JSON; an anonymous group is a fault.
pub fn agent_or_group(name: &str, text: &str) -> Result<Actor, Faults> {
    let read = validate(text, Family::V2, |check, root| {
        let actor = check.actor(root)?;
        if actor.ifi().is_none() {
            check.fault(
                root,
                Rule::IdentifiedGroup,
                "an agent or a group with an identifier",
            );
        }
        Some(actor)
    });
    read.map_err(|faults| faults.of_parameter(name))
}

/// Reads an absolute IRI.
pub fn iri(name: &str, text: &str) -> Result<Iri, Fault> {
    Iri::parse(text).ok_or_else(|| fault(name, Rule::Iri, text, "an absolute IRI"))
}

/// Reads a UUID in its standard text form.
pub fn uuid(name: &str, text: &str) -> Result<Uuid, Fault> {
    parse_uuid(text).ok_or_else(|| fault(name, Rule::Uuid, text, "a UUID"))
}

/// Reads a statement id.
pub fn statement_id(name: &str, text: &str) -> Result<StatementId, Fault> {
    uuid(name, text).map(StatementId)
}

/// Reads a timestamp; a text without a zone is read as UTC.
pub fn timestamp(name: &str, text: &str) -> Result<Timestamp, Fault> {
    let expected = "an RFC 3339 date and time such as 2026-11-23T19:30:00.000Z";
    Timestamp::parse(text).map_err(|_| fault(name, Rule::Timestamp, text, expected))
}

/// Reads `true` or `false`, literally.
pub fn boolean(name: &str, text: &str) -> Result<bool, Fault> {
    text.parse()
        .map_err(|_| fault(name, Rule::ParameterBoolean, text, "true or false"))
}

/// Reads a limit: a whole number, 0 standing for the server's maximum.
///
/// A number beyond 2^32 - 1 counts as that.
pub fn limit(name: &str, text: &str) -> Result<u32, Fault> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(fault(
            name,
            Rule::ParameterLimit,
            text,
            "a whole number, 0 or more",
        ));
    }
    Ok(text.parse().unwrap_or(u32::MAX))
}

/// Reads `ids`, `exact` or `canonical`.
pub fn format(name: &str, text: &str) -> Result<Format, Fault> {
    match text {
        "ids" => Ok(Format::Ids),
        "exact" => Ok(Format::Exact),
        "canonical" => Ok(Format::Canonical),
        _ => Err(fault(
            name,
            Rule::ParameterFormat,
            text,
            "ids, exact or canonical",
        )),
    }
}

fn fault(name: &str, rule: Rule, text: &str, expected: &str) -> Fault {
    Fault::of_parameter(name, rule, Found::text(text), expected)
}
