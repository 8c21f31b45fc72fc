//! The tables, and the settings of a connection.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::bodies;

/// Marks the file as ours (`Vard` in ASCII), in the header field that SQLite keeps for this.
pub(crate) const APPLICATION_ID: i64 = 0x5661_7264;
/// The format that this version makes and reads.
pub(crate) const FORMAT: i64 = 2;

/// What one statement says of another: bits of `reference.how`.
pub(crate) mod link {
    pub(crate) const REFERS: i64 = 1;
    pub(crate) const VOIDS: i64 = 2;
}

/// The tables that are as they were in the first format. `log` is the record; `meta`, `origin`,
/// `dictionary` and `record` are data too. The rest is derived from `log`.
const TABLES: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE log(
    position INTEGER PRIMARY KEY,
    stored INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    origin INTEGER,
    id BLOB,
    id_text TEXT,
    version TEXT,
    timestamp INTEGER,
    equality BLOB,
    refers_to BLOB,
    voids BLOB,
    terms BLOB,
    scope BLOB,
    dict INTEGER NOT NULL,
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE INDEX event ON log(kind, position) WHERE kind <> 0;
CREATE TABLE statement(
    id BLOB,
    test INTEGER,
    position INTEGER NOT NULL,
    PRIMARY KEY(id, test)
) WITHOUT ROWID;
CREATE TABLE reference(
    target BLOB,
    position INTEGER,
    origin INTEGER NOT NULL,
    how INTEGER NOT NULL,
    PRIMARY KEY(target, position)
) WITHOUT ROWID;
CREATE TABLE voided(position INTEGER PRIMARY KEY);
CREATE TABLE record(
    collection TEXT,
    key BLOB,
    value BLOB NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY(collection, key)
) WITHOUT ROWID;
";

/// The tables that the second format brought.
///
/// `posting` and `statement` follow the log: entries behind `meta.indexed` are in memory. Entries
/// that a statement inherits are in `inherited`, written with the arrival that brings them, unless
/// there are too many for one transaction; then `backlog` names the arrival.
pub(crate) const TABLES_2: &str = "
CREATE TABLE origin(
    number INTEGER PRIMARY KEY,
    space TEXT NOT NULL,
    key BLOB NOT NULL,
    authority TEXT NOT NULL,
    scope BLOB NOT NULL,
    UNIQUE(space, key, authority, scope)
);
CREATE TABLE posting(
    term INTEGER,
    scope INTEGER,
    first INTEGER,
    last INTEGER NOT NULL,
    distances BLOB NOT NULL,
    PRIMARY KEY(term, scope, first)
) WITHOUT ROWID;
CREATE TABLE inherited(
    term INTEGER,
    position INTEGER,
    PRIMARY KEY(term, position)
) WITHOUT ROWID;
CREATE TABLE backlog(position INTEGER PRIMARY KEY);
CREATE TABLE dictionary(
    version INTEGER PRIMARY KEY,
    trained_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
";

/// Makes the tables in an empty database, all or none.
pub(crate) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES} {TABLES_2}
         INSERT INTO meta VALUES ('format', {FORMAT});
         PRAGMA application_id = {APPLICATION_ID};"
    ))?;
    insert_first_dictionary(connection)?;
    connection.execute_batch("COMMIT")
}

/// Puts the dictionary into a database that a new store begins with.
pub(crate) fn insert_first_dictionary(connection: &Connection) -> rusqlite::Result<()> {
    let first = (bodies::FIRST_VERSION, bodies::FIRST.as_bytes());
    let sql = "INSERT INTO dictionary VALUES (?1, 0, ?2)";
    connection.execute(sql, first).map(drop)
}

/// Sets up the connection that writes. Each commit is synced before it returns.
pub(crate) fn set_up_writer(connection: &Connection) -> rusqlite::Result<()> {
    // The cache keeps the inner pages of the indexes at hand; the long log before a checkpoint
    // lets one page be written once for many commits.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -49152;
         PRAGMA wal_autocheckpoint = 16000;
         PRAGMA mmap_size = 0;
         PRAGMA trusted_schema = OFF;",
    )?;
    set_up(connection)
}

/// Sets up a connection that reads, with so many KiB for pages.
pub(crate) fn set_up_reader(connection: &Connection, cache_kib: usize) -> rusqlite::Result<()> {
    // Pages that a cache lacks come from the system's own.
    connection.execute_batch(&format!(
        "PRAGMA query_only = ON;
         PRAGMA cache_size = -{cache_kib};
         PRAGMA mmap_size = 0;
         PRAGMA trusted_schema = OFF;",
    ))?;
    set_up(connection)
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise SQLite makes a new plan whenever a bound value changes that a better plan might
    // depend on, such as the end of a range: several times the work of reading the range.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Only a foreign program can hold the database; a short wait is all that it gets.
    connection.busy_timeout(std::time::Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound_to_it() {
        let connection = Connection::open_in_memory().expect("opened");
        set_up(&connection).expect("set up");
        create(&connection).expect("the tables are made");
        let mut select = connection
            .prepare("SELECT last FROM posting WHERE term = ?1 AND first <= ?2 LIMIT ?3")
            .expect("prepared");
        for bound in 1..5 {
            assert!(!select.exists([bound, bound, bound]).expect("read"));
        }
        assert_eq!(select.get_status(StatementStatus::RePrepare), 0);
    }
}
