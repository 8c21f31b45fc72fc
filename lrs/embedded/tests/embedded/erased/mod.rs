//! The proof: a person who was everywhere is nowhere.
//!
//! A name is planted in every place that can hold one. Each search is first shown to find it; after
//! the erasure none of them does, in the store, in its files, or in a copy of them. Where a name can
//! never come (dictionaries, the audit log), the search is shown to find one that was put there by
//! force.

mod searched;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use varde_core::agents::Agents;
use varde_core::audit::{Audit, Told};
use varde_core::documents::Subject;
use varde_core::erasures::{Manner, Whom};
use varde_core::people::IdentityName;
use varde_core::ports::{AttachmentName, Attachments as _, Position, StatementLog};
use varde_core::registers::{Entity, EntityKind, PersonId, Roster, Row};
use varde_core::statements::Selection;
use varde_core::{Caller, Clock as _, KeyId};
use varde_test_support::TestClock;
use varde_xapi::{Agent, Family};

use self::searched::{copy, database, files_with, tables_with};
use self::world::{World, ifi, other, person, said};

/// Is in every planted text, and in no other.
const NEEDLE: &str = "roofsen";
const NAME: &str = "Karoline Proofsen";
const MBOX: &str = "mailto:karoline.proofsen@example.org";
const PSEUDONYM: &str = "p-proofsen";
/// Is only in documents that were deleted again.
const DELETED: &str = "Karoline Proofsen, deleted";
const ACTIVITY: &str = "https://example.org/coaching";
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

fn state() -> Subject {
    Subject::State {
        activity: ACTIVITY.to_owned(),
        agent: ifi().canonical(),
        registration: None,
    }
}

fn profile() -> Subject {
    Subject::AgentProfile {
        agent: ifi().canonical(),
    }
}

/// Puts the name into every place.
async fn plant(world: &World) -> AttachmentName {
    let kept = world.keep(&format!("a portrait of {NAME}")).await;
    let attachment = json!({
        "usageType": "https://example.org/portrait", "display": { "en": NAME },
        "contentType": "text/plain", "length": 32, "sha2": kept.sha2,
    });
    let definition = json!({ "id": ACTIVITY, "definition": { "name": { "en": NAME } } });
    let own = said(
        &person(),
        &json!({ "object": definition, "attachments": [attachment] }),
    );
    let voided = world.send(&said(&person(), &json!({}))).await;
    world.send(&own).await;
    let team = json!({ "objectType": "Group", "member": [person(), other()] });
    let sub = json!({
        "objectType": "SubStatement", "actor": person(),
        "verb": { "id": "https://example.org/will" }, "object": { "id": ACTIVITY },
    });
    let target = json!({ "objectType": "StatementRef", "id": voided.to_string() });
    let void = json!({ "id": "http://adlnet.gov/expapi/verbs/voided" });
    for more in [
        json!({ "actor": team }),
        json!({ "object": person() }),
        json!({ "object": sub }),
        json!({ "context": { "instructor": person() } }),
        json!({ "context": { "team": team } }),
        json!({ "context": { "contextAgents": [
            { "objectType": "contextAgent", "agent": person() }
        ] } }),
        json!({ "context": { "extensions": { "https://example.org/coach": person() } },
                "actor": team }),
        json!({ "verb": void, "object": target }),
    ] {
        world.send(&said(&other(), &more)).await;
    }
    let vouched = Caller {
        authority: Arc::from(person().to_string()),
        ..world.caller.clone()
    };
    world.send_as(&vouched, &said(&other(), &json!({}))).await;
    for n in 0..40 {
        let text = format!("{NAME} {n} {}", "x".repeat(n * 97));
        world.put(&state(), &format!("state-{n}"), &text).await;
        world.put(&state(), "changing", &text).await;
    }
    world.put(&profile(), "profile", NAME).await;
    while world.erasures.activities.step().await.expect("learned") {}
    kept
}

fn row(kind: EntityKind, id: &str, field: &str, value: &str) -> Row {
    Row {
        entity: Entity::new(kind, id),
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    }
}

/// How many statements of the person a dictionary is trained on.
const TRAINED_ON: usize = 2_050;

/// One of many statements of the person that have much in common.
fn answered(n: usize) -> Value {
    let more = json!({
        "object": { "id": format!("{ACTIVITY}/{}", n % 30) },
        "verb": { "id": format!("https://example.org/verbs/{}", n % 7) },
        "result": { "response": format!("{NAME} answers {n}") },
    });
    said(&person(), &more)
}

/// Sends so many statements of the person that the store trains a dictionary on them.
async fn send_many(world: &World) {
    for batch in 0..TRAINED_ON / 50 {
        let one = |n: usize| {
            let n = batch * 50 + n;
            answered(n)
        };
        let text = Value::from((0..50).map(one).collect::<Vec<_>>()).to_string();
        let received = varde_xapi::receive(text.as_bytes(), Family::V2).expect("valid");
        let stored = (world.statements).store(&world.caller, Family::V2, received.statements);
        stored.await.expect("stored");
    }
}

