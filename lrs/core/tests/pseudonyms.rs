//! Two requests that name the same new person at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use varde_core::memory::MemoryStore;
use varde_core::people::Pseudonyms;
use varde_core::ports::{Position, StatementLog};
use varde_core::registers::RegisterBook;
use varde_core::statements::Statements;
use varde_core::{Caller, Scope, StoreError};
use varde_test_support::{Beforehand, SeededEntropy, TestClock, WatchedLog, caller, registers};
use varde_xapi::Family;

/// Another request for the same person comes in just before the first append.
#[derive(Debug)]
struct Faster {
    statements: Statements,
    came: AtomicBool,
}

#[async_trait]
impl Beforehand for Faster {
    async fn append(&self) -> Result<(), StoreError> {
        if !self.came.swap(true, Ordering::SeqCst) {
            send(&self.statements, "passed").await;
        }
        Ok(())
    }
}

async fn send(statements: &Statements, verb: &str) {
    let text = format!(
        r#"{{"actor":{{"mbox":"mailto:kari@example.org"}},"verb":{{"id":"http://adlnet.gov/expapi/verbs/{verb}"}},
        "object":{{"id":"https://example.org/course"}}}}"#
    );
    let mut by: Caller = caller("sing", &[Scope::All]);
    by.ingest.policy.pseudonymise = true;
    let received = varde_xapi::receive(text.as_bytes(), Family::V2).expect("valid");
    let stored = statements.store(&by, Family::V2, received.statements);
    stored.await.expect("stored");
}

fn statements(
    log: Arc<dyn StatementLog>,
    store: &Arc<MemoryStore>,
    registers: &RegisterBook,
    seed: u64,
) -> Statements {
    let entropy = Arc::new(SeededEntropy::new(seed));
    let pseudonyms = Pseudonyms::new(Arc::clone(registers.identities()));
    Statements::new(log, store.clone(), entropy, 100).with_pseudonyms(pseudonyms)
}

#[tokio::test]
async fn both_end_with_one_pseudonym() {
    let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
    let registers = registers(store.clone(), store.clone()).await;
    let faster = Faster {
        statements: statements(store.clone(), &store, &registers, 1),
        came: AtomicBool::new(false),
    };
    let watched = Arc::new(WatchedLog::new(store.clone(), faster));
    send(&statements(watched, &store, &registers, 2), "completed").await;
    let events = store.follow(Position(0), 10).await.expect("followed");
    let actors = events.iter().map(|event| {
        let text = match &event.what {
            varde_core::ports::Happened::Statement(stored) => stored.body.clone(),
            other => panic!("{other:?}"),
        };
        varde_xapi::read(&text).expect("valid").actor
    });
    let actors: Vec<_> = actors.collect();
    assert_eq!(actors.len(), 2);
    assert_eq!(actors[0], actors[1]);
}
