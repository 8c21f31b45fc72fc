//! Whether a name and a secret are right: by a slow hash at first, in microseconds from then on.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, MutexGuard, PoisonError};

use argon2::{Argon2, PasswordVerifier as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use varde_xapi::Stored;

use super::last_use::LastUse;
use super::{KEY, Key, Keys, Origin};
use crate::Caller;
use crate::ports::StoreError;

/// How many keys are remembered, so that a check costs microseconds.
const REMEMBERED_MAX: usize = 10_000;
/// How many secrets of one key are remembered: the present one, and the one before it.
const SECRETS_MAX: usize = 2;
/// For how long a key is taken to be as it was read, in microseconds. So what another process
/// changed of it (revoked it, say) holds here after ten seconds at the latest; what this process
/// changed holds at once.
pub const KEY_FRESH_MICROS: i64 = 10_000_000;

/// A key whose secret was right, and what its requests are held to.
#[derive(Debug)]
pub struct Admitted {
    /// What the key's requests may do.
    pub caller: Arc<Caller>,
    /// The origins of pages that may use it; none for any.
    pub origins: Arc<[Origin]>,
    /// How many requests it may make in a minute, where it is not what the server says of all.
    pub requests_per_minute: Option<NonZeroU32>,
    /// When it was let in last, in this process.
    pub(super) used: Arc<LastUse>,
}

/// A key that was read a moment ago.
#[derive(Debug)]
pub(super) struct Known {
    key: Arc<Key>,
    admitted: Arc<Admitted>,
    read_at: Stored,
    /// Fast hashes, under a key of this process, of secrets that were right, each with the slow hash
    /// that it was right for.
    right: Vec<([u8; 32], String)>,
}

/// Keys that were read a moment ago, by name.
pub(super) type AllKnown = HashMap<String, Known>;

/// Stands for a name and secret within one process, and says nothing of them outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Known {
    fn is_fresh(&self, now: Stored) -> bool {
        now.0.abs_diff(self.read_at.0) < KEY_FRESH_MICROS.unsigned_abs()
    }

    /// Tells whether a secret of this fast hash was right, and still is.
    fn is_right(&self, digest: &[u8; 32], now: Stored) -> bool {
        let mut known = self.right.iter();
        let found = known.find(|(right, _)| bool::from(right.ct_eq(digest)));
        self.key.stands(now) && found.is_some_and(|(_, hash)| self.key.has(hash, now))
    }
}

impl Keys {
    pub(super) fn known(&self) -> MutexGuard<'_, AllKnown> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a name and secret that were right before let in, without the slow hash; `None`
    /// where the key must be read anew, or its secret checked.
    pub fn remembered(&self, name: &str, secret: &str) -> Option<Arc<Admitted>> {
        let now = self.clock.now();
        let digest = self.digest(secret);
        let known = self.known();
        let one = known.get(name).filter(|one| one.is_fresh(now))?;
        one.is_right(&digest, now).then(|| {
            one.admitted.used.note(now);
            Arc::clone(&one.admitted)
        })
    }

    /// Returns what tells whether two callers bring the same name and secret, right or wrong.
    pub fn fingerprint(&self, name: &str, secret: &str) -> Fingerprint {
        // No name has a colon.
        Fingerprint(self.digest(&format!("{name}:{secret}")))
    }

    /// Reads the key of a name, for [`Keys::check`]. What is remembered of it is from now on as it
    /// is here.
    pub async fn find(&self, name: &str) -> Result<Option<Key>, StoreError> {
        if name.is_empty() || name.len() > 128 {
            return Ok(None);
        }
        let Some(record) = self.records.get(KEY, name.as_bytes()).await? else {
            return Ok(None);
        };
        let key = super::decoded(&record)?;
        if self.known().contains_key(name) {
            self.learn(&key, None);
        }
        Ok(Some(key))
    }

    /// Returns what a key lets in to somebody who was let in by it before, in another way than by
    /// its secret; `None` where it is not let in any more.
    pub(crate) async fn standing(&self, name: &str) -> Result<Option<Arc<Admitted>>, StoreError> {
        let now = self.clock.now();
        let fresh = |known: &AllKnown| {
            let one = known.get(name).filter(|one| one.is_fresh(now))?;
            Some((Arc::clone(&one.key), Arc::clone(&one.admitted)))
        };
        let known = fresh(&self.known());
        let (key, admitted) = if let Some(known) = known {
            known
        } else {
            let Some(key) = self.find(name).await? else {
                return Ok(None);
            };
            let admitted = self.learn(&key, None);
            (Arc::new(key), admitted)
        };
        Ok(key.stands(now).then(|| {
            admitted.used.note(now);
            admitted
        }))
    }

    /// Checks a secret against a key. Takes tens of milliseconds of processor time, for an unknown
    /// key (`None`) and one that is past its end as for any other.
    pub fn check(&self, key: Option<&Key>, secret: &str) -> Option<Arc<Admitted>> {
        let now = self.clock.now();
        let Some(key) = key else {
            // The same work as for a known key, so that the time tells nothing.
            let _ = self.hash(secret);
            return None;
        };
        let right = key.hashes(now).find(|hash| is_right(hash, secret))?;
        if !key.stands(now) {
            return None;
        }
        let admitted = self.learn(key, Some((self.digest(secret), right.to_owned())));
        admitted.used.note(now);
        Some(admitted)
    }

    /// Remembers a key as it was read, and a secret that was right; what was read later stays.
    pub(super) fn learn(&self, key: &Key, right: Option<([u8; 32], String)>) -> Arc<Admitted> {
        let now = self.clock.now();
        let mut known = self.known();
        let Some(one) = known.get_mut(&key.name) else {
            let admitted = self.admitted(key);
            if known.len() < REMEMBERED_MAX {
                let one = Known {
                    key: Arc::new(key.clone()),
                    admitted: Arc::clone(&admitted),
                    read_at: now,
                    right: right.into_iter().collect(),
                };
                known.insert(key.name.clone(), one);
            }
            return admitted;
        };
        if key.version > one.key.version {
            one.key = Arc::new(key.clone());
            one.admitted = self.admitted(key);
        }
        if key.version == one.key.version {
            one.read_at = now;
        }
        let Known {
            key, right: kept, ..
        } = one;
        kept.retain(|(_, hash)| key.has(hash, now));
        if let Some(right) = right
            && !kept.iter().any(|(digest, _)| *digest == right.0)
        {
            kept.truncate(SECRETS_MAX - 1);
            kept.insert(0, right);
        }
        Arc::clone(&one.admitted)
    }

    fn admitted(&self, key: &Key) -> Arc<Admitted> {
        Arc::new(Admitted {
            caller: Arc::new(self.caller(key)),
            origins: key.origins.as_slice().into(),
            requests_per_minute: key.requests_per_minute,
            used: self.used(key.id),
        })
    }

    pub(super) fn digest(&self, secret: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.pepper);
        hasher.update(secret.as_bytes());
        hasher.finalize().into()
    }
}

/// Checks a secret against its Argon2id hash, in PHC form; slow on purpose.
pub(crate) fn is_right(hash: &str, secret: &str) -> bool {
    let hash = argon2::PasswordHash::new(hash);
    hash.is_ok_and(|hash| {
        let checked = Argon2::default().verify_password(secret.as_bytes(), &hash);
        checked.is_ok()
    })
}
