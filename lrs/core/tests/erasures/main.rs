//! What an erasure takes, what it leaves, what it holds and until when.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cut;
mod record;
mod restricted;
mod retention;
mod roster;
mod world;

use serde_json::json;
use varde_core::documents::{NewDocument, Preconditions, Subject};
use varde_core::erasures::{ErasureError, Manner, RecordClass, Whom};
use varde_core::ports::{
    AttachmentName, Attachments as _, Happened, Position, Standing, StatementLog,
};
use varde_core::registers::{Entity, EntityKind};
use varde_core::statements::RefusedStatements;
use varde_test_support::space;
use varde_xapi::attachment::Digester;
use varde_xapi::{Family, Ifi, Stored};

use crate::world::{DAY, KARI, OLA, World, agent, kari, register, statement};

#[tokio::test]
async fn a_person_s_own_statement_goes_and_that_of_another_names_nobody_in_the_place() {
    let world = World::new().await;
    let own = world.sent(&statement(&agent(KARI), "completed")).await;
    let mut other = statement(&agent(OLA), "completed");
    other["context"] = json!({ "instructor": agent(KARI) });
    let other = world.sent(&other).await;
    let receipt = world.erase(&kari()).await;
    assert_eq!(receipt.statements, [(Position(1), own)]);
    assert_eq!(receipt.mentions, [(Position(2), other)]);
    assert_eq!(world.get(own).await, None);
    let text = world.get(other).await.unwrap();
    assert!(!text.contains("kari"), "{text}");
    assert!(text.contains("https://erased.invalid/"), "{text}");
    assert!(text.contains(OLA), "{text}");
    assert_eq!(world.found(KARI).await, []);
    assert_eq!(world.found(OLA).await, [other]);
}

#[tokio::test]
async fn a_team_of_several_stays_and_a_team_of_one_goes() {
    let world = World::new().await;
    let team = |members: &[&str]| {
        let members: Vec<_> = members.iter().map(|mbox| agent(mbox)).collect();
        statement(
            &json!({ "objectType": "Group", "member": members }),
            "attended",
        )
    };
    let both = world.sent(&team(&[KARI, OLA])).await;
    let alone = world.sent(&team(&[KARI])).await;
    let receipt = world.erase(&kari()).await;
    assert_eq!(receipt.statements, [(Position(2), alone)]);
    assert_eq!(receipt.mentions, [(Position(1), both)]);
}

#[tokio::test]
async fn a_digest_of_the_mail_address_is_the_same_person() {
    let world = World::new().await;
    let digest = "1cbb1fb35c2c1c9f1c2d3cf5a0f8bbd2e2ff5e1d";
    let stranger = json!({ "mbox_sha1sum": digest });
    let stranger = world.sent(&statement(&stranger, "completed")).await;
    let sha1 = varde_core::documents::entity_tag(KARI.as_bytes());
    let own = world
        .sent(&statement(&json!({ "mbox_sha1sum": sha1 }), "completed"))
        .await;
    let receipt = world.erase(&kari()).await;
    assert_eq!(receipt.statements, [(Position(2), own)]);
    assert!(world.get(stranger).await.is_some());
}

#[tokio::test]
async fn a_voided_statement_goes_too_and_stays_voided() {
    let world = World::new().await;
    let own = world.sent(&statement(&agent(KARI), "completed")).await;
    let mut voiding = statement(&agent(OLA), "voided");
    voiding["object"] = json!({ "objectType": "StatementRef", "id": own.to_string() });
    world.sent(&voiding).await;
    let receipt = world.erase(&kari()).await;
    assert_eq!(receipt.statements, [(Position(1), own)]);
    let voided = world
        .statements
        .get(&world.caller, own, Standing::Voided)
        .await;
    assert_eq!(voided.unwrap(), None);
}

#[tokio::test]
async fn a_re_send_does_not_bring_anything_back() {
    let world = World::new().await;
    let mut own = statement(&agent(KARI), "completed");
    own["id"] = json!("5a4d0000-0000-4000-8000-000000000001");
    let mut other = statement(&agent(OLA), "completed");
    other["id"] = json!("5a4d0000-0000-4000-8000-000000000002");
    other["context"] = json!({ "instructor": agent(KARI) });
    world.sent(&own).await;
    let id = world.sent(&other).await;
    world.erase(&kari()).await;
    let refused = world.send(&own).await;
    assert!(
        matches!(refused, Err(RefusedStatements::Erased { .. })),
        "{refused:?}"
    );
    assert_eq!(world.sent(&other).await, id);
    assert!(!world.get(id).await.unwrap().contains("kari"));
}

