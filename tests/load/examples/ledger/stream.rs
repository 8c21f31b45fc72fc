//! A stream of statements: what the runner costs the ingest, and what it takes by itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use varde_core::ledger::{Runner, Step};

use crate::course;
use crate::meter::{Bar, Meter, Took, forget_peak, print, print_head, resident};
use crate::store::{Size, Store, ready};

/// Callers at once, each with one statement at a time.
const CALLERS: u64 = 16;
/// In how many parts the statements are stored, without and with the runner by turns: what else
/// the machine does then weighs on both alike.
const PARTS: u64 = 10;
/// How long events gather before the runner that had all of them takes more, as in the server.
const GATHER: Duration = Duration::from_millis(200);

pub(crate) async fn measure(folder: &Path, statements: u64) {
    println!("{statements} statements, {CALLERS} callers, 5 definitions\n");
    let alone = Store::new(folder).await;
    alone.import(course::registers()).await;
    let followed = Store::new(folder).await;
    followed.import(course::registers()).await;
    followed.install().await;
    let stored = by_turns(&alone, &followed, statements).await;
    let (replayed, memory) = replay(&alone, statements).await;

    print_head();
    print("stored without the runner", statements, stored.without);
    print("stored with the runner", statements, stored.with);
    print("the log taken in one go", statements, replayed);
    let seconds = |took: Took| took.time.as_secs_f64();
    println!(
        "\nstored with ÷ without: {:.2} (parts {:.2} to {:.2})",
        seconds(stored.without) / seconds(stored.with),
        stored.ratios.iter().copied().fold(f64::MAX, f64::min),
        stored.ratios.iter().copied().fold(0.0, f64::max),
    );
    println!(
        "taken in one go ÷ stored without: {:.2}",
        seconds(stored.without) / seconds(replayed)
    );
    println!(
        "from the last answer to its checkpoint: {:.0?} (the longest of {PARTS})",
        stored.behind
    );
    println!("resident memory before and at the peak of taking it in one go: {memory}");
    let of_ledgers = |size: Size| {
        let each = |number: u64| number as f64 / statements as f64;
        format!(
            "{:.0} bytes in {:.2} records",
            each(size.bytes),
            each(size.records)
        )
    };
    println!(
        "ledgers a statement: {} (followed), {} (in one go)",
        of_ledgers(followed.ledgers().await),
        of_ledgers(alone.ledgers().await),
    );
    let each = |bytes: u64| bytes as f64 / statements as f64;
    println!(
        "the whole file: {:.0} bytes a statement",
        each(followed.close().await)
    );
    alone.close().await;
}

/// What storing took, without and with a runner.
#[derive(Default)]
struct Stored {
    without: Took,
    with: Took,
    ratios: Vec<f64>,
    behind: Duration,
}

async fn by_turns(alone: &Store, followed: &Store, statements: u64) -> Stored {
    let runner = Arc::new(followed.runner());
    runner.catch_up().await.expect("the ledgers follow");
    let mut bar = Bar::new("stored", statements);
    let mut stored = Stored::default();
    for part in 0..PARTS {
        let numbers = (part * statements / PARTS)..((part + 1) * statements / PARTS);
        let without = ingest(alone, numbers.clone()).await;
        let (with, behind) = with_runner(followed, &runner, numbers.clone()).await;
        let ratio = without.time.as_secs_f64() / with.time.as_secs_f64();
        stored.ratios.push(ratio);
        stored.without = stored.without.and(without);
        stored.with = stored.with.and(with);
        stored.behind = stored.behind.max(behind);
        bar.at(numbers.end);
    }
    stored
}

async fn with_runner(
    store: &Store,
    runner: &Arc<Runner>,
    numbers: std::ops::Range<u64>,
) -> (Took, Duration) {
    let ended = Arc::new(AtomicBool::new(false));
    let following = tokio::spawn(follow(Arc::clone(runner), Arc::clone(&ended)));
    let took = ingest(store, numbers).await;
    let acknowledged = Instant::now();
    ended.store(true, Ordering::Relaxed);
    following.await.expect("the runner ends");
    (took, acknowledged.elapsed())
}

/// Follows the log as the server does, until it is told to stop and stands at the head.
async fn follow(runner: Arc<Runner>, ended: Arc<AtomicBool>) {
    loop {
        let (began, last) = (tokio::time::Instant::now(), ended.load(Ordering::Relaxed));
        match runner.step().await.expect("the ledgers follow") {
            Step::Worked => {}
            Step::Reached => tokio::time::sleep_until(began + GATHER).await,
            Step::Idle if last => return,
            Step::Idle => {
                let rest = tokio::time::timeout(Duration::from_millis(20), runner.rest());
                let _ = rest.await;
            }
        }
    }
}

/// Fills the ledgers of a store that has none yet, and tells of the memory that it took.
async fn replay(store: &Store, statements: u64) -> (Took, String) {
    store.install().await;
    let runner = store.runner();
    forget_peak();
    let (before, _) = resident();
    let mut bar = Bar::new("taken in one go", statements);
    let (meter, mut steps) = (Meter::start(), 0);
    while runner.step().await.expect("the ledgers follow") != Step::Idle {
        steps += 1;
        bar.at(steps * 1_000);
    }
    let took = meter.read();
    (took, format!("{before} and {} MiB", resident().1))
}

async fn ingest(store: &Store, numbers: std::ops::Range<u64>) -> Took {
    let (meter, next) = (Meter::start(), Arc::new(AtomicU64::new(numbers.start)));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (log, next, end) = (store.log(), Arc::clone(&next), numbers.end);
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return;
                }
                let batch = vec![ready(number, &course::statement(number))];
                log.append(batch).await.expect("the statement is appended");
            }
        });
    }
    callers.join_all().await;
    meter.read()
}
