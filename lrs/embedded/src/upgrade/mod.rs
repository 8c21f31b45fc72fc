//! From an earlier format to this one, by numbered migrations.
//!
//! `meta.format` is the number of the last migration that was done. While the next is on its way it is
//! that one's number, negative, which every version refuses to open. A migration takes a part at a time,
//! each in a transaction that also says what is left, so a process that ends in the middle costs one
//! part, and whoever goes on does the rest.

mod to_2;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};
use varde_xapi::Stored;

use crate::care::{Progress, Watch};
use crate::error::OpenError;
use crate::folder::{DataFolder, Folder};
use crate::schema::FORMAT;

/// How many rows are carried over in one transaction.
const ROWS_MAX: u32 = 10_000;
/// What the connection that only looks keeps of pages, in KiB.
const CACHE_KIB: usize = 2 * 1024;

/// Every migration, each to the format behind the one before it.
const MIGRATIONS: &[Migration] = &[to_2::MIGRATION];

/// A change of format. Each function is called in a transaction.
struct Migration {
    /// The format that it brings about.
    to: i64,
    /// What it does, for the operator.
    what: &'static str,
    /// Returns how many rows are left to be carried over, begun or not.
    rows: fn(&Connection, bool) -> rusqlite::Result<i64>,
    /// Makes what the rows are carried into.
    begin: fn(&Connection) -> rusqlite::Result<()>,
    /// Carries over up to so many rows, and returns how many; 0 when none were left.
    step: fn(&Connection, u32) -> rusqlite::Result<usize>,
    /// Takes away what they were carried from.
    end: fn(&Connection) -> rusqlite::Result<()>,
}

/// What stands between a store and the format of this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The format that the store has; the one that it had, where a migration is on its way.
    pub found: i64,
    /// The format that this version needs.
    pub needed: i64,
    /// Whether the first of the migrations was begun, and not finished.
    pub begun: bool,
    /// The migrations to be done, in this order.
    pub migrations: Vec<Planned>,
    /// The size of the database. A migration may take as much room again.
    pub bytes: u64,
    /// When the last event of the log was stored.
    pub last_event: Option<Stored>,
}

/// A migration to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The format that it brings about, which is its number.
    pub to: i64,
    /// What it does.
    pub what: &'static str,
    /// How many rows it carries over, as far as that can be counted before the ones before it are done.
    pub rows: Option<u64>,
}

/// Tells what is to be done to a data folder. It may be in use: it is only read. `None` where there is no
/// store.
pub fn plan(data: &Path) -> Result<Option<Plan>, OpenError> {
    let folder = Folder::at(data);
    if !folder.database().is_file() {
        return Ok(None);
    }
    let failed = |error| folder.unopened(error);
    let connection = folder.reader(CACHE_KIB).map_err(failed)?;
    if !folder.is_ours(&connection)? {
        return Ok(None);
    }
    let plan = planned(&connection, MIGRATIONS).map_err(failed)?;
    folder.check_known(format(&connection).map_err(failed)?)?;
    Ok(Some(plan))
}

/// Carries out the migrations that are to be done to a data folder, and returns how many those were.
pub fn upgrade(data: &DataFolder, watch: Watch<'_>) -> Result<usize, OpenError> {
    upgrade_by(data, ROWS_MAX, watch)
}

/// Does the same by so many rows at a time, 1 or more.
pub fn upgrade_by(data: &DataFolder, rows_max: u32, watch: Watch<'_>) -> Result<usize, OpenError> {
    let folder = &data.folder;
    let failed = |error| folder.unopened(error);
    if !folder.database().is_file() {
        return Ok(0);
    }
    let connection = folder.write_to_any().map_err(failed)?;
    if !folder.is_ours(&connection)? {
        return Ok(0);
    }
    folder.check_known(format(&connection).map_err(failed)?)?;
    carry_out(&connection, MIGRATIONS, rows_max, watch).map_err(failed)
}

