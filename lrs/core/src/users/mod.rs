//! People who sign in with a password, and what they are signed in by.
//!
//! A person acts through an API key, as the issuers of tokens do: space, projects, partner, role and
//! rate are the key's, and revoking the key shuts the person out. What they write has an authority of
//! their own. Being signed in is a record with an end, kept under the hash of a random token.

mod managing;
mod password;
mod providers;
mod signed_in;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_xapi::Stored;

pub use self::managing::{UnmanagedUser, UserView};
pub use self::password::Attempt;
pub use self::providers::{
    JOURNEY_SECONDS_MAX, Journey, JourneyError, NoProviders, Providers, Vouched,
};
use self::signed_in::Who;
pub use self::signed_in::{Lifetimes, SignedIn};
use crate::audit::{Audit, Told};
use crate::keys::Keys;
use crate::ports::{
    Change, Changes, Collection, Expected, KeyRange, Record, Records, StoreError, was_done,
};
use crate::sealing::Sealing;
use crate::{Caller, Clock, Entropy, KeyId};

/// name → [`User`].
const USER: Collection = Collection("user");
/// More users than a store will ever hold.
const USERS_MAX: usize = 100_000;
/// The fewest bytes of a password.
pub const PASSWORD_BYTES_MIN: usize = 12;
/// The most bytes of a password.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

/// Somebody with a local account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name to sign in by, 1 to 128 bytes.
    pub name: String,
    /// The Argon2id hash of the password, in PHC form.
    password: String,
    /// The name of the API key that they act through.
    pub key: String,
    /// When the account was made.
    pub made: Stored,
    /// From when on it is let in no more.
    pub disabled: Option<Stored>,
    /// How many attempts failed since one was right.
    pub failures: u32,
    /// Until when no attempt is let in.
    pub locked_until: Option<Stored>,
    #[serde(skip)]
    version: u64,
}

/// Why an account was not made or changed.
#[derive(Debug, Error)]
pub enum UserError {
    /// The name is empty or too long.
    #[error("a user's name is 1 to 128 bytes without control characters")]
    Name,
    /// The password is too short or too long.
    #[error("a password is {PASSWORD_BYTES_MIN} to {PASSWORD_BYTES_MAX} bytes")]
    Password,
    /// The key is not there, is past its end, or is a machine's.
    #[error("the key `{0}` is no key with a role that is let in")]
    Key(String),
    /// Another user has the name.
    #[error("a user with this name exists")]
    Taken,
    /// No user has the name.
    #[error("no user has this name")]
    Absent,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes users, and signs them in and out.
#[derive(Debug)]
pub struct Users {
    records: Arc<dyn Records>,
    keys: Arc<Keys>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    lifetimes: Lifetimes,
    providers: Arc<dyn Providers>,
    /// Closes what a browser keeps while it is at an issuer.
    sealing: Sealing,
    /// The home page of the authority of what users write.
    home_page: String,
}

fn decoded(record: &Record) -> Result<User, StoreError> {
    let user: User = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
    Ok(User {
        version: record.version,
        ..user
    })
}

impl Users {
    /// Works on one store; the home page names this Varde in the authority of what users write.
    pub fn new(
        records: Arc<dyn Records>,
        keys: Arc<Keys>,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
        home_page: &str,
    ) -> Self {
        Self {
            sealing: Sealing::new(Arc::clone(&records), Arc::clone(&entropy), "sign-in"),
            records,
            keys,
            entropy,
            clock,
            lifetimes: Lifetimes::default(),
            providers: Arc::new(NoProviders),
            home_page: home_page.to_owned(),
        }
    }

    /// Signs people out after other times than the defaults.
    #[must_use]
    pub fn with_lifetimes(self, lifetimes: Lifetimes) -> Self {
        Self { lifetimes, ..self }
    }

    /// Lets people sign in at issuers too.
    #[must_use]
    pub fn with_providers(self, providers: Arc<dyn Providers>) -> Self {
        Self { providers, ..self }
    }

