//! What tests share: a clock that stands until it is set, chance from a seed, statements to store,
//! callers, the people that statements name, the law that a tally of facts must keep.

mod caller;
mod clock;
mod cut;
mod draft;
mod entropy;
mod erasures;
mod people;
mod tally;
mod watched;

pub use caller::caller;
pub use clock::TestClock;
pub use cut::Cut;
pub use draft::{Draft, space};
pub use entropy::SeededEntropy;
pub use erasures::{TestList, erasures};
pub use people::{TestKey, acquainted_with, identities, identity, registers};
pub use tally::{assert_tally_law, facts_of};
pub use watched::{Beforehand, WatchedLog};
