//! Who asks, and what they may do. Every use case takes a caller.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::people::IdentityId;
use crate::registers::files::OrganisationNumber;
use crate::sessions::Bound;
use crate::{Ingest, ProjectCode, Role, Space, Tolerances};

/// The id of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub Uuid);

impl KeyId {
    /// Returns the id that sessions have which a key minted.
    pub(crate) fn of_sessions(self) -> Self {
        Self(Uuid::new_v5(&self.0, b"session"))
    }

    /// Returns the id of somebody with an authority of their own who acts through a key.
    pub(crate) fn of_authority(self, authority: &str) -> Self {
        Self(Uuid::new_v5(&self.0, authority.as_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a credential may do: the scopes of xAPI 1.0.3 Communication 4.2, and finer ones for
/// documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Scope {
    /// Everything.
    All,
    /// Read everything.
    AllRead,
    /// Write any statement.
    StatementsWrite,
    /// Read any statement.
    StatementsRead,
    /// Read the statements that have this credential's authority.
    StatementsReadMine,
    /// Read and write state documents.
    State,
    /// Change what is known of activities and agents.
    Define,
    /// Read and write agent and activity profile documents.
    Profile,
    /// Read state documents.
    StateRead,
    /// Write state documents.
    StateWrite,
    /// Read agent and activity profile documents.
    ProfileRead,
    /// Write agent and activity profile documents.
    ProfileWrite,
    /// Read and write activity profile documents.
    ActivitiesProfile,
    /// Read and write agent profile documents.
    AgentsProfile,
}

impl Scope {
    /// Every scope: the standard's, widest first, then the finer ones.
    pub const EACH: [Self; 14] = [
        Self::All,
        Self::AllRead,
        Self::StatementsWrite,
        Self::StatementsRead,
        Self::StatementsReadMine,
        Self::State,
        Self::Define,
        Self::Profile,
        Self::StateRead,
        Self::StateWrite,
        Self::ProfileRead,
        Self::ProfileWrite,
        Self::ActivitiesProfile,
        Self::AgentsProfile,
    ];

    /// Tells whether everything that another scope allows is allowed by this one.
    pub fn includes(self, other: Self) -> bool {
        if self == other {
            return true;
        }
        match self {
            Self::All => true,
            Self::AllRead => matches!(
                other,
                Self::StatementsRead
                    | Self::StatementsReadMine
                    | Self::StateRead
                    | Self::ProfileRead
            ),
            Self::StatementsRead => other == Self::StatementsReadMine,
            Self::State => matches!(other, Self::StateRead | Self::StateWrite),
            Self::Profile => matches!(
                other,
                Self::ProfileRead
                    | Self::ProfileWrite
                    | Self::ActivitiesProfile
                    | Self::AgentsProfile
            ),
            Self::StatementsWrite
            | Self::StatementsReadMine
            | Self::Define
            | Self::StateRead
            | Self::StateWrite
            | Self::ProfileRead
            | Self::ProfileWrite
            | Self::ActivitiesProfile
            | Self::AgentsProfile => false,
        }
    }

    /// Returns the scope's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::AllRead => "all/read",
            Self::StatementsWrite => "statements/write",
            Self::StatementsRead => "statements/read",
            Self::StatementsReadMine => "statements/read/mine",
            Self::State => "state",
            Self::Define => "define",
            Self::Profile => "profile",
            Self::StateRead => "state/read",
            Self::StateWrite => "state/write",
            Self::ProfileRead => "profile/read",
            Self::ProfileWrite => "profile/write",
            Self::ActivitiesProfile => "activities_profile",
            Self::AgentsProfile => "agents_profile",
        }
    }
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no scope: expected one of {names}", names = names(&Scope::EACH))]
pub struct ScopeError(pub String);

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::EACH
            .into_iter()
            .find(|scope| scope.name() == text)
            .ok_or_else(|| ScopeError(text.to_owned()))
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        text.parse()
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.name()
    }
}

