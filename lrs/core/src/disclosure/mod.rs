//! Disclosure control: what somebody may see of results who may not see every row.
//!
//! - [`Rows`]: which rows a caller sees one by one.
//! - [`Series`]: a one-dimensional table at period ends, of which no small number can be worked out,
//!   neither from one table nor from the differences of two.
//! - [`Kin`]: several tables of which some count parts of what others count.
//! - [`Nested`]: two such tables of which one divides the other, such as regions and countries.
//!
//! # How a table is protected
//!
//! Who sees a table also knows its total, this procedure, and what they see row by row. What is
//! protected is therefore the number of *others*, and of these what was not shown before: the
//! *lag* of each cell behind the value that was shown last. Cells with a lag of 1 to k - 1 are not
//! moved on, and with them those with the smallest lag of k or more, so that what stays behind
//! always holds a small and a larger lag. Which cells stay is decided by lags alone and never by
//! names or order. So whoever exchanges the lags of two cells that stay gets a table that would be
//! shown in the very same way, and cannot tell which of the two it was. Where all cells together
//! could be small, none is moved on, and the total only by k or more.

mod joint;
mod nested;
mod rows;
mod series;
mod threshold;

pub use joint::{Column, Kin, Step, Told};
pub use nested::Nested;
pub use rows::{Rows, Seen};
pub use series::{Count, Counts, DisclosedTable, Series, Shown};
pub use threshold::Threshold;
