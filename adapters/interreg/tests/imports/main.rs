//! The project office's files: what comes of each line, now and when it comes again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod examples;
mod faults;
mod persons;
mod properties;
mod revisions;
mod statements;
mod world;
