//! Attempts to sign in: counted before the password is looked at, so that many at once are no way
//! around the lock-out.

use varde_xapi::Stored;

use super::signed_in::Who;
use super::{PASSWORD_BYTES_MAX, User, Users};
use crate::keys::is_right;
use crate::ports::{Change, Collection, Expected, StoreError};

/// One record, written for names that are none of a user: their attempts cost the same as others.
const NOBODY: Collection = Collection("user-nobody");
/// How many attempts may fail before a user is locked out.
const FAILURES_MAX: u32 = 5;
/// How long the first lock-out lasts, in microseconds; each further failure doubles it.
const LOCKED_MICROS: i64 = 60_000_000;
/// How often it doubles at most: the longest lock-out is a little over an hour.
const DOUBLED_MAX: u32 = 6;

/// An attempt that is counted, whether or not there is such a user.
#[derive(Debug)]
pub struct Attempt(Option<User>);

impl Users {
    /// Counts an attempt to sign in as somebody. An unknown, a disabled and a locked-out user are not
    /// told apart from a wrong password, nor by the work that is done.
    pub async fn attempt(&self, name: &str) -> Result<Attempt, StoreError> {
        let now = self.clock.now();
        while let Some(mut user) = self.find(name).await? {
            let locked = user.locked_until.is_some_and(|until| now < until);
            if locked || user.disabled.is_some() {
                break;
            }
            let expected = Expected::Version(user.version);
            user.failures = user.failures.saturating_add(1);
            user.locked_until = locked_until(user.failures, now);
            if self.put(&user, expected).await? {
                return Ok(Attempt(Some(user)));
            }
        }
        let change = Change {
            collection: NOBODY,
            key: b"nobody".to_vec(),
            value: Some(now.0.to_be_bytes().to_vec()),
            expected: Expected::Anything,
        };
        self.commit(vec![change]).await?;
        Ok(Attempt(None))
    }

    /// Checks the password of an attempt. Takes tens of milliseconds of processor time, whatever the
    /// attempt is.
    pub fn check(&self, attempt: &Attempt, password: &str) -> bool {
        if password.len() > PASSWORD_BYTES_MAX {
            return false;
        }
        let Some(user) = &attempt.0 else {
            // The same work as for a user, so that the time tells nothing.
            let _ = self.keys.hash(password);
            return false;
        };
        is_right(&user.password, password)
    }

    /// Signs in whose password was right, and returns the token; `None` for who is no longer let in.
    /// It is always a new one, so nobody is signed in by a token that another knew before.
    pub async fn sign_in(&self, attempt: Attempt) -> Result<Option<String>, StoreError> {
        let Some(user) = attempt.0 else {
            return Ok(None);
        };
        let right = self.change(&user.name, |user| {
            user.failures = 0;
            user.locked_until = None;
        });
        match right.await? {
            Some(user) if user.disabled.is_none() => self.begin(&Who::Local(user.name)).await,
            _ => Ok(None),
        }
    }
}

fn locked_until(failures: u32, Stored(now): Stored) -> Option<Stored> {
    let beyond = failures.checked_sub(FAILURES_MAX)?;
    Some(Stored(
        now.saturating_add(LOCKED_MICROS << beyond.min(DOUBLED_MAX)),
    ))
}
