//! The proof: a person who was everywhere is nowhere.
//!
//! A name is planted in every place that can hold one. Each search is first shown to find it; after
//! the erasure none of them does, in the store, in its files, or in a copy of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;
use varde_core::agents::Agents;
use varde_core::documents::{Documents, NewDocument, Preconditions, Subject};
use varde_core::erasures::{Erasures, Manner, Whom};
use varde_core::keys::NewKey;
use varde_core::people::IdentityName;
use varde_core::ports::{AttachmentName, Attachments as _, Position, StatementLog};
use varde_core::registers::{Entity, EntityKind, Row};
use varde_core::statements::{Selection, Statements};
use varde_core::{Caller, KeyId, Scope};
use varde_embedded::EmbeddedStore;
use varde_test_support::{SeededEntropy, TestClock, caller, erasures, registers, space};
use varde_xapi::attachment::Digester;
use varde_xapi::{Agent, Family, Ifi, StatementId};

/// Is in every planted text, and in no other.
const NEEDLE: &str = "roofsen";
const NAME: &str = "Karoline Proofsen";
const MBOX: &str = "mailto:karoline.proofsen@example.org";
const PSEUDONYM: &str = "p-proofsen";
/// Is only in documents that were deleted again.
const DELETED: &str = "Karoline Proofsen, deleted";
const ACTIVITY: &str = "https://example.org/coaching";
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

struct World {
    store: Arc<EmbeddedStore>,
    erasures: Erasures,
    statements: Statements,
    documents: Documents,
    caller: Caller,
}

fn ifi() -> Ifi {
    Ifi::Mbox(MBOX.to_owned())
}

fn person() -> Value {
    json!({ "objectType": "Agent", "name": NAME, "mbox": MBOX })
}

fn other() -> Value {
    json!({ "objectType": "Agent", "mbox": "mailto:other@example.org" })
}

fn said(actor: &Value, more: &Value) -> Value {
    let mut said = json!({
        "actor": actor,
        "verb": { "id": "http://adlnet.gov/expapi/verbs/experienced" },
        "object": { "id": ACTIVITY },
    });
    let members = more.as_object().expect("members");
    said.as_object_mut()
        .expect("an object")
        .extend(members.clone());
    said
}

impl World {
    async fn open(folder: &Path, clock: &Arc<TestClock>, key: Option<KeyId>) -> Self {
        let store = Arc::new(crate::open_with(folder, clock));
        let registers = registers(store.clone(), store.clone()).await;
        let erasures = erasures(&store, clock, &registers, Vec::new());
        let key = match key {
            Some(key) => key,
            None => made_key(&erasures).await,
        };
        Self {
            statements: Statements::new(
                store.clone(),
                store.clone(),
                Arc::new(SeededEntropy::new(9)),
                100,
            ),
            documents: Documents::new(store.clone(), clock.clone()),
            erasures,
            caller: Caller {
                key,
                ..caller("sing", &[Scope::All])
            },
            store,
        }
    }

    async fn send(&self, statement: &Value) -> StatementId {
        self.send_as(&self.caller, statement).await
    }

    async fn send_as(&self, caller: &Caller, statement: &Value) -> StatementId {
        let text = statement.to_string();
        let batch = varde_xapi::receive(text.as_bytes(), Family::V2).expect("it is valid");
        let stored = self.statements.store(caller, Family::V2, batch.statements);
        stored.await.expect("it is stored")[0]
    }

    async fn put(&self, subject: &Subject, id: &str, text: &str) {
        let new = NewDocument {
            content_type: "text/plain".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let conditions = Preconditions::default();
        // Only there state is replaced without a condition.
        let family = match subject {
            Subject::State { .. } => Family::V1,
            _ => Family::V2,
        };
        let put = (self.documents).put(&self.caller, family, (subject, id), new, &conditions);
        put.await.expect("it is put");
    }

    async fn keep(&self, data: &str) -> AttachmentName {
        let mut digester = Digester::of("");
        digester.update(data.as_bytes());
        let name = AttachmentName {
            space: space("sing"),
            sha2: digester.finish(),
        };
        let mut writer = self.store.write(name.clone()).await.expect("a writer");
        writer.write(data.as_bytes()).await.expect("written");
        writer.keep().await.expect("kept");
        name
    }
}

async fn made_key(erasures: &Erasures) -> KeyId {
    let key = NewKey {
        name: "front-end".to_owned(),
        secret: "a secret".to_owned(),
        home_page: "https://example.org".to_owned(),
        space: space("sing"),
        also_reads: Vec::new(),
        scopes: vec![Scope::All],
        tolerances: Vec::new(),
        projects: Vec::new(),
        partner: None,
        role: None,
    };
    erasures.keys.create(key).await.expect("a key").id
}

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

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes
        .windows(needle.len())
        .any(|some| some == needle.as_bytes())
}

