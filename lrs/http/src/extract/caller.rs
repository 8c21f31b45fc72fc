//! Who calls: an API key by HTTP Basic, a session token by Basic or as a bearer token, or a token of an
//! issuer that is trusted.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::{Mutex as Turn, Semaphore};
use varde_core::Caller;
use varde_core::keys::{Admitted, Fingerprint, Keys};
use varde_core::sessions::{Sessions, TOKEN_PREFIX};
use varde_core::tokens::TokenVerifier;
use varde_core::users::Users;

use super::rate::{Bucket, Rate};
use crate::error::ApiError;
use crate::limits::Limits;
use crate::middleware::Sender;
use crate::state::Services;

/// A caller whose credential was checked.
#[derive(Debug, Clone)]
pub(crate) struct Authenticated(pub(crate) Arc<Caller>);

/// Checks credentials, a bounded number of unknown ones at a time, and how often they are used.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    keys: Arc<Keys>,
    sessions: Arc<Sessions>,
    tokens: Arc<dyn TokenVerifier>,
    pub(super) users: Arc<Users>,
    pub(super) public_url: Arc<str>,
    slow_checks: Arc<Semaphore>,
    under_way: Arc<UnderWay>,
    rate: Arc<Rate>,
    /// How many requests a key may make in a minute that says nothing of its own.
    requests_per_minute: Option<NonZeroU32>,
}

/// What a request brings to be let in.
enum Credential {
    Key { name: String, secret: String },
    Session(String),
    Token(String),
}

impl Gate {
    pub(crate) fn new(services: &Services, limits: &Limits) -> Self {
        Self {
            keys: Arc::clone(&services.keys),
            sessions: Arc::clone(&services.sessions),
            tokens: Arc::clone(&services.tokens),
            users: Arc::clone(&services.users),
            public_url: Arc::clone(&services.public_url),
            slow_checks: Arc::new(Semaphore::new(limits.secret_checks_max.max(1))),
            under_way: Arc::default(),
            rate: Arc::new(Rate::new(Arc::clone(&services.clock))),
            requests_per_minute: limits.requests_per_minute,
        }
    }

    /// Lets a request in, or says why not.
    async fn admit(
        &self,
        credential: Credential,
        origin: Option<&str>,
        sender: &Sender,
    ) -> Result<Arc<Caller>, ApiError> {
        let (caller, key, bucket) = match credential {
            Credential::Key { name, secret } => {
                let key = self.check(&name, secret).await?;
                (Arc::clone(&key.caller), key, None)
            }
            Credential::Session(token) => {
                let opened = self.sessions.open(&token).await?;
                let (caller, key) = opened.ok_or(ApiError::WrongCredentials)?;
                (caller, key, Some(self.keys.fingerprint("session", &token)))
            }
            Credential::Token(token) => {
                let verified = self.tokens.verify(&token).await?;
                let verified = verified.ok_or(ApiError::WrongCredentials)?;
                let bearer = self.keys.bearer(&verified).await?;
                let (caller, key) = bearer.ok_or(ApiError::WrongCredentials)?;
                (caller, key, None)
            }
        };
        sender.is(key.caller.key);
        self.hold(caller, &key, bucket, origin)
    }

    /// Finds out which key sent a request that was refused before anybody asked. It is held to the rate of
    /// the key as any other.
    pub(crate) async fn identify(&self, headers: &HeaderMap, sender: &Sender) {
        if let Ok(credential) = credential(headers) {
            // Nobody is let in by it: who it is stands in the sender, if it is anybody.
            let _ = self.admit(credential, origin(headers), sender).await;
        }
    }

    /// Holds a request to the origins and the rate of the key that it is let in by.
    pub(crate) fn hold(
        &self,
        caller: Arc<Caller>,
        key: &Admitted,
        bucket: Option<Fingerprint>,
        origin: Option<&str>,
    ) -> Result<Arc<Caller>, ApiError> {
        if let Some(origin) = origin
            && !key.origins.is_empty()
            && !key.origins.iter().any(|allowed| allowed.is(origin))
        {
            return Err(ApiError::ForeignOrigin);
        }
        // Each learner's browser has a bucket of its own: one cannot use up what is another's.
        let bucket = bucket.map_or(Bucket::Key(caller.key), Bucket::Session);
        if let Some(per_minute) = key.requests_per_minute.or(self.requests_per_minute) {
            self.rate.take(bucket, per_minute)?;
        }
        Ok(caller)
    }

    /// Signs a user in by a password, and returns the token.
    pub(crate) async fn signed_in(
        &self,
        users: &Arc<Users>,
        name: &str,
        password: &str,
    ) -> Result<Option<String>, ApiError> {
        let attempt = users.attempt(name).await?;
        let turn = Arc::clone(&self.slow_checks).acquire_owned().await;
        let (checking, password) = (Arc::clone(users), password.to_owned());
        let checked = tokio::task::spawn_blocking(move || {
            let right = checking.check(&attempt, &password);
            drop(turn);
            right.then_some(attempt)
        });
        let right = checked
            .await
            .map_err(|_| ApiError::Internal("a password's check ended"))?;
        match right {
            Some(attempt) => Ok(users.sign_in(attempt).await?),
            None => Ok(None),
        }
    }

