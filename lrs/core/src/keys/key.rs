//! API keys as they are kept, and what a new one is to be.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use varde_xapi::{Ifi, Stored, parameter};

use super::Origin;
use crate::people::IdentityId;
use crate::ports::StoreError;
use crate::registers::files::OrganisationNumber;
use crate::{IngestPolicy, KeyId, Need, ProjectCode, Role, Scope, Space, Tolerance};

/// The most origins of a key, other spaces that it reads, and projects.
const LISTED_MAX: usize = 100;

/// An API key as it is kept: its secrets only as slow hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// Its name: the user of HTTP Basic. 1 to 128 bytes, no colon.
    pub name: String,
    /// The Argon2id hash of the secret, in PHC form.
    pub secret: String,
    /// The authority of the statements it writes, as JSON text.
    pub authority: String,
    /// Where it writes.
    pub space: Space,
    /// What else it reads.
    pub also_reads: Vec<Space>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What its requests are let off.
    #[serde(default)]
    pub tolerances: Vec<Tolerance>,
    /// What becomes of what it sends.
    #[serde(default)]
    pub ingest: IngestPolicy,
    /// The projects whose results it reads, where they are named. Else a key of a live space has
    /// that of its space, and one of a test space has none.
    #[serde(default)]
    pub projects: Vec<ProjectCode>,
    /// The partner that it belongs to.
    #[serde(default)]
    pub partner: Option<OrganisationNumber>,
    /// What the person behind it is here for; `None` for a machine.
    #[serde(default)]
    pub role: Option<Role>,
    /// The person of the register behind it, by id, where it is a learner's.
    #[serde(default)]
    pub person: Option<IdentityId>,
    /// The origins of pages that may use it; none for any. What is no page names no origin.
    #[serde(default)]
    pub origins: Vec<Origin>,
    /// How many requests it may make in a minute, where it is not what the server says of all.
    #[serde(default)]
    pub requests_per_minute: Option<NonZeroU32>,
    /// When it was made; `None` for keys of builds that did not note it.
    #[serde(default)]
    pub made: Option<Stored>,
    /// The instant from which on it is not let in any more.
    #[serde(default)]
    pub expires: Option<Stored>,
    /// The secret before the last rotation, while it is let in beside the new one.
    #[serde(default)]
    pub earlier: Option<EarlierSecret>,
    /// When it was revoked. A revoked key stays on record: statements name its id, and nobody else
    /// can have its name.
    #[serde(default)]
    pub revoked: Option<Stored>,
    /// The version of the record that it was read from.
    #[serde(skip)]
    pub(super) version: u64,
}

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierSecret {
    /// Its Argon2id hash, in PHC form.
    pub secret: String,
    /// The instant from which on it is not let in any more.
    pub until: Stored,
}

impl Key {
    /// Returns the projects whose results the key reads.
    pub fn reads_projects(&self) -> BTreeSet<ProjectCode> {
        let home = (!self.space.is_test()).then(|| self.space.project_code().clone());
        if self.projects.is_empty() {
            home.into_iter().collect()
        } else {
            self.projects.iter().cloned().collect()
        }
    }

    /// Tells whether it is let in at an instant, with a right secret.
    pub fn stands(&self, now: Stored) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }

    /// Tells whether its scopes let it send statements.
    pub fn may_send(&self) -> bool {
        let sends = Need::WriteStatements.any_of();
        self.scopes.iter().any(|scope| sends.contains(scope))
    }

    /// Returns the hashes of the secrets that are right at an instant, whether or not it stands.
    pub(super) fn hashes(&self, now: Stored) -> impl Iterator<Item = &str> {
        let earlier = self.earlier.iter().filter(move |one| now < one.until);
        std::iter::once(self.secret.as_str()).chain(earlier.map(|one| one.secret.as_str()))
    }

    /// Tells whether a secret of this hash is right at an instant.
    pub(super) fn has(&self, hash: &str, now: Stored) -> bool {
        self.hashes(now)
            .any(|own| own.as_bytes().ct_eq(hash.as_bytes()).into())
    }
}

