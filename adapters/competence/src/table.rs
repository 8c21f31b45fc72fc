//! Outcomes as a table: which item decides, and how it is written.

use std::cmp::Reverse;
use std::fmt;
use std::io::Write;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::definitions::DefinitionHash;
use varde_xapi::{StatementId, Stored};

use crate::closing::Closing;
use crate::finding::{Basis, Closed, Phase, Verdict};
use crate::gain::{Gain, Point, Post, gains};
use crate::item::{End, Item};
use crate::sheet::Sheet;

/// Whether an outcome holds on the day asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Current,
    /// It held, and its evidence has expired; the level is the last one held.
    Lapsed,
    /// It held, and was taken from the person; the level is the last one held.
    Revoked,
}

impl Status {
    /// Returns the status's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Lapsed => "lapsed",
            Self::Revoked => "revoked",
        }
    }
}

/// A text that names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected current, lapsed or revoked, found {0:?}")]
pub struct StatusError(pub String);

impl FromStr for Status {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, StatusError> {
        let mut each = [Self::Current, Self::Lapsed, Self::Revoked].into_iter();
        each.find(|status| status.name() == text)
            .ok_or_else(|| StatusError(text.to_owned()))
    }
}

/// What a person has attained in a competence, on one basis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The person: the register's pseudonym, or the random id of an identifier not in it.
    pub person: String,
    /// The competence's IRI.
    pub competence: String,
    /// Who says so.
    pub basis: Basis,
    /// The level attained, from 1; it implies all lower ones.
    pub level: u32,
    /// The level's name, where the rule has one.
    pub level_name: Option<String>,
    /// Whether it holds on the day asked for.
    pub status: Status,
    /// Whether the deciding evidence is from before or after the learning.
    pub phase: Phase,
    /// The deciding rule, `id@version`.
    pub rule: String,
    /// The comparison that decided, in words: `0.72 is at least 0.60`.
    pub comparison: String,
    /// The statements that it rests on.
    pub statements: Vec<StatementId>,
    /// Those of them that were erased before the rule was installed. What they count as is carried
    /// over from an earlier version of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The day of the deciding statement.
    pub day: Date,
    /// The day from which on it has lapsed.
    pub expires: Option<Date>,
    /// By what the competence no longer holds.
    pub closed: Option<Closed>,
    /// What was gained, by training scheme.
    pub gains: Vec<Gain>,
    /// The deciding rule's hash.
    pub definition: DefinitionHash,
}

/// Outcomes in the order of person, competence and basis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeTable {
    /// The day, at whose end they are as told.
    pub as_of: Date,
    /// The instant as known at which they are told; `None` while no rule is current.
    pub known_at: Option<Stored>,
    /// Everything stored up to this instant is taken in; `None` while no rule is current.
    pub complete_through: Option<Stored>,
    /// The outcomes.
    pub outcomes: Vec<Outcome>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// Where a page begins, in outcomes as known at one instant. It names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The instant that all pages are as known at.
    pub known_at: Stored,
    /// How many outcomes come before the page.
    pub offset: usize,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a cursor as an answer gave it")]
pub struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.known_at.0, self.offset)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (known_at, offset) = text.split_once('-').ok_or(CursorError)?;
        Ok(Self {
            known_at: Stored(known_at.parse().map_err(|_| CursorError)?),
            offset: offset.parse().map_err(|_| CursorError)?,
        })
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Returns what items of one person, competence and basis amount to at the end of a day: the
/// highest level that holds, shown by its earliest evidence; else the level that was lost last.
pub(crate) fn attained(person: String, items: &[Item], as_of: Date, post: Post) -> Option<Outcome> {
    let gains = || gains(items, as_of, post);
    let current = items.iter().filter(|item| item.holds_on(as_of));
    if let Some(best) = current.min_by_key(|item| (Reverse(item.level()), item.order())) {
        return outcome(person, best, Status::Current, gains());
    }
    let ended = items.iter().filter(|item| item.was_by(as_of));
    let ended = ended.filter_map(|item| Some((item, item.end()?)));
    let (last, end) = ended.min_by_key(|(item, end)| {
        let last = Reverse((end.day(), item.level()));
        (last, end.rank(), item.order())
    })?;
    outcome(person, last, status(end), gains())
}

