//! What no duty keeps any longer goes of itself, and whoever is behind it once nothing else is held.

use jiff::civil::Date;
use serde_json::{Value, json};
use varde_core::documents::{NewDocument, Preconditions, Subject};
use varde_core::erasures::{Manner, OpenPeriod, OpenPeriods, RecordClass, RetentionReceipt, Until};
use varde_core::ports::{Happened, Position, StatementLog};
use varde_core::registers::EntityKind;
use varde_xapi::{Family, Ifi, Stored};

use crate::world::{KARI, OLA, World, agent, kari, register, row, statement};

/// What results rest on through 2026, the rest through 2025.
fn duties() -> Value {
    json!([
        { "class": "audit", "years": 1, "after": "2025-12-31", "source": "rule A" },
        { "class": "learning", "years": 0, "after": "2025-12-31", "source": "rule B" },
    ])
}

fn on(world: &World, day: &str) {
    let at = format!("{day}T12:00:00Z");
    world.clock.set(Stored::parse(&at).unwrap());
}

fn of(mbox: &str, verb: &str, timestamp: &str) -> Value {
    let mut statement = statement(&agent(mbox), verb);
    statement["timestamp"] = json!(timestamp);
    statement
}

async fn run(world: &World, open: &OpenPeriods) -> RetentionReceipt {
    let events = world.store.follow(Position(0), 1_000).await.unwrap();
    let planned = world.erasures.plan_retention(open).await.unwrap();
    let untouched = world.store.follow(Position(0), 1_000).await.unwrap();
    assert_eq!(events, untouched, "a plan changes nothing");
    let receipt = world.erasures.run_retention(open).await.unwrap();
    let as_planned = RetentionReceipt {
        retention: planned.retention,
        dry_run: true,
        documents: 0,
        erasures: Vec::new(),
        left: Vec::new(),
        ..receipt.clone()
    };
    assert_eq!(planned, as_planned, "what is done is what was planned");
    receipt
}

/// Returns the classes and how many statements of each went.
fn went(receipt: &RetentionReceipt) -> Vec<(RecordClass, usize)> {
    let records = receipt.records.iter();
    let went = records.filter_map(|kept| Some((kept.class?, kept.statements)));
    went.collect()
}

#[tokio::test]
async fn each_class_goes_the_day_after_its_own_last_day_and_the_person_with_the_last() {
    let world = World::new().await;
    register(&world).await;
    world.keep(&duties()).await;
    on(&world, "2025-06-01");
    let answered = world
        .sent(&of(KARI, "answered", "2025-06-01T10:00:00Z"))
        .await;
    let completed = world
        .sent(&of(KARI, "completed", "2025-06-01T11:00:00Z"))
        .await;
    let none = OpenPeriods::new();
    for (day, expected) in [
        ("2025-12-31", vec![]),
        ("2026-01-01", vec![(RecordClass::Learning, 1)]),
        ("2026-12-31", vec![]),
    ] {
        on(&world, day);
        let receipt = run(&world, &none).await;
        assert_eq!(went(&receipt), expected, "{day}");
        assert_eq!(receipt.persons, [], "{day}: something is held of her still");
    }
    assert_eq!(world.get(answered).await, None);
    assert!(world.get(completed).await.is_some());
    on(&world, "2027-01-01");
    let receipt = run(&world, &none).await;
    assert_eq!(went(&receipt), [(RecordClass::Audit, 1)]);
    assert_eq!((receipt.persons.len(), receipt.identifiers), (1, 2));
    assert_eq!(world.get(completed).await, None);
    let registers = world.registers.refresh().await.unwrap();
    for known in registers.entities(EntityKind::Person) {
        if known.id == receipt.persons[0].to_string() {
            let values = registers
                .rows(known)
                .iter()
                .filter_map(|row| row.row.value.clone());
            assert!(!values.into_iter().any(|value| value.contains("kari")));
        }
    }
    let text = receipt.text();
    assert!(
        !text.contains("kari") && text.contains("(rule A)"),
        "{text}"
    );
    let again = run(&world, &none).await;
    assert!(again.is_empty(), "{again:?}");
}

#[tokio::test]
async fn nothing_goes_that_no_duty_names_or_that_another_project_keeps() {
    let world = World::new().await;
    let day = "2025-06-01T10:00:00Z";
    let completed = world.sent(&of(KARI, "completed", day)).await;
    on(&world, "2040-01-01");
    assert!(
        run(&world, &OpenPeriods::new()).await.is_empty(),
        "no duty at all"
    );
    let audit = &duties()[0];
    world.keep(&json!([audit])).await;
    let answered = world.sent(&of(KARI, "answered", day)).await;
    let in_merse = row(
        EntityKind::Activity,
        "https://example.org/course",
        "project:merse",
        "yes",
    );
    world.registers.import(vec![in_merse]).await.unwrap();
    assert!(
        run(&world, &OpenPeriods::new()).await.is_empty(),
        "merse says nothing of it"
    );
    let kept = json!([{ "class": "audit", "years": 5, "source": "until further notice" }]);
    let merse = row(EntityKind::Project, "merse", "keep", &kept.to_string());
    world.registers.import(vec![merse]).await.unwrap();
    assert!(
        run(&world, &OpenPeriods::new()).await.is_empty(),
        "merse keeps it"
    );
    let merse = row(
        EntityKind::Project,
        "merse",
        "keep",
        &json!([audit]).to_string(),
    );
    world.registers.import(vec![merse]).await.unwrap();
    let receipt = run(&world, &OpenPeriods::new()).await;
    assert_eq!(went(&receipt), [(RecordClass::Audit, 1)]);
    assert_eq!(world.get(completed).await, None);
    assert!(world.get(answered).await.is_some(), "no duty names it");
    assert_eq!(receipt.persons, [], "she is named in it");
}

