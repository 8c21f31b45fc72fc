//! What a person is here for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Need, Scope};

/// A person's role. It narrows what the scopes allow and never widens it; a machine has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Looks after the whole record.
    Administrator,
    /// Looks after registers and definitions, and after what does not count.
    DataSteward,
    /// Judges what a project led to: pseudonymous rows of the own partner, tables of the whole
    /// project that name nobody.
    Evaluator,
    /// Pays for a project and reads what it published.
    Funder,
    /// Follows a number down to the statements that it rests on, and changes nothing.
    Auditor,
    /// Learns: reads the own outcomes and record, and nothing of others.
    Learner,
}

impl Role {
    /// Every role.
    pub const EACH: [Self; 6] = [
        Self::Administrator,
        Self::DataSteward,
        Self::Evaluator,
        Self::Funder,
        Self::Auditor,
        Self::Learner,
    ];

    /// Returns the name by which a key is given it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::DataSteward => "data-steward",
            Self::Evaluator => "evaluator",
            Self::Funder => "funder",
            Self::Auditor => "auditor",
            Self::Learner => "learner",
        }
    }

    /// Tells whether somebody of this role may ever do what a use case needs.
    ///
    /// Statements and documents carry identifiers and names, so an evaluator reads results only.
    /// A funder reads what was published, and a learner what is their own; nobody else is that learner.
    pub(crate) fn may(self, need: Need) -> bool {
        match self {
            Self::Administrator => need != Need::ReadOwn,
            // What is held is kept for those who must prove something by it.
            Self::DataSteward => !matches!(
                need,
                Need::ReadHeld | Need::ManageKeys | Need::ReadAudit | Need::ReadOwn
            ),
            Self::Auditor => !need.writes() && !matches!(need, Need::ReviewPeople | Need::ReadOwn),
            Self::Evaluator => matches!(need, Need::ReadResults | Need::ReadReleases),
            Self::Funder => need == Need::ReadReleases,
            Self::Learner => need == Need::ReadOwn,
        }
    }

    /// Returns the scopes of a key that is made with this role and no others.
    pub fn default_scopes(self) -> &'static [Scope] {
        match self {
            Self::Administrator | Self::DataSteward => &[Scope::All],
            Self::Evaluator | Self::Funder | Self::Auditor | Self::Learner => &[Scope::AllRead],
        }
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{found}` is no role: expected one of {}", Role::EACH.map(Role::name).join(", "))]
pub struct RoleError {
    /// The text as given.
    pub found: String,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let role = Self::EACH.into_iter().find(|role| role.name() == text);
        role.ok_or_else(|| RoleError {
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_by_its_name_as_it_is_kept() {
        for role in Role::EACH {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        let refused = "owner".parse::<Role>().unwrap_err();
        assert!(refused.to_string().contains("data-steward"), "{refused}");
    }

    #[test]
    fn what_each_role_may_ever_do() {
        let allowed = |role: Role| Need::EACH.into_iter().filter(move |need| role.may(*need));
        assert_eq!(
            allowed(Role::Evaluator).collect::<Vec<_>>(),
            [Need::ReadResults, Need::ReadReleases]
        );
        assert!(allowed(Role::Auditor).all(|need| !need.writes()));
        let funder: Vec<Need> = allowed(Role::Funder).collect();
        assert_eq!(funder, [Need::ReadReleases]);
        assert_eq!(allowed(Role::Learner).collect::<Vec<_>>(), [Need::ReadOwn]);
        assert_eq!(allowed(Role::Administrator).count(), Need::EACH.len() - 1);
        let who = |need: Need| -> Vec<Role> {
            let roles = Role::EACH.into_iter();
            roles.filter(|role| role.may(need)).collect()
        };
        let (administrator, steward) = (Role::Administrator, Role::DataSteward);
        assert_eq!(who(Need::ReadHeld), [administrator, Role::Auditor]);
        assert_eq!(who(Need::ReviewPeople), [administrator, steward]);
        assert_eq!(who(Need::MergePeople), [administrator, steward]);
        assert_eq!(who(Need::LiftRestrictions), [administrator, steward]);
        assert_eq!(who(Need::ImportFacts), [administrator, steward]);
        assert_eq!(who(Need::ManageReports), [administrator, steward]);
        assert_eq!(who(Need::MintSessions), [administrator, steward]);
        assert_eq!(who(Need::ManageKeys), [administrator]);
        assert_eq!(who(Need::ReadAudit), [administrator, Role::Auditor]);
        assert_eq!(who(Need::ReadOwn), [Role::Learner]);
        let readers = [administrator, steward, Role::Auditor];
        assert_eq!(who(Need::ReadReports), readers);
    }
}
