//! Tolerances are off unless a key is given them, and each use is counted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use serde_json::Value;
use varde_core::documents::{Documents, NewDocument, Preconditions, RefusedDocument, Subject};
use varde_core::keys::{Key, Keys, NewKey};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Changes, Collection, CommitError, Committed, KeyRange, Record, Records};
use varde_core::{Caller, Scope, StoreError, Tolerance, ToleranceUses};
use varde_test_support::{SeededEntropy, TestClock, space};
use varde_xapi::Family;

struct World {
    store: Arc<MemoryStore>,
    documents: Documents,
    keys: Keys,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        Self {
            documents: Documents::new(store.clone(), clock),
            keys: keys(&store),
            store,
        }
    }

    async fn key(&self, name: &str, tolerances: &[Tolerance]) -> (Key, Arc<Caller>) {
        let new = NewKey {
            scopes: vec![Scope::All],
            tolerances: tolerances.to_vec(),
            ..NewKey::new(name, "secret", "https://example.org", space("sing"))
        };
        let key = self.keys.create(new).await.unwrap();
        let caller = Arc::clone(&self.keys.check(Some(&key), "secret").unwrap().caller);
        (key, caller)
    }

    async fn put(
        &self,
        caller: &Caller,
        family: Family,
        id: &str,
        content: &str,
    ) -> Result<(), RefusedDocument> {
        let new = NewDocument {
            content_type: "application/json".to_owned(),
            bytes: content.into(),
        };
        let conditions = Preconditions::default();
        self.documents
            .put(caller, family, (&profile(), id), new, &conditions)
            .await
    }
}

fn keys(store: &Arc<MemoryStore>) -> Keys {
    Keys::new(
        store.clone(),
        Arc::new(SeededEntropy::new(1)),
        Arc::new(TestClock::default()),
    )
}

fn profile() -> Subject {
    Subject::ActivityProfile {
        activity: "https://example.org/courses/welding".to_owned(),
    }
}

#[tokio::test]
async fn without_a_tolerance_a_new_profile_needs_a_condition_and_json_is_json() {
    let world = World::new();
    let (_, caller) = world.key("strict", &[]).await;
    let refused = world.put(&caller, Family::V1, "p", "{}").await.unwrap_err();
    assert!(matches!(refused, RefusedDocument::Unconditional));
    let refused = world
        .put(&caller, Family::V2, "p", "a=1")
        .await
        .unwrap_err();
    assert!(matches!(refused, RefusedDocument::NotJson(_)));
    for tolerance in Tolerance::EACH {
        assert_eq!(world.keys.uses_since_start(tolerance), 0);
    }
}

#[tokio::test]
async fn a_profile_without_a_condition_is_stored_where_there_is_none_and_counted_then() {
    let world = World::new();
    let (key, caller) = world
        .key("older", &[Tolerance::UnconditionalProfiles])
        .await;
    world.put(&caller, Family::V1, "p", "{}").await.unwrap();
    let refused = world.put(&caller, Family::V1, "p", "[]").await.unwrap_err();
    assert!(matches!(refused, RefusedDocument::Exists { .. }));
    // 2.0 asks for no condition, so nothing is let off.
    world.put(&caller, Family::V2, "q", "{}").await.unwrap();

    world.keys.record_uses().await.unwrap();
    let uses = ToleranceUses::from([(Tolerance::UnconditionalProfiles, 1)]);
    assert_eq!(world.keys.recorded_uses(key.id).await.unwrap(), uses);
}

#[tokio::test]
async fn a_document_that_is_not_the_json_it_says_is_kept_as_octets() {
    let world = World::new();
    let tolerances = [Tolerance::MislabelledDocuments];
    let (_, caller) = world.key("captivate", &tolerances).await;
    world.put(&caller, Family::V2, "p", "page=3").await.unwrap();
    let kept = world.documents.get(&caller, &profile(), "p").await;
    let kept = kept.unwrap().unwrap();
    assert_eq!(kept.content_type, "application/octet-stream");
    assert_eq!(kept.bytes, b"page=3");
    world.put(&caller, Family::V2, "q", "{}").await.unwrap();
    let right = world.documents.get(&caller, &profile(), "q").await;
    assert_eq!(right.unwrap().unwrap().content_type, "application/json");
    assert_eq!(world.keys.uses_since_start(tolerances[0]), 1);
}

