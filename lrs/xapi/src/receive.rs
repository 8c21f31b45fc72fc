//! From a request's body to statements ready to be stored, or to all of its faults.

use crate::family::Family;
use crate::fault::Faults;
use crate::model::Statement;

/// The statements of one request body.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whether the body was an array (the answer lists ids either way).
    pub array: bool,
    /// The statements in the sender's order.
    pub statements: Vec<Received>,
}

/// A statement as received and found valid.
#[derive(Debug, Clone)]
pub struct Received {
    /// The typed view; `id`, `stored`, `authority` and `version` as sent.
    pub statement: Statement,
    /// The id's spelling as sent, when it is not the lower-case one.
    pub id_text: Option<String>,
    /// The sender's text without the members that the store assigns.
    pub body: String,
    /// The hash that tells a re-send from a conflict; see [`crate::equality`].
    pub equality: [u8; 32],
}

/// Reads the body of a POST: one statement or an array of them.
pub fn receive(text: &[u8], family: Family) -> Result<Batch, Faults> {
    let _ = (text, family);
    unimplemented!()
}

/// Reads the body of a PUT: one statement.
pub fn receive_one(text: &[u8], family: Family) -> Result<Received, Faults> {
    let _ = (text, family);
    unimplemented!()
}

/// Reads a stored statement, tolerant of what a store adds.
pub fn read(text: &str) -> Result<Statement, Faults> {
    let _ = text;
    unimplemented!()
}
