//! Looking at deliveries, and having them tried again.

use std::sync::Arc;

use serde::Serialize;
use varde_core::outbox::{Attempt, DeliveryId, Outbox, Retried};
use varde_core::ports::{Records, StoreError};
use varde_core::{Caller, Clock, Need, ProjectCode};

use super::occasion::{Delivery, Occasion, outbox};
use crate::reports::ReportError;

/// Shows the deliveries of a store and their log. They name no learner.
#[derive(Debug, Clone)]
pub struct Deliveries {
    outbox: Outbox<Occasion>,
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
            outbox: outbox(records, clock),
        }
    }

    /// Returns all deliveries, in the order in which what they deliver happened.
    pub async fn all(&self) -> Result<Vec<Delivery>, StoreError> {
        self.outbox.all().await
    }

    /// Returns the log of a delivery, or that of all, the oldest line first.
    pub async fn log(&self, id: Option<DeliveryId>) -> Result<Vec<Attempt>, StoreError> {
        self.outbox.log(id).await
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
            if delivery.subject.project == *project {
                let log = self.outbox.log(Some(delivery.id)).await?;
                told.push(Told { delivery, log });
            }
        }
        Ok(told)
    }

    /// Has a delivery attempted now, wherever it stands, as often as a new one.
    pub async fn retry(&self, id: DeliveryId) -> Result<Delivery, ReportError> {
        match self.outbox.retry(id).await? {
            Retried::Again(delivery) => Ok(delivery),
            Retried::Absent => Err(ReportError::Absent("delivery")),
            Retried::Changed => Err(ReportError::Changed),
        }
    }
}