#[tokio::test]
async fn uses_add_up_over_processes_and_keys_keep_theirs_apart() {
    let world = World::new();
    let one = Tolerance::UnknownParameters;
    let (key, caller) = world.key("one", &[one]).await;
    let (other, _) = world.key("other", &[one]).await;
    caller.tolerances.used(one);
    caller.tolerances.used(one);
    world.keys.record_uses().await.unwrap();
    world.keys.record_uses().await.unwrap();

    let restarted = keys(&world.store);
    let again = Arc::clone(&restarted.check(Some(&key), "secret").unwrap().caller);
    again.tolerances.used(one);
    assert_eq!(restarted.uses_since_start(one), 1);
    restarted.record_uses().await.unwrap();
    let uses = restarted.recorded_uses(key.id).await.unwrap();
    assert_eq!(uses, ToleranceUses::from([(one, 3)]));
    assert!(restarted.recorded_uses(other.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_checks_of_one_key_share_its_count() {
    let world = World::new();
    let one = Tolerance::UnknownParameters;
    let (key, caller) = world.key("one", &[one]).await;
    let again = Arc::clone(&world.keys.check(Some(&key), "secret").unwrap().caller);
    caller.tolerances.used(one);
    again.tolerances.used(one);
    world.keys.record_uses().await.unwrap();
    let uses = world.keys.recorded_uses(key.id).await.unwrap();
    assert_eq!(uses, ToleranceUses::from([(one, 2)]));
}

/// Keys of the time before tolerances have none.
#[tokio::test]
async fn a_key_without_the_member_has_no_tolerances() {
    let world = World::new();
    world.key("one", &Tolerance::EACH).await;
    let range = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: 1,
    };
    let kept = world.store.range(Collection("key"), &range).await.unwrap();
    let mut key: Value = serde_json::from_slice(&kept[0].value).unwrap();
    let names = Tolerance::EACH.map(Tolerance::name);
    assert_eq!(key["tolerances"], serde_json::json!(names));
    key.as_object_mut().unwrap().remove("tolerances");
    let key: Key = serde_json::from_value(key).unwrap();
    assert!(key.tolerances.is_empty());
}

#[test]
fn names_are_read_back_and_others_refused_with_the_list() {
    for tolerance in Tolerance::EACH {
        assert_eq!(tolerance.name().parse(), Ok(tolerance));
    }
    let refused = "everything".parse::<Tolerance>().unwrap_err().to_string();
    assert!(refused.contains("everything") && refused.contains("unknown-parameters"));
}

/// Keeps nothing while it is told to fail.
#[derive(Debug)]
struct Failing {
    store: Arc<MemoryStore>,
    fails: AtomicBool,
}

#[async_trait]
impl Records for Failing {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.store.get(collection, key).await
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        self.store.range(collection, range).await
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(StoreError::Busy.into());
        }
        self.store.commit(changes).await
    }
}

#[tokio::test]
async fn uses_that_cannot_be_recorded_wait_for_the_next_time() {
    let world = World::new();
    let one = Tolerance::UnknownParameters;
    let (key, _) = world.key("one", &[one]).await;
    let records = Arc::new(Failing {
        store: world.store.clone(),
        fails: AtomicBool::new(true),
    });
    let keys = Keys::new(
        records.clone(),
        Arc::new(SeededEntropy::new(2)),
        Arc::new(TestClock::default()),
    );
    let caller = Arc::clone(&keys.check(Some(&key), "secret").unwrap().caller);
    caller.tolerances.used(one);
    keys.record_uses().await.unwrap_err();
    records.fails.store(false, Ordering::Relaxed);
    keys.record_uses().await.unwrap();
    let uses = keys.recorded_uses(key.id).await.unwrap();
    assert_eq!(uses, ToleranceUses::from([(one, 1)]));
}