#[tokio::test]
async fn documents_definitions_and_data_of_attachments_go() {
    let world = World::new().await;
    let data = "a portrait of Kari";
    let name = AttachmentName {
        space: space("sing"),
        sha2: {
            let mut digester = Digester::of("");
            digester.update(data.as_bytes());
            digester.finish()
        },
    };
    let mut writer = world.store.write(name.clone()).await.unwrap();
    writer.write(data.as_bytes()).await.unwrap();
    writer.keep().await.unwrap();
    let mut own = statement(&agent(KARI), "completed");
    own["object"]["definition"] = json!({ "name": { "en": "Coaching of Kari" } });
    own["attachments"] = json!([{
        "usageType": "https://example.org/portrait", "display": { "en": "Portrait" },
        "contentType": "text/plain", "length": data.len(), "sha2": name.sha2,
    }]);
    world.sent(&own).await;
    let mut other = statement(&agent(OLA), "completed");
    other["object"]["definition"] = json!({ "name": { "nb": "Kurs" } });
    world.sent(&other).await;
    let state = |mbox: &str| Subject::State {
        activity: "https://example.org/course".to_owned(),
        agent: Ifi::Mbox(mbox.to_owned()).canonical(),
        registration: None,
    };
    for mbox in [KARI, OLA] {
        let new = NewDocument {
            content_type: "text/plain".to_owned(),
            bytes: mbox.as_bytes().to_vec(),
        };
        let (subject, conditions) = (state(mbox), Preconditions::default());
        let place = (&subject, "place");
        let put = world
            .documents
            .put(&world.caller, Family::V1, place, new, &conditions);
        put.await.unwrap();
    }
    while world.erasures.activities.step().await.unwrap() {}
    world.clock.advance(DAY);
    let receipt = world.erase(&kari()).await;
    assert_eq!(
        (receipt.documents, receipt.attachments, receipt.definitions),
        (1, 1, 1)
    );
    assert!(world.store.read(&name).await.unwrap().is_none());
    for (mbox, left) in [(KARI, false), (OLA, true)] {
        let found = world
            .documents
            .get(&world.caller, &state(mbox), "place")
            .await;
        assert_eq!(found.unwrap().is_some(), left, "{mbox}");
    }
    let activity = "https://example.org/course";
    let known = world
        .erasures
        .activities
        .definition(&world.caller, activity)
        .await;
    assert_eq!(known.unwrap().unwrap().get(), r#"{"name":{"nb":"Kurs"}}"#);
}

#[tokio::test]
async fn a_person_of_the_register_is_unknown_afterwards_but_for_what_enough_others_share() {
    let world = World::new().await;
    register(&world).await;
    let own = world.sent(&statement(&agent(KARI), "completed")).await;
    let receipt = world.erase(&Whom::Person("p-kari".to_owned())).await;
    assert_eq!(receipt.statements, [(Position(2), own)]);
    let registers = world.registers.refresh().await.unwrap();
    let entity = Entity::new(EntityKind::Person, receipt.persons[0].to_string());
    let left: Vec<_> = registers
        .rows(&entity)
        .iter()
        .filter_map(|known| Some((known.row.field.as_str(), known.row.value.as_deref()?)))
        .collect();
    assert_eq!(left, [("gender", "f")]);
    assert_eq!((receipt.register_rows, receipt.register_rows_kept), (3, 1));
    let again = world
        .erasures
        .plan(&Whom::Person("p-kari".to_owned()), &Manner::Erase)
        .await;
    assert!(matches!(again, Err(ErasureError::Unknown)), "{again:?}");
    // Whoever comes back under the same identifier is somebody else.
    world.sent(&statement(&agent(KARI), "completed")).await;
    let again = world.erasures.plan(&kari(), &Manner::Erase).await.unwrap();
    assert_eq!((again.persons.len(), again.statements.len()), (0, 1));
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_changes_nothing() {
    let world = World::new().await;
    register(&world).await;
    world.sent(&statement(&agent(KARI), "completed")).await;
    let before = world.store.follow(Position(0), 99).await.unwrap();
    let plan = world.erasures.plan(&kari(), &Manner::Erase).await.unwrap();
    assert!(plan.dry_run);
    assert_eq!(world.store.follow(Position(0), 99).await.unwrap(), before);
    assert_eq!(world.erasures.list.all().await.unwrap(), []);
    let done = world.erase(&kari()).await;
    assert_eq!(plan.counts(), done.counts());
    assert_eq!(
        (plan.statements, plan.persons),
        (done.statements, done.persons)
    );
}

#[tokio::test]
async fn a_running_duty_holds_evidence_and_lets_the_rest_go() {
    let world = World::new().await;
    let rule = "CPR 2021/1060 Art. 82";
    world
        .keep(&json!([
            { "class": "audit", "years": 5, "after": "2025-12-31", "source": rule },
            { "class": "learning", "years": 1, "after": "2020-12-31", "source": "over long ago" },
        ]))
        .await;
    let evidence = world.sent(&statement(&agent(KARI), "completed")).await;
    let answer = world.sent(&statement(&agent(KARI), "answered")).await;
    let receipt = world.erase(&kari()).await;
    assert_eq!(receipt.statements.len(), 2);
    let restricted = &receipt.restricted[0];
    assert_eq!(receipt.restricted.len(), 1);
    assert_eq!(restricted.class, Some(RecordClass::Audit));
    assert_eq!(restricted.until, Some("2030-12-31".parse().unwrap()));
    assert_eq!((restricted.rule.as_str(), restricted.statements), (rule, 1));
    for id in [evidence, answer] {
        assert_eq!(
            world.get(id).await,
            None,
            "nobody reads it where statements are read"
        );
    }
    let held = world.erasures.held(&world.caller).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].held.statement, evidence);
    assert!(held[0].text.as_ref().unwrap().contains(KARI));
}