/// Puts documents with the name in, and deletes them again; others' statements lie between.
async fn leave_traces(world: &World) {
    let text = DELETED.repeat(200);
    let deleted = Subject::ActivityProfile {
        activity: ACTIVITY.to_owned(),
    };
    for n in 0..30 {
        world.put(&deleted, &format!("deleted-{n}"), &text).await;
        world.send(&said(&other(), &json!({}))).await;
    }
    let cleared = world.documents.clear(&world.caller, &deleted).await;
    cleared.expect("they are deleted");
}

async fn register(world: &World) {
    let rows = vec![
        row(EntityKind::Person, PSEUDONYM, "gender", "f"),
        row(
            EntityKind::Identifier,
            &ifi().canonical(),
            "person",
            PSEUDONYM,
        ),
    ];
    let imported = world.erasures.registers.import(rows).await;
    imported.expect("the register is imported");
}

/// Returns what rows of the person's statements look like on disk, where they are compressed: the
/// latter half of some of them.
fn compressed(folder: &Path) -> Vec<Vec<u8>> {
    let sql = "SELECT body FROM log WHERE dict > 0 ORDER BY position DESC LIMIT 400 OFFSET 100";
    let database = database(folder);
    let mut select = database.prepare(sql).expect("prepared");
    let bodies = select.query_map([], |row| row.get(0)).expect("read");
    let bodies: Vec<Vec<u8>> = bodies.collect::<Result<_, _>>().expect("read");
    let halves = bodies.into_iter().step_by(40);
    halves.map(|body| body[body.len() / 2..].to_vec()).collect()
}

/// A dictionary is trained on statements without their names. One that is trained on them as they
/// are has the name, and the search finds it.
fn assert_dictionaries_hold_nobody(folder: &Path, copies: &Path) {
    let count: i64 = database(folder)
        .query_row(
            "SELECT count(*) FROM dictionary WHERE trained_at > 0",
            [],
            |row| row.get(0),
        )
        .expect("read");
    assert_eq!(count, 1, "one was trained on the person's statements");
    assert!(!tables_with(folder, NEEDLE).contains_key("dictionary"));
    let samples: Vec<String> = (0..TRAINED_ON).map(|n| answered(n).to_string()).collect();
    let with_names = zstd::dict::from_samples(&samples, 32 * 1024).expect("trained");
    let planted = copies.join("dictionary");
    copy(folder, &planted);
    let update = "UPDATE dictionary SET bytes = ?1 WHERE trained_at > 0";
    database(&planted)
        .execute(update, [with_names])
        .expect("planted");
    assert!(tables_with(&planted, NEEDLE).contains_key("dictionary"));
}

/// The audit log, as text: the place where it is said of whom somebody was told.
async fn audit_log(world: &World) -> String {
    let lines = Audit::new(world.store.clone()).lines(0).await;
    format!("{:?}", lines.expect("read"))
}

/// Of whom somebody was told is on record, by the person's id.
async fn assert_told_without_name(world: &World, person: &PersonId) {
    let log = audit_log(world).await;
    assert!(log.contains(person.as_str()), "{log}");
    assert!(!log.contains(NEEDLE), "{log}");
}

/// Lets somebody be told of the person, who is asked for by name.
async fn tell(world: &World) -> PersonId {
    let registers = world.erasures.registers.clone();
    let audit = Audit::new(world.store.clone());
    let keys = world.erasures.keys.clone();
    let roster = Roster::new(registers, keys, audit, world.erasures.clock.clone());
    let today = "2026-03-01".parse().expect("a day");
    let card = roster.show(&world.caller, PSEUDONYM, today).await;
    let card = card.expect("shown").expect("the person is there");
    assert_eq!(card.listed.person, PSEUDONYM);
    card.listed.id
}

/// Looks wherever the store itself can be asked; says where something is found.
async fn asked(world: &World, kept: &AttachmentName) -> BTreeMap<&'static str, bool> {
    let mut found = BTreeMap::new();
    let events = world
        .store
        .follow(Position(0), usize::MAX)
        .await
        .expect("followed");
    let rows = events
        .iter()
        .any(|event| format!("{event:?}").contains(NEEDLE));
    found.insert("rows of the log, decoded", rows);
    let selection = Selection {
        agent: Some(ifi().canonical()),
        related_agents: true,
        ..Selection::default()
    };
    let page = world.statements.select(&world.caller, selection).await;
    found.insert("index", !page.expect("read").statements.is_empty());
    for (place, subject) in [("state", state()), ("agent profile", profile())] {
        let list = world.documents.list(&world.caller, &subject, None).await;
        found.insert(place, !list.expect("listed").ids.is_empty());
    }
    let data = world.store.read(kept).await.expect("looked up");
    found.insert("attachment", data.is_some());
    let known = world
        .erasures
        .activities
        .definition(&world.caller, ACTIVITY)
        .await;
    let known = known
        .expect("read")
        .is_some_and(|text| text.get().contains(NEEDLE));
    found.insert("activity definition", known);
    let asked = Agent {
        ifi: ifi(),
        name: None,
    };
    let agents = Agents::new(world.statements.clone());
    let names = agents
        .person(&world.caller, &asked)
        .await
        .expect("read")
        .names;
    found.insert("names of the agent", !names.is_empty());
    let registers = world.erasures.registers.refresh().await.expect("read");
    found.insert("registers", format!("{registers:?}").contains(NEEDLE));
    for (place, name) in [
        ("identity of the identifier", IdentityName::agent(&ifi())),
        (
            "identity of the pseudonym",
            IdentityName::pseudonym(PSEUDONYM),
        ),
    ] {
        let id = world.erasures.registers.identities().find(&name).await;
        found.insert(place, id.expect("looked up").is_some());
    }
    found
}

