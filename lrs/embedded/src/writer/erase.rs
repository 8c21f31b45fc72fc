//! Rewriting rows where they stand, and the index with them.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;
use varde_core::KeyId;
use varde_core::ports::{
    ChangedStatement, Committed, EraseError, Erasure, Happened, NewEvent, NewStatement,
    RestoredStatement, Rewrite, StoredStatement, TermKey, Tombstone,
};

use super::group::Group;
use crate::bodies::Packed;
use crate::error::{Fault, number_of};
use crate::index::{ListKey, block};
use crate::origin::{Origin, Source};
use crate::row::{self, Place, Whole};

impl Group<'_> {
    /// Rewrites the rows, applies the changes and appends the events, or nothing of it.
    pub(super) fn erase(
        &mut self,
        erasure: &Erasure,
    ) -> Result<Result<Committed, EraseError>, Fault> {
        let mut rewritten = Vec::with_capacity(erasure.rows.len());
        for (position, rewrite) in &erasure.rows {
            let Some(row) = self.fitting(number_of(*position), rewrite)? else {
                let position = *position;
                return Ok(Err(EraseError::Unfit { position }));
            };
            rewritten.push((row, rewrite));
        }
        let committed = match self.commit(&erasure.changes)? {
            Ok(committed) => committed,
            Err(error) => return Ok(Err(error.into())),
        };
        let touched = self.touched(&rewritten)?;
        for position in &touched {
            self.take_out(*position)?;
        }
        for (row, rewrite) in rewritten {
            self.rewrite(row, rewrite)?;
        }
        for position in touched {
            self.put_in(position)?;
        }
        Ok(Ok(committed))
    }

    /// Returns the row at a position when it can be rewritten so.
    fn fitting(&self, position: i64, rewrite: &Rewrite) -> Result<Option<Whole>, Fault> {
        if !(1..=self.last).contains(&position) {
            return Ok(None);
        }
        let row = self.database.row(position)?;
        let fits = match rewrite {
            Rewrite::Erase { .. } => row.link().is_some(),
            Rewrite::Change(_) => row.statement().is_some(),
            Rewrite::Restore(_) => matches!(row.event.what, Happened::Erased(_)),
            Rewrite::Event { .. } => matches!(row.event.what, Happened::Event(..)),
        };
        Ok(fits.then_some(row))
    }

    /// Returns the positions whose index entries rest on the rows: they themselves and whatever
    /// refers to them, however far.
    fn touched(&self, rewritten: &[(Whole, &Rewrite)]) -> Result<BTreeSet<i64>, Fault> {
        let mut touched = BTreeSet::new();
        for (row, _) in rewritten {
            if let Some(link) = row.link() {
                let position = number_of(row.event.position);
                let naming = self.database.naming(link.id, link.space)?;
                touched.extend(self.referring(naming, link.space, position)?);
                touched.insert(position);
            }
        }
        Ok(touched)
    }

    /// Removes every index entry of a position.
    fn take_out(&self, position: i64) -> Result<(), Fault> {
        self.change_carried(position, false)?;
        let mut delete = self
            .connection()
            .prepare_cached("DELETE FROM inherited WHERE term = ?1 AND position = ?2")?;
        for term in self.inherited(position)? {
            delete.execute((term.0.cast_signed(), position))?;
        }
        Ok(())
    }

    /// Writes the index entries that a position has by what the rows say now.
    fn put_in(&self, position: i64) -> Result<(), Fault> {
        self.change_carried(position, true)?;
        let row = self.database.row(position)?;
        if row.statement().is_none() {
            return Ok(());
        }
        let mut insert = self
            .connection()
            .prepare_cached("INSERT OR IGNORE INTO inherited VALUES (?1, ?2)")?;
        for term in self.inherited(position)? {
            if !row.terms.contains(&term) {
                insert.execute((term.0.cast_signed(), position))?;
            }
        }
        Ok(())
    }

    /// Puts a position into the lists that its row names, or takes it out of them.
    fn change_carried(&self, position: i64, put_in: bool) -> Result<(), Fault> {
        let row = self.database.row(position)?;
        let own = row.terms.iter().map(|term| ListKey::own(*term));
        let scope = row.scope.iter().map(|term| ListKey::scope(*term));
        for key in own.chain(scope) {
            block::change(self.connection(), key, position, put_in)?;
        }
        Ok(())
    }

    /// Returns the terms of everything that a position refers to.
    fn inherited(&self, position: i64) -> Result<Vec<TermKey>, Fault> {
        let row = self.database.row(position)?;
        let behind = row
            .link()
            .map(|link| self.terms_behind((link.id, link.space), link.refers_to));
        behind.unwrap_or_else(|| Ok(Vec::new()))
    }

    fn rewrite(&self, row: Whole, rewrite: &Rewrite) -> Result<(), Fault> {
        let position = number_of(row.event.position);
        let stored = row.event.stored;
        let place = Place { position, stored };
        match (row.event.what, rewrite) {
            (Happened::Statement(old), Rewrite::Change(changed)) => {
                self.write_changed(place, *old, changed)
            }
            (Happened::Statement(old), Rewrite::Erase { facts }) => {
                let left = Tombstone {
                    id: old.id,
                    space: old.space,
                    refers_to: old.refers_to,
                    voids: old.voids,
                    facts: facts.clone(),
                };
                self.write_left(place, &left)
            }
            (Happened::Erased(left), Rewrite::Erase { facts }) => {
                let facts = facts.clone();
                self.write_left(place, &Tombstone { facts, ..left })
            }
            (Happened::Erased(left), Rewrite::Restore(restored)) => {
                self.write_again(place, left, restored)
            }
            (Happened::Event(kind, _), Rewrite::Event { body }) => {
                let body = body.clone();
                let event = NewEvent { kind, body };
                Ok(row::write_event(self.connection(), place, &event)?)
            }
            _ => unreachable!("each rewrite was found to fit its row"),
        }
    }

    fn write_changed(
        &self,
        place: Place,
        old: StoredStatement,
        changed: &ChangedStatement,
    ) -> Result<(), Fault> {
        let new = NewStatement {
            id: old.id,
            id_text: old.id_text,
            space: old.space,
            key: old.key,
            authority: Arc::clone(&changed.authority),
            version: old.version,
            timestamp: old.timestamp,
            equality: old.equality,
            body: String::new(),
            terms: changed.terms.clone(),
            scope: changed.scope.clone(),
            refers_to: old.refers_to,
            voids: old.voids,
        };
        self.write_statement(place, &new, &changed.body)
    }

    /// Writes a statement where a tombstone stood.
    fn write_again(
        &self,
        place: Place,
        left: Tombstone,
        restored: &RestoredStatement,
    ) -> Result<(), Fault> {
        let says = &restored.says;
        let new = NewStatement {
            id: left.id,
            id_text: restored.id_text.clone(),
            space: left.space,
            key: restored.key,
            authority: Arc::clone(&says.authority),
            version: restored.version.clone(),
            timestamp: restored.timestamp,
            equality: restored.equality,
            body: String::new(),
            terms: says.terms.clone(),
            scope: says.scope.clone(),
            refers_to: left.refers_to,
            voids: left.voids,
        };
        self.write_statement(place, &new, &says.body)
    }

    fn write_statement(&self, place: Place, new: &NewStatement, body: &str) -> Result<(), Fault> {
        let body = Packed::plain(body.to_owned());
        let origin = self.move_to(place.position, Source::of(new))?;
        row::write_statement(self.connection(), place, new, &body, &origin)?;
        Ok(())
    }

    fn write_left(&self, place: Place, left: &Tombstone) -> Result<(), Fault> {
        // Nobody wrote it any more, and nobody vouches for it.
        let nobody = Source {
            space: &left.space,
            key: KeyId(Uuid::nil()),
            authority: &Arc::from(""),
            scope: &[],
        };
        let origin = self.move_to(place.position, nobody)?;
        row::write_tombstone(self.connection(), place, left, &origin)?;
        Ok(())
    }

    /// Names another origin wherever a row's origin is named beside the row, and returns it.
    fn move_to(&self, position: i64, source: Source<'_>) -> Result<Arc<Origin>, Fault> {
        let origin = self.database.origin_of(source)?;
        let targets = self.database.targets(position)?;
        let mut update = self.connection().prepare_cached(
            "UPDATE reference SET origin = ?1 WHERE target = ?2 AND position = ?3",
        )?;
        for target in targets {
            update.execute((origin.number, target.0.as_bytes(), position))?;
        }
        Ok(origin)
    }
}
