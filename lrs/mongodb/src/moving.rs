//! A store as what it consists of, and an empty one filled with that: everything at its place.

use futures_util::TryStreamExt;
use mongodb::bson::{RawDocumentBuf, doc};
use varde_core::ports::{Happened, Marks, MovedRow, Position, Record, StoreError};
use varde_xapi::Stored;

use crate::error::Fault;
use crate::layout::row::{self, Place};
use crate::layout::{head, id, record};
use crate::shared::Shared;
use crate::store::MongoStore;
use crate::writer::Attempt;

impl MongoStore {
    /// Returns up to `limit` rows of the log behind a position, to be moved into another store.
    pub async fn rows_behind(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<MovedRow>, StoreError> {
        let reader = self.reader.clone();
        self.ask(async move { reader.rows_behind(after, limit).await })
            .await
    }

    /// Returns how far the store has come.
    pub async fn marks(&self) -> Result<Marks, StoreError> {
        let shared = self.shared.clone();
        self.ask(async move {
            let head = shared.read_head().await?;
            Ok(Marks {
                given: Stored(head.stored),
                commits: u64::try_from(head.commits).unwrap_or(0),
            })
        })
        .await
    }

    /// Marks the database as one that is being filled, when nothing is in it; tells whether it was
    /// so. Until that is finished no store is opened on it.
    pub async fn begin_filling(&self) -> Result<bool, StoreError> {
        let shared = self.shared.clone();
        self.ask(async move {
            let collections = &shared.collections;
            let nothing = collections.log.find_one(doc! {}).await?.is_none()
                && collections.records.find_one(doc! {}).await?.is_none();
            if nothing {
                let unfinished = doc! { "$set": { "format": head::UNFINISHED } };
                let by_id = doc! { "_id": head::ID };
                collections.head.update_one(by_id, unfinished).await?;
            }
            Ok(nothing)
        })
        .await
    }

    /// Takes rows, the next ones in the order of positions.
    pub async fn take_rows(&self, rows: Vec<MovedRow>) -> Result<(), StoreError> {
        let shared = self.shared.clone();
        self.ask(async move {
            let documents: Vec<RawDocumentBuf> = rows.into_iter().map(write).collect();
            if !documents.is_empty() {
                shared.collections.log.insert_many(&documents).await?;
            }
            Ok(())
        })
        .await
    }

    /// Takes records with the names of their collections.
    pub async fn take_records(&self, records: Vec<(String, Record)>) -> Result<(), StoreError> {
        let shared = self.shared.clone();
        self.ask(async move {
            let documents: Vec<RawDocumentBuf> = records
                .iter()
                .map(|(collection, taken)| {
                    let id = record::id_of(collection, &taken.key);
                    let version = i64::try_from(taken.version).unwrap_or(i64::MAX);
                    record::write(&id, &taken.value, version)
                })
                .collect();
            if !documents.is_empty() {
                shared.collections.records.insert_many(&documents).await?;
            }
            Ok(())
        })
        .await
    }

    /// Connects what names each other, leaves the marks, and lets stores be opened.
    pub async fn finish_filling(&self, marks: Marks) -> Result<(), StoreError> {
        let shared = self.shared.clone();
        self.ask(async move {
            connect(&shared).await?;
            let last = shared.collections.log.find_one(doc! {});
            let last = last.sort(doc! { "position": -1 }).await?;
            let position = last.map_or(Ok(0), |row| row.get_i64("position"));
            let Ok(position) = position else {
                return Err(Fault::Foreign("a row has no position".to_owned()));
            };
            let set = doc! {
                "format": head::FORMAT,
                "position": position,
                "stored": marks.given.0,
                "commits": i64::try_from(marks.commits).unwrap_or(i64::MAX),
            };
            let by_id = doc! { "_id": head::ID };
            let update = doc! { "$set": set };
            shared.collections.head.update_one(by_id, update).await?;
            shared.read_head().await?;
            Ok(())
        })
        .await
    }
}

/// Marks whom rows void, and lets terms be inherited, when all rows are there.
async fn connect(shared: &Shared) -> Result<(), Fault> {
    let attempt = Attempt::new(shared, false);
    let mut session = shared.collections.client.start_session().await?;
    let query = doc! { "names": { "$exists": true } };
    let mut naming = shared.collections.log.find(query).await?;
    while let Some(document) = naming.try_next().await? {
        let row = row::read(&document)?;
        let (own, space, refers_to, voids) = match &row.event.what {
            Happened::Statement(own) => (own.id, &own.space, own.refers_to, own.voids),
            Happened::Erased(own) => (own.id, &own.space, own.refers_to, own.voids),
            Happened::Event(..) => continue,
        };
        if let Some(target) = voids {
            attempt.mark_voided(&mut session, target, space).await?;
        }
        let terms = attempt.all_terms_behind(&mut session, (own, space), refers_to);
        let terms = terms.await?;
        attempt
            .bequeath(&mut session, space, &[own], &terms)
            .await?;
    }
    Ok(())
}

fn write(moved: MovedRow) -> RawDocumentBuf {
    let MovedRow {
        event,
        terms,
        scope,
    } = moved;
    let place = Place {
        position: id::number(event.position),
        stored: event.stored.0,
    };
    match event.what {
        Happened::Event(kind, body) => row::event(kind, &body, place),
        Happened::Erased(left) => row::tombstone(&left, place, false),
        Happened::Statement(statement) => {
            let keys = id::keys(&terms, &scope, &[]);
            let new = statement.anew(terms, scope);
            row::statement(&new, place, &keys, false)
        }
    }
}
