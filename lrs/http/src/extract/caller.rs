//! Who calls: HTTP Basic with the name and secret of an API key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::{Mutex as Turn, Semaphore};
use varde_core::Caller;
use varde_core::keys::{Fingerprint, Keys};

use super::rate::Rate;
use crate::error::ApiError;
use crate::limits::Limits;
use crate::state::Services;

/// A caller whose credential was checked.
#[derive(Debug, Clone)]
pub(crate) struct Authenticated(pub(crate) Arc<Caller>);

/// Checks credentials, a bounded number of unknown ones at a time, and how often they are used.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    keys: Arc<Keys>,
    slow_checks: Arc<Semaphore>,
    under_way: Arc<UnderWay>,
    rate: Option<Arc<Rate>>,
}

impl Gate {
    pub(crate) fn new(services: &Services, limits: &Limits) -> Self {
        let rate = |per_minute| Arc::new(Rate::new(per_minute, Arc::clone(&services.clock)));
        Self {
            keys: Arc::clone(&services.keys),
            slow_checks: Arc::new(Semaphore::new(limits.secret_checks_max.max(1))),
            under_way: Arc::default(),
            rate: limits.requests_per_minute.map(rate),
        }
    }

    /// Lets a request in, or says why not.
    async fn admit(&self, name: &str, secret: String) -> Result<Arc<Caller>, ApiError> {
        let caller = self.check(name, secret).await?;
        if let Some(rate) = &self.rate {
            rate.take(caller.key)?;
        }
        Ok(caller)
    }

    async fn check(&self, name: &str, secret: String) -> Result<Arc<Caller>, ApiError> {
        if let Some(caller) = self.keys.remembered(name, &secret) {
            return Ok(caller);
        }
        let key = self.keys.find(name).await?;
        // A client begins with many connections at once: the first to be checked speaks for all.
        let credential = self.keys.fingerprint(name, &secret);
        let waiting = Waiting::of(Arc::clone(&self.under_way), credential);
        let _first = waiting.turn.lock().await;
        if let Some(caller) = self.keys.remembered(name, &secret) {
            return Ok(caller);
        }
        let turn = Arc::clone(&self.slow_checks).acquire_owned().await;
        let keys = Arc::clone(&self.keys);
        // The hash takes tens of milliseconds of processor time, which would hold up others.
        let checked = tokio::task::spawn_blocking(move || {
            let caller = keys.check(key.as_ref(), &secret);
            drop(turn);
            caller
        });
        let caller = checked
            .await
            .map_err(|_| ApiError::Internal("a secret's check ended"))?;
        caller.ok_or(ApiError::WrongCredentials)
    }
}

/// The credentials that are being checked, each with the turn that those wait for who bring the same.
type UnderWay = Mutex<HashMap<Fingerprint, Arc<Turn<()>>>>;

/// Somebody who waits for the check of a credential, or does it.
struct Waiting {
    under_way: Arc<UnderWay>,
    credential: Fingerprint,
    turn: Arc<Turn<()>>,
}

impl Waiting {
    fn of(under_way: Arc<UnderWay>, credential: Fingerprint) -> Self {
        let mut known = under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = Arc::clone(known.entry(credential).or_default());
        drop(known);
        Self {
            under_way,
            credential,
            turn,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut known = (self.under_way.lock()).unwrap_or_else(PoisonError::into_inner);
        // The last of them: one handle is here, one in the list.
        if Arc::strong_count(&self.turn) <= 2 {
            known.remove(&self.credential);
        }
    }
}

impl<S> FromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    Gate: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let (name, secret) = basic(&parts.headers)?;
        Gate::from_ref(state).admit(&name, secret).await.map(Self)
    }
}

/// Reads name and secret (RFC 7617). Whatever is there but cannot be read is a wrong credential.
fn basic(headers: &HeaderMap) -> Result<(String, String), ApiError> {
    let header = headers.get(AUTHORIZATION).ok_or(ApiError::NoCredentials)?;
    let text = header.to_str().map_err(|_| ApiError::WrongCredentials)?;
    credentials(text).ok_or(ApiError::WrongCredentials)
}

fn credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;
    use varde_core::keys::NewKey;
    use varde_core::memory::MemoryStore;
    use varde_test_support::{SeededEntropy, TestClock, space};

    use super::*;

    /// Makes a gate that checks so many secrets at a time, with one key behind it.
    async fn gate(checks_max: usize) -> Gate {
        let records = Arc::new(MemoryStore::new(Arc::new(TestClock::at(0))));
        let keys = Keys::new(records, Arc::new(SeededEntropy::new(1)));
        let new = NewKey::new(
            "front-end",
            "a secret for tests",
            "https://e.org",
            space("sing"),
        );
        keys.create(new).await.expect("a key");
        Gate {
            keys: Arc::new(keys),
            slow_checks: Arc::new(Semaphore::new(checks_max)),
            under_way: Arc::default(),
            rate: None,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_first_requests_of_a_client_share_one_check_of_its_secret() {
        let gate = gate(8).await;
        let mut admitted = JoinSet::new();
        for _ in 0..64 {
            let gate = gate.clone();
            let secret = "a secret for tests".to_owned();
            admitted.spawn(async move { gate.admit("front-end", secret).await });
        }
        let admitted = admitted.join_all().await.into_iter();
        let callers: Vec<_> = admitted.map(|caller| caller.expect("let in")).collect();
        // Each check makes a caller of its own, so those of one check are the same.
        let shared = callers
            .iter()
            .all(|caller| Arc::ptr_eq(caller, &callers[0]));
        assert!(shared, "a secret was checked more than once");
        let left = gate.under_way.lock().expect("whole").len();
        assert_eq!(left, 0, "nobody waits any more");
    }

    #[tokio::test]
    async fn a_wrong_secret_is_refused_though_the_right_one_is_remembered() {
        let gate = gate(1).await;
        let admit = async |secret: &str| gate.admit("front-end", secret.to_owned()).await;
        admit("a secret for tests").await.expect("let in");
        let refused = admit("another").await;
        assert!(matches!(refused, Err(ApiError::WrongCredentials)));
    }
}
