//! Hand-over: what was submitted or published is brought to whom the operator names.
//!
//! - [`Handovers`]: brings it. It compares reports and releases as they stand with the deliveries
//!   that are on record, so nothing that happened can be missed, whenever a process ends.
//! - [`Delivery`]: one [`Occasion`] for one target. It waits until it is delivered or given up.
//! - [`Attempt`]: one line of the log.
//! - [`Deliveries`]: shows both, and lets a delivery be tried again.
//! - [`Courier`]: carries a [`Parcel`] to a target; how is not known here.
//!
//! An attempt is put on record before it is made and its outcome behind it, so a process that ends
//! in between repeats it, under the same id.

mod deliveries;
mod occasion;
mod parcel;
mod watches;
mod worker;

use std::collections::BTreeSet;
use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;

pub use self::deliveries::{Deliveries, Told};
pub use varde_core::outbox::{ATTEMPTS_MAX, Answer, Attempt, DeliveryId, Outcome, State};

pub use self::occasion::{Delivery, Occasion};
pub use self::parcel::Parcel;
pub use self::worker::Handovers;
use crate::pack::Language;

/// What happens to a report that others are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A report was submitted.
    Submitted,
    /// Tables of one were published.
    Released,
}

impl Event {
    /// Every event.
    pub const EACH: [Self; 2] = [Self::Submitted, Self::Released];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Released => "released",
        }
    }
}

/// Who is handed what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name, by which deliveries are kept: small letters, digits and hyphens.
    pub name: String,
    /// Of which projects.
    pub projects: BTreeSet<ProjectCode>,
    /// What.
    pub on: BTreeSet<Event>,
    /// The languages of packs.
    pub languages: Vec<Language>,
}

impl Target {
    fn wants(&self, project: &ProjectCode, event: Event) -> bool {
        self.projects.contains(project) && self.on.contains(&event)
    }
}

/// Carries parcels to targets.
#[async_trait]
pub trait Courier: Debug + Send + Sync + 'static {
    /// Carries a parcel to the target of a name, within a bounded time. An error says why it did not
    /// arrive; whether it did all the same may be unknown.
    async fn carry(&self, target: &str, parcel: &Parcel) -> Result<Answer, Answer>;
}