#[tokio::test]
async fn what_an_open_report_may_tell_of_waits_until_it_is_submitted() {
    let world = World::new().await;
    on(&world, "2025-07-10");
    world.keep(&duties()).await;
    let reported = world
        .sent(&of(KARI, "completed", "2025-06-30T21:59:59Z"))
        .await;
    // The first of July in Oslo.
    let open = world
        .sent(&of(KARI, "completed", "2025-06-30T22:00:00Z"))
        .await;
    on(&world, "2025-07-20");
    let late = world
        .sent(&of(KARI, "completed", "2025-06-01T10:00:00Z"))
        .await;
    on(&world, "2027-01-01");
    let day = |text: &str| text.parse::<Date>().unwrap();
    let periods = OpenPeriods::from([(
        "sing".to_owned(),
        OpenPeriod {
            after: Some(day("2025-06-30")),
            through: day("2025-12-31"),
            known: Some(Stored::parse("2025-07-15T00:00:00Z").unwrap()),
        },
    )]);
    let receipt = run(&world, &periods).await;
    assert_eq!(went(&receipt), [(RecordClass::Audit, 1)]);
    assert_eq!(receipt.waiting, 2);
    let waiting = "wait until the reports of sing are submitted: 2 statements";
    assert!(receipt.text().contains(waiting), "{}", receipt.text());
    assert_eq!(world.get(reported).await, None);
    assert!(world.get(open).await.is_some() && world.get(late).await.is_some());
    let receipt = run(&world, &OpenPeriods::new()).await;
    assert_eq!(
        (went(&receipt), receipt.waiting),
        (vec![(RecordClass::Audit, 2)], 0)
    );
}

#[tokio::test]
async fn what_is_held_apart_goes_too_and_a_restriction_that_is_over_ends() {
    let world = World::new().await;
    register(&world).await;
    world.keep(&duties()).await;
    on(&world, "2025-06-01");
    world
        .sent(&of(KARI, "completed", "2025-06-01T10:00:00Z"))
        .await;
    world
        .sent(&of(OLA, "completed", "2025-06-01T10:00:00Z"))
        .await;
    world.erase(&kari()).await;
    let until = Until {
        day: Some("2026-06-30".parse().unwrap()),
        rule: "contested".to_owned(),
    };
    let ola = varde_core::erasures::Whom::Identifier(Ifi::Mbox(OLA.to_owned()));
    let restricted = world
        .erasures
        .carry_out(&ola, &Manner::Restrict(until))
        .await;
    restricted.unwrap();
    let held = async || world.erasures.held(&world.caller).await.unwrap().len();
    assert_eq!(held().await, 2);
    on(&world, "2026-07-01");
    let receipt = run(&world, &OpenPeriods::new()).await;
    assert_eq!((receipt.restrictions, receipt.records.len()), (1, 1));
    assert!(receipt.records[0].held && receipt.records[0].class.is_none());
    assert_eq!(held().await, 1);
    on(&world, "2027-01-01");
    let receipt = run(&world, &OpenPeriods::new()).await;
    assert_eq!(went(&receipt), [(RecordClass::Audit, 1)]);
    assert_eq!(held().await, 0);
}

#[tokio::test]
async fn a_document_keeps_its_learner_until_the_project_is_over_and_then_goes() {
    let world = World::new().await;
    register(&world).await;
    let [audit, learning] = [&duties()[0], &duties()[1]];
    world.keep(&json!([learning])).await;
    on(&world, "2025-06-01");
    world
        .sent(&of(KARI, "answered", "2025-06-01T10:00:00Z"))
        .await;
    let subject = Subject::AgentProfile {
        agent: Ifi::Mbox(KARI.to_owned()).canonical(),
    };
    let document = NewDocument {
        content_type: "text/plain".to_owned(),
        bytes: b"blue".to_vec(),
    };
    let all = Preconditions::default();
    let place = (&subject, "colour");
    let put = world
        .documents
        .put(&world.caller, Family::V2, place, document, &all);
    put.await.unwrap();
    let documents = async || {
        let found = world.documents.list(&world.caller, &subject, None).await;
        found.unwrap().ids.len()
    };
    on(&world, "2026-01-01");
    let receipt = run(&world, &OpenPeriods::new()).await;
    assert_eq!(
        (went(&receipt), receipt.persons.len()),
        (vec![(RecordClass::Learning, 1)], 0)
    );
    assert_eq!(documents().await, 1, "the project is not over");
    world.keep(&json!([audit, learning])).await;
    on(&world, "2027-01-01");
    let receipt = run(&world, &OpenPeriods::new()).await;
    assert_eq!((receipt.persons.len(), receipt.documents), (1, 1));
    assert_eq!(documents().await, 0);
}

#[tokio::test]
async fn a_tombstone_stands_where_a_released_statement_stood_and_nothing_brings_it_back() {
    let world = World::new().await;
    world.keep(&duties()).await;
    on(&world, "2025-06-01");
    let mut own = of(KARI, "completed", "2025-06-01T10:00:00Z");
    own["id"] = json!("5a4d0000-0000-4000-8000-000000000001");
    own["context"] = json!({ "instructor": agent(OLA) });
    world.sent(&own).await;
    on(&world, "2027-01-01");
    let receipt = run(&world, &OpenPeriods::new()).await;
    assert_eq!(receipt.erasures.len(), 1, "nobody has an id or a document");
    let events = world.store.follow(Position(0), 10).await.unwrap();
    let gone = events.iter().find(|event| event.position == Position(2));
    assert!(
        matches!(gone.unwrap().what, Happened::Erased(_)),
        "{gone:?}"
    );
    assert!(world.send(&own).await.is_err());
}
