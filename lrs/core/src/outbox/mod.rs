//! What must reach somebody outside, whenever a process ends: it waits, is attempted at growing
//! distances, and every attempt has a line in a log.
//!
//! - [`Outbox`]: keeps [`Delivery`]s and makes [`Attempt`]s.
//! - [`Subject`]: what is delivered; the outbox knows no more of it than its name.
//!
//! An attempt is put on record before it is made and its outcome behind it, so a process that ends
//! in between repeats it, under the same id.

mod attempting;
mod delivery;
mod queue;

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::attempting::Retried;
pub use self::delivery::{ATTEMPTS_MAX, Attempt, Delivery, DeliveryId, Outcome, State};
pub use self::queue::Kept;
use crate::Clock;
use crate::ports::{Collection, Records};

/// What is delivered.
pub trait Subject: Clone + Debug + DeserializeOwned + Serialize + Send + Sync + 'static {
    /// Names it apart from everything else that happens to the same target at the same instant:
    /// the id of a delivery is made of this.
    fn name(&self) -> String;

    /// Tells what it is, for people.
    fn what(&self) -> String;
}

/// How it went to carry something to a target. It never tells the address of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP or SMTP, where the target answered with one.
    pub status: Option<u16>,
    /// What happened, in words.
    pub detail: String,
}

/// Where deliveries of one kind are kept.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// id → [`Delivery`] that waits.
    pub waiting: Collection,
    /// id → [`Delivery`] that waits no more.
    pub settled: Collection,
    /// id, instant → [`Attempt`].
    pub attempts: Collection,
}

/// The deliveries of one kind in a store.
#[derive(Debug, Clone)]
pub struct Outbox<S> {
    places: Places,
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    subject: PhantomData<fn() -> S>,
}

impl<S: Subject> Outbox<S> {
    /// Keeps deliveries in a store's records.
    pub fn new(places: Places, records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Self {
        Self {
            places,
            records,
            clock,
            subject: PhantomData,
        }
    }
}
