//! The circumstances of a statement.

use uuid::Uuid;

use super::activity::Activity;
use super::actor::{Actor, Agent, Group};
use super::statement::Extensions;
use crate::id::StatementId;
use crate::iri::Iri;
use crate::language::LanguageTag;

/// The circumstances of a statement (xAPI 1.0.3 Data 2.4.6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The enrolment or attempt.
    pub registration: Option<Uuid>,
    /// Who taught.
    pub instructor: Option<Actor>,
    /// The team the actor belongs to.
    pub team: Option<Group>,
    /// Activities by their relation to the statement.
    pub context_activities: ContextActivities,
    /// Further agents with their relation; only in 2.0.
    pub context_agents: Vec<ContextAgent>,
    /// Further groups with their relation; only in 2.0.
    pub context_groups: Vec<ContextGroup>,
    /// The activity's revision.
    pub revision: Option<String>,
    /// The platform used.
    pub platform: Option<String>,
    /// The language in which it happened.
    pub language: Option<LanguageTag>,
    /// Another statement that belongs to this one's circumstances.
    pub statement: Option<StatementId>,
    /// Further members.
    pub extensions: Extensions,
}

/// Activities by their relation to the statement (xAPI 1.0.3 Data 2.4.6.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextActivities {
    /// What the object is directly part of.
    pub parent: Vec<Activity>,
    /// What the object is indirectly part of.
    pub grouping: Vec<Activity>,
    /// Profiles and other kinds.
    pub category: Vec<Activity>,
    /// Any other relation.
    pub other: Vec<Activity>,
}

impl ContextActivities {
    /// Iterates over the activities of all four relations.
    pub fn iter(&self) -> impl Iterator<Item = &Activity> {
        [&self.parent, &self.grouping, &self.category, &self.other]
            .into_iter()
            .flatten()
    }
}

/// An agent in the context, with its relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextAgent {
    /// The agent.
    pub agent: Agent,
    /// Kinds of relation; empty when none was sent.
    pub relevant_types: Vec<Iri>,
}

/// A group in the context, with its relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextGroup {
    /// The group.
    pub group: Group,
    /// Kinds of relation; empty when none was sent.
    pub relevant_types: Vec<Iri>,
}
