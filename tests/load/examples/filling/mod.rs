//! Filling a store and having ledgers follow it, with progress and figures.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use varde_core::Clock;
use varde_core::ledger::{Runner, Step};
use varde_core::ports::{NewStatement, StatementLog as _, TermKey};
use varde_embedded::EmbeddedStore;
use varde_test_support::Draft;
use varde_xapi::{Family, Stored};

const BATCH: u64 = 1_000;
/// How often progress is told.
const TELL_AFTER: Duration = Duration::from_secs(30);
const TELL_EACH: u64 = 100_000;

/// A clock that moves by a microsecond whenever it is asked.
#[derive(Debug, Default)]
pub(crate) struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Stored {
        Stored(1_798_761_600_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Does with a statement's text what the record store does before it is stored.
fn ready(number: u64, text: &str) -> NewStatement {
    let batch = varde_xapi::receive(text.as_bytes(), Family::V1).expect("a valid statement");
    let received = batch.statements.into_iter().next().expect("one statement");
    let draft = Draft::new(number).with(|new| {
        let terms = varde_xapi::match_terms(&received.statement);
        new.id = received.statement.id.expect("an id");
        new.terms = terms
            .iter()
            .map(|term| TermKey::of(&new.space, term))
            .collect();
        let timestamp = received.statement.timestamp.as_ref();
        new.timestamp = timestamp.map(|timestamp| timestamp.instant);
        new.equality = received.equality;
        new.body.clone_from(&received.body);
    });
    draft.build()
}

/// Fills a store with statements, each a text by its number.
pub(crate) async fn fill(store: &EmbeddedStore, statements: u64, text: impl Fn(u64) -> String) {
    let began = Instant::now();
    let mut from = 0;
    while from < statements {
        let until = statements.min(from + BATCH);
        let batch = (from..until).map(|number| ready(number, &text(number)));
        let appended = store.append(batch.collect()).await;
        appended.expect("the batch is appended");
        from = until;
        if from % TELL_EACH == 0 {
            println!(
                "{:>34}: {from} statements after {:.0?}",
                "filling the store",
                began.elapsed()
            );
        }
    }
    println!("{:>34}: {:.1?}", "filling the store", began.elapsed());
}

/// Has the ledgers follow to the end of the log.
pub(crate) async fn carry(what: &str, runner: &Runner, statements: u64) {
    let (began, mut told) = (Instant::now(), Instant::now());
    while runner.step().await.expect("the ledgers follow") != Step::Idle {
        if told.elapsed() > TELL_AFTER {
            told = Instant::now();
            let left = runner.lag().await.expect("the ledgers are read").events;
            println!(
                "{what:>34}: {left} events left after {:.0?}",
                began.elapsed()
            );
        }
    }
    let took = began.elapsed();
    println!(
        "{what:>34}: {:.1} us a statement, {:.0} statements/s",
        took.as_secs_f64() * 1e6 / statements as f64,
        statements as f64 / took.as_secs_f64()
    );
}

/// Prints the median and the last of several times.
pub(crate) fn print(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let median = took[took.len() / 2];
    let last = took[took.len() - 1];
    println!("{what:>34}: {median:.2?} median, {last:.2?} at most");
}
