//! What rests on erased statements that a later version of a definition took over says so.

use serde_json::{Value, json};
use varde_api_tests::World;
use varde_core::erasures::Whom;

use crate::results::{INDICATORS, QUIZ, scored, world};

const OUTCOMES: &str = "/api/v1/outcomes?competence=\
    https://example.org/fw/entrecomp/1/planning-management";
const RCO85: &str = "/api/v1/indicators?project=sing&code=RCO85&as_of=2026-02-28";

async fn json(world: &World, target: &str) -> Value {
    world.get(target).send().await.expect(200).json()
}

/// Returns a column of the outcomes as CSV, without its name.
async fn column(world: &World, name: &str) -> Vec<String> {
    let target = format!("{OUTCOMES}&format=csv");
    let csv = world.get(&target).send().await.expect(200);
    let mut lines = csv.text().lines().map(|line| line.split(','));
    let place = lines
        .next()
        .and_then(|mut names| names.position(|n| n == name));
    let place = place.expect("the column is there");
    let cells = lines.map(|mut cells| cells.nth(place).expect("a cell").to_owned());
    cells.collect()
}

#[tokio::test]
async fn results_say_what_is_carried_over_from_erased_statements() {
    let world = world().await;
    let both = json!([
        scored("1", 0.72, "2026-02-10T09:00:00Z"),
        scored("2", 0.85, "2026-02-10T09:00:00Z"),
    ]);
    let ids = world.stored(&both).await;
    world.settle().await;
    world.clock.advance(1_000_000);
    let erased = world.erase(&Whom::Person("p-001".to_owned())).await;
    assert_eq!(erased.statements.len(), 1);
    world.settle().await;

    // The versions that counted them themselves carry nothing over.
    let outcomes = json(&world, OUTCOMES).await;
    let indicator = json(&world, RCO85).await;
    let indicator = &indicator["tables"][0]["indicators"][0];
    assert_eq!(outcomes["outcomes"].as_array().map(Vec::len), Some(2));
    assert_eq!(indicator["value"], 2);
    for row in outcomes["outcomes"].as_array().expect("outcomes") {
        assert_eq!(row.get("carried"), None, "{row}");
    }
    for key in indicator["keys"].as_array().expect("keys") {
        assert_eq!(key.get("carried"), None, "{key}");
    }
    assert_eq!(column(&world, "carried").await, ["", ""]);

    for definition in [QUIZ, INDICATORS] {
        let later = definition.replacen("version: 1", "version: 2", 1);
        world.activate(&later).await;
    }
    let outcomes = json(&world, OUTCOMES).await;
    let indicator = json(&world, RCO85).await;
    let indicator = &indicator["tables"][0]["indicators"][0];
    assert_eq!(indicator["value"], 2, "no number falls");
    let carried = |rows: &Value| {
        let rows = rows.as_array().expect("rows").iter();
        let of = |row: &Value| (row["statements"].clone(), row.get("carried").cloned());
        let mut rows: Vec<_> = rows.map(of).collect();
        rows.sort_by_key(|(statements, _)| *statements == json!([ids[1]]));
        rows
    };
    let expected = [
        (json!([ids[0]]), Some(json!([ids[0]]))),
        (json!([ids[1]]), None),
    ];
    assert_eq!(carried(&outcomes["outcomes"]), expected);
    assert_eq!(carried(&indicator["keys"]), expected);
    let mut cells = column(&world, "carried").await;
    cells.sort();
    assert_eq!(cells, ["", ids[0].as_str()]);

    let whose = outcomes["outcomes"].as_array().expect("outcomes").iter();
    let whose = whose.filter(|row| row.get("carried").is_some());
    for row in whose {
        let person = row["person"].as_str().expect("an id");
        let target = format!("/api/v1/outcomes/explanation?person={person}");
        let told = json(&world, &target).await;
        let piece = &told["explanations"][0]["evidence"][0];
        assert_eq!(piece["carried"], json!([ids[0]]), "{told}");
    }
}

#[tokio::test]
async fn what_is_carried_over_is_described() {
    let world = World::new().await;
    let description = json(&world, "/api/v1/openapi.json").await;
    for schema in ["Outcome", "Piece", "Key", "Exclusion"] {
        let schema = &description["components"]["schemas"][schema];
        let carried = &schema["properties"]["carried"];
        let words = carried["description"].as_str().expect("a description");
        assert!(
            words.contains("carried over from an earlier version"),
            "{words}"
        );
        let required = schema["required"].as_array().expect("required");
        assert!(!required.contains(&json!("carried")));
    }
}
