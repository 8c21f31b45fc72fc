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
mod history;
mod matching;
mod meaning;
mod naive;
mod outcomes;
mod properties;
mod rules;
mod several;
mod tallies;
mod world;
mod world_of_histories;
