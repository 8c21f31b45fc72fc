//! When two statements are the same.

use crate::fault::Faults;
use crate::model::Statement;

/// Returns the hash under which a re-sent statement equals its first sending.
pub fn equality(statement: &Statement) -> [u8; 32] {
    let _ = statement;
    unimplemented!()
}

/// Returns the hash that a probable repeat shares: with timestamp, without registration and id.
pub fn repeat_hash(body: &str) -> Result<[u8; 32], Faults> {
    let _ = body;
    unimplemented!()
}
