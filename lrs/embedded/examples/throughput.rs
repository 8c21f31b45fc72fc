//! Measures what the embedded store takes in, beside what the disk does by itself.
//!
//! `cargo run --release -p varde-embedded --example throughput -- [FOLDER] [STATEMENTS]`
//!
//! Each line is one run in the same folder: the plain sync rate of the disk, single durable
//! appends by callers at once, then batches. Compare lines of one run only.

#![expect(
    clippy::print_stdout,
    reason = "printing the figures is what it is for"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::JoinSet;
use varde_core::Clock;
use varde_core::ports::{NewStatement, StatementLog};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, SeededEntropy};
use varde_xapi::Stored;

const EACH: Duration = Duration::from_secs(5);

/// A clock that moves by a microsecond whenever it is asked.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Stored {
        Stored(1_772_366_400_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Statements of 641 bytes with 9 terms, spread as course data is: few verbs, many agents.
struct Source {
    next: AtomicU64,
    body: String,
}

impl Source {
    fn new() -> Self {
        Self {
            next: AtomicU64::new(0),
            body: "x".repeat(641),
        }
    }

    fn one(&self) -> NewStatement {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let chance = SeededEntropy::new(number);
        let term =
            |kind: u64, count: u64| SeededEntropy::new(kind << 32 | chance.below(count)).next();
        let terms = [
            term(1, 10),
            term(2, 10_000),
            term(3, 10_000),
            term(3, 200),
            term(4, 2_000),
            term(5, 200),
            term(5, 200),
            term(5, 20),
            term(6, 50_000),
        ];
        let random = SeededEntropy::new(!number);
        let id = (u128::from(random.next()) << 64) | u128::from(random.next());
        Draft::new(number)
            .terms(&terms)
            .with(|new| {
                new.id.0 = uuid::Uuid::from_u128(id);
                new.body.clone_from(&self.body);
            })
            .build()
    }

    fn batch(&self, size: usize) -> Vec<NewStatement> {
        (0..size).map(|_| self.one()).collect()
    }
}

#[tokio::main]
async fn main() {
    let mut words = env::args().skip(1);
    let parent = words.next().map_or_else(env::temp_dir, PathBuf::from);
    let statements = words
        .next()
        .map_or(500_000, |word| word.parse().expect("a number"));
    let folder = TempDir::new_in(&parent).expect("the folder takes files");
    println!(
        "disk: {:>8.0} fdatasync/s after 4 KiB each",
        sync_rate(folder.path())
    );
    let store = EmbeddedStore::open(&folder.path().join("store"), Arc::new(Ticking::default()));
    let (store, source) = (store.expect("the store is opened"), Arc::new(Source::new()));
    for callers in [1, 16, 64, 256] {
        measure(&store, &source, callers, 1, Bound::Time(EACH)).await;
    }
    for (callers, size) in [(8, 50), (4, 500)] {
        measure(&store, &source, callers, size, Bound::Time(EACH)).await;
    }
    measure(&store, &source, 4, 500, Bound::Statements(statements)).await;
    store.close().await.expect("the store is closed");
    let bytes = fs::metadata(folder.path().join("store/varde.db"))
        .expect("the file is there")
        .len();
    let stored = source.next.load(Ordering::Relaxed);
    println!(
        "size: {:>8.0} bytes each, of {stored}",
        bytes as f64 / stored as f64
    );
    println!(
        "disk: {:>8.0} fdatasync/s after 4 KiB each",
        sync_rate(folder.path())
    );
}

#[derive(Clone, Copy)]
enum Bound {
    Time(Duration),
    Statements(u64),
}

/// Lets callers append at once until the bound, and prints what came of it.
async fn measure(
    store: &EmbeddedStore,
    source: &Arc<Source>,
    callers: u64,
    size: usize,
    bound: Bound,
) {
    let (began, before) = (Instant::now(), writer_ticks());
    let first = source.next.load(Ordering::Relaxed);
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let (store, source) = (store.clone(), Arc::clone(source));
        running.spawn(async move {
            let goes_on = || match bound {
                Bound::Time(time) => began.elapsed() < time,
                Bound::Statements(count) => source.next.load(Ordering::Relaxed) < first + count,
            };
            while goes_on() {
                store
                    .append(source.batch(size))
                    .await
                    .expect("the batch is appended");
            }
        });
    }
    running.join_all().await;
    let (stored, took) = (source.next.load(Ordering::Relaxed) - first, began.elapsed());
    // A tick of the kernel's accounting is 10 ms on Linux.
    let cpu = (writer_ticks() - before) as f64 * 10_000.0 / stored as f64;
    println!(
        "{callers:>4} callers, {size:>3} each: {:>8.0} statements/s, {cpu:>5.1} us of the writer's CPU each, {stored} in {took:.1?}",
        stored as f64 / took.as_secs_f64(),
    );
}

/// Returns how often the disk syncs 4 KiB a second.
fn sync_rate(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("sync")).expect("the file is made");
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < EACH / 2 {
        file.write_all(&[7; 4096]).expect("written");
        file.sync_data().expect("synced");
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// Returns the processor time of the thread that writes, in ticks (Linux; 0 elsewhere).
fn writer_ticks() -> u64 {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let stats = tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("stat")).ok());
    let mut of_writer = stats.filter_map(|stat| {
        let fields = stat.split_once("(varde-writer) ")?.1.to_owned();
        let fields: Vec<_> = fields.split(' ').collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    });
    of_writer.next().unwrap_or(0)
}
