//! Damage that is met wakes whoever looks for damage.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::error::Fault;

/// Rung by whoever meets damage; handles of one alarm are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alarm(Arc<Notify>);

impl Alarm {
    /// Tells that damage was met. One that nobody waits for yet is kept, once.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }

    /// Rings when an answer tells of damage, and returns the answer.
    pub(crate) fn heed<T>(&self, answer: Result<T, Fault>) -> Result<T, Fault> {
        if answer.as_ref().is_err_and(Fault::tells_of_damage) {
            self.ring();
        }
        answer
    }

    /// Waits until it rings, or has rung.
    pub(crate) async fn rung(&self) {
        self.0.notified().await;
    }
}
