//! API keys: who may call, and as what.

mod checking;
mod defaults;
mod key;
mod last_use;
mod managing;
mod origin;
mod uses;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use argon2::{Argon2, PasswordHasher as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use varde_xapi::Stored;

use self::checking::AllKnown;
pub(crate) use self::checking::is_right;
pub use self::checking::{Admitted, Fingerprint, KEY_FRESH_MICROS};
pub use self::defaults::KeyDefaults;
pub(crate) use self::defaults::{KEY_SCOPES, KEY_TOLERANCES};
pub use self::key::{EarlierSecret, Key, KeyError, NewKey};
use self::last_use::LastUse;
pub use self::managing::{KeyView, UnmanagedKey};
pub use self::origin::{Origin, OriginError};
use crate::people::IdentityId;
use crate::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Record, Records, StoreError,
};
use crate::tolerance::{Counts, Tolerances};
use crate::{Caller, Clock, Entropy, Ingest, IngestCounts, KeyId, Scope};

/// name → [`Key`].
const KEY: Collection = Collection("key");
/// More keys than a store will ever hold.
const KEYS_MAX: usize = 100_000;
/// How many random bytes a secret has that is made here.
const SECRET_BYTES: usize = 32;
/// The longest overlap of a rotation, in hours.
const OVERLAP_HOURS_MAX: u32 = 720;
const HOUR_MICROS: i64 = 3_600_000_000;

/// Makes and checks API keys.
#[derive(Debug)]
pub struct Keys {
    records: Arc<dyn Records>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    /// Salts the fast hashes of remembered secrets; lives as long as the process.
    pepper: [u8; 32],
    known: Mutex<AllKnown>,
    /// The uses of each key's tolerances since this process began.
    counts: Mutex<BTreeMap<KeyId, Arc<Counts>>>,
    used: Mutex<HashMap<KeyId, Arc<LastUse>>>,
    /// What became of statements by the policies of keys since this process began.
    ingest_counts: Arc<IngestCounts>,
}

fn decoded(record: &Record) -> Result<Key, StoreError> {
    let key: Key = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
    Ok(Key {
        version: record.version,
        ..key
    })
}

/// Returns the ids of every key.
pub(crate) async fn key_ids(records: &dyn Records) -> Result<Vec<KeyId>, StoreError> {
    let keys = records.range(KEY, &every_key()).await?;
    let ids = keys.iter().map(|record| Ok(decoded(record)?.id));
    ids.collect()
}

fn every_key() -> KeyRange {
    KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: KEYS_MAX,
    }
}

impl Keys {
    /// Opens the keys of a store.
    pub fn new(
        records: Arc<dyn Records>,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let mut pepper = [0; 32];
        entropy.fill(&mut pepper);
        Self {
            records,
            entropy,
            clock,
            pepper,
            known: Mutex::default(),
            counts: Mutex::default(),
            used: Mutex::default(),
            ingest_counts: Arc::default(),
        }
    }

