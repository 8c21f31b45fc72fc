//! Pages of the database's file, table by table, so that what is malformed has a name.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::Connection;

use super::CareError;
use super::anew::{DERIVED, EVENT};
use super::check::{Finding, What};
use crate::error::is_damage;
use crate::folder::{DATABASE, Folder};

/// The most lines of SQLite's own check that are taken of one table.
const LINES_MAX: usize = 20;
/// What is no index: the record, and the schema, whose check is also that of the free pages.
const KEPT: [&str; 6] = [
    "log",
    "record",
    "origin",
    "dictionary",
    "meta",
    "sqlite_schema",
];

/// How many tables and indexes are checked.
pub const TABLES: usize = KEPT.len() + DERIVED.len();

/// Lets SQLite check the pages of every table.
pub(crate) fn check(connection: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = of(connection, KEPT.iter())?;
    findings.extend(check_index(connection)?);
    Ok(findings)
}

/// Lets SQLite check the pages of what is derived from the log.
pub(crate) fn check_index(connection: &Connection) -> rusqlite::Result<Vec<Finding>> {
    // That index is checked with the log.
    of(connection, DERIVED.iter().filter(|name| **name != EVENT))
}

/// Checks the pages of a folder whose store cannot be opened.
pub fn check_unopened(folder: &Path) -> Result<Vec<Finding>, CareError> {
    let connection = Folder::read_beside(&folder.join(DATABASE))?;
    Ok(check(&connection)?)
}

fn of<'a>(
    connection: &Connection,
    tables: impl Iterator<Item = &'a &'static str>,
) -> rusqlite::Result<Vec<Finding>> {
    let names = names(connection)?;
    let mut findings = Vec::new();
    for table in tables {
        for line in lines(connection, &format!("PRAGMA quick_check('{table}')"))? {
            let of = tree_of(&line).and_then(|root| names.get(&root));
            findings.push(finding(of.map_or(*table, String::as_str), &line));
        }
    }
    Ok(findings)
}

/// Tells whether no page is malformed, and none is of two tables at once, so that pages may be given
/// up. Pages of no table do no harm.
pub(super) fn are_sound(connection: &Connection) -> rusqlite::Result<bool> {
    let lines = lines(connection, "PRAGMA quick_check")?;
    // Pages of no table come last.
    Ok(lines
        .first()
        .is_none_or(|line| line.ends_with("never used")))
}

fn finding(table: &str, line: &str) -> Finding {
    let what = if DERIVED.contains(&table) {
        What::Index
    } else {
        What::Pages
    };
    Finding {
        what,
        position: None,
        statement: None,
        detail: format!("pages of {table}: {line}"),
    }
}

/// Returns what a check says, but that all is well.
fn lines(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut lines = Vec::new();
    match each_line(connection, sql, &mut lines) {
        // Some damage keeps it from coming to its end.
        Err(error) if is_damage(&error) && lines.is_empty() => lines.push(error.to_string()),
        Err(error) if is_damage(&error) => {}
        checked => checked?,
    }
    lines.truncate(LINES_MAX);
    Ok(lines)
}

fn each_line(connection: &Connection, sql: &str, lines: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut select = connection.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        // What concerns trees of pages comes as one text, below a heading.
        let told = text
            .lines()
            .filter(|line| *line != "ok" && !line.starts_with("***"));
        lines.extend(told.map(str::to_owned));
    }
    Ok(())
}

/// Returns the page that a tree of pages begins with, where a line is of one: `Tree 7 page 12 cell 3: …`.
fn tree_of(line: &str) -> Option<i64> {
    let root = line.strip_prefix("Tree ")?.split(' ').next()?;
    root.parse().ok()
}

/// Returns the tables and indexes by the page that each begins with.
fn names(connection: &Connection) -> rusqlite::Result<HashMap<i64, String>> {
    let mut select = connection.prepare("SELECT rootpage, name FROM sqlite_schema")?;
    let names = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    names.collect()
}
