//! What a store tells of its work.

use std::fmt::Debug;
use std::time::Duration;

/// Is told of each group of writes that a store made durable together. It must not take long: the
/// next group waits meanwhile.
pub trait GroupObserver: Debug + Send + Sync {
    /// So many statements and changes of records were made durable, by a sync that took so long.
    fn synced(&self, rows: usize, took: Duration);
}
