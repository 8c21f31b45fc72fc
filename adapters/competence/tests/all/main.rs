//! Evidence rules from file to outcome.

mod findings;
mod outcomes;
mod properties;
mod rules;
mod world;
