//! `GET /api/v1/indicators/periods`: the whole project at period ends, under disclosure control.

use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};
use varde_xapi::Stored;

const PROJECT: &str = "project: sing\ntitle: { nb: S, sv: S, en: S }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\nperiods: [2025-06-30, 2025-12-31, 2026-06-30]\n\
    partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
const INDICATORS: &str = include_str!("../../../../schemas/examples/interreg/sing-indicators.yaml");
const ACTIVITIES: &str = "iri,kind,title,project\n\
    https://example.org/scheme,training-scheme,Scheme,sing\n";
const ORGANISERS: &str = "iri,orgnr\nhttps://example.org/scheme,SE-402000-0008\n\
    https://example.org/scheme,NO-100000024\n";
/// How many learners live where.
const REGIONS: [(&str, usize); 4] = [("NO060", 5), ("NO020", 1), ("SE321", 4), ("SE322", 3)];

/// The first second of 1 January 2025 in Oslo.
const NEW_YEAR: Stored = Stored(1_735_686_000_000_000);
const DAY: i64 = 86_400_000_000;

fn everybody() -> Vec<(usize, &'static str)> {
    let regions = REGIONS.iter();
    let regions = regions.flat_map(|(region, number)| std::iter::repeat_n(*region, *number));
    regions.enumerate().collect()
}

async fn world() -> World {
    let world = World::new().await;
    world.clock.set(NEW_YEAR);
    let lines = |header: &str, line: &dyn Fn(usize, &str) -> String| {
        let lines = everybody().into_iter().map(|(n, region)| line(n, region));
        lines.fold(header.to_owned(), |text, line| text + "\n" + &line)
    };
    let people = lines("pseudonym,gender,birth_year_band,nuts3", &|n, region| {
        format!("p-{n:03},female,1980-1989,{region}")
    });
    let identities = lines("ifi,pseudonym", &|n, _| {
        format!("mailto:learner-{n}@example.org,p-{n:03}")
    });
    // The learners of Västernorrland belong to a partner.
    let affiliations = lines("pseudonym,orgnr", &|n, region| match region {
        "SE321" => format!("p-{n:03},SE-402000-0016"),
        _ => format!("p-{n:03},NO-100000016"),
    });
    let files = [
        ("sing.yaml", PROJECT),
        ("people.csv", &people),
        ("identities.csv", &identities),
        ("affiliations.csv", &affiliations),
        ("activities.csv", ACTIVITIES),
        ("organisers.csv", ORGANISERS),
    ];
    world.import(&files).await;
    world.activate(INDICATORS).await;
    for partner in [None, Some("SE-402000-0016")] {
        let key = NewKey {
            scopes: vec![Scope::AllRead],
            role: Some(Role::Evaluator),
            partner: partner.map(|number| number.parse().expect("a number")),
            ..World::new_key(partner.map_or("evaluator", |_| "south"), "sing")
        };
        world.make_key(key).await;
    }
    world
}

/// A learner begins the scheme on a day of 2025, which is told at once.
async fn begins(world: &World, learner: usize, day: i64) {
    world.clock.set(Stored(NEW_YEAR.0 + day * DAY));
    let statement = json!({
        "actor": { "mbox": format!("mailto:learner-{learner}@example.org") },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/initialized" },
        "object": { "id": "https://example.org/scheme" },
    });
    world.stored(&statement).await;
}

async fn table(world: &World, key: &str, period: &str) -> Value {
    world.settle().await;
    let target = format!("/api/v1/indicators/periods?project=sing&code=RCO85&period={period}");
    let report = world
        .get(&target)
        .by(key, SECRET)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(report["threshold"], 3);
    report["tables"][0]["indicators"][0]["dimensions"].clone()
}

fn value(table: &Value, dimension: &str, cell: &str) -> Option<u64> {
    table[dimension]["cells"][cell]["value"].as_u64()
}