/// Counts by kind of file how many files have a text in their bytes.
fn in_files(folder: &Path, needle: &str, found: &mut BTreeMap<String, usize>) {
    for entry in std::fs::read_dir(folder).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            in_files(&path, needle, found);
            continue;
        }
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let kind = if name.starts_with("varde.db") {
            name
        } else {
            "other files".to_owned()
        };
        if contains(&std::fs::read(&path).expect("the file is read"), needle) {
            *found.entry(kind).or_default() += 1;
        }
    }
}

fn files_with(folder: &Path, needle: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    in_files(folder, needle, &mut found);
    found
}

/// Counts by table how many cells have the name in them: records, origins, dictionaries, terms.
fn tables_with(folder: &Path) -> BTreeMap<String, usize> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = folder.join("varde.db");
    let connection = Connection::open_with_flags(file, flags).expect("it is opened");
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut tables = connection.prepare(names).expect("prepared");
    let tables = tables.query_map([], |row| row.get(0)).expect("read");
    let tables: Vec<String> = tables.collect::<Result<_, _>>().expect("read");
    let mut found = BTreeMap::new();
    for table in tables {
        let sql = format!("SELECT * FROM {table}");
        let mut select = connection.prepare(&sql).expect("prepared");
        let columns = select.column_count();
        let mut rows = select.query([]).expect("read");
        while let Some(row) = rows.next().expect("read") {
            for column in 0..columns {
                let cell = row.get_ref(column).expect("a cell");
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = cell
                    && contains(bytes, NEEDLE)
                {
                    *found.entry(table.clone()).or_default() += 1;
                }
            }
        }
    }
    found
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

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("it is copied");
        }
    }
}

fn assert_each(found: &BTreeMap<&'static str, bool>, expected: bool, when: &str) {
    for (place, is_found) in found {
        assert_eq!(*is_found, expected, "{place}, {when}");
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
    leave_traces(&world).await;
    // The files as they are while the store is open: most is in the write-ahead log.
    let open = files_with(folder, NEEDLE);
    assert!(open.contains_key("varde.db-wal"), "{open:?}");
    assert!(open.contains_key("other files"), "the attachment: {open:?}");
    let (key, caller) = (world.caller.key, world.caller.clone());
    world.store.close().await.expect("closed");
    drop(world);
    assert!(
        files_with(folder, DELETED).contains_key("varde.db"),
        "in free pages"
    );
    let tables = tables_with(folder);
    assert!(
        tables.contains_key("record") && tables.contains_key("origin"),
        "{tables:?}"
    );

    let world = World::open(folder, &clock, Some(key)).await;
    assert_eq!(world.caller, caller);
    world.put(&state(), "the last", NAME).await;
    assert_each(&asked(&world, &kept).await, true, "before");
    let before = copies.path().join("before");
    copy(folder, &before);
    assert!(
        !files_with(&before, NEEDLE).is_empty(),
        "a copy from before has it"
    );
    assert!(files_with(folder, NEEDLE).contains_key("varde.db"));

    clock.advance(DAY);
    let whom = Whom::Person(PSEUDONYM.to_owned());
    let receipt = world.erasures.carry_out(&whom, &Manner::Erase).await;
    let receipt = receipt.expect("erased");
    assert_eq!((receipt.statements.len(), receipt.mentions.len()), (2, 8));
    assert_eq!((receipt.documents, receipt.attachments), (43, 1));
    assert!(!format!("{receipt:?}{}", receipt.text()).contains(NEEDLE));

    assert_eq!(
        files_with(folder, NEEDLE),
        BTreeMap::new(),
        "while the store is open"
    );
    assert_each(&asked(&world, &kept).await, false, "afterwards");
    world.store.close().await.expect("closed");
    drop(world);
    assert_eq!(
        files_with(folder, NEEDLE),
        BTreeMap::new(),
        "once it is closed"
    );
    assert_eq!(tables_with(folder), BTreeMap::new());
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
