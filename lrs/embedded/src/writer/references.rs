//! What a new statement means for those it refers to, and for those that refer to it.

use std::collections::HashSet;
use std::ops::ControlFlow;

use rusqlite::Row;
use varde_core::Space;
use varde_core::ports::{NewStatement, TermKey};
use varde_xapi::StatementId;

use super::group::Group;
use crate::error::Fault;
use crate::schema::{how, link};

/// A statement that names another as its target.
pub(super) struct Naming {
    position: i64,
    how: i64,
}

impl Group<'_> {
    /// Connects a new statement with the others of its space: marks who is voided, and lets
    /// index entries be inherited along references.
    pub(super) fn connect(
        &mut self,
        new: &NewStatement,
        position: i64,
        origin: i64,
    ) -> Result<(), Fault> {
        let naming = self.naming(new.id, &new.space)?;
        if new.voids.is_none() && naming.iter().any(|other| other.how & link::VOIDS != 0) {
            self.mark_voided(position)?;
        }
        let mut inherited = Vec::new();
        if new.refers_to.is_some() || new.voids.is_some() {
            self.name_targets(new, position, origin)?;
            inherited = self.terms_behind((new.id, &new.space), new.refers_to)?;
            self.post(&inherited, position, how::INHERITED);
        }
        inherited.extend(&new.terms);
        for referring in self.referring(naming, &new.space, position)? {
            self.post(&inherited, referring, how::INHERITED);
        }
        Ok(())
    }

    /// Returns who names this statement, in its space.
    pub(super) fn naming(&self, id: StatementId, space: &Space) -> Result<Vec<Naming>, Fault> {
        let mut select = self
            .connection()
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
            let (other, origin) = found?;
            if self
                .database
                .origin(origin)?
                .is_some_and(|origin| origin.space == *space)
            {
                naming.push(other);
            }
        }
        Ok(naming)
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

    /// Marks the target as voided when it is there, in this space, and voids nothing itself.
    fn void(&self, target: StatementId, space: &Space) -> Result<(), Fault> {
        let Some(position) = self.database.find(target, space.is_test())? else {
            return Ok(());
        };
        let row = self.database.row(position)?;
        let voidable = row
            .statement()
            .is_some_and(|target| target.space == *space && target.voids.is_none());
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
                next.extend(self.naming(link.id, space)?);
            }
        }
        Ok(found)
    }
}