fn status(end: End) -> Status {
    match end {
        End::Closed(closed) if closed.how != Closing::Expired => Status::Revoked,
        End::Closed(_) | End::Lapsed(_) | End::Undone(_) => Status::Lapsed,
    }
}

fn outcome(person: String, item: &Item, status: Status, gains: Vec<Gain>) -> Option<Outcome> {
    let Item {
        finding,
        statements,
        carried,
        definition,
    } = item;
    let Verdict::Evidence {
        level,
        level_name,
        expires,
        closed,
        ..
    } = &finding.verdict
    else {
        return None;
    };
    Some(Outcome {
        person,
        competence: finding.competence.clone(),
        basis: finding.basis,
        level: *level,
        level_name: level_name.clone(),
        status,
        phase: finding.phase,
        rule: finding.rule.clone(),
        comparison: finding.comparison.to_string(),
        statements: statements.clone(),
        carried: carried.clone(),
        day: finding.day,
        expires: *expires,
        closed: *closed,
        gains,
        definition: *definition,
    })
}

const COLUMNS: [&str; 22] = [
    "person",
    "competence",
    "basis",
    "level",
    "level_name",
    "status",
    "phase",
    "rule",
    "comparison",
    "statements",
    "carried",
    "day",
    "expires",
    "closed",
    "schemes",
    "pre",
    "post",
    "gain",
    "definition",
    "as_of",
    "known_at",
    "complete_through",
];

impl OutcomeTable {
    /// Writes the table as CSV (RFC 4180): a header, then one record per outcome.
    pub fn write_csv(&self, out: impl Write) -> Result<(), csv::Error> {
        let mut sheet = Sheet::new(out, &COLUMNS)?;
        for outcome in &self.outcomes {
            let record = self.record(outcome);
            sheet.record(record.iter().map(String::as_str))?;
        }
        sheet.end()
    }

    fn record(&self, outcome: &Outcome) -> [String; 22] {
        let ids = |statements: &[StatementId]| {
            let ids = statements.iter().map(ToString::to_string);
            ids.collect::<Vec<_>>().join(" ")
        };
        let text = |cell: Option<&dyn ToString>| cell.map(ToString::to_string).unwrap_or_default();
        // Parallel lists, one item for each scheme; `-` where there is none.
        let of_each = |cell: &dyn Fn(&Gain) -> Option<String>| {
            let cells = outcome.gains.iter().map(cell);
            let cells = cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned()));
            cells.collect::<Vec<_>>().join(" ")
        };
        let level = |point: &Option<Point>| point.as_ref().map(|point| point.level.to_string());
        [
            outcome.person.clone(),
            outcome.competence.clone(),
            outcome.basis.name().to_owned(),
            outcome.level.to_string(),
            outcome.level_name.clone().unwrap_or_default(),
            outcome.status.name().to_owned(),
            outcome.phase.name().to_owned(),
            outcome.rule.clone(),
            outcome.comparison.clone(),
            ids(&outcome.statements),
            ids(&outcome.carried),
            outcome.day.to_string(),
            text(outcome.expires.as_ref().map(|day| day as _)),
            text(outcome.closed.as_ref().map(|closed| &closed.day as _)),
            of_each(&|gain| gain.scheme.clone()),
            of_each(&|gain| level(&gain.pre)),
            of_each(&|gain| level(&gain.post)),
            of_each(&|gain| Some(gain.gain?.to_string())),
            outcome.definition.to_string(),
            self.as_of.to_string(),
            text(self.known_at.as_ref().map(|instant| instant as _)),
            text(self.complete_through.as_ref().map(|instant| instant as _)),
        ]
    }
}
