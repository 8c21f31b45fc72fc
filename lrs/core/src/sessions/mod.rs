//! Session tokens: what a course that runs in a learner's browser calls with, instead of a key that
//! every learner could read there.
//!
//! A token is minted by a key, ends by itself, and is bound to one learner in one activity: its
//! bearer keeps the [`Bound`] one's state, and writes and reads the statements that this learner is
//! the actor of. Nothing of it is kept: it is sealed by a key of the store, so that every process
//! of the store opens it and nobody else makes one. It ends with the key that minted it.

mod bound;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;
use varde_xapi::{Agent, Iri, Stored};

pub use self::bound::Bound;
use crate::keys::{Admitted, Keys};
use crate::ports::{Records, StoreError};
use crate::sealing::Sealing;
use crate::{Caller, Clock, Entropy, Forbidden, Need, Scope};

/// What every token begins with, so that one that leaked is recognised.
pub const TOKEN_PREFIX: &str = "varde-session.";
/// How long a token lives where nobody says otherwise, in seconds: a long evening.
pub const SECONDS: u32 = 4 * 3_600;
/// The longest that a token lives, in seconds.
pub const SECONDS_MAX: u32 = 24 * 3_600;
/// The most bytes of actor and activity, so that a token fits into a header.
const BOUND_BYTES_MAX: usize = 2_048;
const SECOND_MICROS: i64 = 1_000_000;
/// What a session may do of what its key may.
const SCOPES: [Scope; 3] = [
    Scope::StatementsWrite,
    Scope::StatementsReadMine,
    Scope::State,
];

/// A token for one learner's browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken {
    /// The token.
    pub token: String,
    /// The instant from which on it is not let in any more.
    pub expires: Stored,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// Why a token was not minted.
#[derive(Debug, Error)]
pub enum Unminted {
    /// The caller may not mint one.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It would live too long.
    #[error("a session lives 1 to {SECONDS_MAX} seconds")]
    Seconds,
    /// It would not fit into a header.
    #[error("actor and activity of a session have at most {BOUND_BYTES_MAX} bytes together")]
    TooLarge,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a token holds.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    key: String,
    bound: Bound,
    /// What it may do, as far as its key still may.
    scopes: Vec<Scope>,
    expires: i64,
}

/// Mints and opens session tokens.
#[derive(Debug)]
pub struct Sessions {
    keys: Arc<Keys>,
    sealing: Sealing,
    clock: Arc<dyn Clock>,
}

impl Sessions {
    /// Works on the keys of one store, with its records.
    pub fn new(
        keys: Arc<Keys>,
        records: Arc<dyn Records>,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            keys,
            sealing: Sealing::new(records, entropy, "session"),
            clock,
        }
    }

    /// Mints a token for a learner in an activity, which lives 1 to 86,400 seconds.
    pub async fn mint(
        &self,
        caller: &Caller,
        (actor, registration, activity): (&Agent, Option<Uuid>, &Iri),
        seconds: u32,
    ) -> Result<SessionToken, Unminted> {
        caller.may(Need::MintSessions)?;
        if caller.bound.is_some() {
            return Err(Forbidden::Session("it mints no other").into());
        }
        if !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(Unminted::Seconds);
        }
        let bound = Bound {
            actor: actor.ifi.canonical(),
            registration,
            activity: activity.as_str().to_owned(),
        };
        if bound.actor.len() + bound.activity.len() > BOUND_BYTES_MAX {
            return Err(Unminted::TooLarge);
        }
        let expires = self.clock.now().0 + i64::from(seconds) * SECOND_MICROS;
        let claims = Claims {
            key: caller.name.to_string(),
            bound,
            scopes: scopes(caller),
            expires,
        };
        let sealed = self.sealing.close(&claims, b"").await?;
        Ok(SessionToken {
            token: format!("{TOKEN_PREFIX}{sealed}"),
            expires: Stored(expires),
            scopes: claims.scopes,
        })
    }

    /// Returns whom a token lets in, with the key that minted it; `None` where it is past its end,
    /// its key is not let in any more, or it was never minted here.
    pub async fn open(
        &self,
        token: &str,
    ) -> Result<Option<(Arc<Caller>, Arc<Admitted>)>, StoreError> {
        let Some(sealed) = token.strip_prefix(TOKEN_PREFIX) else {
            return Ok(None);
        };
        let Some(claims) = self.sealing.open::<Claims>(sealed, b"").await? else {
            return Ok(None);
        };
        if self.clock.now().0 >= claims.expires {
            return Ok(None);
        }
        let minted_by = self.keys.standing(&claims.key).await?;
        Ok(minted_by.map(|key| (Arc::new(bearer(&key.caller, claims)), key)))
    }
}

/// Returns what a session may do: what a learner's course needs, and its key may itself.
fn scopes(key: &Caller) -> Vec<Scope> {
    let needs = |scope: &Scope| match scope {
        Scope::StatementsWrite => key.may(Need::WriteStatements).is_ok(),
        Scope::StatementsReadMine => key.may(Need::ReadStatements).is_ok(),
        _ => key.may(Need::WriteState).is_ok() && key.may(Need::ReadState).is_ok(),
    };
    SCOPES.into_iter().filter(needs).collect()
}

/// Returns the caller of a session, whatever else its key may do or reads.
///
/// It has an id of its own: who may change definitions is decided by the id of the key that sent a
/// statement, and a learner's browser may not.
fn bearer(key: &Caller, claims: Claims) -> Caller {
    let mut allowed = scopes(key);
    allowed.retain(|scope| claims.scopes.contains(scope));
    Caller {
        key: key.key.of_sessions(),
        scopes: allowed,
        reads: vec![key.space.clone()],
        projects: BTreeSet::new(),
        partner: None,
        role: None,
        person: None,
        bound: Some(Arc::new(claims.bound)),
        ..key.clone()
    }
}
