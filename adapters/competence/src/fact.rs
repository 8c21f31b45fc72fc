//! What a statement says to a rule: natural keys and values only.

use serde::{Deserialize, Serialize};
use varde_core::ledger::{KnownFact, Witness};
use varde_core::people::IdentityId;
use varde_core::registers::NamedActivities;
use varde_xapi::{Activity, Actor, Agent, Object, Statement};

use crate::closing::Closing;
use crate::measure::Measured;
use crate::validity::Expiry;

/// The category of statements that the store derives itself; they are never evidence.
pub const DERIVED: &str = "https://w3id.org/xapi/interreg/v1/categories/derived";

/// What one statement says of one learner.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Said {
    /// The id of the learner's identifier.
    pub(crate) learner: IdentityId,
    /// The activity that it is about.
    pub(crate) object: Option<String>,
    /// The IRIs of `contextActivities.parent`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parents: Vec<String>,
    /// The IRIs of `contextActivities.grouping`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groupings: Vec<String>,
    /// `context.registration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) registration: Option<String>,
    /// When it says that it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<Expiry>,
    pub(crate) what: What,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    Measured(Measured),
    /// A completion of the object no longer holds.
    Undone,
    /// The competence no longer holds.
    Closed(Closing),
}

impl Said {
    /// Notes what a statement says, where it speaks of one learner.
    pub(crate) fn of(witness: &Witness<'_>, what: What) -> Option<Self> {
        let statement = witness.statement;
        let learner = learner(statement)?;
        let context = statement.context.as_ref();
        let around = context.map(|context| &context.context_activities);
        let iris = |activities: &[Activity]| activities.iter().map(|a| a.id.to_string()).collect();
        let expires = match what {
            What::Measured(_) => Expiry::of(statement),
            What::Undone | What::Closed(_) => None,
        };
        Some(Self {
            learner: witness.identity(&learner.ifi),
            object: activity(statement).map(|activity| activity.id.as_str().to_owned()),
            parents: around.map_or_else(Vec::new, |around| iris(&around.parent)),
            groupings: around.map_or_else(Vec::new, |around| iris(&around.grouping)),
            registration: context
                .and_then(|context| context.registration)
                .map(|id| id.to_string()),
            expires,
            what,
        })
    }

    /// Reads what a fact says; `None` for one of another shape, which the ledger never holds.
    pub(crate) fn read(fact: &KnownFact) -> Option<Self> {
        Self::deserialize(&fact.fact.body).ok()
    }

    pub(crate) fn named(&self) -> NamedActivities<'_> {
        NamedActivities {
            object: self.object.as_deref(),
            parents: &self.parents,
            groupings: &self.groupings,
        }
    }
}

/// Returns whom a statement speaks of: the agent that it is about, else its actor. A group's
/// statement does not tell which member can do it.
fn learner(statement: &Statement) -> Option<&Agent> {
    let actor = match &statement.object {
        Object::Agent(agent) => return Some(agent),
        Object::Group(_) => return None,
        Object::Activity(_) | Object::StatementRef(_) | Object::SubStatement(_) => &statement.actor,
    };
    match actor {
        Actor::Agent(agent) => Some(agent),
        Actor::Group(_) => None,
    }
}

/// Returns the activity that a statement is about.
pub(crate) fn activity(statement: &Statement) -> Option<&Activity> {
    match &statement.object {
        Object::Activity(activity) => Some(activity),
        _ => None,
    }
}

/// Tells whether the store itself derived a statement.
pub(crate) fn is_derived(statement: &Statement) -> bool {
    let context = statement.context.iter();
    let mut categories = context.flat_map(|context| &context.context_activities.category);
    categories.any(|category| category.id.as_str() == DERIVED)
}
