//! What a reader of statements asks for.

use serde::{Deserialize, Serialize};
use varde_xapi::{Place, Stored, Term};

use crate::ports::TermKey;
use crate::sessions::Bound;
use crate::space::Space;

/// The form in which statements are returned (xAPI 1.0.3 Communication 2.1.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As stored.
    #[default]
    Exact,
    /// Only what identifies agents, activities and verbs.
    Ids,
    /// With the record store's own definitions, in one language each.
    Canonical,
}

/// The parameters of a query (xAPI 1.0.3 Communication 2.1.3). Everything given must hold; the default selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the standard names four yes-or-no parameters"
)]
pub struct Selection {
    /// The agent's or identified group's index value, see [`varde_xapi::agent_value`].
    pub agent: Option<String>,
    /// The verb's IRI.
    pub verb: Option<String>,
    /// The activity's IRI.
    pub activity: Option<String>,
    /// The registration, in lower case.
    pub registration: Option<String>,
    /// Whether the activity may stand anywhere in the statement.
    pub related_activities: bool,
    /// Whether the agent may stand anywhere in the statement.
    pub related_agents: bool,
    /// Only what was stored later.
    pub since: Option<Stored>,
    /// Only what was stored up to and including this.
    pub until: Option<Stored>,
    /// The most statements on a page; 0 for as many as the server gives.
    pub limit: usize,
    /// The form of the answer.
    pub format: Format,
    /// Whether attachments are wanted.
    pub attachments: bool,
    /// Oldest first when true.
    pub ascending: bool,
}

impl Selection {
    /// Returns what the index can tell of the statements that a session is for.
    pub(super) fn of(bound: &Bound) -> Self {
        Self {
            agent: Some(bound.actor.clone()),
            activity: Some(bound.activity.clone()),
            related_activities: true,
            registration: bound.registration.map(|id| id.to_string()),
            ..Self::default()
        }
    }

    /// Returns the conditions: all hold, each by any of its terms.
    pub(super) fn filters(&self, spaces: &[Space]) -> Vec<Vec<TermKey>> {
        let agents: &[Place] = if self.related_agents {
            &[Place::Agent, Place::RelatedAgent]
        } else {
            &[Place::Agent]
        };
        let activities: &[Place] = if self.related_activities {
            &[Place::Activity, Place::RelatedActivity]
        } else {
            &[Place::Activity]
        };
        let asked: [(&Option<String>, &[Place]); 4] = [
            (&self.agent, agents),
            (&self.verb, &[Place::Verb]),
            (&self.activity, activities),
            (&self.registration, &[Place::Registration]),
        ];
        asked
            .into_iter()
            .filter_map(|(value, places)| Some(any_of(spaces, places, value.as_ref()?)))
            .collect()
    }
}

fn any_of(spaces: &[Space], places: &[Place], value: &str) -> Vec<TermKey> {
    let mut terms = Vec::new();
    for space in spaces {
        for place in places {
            terms.push(TermKey::of(
                space,
                &Term {
                    place: *place,
                    value: value.to_owned(),
                },
            ));
        }
    }
    terms
}
