//! What is handed over: a report that was submitted, or tables of one that were published.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::outbox::{self, Outbox, Places, Subject};
use varde_core::ports::{Collection, Records};
use varde_core::{Clock, ProjectCode};

use super::Event;
use crate::reports::ReportHash;

/// Where deliveries and their log are kept.
const PLACES: Places = Places {
    waiting: Collection("handover-waiting"),
    settled: Collection("handover-settled"),
    attempts: Collection("handover-attempt"),
};

/// Something that happened and is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occasion {
    /// What happened.
    pub event: Event,
    /// Of which project.
    pub project: ProjectCode,
    /// The last day of the report's period.
    pub period: Date,
    /// Which revision of the report, or which of the project's releases.
    pub number: u32,
    /// The report's hash.
    pub snapshot: ReportHash,
}

/// What is, was or will be handed to a target.
pub type Delivery = outbox::Delivery<Occasion>;

impl Subject for Occasion {
    fn name(&self) -> String {
        let Self {
            event,
            project,
            period,
            number,
            snapshot,
        } = self;
        format!("{}/{project}/{period}/{number}/{snapshot}", event.name())
    }

    fn what(&self) -> String {
        let (project, period, number) = (&self.project, self.period, self.number);
        match self.event {
            Event::Submitted => format!("{project} report to {period}, revision {number}"),
            Event::Released => format!("{project} release {number}, to {period}"),
        }
    }
}

/// Returns the deliveries of a store.
pub(super) fn outbox(records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Outbox<Occasion> {
    Outbox::new(PLACES, records, clock)
}
