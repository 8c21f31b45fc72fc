//! What tests share: a clock that stands until it is set, chance from a seed, statements to store, callers.

mod caller;
mod clock;
mod draft;
mod entropy;

pub use caller::caller;
pub use clock::TestClock;
pub use draft::{Draft, space};
pub use entropy::SeededEntropy;
