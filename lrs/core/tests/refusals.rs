//! Notes of refused requests: bounded however many come, one for what is alike, and on record for every process.

use std::sync::Arc;

use varde_core::keys::{Keys, NewKey};
use varde_core::memory::MemoryStore;
use varde_core::ports::Records;
use varde_core::refusals::{Broken, NOTES_MAX, NoteOfKey, Refusal, Refusals, TOLD_MAX};
use varde_core::{Caller, Clock, KeyId, Scope};
use varde_test_support::{SeededEntropy, TestClock, space};
use varde_xapi::Stored;

struct World {
    clock: Arc<TestClock>,
    store: Arc<MemoryStore>,
    keys: Arc<Keys>,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(TestClock::at(1_000));
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let keys = Keys::new(
            Arc::clone(&store) as Arc<dyn Records>,
            Arc::new(SeededEntropy::new(1)),
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        let keys = Arc::new(keys);
        Self { clock, store, keys }
    }

    /// Returns the notes as a process on the store has them.
    fn refusals(&self) -> Refusals {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let records = Arc::clone(&self.store) as Arc<dyn Records>;
        Refusals::new(records, Arc::clone(&self.keys), clock)
    }

    async fn key(&self, name: &str, home: &str) -> (KeyId, Caller) {
        let new = NewKey {
            scopes: vec![Scope::All],
            ..NewKey::new(name, "a secret for tests", "https://e.org", space(home))
        };
        let key = self.keys.create(new).await.expect("a new key");
        (key.id, self.keys.caller(&key))
    }
}

/// A refusal of a mistake of its own.
fn mistake(number: usize) -> Refusal {
    Refusal {
        code: format!(
            "code-{}",
            char::from(b'a' + u8::try_from(number % 26).expect("a letter"))
        ),
        route: format!("/xapi/{}", "s".repeat(number / 26)),
        ..refusal("$[7].actor.mbox")
    }
}

fn refusal(path: &str) -> Refusal {
    Refusal {
        method: "POST".to_owned(),
        route: "/xapi/statements".to_owned(),
        status: 400,
        code: "invalid-request".to_owned(),
        expected: None,
        broken: vec![Broken {
            path: path.to_owned(),
            line: Some(1),
            column: Some(12),
            rule: "mbox".to_owned(),
            section: "xAPI".to_owned(),
            shape: "a text of 4 characters".to_owned(),
            expected: Some("mailto: and one mail address".to_owned()),
        }],
        total: 1,
    }
}

async fn told(refusals: &Refusals, caller: &Caller) -> Vec<NoteOfKey> {
    refusals.list(caller, None).await.expect("told")
}

#[tokio::test]
async fn refusals_that_are_alike_are_one_note_in_memory_and_on_record() {
    let world = World::new();
    let (key, caller) = world.key("lms", "sing").await;
    let refusals = world.refusals();
    for index in 0..5_000 {
        refusals.note(key, refusal(&format!("$[{index}].actor.mbox")));
    }
    assert_eq!(told(&refusals, &caller).await, [], "not on record yet");
    refusals.record().await.expect("recorded");
    world.clock.set(Stored(9_000));
    refusals.note(key, refusal("$[3].actor.mbox"));
    refusals.note(key, refusal("$[3].actor.openid"));
    refusals.record().await.expect("recorded");
    let notes = told(&world.refusals(), &caller).await;
    let seen: Vec<_> = notes
        .iter()
        .map(|one| {
            let note = &one.note;
            let path = note.refusal.broken[0].path.as_str();
            (path, note.times, note.first.0, note.last.0)
        })
        .collect();
    let expected = [
        ("$[3].actor.openid", 1, 9_000, 9_000),
        ("$[3].actor.mbox", 5_001, 1_000, 9_000),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_flood_of_one_key_neither_grows_nor_touches_another_keys_notes() {
    let world = World::new();
    let (loud, caller) = world.key("loud", "sing").await;
    let (quiet, _) = world.key("quiet", "sing").await;
    let refusals = world.refusals();
    refusals.note(quiet, mistake(0));
    for number in 0..10 * NOTES_MAX {
        refusals.note(loud, mistake(number));
        if number % 77 == 0 {
            refusals.record().await.expect("recorded");
        }
    }
    refusals.record().await.expect("recorded");
    let of = async |key: &str| refusals.list(&caller, Some(key)).await.expect("told");
    assert_eq!(of("quiet").await.len(), 1);
    let notes = of("loud").await;
    assert_eq!(notes.len(), NOTES_MAX);
    let newest = &notes[0].note.refusal;
    assert_eq!(
        newest.code,
        mistake(10 * NOTES_MAX - 1).code,
        "the newest first"
    );
    let record = serde_json::to_vec(&notes).expect("JSON").len();
    assert!(record < 200_000, "{record} bytes");
    assert_eq!(told(&refusals, &caller).await.len(), NOTES_MAX + 1);
}

#[tokio::test]
async fn a_note_is_bounded_whatever_it_is_made_of() {
    let world = World::new();
    let (key, caller) = world.key("lms", "sing").await;
    let refusals = world.refusals();
    let long = "e".repeat(100_000);
    let broken = Broken {
        shape: long.clone(),
        expected: Some(long.clone()),
        ..refusal(&format!("$.{long}")).broken.remove(0)
    };
    let whole = Refusal {
        broken: vec![broken; 1_000],
        expected: Some(long),
        total: 1_000,
        ..refusal("$")
    };
    refusals.note(key, whole);
    let quoting = ["kari@example.org, as in the query", "none but 01017000027"];
    refusals.note(
        key,
        Refusal {
            code: "other".to_owned(),
            expected: Some(quoting[0].to_owned()),
            broken: vec![Broken {
                expected: Some(quoting[1].to_owned()),
                ..refusal("$").broken.remove(0)
            }],
            ..refusal("$")
        },
    );
    refusals.record().await.expect("recorded");
    let notes = told(&refusals, &caller).await;
    let text = serde_json::to_string(&notes).expect("JSON");
    assert!(text.len() < 6_000, "{}", text.len());
    let total = notes.iter().map(|one| one.note.refusal.total).max();
    assert_eq!(total, Some(1_000), "all are counted");
    for quoted in ["kari", "01017000027"] {
        assert!(!text.contains(quoted), "{text}");
    }
}

#[tokio::test]
async fn processes_add_to_one_ring_and_of_all_keys_the_newest_are_told() {
    let world = World::new();
    let (one, other) = (world.refusals(), world.refusals());
    let mut callers = Vec::new();
    let keys = TOLD_MAX / NOTES_MAX + 2;
    for number in 0..keys {
        let (key, caller) = world.key(&format!("lms-{number}"), "sing").await;
        callers.push(caller);
        for note in 0..NOTES_MAX {
            let at = i64::try_from(10_000 * number + note).expect("an instant");
            world.clock.set(Stored(at));
            let process = if note % 2 == 0 { &one } else { &other };
            process.note(key, mistake(note));
        }
    }
    one.record().await.expect("recorded");
    other.record().await.expect("recorded");
    let notes = told(&one, &callers[0]).await;
    assert_eq!(notes.len(), TOLD_MAX);
    assert_eq!(notes[0].key, format!("lms-{}", keys - 1));
    let sorted = notes.is_sorted_by(|one, next| one.note.last >= next.note.last);
    assert!(sorted, "the newest first");
    let first = one.list(&callers[0], Some("lms-0")).await.expect("told");
    assert_eq!(first.len(), NOTES_MAX, "of one key all are told");
}
