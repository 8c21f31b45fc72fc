//! What a new statement means for those it refers to, and for those that refer to it.

use std::collections::HashSet;
use std::ops::ControlFlow;

use rusqlite::Row;
use varde_core::Space;
use varde_core::ports::{NewStatement, TermKey};
use varde_xapi::{StatementId, Stored};

use super::group::Group;
use crate::database::Database;
use crate::error::{Fault, of_index};
use crate::row::Place;
use crate::schema::link;

/// The most index entries that are inherited in the transaction of the arrival that brings them.
pub(super) const INHERITED_MAX: usize = 10_000;

/// A statement that names another as its target.
pub(crate) struct Naming {
    position: i64,
    pub(crate) how: i64,
}

impl Group<'_> {
    /// Connects a new statement with the others of its space: marks who is voided, and lets
    /// index entries be inherited along references.
    pub(super) fn connect(
        &mut self,
        new: &NewStatement,
        place: Place,
        origin: i64,
    ) -> Result<(), Fault> {
        let naming = self.database.naming(new.id, &new.space)?;
        if new.voids.is_none() && naming.iter().any(|other| other.how & link::VOIDS != 0) {
            self.mark_voided(place.position)?;
        }
        if new.refers_to.is_some() || new.voids.is_some() {
            self.name_targets(new, place.position, origin)?;
        }
        if new.refers_to.is_none() && naming.is_empty() {
            return Ok(());
        }
        let mut inheritance = Inheritance::of(place, new);
        if !inheritance.advance(self.database, INHERITED_MAX)? {
            inheritance.remember(self.database)?;
            self.unfinished.push(inheritance);
        }
        Ok(())
    }

    /// Notes whom a new statement names, and voids the one that it voids.
    fn name_targets(&self, new: &NewStatement, position: i64, origin: i64) -> Result<(), Fault> {
        let mut write = self.connection().prepare_cached(
            "INSERT INTO reference VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET how = how | excluded.how",
        )?;
        for (target, how) in [(new.refers_to, link::REFERS), (new.voids, link::VOIDS)] {
            if let Some(target) = target {
                write.execute((target.0.as_bytes(), position, origin, how))?;
            }
        }
        match new.voids {
            Some(target) => self.void(target, &new.space),
            None => Ok(()),
        }
    }

    /// Marks the target as voided when it is there, in this space, and voids nothing itself. So is
    /// what is left of an erased statement, which may be restored.
    fn void(&self, target: StatementId, space: &Space) -> Result<(), Fault> {
        let Some(position) = self.database.find(target, space.is_test())? else {
            return Ok(());
        };
        let row = self.database.row_of((target, space.is_test()), position)?;
        let voidable = row
            .link()
            .is_some_and(|target| target.space == space && target.voids.is_none());
        if voidable {
            self.mark_voided(position)
        } else {
            Ok(())
        }
    }

    fn mark_voided(&self, position: i64) -> Result<(), Fault> {
        let mut write = self
            .connection()
            .prepare_cached("INSERT OR IGNORE INTO voided VALUES (?1)")?;
        write.execute([position])?;
        Ok(())
    }

    /// Returns the terms of everything that a statement refers to, however far.
    pub(super) fn terms_behind(
        &self,
        from: (StatementId, &Space),
        refers_to: Option<StatementId>,
    ) -> Result<Vec<TermKey>, Fault> {
        let mut terms = Vec::new();
        self.database.walk_references(from, refers_to, |own| {
            terms.extend_from_slice(own);
            ControlFlow::Continue(())
        })?;
        terms.sort_unstable();
        terms.dedup();
        Ok(terms)
    }

    /// Returns the positions of everything that refers to a statement, however far.
    pub(super) fn referring(
        &self,
        naming: Vec<Naming>,
        space: &Space,
        position: i64,
    ) -> Result<Vec<i64>, Fault> {
        let mut seen = HashSet::from([position]);
        let mut found = Vec::new();
        let mut next = naming;
        while let Some(other) = next.pop() {
            if other.how & link::REFERS == 0 || !seen.insert(other.position) {
                continue;
            }
            found.push(other.position);
            let row = self.database.row(other.position)?;
            if let Some(link) = row.link() {
                next.extend(self.database.naming(link.id, space)?);
            }
        }
        Ok(found)
    }
}

