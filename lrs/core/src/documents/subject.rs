//! What documents are about.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Need, Space};

/// What documents are about; an id names one of those of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Subject {
    /// The state of one agent in one activity, for one registration or for none. Documents
    /// without a registration are apart from those of any registration.
    State {
        /// The activity's IRI.
        activity: String,
        /// The agent's identifier, see [`varde_xapi::Ifi::canonical`].
        agent: String,
        /// The registration.
        registration: Option<Uuid>,
    },
    /// The profile of an activity.
    ActivityProfile {
        /// The activity's IRI.
        activity: String,
    },
    /// The profile of an agent.
    AgentProfile {
        /// The agent's identifier, see [`varde_xapi::Ifi::canonical`].
        agent: String,
    },
}

impl Subject {
    /// Returns the agent whose document it is, if it is one of an agent.
    pub(super) fn agent(&self) -> Option<&str> {
        match self {
            Self::State { agent, .. } | Self::AgentProfile { agent } => Some(agent),
            Self::ActivityProfile { .. } => None,
        }
    }

    /// Returns the same of another agent, where it is of one.
    pub(super) fn of_agent(&self, other: String) -> Self {
        match self.clone() {
            Self::State {
                activity,
                registration,
                ..
            } => Self::State {
                activity,
                agent: other,
                registration,
            },
            Self::AgentProfile { .. } => Self::AgentProfile { agent: other },
            profile @ Self::ActivityProfile { .. } => profile,
        }
    }

    pub(super) fn need_to_read(&self) -> Need {
        match self {
            Self::State { .. } => Need::ReadState,
            Self::ActivityProfile { .. } => Need::ReadActivityProfile,
            Self::AgentProfile { .. } => Need::ReadAgentProfile,
        }
    }

    pub(super) fn need_to_write(&self) -> Need {
        match self {
            Self::State { .. } => Need::WriteState,
            Self::ActivityProfile { .. } => Need::WriteActivityProfile,
            Self::AgentProfile { .. } => Need::WriteAgentProfile,
        }
    }

    /// Returns the beginning of the keys of all its documents in a space.
    ///
    /// Hashed, because a key is short and an IRI may be long.
    pub(super) fn prefix(&self, space: &Space) -> Vec<u8> {
        let space = space.to_string();
        let registration;
        let parts: &[&str] = match self {
            Self::State {
                activity,
                agent,
                registration: of,
            } => {
                registration = of.map(|id| id.to_string()).unwrap_or_default();
                &[&space, "state", activity, agent, &registration]
            }
            Self::ActivityProfile { activity } => &[&space, "activity", activity],
            Self::AgentProfile { agent } => &[&space, "agent", agent],
        };
        hash(parts)
    }

    /// Returns the key of one of its documents in a space.
    pub(super) fn key(&self, space: &Space, id: &str) -> Vec<u8> {
        let mut key = self.prefix(space);
        key.extend(hash(&[id]));
        key
    }
}

/// Hashes texts so that no two lists of them run together.
fn hash(parts: &[&str]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_vec()
}
