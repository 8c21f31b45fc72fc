use std::sync::atomic::{AtomicI64, Ordering};

use varde_core::Clock;
use varde_xapi::Stored;

/// A clock that shows the same instant until a test moves it, forwards or back.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Starts at an instant, in microseconds since 1970 UTC.
    pub fn at(micros: i64) -> Self {
        Self(AtomicI64::new(micros))
    }

    /// Shows another instant from now on.
    pub fn set(&self, instant: Stored) {
        self.0.store(instant.0, Ordering::SeqCst);
    }

    /// Moves by so many microseconds; back when they are negative.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    /// Starts at noon of 1 March 2026 UTC.
    fn default() -> Self {
        Self::at(1_772_366_400_000_000)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Stored {
        Stored(self.0.load(Ordering::SeqCst))
    }
}