impl Database {
    /// Returns who names a statement, in its space.
    pub(crate) fn naming(&self, id: StatementId, space: &Space) -> Result<Vec<Naming>, Fault> {
        let mut select = self
            .connection
            .prepare_cached("SELECT position, how, origin FROM reference WHERE target = ?1")?;
        let read = |row: &Row<'_>| {
            let origin: i64 = row.get(2)?;
            Ok((
                Naming {
                    position: row.get(0)?,
                    how: row.get(1)?,
                },
                origin,
            ))
        };
        let mut naming = Vec::new();
        for found in select.query_map([id.0.as_bytes()], read)? {
            let (other, origin) = found.map_err(of_index)?;
            let origin = self.origin(origin)?;
            if origin.is_some_and(|origin| origin.space == *space) {
                naming.push(other);
            }
        }
        Ok(naming)
    }
}

/// What one arrival lets be inherited, as far as it has come.
///
/// First the terms of everything that it refers to, however far, are gathered. Then it inherits
/// these, and everything that refers to it, however far, inherits these and its own. Only rows
/// and `reference` are read for it, so it does not matter what else arrives meanwhile: whichever
/// statement comes last joins what lies on both sides of it.
#[derive(Debug)]
pub(super) struct Inheritance {
    pub(super) arrival: Place,
    id: StatementId,
    space: Space,
    /// The next statement to gather from.
    next: Option<StatementId>,
    gathered: HashSet<StatementId>,
    /// What was gathered, then the arrival's own terms.
    terms: Vec<TermKey>,
    own: Vec<TermKey>,
    /// Who inherits and is still to be visited.
    heirs: Vec<i64>,
    /// Those that were visited or wait.
    known: HashSet<i64>,
    /// The heir under way.
    current: Option<Heir>,
}

/// A statement that inherits.
#[derive(Debug)]
struct Heir {
    position: i64,
    /// What it carries itself, which is not inherited as well.
    own: Vec<TermKey>,
    /// How many of the terms it has been given.
    given: usize,
    /// Whether it is found at all: what is left of an erased statement only leads on.
    found: bool,
}

impl Inheritance {
    fn of(place: Place, new: &NewStatement) -> Self {
        Self {
            arrival: place,
            id: new.id,
            space: new.space.clone(),
            next: new.refers_to,
            gathered: HashSet::from([new.id]),
            terms: Vec::new(),
            own: new.terms.clone(),
            heirs: vec![place.position],
            known: HashSet::from([place.position]),
            current: None,
        }
    }

    /// Begins anew with an arrival that an earlier process or transaction did not come to the end
    /// of.
    fn again(database: &Database, position: i64) -> Result<Option<Self>, Fault> {
        let row = database.row(position)?;
        let terms = row.terms.clone();
        let statement = row.into_statement();
        Ok(statement.map(|statement| Self {
            arrival: Place {
                position,
                stored: statement.stored,
            },
            id: statement.id,
            space: statement.space,
            next: statement.refers_to,
            gathered: HashSet::from([statement.id]),
            terms: Vec::new(),
            own: terms,
            heirs: vec![position],
            known: HashSet::from([position]),
            current: None,
        }))
    }

    /// Goes on by about so many entries, and tells whether everything is inherited now.
    pub(super) fn advance(&mut self, database: &Database, count: usize) -> Result<bool, Fault> {
        let mut left = count;
        while let Some(target) = self.next.filter(|target| self.gathered.insert(*target)) {
            self.next = None;
            if let Some((terms, behind)) = database.referred(target, &self.space)? {
                left = left.saturating_sub(1 + terms.len());
                self.terms.extend(terms);
                self.next = behind;
            }
            if left == 0 {
                return Ok(false);
            }
        }
        self.next = None;
        self.bequeath(database, left)
    }

