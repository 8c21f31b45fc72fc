//! How many connections there are to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use mongodb::event::EventHandler;
use mongodb::event::cmap::CmapEvent;

/// The connections of one process, over all members.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: AtomicI64,
    in_use: AtomicI64,
}

impl Connections {
    /// Returns what the driver tells of connections.
    pub(crate) fn handler(self: &Arc<Self>) -> EventHandler<CmapEvent> {
        let connections = Arc::clone(self);
        EventHandler::callback(move |event| connections.heed(&event))
    }

    fn heed(&self, event: &CmapEvent) {
        let (count, change) = match event {
            CmapEvent::ConnectionCreated(_) => (&self.open, 1),
            CmapEvent::ConnectionClosed(_) => (&self.open, -1),
            CmapEvent::ConnectionCheckedOut(_) => (&self.in_use, 1),
            CmapEvent::ConnectionCheckedIn(_) => (&self.in_use, -1),
            _ => return,
        };
        count.fetch_add(change, Ordering::Relaxed);
    }

    /// Returns how many are open, and how many of those are in use.
    pub(crate) fn counted(&self) -> (i64, i64) {
        let count = |count: &AtomicI64| count.load(Ordering::Relaxed).max(0);
        (count(&self.open), count(&self.in_use))
    }
}
