//! Keys as an administrator looks after them: those of the administrator's own projects.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;
use varde_xapi::Stored;

use super::{Key, KeyError, Keys, NewKey, Origin};
use crate::people::IdentityId;
use crate::ports::StoreError;
use crate::registers::files::OrganisationNumber;
use crate::{
    Caller, Forbidden, KeyId, NationalIdPolicy, Need, ProjectCode, Role, Scope, Space, Tolerance,
};

/// Everything of a key that may be shown: no secret and no hash of one.
#[derive(Debug, Clone, Serialize)]
pub struct KeyView {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: KeyId,
    /// The authority of the statements it writes, as JSON.
    pub authority: Box<RawValue>,
    /// Where it writes.
    pub space: Space,
    /// What else it reads.
    pub reads: Vec<Space>,
    /// The projects whose results it reads.
    pub projects: BTreeSet<ProjectCode>,
    /// The partner that it belongs to.
    pub partner: Option<OrganisationNumber>,
    /// What the person behind it is here for; `None` for a machine.
    pub role: Option<Role>,
    /// The person of the register behind it, by id, where it is a learner's.
    pub person: Option<IdentityId>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What its requests are let off, and how often they were, as far as it is recorded.
    pub tolerances: BTreeMap<&'static str, u64>,
    /// What becomes of national identity numbers in its statements.
    pub national_ids: NationalIdPolicy,
    /// Whether a pseudonym stands for everybody who is identified in its statements.
    pub pseudonymise: bool,
    /// The origins of pages that may use it; none for any.
    pub origins: Vec<Origin>,
    /// How many requests it may make in a minute; `None` for what the server says of all.
    pub requests_per_minute: Option<NonZeroU32>,
    /// When it was made; `None` for keys of builds that did not note it.
    pub made: Option<Stored>,
    /// From when on it is not let in any more.
    pub expires: Option<Stored>,
    /// From when on its earlier secret is not let in any more, where it has one.
    pub earlier_secret_until: Option<Stored>,
    /// When it was revoked.
    pub revoked: Option<Stored>,
    /// When it was let in last, to the minute, as far as it is recorded.
    pub last_use: Option<Stored>,
}

/// Why a caller's wish about keys was not granted.
#[derive(Debug, Error)]
pub enum UnmanagedKey {
    /// The caller may not look after keys.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The key would reach into projects that are not the caller's.
    #[error(
        "a key is given no more than its administrator has: {project} is none of the projects of \
         this credential"
    )]
    Foreign {
        /// The first of those projects.
        project: ProjectCode,
    },
    /// The key cannot be made or changed so.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<StoreError> for UnmanagedKey {
    fn from(error: StoreError) -> Self {
        Self::Key(error.into())
    }
}

impl Keys {
    /// Returns all that may be shown of every key, in the order of their names.
    pub async fn views(&self) -> Result<Vec<KeyView>, StoreError> {
        let mut views = Vec::new();
        for key in self.all().await? {
            views.push(self.view(&key).await?);
        }
        Ok(views)
    }

    /// Returns all that may be shown of a key.
    pub async fn view(&self, key: &Key) -> Result<KeyView, StoreError> {
        let recorded = self.recorded_uses(key.id).await?;
        let used = |one: &Tolerance| recorded.get(one).copied().unwrap_or_default();
        let tolerances = key.tolerances.iter().map(|one| (one.name(), used(one)));
        Ok(KeyView {
            name: key.name.clone(),
            id: key.id,
            authority: RawValue::from_string(key.authority.clone()).map_err(StoreError::failed)?,
            space: key.space.clone(),
            reads: key.also_reads.clone(),
            projects: key.reads_projects(),
            partner: key.partner.clone(),
            role: key.role,
            person: key.person,
            scopes: key.scopes.clone(),
            tolerances: tolerances.collect(),
            national_ids: key.ingest.national_ids,
            pseudonymise: key.ingest.pseudonymise,
            origins: key.origins.clone(),
            requests_per_minute: key.requests_per_minute,
            made: key.made,
            expires: key.expires,
            earlier_secret_until: key.earlier.as_ref().map(|earlier| earlier.until),
            revoked: key.revoked,
            last_use: self.last_use(key.id).await?,
        })
    }

    /// Returns the keys at home in the caller's projects.
    pub async fn managed(&self, caller: &Caller) -> Result<Vec<KeyView>, UnmanagedKey> {
        caller.may(Need::ManageKeys)?;
        let mut views = Vec::new();
        for key in self.all().await? {
            if caller.projects.contains(key.space.project_code()) {
                views.push(self.view(&key).await?);
            }
        }
        Ok(views)
    }

    /// Makes a key that reaches into projects of the caller only.
    pub async fn make(&self, caller: &Caller, new: NewKey) -> Result<KeyView, UnmanagedKey> {
        caller.may(Need::ManageKeys)?;
        let spaces = std::iter::once(&new.space).chain(&new.also_reads);
        let projects = spaces.map(Space::project_code).chain(&new.projects);
        if let Some(project) = foreign(caller, projects) {
            let project = project.clone();
            return Err(UnmanagedKey::Foreign { project });
        }
        let key = self.create(new).await?;
        Ok(self.view(&key).await?)
    }

    /// Does what [`Keys::rotate`] does, for a key that reaches into projects of the caller only.
    pub async fn rotate_managed(
        &self,
        caller: &Caller,
        name: &str,
        overlap_hours: u32,
    ) -> Result<(KeyView, String), UnmanagedKey> {
        self.of_caller(caller, name).await?;
        let (key, secret) = self.rotate(name, overlap_hours).await?;
        Ok((self.view(&key).await?, secret))
    }

    /// Does what [`Keys::revoke`] does, for a key that reaches into projects of the caller only.
    pub async fn revoke_managed(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<KeyView, UnmanagedKey> {
        self.of_caller(caller, name).await?;
        let key = self.revoke(name).await?;
        Ok(self.view(&key).await?)
    }

    /// Checks that a key reaches into projects of the caller only. Of any other key it is not told
    /// that it is there.
    pub(crate) async fn of_caller(&self, caller: &Caller, name: &str) -> Result<(), UnmanagedKey> {
        caller.may(Need::ManageKeys)?;
        let key = self.find(name).await?.ok_or(KeyError::Absent)?;
        let spaces = std::iter::once(&key.space).chain(&key.also_reads);
        match foreign(caller, spaces.map(Space::project_code).chain(&key.projects)) {
            Some(_) => Err(KeyError::Absent.into()),
            None => Ok(()),
        }
    }
}

/// Returns the first project that is none of the caller's.
fn foreign<'a>(
    caller: &Caller,
    mut projects: impl Iterator<Item = &'a ProjectCode>,
) -> Option<&'a ProjectCode> {
    projects.find(|project| !caller.projects.contains(*project))
}
