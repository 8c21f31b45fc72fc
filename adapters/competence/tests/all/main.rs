//! Evidence rules from file to outcome.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cohorts;
mod composites;
mod counting;
mod endings;
mod examples;
mod explanations;
mod findings;
mod frameworks;
mod gains;
mod histories;
mod matching;
mod naive;
mod outcomes;
mod properties;
mod rules;
mod several;
mod tallies;
mod world;
