//! Measures the MongoDB store beside the driver's own `insertMany`.
//!
//! `cargo run --release -p varde-load --example mongodb -- [STATEMENTS] [SECONDS]`, with the address of a replica
//! set, without a database, in `VARDE_TEST_MONGODB_URI`; `varde-replica-set --mongod FILE -- …`
//! starts one.
//!
//! For groups of 50 to 2,000 statements it alternates `append()` with an `insertMany` of the very
//! documents that it stored, into a collection with the same indexes and the same write concern:
//! the ratio is what the order of the log costs. Then one process writes, and two. Last, an embedded store
//! and one on MongoDB are filled with so many statements (50,000 unless it is said otherwise) and read.
//! Ratios of one run only.

#![expect(
    clippy::print_stdout,
    reason = "printing the figures is what it is for"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]

mod reading;
mod writing;

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use mongodb::Client;
use tempfile::TempDir;
use varde_core::Clock;
use varde_core::ports::NewStatement;
use varde_embedded::EmbeddedStore;
use varde_mongodb::{MongoStore, Tuning};
use varde_test_support::{Draft, SeededEntropy};
use varde_xapi::Stored;

/// A clock that moves by a microsecond whenever it is asked.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Stored {
        Stored(1_772_366_400_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A term of one kind, of so many.
#[derive(Debug, Clone, Copy)]
struct Kind(u64, u64);

const VERB: Kind = Kind(1, 10);
const ACTIVITY: Kind = Kind(2, 200);
const AGENT: Kind = Kind(3, 1_000);
const COURSE: Kind = Kind(4, 20);
const REGISTRATION: Kind = Kind(5, 5_000);

impl Kind {
    /// Returns one of the terms, spread over all keys as hashes are.
    fn any(self, chance: &SeededEntropy) -> u64 {
        SeededEntropy::new(self.0 << 32 | chance.below(self.1)).next()
    }
}

/// What bodies are made of.
const WORDS: [&str; 8] = [
    "course", "module", "learner", "result", "attempt", "score", "region", "page",
];

/// Returns a statement of about 1,500 bytes that is found by nine terms.
fn statement(number: u64) -> NewStatement {
    let chance = SeededEntropy::new(number);
    let kinds = [
        VERB,
        AGENT,
        AGENT,
        AGENT,
        ACTIVITY,
        COURSE,
        COURSE,
        COURSE,
        REGISTRATION,
    ];
    let terms = kinds.map(|kind| kind.any(&chance));
    let id = statement_id(number);
    let words = (0..200).map(|_| WORDS[usize::try_from(chance.below(8)).unwrap_or(0)]);
    let text = words.collect::<Vec<_>>().join(" ");
    let draft = Draft::new(number).terms(&terms).with(|new| {
        new.id.0 = id;
        new.body = format!(r#"{{"verb":{{"id":"https://example.org/v"}},"text":"{text}"}}"#);
    });
    draft.build()
}

fn statement_id(number: u64) -> uuid::Uuid {
    let random = SeededEntropy::new(!number);
    uuid::Uuid::from_u128((u128::from(random.next()) << 64) | u128::from(random.next()))
}

fn batch(first: u64, count: u64) -> Vec<NewStatement> {
    (first..first + count).map(statement).collect()
}

/// A database of this run.
struct Database {
    server: String,
    name: String,
}

impl Database {
    fn new(server: &str, name: &str) -> Self {
        Self {
            server: server.to_owned(),
            name: format!("varde-load-{}-{name}", std::process::id()),
        }
    }

    fn uri(&self) -> String {
        let (hosts, options) = self.server.split_once("/?").unwrap_or((&self.server, ""));
        format!("{}/{}?{options}", hosts.trim_end_matches('/'), self.name)
    }

    async fn open(&self) -> anyhow::Result<MongoStore> {
        open(&self.uri()).await
    }

    async fn plain(&self) -> anyhow::Result<mongodb::Database> {
        let client = Client::with_uri_str(&self.server).await?;
        Ok(client.database(&self.name))
    }

    async fn drop(self) -> anyhow::Result<()> {
        Ok(self.plain().await?.drop().await?)
    }
}

async fn open(uri: &str) -> anyhow::Result<MongoStore> {
    let tuning = Tuning {
        skew_max: None,
        ..Tuning::default()
    };
    Ok(MongoStore::open_tuned(uri, Arc::new(Ticking::default()), tuning).await?)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [first, uri, seed, seconds, group] = words.as_slice()
        && first == "write"
    {
        return writing::as_a_process(uri, seed.parse()?, seconds.parse()?, group.parse()?).await;
    }
    let number = |place: usize, otherwise| match words.get(place) {
        Some(word) => word.parse(),
        None => Ok(otherwise),
    };
    let (count, seconds) = (number(0, 50_000)?, number(1, 5)?);
    let server = env::var("VARDE_TEST_MONGODB_URI")
        .context("VARDE_TEST_MONGODB_URI names no replica set; varde-replica-set starts one")?;
    writing::beside_the_driver(&server, Duration::from_secs(seconds)).await?;
    writing::by_two_processes(&server, seconds).await?;
    let each = Duration::from_secs(seconds);
    let folder = TempDir::new()?;
    let embedded = EmbeddedStore::open(folder.path(), Arc::new(Ticking::default()))?;
    reading::measure(&embedded, "embedded", count, each).await?;
    embedded.close().await?;
    let database = Database::new(&server, "read");
    let store = database.open().await?;
    reading::measure(&store, "MongoDB", count, each).await?;
    store.close().await;
    database.drop().await
}
