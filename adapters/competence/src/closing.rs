//! Statements by which a competence no longer holds.

use serde::{Deserialize, Serialize};
use varde_xapi::{Object, Statement};

use crate::fact::activity;

/// How a competence was lost (learner competency profile of ADL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Closing {
    /// An organisation took it from the learner.
    Revoked,
    /// The learner lost it.
    Forfeited,
    /// Its time was over.
    Expired,
}

const VERBS: [(&str, Closing); 3] = [
    ("https://w3id.org/xapi/tla/verbs/revoked", Closing::Revoked),
    (
        "https://w3id.org/xapi/tla/verbs/forfeited",
        Closing::Forfeited,
    ),
    ("https://w3id.org/xapi/tla/verbs/expired", Closing::Expired),
];

impl Closing {
    /// Returns what a verb closes with.
    pub(crate) fn of_verb(verb: &str) -> Option<Self> {
        let known = VERBS.iter().find(|(known, _)| *known == verb)?;
        Some(known.1)
    }

    /// Returns how a statement closes a competence: it is about the competence, or about the
    /// learner with the competence as a grouping.
    pub(crate) fn of(statement: &Statement, competence: &str) -> Option<Self> {
        let closing = Self::of_verb(statement.verb.id.as_str())?;
        let context = statement.context.iter();
        let mut groupings = context.flat_map(|context| &context.context_activities.grouping);
        let named = match &statement.object {
            Object::Agent(_) => groupings.any(|grouping| grouping.id.as_str() == competence),
            _ => activity(statement).is_some_and(|object| object.id.as_str() == competence),
        };
        named.then_some(closing)
    }
}