#[tokio::test]
async fn a_duty_without_its_event_runs_until_further_notice() {
    let world = World::new().await;
    world
        .keep(&json!([{ "class": "audit", "years": 5, "source": "a rule" }]))
        .await;
    world.sent(&statement(&agent(KARI), "attended")).await;
    let receipt = world.erase(&kari()).await;
    assert_eq!(receipt.restricted[0].until, None);
    world
        .erasures
        .end_duties("9999-01-01".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(world.erasures.held(&world.caller).await.unwrap().len(), 1);
}

#[tokio::test]
async fn data_of_what_is_held_is_not_swept() {
    use varde_core::attachments::Sweep;
    let world = World::new().await;
    world
        .keep(&json!([{ "class": "audit", "years": 5, "source": "a rule" }]))
        .await;
    let name = AttachmentName {
        space: space("sing"),
        sha2: Digester::of("").finish(),
    };
    world
        .store
        .write(name.clone())
        .await
        .unwrap()
        .keep()
        .await
        .unwrap();
    let mut own = statement(&agent(KARI), "completed");
    own["attachments"] = json!([{
        "usageType": "https://example.org/list", "display": { "en": "List" },
        "contentType": "text/plain", "length": 0, "sha2": name.sha2,
    }]);
    world.sent(&own).await;
    world.clock.advance(2 * DAY);
    assert_eq!(world.erase(&kari()).await.attachments, 0);
    let sweep = Sweep::new(
        world.store.clone(),
        world.store.clone(),
        world.store.clone(),
    );
    assert_eq!(sweep.run(Stored(i64::MAX)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_restored_store_does_listed_erasures_again() {
    // Two stores with one key: the second is what a backup from before the erasure gives.
    let (world, mut restored) = (World::new().await, World::new().await);
    restored.erasures.list = world.erasures.list.clone();
    for world in [&world, &restored] {
        register(world).await;
        world.sent(&statement(&agent(KARI), "completed")).await;
        world.sent(&statement(&agent(OLA), "completed")).await;
    }
    let receipt = world.erase(&kari()).await;
    let listed = world.erasures.list.all().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(!serde_json::to_string(&listed).unwrap().contains("kari"));
    let again = restored.erasures.reapply().await.unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].erasure, receipt.erasure);
    assert_eq!(again[0].counts(), receipt.counts());
    assert_eq!(restored.found(KARI).await, []);
    assert_eq!(restored.found(OLA).await.len(), 1);
    assert_eq!(
        restored.erasures.reapply().await.unwrap(),
        [],
        "once is enough"
    );
}

#[tokio::test]
async fn an_erasure_cut_short_is_finished_by_doing_it_again() {
    let world = World::new().await;
    register(&world).await;
    for _ in 0..3 {
        world.sent(&statement(&agent(KARI), "completed")).await;
    }
    // As if the process had ended after the first of the statements.
    let rows = [(
        Position(2),
        varde_core::ports::Rewrite::Erase {
            facts: String::new(),
        },
    )];
    let erasure = varde_core::ports::Erasure {
        rows: rows.into_iter().collect(),
        changes: varde_core::ports::Changes::default(),
    };
    world.store.erase(erasure).await.unwrap();
    let receipt = world.erase(&kari()).await;
    assert_eq!(receipt.statements.len(), 2);
    for event in world.store.follow(Position(0), 99).await.unwrap() {
        assert!(!matches!(event.what, Happened::Statement(_)), "{event:?}");
    }
}
