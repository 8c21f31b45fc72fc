//! Who is told of persons' results stands in the audit log, before the answer is sent.

use varde_api_tests::{SECRET, World, statement};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};

const PEOPLE: &str = "pseudonym,gender,birth_year_band,nuts3\np-001,,,\n";

async fn world() -> World {
    let world = World::new().await;
    world.key("writer", "sing", &[Scope::StatementsWrite]).await;
    let auditor = NewKey {
        scopes: vec![Scope::AllRead],
        role: Some(Role::Auditor),
        ..World::new_key("auditor", "sing")
    };
    world.make_key(auditor).await;
    world
}

#[tokio::test]
async fn a_reading_of_results_leaves_a_line_and_others_leave_none() {
    let world = world().await;
    world.import(&[("people.csv", PEOPLE)]).await;
    world.stored(&statement(1)).await;
    let ask = async |target: &str, by: &str, status: u16| {
        let _ = world.get(target).by(by, SECRET).send().await.expect(status);
    };
    ask("/xapi/statements", "auditor", 200).await;
    ask("/api/v1/uncounted", "auditor", 200).await;
    ask("/api/v1/outcomes", "writer", 403).await;
    ask("/api/v1/outcomes?as_of=never", "auditor", 400).await;
    assert_eq!(world.audit().lines(0).await.expect("lines"), []);

    ask(
        "/api/v1/outcomes?person=p-001&as_of=2025-12-31",
        "auditor",
        200,
    )
    .await;
    ask("/api/v1/indicators?code=RCO85", "front-end", 200).await;
    let lines = world.audit().lines(0).await.expect("lines");
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.number, line.role, line.told.query.as_str()))
        .collect();
    let expected = [
        (1, Some(Role::Auditor), "outcomes(person)"),
        (2, None, "indicators(code)"),
    ];
    assert_eq!(told, expected);
    let persons = &lines[0].told.persons;
    assert_eq!(persons.len(), 1, "the person asked for");
    assert!(persons[0].is_registered(), "{}", persons[0]);
    assert_ne!(persons[0].as_str(), "p-001", "by the random id");
    let report = world.audit().verify().await.expect("a report");
    assert_eq!((report.lines, report.faults.len()), (2, 0));
}