/// What a use case needs to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To write statements.
    WriteStatements,
    /// To read statements, at least one's own.
    ReadStatements,
    /// To write state documents.
    WriteState,
    /// To read state documents.
    ReadState,
    /// To write activity profile documents.
    WriteActivityProfile,
    /// To read activity profile documents.
    ReadActivityProfile,
    /// To write agent profile documents.
    WriteAgentProfile,
    /// To read agent profile documents.
    ReadAgentProfile,
    /// To read what is known of agents and activities.
    ReadActivities,
    /// To read outcomes, indicators and registers.
    ReadResults,
    /// To list statements that need somebody's eye: repeats, those that count for no project.
    ReviewStatements,
    /// To look through the persons of the register, under their pseudonyms.
    ReviewPeople,
    /// To say that two persons of the register are one, and to take that back.
    MergePeople,
    /// To read the statements that are held while a duty to keep or a restriction runs.
    ReadHeld,
    /// To lift a restriction.
    LiftRestrictions,
    /// To import the project office's registers and facts.
    ImportFacts,
    /// To read the reports of projects with their keys, lines and evidence.
    ReadReports,
    /// To make and submit the reports of projects, and to note what became of them.
    ManageReports,
    /// To read what was published of projects.
    ReadReleases,
    /// To mint session tokens for learners' browsers.
    MintSessions,
    /// To make, rotate and revoke API keys, and to look after people's accounts.
    ManageKeys,
    /// To read the audit log, and how the server fares.
    ReadAudit,
    /// To read one's own outcomes and record.
    ReadOwn,
}

impl Need {
    /// Every need.
    pub const EACH: [Self; 23] = [
        Self::WriteStatements,
        Self::ReadStatements,
        Self::WriteState,
        Self::ReadState,
        Self::WriteActivityProfile,
        Self::ReadActivityProfile,
        Self::WriteAgentProfile,
        Self::ReadAgentProfile,
        Self::ReadActivities,
        Self::ReadResults,
        Self::ReviewStatements,
        Self::ReviewPeople,
        Self::MergePeople,
        Self::ReadHeld,
        Self::LiftRestrictions,
        Self::ImportFacts,
        Self::ReadReports,
        Self::ManageReports,
        Self::ReadReleases,
        Self::MintSessions,
        Self::ManageKeys,
        Self::ReadAudit,
        Self::ReadOwn,
    ];

    /// Tells whether it changes the record.
    pub fn writes(self) -> bool {
        matches!(
            self,
            Self::WriteStatements
                | Self::WriteState
                | Self::WriteActivityProfile
                | Self::WriteAgentProfile
                | Self::MergePeople
                | Self::LiftRestrictions
                | Self::ImportFacts
                | Self::ManageReports
                | Self::MintSessions
                | Self::ManageKeys
        )
    }

    /// Tells whether only a person may do it, whatever the scopes of a machine: the scope `all` of
    /// the standard is everything that a front end does, and no front end makes keys or judges who is who.
    pub fn is_for_persons(self) -> bool {
        matches!(
            self,
            Self::MergePeople | Self::ManageKeys | Self::ReadAudit | Self::ReadOwn
        )
    }

    /// Returns the scopes of which one is enough.
    pub fn any_of(self) -> &'static [Scope] {
        use Scope as S;
        match self {
            Self::WriteStatements | Self::MintSessions => &[S::All, S::StatementsWrite],
            Self::ReadStatements => &[S::All, S::AllRead, S::StatementsRead, S::StatementsReadMine],
            Self::WriteState => &[S::All, S::State, S::StateWrite],
            Self::ReadState => &[S::All, S::AllRead, S::State, S::StateRead],
            Self::WriteActivityProfile => {
                &[S::All, S::Profile, S::ProfileWrite, S::ActivitiesProfile]
            }
            Self::ReadActivityProfile => &[
                S::All,
                S::AllRead,
                S::Profile,
                S::ProfileRead,
                S::ActivitiesProfile,
            ],
            Self::WriteAgentProfile => &[S::All, S::Profile, S::ProfileWrite, S::AgentsProfile],
            Self::ReadAgentProfile => &[
                S::All,
                S::AllRead,
                S::Profile,
                S::ProfileRead,
                S::AgentsProfile,
            ],
            Self::ReadActivities => &[
                S::All,
                S::AllRead,
                S::StatementsRead,
                S::StatementsReadMine,
                S::Define,
            ],
            Self::ReadResults
            | Self::ReviewStatements
            | Self::ReviewPeople
            | Self::ReadHeld
            | Self::ReadReports
            | Self::ReadReleases
            | Self::ReadAudit
            | Self::ReadOwn => &[S::All, S::AllRead],
            Self::MergePeople
            | Self::LiftRestrictions
            | Self::ImportFacts
            | Self::ManageReports
            | Self::ManageKeys => &[S::All],
        }
    }
}

