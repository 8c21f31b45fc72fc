//! Entries of the index against the rows that they lead to, and records in their order: table by
//! table, a piece at a time.
//!
//! [`index`](super::index) begins with the rows, and finds what the index lacks; this begins with the
//! entries, and finds those that no row brings. Both together read every page that is in use.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, Row, params_from_iter};
use varde_core::ports::TermKey;

use super::check::{Finding, What};
use super::index::{inherited_terms, targets};
use crate::database::Database;
use crate::error::{Fault, is_damage, is_senseless, position_of};
use crate::index::{ListKey, block};
use crate::row::terms_of;
use crate::schema::link;
use crate::writer::COMMITS;

/// What is wrong with an entry, and the position that it leads to.
type Wrong = (Option<i64>, String);

/// One of the tables to go through.
struct Table {
    name: &'static str,
    /// What is read: first the columns of the key, so many.
    columns: &'static str,
    key: &'static str,
    /// Where that is read.
    from: &'static str,
    /// Which rows of it are read.
    filter: &'static str,
    /// How many entries are checked at once.
    limit: usize,
    check: fn(&Database, &Row<'_>) -> Result<Option<Wrong>, Fault>,
    /// What an entry that is wrong is a finding of, and a table that cannot be read.
    wrong: What,
    unread: What,
}

impl Table {
    const fn of_index(
        name: &'static str,
        columns: &'static str,
        key: &'static str,
        check: fn(&Database, &Row<'_>) -> Result<Option<Wrong>, Fault>,
    ) -> Self {
        Self {
            name,
            columns,
            key,
            from: name,
            filter: "TRUE",
            limit: 500,
            check,
            wrong: What::Index,
            unread: What::Index,
        }
    }
}

const TABLES: [Table; 8] = [
    Table::of_index("statement", "id, test, position", "id, test", id),
    Table {
        // Each holds up to some hundred positions.
        limit: 32,
        ..Table::of_index(
            "posting",
            "term, scope, first, last, distances",
            "term, scope, first",
            block_of_list,
        )
    },
    Table::of_index(
        "inherited",
        "term, position",
        "term, position",
        inherited_entry,
    ),
    Table::of_index(
        "reference",
        "target, position, origin, how",
        "target, position",
        reference,
    ),
    Table::of_index("voided", "position", "position", voided),
    Table::of_index("backlog", "position", "position", waiting),
    Table {
        from: "log INDEXED BY event",
        filter: "kind <> 0",
        ..Table::of_index("event", "kind, position", "kind, position", event)
    },
    Table {
        limit: 100,
        wrong: What::Counter,
        unread: What::Pages,
        ..Table::of_index(
            "record",
            "collection, key, version, value",
            "collection, key",
            record,
        )
    },
];

/// A place between two entries; the default is before the first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntryPlace {
    table: usize,
    /// The key of the last entry before it, none at the begin of a table.
    behind: Option<Vec<Value>>,
}

/// What a check of some entries came to.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedEntries {
    /// Where to go on; `None` at the end.
    pub next: Option<EntryPlace>,
    /// How many entries were checked.
    pub checked: u64,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl EntryPlace {
    /// Returns how many tables are done with, and how many there are.
    pub fn tables(&self) -> (u64, u64) {
        (self.table as u64, TABLES.len() as u64)
    }
}

/// Checks the entries behind a place, one moment for all of them.
pub(crate) fn check(database: &Database, place: &EntryPlace) -> Result<CheckedEntries, Fault> {
    let mut checked = CheckedEntries {
        next: None,
        checked: 0,
        findings: Vec::new(),
    };
    let Some(table) = TABLES.get(place.table) else {
        return Ok(checked);
    };
    let behind = match piece(database, table, place.behind.as_ref(), &mut checked) {
        Err(Fault::Sqlite(error)) if is_damage(&error) => {
            let detail = format!("the table {} cannot be read: {error}", table.name);
            checked.findings.push(finding(table.unread, None, detail));
            None
        }
        behind => behind?,
    };
    checked.next = match behind {
        Some(behind) => Some(EntryPlace {
            table: place.table,
            behind: Some(behind),
        }),
        None => Some(EntryPlace {
            table: place.table + 1,
            behind: None,
        })
        .filter(|next| next.table < TABLES.len()),
    };
    Ok(checked)
}

/// Tells whether the log's index of events can be read and leads to events only.
pub(crate) fn events_are_found(database: &Database) -> Result<bool, Fault> {
    let event = TABLES.iter().position(|table| table.name == "event");
    let mut place = event.map(|table| EntryPlace {
        table,
        behind: None,
    });
    while let Some(from) = place.filter(|place| Some(place.table) == event) {
        let checked = check(database, &from)?;
        if !checked.findings.is_empty() {
            return Ok(false);
        }
        place = checked.next;
    }
    Ok(true)
}

fn finding(what: What, position: Option<i64>, detail: String) -> Finding {
    Finding {
        what,
        position: position.map(position_of),
        statement: None,
        detail,
    }
}

/// Checks the next entries of a table, and returns the key of the last, unless that is the end.
fn piece(
    database: &Database,
    table: &Table,
    behind: Option<&Vec<Value>>,
    checked: &mut CheckedEntries,
) -> Result<Option<Vec<Value>>, Fault> {
    let Table {
        columns,
        key,
        from,
        filter,
        limit,
        ..
    } = table;
    let count = key.split(", ").count();
    let marks = vec!["?"; count].join(", ");
    let after = behind.map_or(String::new(), |_| format!("AND ({key}) > ({marks})"));
    let sql =
        format!("SELECT {columns} FROM {from} WHERE {filter} {after} ORDER BY {key} LIMIT {limit}");
    let mut select = database.connection.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(behind.into_iter().flatten()))?;
    let (mut last, mut read) = (None, 0);
    while let Some(row) = rows.next()? {
        read += 1;
        checked.checked += 1;
        let key: rusqlite::Result<Vec<Value>> = (0..count).map(|column| row.get(column)).collect();
        last = Some(key?);
        match (table.check)(database, row) {
            // What it leads to may be damaged, which is found by itself.
            Ok(None) | Err(Fault::Damaged { .. }) => {}
            Ok(Some((position, detail))) => {
                checked
                    .findings
                    .push(finding(table.wrong, position, detail));
            }
            Err(Fault::Index(detail)) => {
                checked.findings.push(finding(table.wrong, None, detail));
            }
            Err(Fault::Sqlite(error)) if is_senseless(&error) => {
                let detail = format!("an entry of {} makes no sense: {error}", table.name);
                checked.findings.push(finding(table.wrong, None, detail));
            }
            Err(Fault::Sqlite(error)) if is_damage(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(last.filter(|_| read == *limit))
}

/// Returns what a row of the log says, if there is one. A value of the wrong kind is damage of that row,
/// which is found by itself.
fn of_log<T>(read: rusqlite::Result<T>, position: i64) -> Result<Option<T>, Fault> {
    match read.optional() {
        Err(error) if is_senseless(&error) => Err(Fault::Damaged { position, id: None }),
        read => Ok(read?),
    }
}

fn misleading(position: i64, what: &str) -> Wrong {
    (
        Some(position),
        format!("{what} leads to a row that does not bring it"),
    )
}

fn id(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    let (id, test, position): (Vec<u8>, bool, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let mut select = database
        .connection
        .prepare_cached("SELECT id, origin FROM log WHERE position = ?1 AND kind <= 0")?;
    let found = select.query_row([position], |row| Ok((row.get(0)?, row.get(1)?)));
    let found: Option<(Option<Vec<u8>>, Option<i64>)> = of_log(found, position)?;
    let Some((Some(found), Some(origin))) = found else {
        return Ok(Some(misleading(position, "an id")));
    };
    let origin = database.origin(origin)?;
    let fits = found == id && origin.is_none_or(|origin| origin.space.is_test() == test);
    if fits {
        Ok(None)
    } else {
        Ok(Some(misleading(position, "an id")))
    }
}

fn block_of_list(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    let key = ListKey {
        term: row.get(0)?,
        scope: row.get(1)?,
    };
    let (first, last): (i64, i64) = (row.get(2)?, row.get(3)?);
    let distances = row.get_ref(4)?.as_blob().unwrap_or_default();
    let mut before = 0;
    for position in block::positions(first, distances) {
        if position <= before {
            return Ok(Some(misleading(
                position,
                "a list whose positions do not rise",
            )));
        }
        if !brings(database, key, position)? {
            return Ok(Some(misleading(position, "a term")));
        }
        before = position;
    }
    if before == last {
        Ok(None)
    } else {
        Ok(Some(misleading(last, "the end of a list")))
    }
}

/// Tells whether the row at a position has a term, whatever its checksum.
fn brings(database: &Database, key: ListKey, position: i64) -> Result<bool, Fault> {
    let mut select = database
        .connection
        .prepare_cached("SELECT terms, scope, origin FROM log WHERE position = ?1 AND kind = 0")?;
    let mut rows = select.query([position])?;
    let Some(row) = rows.next()? else {
        return Ok(false);
    };
    let term = TermKey(key.term.cast_unsigned());
    let column = usize::from(key.scope);
    if let Some(terms) = row.get_ref(column)?.as_blob_or_null().ok().flatten() {
        return Ok(terms_of(terms).contains(&term));
    }
    if !key.scope {
        return Ok(false);
    }
    let origin = match row.get_ref(2)?.as_i64() {
        Ok(origin) => database.origin(origin)?,
        Err(_) => None,
    };
    Ok(origin.is_some_and(|origin| origin.scope.contains(&term)))
}

fn inherited_entry(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    const WHAT: &str = "an inherited term";
    let (term, position): (i64, i64) = (row.get(0)?, row.get(1)?);
    if !database.reaches(position)? {
        return Ok(Some(misleading(position, WHAT)));
    }
    let heir = database.row(position)?;
    let Some(own) = heir.link() else {
        return Ok(Some(misleading(position, WHAT)));
    };
    let inherits = inherited_terms(database, &heir, own)?;
    if inherits.contains(&TermKey(term.cast_unsigned())) {
        Ok(None)
    } else {
        Ok(Some(misleading(position, WHAT)))
    }
}

fn reference(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    const WHAT: &str = "a reference";
    let (target, position): (Vec<u8>, i64) = (row.get(0)?, row.get(1)?);
    let (origin, how): (i64, i64) = (row.get(2)?, row.get(3)?);
    if !database.reaches(position)? {
        return Ok(Some(misleading(position, WHAT)));
    }
    let naming = database.row(position)?;
    let named = targets(&naming).into_iter();
    let named = named.filter(|(named, _)| named.0.as_bytes() == target.as_slice());
    let said = named.fold(0, |said, (_, how)| said | how);
    let mut select = database
        .connection
        .prepare_cached("SELECT origin FROM log WHERE position = ?1")?;
    let from = of_log(select.query_row([position], |row| row.get(0)), position)?;
    if said == how && from == Some(origin) {
        Ok(None)
    } else {
        Ok(Some(misleading(position, WHAT)))
    }
}

fn voided(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    const WHAT: &str = "a mark of what is voided";
    let position: i64 = row.get(0)?;
    if !database.reaches(position)? {
        return Ok(Some(misleading(position, WHAT)));
    }
    let target = database.row(position)?;
    let Some(own) = target.link().filter(|own| own.voids.is_none()) else {
        return Ok(Some(misleading(position, WHAT)));
    };
    let naming = database.naming(own.id, own.space)?;
    if naming.iter().any(|other| other.how & link::VOIDS != 0) {
        Ok(None)
    } else {
        Ok(Some(misleading(position, WHAT)))
    }
}

fn waiting(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    let position: i64 = row.get(0)?;
    if database.reaches(position)? && database.row(position)?.statement().is_some() {
        Ok(None)
    } else {
        Ok(Some(misleading(
            position,
            "a note of what is still to be inherited",
        )))
    }
}

fn event(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    let (kind, position): (i64, i64) = (row.get(0)?, row.get(1)?);
    let mut select = database
        .connection
        .prepare_cached("SELECT kind FROM log NOT INDEXED WHERE position = ?1")?;
    let found = of_log(select.query_row([position], |row| row.get(0)), position)?;
    if found == Some(kind) {
        Ok(None)
    } else {
        Ok(Some(misleading(position, "a kind of event")))
    }
}

/// A record has the number of the commit that wrote it, so none is behind the last.
fn record(database: &Database, row: &Row<'_>) -> Result<Option<Wrong>, Fault> {
    let (collection, version): (String, i64) = (row.get(0)?, row.get(2)?);
    row.get_ref(3)?;
    let commits = database.meta(COMMITS)?.unwrap_or_default();
    Ok((version > commits).then(|| {
        let detail = format!(
            "a record of {collection} has the version {version}, and the last commit is {commits}"
        );
        (None, detail)
    }))
}
