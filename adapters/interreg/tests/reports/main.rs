//! Reports over the memory store: opened, submitted, returned, accepted, corrected.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacker;
mod corrections;
mod course;
mod crash;
mod evidence;
mod handover;
mod lines;
mod openings;
mod pack;
mod world;
