//! Statements, and what stands at their top level.

use super::activity::Activity;
use super::actor::{Actor, Agent, Group};
use super::context::Context;
use super::result::StatementResult;
use crate::id::StatementId;
use crate::iri::Iri;
use crate::language::LanguageMap;
use crate::time::{Stored, Timestamp};

/// A statement (xAPI 1.0.3 Data 2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The id, when sent or assigned.
    pub id: Option<StatementId>,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub verb: Verb,
    /// What it was done to.
    pub object: Object,
    /// What came of it.
    pub result: Option<StatementResult>,
    /// The circumstances.
    pub context: Option<Context>,
    /// When it happened, as the sender said.
    pub timestamp: Option<Timestamp>,
    /// When it was stored.
    pub stored: Option<Stored>,
    /// Who vouches for it.
    pub authority: Option<Actor>,
    /// The version of xAPI it follows.
    pub version: Option<String>,
    /// The attachments that it describes.
    pub attachments: Vec<Attachment>,
}

/// What was done (xAPI 1.0.3 Data 2.4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verb {
    /// The verb's identifier.
    pub id: Iri,
    /// The verb in words by language.
    pub display: LanguageMap,
}

/// What a statement is about (xAPI 1.0.3 Data 2.4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// An activity, the default.
    Activity(Activity),
    /// An agent.
    Agent(Agent),
    /// A group.
    Group(Group),
    /// Another statement, by id.
    StatementRef(StatementId),
    /// A statement within this one.
    SubStatement(Box<SubStatement>),
}

/// A statement told of, not made (xAPI 1.0.3 Data 2.4.4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubStatement {
    /// Who.
    pub actor: Actor,
    /// Did what.
    pub verb: Verb,
    /// To what; never a SubStatement.
    pub object: Object,
    /// What came of it.
    pub result: Option<StatementResult>,
    /// The circumstances.
    pub context: Option<Context>,
    /// When.
    pub timestamp: Option<Timestamp>,
    /// The attachments that it describes.
    pub attachments: Vec<Attachment>,
}

/// What a statement says of an attached file (xAPI 1.0.3 Data 2.4.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// What the file is for.
    pub usage_type: Iri,
    /// Its title by language.
    pub display: LanguageMap,
    /// Its description by language.
    pub description: LanguageMap,
    /// Its media type, as sent.
    pub content_type: String,
    /// Its length in octets.
    pub length: u64,
    /// Its SHA-2 digest in lower-case hexadecimal digits (SHA-224, 256, 384 or 512).
    pub sha2: String,
    /// Where it can be fetched.
    pub file_url: Option<Iri>,
}

/// Members that the standard leaves open: keys with the JSON text of their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions(pub Vec<(Iri, String)>);

impl Extensions {
    /// Returns the JSON text under a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let entry = self.0.iter().find(|(iri, _)| iri.as_str() == key)?;
        Some(&entry.1)
    }

    /// Iterates over keys and JSON texts in the sender's order.
    pub fn iter(&self) -> impl Iterator<Item = (&Iri, &str)> {
        self.0.iter().map(|(key, value)| (key, value.as_str()))
    }
}
