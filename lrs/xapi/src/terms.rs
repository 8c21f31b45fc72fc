//! What a statement can be found by.

use crate::id::StatementId;
use crate::model::{Actor, Statement};

/// The filter that a term answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// `verb`
    Verb,
    /// `agent`
    Agent,
    /// `agent` with `related_agents`, beyond [`Place::Agent`].
    RelatedAgent,
    /// `activity`
    Activity,
    /// `activity` with `related_activities`, beyond [`Place::Activity`].
    RelatedActivity,
    /// `registration`
    Registration,
}

/// One value that a statement is found by under a filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// The filter.
    pub place: Place,
    /// The IRI, the canonical identifier or the lower-case UUID.
    pub value: String,
}

/// Returns every term that a statement is found by, sorted, without repeats.
pub fn match_terms(statement: &Statement) -> Vec<Term> {
    let _ = statement;
    unimplemented!()
}

/// Returns the term value for an `agent` parameter; `None` for an anonymous group.
pub fn agent_value(actor: &Actor) -> Option<String> {
    let _ = actor;
    unimplemented!()
}

/// Returns the statement that this one refers to by its object.
pub fn refers_to(statement: &Statement) -> Option<StatementId> {
    let _ = statement;
    unimplemented!()
}

/// Returns the statement that this one voids.
pub fn voids(statement: &Statement) -> Option<StatementId> {
    let _ = statement;
    unimplemented!()
}
