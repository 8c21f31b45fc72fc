//! What is known of an activity is the sum of what entitled statements said of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::activities::Activities;
use varde_core::keys::{Keys, NewKey};
use varde_core::memory::MemoryStore;
use varde_core::statements::Statements;
use varde_core::{Caller, Scope};
use varde_test_support::{SeededEntropy, TestClock, space};
use varde_xapi::Family;

const COURSE: &str = "https://example.org/course";

struct World {
    statements: Statements,
    activities: Activities,
    keys: Arc<Keys>,
}

impl World {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
        let entropy = Arc::new(SeededEntropy::new(1));
        let keys = Arc::new(Keys::new(
            store.clone(),
            entropy.clone(),
            Arc::new(TestClock::default()),
        ));
        Self {
            statements: Statements::new(store.clone(), store.clone(), entropy, 100),
            activities: Activities::new(store.clone(), store, keys.clone()),
            keys,
        }
    }

    async fn caller(&self, name: &str, home: &str, scopes: &[Scope]) -> Arc<Caller> {
        let new = NewKey {
            scopes: scopes.to_vec(),
            ..NewKey::new(name, "secret", "https://example.org", space(home))
        };
        let key = self.keys.create(new).await.unwrap();
        Arc::clone(&self.keys.check(Some(&key), "secret").unwrap().caller)
    }

    async fn say(&self, caller: &Caller, definition: &Value) {
        let text = json!({
            "actor": { "mbox": "mailto:p@example.org" },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/attempted" },
            "object": { "id": COURSE, "definition": definition },
        })
        .to_string();
        let batch = varde_xapi::receive(text.as_bytes(), Family::V1).unwrap();
        self.statements
            .store(caller, Family::V1, batch.statements)
            .await
            .unwrap();
    }

    async fn known(&self, caller: &Caller) -> Option<Value> {
        let definition = self.activities.definition(caller, COURSE).await.unwrap();
        definition.map(|text| serde_json::from_str(text.get()).unwrap())
    }
}

#[tokio::test]
async fn what_statements_say_of_an_activity_is_merged_and_read_at_once() {
    let world = World::new();
    let caller = world.caller("lms", "sing", &[Scope::All]).await;
    assert_eq!(world.known(&caller).await, None);
    world
        .say(&caller, &json!({ "name": { "nb": "Kurs" } }))
        .await;
    assert_eq!(
        world.known(&caller).await,
        Some(json!({ "name": { "nb": "Kurs" } }))
    );
    world
        .say(
            &caller,
            &json!({ "name": { "sv": "Kurs" }, "type": "https://example.org/t" }),
        )
        .await;
    let both = json!({ "name": { "nb": "Kurs", "sv": "Kurs" }, "type": "https://example.org/t" });
    assert_eq!(world.known(&caller).await, Some(both));
}

#[tokio::test]
async fn a_key_that_may_not_define_changes_nothing() {
    let world = World::new();
    let entitled = world.caller("lms", "sing", &[Scope::All]).await;
    let writer = world
        .caller("player", "sing", &[Scope::StatementsWrite])
        .await;
    world
        .say(&entitled, &json!({ "name": { "nb": "Kurs" } }))
        .await;
    world
        .say(&writer, &json!({ "name": { "nb": "Noe annet" } }))
        .await;
    assert_eq!(
        world.known(&entitled).await,
        Some(json!({ "name": { "nb": "Kurs" } }))
    );
}

#[tokio::test]
async fn another_space_knows_nothing_of_it() {
    let world = World::new();
    let sing = world.caller("sing", "sing", &[Scope::All]).await;
    let merse = world.caller("merse", "merse", &[Scope::All]).await;
    world.say(&sing, &json!({ "name": { "nb": "Kurs" } })).await;
    assert_eq!(world.known(&merse).await, None);
}

#[tokio::test]
async fn definitions_catch_up_over_many_statements() {
    let world = World::new();
    let caller = world.caller("lms", "sing", &[Scope::All]).await;
    for n in 0..450 {
        world
            .say(&caller, &json!({ "name": { "nb": format!("Kurs {n}") } }))
            .await;
    }
    assert_eq!(
        world.known(&caller).await,
        Some(json!({ "name": { "nb": "Kurs 449" } }))
    );
}
