//! Time and chance come in from outside, so that a test owns both.

use std::fmt::Debug;

use uuid::Uuid;
use varde_xapi::Stored;

/// Tells the time. Stores ask it for `stored`; it may stand still or go back, and they cope.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the present instant, in microseconds since 1970 UTC.
    fn now(&self) -> Stored;
}

/// Gives random bytes, fit for ids, nonces and keys.
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills the buffer with random bytes.
    fn fill(&self, bytes: &mut [u8]);

    /// Returns a random (version 4) UUID.
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
