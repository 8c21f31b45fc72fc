//! What somebody is signed in by: a random token, of which only the hash is kept.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use varde_xapi::Stored;

use super::{Users, Vouched};
use crate::Caller;
use crate::keys::Admitted;
use crate::ports::{Change, Collection, Expected, KeyRange, StoreError};

/// hash of who it is, hash of the token → [`Kept`].
const SIGNED_IN: Collection = Collection("signed-in");
/// How much later a request is than the last noted one before it is noted: a minute, in microseconds.
/// Somebody may so be signed out up to a minute before the idle time is over, never after it.
const COARSE_MICROS: i64 = 60_000_000;
/// How many random bytes a token has.
const TOKEN_BYTES: usize = 32;
/// How many records are ended at a time.
const ENDED_AT_A_TIME: usize = 500;

/// For how long somebody stays signed in, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without a request.
    pub idle: i64,
    /// In any case.
    pub absolute: i64,
}

impl Default for Lifetimes {
    /// An hour, and twelve.
    fn default() -> Self {
        Self {
            idle: 3_600_000_000,
            absolute: 12 * 3_600_000_000,
        }
    }
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Who {
    /// Somebody with an account here, by name.
    Local(String),
    /// Somebody whom an issuer vouched for.
    Vouched(Vouched),
}

impl Who {
    /// Returns what the records of this person begin with. No name has a line break.
    fn prefix(&self) -> [u8; 32] {
        match self {
            Self::Local(name) => Sha256::digest(name.as_bytes()).into(),
            Self::Vouched(Vouched {
                issuer, subject, ..
            }) => Sha256::digest(format!("{issuer}\n{subject}").as_bytes()).into(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Local(name) => name,
            Self::Vouched(vouched) => &vouched.subject,
        }
    }
}

/// The record of somebody signed in.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    who: Who,
    began: Stored,
    seen: Stored,
}

/// Somebody who is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The user's name; that of an issuer's own where one vouched.
    pub user: String,
    who: Who,
    /// Whom the user is let in as.
    pub caller: Arc<Caller>,
    /// The key that the user acts through.
    pub key: Arc<Admitted>,
    /// What a page must send with each request that changes something.
    pub csrf: String,
}

