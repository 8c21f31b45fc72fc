//! Indicator sets over the memory store: statements and registers in, values out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conditions;
mod definitions;
mod examples;
mod naive;
mod properties;
mod report;
mod statements;
mod tallies;
mod world;
