//! Rewriting rows where they stand, and what finds them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures_util::TryStreamExt;
use mongodb::ClientSession;
use mongodb::bson::{RawArrayBuf, RawDocumentBuf, cstr, doc};
use varde_core::Space;
use varde_core::ports::{
    ChangedStatement, Committed, EraseError, Erasure, Happened, NewStatement, Position,
    RestoredStatement, Rewrite, StoredStatement, Tombstone,
};
use varde_xapi::StatementId;

use super::group::{Attempt, Plan};
use crate::error::Fault;
use crate::layout::id;
use crate::layout::row::{self, Row};

impl Attempt<'_> {
    /// Rewrites the rows, and commits the changes and events that belong to it; or nothing of it.
    pub(super) async fn erase<'j>(
        &self,
        session: &mut ClientSession,
        plan: &mut Plan<'j>,
        erasure: &'j Erasure,
    ) -> Result<Result<Committed, EraseError>, Fault> {
        if let Err(error) = erasure.check() {
            return Ok(Err(error.into()));
        }
        let rows = self.rows(session, erasure.rows.keys().copied()).await?;
        for (position, rewrite) in &erasure.rows {
            if !rows.get(position).is_some_and(|row| fits(row, rewrite)) {
                let position = *position;
                return Ok(Err(EraseError::Unfit { position }));
            }
        }
        let committed = match plan.commit_checked(&erasure.changes) {
            Ok(committed) => committed,
            Err(error) => return Ok(Err(error.into())),
        };
        let mut touched = HashMap::new();
        let mut replaced = RawArrayBuf::new();
        for (position, rewrite) in &erasure.rows {
            let Some(row) = rows.get(position) else {
                continue;
            };
            if let Some((id, space)) = link(row) {
                touched.extend([((id, space.is_test()), space.clone())]);
                for heir in self.everything_referring(session, id, space).await? {
                    touched.insert((heir, space.is_test()), space.clone());
                }
            }
            replaced.push(replacement(row, rewrite));
        }
        if erasure.rows.is_empty() {
            return Ok(Ok(committed));
        }
        self.run(session, "log", ("update", "updates"), replaced)
            .await?;
        for ((id, _), space) in touched {
            self.find_again(session, id, &space).await?;
        }
        Ok(Ok(committed))
    }

    async fn rows(
        &self,
        session: &mut ClientSession,
        positions: impl Iterator<Item = Position>,
    ) -> Result<BTreeMap<Position, Row>, Fault> {
        let positions = id::list(positions.map(id::number));
        let query = doc! { "position": { "$in": positions } };
        let log = &self.collections.log;
        let mut found = log.find(query).session(&mut *session).await?;
        let mut rows = BTreeMap::new();
        let mut found = found.stream(session);
        while let Some(document) = found.try_next().await? {
            let row = row::read(&document)?;
            rows.insert(row.event.position, row);
        }
        Ok(rows)
    }

    /// Lets a statement be found by what the rows say now, and by nothing else.
    async fn find_again(
        &self,
        session: &mut ClientSession,
        id: StatementId,
        space: &Space,
    ) -> Result<(), Fault> {
        let log = &self.collections.log;
        let query = doc! { "_id": id::of_statement(id, space.is_test()) };
        let found = log.find_one(query.clone()).session(&mut *session).await?;
        let Some(found) = found else { return Ok(()) };
        let row = row::read(&found)?;
        let Some(statement) = row.statement() else {
            return Ok(());
        };
        let behind = self
            .all_terms_behind(session, (id, space), statement.refers_to)
            .await?;
        let keys = id::list(id::keys(&row.own, &row.scope, &behind));
        let update = doc! { "$set": { "keys": keys } };
        log.update_one(query, update).session(session).await?;
        Ok(())
    }
}

