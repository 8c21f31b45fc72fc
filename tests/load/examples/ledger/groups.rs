//! Groups that grow: one of very many facts, and one register row that very many rest on.

use std::path::Path;
use std::time::{Duration, Instant};

use varde_core::ledger::Runner;

use crate::course;
use crate::store::Store;

/// How many statements one batch holds.
const BATCH: u64 = 500;
/// How often the cost of one more fact is taken.
const TIMES: u64 = 20;

pub(crate) async fn measure(folder: &Path, facts: u64) {
    one_group(folder, facts).await;
    one_row(folder, facts).await;
}

/// One learner who begins the same scheme over and over.
async fn one_group(folder: &Path, facts: u64) {
    let store = Store::new(folder).await;
    store.import(course::registers()).await;
    store.install().await;
    let scheme = course::scheme(7);
    fill(&store, facts, |number| course::start(number, 1, &scheme)).await;
    let runner = store.runner();
    let all = follow(&runner).await;
    println!("a group of {facts} facts: {all:.2?} to take all of them");
    let mut each = Vec::new();
    for number in facts..facts + TIMES {
        store.append(vec![course::start(number, 1, &scheme)]).await;
        each.push(follow(&runner).await);
    }
    each.sort();
    let median = each.get(each.len() / 2).copied().unwrap_or_default();
    let after_start = store.runner();
    store
        .append(vec![course::start(facts + TIMES, 1, &scheme)])
        .await;
    let first = follow(&after_start).await;
    println!(
        "  one more fact {median:.2?} (median of {TIMES}), {first:.2?} the first after a start"
    );
    store.close().await;
}

/// Many learners of a scheme that becomes joint last of all.
async fn one_row(folder: &Path, learners: u64) {
    const SCHEME: &str = "https://lms.example.org/course/late";
    let store = Store::new(folder).await;
    store.install().await;
    let known = [
        ("kind", "training-scheme"),
        ("organiser:NO-123456785", "yes"),
    ];
    let rows = known.map(|(field, value)| course::activity_row(SCHEME, field, value));
    store.import(rows.to_vec()).await;
    fill(&store, learners, |number| {
        course::start(number, number, SCHEME)
    })
    .await;
    let runner = store.runner();
    let all = follow(&runner).await;
    println!("{learners} learners of one scheme: {all:.2?} to take all of them");
    let organiser = course::activity_row(SCHEME, "organiser:SE-2021005489", "yes");
    store.import(vec![organiser]).await;
    let took = follow(&runner).await;
    println!("  one row that touches them all {took:.2?}");
    store.close().await;
}

async fn fill(store: &Store, count: u64, text: impl Fn(u64) -> String) {
    let mut from = 0;
    while from < count {
        let to = count.min(from + BATCH);
        store.append((from..to).map(&text).collect()).await;
        from = to;
    }
}

async fn follow(runner: &Runner) -> Duration {
    let began = Instant::now();
    runner.catch_up().await.expect("the ledgers follow");
    began.elapsed()
}