fn assert_each(found: &BTreeMap<&'static str, bool>, expected: bool, when: &str) {
    for (place, is_found) in found {
        assert_eq!(*is_found, expected, "{place}, {when}");
    }
}

/// No use case writes a name there. Where one did, the search would find it.
async fn assert_a_name_in_the_audit_log_would_be_found(
    copy: &Path,
    clock: &Arc<TestClock>,
    key: KeyId,
) {
    let world = World::open(copy, clock, Some(key)).await;
    let told = Told::new(NAME, &[], 1);
    let audit = Audit::new(world.store.clone());
    audit
        .add(clock.now(), &world.caller, &told)
        .await
        .expect("noted");
    assert!(audit_log(&world).await.contains(NEEDLE));
    world.store.close().await.expect("closed");
}

/// The files of a store that is closed hold the name, each in its own way.
fn assert_files_hold_the_name(folder: &Path, rows: &[Vec<u8>]) {
    assert!(
        files_with(folder, DELETED).contains_key("varde.db"),
        "in free pages"
    );
    let tables = tables_with(folder, NEEDLE);
    assert!(
        tables.contains_key("record") && tables.contains_key("origin"),
        "{tables:?}"
    );
    for row in rows {
        assert!(
            files_with(folder, row).contains_key("varde.db"),
            "a compressed row"
        );
    }
}

fn assert_files_hold_nobody(folder: &Path, rows: &[Vec<u8>]) {
    assert_eq!(
        files_with(folder, NEEDLE),
        BTreeMap::new(),
        "once it is closed"
    );
    assert_eq!(tables_with(folder, NEEDLE), BTreeMap::new());
    for row in rows {
        assert_eq!(files_with(folder, row), BTreeMap::new(), "a compressed row");
    }
}

#[tokio::test]
async fn an_erased_person_is_nowhere() {
    let (folder, copies) = (
        TempDir::new().expect("a folder"),
        TempDir::new().expect("a folder"),
    );
    let (folder, clock) = (folder.path(), Arc::new(TestClock::default()));
    let world = World::open(folder, &clock, None).await;
    register(&world).await;
    let kept = plant(&world).await;
    send_many(&world).await;
    leave_traces(&world).await;
    let person = tell(&world).await;
    // The files as they are while the store is open: most is in the write-ahead log.
    let open = files_with(folder, NEEDLE);
    assert!(open.contains_key("varde.db-wal"), "{open:?}");
    assert!(open.contains_key("other files"), "the attachment: {open:?}");
    let (key, caller) = (world.caller.key, world.caller.clone());
    world.store.close().await.expect("closed");
    drop(world);
    let rows = compressed(folder);
    assert_files_hold_the_name(folder, &rows);
    assert_dictionaries_hold_nobody(folder, copies.path());

    let world = World::open(folder, &clock, Some(key)).await;
    assert_eq!(world.caller, caller);
    assert_told_without_name(&world, &person).await;
    world.put(&state(), "the last", NAME).await;
    assert_each(&asked(&world, &kept).await, true, "before");
    let before = copies.path().join("before");
    copy(folder, &before);
    assert!(
        !files_with(&before, NEEDLE).is_empty(),
        "a copy from before has it"
    );
    assert!(files_with(folder, NEEDLE).contains_key("varde.db"));
    assert_a_name_in_the_audit_log_would_be_found(&before, &clock, key).await;

    clock.advance(DAY);
    let whom = Whom::Person(PSEUDONYM.to_owned());
    let receipt = world.erasures.carry_out(&whom, &Manner::Erase).await;
    let receipt = receipt.expect("erased");
    assert_eq!(
        (receipt.statements.len(), receipt.mentions.len()),
        (2 + TRAINED_ON, 8)
    );
    assert_eq!((receipt.documents, receipt.attachments), (43, 1));
    assert!(!format!("{receipt:?}{}", receipt.text()).contains(NEEDLE));

    assert_eq!(
        files_with(folder, NEEDLE),
        BTreeMap::new(),
        "while the store is open"
    );
    assert_each(&asked(&world, &kept).await, false, "afterwards");
    assert_told_without_name(&world, &person).await;
    world.store.close().await.expect("closed");
    drop(world);
    assert_files_hold_nobody(folder, &rows);
    let after = copies.path().join("after");
    copy(folder, &after);
    assert_eq!(files_with(&after, NEEDLE), BTreeMap::new(), "in a copy");
    let world = World::open(&after, &clock, Some(key)).await;
    assert_each(
        &asked(&world, &kept).await,
        false,
        "in a copy that is opened",
    );
}
