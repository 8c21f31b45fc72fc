//! A stream of statements: what the runner costs the ingest, and what it takes by itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use varde_core::ledger::{Runner, Step};

use crate::course;
use crate::store::{Store, ready};

/// Callers at once, each with one statement at a time.
const CALLERS: u64 = 16;

pub(crate) async fn measure(folder: &Path, statements: u64) {
    println!("{statements} statements, {CALLERS} callers, 5 definitions");
    let store = Store::new(folder).await;
    store.import(course::registers()).await;
    let alone = ingest(&store, statements).await;
    print("ingest without the runner", statements, alone);
    let size_before = {
        store.install().await;
        let began = Instant::now();
        store.runner().catch_up().await.expect("the ledgers follow");
        let took = began.elapsed();
        print("replay of the log", statements, took);
        store.close().await
    };
    let (beside, behind, size) = with_runner(folder, statements).await;
    print("ingest with the runner", statements, beside);
    println!(
        "  ratio {:.2}; {behind:.2?} from the last answer to its checkpoint",
        alone.as_secs_f64() / beside.as_secs_f64()
    );
    let bare = bare(folder, statements).await;
    let of_ledger = |size: u64| size.saturating_sub(bare) as f64 / statements as f64;
    println!(
        "store {:.0} bytes a statement, of which ledgers {:.0} (followed) and {:.0} (replayed)",
        size as f64 / statements as f64,
        of_ledger(size),
        of_ledger(size_before)
    );
}

async fn with_runner(folder: &Path, statements: u64) -> (Duration, Duration, u64) {
    let store = Store::new(folder).await;
    store.import(course::registers()).await;
    store.install().await;
    let runner = Arc::new(store.runner());
    runner.catch_up().await.expect("the ledgers follow");
    let ended = Arc::new(AtomicBool::new(false));
    let following = tokio::spawn(follow(Arc::clone(&runner), Arc::clone(&ended)));
    let took = ingest(&store, statements).await;
    let acknowledged = Instant::now();
    ended.store(true, Ordering::Relaxed);
    following.await.expect("the runner ends");
    let behind = acknowledged.elapsed();
    (took, behind, store.close().await)
}

/// Follows the log until it is told to stop and stands at the head.
async fn follow(runner: Arc<Runner>, ended: Arc<AtomicBool>) {
    loop {
        let last = ended.load(Ordering::Relaxed);
        let step = runner.step().await.expect("the ledgers follow");
        if step == Step::Idle {
            if last {
                return;
            }
            let rest = tokio::time::timeout(Duration::from_millis(20), runner.rest());
            let _ = rest.await;
        }
    }
}

/// Returns the size of a store of the same statements without a ledger.
async fn bare(folder: &Path, statements: u64) -> u64 {
    let store = Store::new(folder).await;
    store.import(course::registers()).await;
    ingest(&store, statements).await;
    store.close().await
}

async fn ingest(store: &Store, statements: u64) -> Duration {
    let (began, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (log, next) = (store.log(), Arc::clone(&next));
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= statements {
                    return;
                }
                let batch = vec![ready(number, &course::statement(number))];
                log.append(batch).await.expect("the statement is appended");
            }
        });
    }
    callers.join_all().await;
    began.elapsed()
}

fn print(what: &str, statements: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    println!(
        "{what:>28}: {:>7.0} statements/s, {:>6.1} us each",
        statements as f64 / seconds,
        seconds * 1e6 / statements as f64
    );
}