    /// Returns what became of statements by the policies of keys since this process began.
    pub fn ingest_counts(&self) -> &Arc<IngestCounts> {
        &self.ingest_counts
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

    /// Returns a random secret for a new key: 43 characters of `A-Z`, `a-z`, `0-9`, `-` and `_`.
    pub fn new_secret(&self) -> String {
        let mut bytes = [0; SECRET_BYTES];
        self.entropy.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Makes a key.
    pub async fn create(&self, new: NewKey) -> Result<Key, KeyError> {
        let now = self.clock.now();
        new.check(now)?;
        let key = Key {
            id: KeyId(self.entropy.uuid()),
            secret: self.hash(&new.secret)?,
            authority: new.authority()?,
            name: new.name,
            space: new.space,
            also_reads: new.also_reads,
            scopes: new.scopes,
            tolerances: new.tolerances,
            projects: new.projects,
            partner: new.partner,
            role: new.role,
            person: new.person,
            ingest: new.ingest,
            origins: new.origins,
            requests_per_minute: new.requests_per_minute,
            made: Some(now),
            expires: new.expires,
            earlier: None,
            revoked: None,
            version: 0,
        };
        self.put(key, Expected::Absent)
            .await?
            .ok_or(KeyError::Taken)
    }

    /// Gives a key a new secret and returns it with that. The earlier one is let in for some hours
    /// more, 0 to 720; one from before that is not let in any more.
    pub async fn rotate(&self, name: &str, overlap_hours: u32) -> Result<(Key, String), KeyError> {
        if overlap_hours > OVERLAP_HOURS_MAX {
            return Err(KeyError::Overlap);
        }
        let (secret, now) = (self.new_secret(), self.clock.now());
        let hash = self.hash(&secret)?;
        let until = Stored(now.0.saturating_add(i64::from(overlap_hours) * HOUR_MICROS));
        let rotated = self.change(name, |key| {
            let earlier = std::mem::replace(&mut key.secret, hash.clone());
            key.earlier = (overlap_hours > 0).then_some(EarlierSecret {
                secret: earlier,
                until,
            });
        });
        Ok((rotated.await?, secret))
    }

    /// Lets a key in no more. In this process that holds at once, in others on the same database
    /// after [`KEY_FRESH_MICROS`] at the latest.
    pub async fn revoke(&self, name: &str) -> Result<Key, KeyError> {
        let now = self.clock.now();
        let revoked = self.change(name, |key| {
            key.revoked = Some(now);
            key.earlier = None;
        });
        revoked.await
    }

    /// Changes a key that was not revoked, as it is by then.
    async fn change(&self, name: &str, change: impl Fn(&mut Key)) -> Result<Key, KeyError> {
        loop {
            let mut key = self.find(name).await?.ok_or(KeyError::Absent)?;
            if key.revoked.is_some() {
                return Err(KeyError::Revoked);
            }
            let expected = Expected::Version(key.version);
            change(&mut key);
            if let Some(key) = self.put(key, expected).await? {
                return Ok(key);
            }
        }
    }

    /// Writes a key; `None` where the record is not as expected.
    async fn put(&self, mut key: Key, expected: Expected) -> Result<Option<Key>, KeyError> {
        let change = Change {
            collection: KEY,
            key: key.name.clone().into_bytes(),
            value: Some(serde_json::to_vec(&key).map_err(StoreError::failed)?),
            expected,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            Ok(committed) => {
                key.version = committed.number;
                self.learn(&key, None);
                Ok(Some(key))
            }
            Err(CommitError::Conflict { .. }) => Ok(None),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(too_large) => Err(StoreError::failed(too_large).into()),
        }
    }

    /// Lets in no more, and binds to nobody, the keys of persons who are no more: the name of a key may
    /// be somebody's.
    pub(crate) async fn unbind(&self, persons: &BTreeSet<IdentityId>) -> Result<(), StoreError> {
        for mut key in self.all().await? {
            if key
                .person
                .take()
                .is_none_or(|person| !persons.contains(&person))
            {
                continue;
            }
            key.revoked = key.revoked.or(Some(self.clock.now()));
            let expected = Expected::Version(key.version);
            match self.put(key, expected).await {
                Ok(Some(_)) => {}
                Ok(None) => return Err(StoreError::Busy),
                Err(KeyError::Store(error)) => return Err(error),
                Err(other) => return Err(StoreError::failed(other)),
            }
        }
        Ok(())
    }

    /// Returns every key, in the order of their names.
    pub async fn all(&self) -> Result<Vec<Key>, StoreError> {
        let records = self.records.range(KEY, &every_key()).await?;
        records.iter().map(decoded).collect()
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

    pub(crate) fn hash(&self, secret: &str) -> Result<String, StoreError> {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let hash = Argon2::default()
            .hash_password_with_salt(secret.as_bytes(), &salt)
            .map_err(|error| StoreError::failed(error.to_string()))?;
        Ok(hash.to_string())
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
            person: key.person,
            scopes: key.scopes.clone(),
            tolerances: Tolerances::new(&key.tolerances, self.counts(key.id)),
            ingest: Ingest {
                policy: key.ingest,
                counts: Arc::clone(&self.ingest_counts),
            },
            bound: None,
        }
    }
}
