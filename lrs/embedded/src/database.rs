//! One connection to the database, and what both sides read through it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Params, Row};
use varde_core::Space;
use varde_core::ports::{Collection, Record, TermKey};
use varde_xapi::{StatementId, Stored};

use crate::bodies::Unpacker;
use crate::error::{Fault, of_index};
use crate::index::IdKey;
use crate::index::newest::View;
use crate::origin::{Origin, Origins, Source};
use crate::row::{self, Whole, columns};

/// The terms of a statement that is referred to, and whom it refers to in turn.
pub(crate) type Referred = (Vec<TermKey>, Option<StatementId>);

/// A connection, what goes with it in memory, and what it has met.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) connection: Connection,
    /// The index entries in memory that go with what the connection reads.
    pub(crate) view: Option<View>,
    /// Where the writer's own statements stand that are not committed yet.
    pub(crate) uncommitted: RefCell<HashMap<IdKey, i64>>,
    /// Another connection that reads the log, while this one writes an index anew: one that met a
    /// malformed page in a transaction would write no more.
    pub(crate) log: Option<Connection>,
    origins: RefCell<Origins>,
    unpacker: RefCell<Unpacker>,
}

impl Database {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            view: None,
            uncommitted: RefCell::default(),
            log: None,
            origins: RefCell::default(),
            unpacker: RefCell::default(),
        }
    }

    /// Returns the connection that reads rows.
    pub(crate) fn log(&self) -> &Connection {
        self.log.as_ref().unwrap_or(&self.connection)
    }

    /// Executes a statement that gives no rows.
    pub(crate) fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }

    /// Returns the last position, 0 when the log is empty.
    pub(crate) fn head(&self) -> rusqlite::Result<i64> {
        self.number("SELECT coalesce(max(position), 0) FROM log", [])
            .map(Option::unwrap_or_default)
    }

    /// Returns when the event at a position was stored.
    pub(crate) fn stored(&self, position: i64) -> rusqlite::Result<Option<Stored>> {
        let stored = self.number("SELECT stored FROM log WHERE position = ?1", [position])?;
        Ok(stored.map(Stored))
    }

    /// Returns where the statement of that id stands, in whichever live space or test space.
    pub(crate) fn find(&self, id: StatementId, test: bool) -> Result<Option<i64>, Fault> {
        if let Some(position) = self.find_in_memory(id, test) {
            return Ok(Some(position));
        }
        let sql = "SELECT position FROM statement WHERE id = ?1 AND test = ?2";
        self.number(sql, (id.0.as_bytes(), test)).map_err(of_index)
    }

    /// Returns where the statement of that id stands, as far as memory knows.
    pub(crate) fn find_in_memory(&self, id: StatementId, test: bool) -> Option<i64> {
        let key = (id, test);
        let uncommitted = self.uncommitted.borrow().get(&key).copied();
        uncommitted.or_else(|| self.view.as_ref().and_then(|view| view.find(&key)))
    }

    pub(crate) fn is_voided(&self, position: i64) -> rusqlite::Result<bool> {
        let found = self.number("SELECT 1 FROM voided WHERE position = ?1", [position])?;
        Ok(found.is_some())
    }

    /// Returns a number that a process left for the next one.
    pub(crate) fn meta(&self, name: &str) -> rusqlite::Result<Option<i64>> {
        self.number("SELECT value FROM meta WHERE name = ?1", [name])
    }

    fn number(&self, sql: &str, params: impl Params) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached(sql)?
            .query_row(params, |row| row.get(0))
            .optional()
    }

    /// Returns the row at a position that must be there.
    pub(crate) fn row(&self, position: i64) -> Result<Whole, Fault> {
        let sql = concat!("SELECT ", columns!(), " FROM log WHERE position = ?1");
        let mut found = self.rows(sql, [position], row::read)?;
        found.pop().ok_or(Fault::Damaged { position, id: None })
    }

    /// Returns the row to which the index says that an id leads, if the row says so too.
    pub(crate) fn row_of(&self, (id, test): IdKey, position: i64) -> Result<Whole, Fault> {
        match self.row(position) {
            Ok(row) if row.link().is_some_and(|own| own.key() == (id, test)) => Ok(row),
            Err(Fault::Damaged { .. }) if !self.reaches(position)? => Err(misled(id, position)),
            Ok(_) => Err(misled(id, position)),
            damaged => damaged,
        }
    }

    /// Tells whether the log has come as far as a position.
    pub(crate) fn reaches(&self, position: i64) -> rusqlite::Result<bool> {
        Ok((1..=self.head()?).contains(&position))
    }

    /// Returns what the statement at a position names as its target.
    pub(crate) fn targets(&self, position: i64) -> Result<Vec<StatementId>, Fault> {
        let row = self.row(position)?;
        let link = row.link().map(|own| [own.refers_to, own.voids]);
        Ok(link.into_iter().flatten().flatten().collect())
    }

    /// Returns the rows of a query over [`columns!`], each as it is read.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl Fn(&Row<'_>, &Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut select = self.log().prepare_cached(sql)?;
        let mut rows = select.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row, self)?);
        }
        Ok(found)
    }

    pub(crate) fn origin(&self, number: i64) -> rusqlite::Result<Option<Arc<Origin>>> {
        self.origins.borrow_mut().get(&self.connection, number)
    }

    pub(crate) fn origin_of(&self, source: Source<'_>) -> rusqlite::Result<Arc<Origin>> {
        self.origins.borrow_mut().of(&self.connection, source)
    }

    /// Returns the text of a body; `None` when it cannot be had.
    pub(crate) fn unpack(&self, dictionary: i64, bytes: &[u8]) -> rusqlite::Result<Option<String>> {
        let mut unpacker = self.unpacker.borrow_mut();
        unpacker.unpack(&self.connection, dictionary, bytes)
    }

    /// Forgets what a rolled back transaction took back.
    pub(crate) fn forget_uncommitted(&self) {
        self.origins.borrow_mut().forget();
        self.uncommitted.borrow_mut().clear();
    }

    /// Visits the terms of each statement that is referred to, however far, as long as the next
    /// one is there, in the same space, and not visited before.
    pub(crate) fn walk_references(
        &self,
        (from, space): (StatementId, &Space),
        refers_to: Option<StatementId>,
        mut visit: impl FnMut(&[TermKey]) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut seen = HashSet::from([from]);
        let mut next = refers_to;
        while let Some(target) = next.filter(|target| seen.insert(*target)) {
            let Some((terms, behind)) = self.referred(target, space)? else {
                break;
            };
            next = behind;
            if visit(&terms).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Returns the terms of a statement that is referred to, and whom it refers to in turn; `None`
    /// when it is not there or stands in another space.
    pub(crate) fn referred(
        &self,
        target: StatementId,
        space: &Space,
    ) -> Result<Option<Referred>, Fault> {
        let key = (target, space.is_test());
        let Some(position) = self.find(target, space.is_test())? else {
            return Ok(None);
        };
        let row = self.row_of(key, position)?;
        let linked = row.link().filter(|target| target.space == space);
        let refers_to = linked.map(|linked| linked.refers_to);
        Ok(refers_to.map(|refers_to| (row.terms, refers_to)))
    }

    /// Returns a record.
    pub(crate) fn record(
        &self,
        collection: Collection,
        key: &[u8],
    ) -> rusqlite::Result<Option<Record>> {
        let mut select = self.connection.prepare_cached(
            "SELECT key, value, version FROM record WHERE collection = ?1 AND key = ?2",
        )?;
        select
            .query_row((collection.0, key), read_record)
            .optional()
    }
}

/// Tells of an id in the index that leads to a row of another.
pub(crate) fn misled(id: StatementId, position: i64) -> Fault {
    Fault::misleading(&format!("the id {id}"), position)
}

/// Reads the key, value and version of a record.
pub(crate) fn read_record(row: &rusqlite::Row<'_>) -> rusqlite::Result<Record> {
    let version: i64 = row.get(2)?;
    Ok(Record {
        key: row.get(0)?,
        value: row.get(1)?,
        version: version.unsigned_abs(),
    })
}
