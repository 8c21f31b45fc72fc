//! Persons as a data steward looks through them.

use jiff::civil::Date;
use varde_core::audit::Audit;
use varde_core::erasures::{Manner, Until, Whom};
use varde_core::keys::NewKey;
use varde_core::registers::{
    EntityKind, MergeError, PersonState, Roster, RosterError, RosterQuery,
};
use varde_core::{Caller, Role, Scope};
use varde_test_support::{caller, space};
use varde_xapi::Ifi;

use crate::world::{KARI, World, agent, register, row, statement};

fn today() -> Date {
    "2026-03-01".parse().unwrap()
}

fn query(after: Option<&str>, limit: usize) -> RosterQuery {
    RosterQuery {
        after: after.map(str::to_owned),
        begins: None,
        limit,
        today: today(),
    }
}

fn roster(world: &World) -> (Roster, Audit) {
    let audit = Audit::new(world.erasures.records.clone());
    let clock = world.clock.clone();
    let keys = world.erasures.keys.clone();
    let roster = Roster::new(world.registers.clone(), keys, audit.clone(), clock);
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
    let first = roster.list(caller, &query(None, 4)).await.unwrap();
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
    let last = roster.list(caller, &query(next, 4)).await.unwrap();
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
    let page = roster.list(&world.caller, &query(None, 99)).await.unwrap();
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
        let list = roster.list(&caller, &query(None, 9)).await;
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

#[tokio::test]
async fn who_reads_some_spaces_only_is_told_of_those_whom_a_statement_in_them_names() {
    let world = world().await;
    let (roster, _) = roster(&world);
    let other = NewKey {
        scopes: vec![Scope::All],
        ..NewKey::new("other", "a secret", "https://example.org", space("other"))
    };
    world.erasures.keys.create(other).await.unwrap();
    let here = Caller {
        role: Some(Role::DataSteward),
        ..world.caller.clone()
    };
    let there = Caller {
        role: Some(Role::DataSteward),
        ..caller("other", &[Scope::All])
    };
    let names = async |caller: &Caller| {
        let page = roster.list(caller, &query(None, 99)).await.unwrap();
        let persons = page.persons.into_iter().map(|one| one.person);
        persons.collect::<Vec<_>>()
    };
    assert!(names(&here).await.is_empty() && names(&there).await.is_empty());
    world.sent(&statement(&agent(KARI), "completed")).await;
    assert_eq!(names(&here).await, ["p-kari"]);
    assert!(names(&there).await.is_empty());
    let shown = roster.show(&here, "p-kari", today()).await.unwrap();
    assert!(shown.is_some());
    let hidden = roster.show(&there, "p-kari", today()).await.unwrap();
    assert_eq!(hidden, None);
    let kari = Ifi::Mbox(KARI.to_owned());
    let found = roster.find(&here, &kari, today()).await.unwrap();
    let found = found.unwrap();
    assert!(found.registered && found.person == "p-kari");
    assert_eq!(roster.find(&there, &kari, today()).await.unwrap(), None);
    for both in [("p-kari", "p-2"), ("p-2", "p-kari")] {
        let refused = roster.merge(&here, both, None).await.unwrap_err();
        let unknown = RosterError::Merge(MergeError::Unknown { place: "" });
        assert_eq!(
            std::mem::discriminant(&refused),
            std::mem::discriminant(&unknown),
            "{refused}"
        );
    }
    let card = roster.show(&world.caller, "p-2", today()).await.unwrap();
    assert_eq!(card, None, "nothing of them is in this space");
}

#[tokio::test]
async fn two_are_made_one_and_two_again_by_people_who_may_and_the_log_says_so() {
    let world = world().await;
    let (roster, audit) = roster(&world);
    for role in Role::EACH.map(Some).into_iter().chain([None]) {
        let caller = Caller {
            role,
            ..world.caller.clone()
        };
        let merged = roster.merge(&caller, ("p-2", "p-kari"), None).await;
        if !matches!(role, Some(Role::Administrator | Role::DataSteward)) {
            assert!(matches!(merged, Err(RosterError::Forbidden(_))), "{role:?}");
            let parted = roster.unmerge(&caller, "p-2", None).await;
            assert!(matches!(parted, Err(RosterError::Forbidden(_))), "{role:?}");
            continue;
        }
        merged.unwrap();
        let card = roster.show(&caller, "p-2", today()).await.unwrap().unwrap();
        let state = PersonState::MergedInto("p-kari".to_owned());
        assert_eq!(card.listed.state, state);
        let other = roster.show(&caller, "p-kari", today()).await.unwrap();
        assert_eq!(other.unwrap().merged_from, ["p-2"]);
        roster.unmerge(&caller, "p-2", None).await.unwrap();
        let card = roster.show(&caller, "p-2", today()).await.unwrap().unwrap();
        assert_eq!(card.listed.state, PersonState::Active);
        let into: Vec<_> = card.merges.iter().map(|one| one.into.as_deref()).collect();
        assert_eq!(
            into.get(into.len() - 2..),
            Some(&[Some("p-kari"), None][..])
        );
    }
    let lines = audit.lines(0).await.unwrap();
    let merges = lines
        .iter()
        .filter(|line| line.told.query == "people merge()");
    assert_eq!(
        merges
            .map(|line| line.told.persons.len())
            .collect::<Vec<_>>(),
        [2, 2]
    );
    let partings = lines
        .iter()
        .filter(|line| line.told.query == "people unmerge()");
    assert_eq!(partings.count(), 2);
}