fn fits(row: &Row, rewrite: &Rewrite) -> bool {
    match rewrite {
        Rewrite::Erase { .. } => link(row).is_some(),
        Rewrite::Change(_) => row.statement().is_some(),
        Rewrite::Restore(_) => matches!(row.event.what, Happened::Erased(_)),
        Rewrite::Event { .. } => matches!(row.event.what, Happened::Event(..)),
    }
}

/// Returns id and space of a statement, or of what is left of one.
fn link(row: &Row) -> Option<(StatementId, &Space)> {
    match &row.event.what {
        Happened::Statement(own) => Some((own.id, &own.space)),
        Happened::Erased(own) => Some((own.id, &own.space)),
        Happened::Event(..) => None,
    }
}

/// Returns the update that puts a row in the place of another.
fn replacement(row: &Row, rewrite: &Rewrite) -> RawDocumentBuf {
    let place = row.place();
    let (of_id, document) = match (&row.event.what, rewrite) {
        (Happened::Event(kind, _), Rewrite::Event { body }) => {
            let id = mongodb::bson::RawBson::Int64(place.position);
            (id, row::event(*kind, body, place))
        }
        (Happened::Statement(old), Rewrite::Change(says)) => {
            let new = changed(old, says);
            (statement_id(old.id, &old.space), whole(&new, row))
        }
        (Happened::Statement(old), Rewrite::Erase { facts }) => {
            let left = Tombstone {
                id: old.id,
                space: old.space.clone(),
                refers_to: old.refers_to,
                voids: old.voids,
                facts: facts.clone(),
            };
            let id = statement_id(old.id, &old.space);
            (id, row::tombstone(&left, place, row.voided))
        }
        (Happened::Erased(old), Rewrite::Erase { facts }) => {
            let facts = facts.clone();
            let left = Tombstone {
                facts,
                ..old.clone()
            };
            let id = statement_id(old.id, &old.space);
            (id, row::tombstone(&left, place, row.voided))
        }
        (Happened::Erased(left), Rewrite::Restore(restored)) => {
            let new = again(left, restored);
            (statement_id(left.id, &left.space), whole(&new, row))
        }
        _ => unreachable!("each rewrite was found to fit its row"),
    };
    let mut query = RawDocumentBuf::new();
    query.append(cstr!("_id"), of_id);
    let mut update = RawDocumentBuf::new();
    update.append(cstr!("q"), query);
    update.append(cstr!("u"), document);
    update
}

fn statement_id(id: StatementId, space: &Space) -> mongodb::bson::RawBson {
    id::of_statement(id, space.is_test()).into()
}

/// Writes a statement in the place of a row; what finds it is settled afterwards.
fn whole(new: &NewStatement, row: &Row) -> RawDocumentBuf {
    let keys = id::keys(&new.terms, &new.scope, &[]);
    row::statement(new, row.place(), &keys, row.voided)
}

fn changed(old: &StoredStatement, says: &ChangedStatement) -> NewStatement {
    NewStatement {
        id: old.id,
        id_text: old.id_text.clone(),
        space: old.space.clone(),
        key: old.key,
        authority: Arc::clone(&says.authority),
        version: old.version.clone(),
        timestamp: old.timestamp,
        equality: old.equality,
        body: says.body.clone(),
        terms: says.terms.clone(),
        scope: says.scope.clone(),
        refers_to: old.refers_to,
        voids: old.voids,
    }
}

fn again(left: &Tombstone, restored: &RestoredStatement) -> NewStatement {
    let says = &restored.says;
    NewStatement {
        id: left.id,
        id_text: restored.id_text.clone(),
        space: left.space.clone(),
        key: restored.key,
        authority: Arc::clone(&says.authority),
        version: restored.version.clone(),
        timestamp: restored.timestamp,
        equality: restored.equality,
        body: says.body.clone(),
        terms: says.terms.clone(),
        scope: says.scope.clone(),
        refers_to: left.refers_to,
        voids: left.voids,
    }
}
