use std::sync::Arc;

use varde_xapi::Stored;

use super::State;
use super::log::Row;
use crate::ports::{
    ChangedStatement, Committed, EraseError, Erasure, Happened, Position, RestoredStatement,
    Rewrite, StoredStatement, Tombstone,
};

impl State {
    /// Rewrites the rows, applies the changes and appends the events, or nothing of it.
    pub(super) fn erase(&mut self, now: Stored, erasure: Erasure) -> Result<Committed, EraseError> {
        erasure.check()?;
        for (position, rewrite) in &erasure.rows {
            let row = self.row(*position);
            if !row.is_some_and(|row| row.fits(rewrite)) {
                let position = *position;
                return Err(EraseError::Unfit { position });
            }
        }
        let committed = self.commit_checked(now, erasure.changes)?;
        for (position, rewrite) in erasure.rows {
            if let Some(row) = self.row(position) {
                row.rewrite(rewrite);
            }
        }
        Ok(committed)
    }

    fn row(&mut self, position: Position) -> Option<&mut Row> {
        let mut rows = self.rows.iter_mut();
        rows.find(|row| row.event.position == position)
    }
}

impl Row {
    fn fits(&self, rewrite: &Rewrite) -> bool {
        match rewrite {
            Rewrite::Erase { .. } => self.link().is_some(),
            Rewrite::Change(_) => self.statement().is_some(),
            Rewrite::Restore(_) => matches!(self.event.what, Happened::Erased(_)),
            Rewrite::Event { .. } => matches!(self.event.what, Happened::Event(..)),
        }
    }

    fn rewrite(&mut self, rewrite: Rewrite) {
        match rewrite {
            Rewrite::Erase { facts } => self.erase(facts),
            Rewrite::Change(changed) => self.change(changed),
            Rewrite::Restore(restored) => self.restore(*restored),
            Rewrite::Event { body } => {
                if let Happened::Event(_, old) = &mut self.event.what {
                    *old = body;
                }
            }
        }
    }

    fn erase(&mut self, facts: String) {
        self.event.what = Happened::Erased(match &self.event.what {
            Happened::Statement(statement) => Tombstone {
                id: statement.id,
                space: statement.space.clone(),
                refers_to: statement.refers_to,
                voids: statement.voids,
                facts,
            },
            Happened::Erased(tombstone) => Tombstone {
                facts,
                ..tombstone.clone()
            },
            Happened::Event(..) => return,
        });
        self.terms.clear();
        self.scope.clear();
    }

    fn restore(&mut self, restored: RestoredStatement) {
        let Happened::Erased(left) = &self.event.what else {
            return;
        };
        self.event.what = Happened::Statement(Box::new(StoredStatement {
            position: self.event.position,
            stored: self.event.stored,
            id: left.id,
            id_text: restored.id_text,
            space: left.space.clone(),
            key: restored.key,
            authority: Arc::clone(&restored.says.authority),
            version: restored.version,
            timestamp: restored.timestamp,
            equality: restored.equality,
            body: String::new(),
            refers_to: left.refers_to,
            voids: left.voids,
        }));
        self.change(restored.says);
    }

    fn change(&mut self, changed: ChangedStatement) {
        if let Happened::Statement(statement) = &mut self.event.what {
            statement.body = changed.body;
            statement.authority = changed.authority;
            self.terms = changed.terms;
            self.scope = changed.scope;
        }
    }
}
