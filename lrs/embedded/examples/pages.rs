//! Measures how many pages of 100 statements the embedded store reads.
//!
//! `cargo run --release -p varde-embedded --example pages -- [FOLDER] [STATEMENTS] [FILTERS]`
//!
//! Fills a store as course data does (10 verbs, 200 activities, 1,000 agents, in any mixture; one
//! more activity that only the oldest statements are about), then reads pages by several filters,
//! two readers at once; only by those named when any are, such as `verb+activity`. Compare lines of
//! one run only.

#![expect(
    clippy::print_stdout,
    reason = "printing the figures is what it is for"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::JoinSet;
use varde_core::Clock;
use varde_core::ports::{NewStatement, PageQuery, StatementLog, TermKey};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, SeededEntropy, space};
use varde_xapi::Stored;

const EACH: Duration = Duration::from_secs(3);
const READERS: u64 = 2;

/// A clock that moves by a microsecond whenever it is asked.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Stored {
        Stored(1_772_366_400_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A term of one kind, of so many.
#[derive(Clone, Copy)]
struct Kind(u64, u64);

const VERB: Kind = Kind(1, 10);
const ACTIVITY: Kind = Kind(2, 200);
const AGENT: Kind = Kind(3, 1_000);
const COURSE: Kind = Kind(4, 1);
/// What only the oldest tenth of the statements has, and not all of that.
const OLD: Kind = Kind(5, 1);

impl Kind {
    /// Returns one of the terms, spread over all keys as hashes are.
    fn any(self, chance: &SeededEntropy) -> u64 {
        SeededEntropy::new(self.0 << 32 | chance.below(self.1)).next()
    }
}

fn statement(number: u64, count: u64) -> NewStatement {
    let chance = SeededEntropy::new(number);
    let mut terms = [VERB, ACTIVITY, AGENT, COURSE]
        .map(|kind| kind.any(&chance))
        .to_vec();
    if number < count / 10 && number.is_multiple_of(100) {
        terms.push(OLD.any(&chance));
    }
    let random = SeededEntropy::new(!number);
    let id = (u128::from(random.next()) << 64) | u128::from(random.next());
    let draft = Draft::new(number).terms(&terms);
    let own_id = draft.with(|new| {
        new.id.0 = uuid::Uuid::from_u128(id);
        new.body = "x".repeat(641);
    });
    own_id.build()
}

#[tokio::main]
async fn main() {
    let mut words = env::args().skip(1);
    let parent = words.next().map_or_else(env::temp_dir, PathBuf::from);
    let count = words
        .next()
        .map_or(330_000, |word| word.parse().expect("a number"));
    let folder = TempDir::new_in(&parent).expect("the folder takes files");
    let store = EmbeddedStore::open(&folder.path().join("store"), Arc::new(Ticking::default()));
    let store = store.expect("the store is opened");
    for first in (0..count).step_by(500) {
        let batch = first..(first + 500).min(count);
        let batch = batch.map(|number| statement(number, count)).collect();
        store.append(batch).await.expect("the batch is appended");
    }
    let filters: [&[Kind]; 8] = [
        &[],
        &[AGENT],
        &[VERB],
        &[VERB, ACTIVITY],
        &[AGENT, VERB],
        &[COURSE, ACTIVITY],
        &[AGENT, ACTIVITY, VERB],
        &[VERB, OLD],
    ];
    let only = words.next();
    let asked = |kinds: &&[Kind]| only.as_ref().is_none_or(|only| *only == names(kinds));
    for kinds in filters.into_iter().filter(asked) {
        for scoped in [false, true] {
            measure(&store, kinds, scoped).await;
        }
    }
    store.close().await.expect("the store is closed");
}

/// Lets readers ask for newest pages until the time is over, and prints what came of it.
async fn measure(store: &EmbeddedStore, kinds: &'static [Kind], scoped: bool) {
    let (began, pages) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut running = JoinSet::new();
    for reader in 0..READERS {
        let (store, pages) = (store.clone(), Arc::clone(&pages));
        running.spawn(async move {
            let chance = SeededEntropy::new(reader);
            let mut found = 0;
            while began.elapsed() < EACH {
                let page = store.page(&query(kinds, scoped, &chance)).await;
                found += page.expect("the page is read").statements.len();
                pages.fetch_add(1, Ordering::Relaxed);
            }
            found
        });
    }
    let found: usize = running.join_all().await.into_iter().sum();
    let pages = pages.load(Ordering::Relaxed) as f64;
    println!(
        "{:<24} {:<8} {:>8.1} pages/s of {:>5.1} statements",
        names(kinds),
        if scoped { "in scope" } else { "" },
        pages / began.elapsed().as_secs_f64(),
        found as f64 / pages,
    );
}

fn query(kinds: &[Kind], scoped: bool, chance: &SeededEntropy) -> PageQuery {
    let home = space("sing");
    let scope = [vec![TermKey::space(&home)]];
    PageQuery {
        filters: kinds
            .iter()
            .map(|kind| vec![TermKey(kind.any(chance))])
            .collect(),
        scope: scope.into_iter().filter(|_| scoped).collect(),
        spaces: vec![home],
        since: None,
        until: None,
        ascending: false,
        limit: 100,
        after: None,
        through: None,
        voided: false,
    }
}

fn names(kinds: &[Kind]) -> String {
    let name = |kind: &Kind| match kind.0 {
        1 => "verb",
        2 => "activity",
        3 => "agent",
        4 => "course",
        _ => "old",
    };
    kinds.iter().map(name).collect::<Vec<_>>().join("+")
}
