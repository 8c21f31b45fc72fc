//! How deliveries are kept: those that wait apart from the others, so that looking for work costs
//! nothing when there is none.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use varde_core::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Record, Records, StoreError,
};
use varde_xapi::Stored;

use super::delivery::{Attempt, Delivery, DeliveryId, State};

/// id → [`Delivery`] that waits.
const WAITING: Collection = Collection("handover-waiting");
/// id → [`Delivery`] that waits no more.
const SETTLED: Collection = Collection("handover-settled");
/// id, instant → [`Attempt`].
const ATTEMPTS: Collection = Collection("handover-attempt");
/// target, project, event → [`Watch`].
const WATCHED: Collection = Collection("handover-watch");
/// How many records are read at a time.
const READ_AT_A_TIME: usize = 500;
/// How many deliveries one commit adds: each is two changes.
const ADDED_AT_A_TIME: usize = 400;
/// How often an addition is tried again because of somebody else's.
const TRIES: usize = 5;

/// A delivery as it was found.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) delivery: Delivery,
    version: u64,
}

/// Since when a target is told of an event of a project.
#[derive(Debug, Serialize, Deserialize)]
struct Watch {
    since: Stored,
}

/// The deliveries of a store.
#[derive(Debug, Clone)]
pub(super) struct Queue(Arc<dyn Records>);

/// Where deliveries of a state are kept.
fn place(state: State) -> Collection {
    match state {
        State::Waiting => WAITING,
        State::Delivered | State::GivenUp | State::Earlier => SETTLED,
    }
}

impl Queue {
    pub(super) fn new(records: Arc<dyn Records>) -> Self {
        Self(records)
    }

    /// Returns all that wait.
    pub(super) async fn waiting(&self) -> Result<Vec<Kept>, StoreError> {
        self.kept(WAITING).await
    }

    /// Returns all that wait no more.
    pub(super) async fn settled(&self) -> Result<Vec<Kept>, StoreError> {
        self.kept(SETTLED).await
    }

    /// Finds a delivery.
    pub(super) async fn find(&self, id: DeliveryId) -> Result<Option<Kept>, StoreError> {
        for collection in [WAITING, SETTLED] {
            if let Some(record) = self.0.get(collection, id.0.as_bytes()).await? {
                return kept(&record).map(Some);
            }
        }
        Ok(None)
    }

    /// Returns the log of a delivery, or that of all, the oldest line first.
    pub(super) async fn log(&self, id: Option<DeliveryId>) -> Result<Vec<Attempt>, StoreError> {
        let prefix = id.map(|id| id.0.as_bytes().to_vec()).unwrap_or_default();
        let records = self.read(ATTEMPTS, prefix).await?;
        let attempts: Result<Vec<Attempt>, _> = records.iter().map(value).collect();
        let mut attempts = attempts?;
        attempts.sort_by_key(|attempt| attempt.at);
        Ok(attempts)
    }

    /// Puts a delivery in the place of the one that was found, and a line of the log beside it.
    /// Returns it as it is then; `None` where somebody else has changed it meanwhile.
    pub(super) async fn replace(
        &self,
        found: &Kept,
        delivery: Delivery,
        line: Option<&Attempt>,
    ) -> Result<Option<Kept>, StoreError> {
        let (from, to) = (place(found.delivery.state), place(delivery.state));
        let as_found = Expected::Version(found.version);
        let mut changes = if from == to {
            vec![put(to, &delivery, as_found)?]
        } else {
            let removed = Change {
                value: None,
                ..put(from, &delivery, as_found)?
            };
            vec![removed, put(to, &delivery, Expected::Absent)?]
        };
        if let Some(line) = line {
            changes.push(Change {
                collection: ATTEMPTS,
                key: [&line.delivery.0.as_bytes()[..], &line.at.0.to_be_bytes()].concat(),
                value: Some(serde_json::to_vec(line).map_err(StoreError::failed)?),
                expected: Expected::Anything,
            });
        }
        let version = self.commit(changes).await?;
        Ok(version.map(|version| Kept { delivery, version }))
    }

    /// Adds those deliveries that there are none of, wherever they stand.
    pub(super) async fn add(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        for some in deliveries.chunks(ADDED_AT_A_TIME) {
            self.add_some(some).await?;
        }
        Ok(())
    }

    async fn add_some(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let mut changes = Vec::new();
            for delivery in deliveries {
                if self.find(delivery.id).await?.is_none() {
                    // One that another process settled meanwhile is not begun anew.
                    let other = match place(delivery.state) {
                        WAITING => SETTLED,
                        _ => WAITING,
                    };
                    changes.push(Change {
                        value: None,
                        ..put(other, delivery, Expected::Absent)?
                    });
                    changes.push(put(place(delivery.state), delivery, Expected::Absent)?);
                }
            }
            if changes.is_empty() || self.commit(changes).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }

    /// Tells whether a target is known for an event of a project, by the name of the three.
    pub(super) async fn is_watched(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.0.get(WATCHED, name.as_bytes()).await?.is_some())
    }

    /// Notes that it is known from an instant on.
    pub(super) async fn watch(&self, name: &str, since: Stored) -> Result<(), StoreError> {
        let value = serde_json::to_vec(&Watch { since }).map_err(StoreError::failed)?;
        let change = Change {
            collection: WATCHED,
            key: name.as_bytes().to_vec(),
            value: Some(value),
            expected: Expected::Anything,
        };
        self.commit(vec![change]).await?;
        Ok(())
    }

    async fn kept(&self, collection: Collection) -> Result<Vec<Kept>, StoreError> {
        let records = self.read(collection, Vec::new()).await?;
        records.iter().map(kept).collect()
    }

    async fn read(
        &self,
        collection: Collection,
        prefix: Vec<u8>,
    ) -> Result<Vec<Record>, StoreError> {
        let mut range = KeyRange {
            prefix,
            after: None,
            limit: READ_AT_A_TIME,
        };
        let mut all = Vec::new();
        loop {
            let page = self.0.range(collection, &range).await?;
            let is_last = page.len() < READ_AT_A_TIME;
            all.extend(page);
            range.after = all.last().map(|record| record.key.clone());
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Returns the version that records have then; `None` where one was not as expected.
    async fn commit(&self, changes: Vec<Change>) -> Result<Option<u64>, StoreError> {
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        match self.0.commit(changes).await {
            Ok(committed) => Ok(Some(committed.number)),
            Err(CommitError::Conflict { .. }) => Ok(None),
            Err(CommitError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::failed(error)),
        }
    }
}

fn put(
    collection: Collection,
    delivery: &Delivery,
    expected: Expected,
) -> Result<Change, StoreError> {
    Ok(Change {
        collection,
        key: delivery.id.0.as_bytes().to_vec(),
        value: Some(serde_json::to_vec(delivery).map_err(StoreError::failed)?),
        expected,
    })
}

fn kept(record: &Record) -> Result<Kept, StoreError> {
    Ok(Kept {
        delivery: value(record)?,
        version: record.version,
    })
}

fn value<T: DeserializeOwned>(record: &Record) -> Result<T, StoreError> {
    serde_json::from_slice(&record.value).map_err(StoreError::failed)
}