    async fn check(&self, name: &str, secret: String) -> Result<Arc<Admitted>, ApiError> {
        if let Some(admitted) = self.keys.remembered(name, &secret) {
            return Ok(admitted);
        }
        let key = self.keys.find(name).await?;
        // A client begins with many connections at once: the first to be checked speaks for all.
        let credential = self.keys.fingerprint(name, &secret);
        let waiting = Waiting::of(Arc::clone(&self.under_way), credential);
        let _first = waiting.turn.lock().await;
        if let Some(admitted) = self.keys.remembered(name, &secret) {
            return Ok(admitted);
        }
        let turn = Arc::clone(&self.slow_checks).acquire_owned().await;
        let keys = Arc::clone(&self.keys);
        // The hash takes tens of milliseconds of processor time, which would hold up others.
        let checked = tokio::task::spawn_blocking(move || {
            let admitted = keys.check(key.as_ref(), &secret);
            drop(turn);
            admitted
        });
        let admitted = checked
            .await
            .map_err(|_| ApiError::Internal("a secret's check ended"))?;
        admitted.ok_or(ApiError::WrongCredentials)
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
        let gate = Gate::from_ref(state);
        let credential = credential(&parts.headers);
        let origin = origin(&parts.headers);
        let sender = parts.extensions.get::<Sender>();
        let sender = sender.cloned().unwrap_or_default();
        let caller = match credential {
            Err(ApiError::NoCredentials) => {
                let signed_in = gate.by_cookie(parts).await?;
                sender.is(signed_in.key.caller.key);
                gate.hold(signed_in.caller, &signed_in.key, None, origin)
            }
            credential => gate.admit(credential?, origin, &sender).await,
        };
        caller.map(Self)
    }
}

/// Returns the origin of the page that sent a request. What cannot be read is none of those that a key names.
fn origin(headers: &HeaderMap) -> Option<&str> {
    let origin = headers.get(ORIGIN)?;
    Some(origin.to_str().unwrap_or_default())
}

/// Reads name and secret (RFC 7617) or a token (RFC 6750). Whatever is there but cannot be read is
/// a wrong credential.
fn credential(headers: &HeaderMap) -> Result<Credential, ApiError> {
    let header = headers.get(AUTHORIZATION).ok_or(ApiError::NoCredentials)?;
    let text = header.to_str().map_err(|_| ApiError::WrongCredentials)?;
    read(text).ok_or(ApiError::WrongCredentials)
}

fn read(header: &str) -> Option<Credential> {
    let (scheme, given) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        let token = given.trim().to_owned();
        return Some(if token.starts_with(TOKEN_PREFIX) {
            Credential::Session(token)
        } else {
            Credential::Token(token)
        });
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(given.trim()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    // Many front ends know no other scheme.
    Some(if secret.starts_with(TOKEN_PREFIX) {
        Credential::Session(secret.to_owned())
    } else {
        Credential::Key {
            name: name.to_owned(),
            secret: secret.to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;
    use varde_core::Clock;
    use varde_core::keys::NewKey;
    use varde_core::memory::MemoryStore;
    use varde_core::tokens::NoIssuers;
    use varde_test_support::{SeededEntropy, TestClock, space};

    use super::*;

    /// Makes a gate that checks so many secrets at a time, with one key behind it.
    async fn gate(checks_max: usize) -> Gate {
        let clock: Arc<dyn Clock> = Arc::new(TestClock::at(0));
        let records = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        let entropy = Arc::new(SeededEntropy::new(1));
        let keys = Keys::new(records.clone(), entropy.clone(), Arc::clone(&clock));
        let keys = Arc::new(keys);
        let new = NewKey::new(
            "front-end",
            "a secret for tests",
            "https://e.org",
            space("sing"),
        );
        keys.create(new).await.expect("a key");
        let users = Users::new(
            records.clone(),
            Arc::clone(&keys),
            entropy.clone(),
            Arc::clone(&clock),
            "https://e.org",
        );
        let sessions = Sessions::new(Arc::clone(&keys), records, entropy, Arc::clone(&clock));
        Gate {
            keys,
            sessions: Arc::new(sessions),
            tokens: Arc::new(NoIssuers),
            users: Arc::new(users),
            public_url: "https://e.org".into(),
            slow_checks: Arc::new(Semaphore::new(checks_max)),
            under_way: Arc::default(),
            rate: Arc::new(Rate::new(clock)),
            requests_per_minute: None,
        }
    }

    async fn admit(gate: &Gate, secret: &str) -> Result<Arc<Caller>, ApiError> {
        let (name, secret) = ("front-end".to_owned(), secret.to_owned());
        let sender = Sender::default();
        gate.admit(Credential::Key { name, secret }, None, &sender)
            .await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_first_requests_of_a_client_share_one_check_of_its_secret() {
        let gate = gate(8).await;
        let mut admitted = JoinSet::new();
        for _ in 0..64 {
            let gate = gate.clone();
            admitted.spawn(async move { admit(&gate, "a secret for tests").await });
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
        let right = admit(&gate, "a secret for tests").await;
        right.expect("let in");
        let refused = admit(&gate, "another").await;
        assert!(matches!(refused, Err(ApiError::WrongCredentials)));
    }
}
