//! Evidence rules from file to outcome.

mod counting;
mod findings;
mod matching;
mod outcomes;
mod properties;
mod rules;
mod tallies;
mod world;
