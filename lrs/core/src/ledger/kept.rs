//! How a row stands in its record: what the record's key tells is not told again.
//!
//! Rows are many, and of short ones the store reads several with one page.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_xapi::{StatementId, Stored};

use super::entry::Row;
use super::workspace::parse;
use super::{Entry, Group, keys};
use crate::ProjectCode;
use crate::ports::{Position, StoreError};
use crate::registers::RowId;

/// A row on its way into the store.
#[derive(Debug, Serialize)]
struct Written<'r> {
    /// Where the key has it cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'r Group>,
    entry: WrittenEntry<'r>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    carried: &'r [StatementId],
    known_from: Stored,
    #[serde(skip_serializing_if = "Option::is_none")]
    known_to: Option<Stored>,
}

#[derive(Debug, Serialize)]
struct WrittenEntry<'r> {
    /// Where the key has it cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'r str>,
    project: &'r ProjectCode,
    body: &'r Value,
    statements: &'r [StatementId],
    /// `position.row` of each, with spaces between.
    #[serde(skip_serializing_if = "String::is_empty")]
    rows: String,
}

/// A row as the store had it. An earlier build wrote group and key into each, and rows one by one.
#[derive(Debug, Deserialize)]
struct Found<B> {
    group: Option<Group>,
    entry: FoundEntry<B>,
    #[serde(default)]
    carried: Vec<StatementId>,
    known_from: Stored,
    known_to: Option<Stored>,
}

#[derive(Debug, Deserialize)]
struct FoundEntry<B> {
    key: Option<String>,
    project: ProjectCode,
    body: B,
    statements: Vec<StatementId>,
    #[serde(default)]
    rows: Places,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Places {
    Text(String),
    List(Vec<RowId>),
}

impl Default for Places {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Places {
    fn read(self) -> Option<Vec<RowId>> {
        match self {
            Self::List(rows) => Some(rows),
            Self::Text(text) => text.split(' ').map(place).collect(),
        }
    }
}

fn place(text: &str) -> Option<RowId> {
    let (position, row) = text.split_once('.')?;
    Some(RowId {
        position: Position(position.parse().ok()?),
        row: row.parse().ok()?,
    })
}

impl Row {
    /// Returns what the store is to hold under the row's key.
    pub(crate) fn written(&self) -> Result<Vec<u8>, StoreError> {
        let entry = &self.entry;
        let mut rows = String::new();
        for row in &entry.rows {
            let space = if rows.is_empty() { "" } else { " " };
            write!(rows, "{space}{row}").map_err(StoreError::failed)?;
        }
        let written = Written {
            group: (!keys::is_whole(&self.group.key)).then_some(&self.group),
            entry: WrittenEntry {
                key: (!keys::is_whole(&entry.key)).then_some(&entry.key),
                project: &entry.project,
                body: &entry.body,
                statements: &entry.statements,
                rows,
            },
            carried: &self.carried,
            known_from: self.known_from,
            known_to: self.known_to,
        };
        serde_json::to_vec(&written).map_err(StoreError::failed)
    }
}

impl<B: DeserializeOwned> Row<B> {
    /// Reads a row from the key and the value of its record, whether it holds or has ended.
    pub(crate) fn read(key: &[u8], value: &[u8]) -> Result<Self, StoreError> {
        let found: Found<B> = parse(value)?;
        let group = found.group.or_else(|| keys::group_of(key));
        let group = group.ok_or_else(|| damaged("group"))?;
        let entry = found.entry;
        let own = entry.key.or_else(|| keys::entry_of(key, &group));
        Ok(Self {
            group,
            entry: Entry {
                key: own.ok_or_else(|| damaged("key"))?,
                project: entry.project,
                body: entry.body,
                statements: entry.statements,
                rows: entry.rows.read().ok_or_else(|| damaged("register rows"))?,
            },
            carried: found.carried,
            known_from: found.known_from,
            known_to: found.known_to,
        })
    }
}

fn damaged(what: &str) -> StoreError {
    StoreError::failed(format!("an entry's record tells no {what}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::definitions::DefinitionHash;
    use crate::ledger::keys::{Key, LedgerId};

    fn row(group: &str, key: &str, rows: Vec<RowId>) -> Row {
        let project = "sing".parse().expect("a code");
        Row {
            group: Group {
                stage: 1,
                key: group.to_owned(),
            },
            entry: Entry {
                key: key.to_owned(),
                project,
                body: json!({ "level": 3 }),
                statements: vec![StatementId(uuid::Uuid::from_u128(7))],
                rows,
            },
            carried: Vec::new(),
            known_from: Stored(5),
            known_to: Some(Stored(9)),
        }
    }

    fn key(row: &Row) -> Vec<u8> {
        let ledger = LedgerId::of(DefinitionHash([7; 32]), 0);
        Key::of(ledger)
            .group(&row.group)
            .text(&row.entry.key)
            .bytes()
    }

    #[test]
    fn a_row_is_read_back_whatever_its_keys_are() {
        let place = |position, row| RowId {
            position: Position(position),
            row,
        };
        let long = "https://example.org/å/".repeat(90);
        for group in ["", "joint|https://example.org/å", "a\0b", &long] {
            for own in ["", "one", "a\0b", &long] {
                for rows in [vec![], vec![place(1, 3)], vec![place(1, 3), place(20, 4)]] {
                    let row = row(group, own, rows);
                    let (key, value) = (key(&row), row.written().expect("JSON"));
                    assert_eq!(Row::read(&key, &value).expect("a row"), row);
                    let ended = [key.as_slice(), &Stored(9).0.to_be_bytes()].concat();
                    assert_eq!(Row::read(&ended, &value).expect("a row"), row);
                }
            }
        }
    }

    #[test]
    fn what_stands_in_the_key_is_not_written_again() {
        let row = row("p-1\tplanning\tsing", "one", Vec::new());
        let text = String::from_utf8(row.written().expect("JSON")).expect("a text");
        assert!(
            !text.contains("planning") && !text.contains("one"),
            "{text}"
        );
    }

    #[test]
    fn a_row_of_an_earlier_build_is_read() {
        let earlier = json!({
            "group": { "stage": 1, "key": "g" },
            "entry": {
                "key": "one",
                "project": "sing",
                "body": { "level": 3 },
                "statements": [StatementId(uuid::Uuid::from_u128(7))],
                "rows": [{ "position": 1, "row": 3 }],
            },
            "known_from": Stored(5),
            "known_to": Stored(9),
        });
        let rows = vec![RowId {
            position: Position(1),
            row: 3,
        }];
        let row = row("g", "one", rows);
        let read = Row::read(&key(&row), earlier.to_string().as_bytes());
        assert_eq!(read.expect("a row"), row);
    }

    #[test]
    fn a_record_that_tells_too_little_is_an_error() {
        let row = row("g", "one", Vec::new());
        let value = row.written().expect("JSON");
        for key in [b"".as_slice(), &[7; 16], &[7; 17]] {
            assert!(Row::<Value>::read(key, &value).is_err(), "{key:?}");
        }
    }
}