    /// Makes an account that acts through a key with a role.
    pub async fn create(&self, name: &str, password: &str, key: &str) -> Result<User, UserError> {
        if !(1..=128).contains(&name.len()) || name.chars().any(char::is_control) {
            return Err(UserError::Name);
        }
        let password = self.hashed(password)?;
        let standing = self.keys.standing(key).await?;
        if standing.is_none_or(|key| key.caller.role.is_none()) {
            return Err(UserError::Key(key.to_owned()));
        }
        let user = User {
            name: name.to_owned(),
            password,
            key: key.to_owned(),
            made: self.clock.now(),
            disabled: None,
            failures: 0,
            locked_until: None,
            version: 0,
        };
        if self.put(&user, Expected::Absent).await? {
            Ok(user)
        } else {
            Err(UserError::Taken)
        }
    }

    /// Returns every user, in the order of their names.
    pub async fn all(&self) -> Result<Vec<User>, StoreError> {
        let range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: USERS_MAX,
        };
        let records = self.records.range(USER, &range).await?;
        records.iter().map(decoded).collect()
    }

    /// Lets a user in no more, and ends everything that they are signed in by.
    pub async fn disable(&self, name: &str) -> Result<(), UserError> {
        let now = self.clock.now();
        let disabled = self.change(name, |user| user.disabled = user.disabled.or(Some(now)));
        disabled.await?.ok_or(UserError::Absent)?;
        self.end_all(&Who::Local(name.to_owned())).await?;
        Ok(())
    }

    /// Gives a user another password, ends a lock-out, and ends everything that they are signed in by.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<(), UserError> {
        let hash = self.hashed(password)?;
        let changed = self.change(name, |user| {
            user.password.clone_from(&hash);
            user.failures = 0;
            user.locked_until = None;
        });
        changed.await?.ok_or(UserError::Absent)?;
        self.end_all(&Who::Local(name.to_owned())).await?;
        Ok(())
    }

    /// Returns the id by which the audit log names a user; `None` where their key is let in no more.
    pub async fn id(&self, user: &User) -> Result<Option<KeyId>, StoreError> {
        let key = self.keys.standing(&user.key).await?;
        let who = Who::Local(user.name.clone());
        Ok(key.map(|key| self.caller(&key.caller, &who).key))
    }

    fn hashed(&self, password: &str) -> Result<String, UserError> {
        if !(PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&password.len()) {
            return Err(UserError::Password);
        }
        Ok(self.keys.hash(password)?)
    }

    /// Notes in the audit log what somebody did.
    async fn note(&self, what: &str, caller: &Caller) -> Result<(), StoreError> {
        let audit = Audit::new(Arc::clone(&self.records));
        let told = Told::new(what, &[], 0);
        audit.add(self.clock.now(), caller, &told).await
    }

    async fn find(&self, name: &str) -> Result<Option<User>, StoreError> {
        if !(1..=128).contains(&name.len()) {
            return Ok(None);
        }
        let record = self.records.get(USER, name.as_bytes()).await?;
        record.as_ref().map(decoded).transpose()
    }

    /// Changes a user as it is by then; `None` where there is none.
    async fn change(
        &self,
        name: &str,
        change: impl Fn(&mut User),
    ) -> Result<Option<User>, StoreError> {
        loop {
            let Some(mut user) = self.find(name).await? else {
                return Ok(None);
            };
            let expected = Expected::Version(user.version);
            change(&mut user);
            if self.put(&user, expected).await? {
                return Ok(Some(user));
            }
        }
    }

    /// Writes a user; `false` where the record is not as expected.
    async fn put(&self, user: &User, expected: Expected) -> Result<bool, StoreError> {
        let value = serde_json::to_vec(user).map_err(StoreError::failed)?;
        let change = Change {
            collection: USER,
            key: user.name.clone().into_bytes(),
            value: Some(value),
            expected,
        };
        self.commit(vec![change]).await
    }

    /// Commits changes; `false` where a record is not as expected.
    async fn commit(&self, changes: Vec<Change>) -> Result<bool, StoreError> {
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        was_done(self.records.commit(changes).await)
    }
}
