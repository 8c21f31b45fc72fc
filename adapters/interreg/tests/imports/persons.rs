//! Persons in facts: named by random ids, known to the registers, and gone when they are erased.

use std::sync::Arc;

use jiff::civil::date;
use serde_json::Value;
use varde_core::erasures::{Manner, Whom};
use varde_core::keys::{Keys, NewKey};
use varde_core::people::IdentityName;
use varde_core::ports::{Happened, KeyRange, Position, Records as _, StatementLog as _};
use varde_core::registers::RegisterView;
use varde_interreg::IndicatorSets;
use varde_interreg::imports::{ImportError, RowVerdict};
use varde_test_support::{SeededEntropy, TestClock, erasures, space};
use varde_xapi::{Stored, parameter};

use crate::world::{World, file, office};

const PEOPLE: &str = "pseudonym,gender,birth_year_band,nuts3\np-secret,female,,\np-other,male,,\n";
const ATTENDED: &str = "pseudonym,activity,date\n\
    p-secret,https://example.org/a,2025-05-06\np-other,https://example.org/a,2025-05-06\n";

async fn attended() -> World {
    let world = World::new().await;
    let files = [file("people.csv", PEOPLE), file("attendance.csv", ATTENDED)];
    let report = world.import(&files, false).await.unwrap();
    assert_eq!(report.counts.get("new"), Some(&4), "{report:?}");
    world
}

#[tokio::test]
async fn a_statement_names_a_person_by_a_random_id_that_the_registers_know() {
    let world = attended().await;
    for (statement, pseudonym) in world.valid().await.iter().zip(["p-secret", "p-other"]) {
        let text = statement.text();
        assert!(!text.contains(pseudonym), "{text}");
        let body: Value = serde_json::from_str(&statement.body).unwrap();
        let agent = parameter::agent("actor", &body["actor"].to_string()).unwrap();
        let name = IdentityName::agent(&agent.ifi);
        let identities = world.registers.identities();
        let identifier = identities.find(&name).await.unwrap().unwrap();
        let registers = world.registers.refresh().await.unwrap();
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        let person = view.person(identifier, date(2025, 5, 6));
        assert_eq!(view.shown(&person), pseudonym);
    }
}

#[tokio::test]
async fn nothing_in_the_store_and_no_verdict_holds_a_pseudonym() {
    let world = attended().await;
    let events = world.store.follow(Position(0), 100).await.unwrap();
    assert!(events.len() >= 3);
    for event in events {
        let text = match event.what {
            Happened::Statement(statement) => statement.text(),
            Happened::Event(_, body) => body,
            Happened::Erased(_) => String::new(),
        };
        assert!(!text.contains("p-secret"), "{text}");
    }
    for collection in world.store.collections() {
        let range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: 1_000,
        };
        for record in world.store.range(collection, &range).await.unwrap() {
            let bytes = [record.key, record.value].concat();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("p-secret"), "{collection}");
        }
    }
    let files = [file("attendance.csv", ATTENDED)];
    let report = world.import(&files, false).await.unwrap();
    assert!(!serde_json::to_string(&report).unwrap().contains("secret"));
    assert_eq!(report.counts.get("unchanged"), Some(&2));
}

#[tokio::test]
async fn a_pseudonym_that_nobody_has_is_refused_and_not_quoted() {
    let world = attended().await;
    let head = world.head().await;
    let text = "pseudonym,activity,date\np-secrat,https://example.org/a,2025-05-06\n";
    let files = [file("attendance.csv", text)];
    let refused = world.import(&files, false).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "attendance.csv, line 2, pseudonym: found a pseudonym of which neither the registers nor \
         a people table of these files tells anything; expected one with at least one attribute \
         there"
    );
    assert!(matches!(refused, ImportError::Refused(_)));
    let report = world
        .imports
        .examine(&office(), &files, false)
        .await
        .unwrap();
    assert_eq!(report.rows[0].verdict, RowVerdict::Refused);
    assert_eq!(world.head().await, head);
}

#[tokio::test]
async fn an_erased_person_leaves_with_what_was_imported_of_them() {
    let world = attended().await;
    // An erasure looks through the spaces that keys write into.
    let keys = Keys::new(
        world.store.clone(),
        Arc::new(SeededEntropy::new(9)),
        Arc::new(TestClock::default()),
    );
    let key = NewKey::new(
        "office",
        "a secret",
        "https://varde.example.org",
        space("sing"),
    );
    keys.create(key).await.unwrap();
    let erasures = erasures(
        &world.store,
        &world.clock,
        &world.registers,
        vec![Arc::new(IndicatorSets)],
    );
    let whom = Whom::Person("p-secret".to_owned());
    erasures.carry_out(&whom, &Manner::Erase).await.unwrap();
    let left = world.valid().await;
    assert_eq!(left.len(), 1);

    // The office still has its old list: the row is refused until the person is taken out of it.
    let files = [file("attendance.csv", ATTENDED)];
    let refused = world.import(&files, true).await.unwrap_err();
    assert!(
        refused.to_string().contains("line 2, pseudonym"),
        "{refused}"
    );
    assert_eq!(world.valid().await, left);
}

#[tokio::test]
async fn an_identifier_that_nobody_explains_is_a_person_of_its_own_and_is_warned_of() {
    let world = World::new().await;
    let text = "ifi,activity,date\nmailto:guest@example.org,https://example.org/a,2025-05-06\n";
    let files = [file("attendance.csv", text)];
    let report = world.import(&files, false).await.unwrap();
    let warnings = report.rows[0].warnings.join("\n");
    assert!(
        warnings.contains("counts as a person of its own"),
        "{warnings}"
    );
    assert!(
        warnings.contains("the activity is not in the registers"),
        "{warnings}"
    );
    assert!(!warnings.contains("guest"), "{warnings}");
    assert_eq!(world.table(text, true).await.get("unchanged"), Some(&1));

    let people = "ifi,pseudonym\nmailto:guest@example.org,p-1\n";
    world
        .import(&[file("identities.csv", people)], false)
        .await
        .unwrap();
    let report = world.import(&files, false).await.unwrap();
    assert_eq!(report.rows[0].verdict, RowVerdict::Unchanged);
    assert_eq!(report.rows[0].warnings.len(), 1, "{report:?}");
}
