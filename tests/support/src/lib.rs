//! What tests share: a clock that stands until it is set, chance from a seed, statements to store,
//! callers, the law that a tally of facts must keep.

mod caller;
mod clock;
mod draft;
mod entropy;
mod tally;

pub use caller::caller;
pub use clock::TestClock;
pub use draft::{Draft, space};
pub use entropy::SeededEntropy;
pub use tally::{assert_tally_law, facts_of};
