//! Groups that grow: one of very many facts, and one register row that very many rest on.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use varde_core::ledger::{Ledger, Runner};

use crate::course;
use crate::meter::Bar;
use crate::store::{Store, everybody};

/// How many statements one batch holds.
const BATCH: u64 = 500;
/// How often the cost of one more fact is taken.
const TIMES: u64 = 20;

pub(crate) async fn measure(folder: &Path, facts: u64) {
    println!();
    one_group(folder, facts).await;
    one_row(folder, facts).await;
}

/// One learner who begins the same scheme over and over.
async fn one_group(folder: &Path, facts: u64) {
    let store = Store::new(folder).await;
    store.import(course::registers()).await;
    store.install().await;
    let scheme = course::scheme(7);
    let fact = |number| course::start(number, 1, &scheme);
    fill(&store, facts, "statements of one group", fact).await;
    let runner = store.runner();
    let all = follow(&runner).await;
    println!("a group of {facts} facts: {all:.2?} to take all of them");
    let mut each = Vec::new();
    for number in facts..facts + TIMES {
        store.append(vec![fact(number)]).await;
        each.push(follow(&runner).await);
    }
    each.sort();
    let median = each.get(each.len() / 2).copied().unwrap_or_default();
    let after_start = store.runner();
    store.append(vec![fact(facts + TIMES)]).await;
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
        ("project:sing", "yes"),
        ("organiser:NO-123456785", "yes"),
    ];
    let rows = known.map(|(field, value)| course::activity_row(SCHEME, field, value));
    store.import(rows.to_vec()).await;
    let start = |number| course::start(number, number, SCHEME);
    fill(&store, learners, "statements of one scheme", start).await;
    let runner = store.runner();
    let all = follow(&runner).await;
    println!("{learners} learners of one scheme: {all:.2?} to take all of them");
    let before = standings(&store.ledger(), SCHEME).await;
    let organiser = course::activity_row(SCHEME, "organiser:SE-2021005489", "yes");
    store.import(vec![organiser]).await;
    let commits = store.commits().await;
    let ended = Arc::new(AtomicBool::new(false));
    let reading = tokio::spawn(read(store.ledger(), SCHEME, Arc::clone(&ended)));
    let took = follow(&runner).await;
    ended.store(true, Ordering::Relaxed);
    let (answers, seen) = reading.await.expect("the reader ends");
    let commits = store.commits().await - commits - 1;
    let after = standings(&store.ledger(), SCHEME).await;
    println!("  one row that touches them all: {took:.2?}, {commits} commits");
    let whole = BTreeSet::from([before.clone(), after.clone()]);
    assert!(
        seen.is_subset(&whole),
        "an answer was of two moments: {seen:?}"
    );
    println!(
        "  {answers} answers meanwhile, each as before the row ({before:?}) or behind it ({after:?})"
    );
    store.close().await;
}

/// Asks over and over what is known of some of a scheme's learners; returns how often, and the
/// different answers.
async fn read(
    ledger: Ledger,
    scheme: &str,
    ended: Arc<AtomicBool>,
) -> (u64, BTreeSet<BTreeSet<String>>) {
    let (mut answers, mut seen) = (0, BTreeSet::new());
    while !ended.load(Ordering::Relaxed) {
        seen.insert(standings(&ledger, scheme).await);
        answers += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    (answers, seen)
}

/// Returns how the participations of one in sixteen of a scheme's learners stand.
async fn standings(ledger: &Ledger, scheme: &str) -> BTreeSet<String> {
    let prefix = format!("key|{scheme}|unresolved:a");
    let snapshots = ledger.current("indicator-set", None).await;
    let mut standings = BTreeSet::new();
    for snapshot in snapshots.expect("the ledger is read") {
        let rows = ledger.rows(&everybody(), &snapshot, 2, &prefix).await;
        let bodies = rows.expect("the rows are read").into_iter();
        let standing = |body: &Value| body.get("standing").map(Value::to_string);
        standings.extend(bodies.filter_map(|row| standing(&row.entry.body)));
    }
    standings
}

async fn fill(store: &Store, count: u64, what: &'static str, text: impl Fn(u64) -> String) {
    let (mut from, mut bar) = (0, Bar::new(what, count));
    while from < count {
        let to = count.min(from + BATCH);
        store.append((from..to).map(&text).collect()).await;
        from = to;
        bar.at(from);
    }
}

async fn follow(runner: &Runner) -> Duration {
    let began = Instant::now();
    runner.catch_up().await.expect("the ledgers follow");
    began.elapsed()
}
