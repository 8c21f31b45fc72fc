//! How deliveries are kept: those that wait apart from the others, so that looking for work costs
//! nothing when there is none.

use serde::de::DeserializeOwned;

use super::delivery::{Attempt, Delivery, DeliveryId, State};
use super::{Outbox, Subject};
use crate::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Record, StoreError,
};

/// How many records are read at a time.
const READ_AT_A_TIME: usize = 500;
/// How many deliveries one commit adds: each is two changes.
const ADDED_AT_A_TIME: usize = 400;
/// How often an addition is tried again because of somebody else's.
const TRIES: usize = 5;

/// A delivery as it was found.
#[derive(Debug, Clone)]
pub struct Kept<S> {
    /// The delivery.
    pub delivery: Delivery<S>,
    version: u64,
}

impl<S: Subject> Outbox<S> {
    /// Where deliveries of a state are kept.
    fn place(&self, state: State) -> Collection {
        match state {
            State::Waiting => self.places.waiting,
            State::Delivered | State::GivenUp | State::Earlier => self.places.settled,
        }
    }

    /// Returns all that wait.
    pub async fn waiting(&self) -> Result<Vec<Kept<S>>, StoreError> {
        self.kept(self.places.waiting).await
    }

    /// Returns all that wait no more.
    pub async fn settled(&self) -> Result<Vec<Kept<S>>, StoreError> {
        self.kept(self.places.settled).await
    }

    /// Finds a delivery.
    pub(super) async fn find(&self, id: DeliveryId) -> Result<Option<Kept<S>>, StoreError> {
        for collection in [self.places.waiting, self.places.settled] {
            if let Some(record) = self.records.get(collection, id.0.as_bytes()).await? {
                return kept(&record).map(Some);
            }
        }
        Ok(None)
    }

    /// Returns the log of a delivery, or that of all, the oldest line first.
    pub async fn log(&self, id: Option<DeliveryId>) -> Result<Vec<Attempt>, StoreError> {
        let prefix = id.map(|id| id.0.as_bytes().to_vec()).unwrap_or_default();
        let records = self.read(self.places.attempts, prefix).await?;
        let attempts: Result<Vec<Attempt>, _> = records.iter().map(value).collect();
        let mut attempts = attempts?;
        attempts.sort_by_key(|attempt| attempt.at);
        Ok(attempts)
    }

    /// Puts a delivery in the place of the one that was found, and a line of the log beside it.
    /// Returns it as it is then; `None` where somebody else has changed it meanwhile.
    pub(super) async fn replace(
        &self,
        found: &Kept<S>,
        delivery: Delivery<S>,
        line: Option<&Attempt>,
    ) -> Result<Option<Kept<S>>, StoreError> {
        let (from, to) = (self.place(found.delivery.state), self.place(delivery.state));
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
                collection: self.places.attempts,
                key: [&line.delivery.0.as_bytes()[..], &line.at.0.to_be_bytes()].concat(),
                value: Some(serde_json::to_vec(line).map_err(StoreError::failed)?),
                expected: Expected::Anything,
            });
        }
        let version = self.commit(changes).await?;
        Ok(version.map(|version| Kept { delivery, version }))
    }

    /// Returns the changes that add new deliveries, for who commits them with changes of its own.
    pub fn additions(&self, deliveries: &[Delivery<S>]) -> Result<Vec<Change>, StoreError> {
        let added = deliveries.iter();
        added
            .map(|one| put(self.place(one.state), one, Expected::Absent))
            .collect()
    }

    /// Adds those deliveries that there are none of, wherever they stand.
    pub async fn add(&self, deliveries: &[Delivery<S>]) -> Result<(), StoreError> {
        for some in deliveries.chunks(ADDED_AT_A_TIME) {
            self.add_some(some).await?;
        }
        Ok(())
    }

    async fn add_some(&self, deliveries: &[Delivery<S>]) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let mut changes = Vec::new();
            for delivery in deliveries {
                if self.find(delivery.id).await?.is_none() {
                    // One that another process settled meanwhile is not begun anew.
                    let other = match delivery.state {
                        State::Waiting => self.places.settled,
                        _ => self.places.waiting,
                    };
                    changes.push(Change {
                        value: None,
                        ..put(other, delivery, Expected::Absent)?
                    });
                    changes.push(put(self.place(delivery.state), delivery, Expected::Absent)?);
                }
            }
            if changes.is_empty() || self.commit(changes).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }

    async fn kept(&self, collection: Collection) -> Result<Vec<Kept<S>>, StoreError> {
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
            let page = self.records.range(collection, &range).await?;
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
        match self.records.commit(changes).await {
            Ok(committed) => Ok(Some(committed.number)),
            Err(CommitError::Conflict { .. }) => Ok(None),
            Err(CommitError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::failed(error)),
        }
    }
}

fn put<S: Subject>(
    collection: Collection,
    delivery: &Delivery<S>,
    expected: Expected,
) -> Result<Change, StoreError> {
    Ok(Change {
        collection,
        key: delivery.id.0.as_bytes().to_vec(),
        value: Some(serde_json::to_vec(delivery).map_err(StoreError::failed)?),
        expected,
    })
}

fn kept<S: Subject>(record: &Record) -> Result<Kept<S>, StoreError> {
    Ok(Kept {
        delivery: value(record)?,
        version: record.version,
    })
}

fn value<T: DeserializeOwned>(record: &Record) -> Result<T, StoreError> {
    serde_json::from_slice(&record.value).map_err(StoreError::failed)
}
