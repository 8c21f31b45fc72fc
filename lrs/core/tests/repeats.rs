//! Probable repeats are flagged, never dropped.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::keys::{Keys, NewKey};
use varde_core::memory::MemoryStore;
use varde_core::statements::{Repeats, Selection, Statements};
use varde_core::{Caller, Scope, Space};
use varde_test_support::{SeededEntropy, TestClock};
use varde_xapi::{Family, StatementId};

struct World {
    statements: Statements,
    repeats: Repeats,
    keys: Keys,
}

impl World {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
        let entropy = Arc::new(SeededEntropy::new(1));
        Self {
            statements: Statements::new(store.clone(), store.clone(), entropy.clone(), 100),
            repeats: Repeats::new(store.clone(), store.clone()),
            keys: Keys::new(store, entropy, Arc::new(TestClock::default())),
        }
    }

    async fn caller(&self, space: &str) -> Arc<Caller> {
        let key = self
            .keys
            .create(NewKey {
                scopes: vec![Scope::All],
                ..NewKey::new(
                    space,
                    "secret",
                    "https://example.org",
                    space.parse::<Space>().unwrap(),
                )
            })
            .await
            .unwrap();
        Arc::clone(&self.keys.check(Some(&key), "secret").unwrap().caller)
    }

    async fn post(&self, caller: &Caller, statement: &Value) -> StatementId {
        let text = statement.to_string();
        let batch = varde_xapi::receive(text.as_bytes(), Family::V1).unwrap();
        self.statements
            .store(caller, Family::V1, batch.statements)
            .await
            .unwrap()[0]
    }

    async fn flagged(&self, caller: &Caller) -> Vec<(StatementId, StatementId)> {
        while self.repeats.step().await.unwrap() {}
        let repeats = self.repeats.list(caller, None).await.unwrap();
        repeats
            .iter()
            .map(|repeat| (repeat.statement, repeat.repeats))
            .collect()
    }
}

fn attended(minute: u8, registration: Option<&str>) -> Value {
    let mut statement = json!({
        "actor": { "mbox": "mailto:p@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/attended" },
        "object": { "id": "https://example.org/gathering" },
        "timestamp": format!("2026-02-01T12:{minute:02}:00Z"),
    });
    if let Some(registration) = registration {
        statement["context"] = json!({ "registration": registration });
    }
    statement
}

#[tokio::test]
async fn a_statement_sent_again_under_another_id_is_flagged_and_kept() {
    let world = World::new();
    let caller = world.caller("sing").await;
    let first = world.post(&caller, &attended(0, None)).await;
    let other = world.post(&caller, &attended(1, None)).await;
    let again = world.post(&caller, &attended(0, None)).await;
    assert_eq!(world.flagged(&caller).await, [(again, first)]);
    let thrice = world.post(&caller, &attended(0, None)).await;
    assert_eq!(
        world.flagged(&caller).await,
        [(again, first), (thrice, first)]
    );
    let page = world
        .statements
        .select(&caller, Selection::default())
        .await
        .unwrap();
    let ids: Vec<_> = page
        .statements
        .iter()
        .map(|statement| statement.id)
        .collect();
    assert_eq!(ids, [thrice, again, other, first]);
}

#[tokio::test]
async fn another_registration_makes_no_difference_since_a_client_that_repeats_opens_a_session() {
    let world = World::new();
    let caller = world.caller("sing").await;
    let one = "6f0a3f3c-5b0a-4b7e-9a53-3f0f0c1d2e01";
    let two = "6f0a3f3c-5b0a-4b7e-9a53-3f0f0c1d2e02";
    let first = world.post(&caller, &attended(0, Some(one))).await;
    let again = world.post(&caller, &attended(0, Some(two))).await;
    assert_eq!(world.flagged(&caller).await, [(again, first)]);
}

#[tokio::test]
async fn the_same_words_in_two_spaces_are_no_repeat() {
    let world = World::new();
    let (sing, merse) = (world.caller("sing").await, world.caller("merse").await);
    world.post(&sing, &attended(0, None)).await;
    world.post(&merse, &attended(0, None)).await;
    assert_eq!(world.flagged(&sing).await, []);
    assert_eq!(world.flagged(&merse).await, []);
}
