//! What an erasure did, without a name.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use varde_xapi::{StatementId, Stored};

use super::RecordClass;
use crate::Position;
use crate::people::IdentityId;

/// The id of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErasureId(pub Uuid);

impl fmt::Display for ErasureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What was done, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The erasure.
    pub erasure: ErasureId,
    /// Whether this is only what would be done.
    pub dry_run: bool,
    /// When it was decided.
    pub at: Stored,
    /// The persons of the register, by the ids that ledgers go on to hold.
    pub persons: Vec<IdentityId>,
    /// How many identifiers were theirs.
    pub identifiers: usize,
    /// Their own statements, of which a tombstone stays.
    pub statements: Vec<(Position, StatementId)>,
    /// Statements of others, in which nobody stands in their place.
    pub mentions: Vec<(Position, StatementId)>,
    /// How many documents went.
    pub documents: usize,
    /// How many attachments' data went.
    pub attachments: usize,
    /// How many activity definitions were learned anew.
    pub definitions: usize,
    /// How many register rows lost their value.
    pub register_rows: usize,
    /// How many register rows of theirs keep a value that enough persons share.
    pub register_rows_kept: usize,
    /// What is held, and until when.
    pub restricted: Vec<Restricted>,
    /// What was left, and why.
    pub left: Vec<Left>,
}

/// What is held under one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restricted {
    /// The class of record; `None` where everything was restricted on request.
    pub class: Option<RecordClass>,
    /// The last day; `None` until further notice.
    pub until: Option<Date>,
    /// The rule.
    pub rule: String,
    /// How many statements.
    pub statements: usize,
}

/// Something that an erasure does not touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// What it is.
    pub what: String,
    /// Why it stays, and who can do something about it.
    pub why: String,
}

impl Receipt {
    /// Returns the receipt as lines to read.
    pub fn text(&self) -> String {
        let mut lines = vec![if self.dry_run {
            "Would be done; nothing was changed.".to_owned()
        } else {
            format!("Erasure {} done.", self.erasure)
        }];
        let persons: Vec<_> = self.persons.iter().map(ToString::to_string).collect();
        if !persons.is_empty() {
            lines.push(format!("persons: {}", persons.join(", ")));
        }
        for (name, count) in self.counts() {
            lines.push(format!("{name}: {count}"));
        }
        for held in &self.restricted {
            let until = held.until.map_or_else(
                || "until further notice".to_owned(),
                |day| format!("through {day}"),
            );
            let (count, rule) = (held.statements, &held.rule);
            lines.push(format!("held {until}: {count} statements ({rule})"));
        }
        for left in &self.left {
            lines.push(format!("left: {}: {}", left.what, left.why));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// Returns the counts with their names.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        BTreeMap::from([
            ("identifiers", self.identifiers),
            ("statements", self.statements.len()),
            ("mentions in statements of others", self.mentions.len()),
            ("documents", self.documents),
            ("attachments", self.attachments),
            ("activity definitions learned anew", self.definitions),
            ("register rows emptied", self.register_rows),
            ("register rows kept", self.register_rows_kept),
        ])
    }
}
