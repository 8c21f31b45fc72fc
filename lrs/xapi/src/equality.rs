//! When two statements are the same.
//!
//! xAPI 1.0.3 Data 2.3.1 lists what may differ, IEEE 9274.1.1 4.2 what must not. The fingerprint
//! holds what both want compared: actor, verb and object by identity, result and context whole.
//! It leaves out what a store assigns, definitions, verb displays and attachments, and brings each
//! value to the one form its type compares by.

mod fingerprint;

use fingerprint::Fingerprint;

use crate::fault::Faults;
use crate::model::Statement;
use crate::receive::read;

/// Returns the hash under which a re-sent statement equals its first sending: SHA-256.
pub fn equality(statement: &Statement) -> [u8; 32] {
    let mut fingerprint = Fingerprint::default();
    fingerprint.statement(statement);
    fingerprint.finish()
}

/// Returns the hash that a probable repeat shares with its original: SHA-256.
///
/// Unlike [`equality`] it covers the timestamp and leaves out the registration, since a client
/// that repeats itself opens a new session. `body` is a statement as stored.
pub fn repeat_hash(body: &str) -> Result<[u8; 32], Faults> {
    let mut statement = read(body)?;
    if let Some(context) = &mut statement.context {
        context.registration = None;
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.statement(&statement);
    fingerprint.timestamp(statement.timestamp.as_ref());
    Ok(fingerprint.finish())
}