    fn bequeath(&mut self, database: &Database, mut left: usize) -> Result<bool, Fault> {
        let mut insert = database
            .connection
            .prepare_cached("INSERT OR IGNORE INTO inherited VALUES (?1, ?2)")?;
        loop {
            let mut heir = match (self.current.take(), self.heirs.pop()) {
                (Some(heir), next) => {
                    self.heirs.extend(next);
                    heir
                }
                (None, Some(position)) => self.visit(database, position)?,
                (None, None) => return Ok(true),
            };
            let terms = self.terms.get(heir.given..).unwrap_or_default();
            let inherits = |term: &&TermKey| heir.found && !heir.own.contains(term);
            for term in terms.iter().take(left).filter(inherits) {
                insert.execute((term.0.cast_signed(), heir.position))?;
            }
            let is_done = terms.len() <= left;
            heir.given += left;
            left = left.saturating_sub(1 + terms.len());
            self.current = Some(heir).filter(|_| !is_done);
            if left == 0 {
                return Ok(is_done && self.heirs.is_empty());
            }
        }
    }

    /// Begins with an heir, and notes who refers to it. The arrival itself, which comes first,
    /// does not inherit its own terms.
    fn visit(&mut self, database: &Database, position: i64) -> Result<Heir, Fault> {
        let mut heir = Heir {
            position,
            own: Vec::new(),
            given: 0,
            found: true,
        };
        let id = if position == self.arrival.position {
            self.terms.sort_unstable();
            self.terms.dedup();
            heir.own.clone_from(&self.own);
            Some(self.id)
        } else {
            self.terms.append(&mut self.own);
            let row = database.row(position)?;
            heir.own.clone_from(&row.terms);
            heir.found = row.statement().is_some();
            row.link().map(|link| link.id)
        };
        let Some(id) = id else { return Ok(heir) };
        for other in database.naming(id, &self.space)? {
            if other.how & link::REFERS != 0 && self.known.insert(other.position) {
                self.heirs.push(other.position);
            }
        }
        Ok(heir)
    }

    /// Notes on disk that there is more to inherit.
    fn remember(&self, database: &Database) -> rusqlite::Result<()> {
        let mut insert = database
            .connection
            .prepare_cached("INSERT OR IGNORE INTO backlog VALUES (?1)")?;
        insert.execute([self.arrival.position]).map(drop)
    }

    /// Notes on disk that everything is inherited.
    pub(super) fn forget(&self, database: &Database) -> rusqlite::Result<()> {
        let mut delete = database
            .connection
            .prepare_cached("DELETE FROM backlog WHERE position = ?1")?;
        delete.execute([self.arrival.position]).map(drop)
    }
}

/// Returns what is still to be inherited, by the order of arrival.
pub(super) fn backlog(database: &Database) -> Result<Vec<Inheritance>, Fault> {
    let mut select = database
        .connection
        .prepare("SELECT position FROM backlog ORDER BY position")?;
    let positions: Vec<i64> = select
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut backlog = Vec::new();
    for position in positions {
        match Inheritance::again(database, position) {
            Ok(inheritance) => backlog.extend(inheritance),
            // Whoever meets the row is told; its neighbours must not wait for it.
            Err(damage @ (Fault::Damaged { .. } | Fault::Index(_))) => {
                tracing::error!(%damage, "damage lets nothing be inherited");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(backlog)
}

/// Returns the event before which everything is found by what it inherits.
pub(super) fn first_held<'a>(backlog: impl IntoIterator<Item = &'a Inheritance>) -> Option<Stored> {
    let arrivals = backlog.into_iter().map(|waiting| waiting.arrival.stored);
    arrivals.min()
}
