//! The audit log: a line that was removed or altered is named.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use varde_core::Scope;
use varde_core::audit::{Audit, AuditFault, Told};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Change, Changes, Collection, Expected, Records};
use varde_test_support::{TestClock, caller};
use varde_xapi::Stored;

const LINE: Collection = Collection("audit");

struct World {
    store: Arc<MemoryStore>,
    audit: Audit,
}

impl World {
    async fn with(lines: u64) -> Self {
        let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
        let audit = Audit::new(Arc::clone(&store) as Arc<dyn Records>);
        for rows in 0..lines {
            let told = Told {
                rows,
                ..Told::new("outcomes", &[("person", true), ("as_of", false)], 0)
            };
            let reader = caller("sing", &[Scope::AllRead]);
            audit
                .add(Stored(1), &reader, &told)
                .await
                .expect("it works in memory");
        }
        Self { store, audit }
    }

    async fn change(&self, number: u64, value: Option<Vec<u8>>) {
        let change = Change {
            collection: LINE,
            key: number.to_be_bytes().to_vec(),
            value,
            expected: Expected::Anything,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        self.store
            .commit(changes)
            .await
            .expect("it works in memory");
    }

    async fn line(&self, number: u64) -> Value {
        let record = self
            .store
            .get(LINE, &number.to_be_bytes())
            .await
            .expect("it works in memory");
        serde_json::from_slice(&record.expect("it works in memory").value)
            .expect("it works in memory")
    }

    async fn faults(&self) -> Vec<AuditFault> {
        self.audit
            .verify()
            .await
            .expect("it works in memory")
            .faults
    }
}

#[tokio::test]
async fn a_line_says_who_was_told_what_and_no_name() {
    let world = World::with(2).await;
    let line = world.line(2).await;
    assert_eq!(line["number"], 2);
    assert_eq!(line["told"]["query"], "outcomes(person)");
    assert_eq!(line["told"]["projects"], json!(["sing"]));
    assert_eq!(line["before"], world.line(1).await["hash"]);
    assert!(!line.to_string().contains("front end"), "{line}");
    let report = world.audit.verify().await.expect("it works in memory");
    assert_eq!((report.lines, report.last), (2, 2));
    assert_eq!(json!(report.head), line["hash"]);
    assert_eq!(report.faults, []);
}

#[tokio::test]
async fn lines_written_at_once_make_one_chain() {
    let world = World::with(0).await;
    let audit = world.audit.clone();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let audit = audit.clone();
            tokio::spawn(async move {
                let told = Told::new("indicators", &[], 1);
                audit.add(Stored(1), &caller("sing", &[]), &told).await
            })
        })
        .collect();
    for task in tasks {
        task.await
            .expect("it works in memory")
            .expect("it works in memory");
    }
    let report = world.audit.verify().await.expect("it works in memory");
    assert_eq!((report.lines, report.faults), (20, vec![]));
}

#[tokio::test]
async fn an_altered_line_is_named_even_with_a_hash_that_fits_it() {
    let world = World::with(5).await;
    // A whole other line, right in itself, from a chain of its own.
    let other = World::with(9).await;
    let mut forged = other.line(3).await;
    forged["told"]["rows"] = json!(0);
    world.change(3, Some(forged.to_string().into_bytes())).await;
    assert_eq!(world.faults().await, [AuditFault::Altered { number: 3 }]);
    let other = World::with(0).await;
    let told = Told::new("something else", &[], 7);
    for _ in 0..5 {
        let reader = caller("sing", &[]);
        other
            .audit
            .add(Stored(1), &reader, &told)
            .await
            .expect("it works in memory");
    }
    let world = World::with(5).await;
    let last = other.line(5).await.to_string().into_bytes();
    world.change(5, Some(last)).await;
    assert_eq!(
        world.faults().await,
        [
            AuditFault::Altered { number: 4 },
            AuditFault::Altered { number: 5 }
        ],
        "either of the two does not fit the other"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_line_that_was_removed_or_altered_is_named(
        lines in 1_u64..12,
        removed in prop::collection::btree_set(1_u64..12, 0..4),
        altered in prop::option::of(1_u64..12),
    ) {
        let runtime = Builder::new_current_thread().build().expect("it works in memory");
        runtime.block_on(async {
            let world = World::with(lines).await;
            let mut expected = Vec::new();
            for number in 1..=lines {
                if removed.contains(&number) {
                    world.change(number, None).await;
                    expected.push(AuditFault::Removed { number });
                } else if altered == Some(number) {
                    let mut line = world.line(number).await;
                    line["told"]["rows"] = json!(1_000);
                    world.change(number, Some(line.to_string().into_bytes())).await;
                    expected.push(AuditFault::Altered { number });
                }
            }
            assert_eq!(world.faults().await, expected);
        });
    }
}