/// What a new key is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its name: the user of HTTP Basic. 1 to 128 bytes, no colon.
    pub name: String,
    /// Its secret: the password of HTTP Basic. 1 to 1,024 bytes.
    pub secret: String,
    /// The home page of the authority's account, naming this Varde; the key's name is the
    /// account's name.
    pub home_page: String,
    /// The authority that its statements get instead: an Agent, as JSON.
    pub authority: Option<String>,
    /// Where it writes.
    pub space: Space,
    /// What else it reads.
    pub also_reads: Vec<Space>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What its requests are let off.
    pub tolerances: Vec<Tolerance>,
    /// What becomes of what it sends.
    pub ingest: IngestPolicy,
    /// The projects whose results it reads; none for that of its space.
    pub projects: Vec<ProjectCode>,
    /// The partner that it belongs to.
    pub partner: Option<OrganisationNumber>,
    /// What the person behind it is here for; `None` for a machine.
    pub role: Option<Role>,
    /// The person of the register behind it, by id, where it is a learner's.
    pub person: Option<IdentityId>,
    /// The origins of pages that may use it; none for any.
    pub origins: Vec<Origin>,
    /// How many requests it may make in a minute; `None` for what the server says of all.
    pub requests_per_minute: Option<NonZeroU32>,
    /// The instant from which on it is not let in any more.
    pub expires: Option<Stored>,
}

impl NewKey {
    /// Begins a machine's key that writes into a space and reads no other, with no scopes yet.
    pub fn new(name: &str, secret: &str, home_page: &str, space: Space) -> Self {
        Self {
            name: name.to_owned(),
            secret: secret.to_owned(),
            home_page: home_page.to_owned(),
            authority: None,
            space,
            also_reads: Vec::new(),
            scopes: Vec::new(),
            tolerances: Vec::new(),
            ingest: IngestPolicy::default(),
            projects: Vec::new(),
            partner: None,
            role: None,
            person: None,
            origins: Vec::new(),
            requests_per_minute: None,
            expires: None,
        }
    }

    /// Checks what single values cannot say of themselves.
    pub(super) fn check(&self, now: Stored) -> Result<(), KeyError> {
        if !(1..=128).contains(&self.name.len()) || self.name.contains(':') {
            return Err(KeyError::Name);
        }
        if !(1..=1_024).contains(&self.secret.len()) {
            return Err(KeyError::Secret);
        }
        let lists = [
            self.also_reads.len(),
            self.projects.len(),
            self.origins.len(),
        ];
        if lists.into_iter().any(|listed| listed > LISTED_MAX) {
            return Err(KeyError::TooMany);
        }
        if self.person.is_some() && self.role != Some(Role::Learner) {
            return Err(KeyError::Person);
        }
        match self.expires {
            Some(expires) if expires <= now => Err(KeyError::Expired(expires)),
            _ => Ok(()),
        }
    }

    /// Returns the authority, as JSON text.
    pub(super) fn authority(&self) -> Result<String, KeyError> {
        let Some(named) = &self.authority else {
            let account = serde_json::json!({ "homePage": self.home_page, "name": self.name });
            return Ok(authority(account_of(account)));
        };
        let agent = parameter::agent("authority", named).map_err(|faults| {
            let first = faults.iter().next().map(ToString::to_string);
            KeyError::Authority(first.unwrap_or_default())
        })?;
        let identifier = match agent.ifi {
            Ifi::Mbox(mbox) => ("mbox", mbox.into()),
            Ifi::MboxSha1Sum(digest) => ("mbox_sha1sum", digest.into()),
            Ifi::OpenId(uri) => ("openid", uri.into()),
            Ifi::Account { home_page, name } => {
                account_of(serde_json::json!({ "homePage": home_page.as_str(), "name": name }))
            }
        };
        Ok(authority(identifier))
    }
}

fn account_of(account: serde_json::Value) -> (&'static str, serde_json::Value) {
    ("account", account)
}

fn authority((member, value): (&str, serde_json::Value)) -> String {
    serde_json::json!({ "objectType": "Agent", member: value }).to_string()
}

/// Why a key was not made or changed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The name cannot be the user of HTTP Basic.
    #[error("a key's name is 1 to 128 bytes without a colon")]
    Name,
    /// The secret is empty or too long.
    #[error("a key's secret is 1 to 1,024 bytes")]
    Secret,
    /// A list is too long.
    #[error("a key has at most {LISTED_MAX} origins, other spaces that it reads, and projects")]
    TooMany,
    /// The authority is no agent.
    #[error("a key's authority is an Agent as JSON: {0}")]
    Authority(String),
    /// It would be past its end at once.
    #[error("a key's end lies ahead: {0} is past")]
    Expired(Stored),
    /// It is bound to a person and not a learner's.
    #[error("only a key with the role learner is bound to a person")]
    Person,
    /// An overlap is longer than may be.
    #[error("the earlier secret is let in for 0 to 720 hours more")]
    Overlap,
    /// Another key has the name.
    #[error("a key with this name exists")]
    Taken,
    /// No key has the name.
    #[error("no key has this name")]
    Absent,
    /// The key was revoked before.
    #[error("this key was revoked; make another")]
    Revoked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
