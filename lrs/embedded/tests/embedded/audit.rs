//! Compares what is derived from the log with what the log itself says, in plain terms.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};
use uuid::Uuid;

type Id = Vec<u8>;

/// A row of the log, as far as the indexes depend on it.
struct Logged {
    position: i64,
    stored: i64,
    id: Option<Id>,
    space: Option<String>,
    refers_to: Option<Id>,
    voids: Option<Id>,
    terms: Vec<i64>,
    scope: Vec<i64>,
}

impl Logged {
    fn is_test(&self) -> bool {
        let space = self.space.as_ref();
        space.is_some_and(|space| space.ends_with(":test"))
    }
}

/// Checks the database of a folder: positions without a gap, `stored` rising, and every index
/// equal to one that is made anew. Returns how many rows the log has.
pub(crate) fn audit(folder: &Path) -> usize {
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = Connection::open_with_flags(folder.join("varde.db"), read_only).expect("opened");
    let sound: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("checked");
    assert_eq!(sound, "ok");
    let log = read_log(&database);
    for (row, position) in log.iter().zip(1..) {
        assert_eq!(row.position, position, "a gap in the log");
    }
    assert!(
        log.windows(2).all(|two| two[0].stored < two[1].stored),
        "`stored` does not rise"
    );
    let anew = Anew::new(&log);
    assert_eq!(
        read(&database, "SELECT hex(id) || test, position FROM statement"),
        anew.positions()
    );
    assert!(
        postings(&database) == anew.postings(),
        "the postings differ from those made anew"
    );
    let inherited = read(
        &database,
        "SELECT term || ' ' || position, 1 FROM inherited",
    );
    assert!(
        inherited == anew.inherited(),
        "the inherited entries differ from those made anew"
    );
    let backlog: i64 = database
        .query_row("SELECT count(*) FROM backlog", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(backlog, 0, "nothing is left to be inherited");
    assert_eq!(
        read(&database, "SELECT position, 1 FROM voided"),
        anew.voided()
    );
    let references = read(
        &database,
        "SELECT hex(target) || ' ' || position, how FROM reference",
    );
    assert_eq!(references, anew.references());
    log.len()
}

fn read<K: rusqlite::types::FromSql + Ord, V: rusqlite::types::FromSql>(
    database: &Connection,
    sql: &str,
) -> BTreeMap<K, V> {
    let mut select = database.prepare(sql).expect("prepared");
    let rows = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("read");
    rows.collect::<Result<_, _>>().expect("read")
}

/// Returns the positions of all blocks, by term and whether it is scope.
fn postings(database: &Connection) -> BTreeSet<(i64, bool, i64)> {
    let mut select = database
        .prepare("SELECT term, scope, first, last, distances FROM posting")
        .expect("prepared");
    let mut rows = select.query([]).expect("read");
    let mut postings = BTreeSet::new();
    while let Some(row) = rows.next().expect("read") {
        let (term, scope) = (row.get(0).expect("read"), row.get(1).expect("read"));
        let (mut position, last): (i64, i64) =
            (row.get(2).expect("read"), row.get(3).expect("read"));
        let distances: Vec<u8> = row.get(4).expect("read");
        assert!(postings.insert((term, scope, position)), "a position twice");
        let (mut distance, mut shift) = (0, 0);
        for byte in distances {
            distance |= i64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                position += distance;
                (distance, shift) = (0, 0);
                assert!(postings.insert((term, scope, position)), "a position twice");
            }
        }
        assert_eq!(position, last);
    }
    postings
}

