//! Whether what is kept is whole: pages, rows, the index, attachments.
//!
//! A check never stops at what it finds, and changes nothing.

use std::fmt;

use rusqlite::ErrorCode;
use varde_core::ports::Position;
use varde_xapi::StatementId;

use super::index;
use crate::database::Database;
use crate::error::{Fault, position_of};
use crate::row::{self, Whole, columns};

/// How many rows are checked at once.
const ROWS: i64 = 500;
/// The most findings that SQLite's own check lists.
const PAGE_FINDINGS_MAX: usize = 100;

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
    /// SQLite's own check found the file damaged.
    Pages,
    /// A row's checksum does not fit its content, or it cannot be read.
    Row,
    /// A position of the log has no row.
    Gap,
    /// `stored` does not rise from one row to the next.
    Order,
    /// The index does not lead to a row that is there.
    Index,
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
            Self::Index => "index",
            Self::Attachment => "attachment",
        }
    }

    /// Says what mends it.
    pub fn mend(self) -> &'static str {
        match self {
            Self::Index => "varde verify --repair makes the index anew from the log",
            Self::Pages | Self::Row | Self::Gap | Self::Order => {
                "restore the last good backup into a new folder"
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

/// Lets SQLite check every page of the file.
pub(crate) fn pages(database: &Database) -> rusqlite::Result<Vec<Finding>> {
    let lines = match quick_check(database) {
        // Some damage keeps it from coming to its end.
        Err(error) if is_damage(&error) => vec![error.to_string()],
        lines => lines?,
    };
    let found = |detail| Finding {
        what: What::Pages,
        position: None,
        statement: None,
        detail,
    };
    let lines = lines.into_iter().filter(|line| line != "ok");
    Ok(lines.map(found).collect())
}

fn quick_check(database: &Database) -> rusqlite::Result<Vec<String>> {
    let sql = format!("PRAGMA quick_check({PAGE_FINDINGS_MAX})");
    let mut select = database.connection.prepare(&sql)?;
    let lines = select.query_map([], |row| row.get(0))?;
    lines.collect()
}

/// Checks the rows behind a position, one moment for all of them.
pub(crate) fn rows(database: &Database, after: i64) -> Result<Checked, Fault> {
    let head = database.head()?;
    let through = head.min(after.saturating_add(ROWS));
    let mut check = Stretch {
        database,
        last: database.stored(after)?.map(|stored| stored.0),
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

/// Tells whether an error says that the file is damaged, rather than that it cannot be had.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
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
        if let Some(detail) = index::lacking(self.database, row)? {
            let id = row.link().map(|own| own.id);
            self.find(What::Index, position, id, &detail);
        }
        Ok(())
    }
}
