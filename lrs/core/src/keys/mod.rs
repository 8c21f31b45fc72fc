//! API keys: who may call, and as what.

mod defaults;
mod uses;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

pub use self::defaults::KeyDefaults;
pub(crate) use self::defaults::{KEY_SCOPES, KEY_TOLERANCES};
use crate::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Records, StoreError,
};
use crate::registers::files::OrganisationNumber;
use crate::tolerance::{Counts, Tolerances};
use crate::{Caller, Entropy, KeyId, ProjectCode, Role, Scope, Space, Tolerance};

/// name → [`Key`].
const KEY: Collection = Collection("key");
/// More keys than a store will ever hold.
const KEYS_MAX: usize = 100_000;
/// How many checked secrets are remembered, so that a check costs microseconds.
const REMEMBERED_MAX: usize = 10_000;

/// An API key as it is kept: the secret only as a slow hash.
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
    /// Where it writes.
    pub space: Space,
    /// What else it reads.
    pub also_reads: Vec<Space>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What its requests are let off.
    pub tolerances: Vec<Tolerance>,
    /// The projects whose results it reads; none for that of its space.
    pub projects: Vec<ProjectCode>,
    /// The partner that it belongs to.
    pub partner: Option<OrganisationNumber>,
    /// What the person behind it is here for; `None` for a machine.
    pub role: Option<Role>,
}

impl NewKey {
    /// Begins a machine's key that writes into a space and reads no other, with no scopes yet.
    pub fn new(name: &str, secret: &str, home_page: &str, space: Space) -> Self {
        Self {
            name: name.to_owned(),
            secret: secret.to_owned(),
            home_page: home_page.to_owned(),
            space,
            also_reads: Vec::new(),
            scopes: Vec::new(),
            tolerances: Vec::new(),
            projects: Vec::new(),
            partner: None,
            role: None,
        }
    }
}

/// Why a key was not made.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The name cannot be the user of HTTP Basic.
    #[error("a key's name is 1 to 128 bytes without a colon")]
    Name,
    /// The secret is empty or too long.
    #[error("a key's secret is 1 to 1,024 bytes")]
    Secret,
    /// Another key has the name.
    #[error("a key with this name exists")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A name and secret that were right once, as a fast hash under a key of this process.
type Remembered = HashMap<String, ([u8; 32], Arc<Caller>)>;

/// Stands for a name and secret within one process, and says nothing of them outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// Makes and checks API keys.
#[derive(Debug)]
pub struct Keys {
    records: Arc<dyn Records>,
    entropy: Arc<dyn Entropy>,
    /// Salts the fast hashes of remembered secrets; lives as long as the process.
    pepper: [u8; 32],
    remembered: Mutex<Remembered>,
    /// The uses of each key's tolerances since this process began.
    counts: Mutex<BTreeMap<KeyId, Arc<Counts>>>,
}

impl Keys {
    /// Opens the keys of a store.
    pub fn new(records: Arc<dyn Records>, entropy: Arc<dyn Entropy>) -> Self {
        let mut pepper = [0; 32];
        entropy.fill(&mut pepper);
        Self {
            records,
            entropy,
            pepper,
            remembered: Mutex::default(),
            counts: Mutex::default(),
        }
    }

