//! The data of attachments comes in with statements, goes out beside them, and is swept.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::attachments::{AttachmentData, RefusedIntake, Sweep};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Attachments as _, Standing};
use varde_core::statements::{RefusedStatements, Selection, Statements};
use varde_core::{Caller, Clock as _, Scope};
use varde_test_support::{SeededEntropy, TestClock, caller, space};
use varde_xapi::attachment::Digester;
use varde_xapi::multipart::{Event, Parser};
use varde_xapi::{Family, Rule, StatementId, Stored};

const HOUR: i64 = 3_600_000_000;
const LATER: Stored = Stored(i64::MAX);

struct World {
    clock: Arc<TestClock>,
    store: Arc<MemoryStore>,
    statements: Statements,
    data: AttachmentData,
    sweep: Sweep,
    caller: Caller,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let entropy = Arc::new(SeededEntropy::new(1));
        let statements = Statements::new(store.clone(), store.clone(), entropy, 100);
        Self {
            data: AttachmentData::new(statements.clone(), store.clone()),
            sweep: Sweep::new(store.clone(), store.clone(), store.clone()),
            clock,
            store,
            statements,
            caller: caller("sing", &[Scope::All]),
        }
    }

    async fn send(
        &self,
        statements: &Value,
        parts: &[&str],
    ) -> Result<Vec<StatementId>, RefusedIntake> {
        let batch = varde_xapi::receive(statements.to_string().as_bytes(), Family::V1).unwrap();
        let mut intake = self.data.take_in(&self.caller, Family::V1, batch)?;
        for event in events(parts) {
            intake.take(event).await?;
        }
        intake.store().await
    }

    async fn stored(&self, statements: &Value, parts: &[&str]) -> Vec<StatementId> {
        self.send(statements, parts).await.unwrap()
    }

    /// Returns the data beside one statement.
    async fn data_of(&self, id: StatementId, standing: Standing) -> Vec<(String, String)> {
        let found = self
            .statements
            .get(&self.caller, id, standing)
            .await
            .unwrap();
        let mut all = Vec::new();
        for kept in self.data.of(&[found.unwrap()]).await.unwrap() {
            let (mut reader, mut data) = (self.data.read(&kept).await.unwrap(), Vec::new());
            while let Some(chunk) = reader.next().await.unwrap() {
                data.extend(chunk);
            }
            all.push((kept.content_type, String::from_utf8(data).unwrap()));
        }
        all
    }

    /// Returns how many data are kept, named or not.
    async fn kept(&self) -> usize {
        self.store.kept_before(LATER, None, 99).await.unwrap().len()
    }

    async fn sweep_after(&self, micros: i64) -> usize {
        self.clock.advance(micros);
        self.sweep.run(self.clock.now()).await.unwrap()
    }
}

/// Returns what a body with these parts, each under its digest, amounts to.
fn events(parts: &[&str]) -> Vec<Event> {
    let mut parser = Parser::new("b");
    for data in parts {
        let sha2 = sha2(data);
        parser.feed(format!("\r\n--b\r\nX-Experience-API-Hash: {sha2}\r\n\r\n{data}").as_bytes());
    }
    parser.feed(b"\r\n--b--");
    let mut events = Vec::new();
    while let Ok(Some(event)) = parser.next_event() {
        events.push(event);
    }
    events
}

fn sha2(data: &str) -> String {
    let mut digester = Digester::of("");
    digester.update(data.as_bytes());
    digester.finish()
}

fn attachment(data: &str) -> Value {
    json!({
        "usageType": "https://example.org/uses/certificate", "display": { "en": "Certificate" },
        "contentType": "text/plain", "length": data.len(), "sha2": sha2(data),
    })
}

fn statement(attachments: &[Value]) -> Value {
    json!({
        "actor": { "mbox": "mailto:learner-1@example.org" },
        "verb": { "id": "https://example.org/verbs/finished" },
        "object": { "id": "https://example.org/courses/welding" },
        "attachments": attachments,
    })
}

fn within(sub: &Value) -> Value {
    let mut sub = sub.clone();
    sub["objectType"] = "SubStatement".into();
    let mut around = statement(&[]);
    around["object"] = sub;
    around
}

fn voiding(target: StatementId) -> Value {
    let mut voiding = statement(&[]);
    voiding["verb"]["id"] = "http://adlnet.gov/expapi/verbs/voided".into();
    voiding["object"] = json!({ "objectType": "StatementRef", "id": target.to_string() });
    voiding
}

fn rule(refused: &RefusedIntake) -> Rule {
    match refused {
        RefusedIntake::Invalid(faults) => faults.as_slice()[0].rule,
        RefusedIntake::Statements(other) => panic!("expected faults, got {other:?}"),
    }
}

