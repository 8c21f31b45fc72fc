//! Restriction on request: everything is out of use, nothing is lost, and it can be lifted.

use serde_json::json;
use varde_core::documents::{NewDocument, Preconditions, Subject};
use varde_core::erasures::{ErasureError, ErasureId, Manner, Receipt, Until, Whom};
use varde_core::ports::{Position, StatementLog as _};
use varde_core::registers::EntityKind;
use varde_core::{Caller, Role};
use varde_xapi::{Family, Ifi};

use crate::world::{KARI, OLA, World, agent, kari, register, row, statement};

pub(crate) fn contested(day: Option<&str>) -> Manner {
    Manner::Restrict(Until {
        day: day.map(|day| day.parse().unwrap()),
        rule: "the person contests it".to_owned(),
    })
}

async fn restrict(world: &World, day: Option<&str>) -> Receipt {
    let receipt = world.erasures.carry_out(&kari(), &contested(day)).await;
    receipt.unwrap()
}

fn state(mbox: &str) -> Subject {
    Subject::State {
        activity: "https://example.org/course".to_owned(),
        agent: Ifi::Mbox(mbox.to_owned()).canonical(),
        registration: None,
    }
}

async fn put(world: &World, id: &str, text: &str) {
    let new = NewDocument {
        content_type: "text/plain".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let (subject, conditions) = (state(KARI), Preconditions::default());
    let place = (&subject, id);
    let put = world
        .documents
        .put(&world.caller, Family::V1, place, new, &conditions);
    put.await.unwrap();
}

pub(crate) async fn document(world: &World, id: &str) -> Option<Vec<u8>> {
    let found = world.documents.get(&world.caller, &state(KARI), id).await;
    found.unwrap().map(|document| document.bytes)
}

pub(crate) async fn held(world: &World) -> usize {
    world.erasures.held(&world.caller).await.unwrap().len()
}

/// Kari, who is p-kari of the register, her statements, one that names her, and a document.
pub(crate) async fn populated() -> World {
    let world = World::new().await;
    register(&world).await;
    let mut own = statement(&agent(KARI), "completed");
    own["object"]["definition"] = json!({ "name": { "en": "A course" } });
    world.sent(&own).await;
    let mut other = statement(&agent(OLA), "completed");
    other["context"] = json!({ "instructor": agent(KARI) });
    world.sent(&other).await;
    let refers = json!({ "objectType": "StatementRef", "id": id_of(&world, 1).await });
    let mut about = statement(&agent(OLA), "commented");
    about["object"] = refers;
    world.sent(&about).await;
    put(&world, "place", "as it was").await;
    while world.erasures.activities.step().await.unwrap() {}
    world
}

async fn id_of(world: &World, number: usize) -> String {
    let found = world.found(KARI).await;
    found[found.len() - number].to_string()
}

pub(crate) async fn definition(world: &World) -> Option<String> {
    let activities = &world.erasures.activities;
    let known = activities
        .definition(&world.caller, "https://example.org/course")
        .await;
    known.unwrap().map(|text| text.get().to_owned())
}

#[tokio::test]
async fn what_was_restricted_stands_where_it_stood_once_it_is_lifted() {
    let world = populated().await;
    let before = world.store.follow(Position(0), 99).await.unwrap();
    let (found, defined) = (world.found(KARI).await, definition(&world).await);
    let receipt = restrict(&world, None).await;
    assert_eq!((receipt.statements.len(), receipt.mentions.len()), (1, 1));
    assert_eq!(receipt.documents, 1);
    assert_eq!(world.found(KARI).await, []);
    assert_eq!(document(&world, "place").await, None);
    assert_ne!(definition(&world).await, defined);
    assert_eq!(held(&world).await, 2);

    let lifted = world.erasures.lift(&world.caller, receipt.erasure).await;
    let lifted = lifted.unwrap();
    assert_eq!((lifted.statements, lifted.documents), (2, 1));
    assert_eq!(lifted.left, []);
    let after = world.store.follow(Position(0), 99).await.unwrap();
    assert_eq!(after[..before.len()], before, "each row says what it said");
    assert_eq!(world.found(KARI).await, found);
    assert_eq!(document(&world, "place").await.unwrap(), b"as it was");
    assert_eq!(definition(&world).await, defined);
    assert_eq!(held(&world).await, 0);
    let again = world.erasures.lift(&world.caller, receipt.erasure).await;
    assert!(matches!(again, Err(ErasureError::NotRestricted { .. })));
}

#[tokio::test]
async fn a_restricted_person_is_the_same_and_shown_to_nobody() {
    let world = populated().await;
    let person = world.registers.person("p-kari").await.unwrap().unwrap();
    let receipt = restrict(&world, None).await;
    assert_eq!(receipt.register_rows, 0, "rows are closed, not emptied");
    let shown = async || {
        let registers = world.registers.refresh().await.unwrap();
        format!("{registers:?}")
    };
    assert!(!shown().await.contains("p-kari"));
    assert!(!shown().await.contains("NO060"));
    // What the office adds meanwhile is closed too.
    let added = row(EntityKind::Person, "p-kari", "birth-year-band", "1980-1989");
    world.registers.import(vec![added]).await.unwrap();
    assert!(!shown().await.contains("1980-1989"));
    let lifted = world.erasures.lift(&world.caller, receipt.erasure).await;
    lifted.unwrap();
    for text in ["p-kari", "NO060", "1980-1989"] {
        assert!(shown().await.contains(text), "{text}");
    }
    let again = world.registers.person("p-kari").await.unwrap().unwrap();
    assert_eq!(again, person);
}

#[tokio::test]
async fn nobody_is_erased_or_restricted_beside_a_restriction() {
    let world = populated().await;
    let receipt = restrict(&world, None).await;
    for whom in [kari(), Whom::Person("p-kari".to_owned())] {
        for manner in [Manner::Erase, contested(None)] {
            let refused = world.erasures.carry_out(&whom, &manner).await;
            assert!(
                matches!(refused, Err(ErasureError::Restricted)),
                "{refused:?}"
            );
        }
    }
    let lifted = world.erasures.lift(&world.caller, receipt.erasure).await;
    lifted.unwrap();
    let erased = world.erase(&kari()).await;
    assert_eq!((erased.statements.len(), erased.mentions.len()), (1, 1));
}

#[tokio::test]
async fn what_changed_meanwhile_is_left_and_nobody_erased_comes_back() {
    let world = World::new().await;
    let mut of_both = statement(&agent(KARI), "completed");
    of_both["context"] = json!({ "instructor": agent(OLA) });
    let of_both = world.sent(&of_both).await;
    let mut of_ola = statement(&agent(OLA), "completed");
    of_ola["context"] = json!({ "instructor": agent(KARI) });
    world.sent(&of_ola).await;
    let own = world.sent(&statement(&agent(KARI), "answered")).await;
    put(&world, "place", "as it was").await;
    let receipt = restrict(&world, None).await;
    let ola = Whom::Identifier(Ifi::Mbox(OLA.to_owned()));
    world.clock.advance(1_000_000);
    world.erase(&ola).await;
    put(&world, "place", "newer").await;
    let lifted = world.erasures.lift(&world.caller, receipt.erasure).await;
    let lifted = lifted.unwrap();
    assert_eq!((lifted.statements, lifted.documents), (1, 0));
    assert_eq!(lifted.left.len(), 3, "{:?}", lifted.left);
    assert_eq!(world.found(KARI).await, [own]);
    assert_eq!(world.found(OLA).await, []);
    assert_eq!(world.get(of_both).await, None);
    assert_eq!(document(&world, "place").await.unwrap(), b"newer");
    assert_eq!(held(&world).await, 2, "they stay held");
}

#[tokio::test]
async fn only_those_with_the_right_read_what_is_held_and_lift_it_and_each_is_noted() {
    let world = populated().await;
    let receipt = restrict(&world, None).await;
    let audit = varde_core::audit::Audit::new(world.erasures.records.clone());
    for role in Role::EACH {
        let caller = Caller {
            role: Some(role),
            ..world.caller.clone()
        };
        let noted = audit.lines(0).await.unwrap().len();
        let held = world.erasures.held(&caller).await;
        let may = matches!(role, Role::Administrator | Role::Auditor);
        assert_eq!(held.is_ok(), may, "{role}");
        if !may {
            assert!(matches!(held, Err(ErasureError::Forbidden(_))), "{role}");
        }
        let lines = audit.lines(0).await.unwrap();
        assert_eq!(lines.len(), noted + usize::from(may), "{role}");
        if !matches!(role, Role::Administrator | Role::DataSteward) {
            let refused = world.erasures.lift(&caller, receipt.erasure).await;
            assert!(
                matches!(refused, Err(ErasureError::Forbidden(_))),
                "{role}: {refused:?}"
            );
        }
    }
    let unknown = ErasureId(uuid::Uuid::nil());
    let refused = world.erasures.lift(&world.caller, unknown).await;
    assert!(matches!(refused, Err(ErasureError::NotRestricted { .. })));
    let lifted = world.erasures.lift(&world.caller, receipt.erasure).await;
    lifted.unwrap();
    let last = audit.lines(0).await.unwrap().pop().unwrap();
    assert_eq!(last.told.query, "people restrict(lift)");
    assert_eq!(last.told.persons.len(), 1);
}

#[tokio::test]
async fn what_is_held_goes_the_day_after_its_last() {
    let world = populated().await;
    let receipt = restrict(&world, Some("2026-06-30")).await;
    assert_eq!(receipt.restricted[0].statements, 2);
    for (today, left) in [("2026-06-30", 2), ("2026-07-01", 0)] {
        let ended = world.erasures.end_duties(today.parse().unwrap()).await;
        assert_eq!(ended.unwrap(), 2 - left, "{today}");
        assert_eq!(held(&world).await, left, "{today}");
    }
    let lifted = world.erasures.lift(&world.caller, receipt.erasure).await;
    assert!(matches!(lifted, Err(ErasureError::NotRestricted { .. })));
    // What was restricted is erased now: names lead to nobody, and nothing can be opened.
    assert_eq!(world.registers.person("p-kari").await.unwrap(), None);
    let registers = world.registers.refresh().await.unwrap();
    assert_eq!(registers.sealed(), 0, "rows are empty, not closed");
    assert!(!format!("{registers:?}").contains("p-kari"));
    assert_eq!(document(&world, "place").await, None);
    let unknown = world.erasures.plan(&kari(), &Manner::Erase).await.unwrap();
    assert_eq!(unknown.persons, []);
}

#[tokio::test]
async fn a_restored_store_restricts_again_and_lifts_again() {
    for lifted in [false, true] {
        let (world, mut restored) = (populated().await, populated().await);
        restored.erasures.list = world.erasures.list.clone();
        let receipt = restrict(&world, None).await;
        // The backup is of the time between.
        restored.erasures.reapply().await.unwrap();
        assert_eq!(restored.found(KARI).await, []);
        if lifted {
            let done = world.erasures.lift(&world.caller, receipt.erasure).await;
            done.unwrap();
            restored.erasures.reapply().await.unwrap();
        }
        assert_eq!(restored.found(KARI).await.is_empty(), !lifted);
        // One from before knows nothing of it.
        let mut older = populated().await;
        older.erasures.list = world.erasures.list.clone();
        older.erasures.reapply().await.unwrap();
        assert_eq!(older.found(KARI).await.is_empty(), !lifted);
    }
}