fn read_log(database: &Connection) -> Vec<Logged> {
    let mut select = database
        .prepare(
            "SELECT position, stored, id, space, refers_to, voids, terms, coalesce(log.scope, origin.scope)
             FROM log LEFT JOIN origin ON origin = number ORDER BY position",
        )
        .expect("prepared");
    let terms = |row: &Row<'_>, column| -> rusqlite::Result<Vec<i64>> {
        let bytes: Option<Vec<u8>> = row.get(column)?;
        let bytes = bytes.unwrap_or_default();
        let (terms, rest) = bytes.as_chunks::<8>();
        assert!(rest.is_empty());
        Ok(terms.iter().map(|term| i64::from_be_bytes(*term)).collect())
    };
    let rows = select.query_map([], |row| {
        Ok(Logged {
            position: row.get(0)?,
            stored: row.get(1)?,
            id: row.get(2)?,
            space: row.get(3)?,
            refers_to: row.get(4)?,
            voids: row.get(5)?,
            terms: terms(row, 6)?,
            scope: terms(row, 7)?,
        })
    });
    rows.expect("read").collect::<Result<_, _>>().expect("read")
}

/// The indexes, made anew from the whole log at once.
struct Anew<'a> {
    log: &'a [Logged],
    /// By id, live and test spaces apart.
    by_id: BTreeMap<(&'a Id, bool), &'a Logged>,
}

impl<'a> Anew<'a> {
    fn new(log: &'a [Logged]) -> Self {
        let by_id = log
            .iter()
            .filter_map(|row| Some(((row.id.as_ref()?, row.is_test()), row)))
            .collect();
        Self { log, by_id }
    }

    fn positions(&self) -> BTreeMap<String, i64> {
        let named = |((id, test), row): (&(&Id, bool), &&Logged)| {
            let id = Uuid::from_slice(id).expect("16 bytes").simple();
            (format!("{id:X}{}", i32::from(*test)), row.position)
        };
        self.by_id.iter().map(named).collect()
    }

    /// Returns what a row refers to, however far, in its own space.
    fn behind(&self, row: &'a Logged) -> Vec<&'a Logged> {
        let mut seen: BTreeSet<&Id> = row.id.iter().collect();
        let (mut links, mut next) = (Vec::new(), row.refers_to.as_ref());
        while let Some(target) = next.filter(|target| seen.insert(target)) {
            let Some(link) = self
                .by_id
                .get(&(target, row.is_test()))
                .filter(|link| link.space == row.space)
            else {
                break;
            };
            links.push(*link);
            next = link.refers_to.as_ref();
        }
        links
    }

    fn postings(&self) -> BTreeSet<(i64, bool, i64)> {
        let mut postings = BTreeSet::new();
        for row in self.log {
            postings.extend(row.terms.iter().map(|term| (*term, false, row.position)));
            postings.extend(row.scope.iter().map(|term| (*term, true, row.position)));
        }
        postings
    }

    fn inherited(&self) -> BTreeMap<String, i64> {
        let terms = |row: &'a Logged| {
            let behind = self.behind(row).into_iter().flat_map(|link| &link.terms);
            behind.filter(|term| !row.terms.contains(term))
        };
        let named = |row: &Logged, term: &i64| (format!("{term} {}", row.position), 1);
        let inherited = self
            .log
            .iter()
            .flat_map(|row| terms(row).map(|term| named(row, term)));
        inherited.collect()
    }

    fn voided(&self) -> BTreeMap<i64, i64> {
        let voids = |voiding: &Logged| {
            let target = self
                .by_id
                .get(&(voiding.voids.as_ref()?, voiding.is_test()))?;
            let voided = target.space == voiding.space && target.voids.is_none();
            voided.then_some((target.position, 1))
        };
        self.log.iter().filter_map(voids).collect()
    }

    fn references(&self) -> BTreeMap<String, i64> {
        let mut references = BTreeMap::new();
        for row in self.log {
            for (target, how) in [(&row.refers_to, 1), (&row.voids, 2)] {
                let Some(target) = target else { continue };
                let id = Uuid::from_slice(target).expect("16 bytes").simple();
                *references
                    .entry(format!("{id:X} {}", row.position))
                    .or_default() |= how;
            }
        }
        references
    }
}