fn format(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT value FROM meta WHERE name = 'format'";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Returns the number of the last migration that was done.
fn done_through(format: i64) -> i64 {
    if format < 0 { -format - 1 } else { format }
}

fn planned(connection: &Connection, migrations: &[Migration]) -> rusqlite::Result<Plan> {
    let format = format(connection)?;
    let (begun, found) = (format < 0, done_through(format));
    let to_do = migrations.iter().filter(|migration| migration.to > found);
    let mut planned = Vec::new();
    for migration in to_do {
        // What a later one finds is made by those before it.
        let rows = if planned.is_empty() {
            Some((migration.rows)(connection, begun)?.unsigned_abs())
        } else {
            None
        };
        planned.push(Planned {
            to: migration.to,
            what: migration.what,
            rows,
        });
    }
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let bytes: i64 = connection.query_row(size, [], |row| row.get(0))?;
    let last = "SELECT stored FROM log ORDER BY position DESC LIMIT 1";
    let last = connection
        .query_row(last, [], |row| row.get(0))
        .optional()?;
    Ok(Plan {
        found,
        needed: migrations.last().map_or(FORMAT, |last| last.to),
        begun,
        migrations: planned,
        bytes: bytes.unsigned_abs(),
        last_event: last.map(Stored),
    })
}

fn carry_out(
    connection: &Connection,
    migrations: &[Migration],
    rows_max: u32,
    watch: Watch<'_>,
) -> rusqlite::Result<usize> {
    let mut count = 0;
    for migration in migrations {
        let found = format(connection)?;
        if done_through(found) >= migration.to {
            continue;
        }
        if found > 0 {
            tracing::info!(to = migration.to, "a migration begins: {}", migration.what);
            transact(connection, || {
                (migration.begin)(connection)?;
                set_format(connection, -migration.to)
            })?;
        }
        let of = (migration.rows)(connection, true)?.unsigned_abs();
        let mut done = 0;
        loop {
            let rows = transact(connection, || (migration.step)(connection, rows_max))?;
            if rows == 0 {
                break;
            }
            done += rows as u64;
            let what = "upgrading, in rows";
            watch(Progress { what, done, of });
        }
        transact(connection, || {
            (migration.end)(connection)?;
            set_format(connection, migration.to)
        })?;
        count += 1;
    }
    Ok(count)
}

fn set_format(connection: &Connection, format: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE meta SET value = ?1 WHERE name = 'format'";
    connection.execute(sql, [format]).map(drop)
}

fn transact<T>(
    connection: &Connection,
    work: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = work();
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.execute_batch(end);
    done.and_then(|done| ended.map(|()| done))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A migration that moves the rows of a table into another, of twice the value.
    macro_rules! doubling {
        ($to:literal, $from:literal, $into:literal) => {
            Migration {
                to: $to,
                what: "numbers are doubled",
                rows: |connection, _| {
                    let sql = concat!("SELECT count(*) FROM ", $from);
                    connection.query_row(sql, [], |row| row.get(0))
                },
                begin: |connection| {
                    let sql = concat!("CREATE TABLE ", $into, "(value INTEGER)");
                    connection.execute_batch(sql)
                },
                step: |connection, rows_max| {
                    let some = concat!("SELECT rowid FROM ", $from, " ORDER BY rowid LIMIT ?1");
                    let sql = concat!("INSERT INTO ", $into, " SELECT value * 2 FROM ", $from);
                    let sql = format!("{sql} WHERE rowid IN ({some})");
                    connection.execute(&sql, [rows_max])?;
                    let sql = format!(concat!("DELETE FROM ", $from, " WHERE rowid IN ({})"), some);
                    connection.execute(&sql, [rows_max])
                },
                end: |connection| connection.execute_batch(concat!("DROP TABLE ", $from)),
            }
        };
    }

    const TWO: &[Migration] = &[doubling!(2, "one", "two"), doubling!(3, "two", "three")];

    fn old(path: &Path) -> Connection {
        let connection = Connection::open(path).expect("opened");
        connection
            .execute_batch(
                "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER);
                 CREATE TABLE log(position INTEGER PRIMARY KEY, stored INTEGER);
                 CREATE TABLE one(value INTEGER);
                 INSERT INTO meta VALUES ('format', 1);
                 INSERT INTO log VALUES (1, 5), (2, 7);
                 INSERT INTO one VALUES (1), (2), (3), (4), (5), (6), (7);",
            )
            .expect("made");
        connection
    }

    fn sum(connection: &Connection) -> (i64, i64) {
        let sql = "SELECT count(*), sum(value) FROM three";
        let read = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        read.expect("read")
    }

    /// What a kill leaves at each moment is what the file holds then: each such copy is gone on with.
    #[test]
    fn migrations_that_are_killed_at_any_moment_are_gone_on_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        let connection = old(&path);
        let plan = planned(&connection, TWO).expect("planned");
        let rows: Vec<_> = plan
            .migrations
            .iter()
            .map(|one| (one.to, one.rows))
            .collect();
        assert_eq!(rows, [(2, Some(7)), (3, None)]);
        assert_eq!((plan.found, plan.needed, plan.begun), (1, 3, false));
        assert_eq!(plan.last_event, Some(Stored(7)));

        let mut copies = Vec::new();
        let mut copy = |_| {
            let to = folder.path().join(format!("copy-{}", copies.len()));
            std::fs::copy(&path, &to).expect("copied");
            copies.push(to);
        };
        let done = carry_out(&connection, TWO, 2, &mut copy).expect("carried out");
        assert_eq!(done, 2);
        assert_eq!(sum(&connection), (7, 4 * 28));
        assert_eq!(copies.len(), 8, "four parts of each");
        for (number, copy) in copies.iter().enumerate() {
            let connection = Connection::open(copy).expect("opened");
            let plan = planned(&connection, TWO).expect("planned");
            let done = number / 4;
            assert!(plan.begun);
            assert_eq!(plan.migrations.len(), 2 - done);
            let left = 7_u64.saturating_sub(2 * (number as u64 % 4 + 1));
            assert_eq!(plan.migrations[0].rows, Some(left), "{number}");
            let count = carry_out(&connection, TWO, 2, &mut |_| {}).expect("gone on");
            assert_eq!(count, 2 - done);
            assert_eq!(sum(&connection), (7, 4 * 28), "{number}");
            assert_eq!(format(&connection).expect("read"), 3);
        }
    }

    #[test]
    fn a_migration_that_fails_leaves_what_was_done() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = old(&folder.path().join("old.db"));
        connection
            .execute_batch("CREATE TABLE three(value INTEGER)")
            .expect("it stands in the way");
        carry_out(&connection, TWO, 100, &mut |_| {}).expect_err("failed");
        assert_eq!(format(&connection).expect("read"), 2);
    }

    #[test]
    fn the_migrations_lead_to_the_present_format_one_by_one() {
        let numbers: Vec<_> = MIGRATIONS.iter().map(|migration| migration.to).collect();
        assert_eq!(numbers, (2..=FORMAT).collect::<Vec<_>>());
    }
}
