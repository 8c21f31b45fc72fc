//! A register row: one field of one entity, valid for some days, known from some instant.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use crate::Position;

/// What a register speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntityKind {
    /// A project, by its code (`sing`).
    Project,
    /// A person, by a random id; in the office's files by pseudonym.
    Person,
    /// An identifier of an agent, by a random id; in the office's files by its canonical text.
    /// Field `person`: the id of the person whose it is.
    Identifier,
    /// An organisation, by country and organisation number (`NO-123456785`); a Swedish sole
    /// trader by a random id (`SE-sole-trader-…`).
    Organisation,
    /// A programme activity, by its IRI.
    Activity,
}

impl EntityKind {
    /// Names the kind in natural keys, which are stored.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Project => "Project",
            Self::Person => "Person",
            Self::Identifier => "Identifier",
            Self::Organisation => "Organisation",
            Self::Activity => "Activity",
        }
    }
}

/// One thing that a register speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// What kind of thing it is.
    pub kind: EntityKind,
    /// Its natural key.
    pub id: String,
}

impl Entity {
    /// Names an entity.
    pub fn new(kind: EntityKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }
}

/// A value of one field, valid on some days. Rows are only ever added.
///
/// On any day, the value of a field is that of the row known last among those valid on the day.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// Whom or what it concerns.
    pub entity: Entity,
    /// The field, such as `gender` or `organiser:NO-123456785`.
    pub field: String,
    /// The value; `None` takes the field back.
    pub value: Option<String>,
    /// The first day it holds; `None` since always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day it holds; `None` until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

impl Row {
    /// Tells whether the row holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// A row's place: the log event that brought it and its number there, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowId {
    /// The log event.
    pub position: Position,
    /// The row's number in the event.
    pub row: u32,
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.position, self.row)
    }
}

/// A row with where and when it became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRow {
    /// Its place.
    pub id: RowId,
    /// When it became known.
    pub known_from: Stored,
    /// What it says.
    pub row: Row,
}