impl SignedIn {
    /// Tells whether a page proved by a text that it could read this one's answers.
    pub fn is_proof(&self, given: &str) -> bool {
        self.csrf.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl Kept {
    fn stands(&self, Stored(now): Stored, lifetimes: Lifetimes) -> bool {
        now.saturating_sub(self.seen.0) < lifetimes.idle
            && now.saturating_sub(self.began.0) < lifetimes.absolute
    }
}

impl Users {
    /// Signs somebody in; `None` where the key is not let in any more.
    pub(super) async fn begin(&self, who: &Who) -> Result<Option<String>, StoreError> {
        let Some(key) = self.key_of(who).await? else {
            return Ok(None);
        };
        let (now, lifetimes) = (self.clock.now(), self.lifetimes);
        self.end(who, |kept| !kept.stands(now, lifetimes)).await?;
        let mut random = [0; TOKEN_BYTES];
        self.entropy.fill(&mut random);
        let token = URL_SAFE_NO_PAD.encode([who.prefix(), random].concat());
        let kept = Kept {
            who: who.clone(),
            began: now,
            seen: now,
        };
        // Tokens are random, so there is none of the same.
        let Some(place) = place(&token) else {
            return Ok(None);
        };
        self.commit(vec![put(place, &kept, Expected::Absent)?])
            .await?;
        // What cannot be noted does not happen: the token is told to nobody.
        let caller = self.caller(&key.caller, who);
        self.note("sign in", &caller).await?;
        Ok(Some(token))
    }

    /// Returns whom a token lets in; `None` where it is past its end, was signed out, or never was.
    pub async fn open(&self, token: &str) -> Result<Option<SignedIn>, StoreError> {
        let Some(place) = place(token) else {
            return Ok(None);
        };
        let Some(record) = self.records.get(SIGNED_IN, &place).await? else {
            return Ok(None);
        };
        let mut kept: Kept = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
        let now = self.clock.now();
        if !kept.stands(now, self.lifetimes) {
            return Ok(None);
        }
        let Some(key) = self.key_of(&kept.who).await? else {
            return Ok(None);
        };
        if now.0.saturating_sub(kept.seen.0) >= COARSE_MICROS {
            kept.seen = now;
            // Somebody who signed out meanwhile stays so: the record is then not as expected.
            let noted = put(place, &kept, Expected::Version(record.version))?;
            self.commit(vec![noted]).await?;
        }
        Ok(Some(SignedIn {
            caller: Arc::new(self.caller(&key.caller, &kept.who)),
            user: kept.who.name().to_owned(),
            who: kept.who,
            key,
            csrf: csrf(token),
        }))
    }

    /// Returns the key that somebody acts through; `None` where they are let in no more.
    async fn key_of(&self, who: &Who) -> Result<Option<Arc<Admitted>>, StoreError> {
        let name = match who {
            Who::Local(name) => match self.find(name).await? {
                Some(user) if user.disabled.is_none() => user.key,
                _ => return Ok(None),
            },
            Who::Vouched(vouched) => vouched.key.clone(),
        };
        let key = self.keys.standing(&name).await?;
        Ok(key.filter(|key| key.caller.role.is_some()))
    }

    /// Signs out what a token is for.
    pub async fn sign_out(&self, token: &str) -> Result<(), StoreError> {
        let signed_in = self.open(token).await?;
        if let Some(place) = place(token) {
            self.commit(vec![deletion(place)]).await?;
        }
        match signed_in {
            Some(signed_in) => self.note("sign out", &signed_in.caller).await,
            None => Ok(()),
        }
    }

    /// Signs somebody out wherever they are signed in.
    pub async fn sign_out_everywhere(&self, signed_in: &SignedIn) -> Result<(), StoreError> {
        self.end_all(&signed_in.who).await?;
        self.note("sign out everywhere", &signed_in.caller).await
    }

    pub(super) async fn end_all(&self, who: &Who) -> Result<(), StoreError> {
        self.end(who, |_| true).await
    }

    /// Ends those of a user's records that are to be ended.
    async fn end(&self, who: &Who, ended: impl Fn(&Kept) -> bool) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let range = KeyRange {
                prefix: who.prefix().to_vec(),
                after,
                limit: ENDED_AT_A_TIME,
            };
            let records = self.records.range(SIGNED_IN, &range).await?;
            let Some(last) = records.last() else {
                return Ok(());
            };
            after = Some(last.key.clone());
            let is_ended =
                |value: &[u8]| serde_json::from_slice(value).is_ok_and(|one| ended(&one));
            let some = records.into_iter().filter(|one| is_ended(&one.value));
            self.commit(some.map(|one| deletion(one.key)).collect())
                .await?;
        }
    }

    /// The id is one of the user's own: what may change definitions is decided by the ids of keys.
    pub(super) fn caller(&self, key: &Caller, who: &Who) -> Caller {
        let home_page = match who {
            Who::Local(_) => &self.home_page,
            Who::Vouched(vouched) => &vouched.issuer,
        };
        let account = serde_json::json!({ "homePage": home_page, "name": who.name() });
        let authority = serde_json::json!({ "objectType": "Agent", "account": account });
        let authority = authority.to_string();
        Caller {
            key: key.key.of_authority(&authority),
            authority: authority.into(),
            ..key.clone()
        }
    }
}

/// Returns where the record of a token is kept: all of a user's stand together.
fn place(token: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (name, random) = bytes.split_at_checked(32)?;
    let whole = random.len() == TOKEN_BYTES;
    whole.then(|| [name, Sha256::digest(random).as_slice()].concat())
}

/// Returns what proves that a page could read an answer; the token cannot be found from it.
fn csrf(token: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"csrf:");
    hasher.update(token.as_bytes());
    URL_SAFE_NO_PAD.encode(hasher.finalize())
}

fn put(key: Vec<u8>, kept: &Kept, expected: Expected) -> Result<Change, StoreError> {
    Ok(Change {
        collection: SIGNED_IN,
        key,
        value: Some(serde_json::to_vec(kept).map_err(StoreError::failed)?),
        expected,
    })
}

fn deletion(key: Vec<u8>) -> Change {
    Change {
        collection: SIGNED_IN,
        key,
        value: None,
        expected: Expected::Anything,
    }
}