#[tokio::test]
async fn data_is_given_out_beside_the_statements_that_name_it() {
    let world = World::new();
    let batch = json!([
        statement(&[attachment("one"), attachment("two")]),
        within(&statement(&[attachment("two")])),
        statement(&[]),
    ]);
    let ids = world.stored(&batch, &["two", "one"]).await;
    let plain = |data: &str| ("text/plain".to_owned(), data.to_owned());
    let beside = |id| world.data_of(id, Standing::Valid);
    assert_eq!(beside(ids[0]).await, [plain("one"), plain("two")]);
    assert_eq!(beside(ids[1]).await, [plain("two")]);
    assert_eq!(beside(ids[2]).await, []);
    let all = world
        .statements
        .select(&world.caller, Selection::default())
        .await
        .unwrap();
    assert_eq!(world.data.of(&all.statements).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_refused_request_stores_no_statement_and_gives_out_no_data() {
    let world = World::new();
    let one = statement(&[attachment("one"), attachment("two")]);
    let refused = world.send(&one, &["one"]).await.unwrap_err();
    assert_eq!(rule(&refused), Rule::AttachmentData);
    let refused = world
        .send(&one, &["one", "two", "three"])
        .await
        .unwrap_err();
    assert_eq!(rule(&refused), Rule::PartHash);
    let all = world
        .statements
        .select(&world.caller, Selection::default())
        .await
        .unwrap();
    assert_eq!(all.statements, []);

    let mut elsewhere = attachment("one");
    elsewhere["fileUrl"] = "https://example.org/files/1".into();
    world.sweep_after(25 * HOUR).await;
    let id = world.stored(&statement(&[elsewhere]), &[]).await[0];
    assert_eq!(world.data_of(id, Standing::Valid).await, []);
}

#[tokio::test]
async fn a_caller_who_may_not_write_leaves_nothing() {
    let mut world = World::new();
    world.caller.scopes = vec![Scope::AllRead];
    let refused = world.send(&statement(&[attachment("one")]), &["one"]).await;
    let forbidden = RefusedIntake::Statements(RefusedStatements::Forbidden(
        world
            .caller
            .may(varde_core::Need::WriteStatements)
            .unwrap_err(),
    ));
    assert_eq!(refused.unwrap_err().to_string(), forbidden.to_string());
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn what_no_statement_names_is_swept_after_a_day() {
    let world = World::new();
    let two = statement(&[attachment("one"), attachment("two")]);
    world.send(&two, &["one"]).await.unwrap_err();
    world
        .stored(&statement(&[attachment("named")]), &["named"])
        .await;
    world
        .stored(&within(&statement(&[attachment("within")])), &["within"])
        .await;
    assert_eq!(world.kept().await, 3);

    assert_eq!(world.sweep_after(24 * HOUR).await, 0);
    assert_eq!(world.sweep_after(1).await, 1);
    assert_eq!(world.kept().await, 2);
    assert_eq!(world.sweep_after(1_000 * HOUR).await, 0);
}

#[tokio::test]
async fn data_that_comes_again_in_time_is_not_swept() {
    let world = World::new();
    let two = statement(&[attachment("one"), attachment("two")]);
    world.send(&two, &["one"]).await.unwrap_err();
    world.clock.advance(24 * HOUR);
    world.send(&two, &["one"]).await.unwrap_err();
    assert_eq!(world.sweep_after(HOUR).await, 0);
    assert_eq!(world.sweep_after(24 * HOUR).await, 1);
}

#[tokio::test]
async fn the_data_of_a_voided_statement_is_not_swept() {
    let world = World::new();
    let id = world
        .stored(&statement(&[attachment("one")]), &["one"])
        .await[0];
    world.stored(&voiding(id), &[]).await;
    assert_eq!(world.sweep_after(25 * HOUR).await, 0);
    let voided = world.data_of(id, Standing::Voided).await;
    assert_eq!(voided, [("text/plain".to_owned(), "one".to_owned())]);
}

#[tokio::test]
async fn a_statement_of_another_space_keeps_nothing_from_the_sweep() {
    let mut world = World::new();
    world
        .stored(&statement(&[attachment("one")]), &["one"])
        .await;
    world.caller.space = space("sing:test");
    let two = statement(&[attachment("one"), attachment("two")]);
    world.send(&two, &["one"]).await.unwrap_err();
    assert_eq!(world.kept().await, 2);
    assert_eq!(world.sweep_after(25 * HOUR).await, 1);
}

#[tokio::test]
async fn data_that_is_gone_is_a_failure_of_the_store() {
    let world = World::new();
    let id = world
        .stored(&statement(&[attachment("one")]), &["one"])
        .await[0];
    let found = world
        .statements
        .get(&world.caller, id, Standing::Valid)
        .await
        .unwrap();
    let name = world
        .store
        .kept_before(LATER, None, 1)
        .await
        .unwrap()
        .remove(0);
    assert!(world.store.remove(&name, LATER).await.unwrap());
    assert!(world.data.of(&[found.unwrap()]).await.is_err());
}
