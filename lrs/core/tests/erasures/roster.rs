//! Persons as a data steward looks through them.

use jiff::civil::Date;
use varde_core::audit::Audit;
use varde_core::erasures::{Manner, Until, Whom};
use varde_core::registers::{EntityKind, PersonState, Roster, RosterError};
use varde_core::{Caller, Role};
use varde_xapi::Ifi;

use crate::world::{KARI, World, register, row};

fn today() -> Date {
    "2026-03-01".parse().unwrap()
}

fn roster(world: &World) -> (Roster, Audit) {
    let audit = Audit::new(world.erasures.records.clone());
    let clock = world.clock.clone();
    let roster = Roster::new(world.registers.clone(), audit.clone(), clock);
    (roster, audit)
}

async fn world() -> World {
    let world = World::new().await;
    register(&world).await;
    let account = Ifi::Account {
        home_page: varde_xapi::Iri::parse("https://lms.example.org").unwrap(),
        name: "4711".to_owned(),
    };
    let rows = vec![
        row(
            EntityKind::Person,
            "p-kari",
            "organisation:NO-100000016",
            "yes",
        ),
        row(
            EntityKind::Identifier,
            &account.canonical(),
            "person",
            "p-kari",
        ),
        row(EntityKind::Person, "p-1", "merged-into", "p-0"),
    ];
    world.registers.import(rows).await.unwrap();
    world
}

#[tokio::test]
async fn persons_are_listed_page_by_page_without_an_identifier() {
    let world = world().await;
    let (roster, audit) = roster(&world);
    let caller = &world.caller;
    let first = roster.list(caller, (None, 4), today()).await.unwrap();
    let names: Vec<_> = first
        .persons
        .iter()
        .map(|one| one.person.as_str())
        .collect();
    assert_eq!(names, ["p-0", "p-1", "p-2", "p-3"]);
    assert_eq!(
        first.persons[1].state,
        PersonState::MergedInto("p-0".to_owned())
    );
    let next = first.next.as_deref();
    let last = roster.list(caller, (next, 4), today()).await.unwrap();
    assert_eq!(last.next, None);
    let kari = &last.persons[1];
    assert_eq!((kari.person.as_str(), kari.identifiers), ("p-kari", 2));
    assert!(kari.countries.contains("NO") && kari.organisations.contains("NO-100000016"));
    let told = serde_json::to_string(&[&first, &last]).unwrap();
    assert!(!told.contains("4711") && !told.contains(KARI), "{told}");
    let lines = audit.lines(0).await.unwrap();
    let queries: Vec<_> = lines.iter().map(|line| line.told.query.as_str()).collect();
    assert_eq!(queries, ["people list()", "people list(after)"]);
}

#[tokio::test]
async fn one_person_is_shown_with_kinds_of_identifiers_only() {
    let world = world().await;
    let (roster, audit) = roster(&world);
    let card = roster.show(&world.caller, "p-kari", today()).await.unwrap();
    let card = card.unwrap();
    assert_eq!(card.values["gender"], "f");
    let mut kinds = card.identifier_kinds.clone();
    kinds.sort();
    assert_eq!(kinds, ["account at https://lms.example.org", "mbox"]);
    assert_eq!(card.affiliations[0].organisation, "NO-100000016");
    let told = serde_json::to_string(&card).unwrap();
    assert!(!told.contains("4711") && !told.contains(KARI), "{told}");
    let line = audit.lines(0).await.unwrap().pop().unwrap();
    assert_eq!(line.told.persons, [card.listed.id]);
    let other = roster.show(&world.caller, "p-0", today()).await.unwrap();
    assert_eq!(other.unwrap().merged_from, ["p-1"]);
    let nobody = roster.show(&world.caller, "p-9", today()).await.unwrap();
    assert_eq!(nobody, None);
}

#[tokio::test]
async fn who_is_restricted_or_erased_is_shown_by_id() {
    let world = world().await;
    let (roster, _) = roster(&world);
    let until = Until {
        day: None,
        rule: "contested".to_owned(),
    };
    let (kari, other) = (
        Whom::Person("p-kari".to_owned()),
        Whom::Person("p-2".to_owned()),
    );
    let manner = Manner::Restrict(until);
    let restricted = world.erasures.carry_out(&kari, &manner).await.unwrap();
    let erased = world.erase(&other).await;
    let page = roster
        .list(&world.caller, (None, 99), today())
        .await
        .unwrap();
    for (person, state) in [
        (restricted.persons[0], PersonState::Restricted),
        (erased.persons[0], PersonState::Erased),
    ] {
        let listed = page
            .persons
            .iter()
            .find(|one| one.id.as_str() == person.to_string());
        let listed = listed.unwrap();
        assert_eq!(
            (&listed.person, &listed.state),
            (&person.to_string(), &state)
        );
    }
    let told = serde_json::to_string(&page).unwrap();
    assert!(
        !told.contains("p-kari") && !told.contains("\"p-2\""),
        "{told}"
    );
}

#[tokio::test]
async fn only_administrators_and_data_stewards_look_through_the_register() {
    let world = world().await;
    let (roster, audit) = roster(&world);
    for role in Role::EACH {
        let caller = Caller {
            role: Some(role),
            ..world.caller.clone()
        };
        let list = roster.list(&caller, (None, 9), today()).await;
        let show = roster.show(&caller, "p-kari", today()).await;
        if matches!(role, Role::Administrator | Role::DataSteward) {
            assert!(list.is_ok() && show.is_ok(), "{role}");
        } else {
            assert!(matches!(list, Err(RosterError::Forbidden(_))), "{role}");
            assert!(matches!(show, Err(RosterError::Forbidden(_))), "{role}");
        }
    }
    assert_eq!(audit.lines(0).await.unwrap().len(), 4);
}