/// The caller may not do this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Forbidden {
    /// No scope of the credential allows it.
    #[error("this credential may not do this: it needs one of the scopes {}", names(.needs))]
    Scope {
        /// The scopes of which one would be enough.
        needs: &'static [Scope],
    },
    /// The person's role is not for this, whatever the scopes.
    #[error("this credential may not do this: it is not for the role {role}")]
    Role {
        /// The role.
        role: Role,
    },
    /// It is for persons of a role, and this is a machine.
    #[error(
        "this credential may not do this: it is for persons with a role, such as administrator"
    )]
    Machine,
    /// A session token is for one learner in one activity.
    #[error("this session may not do this: {0}")]
    Session(&'static str),
}

fn names(scopes: &[Scope]) -> String {
    scopes
        .iter()
        .map(|scope| scope.name())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Who asks: a credential that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The key.
    pub key: KeyId,
    /// The key's name, for logs.
    pub name: Arc<str>,
    /// The authority that statements of this caller get, as JSON text.
    pub authority: Arc<str>,
    /// Where this caller writes.
    pub space: Space,
    /// What this caller reads: the own space first, then others granted by name.
    pub reads: Vec<Space>,
    /// The projects whose results this caller reads.
    pub projects: BTreeSet<ProjectCode>,
    /// The partner that this caller belongs to.
    pub partner: Option<OrganisationNumber>,
    /// What the person behind the credential is here for; `None` for a machine.
    pub role: Option<Role>,
    /// The person of the register behind the credential, where it is bound to one.
    pub person: Option<IdentityId>,
    /// What this caller may do.
    pub scopes: Vec<Scope>,
    /// What its requests are let off.
    pub tolerances: Tolerances,
    /// What becomes of what it sends.
    pub ingest: Ingest,
    /// What a session token is bound to; `None` for any other credential.
    pub bound: Option<Arc<Bound>>,
}

impl Caller {
    /// Checks that the caller may do what a use case needs: one of its scopes allows it, and its
    /// role, where it has one, does not stand against it.
    pub fn may(&self, need: Need) -> Result<(), Forbidden> {
        let needs = need.any_of();
        if !needs.iter().any(|scope| self.scopes.contains(scope)) {
            return Err(Forbidden::Scope { needs });
        }
        match self.role {
            Some(role) if !role.may(need) => Err(Forbidden::Role { role }),
            None if need.is_for_persons() => Err(Forbidden::Machine),
            _ => Ok(()),
        }
    }

    /// Tells whether this caller reads only statements of its own authority.
    pub fn reads_only_mine(&self) -> bool {
        ![Scope::All, Scope::AllRead, Scope::StatementsRead]
            .iter()
            .any(|scope| self.scopes.contains(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_that_includes_another_allows_all_that_it_does() {
        for (wider, narrower) in Scope::EACH
            .into_iter()
            .flat_map(|wider| Scope::EACH.map(|narrower| (wider, narrower)))
            .filter(|(wider, narrower)| wider.includes(*narrower))
        {
            for need in Need::EACH {
                let allows = |scope| need.any_of().contains(&scope);
                assert!(
                    !allows(narrower) || allows(wider),
                    "{wider:?} {narrower:?} {need:?}"
                );
            }
        }
        assert!(!Scope::StatementsReadMine.includes(Scope::StatementsRead));
        assert!(!Scope::AllRead.includes(Scope::State));
    }
}
