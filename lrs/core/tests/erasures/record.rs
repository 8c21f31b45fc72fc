//! What a person who asks is told of what is held.

use serde_json::{Value, json};
use varde_core::Role;
use varde_core::documents::{NewDocument, Preconditions, Subject};
use varde_core::erasures::{ErasureError, Manner, PersonRecord, Until, Whom};

use varde_test_support::caller;
use varde_xapi::{Family, Ifi};

use crate::world::{KARI, OLA, World, agent, kari, register, statement};

async fn document(world: &World, mbox: &str, bytes: &[u8]) {
    let subject = Subject::State {
        activity: "https://example.org/course".to_owned(),
        agent: Ifi::Mbox(mbox.to_owned()).canonical(),
        registration: None,
    };
    let new = NewDocument {
        content_type: "application/octet-stream".to_owned(),
        bytes: bytes.to_vec(),
    };
    let none = Preconditions::default();
    let put = world
        .documents
        .put(&world.caller, Family::V2, (&subject, "place"), new, &none);
    put.await.unwrap();
}

/// Kari in every place of statements, Ola beside her and alone, and a document of each.
async fn world() -> (World, Vec<String>) {
    let world = World::new().await;
    register(&world).await;
    let mut sent = Vec::new();
    let mut places = vec![statement(&agent(KARI), "completed")];
    let mut of_ola = |change: &dyn Fn(&mut Value)| {
        let mut one = statement(&agent(OLA), "completed");
        change(&mut one);
        places.push(one);
    };
    of_ola(&|one| one["object"] = json!({ "objectType": "Agent", "mbox": KARI }));
    of_ola(&|one| one["context"] = json!({ "instructor": agent(KARI) }));
    of_ola(&|one| {
        one["context"] =
            json!({ "team": { "objectType": "Group", "name": "T", "member": [agent(KARI)] } });
    });
    of_ola(&|one| {
        let mut inner = statement(&agent(KARI), "attempted");
        inner["objectType"] = "SubStatement".into();
        one["object"] = inner;
    });
    for place in &places {
        sent.push(world.sent(place).await.to_string());
    }
    world.sent(&statement(&agent(OLA), "completed")).await;
    document(&world, KARI, b"page 7").await;
    document(&world, OLA, b"page 9").await;
    (world, sent)
}

async fn record(world: &World) -> PersonRecord {
    world.erasures.record(&world.caller, &kari()).await.unwrap()
}

#[tokio::test]
async fn every_statement_that_names_the_person_is_told_and_no_other() {
    let (world, sent) = world().await;
    let record = record(&world).await;
    let ids: Vec<String> = record
        .statements
        .iter()
        .map(|held| {
            let statement: Value = serde_json::from_str(held.statement.get()).unwrap();
            statement["id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids, sent);
    let texts: Vec<_> = record.documents.iter().map(|one| &one.text).collect();
    assert_eq!(texts, [&Some("page 7".to_owned())]);
    assert_eq!(record.pseudonyms, ["p-kari".to_owned()].into());
    let genders = record.registers.iter().filter(|row| row.field == "gender");
    assert_eq!(genders.count(), 1);
}

#[tokio::test]
async fn it_is_what_an_erasure_would_find() {
    let (world, _) = world().await;
    let plan = world.erasures.plan(&kari(), &Manner::Erase).await.unwrap();
    let record = record(&world).await;
    let statements = plan.statements.len() + plan.mentions.len();
    assert_eq!(record.statements.len(), statements);
    assert_eq!(record.documents.len(), plan.documents);
    let by_name = Whom::Person("p-kari".to_owned());
    let same = world.erasures.record(&world.caller, &by_name).await;
    assert_eq!(same.unwrap().statements.len(), statements);
}

#[tokio::test]
async fn a_voided_statement_is_held_and_told_too() {
    let (world, sent) = world().await;
    let mut voiding = statement(&agent(OLA), "voided");
    voiding["object"] = json!({ "objectType": "StatementRef", "id": sent[0] });
    world.sent(&voiding).await;
    // What voids it names her by what it refers to, not by itself.
    assert_eq!(record(&world).await.statements.len(), sent.len());
}

#[tokio::test]
async fn bytes_that_are_no_text_are_told_in_base64() {
    let (world, _) = world().await;
    let subject = Subject::AgentProfile {
        agent: Ifi::Mbox(KARI.to_owned()).canonical(),
    };
    let new = NewDocument {
        content_type: "image/png".to_owned(),
        bytes: vec![0x89, 0xff],
    };
    let none = Preconditions::default();
    let (about, asks) = ((&subject, "face"), &world.caller);
    let post = world.documents.merge(asks, about, new, &none);
    post.await.unwrap();
    let record = record(&world).await;
    let face = record.documents.iter().find(|one| one.id == "face");
    assert_eq!(face.unwrap().base64.as_deref(), Some("if8="));
}

#[tokio::test]
async fn who_was_told_by_name_is_told_and_each_record_leaves_a_line() {
    let (world, _) = world().await;
    assert!(record(&world).await.readings.is_empty());
    let readings = record(&world).await.readings;
    let [line] = readings.as_slice() else {
        panic!("{} lines", readings.len());
    };
    assert_eq!(line.query, "people record(person)");
    assert_eq!(line.key, world.caller.key);
}

#[tokio::test]
async fn nobody_is_known_to_who_reads_other_spaces_and_nothing_is_told_to_other_roles() {
    let (world, _) = world().await;
    let elsewhere = caller("merse", &world.caller.scopes);
    let unknown = world.erasures.record(&elsewhere, &kari()).await;
    assert!(matches!(unknown, Err(ErasureError::Unknown)));
    for role in [Role::Evaluator, Role::Funder, Role::Auditor, Role::Learner] {
        let mut asks = world.caller.clone();
        asks.role = Some(role);
        let refused = world.erasures.record(&asks, &kari()).await.unwrap_err();
        assert!(matches!(refused, ErasureError::Forbidden(_)), "{role}");
    }
}

#[tokio::test]
async fn who_reads_all_spaces_is_told_what_the_registers_say_of_somebody_without_statements() {
    let (world, _) = world().await;
    let person = Whom::Person("p-1".to_owned());
    let record = world.erasures.record(&world.caller, &person).await.unwrap();
    assert!(record.statements.is_empty());
    assert!(record.registers.iter().any(|row| row.field == "gender"));
}

#[tokio::test]
async fn of_somebody_restricted_or_unknown_nothing_is_told() {
    let (world, _) = world().await;
    let until = Until {
        day: None,
        rule: "a request".to_owned(),
    };
    let restricted = Manner::Restrict(until);
    world
        .erasures
        .carry_out(&kari(), &restricted)
        .await
        .unwrap();
    let refused = world.erasures.record(&world.caller, &kari()).await;
    assert!(matches!(refused, Err(ErasureError::Restricted)));
    let nobody = Whom::Person("p-nobody".to_owned());
    let refused = world.erasures.record(&world.caller, &nobody).await;
    assert!(matches!(refused, Err(ErasureError::Unknown)));
}