#[tokio::test]
async fn a_small_region_is_hidden_and_cannot_be_worked_out_from_its_country() {
    let world = world().await;
    for (learner, _) in everybody() {
        begins(&world, learner, 40).await;
    }
    world.clock.set(Stored(NEW_YEAR.0 + 300 * DAY));
    let table = table(&world, "evaluator", "2025-06-30").await;
    assert_eq!(
        table["gender"]["total"],
        json!({ "value": 13, "as_of": "2025-06-30" })
    );
    assert_eq!(value(&table, "gender", "female"), Some(13));
    assert_eq!(value(&table, "country", "NO"), Some(6));
    assert_eq!(value(&table, "country", "SE"), Some(7));
    assert_eq!(value(&table, "nuts3", "SE321"), Some(4));
    assert_eq!(value(&table, "nuts3", "NO020"), None);
    assert_eq!(value(&table, "nuts3", "NO060"), None, "{table}");
}

#[tokio::test]
async fn what_an_evaluator_sees_row_by_row_does_not_open_the_rest() {
    let world = world().await;
    let mut began = everybody();
    began.retain(|(_, region)| *region != "NO020");
    for (learner, _) in began {
        begins(&world, learner, 40).await;
    }
    world.clock.set(Stored(NEW_YEAR.0 + 300 * DAY));
    // Seven in Sweden, of whom four are the partner's own.
    let south = table(&world, "south", "2025-06-30").await;
    assert_eq!(value(&south, "country", "SE"), Some(7));
    let rows = world
        .get("/api/v1/indicators?code=RCO85")
        .by("south", SECRET);
    let rows = rows.send().await.expect(200).json();
    let keys = rows["tables"][0]["indicators"][0]["keys"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(keys, 4);
    assert_eq!(rows["tables"][0]["indicators"][0]["value"], 4);
    let rows = world
        .get("/api/v1/indicators?code=RCO85")
        .by("evaluator", SECRET);
    let rows = rows.send().await.expect(200).json();
    assert_eq!(rows["tables"][0]["indicators"][0]["value"], 0);
}

#[tokio::test]
async fn a_table_is_of_its_period_end_and_few_who_come_later_do_not_move_the_next() {
    let world = world().await;
    for learner in 6..12 {
        begins(&world, learner, 40).await;
    }
    // One begins in the second half, and one of the first half is told too late for its table.
    begins(&world, 12, 250).await;
    world.clock.set(Stored(NEW_YEAR.0 + 500 * DAY));
    let first = table(&world, "evaluator", "2025-06-30").await;
    let second = table(&world, "evaluator", "2025-12-31").await;
    assert_eq!(
        first["gender"]["total"],
        json!({ "value": 6, "as_of": "2025-06-30" })
    );
    assert_eq!(second, first, "one more is too few to be told");
    for learner in 0..5 {
        begins(&world, learner, 510).await;
    }
    world.clock.set(Stored(NEW_YEAR.0 + 600 * DAY));
    let third = table(&world, "evaluator", "2026-06-30").await;
    assert_eq!(
        third["gender"]["total"],
        json!({ "value": 12, "as_of": "2026-06-30" })
    );
    assert_eq!(table(&world, "evaluator", "2025-06-30").await, first);
}

#[tokio::test]
async fn a_day_that_ends_no_period_is_refused_with_those_that_do() {
    let world = world().await;
    world.clock.set(Stored(NEW_YEAR.0 + 200 * DAY));
    world.settle().await;
    for wrong in ["2025-06-29", "2025-12-31", "2030-01-01"] {
        let target = format!("/api/v1/indicators/periods?project=sing&period={wrong}");
        let answer = world
            .get(&target)
            .by("evaluator", SECRET)
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["period-end"], "{wrong}");
        assert!(answer.text().contains("2025-06-30"), "{}", answer.text());
    }
    let cases = [
        ("project=sing", "parameter-missing"),
        ("project=S%C3%98&period=2025-06-30", "project-code"),
    ];
    for (query, rule) in cases {
        let target = format!("/api/v1/indicators/periods?{query}");
        let answer = world.get(&target).send().await.expect(400);
        assert_eq!(answer.rules(), [rule], "{query}");
    }
}
