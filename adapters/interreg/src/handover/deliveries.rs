//! Looking at deliveries, and having them tried again.

use std::sync::Arc;

use serde::Serialize;
use varde_core::ports::{Records, StoreError};
use varde_core::{Caller, Clock, Need, ProjectCode};

use super::delivery::{Attempt, Delivery, DeliveryId};
use super::queue::Queue;
use crate::reports::ReportError;

/// Shows the deliveries of a store and their log. They name no learner.
#[derive(Debug, Clone)]
pub struct Deliveries {
    queue: Queue,
    clock: Arc<dyn Clock>,
}

/// A delivery with its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Its attempts, the oldest first.
    pub log: Vec<Attempt>,
}

impl Deliveries {
    /// Looks at a store's records.
    pub fn new(records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Self {
        Self {
            queue: Queue::new(records),
            clock,
        }
    }

    /// Returns all deliveries, in the order in which what they deliver happened.
    pub async fn all(&self) -> Result<Vec<Delivery>, StoreError> {
        let mut kept = self.queue.waiting().await?;
        kept.extend(self.queue.settled().await?);
        let mut all: Vec<_> = kept.into_iter().map(|kept| kept.delivery).collect();
        // One that was settled while these were read stands in both.
        all.sort_by_key(|one| (one.happened, one.id));
        all.dedup_by_key(|delivery| delivery.id);
        Ok(all)
    }

    /// Returns the log of a delivery, or that of all, the oldest line first.
    pub async fn log(&self, id: Option<DeliveryId>) -> Result<Vec<Attempt>, StoreError> {
        self.queue.log(id).await
    }

    /// Returns the deliveries of a project with their logs, for who may read its reports.
    pub async fn of_project(
        &self,
        caller: &Caller,
        project: &ProjectCode,
    ) -> Result<Vec<Told>, ReportError> {
        caller.may(Need::ReadReports)?;
        if !caller.projects.contains(project) {
            return Err(ReportError::Absent("project"));
        }
        let mut told = Vec::new();
        for delivery in self.all().await? {
            if delivery.project == *project {
                let log = self.queue.log(Some(delivery.id)).await?;
                told.push(Told { delivery, log });
            }
        }
        Ok(told)
    }

    /// Has a delivery attempted now, wherever it stands, as often as a new one.
    pub async fn retry(&self, id: DeliveryId) -> Result<Delivery, ReportError> {
        let found = self.queue.find(id).await?;
        let found = found.ok_or(ReportError::Absent("delivery"))?;
        let mut delivery = found.delivery.clone();
        delivery.again(self.clock.now());
        match self.queue.replace(&found, delivery, None).await? {
            Some(kept) => Ok(kept.delivery),
            None => Err(ReportError::Changed),
        }
    }
}
