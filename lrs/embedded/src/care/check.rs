//! Whether what is kept is whole: pages, rows, the index, attachments.
//!
//! A check never stops at what it finds, and changes nothing.

use std::fmt;

use varde_core::ports::Position;
use varde_xapi::StatementId;

use super::index;
use crate::database::Database;
use crate::error::{Fault, is_damage, position_of};
use crate::index::INDEXED;
use crate::row::{self, Whole, columns};
use crate::writer::MARK;

/// How many rows are checked at once.
const ROWS: i64 = 500;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub what: What,
    /// The place in the log, where it concerns one.
    pub position: Option<Position>,
    /// The statement's id, where it concerns one.
    pub statement: Option<StatementId>,
    /// More of it, for people.
    pub detail: String,
}

/// The kinds of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Pages of the file are malformed that no index has.
    Pages,
    /// A row's checksum does not fit its content, or it cannot be read.
    Row,
    /// A position of the log has no row.
    Gap,
    /// `stored` does not rise from one row to the next.
    Order,
    /// Two rows have one id: it was stored again while the index had lost it.
    Twice,
    /// The index and the rows do not lead to each other, or the index cannot be read.
    Index,
    /// A number that an earlier process left does not fit what is there.
    Counter,
    /// An attachment is not what its name says.
    Attachment,
}

impl What {
    /// Returns the stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Row => "row",
            Self::Gap => "gap",
            Self::Order => "order",
            Self::Twice => "twice",
            Self::Index => "index",
            Self::Counter => "counter",
            Self::Attachment => "attachment",
        }
    }

    /// Says what mends it.
    pub fn mend(self) -> &'static str {
        match self {
            Self::Index | Self::Counter => {
                "varde verify --repair makes the index and the counters anew from the log"
            }
            Self::Pages | Self::Row | Self::Gap | Self::Order => {
                "restore the last good backup into a new folder"
            }
            Self::Twice => {
                "the id leads to the first, and no further one is stored; a backup made before the \
                 second is without it"
            }
            Self::Attachment => "copy the file from a backup",
        }
    }
}

impl Finding {
    pub(crate) fn of_attachment(path: &str, detail: &str) -> Self {
        Self {
            what: What::Attachment,
            position: None,
            statement: None,
            detail: format!("the file {path}: {detail}"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what.name())?;
        if let Some(Position(position)) = self.position {
            write!(f, " at position {position}")?;
        }
        if let Some(id) = self.statement {
            write!(f, " (statement {id})")?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// What a check of some rows came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The last position that was checked.
    pub through: Position,
    /// The last position of the log.
    pub head: Position,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Checks the counters that earlier processes left against what is there.
pub(crate) fn counters(database: &Database) -> rusqlite::Result<Vec<Finding>> {
    let head = database.head()?;
    let last = database.stored(head)?.map(|stored| stored.0);
    let indexed = database.meta(INDEXED)?.filter(|indexed| *indexed > head);
    let mark = database.meta(MARK)?;
    let behind = mark.zip(last).filter(|(mark, last)| mark < last);
    let indexed = indexed
        .map(|indexed| format!("`indexed` says {indexed}, and the log ends at position {head}"));
    let behind = behind.map(|(mark, last)| {
        format!("`mark` says {mark}, and an event was stored at {last}, in microseconds")
    });
    let found = |detail| Finding {
        what: What::Counter,
        position: None,
        statement: None,
        detail,
    };
    Ok(indexed.into_iter().chain(behind).map(found).collect())
}

/// Checks the rows behind a position, one moment for all of them.
pub(crate) fn rows(database: &Database, after: i64) -> Result<Checked, Fault> {
    let head = database.head()?;
    let through = head.min(after.saturating_add(ROWS));
    let mut check = Stretch {
        database,
        last: match database.stored(after) {
            // The row before was told with its own piece.
            Err(error) if is_damage(&error) => None,
            stored => stored?.map(|stored| stored.0),
        },
        findings: Vec::new(),
    };
    for position in after + 1..=through {
        check.row(position)?;
    }
    Ok(Checked {
        through: position_of(through),
        head: position_of(head),
        findings: check.findings,
    })
}

struct Stretch<'a> {
    database: &'a Database,
    /// The last `stored`.
    last: Option<i64>,
    findings: Vec<Finding>,
}

impl Stretch<'_> {
    fn find(&mut self, what: What, at: i64, id: Option<StatementId>, detail: &str) {
        self.findings.push(Finding {
            what,
            position: Some(position_of(at)),
            statement: id,
            detail: detail.to_owned(),
        });
    }

    fn row(&mut self, position: i64) -> Result<(), Fault> {
        let sql = concat!("SELECT ", columns!(), " FROM log WHERE position = ?1");
        match self.database.rows(sql, [position], row::read) {
            Ok(mut found) => match found.pop() {
                Some(row) => self.whole(position, &row)?,
                None => self.find(What::Gap, position, None, "there is no row"),
            },
            Err(Fault::Damaged { id, .. }) => {
                let detail = "the checksum does not fit the content";
                self.find(What::Row, position, id, detail);
            }
            Err(Fault::Sqlite(error)) if is_damage(&error) => {
                let detail = format!("it cannot be read: {error}");
                self.find(What::Row, position, None, &detail);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn whole(&mut self, position: i64, row: &Whole) -> Result<(), Fault> {
        let stored = row.event.stored.0;
        if self.last.replace(stored).is_some_and(|last| last >= stored) {
            let detail = "`stored` does not rise";
            self.find(What::Order, position, None, detail);
        }
        if let Some((what, detail)) = index::lacking(self.database, row)? {
            let id = row.link().map(|own| own.id);
            self.find(what, position, id, &detail);
        }
        Ok(())
    }
}
