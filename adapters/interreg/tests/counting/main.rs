//! Indicator sets over the memory store: statements and registers in, values out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conditions;
mod deeds;
mod definitions;
mod examples;
mod histories;
mod left_out;
mod naive;
mod properties;
mod reckoning;
mod report;
mod statements;
mod tallies;
mod whole_set;
mod world;
