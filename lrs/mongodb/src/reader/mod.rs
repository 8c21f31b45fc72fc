//! What is read: rows by id and by position, pages, records. Each question that takes more than
//! one document is answered as of one moment.

mod page;
mod records;

use futures_util::TryStreamExt;
use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::{ClientSession, Collection};
use varde_core::Space;
use varde_core::ports::{EventKind, LogEvent, MovedRow, Position, Standing, StoredStatement};
use varde_xapi::StatementId;

use crate::error::Fault;
use crate::layout::{id, row};
use crate::schema::{Collections, EVENT, POSITION};

/// How often a question is asked again when its moment cannot be read any more.
const MOMENTS_MAX: usize = 5;

/// Reads the collections of a store.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    collections: Collections,
}

impl Reader {
    pub(crate) fn new(collections: Collections) -> Self {
        Self { collections }
    }

    /// Begins to read as of one moment.
    async fn moment(&self) -> Result<ClientSession, Fault> {
        let client = &self.collections.client;
        Ok(client.start_session().snapshot(true).await?)
    }

    /// Returns the statement of that id in one of the spaces, when it stands as asked.
    pub(crate) async fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, Fault> {
        for is_test in [false, true] {
            if !spaces.iter().any(|space| space.is_test() == is_test) {
                continue;
            }
            let query = doc! { "_id": id::of_statement(id, is_test) };
            let Some(found) = self.collections.log.find_one(query).await? else {
                continue;
            };
            let row = row::read(&found)?;
            let asked = row.voided == (standing == Standing::Voided);
            let statement = row.into_statement().filter(|_| asked);
            let statement = statement.filter(|found| spaces.contains(&found.space));
            if statement.is_some() {
                return Ok(statement);
            }
        }
        Ok(None)
    }

    /// Returns where the statement of that id stands in a space.
    pub(crate) async fn position(
        &self,
        space: &Space,
        id: StatementId,
    ) -> Result<Option<Position>, Fault> {
        let query = doc! {
            "_id": id::of_statement(id, space.is_test()),
            "space": space.to_string(),
        };
        let fields = doc! { "position": 1 };
        let found = self.collections.log.find_one(query).projection(fields);
        Ok(match found.await? {
            Some(found) => found.get_i64("position").ok().map(id::position),
            None => None,
        })
    }

    /// Returns up to `limit` events behind a position, in order, up to the first gap. A gap is
    /// only seen while what fills it comes from another shard.
    pub(crate) async fn follow(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, Fault> {
        let query = doc! { "position": { "$gt": id::number(after) } };
        let mut events = self.events_of(query, POSITION, limit).await?;
        let dense = events
            .iter()
            .zip(after.0.saturating_add(1)..)
            .take_while(|(event, expected)| event.position.0 == *expected)
            .count();
        events.truncate(dense);
        Ok(events)
    }

    /// Returns up to `limit` events of one kind behind a position, in order.
    pub(crate) async fn events(
        &self,
        kind: EventKind,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, Fault> {
        let query = doc! {
            "event": row::kind_name(kind),
            "position": { "$gt": id::number(after) },
        };
        self.events_of(query, EVENT, limit).await
    }

    /// Returns up to `limit` rows behind a position, in order, with what they are found by.
    pub(crate) async fn rows_behind(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<MovedRow>, Fault> {
        let query = doc! { "position": { "$gt": id::number(after) } };
        let mut rows = self
            .collections
            .log
            .find(query)
            .sort(doc! { "position": 1 })
            .limit(bounded(limit))
            .await?;
        let mut moved = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let row = row::read(&row)?;
            moved.push(MovedRow {
                event: row.event,
                terms: row.own,
                scope: row.scope,
            });
        }
        Ok(moved)
    }

    async fn events_of(
        &self,
        query: Document,
        index: &str,
        limit: usize,
    ) -> Result<Vec<LogEvent>, Fault> {
        let mut rows = self
            .collections
            .log
            .find(query)
            .sort(doc! { "position": 1 })
            .hint(mongodb::options::Hint::Name(index.to_owned()))
            .limit(bounded(limit))
            .await?;
        let mut events = Vec::new();
        while let Some(row) = rows.try_next().await? {
            events.push(row::read(&row)?.event);
        }
        Ok(events)
    }
}

/// Returns all documents of a query as of a session's moment.
async fn all(
    collection: &Collection<RawDocumentBuf>,
    session: &mut ClientSession,
    query: Document,
    options: mongodb::options::FindOptions,
) -> Result<Vec<RawDocumentBuf>, Fault> {
    let find = collection.find(query).with_options(options);
    let mut found = find.session(&mut *session).await?;
    Ok(found.stream(session).try_collect().await?)
}

/// Returns a limit as the server takes it. It knows zero as none, and a port's limit is 1 or more.
fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Asks a question again when its moment cannot be read any more.
macro_rules! as_of_one_moment {
    ($ask:expr) => {{
        let mut asked = 0;
        loop {
            asked += 1;
            match $ask.await {
                Err(fault) if fault.is_snapshot_gone() && asked < MOMENTS_MAX => {}
                said => break said.map_err(StoreError::from),
            }
        }
    }};
}
use as_of_one_moment;
