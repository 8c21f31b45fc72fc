//! Measures the runner: what it costs a statement, how far it is behind, and what large groups do.
//!
//! `cargo run --release -p varde-load --example ledger -- [FOLDER] [STATEMENTS] [PART]`
//!
//! `PART` is `stream` (ingest without and with the runner by turns, replay, size, memory), `groups`
//! (a group of 100,000 facts, a register row that touches 100,000 entries), or both when left out.
//! Compare figures of one run only.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing the figures is what it is for"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]

mod course;
mod groups;
mod meter;
mod store;
mod stream;

use std::env;
use std::path::PathBuf;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let mut words = env::args().skip(1);
    let folder = words.next().map_or_else(env::temp_dir, PathBuf::from);
    let number = |word: String| word.parse().expect("a number");
    let statements = words.next().map_or(1_000_000, number);
    let part = words.next().unwrap_or_default();
    if part != "groups" {
        stream::measure(&folder, statements).await;
    }
    if part != "stream" {
        groups::measure(&folder, statements.min(100_000)).await;
    }
}