    /// Tells whether the store has no key yet.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: 1,
        };
        Ok(self.records.range(KEY, &range).await?.is_empty())
    }

    /// Makes a key.
    pub async fn create(&self, new: NewKey) -> Result<Key, KeyError> {
        if !(1..=128).contains(&new.name.len()) || new.name.contains(':') {
            return Err(KeyError::Name);
        }
        if !(1..=1_024).contains(&new.secret.len()) {
            return Err(KeyError::Secret);
        }
        let account = serde_json::json!({ "homePage": new.home_page, "name": new.name });
        let key = Key {
            id: KeyId(self.entropy.uuid()),
            secret: self.hash(&new.secret)?,
            authority: serde_json::json!({ "objectType": "Agent", "account": account }).to_string(),
            name: new.name,
            space: new.space,
            also_reads: new.also_reads,
            scopes: new.scopes,
            tolerances: new.tolerances,
            projects: new.projects,
            partner: new.partner,
            role: new.role,
        };
        let change = Change {
            collection: KEY,
            key: key.name.clone().into_bytes(),
            value: Some(serde_json::to_vec(&key).map_err(StoreError::failed)?),
            expected: Expected::Absent,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            Ok(_) => Ok(key),
            Err(CommitError::Conflict { .. }) => Err(KeyError::Taken),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(too_large) => Err(StoreError::failed(too_large).into()),
        }
    }

    /// Returns every key, in the order of their names.
    pub async fn all(&self) -> Result<Vec<Key>, StoreError> {
        let range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: KEYS_MAX,
        };
        let records = self.records.range(KEY, &range).await?;
        let keys = records
            .iter()
            .map(|record| serde_json::from_slice(&record.value).map_err(StoreError::failed));
        keys.collect()
    }

    /// Returns the keys whose statements may change what is known of activities.
    pub async fn entitled_to_define(&self) -> Result<BTreeSet<KeyId>, StoreError> {
        let entitled = |key: &Key| {
            [Scope::All, Scope::Define]
                .iter()
                .any(|scope| key.scopes.contains(scope))
        };
        let keys = self.all().await?.into_iter().filter(entitled);
        Ok(keys.map(|key| key.id).collect())
    }

    fn hash(&self, secret: &str) -> Result<String, StoreError> {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let hash = Argon2::default()
            .hash_password_with_salt(secret.as_bytes(), &salt)
            .map_err(|error| StoreError::failed(error.to_string()))?;
        Ok(hash.to_string())
    }

    /// Returns the caller of a name and secret that were right before, without the slow hash.
    pub fn remembered(&self, name: &str, secret: &str) -> Option<Arc<Caller>> {
        let remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (digest, caller) = remembered.get(name)?;
        bool::from(digest.ct_eq(&self.digest(secret))).then(|| Arc::clone(caller))
    }

    /// Returns what tells whether two callers bring the same name and secret, right or wrong.
    pub fn fingerprint(&self, name: &str, secret: &str) -> Fingerprint {
        // No name has a colon.
        Fingerprint(self.digest(&format!("{name}:{secret}")))
    }

    /// Returns the key of a name, for [`Keys::check`].
    pub async fn find(&self, name: &str) -> Result<Option<Key>, StoreError> {
        if name.is_empty() || name.len() > 128 {
            return Ok(None);
        }
        let record = self.records.get(KEY, name.as_bytes()).await?;
        record
            .map(|record| serde_json::from_slice(&record.value).map_err(StoreError::failed))
            .transpose()
    }

    /// Checks a secret against a key and returns the caller. Takes tens of milliseconds of
    /// processor time, for an unknown key (`None`) as for a known one.
    pub fn check(&self, key: Option<&Key>, secret: &str) -> Option<Arc<Caller>> {
        let Some(key) = key else {
            // The same work as for a known key, so that the time tells nothing.
            let _ = self.hash(secret);
            return None;
        };
        let hash = argon2::PasswordHash::new(&key.secret).ok()?;
        Argon2::default()
            .verify_password(secret.as_bytes(), &hash)
            .ok()?;
        let caller = Arc::new(self.caller(key));
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if remembered.len() < REMEMBERED_MAX {
            remembered.insert(key.name.clone(), (self.digest(secret), Arc::clone(&caller)));
        }
        Some(caller)
    }

    fn digest(&self, secret: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.pepper);
        hasher.update(secret.as_bytes());
        hasher.finalize().into()
    }

    /// Returns the caller that a key stands for, to somebody who needs no secret of it.
    pub fn caller(&self, key: &Key) -> Caller {
        let reads = std::iter::once(&key.space)
            .chain(&key.also_reads)
            .cloned()
            .collect();
        Caller {
            key: key.id,
            name: key.name.as_str().into(),
            authority: key.authority.as_str().into(),
            space: key.space.clone(),
            reads,
            projects: key.reads_projects(),
            partner: key.partner.clone(),
            role: key.role,
            scopes: key.scopes.clone(),
            tolerances: Tolerances::new(&key.tolerances, self.counts(key.id)),
        }
    }
}
