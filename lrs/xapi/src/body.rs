//! The stored text of a statement: the sender's, and what is added when it is read.

use crate::time::Stored;

/// What the store assigned to a statement.
#[derive(Debug, Clone, Copy)]
pub struct Assigned<'a> {
    /// The id in its kept spelling.
    pub id: &'a str,
    /// When it was stored.
    pub stored: Stored,
    /// The authority as JSON text.
    pub authority: &'a str,
    /// The version of xAPI.
    pub version: &'a str,
}

/// Returns the statement as it is read: the body and the assigned members after the sender's.
///
/// `id`, `stored`, `authority` and `version` are added in this order, and `timestamp` (equal to
/// `stored`) where the body has none.
pub fn splice(body: &str, assigned: &Assigned<'_>) -> String {
    let _ = (body, assigned);
    unimplemented!()
}
