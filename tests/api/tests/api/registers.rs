//! `/api/v1/projects`, `/organisations`, `/activities`, `/people`: what the registers say on a day.

use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::Role;
use varde_core::keys::NewKey;
use varde_xapi::Stored;

const PROJECT: &str = "project: sing\ntitle: { nb: S, sv: S, en: Sing }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\nperiods: [2025-06-30]\n\
    partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
const OTHER: &str = "project: merse\ntitle: { nb: M, sv: M, en: Merse }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\n\
    partners:\n  - { organisation: NO-100000032, country: NO, role: lead }\n";
const INDICATORS: &str = include_str!("../../../../schemas/examples/interreg/sing-indicators.yaml");
const TABLES: [&str; 5] = [
    "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\np-2,male,1990-1999,SE321\n",
    "ifi,pseudonym\nmailto:learner@example.org,p-1\n",
    "country,orgnr,name,headcount\nNO,100000016,North,7\nNO,100000032,Elsewhere,9\n\
     SE,402000-0008,South,3\n",
    "iri,kind,title,project\nhttps://example.org/scheme,training-scheme,Scheme,sing\n\
     https://example.org/scheme,training-scheme,Scheme,merse\n\
     https://example.org/merse,training-scheme,Theirs,merse\n",
    "iri,orgnr,from\nhttps://example.org/scheme,SE-402000-0008,2025-01-01\n\
     https://example.org/scheme,NO-100000016,2025-01-01\n\
     https://example.org/merse,NO-100000032,2025-01-01\n",
];
/// Noon of 1 February 2025.
const FEBRUARY: Stored = Stored(1_738_411_200_000_000);
const DAY: i64 = 86_400_000_000;

async fn world() -> World {
    let world = World::new().await;
    world.clock.set(FEBRUARY);
    let files: Vec<(&str, &str)> = [("sing.yaml", PROJECT), ("merse.yaml", OTHER)]
        .into_iter()
        .chain(TABLES.map(|text| ("table.csv", text)))
        .collect();
    world.import(&files).await;
    world.activate(INDICATORS).await;
    for role in [Role::DataSteward, Role::Auditor, Role::Evaluator] {
        let key = NewKey {
            scopes: role.default_scopes().to_vec(),
            role: Some(role),
            ..World::new_key(role.name(), "sing")
        };
        world.make_key(key).await;
    }
    let statement = json!({
        "actor": { "mbox": "mailto:learner@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/initialized" },
        "object": { "id": "https://example.org/scheme" },
    });
    world.stored(&statement).await;
    world.settle().await;
    world
}

async fn read(world: &World, key: &str, target: &str) -> Value {
    let call = world.get(&format!("/api/v1/{target}")).by(key, SECRET);
    call.send().await.expect(200).json()
}

fn ids(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|item| item["id"].as_str().expect("an id"))
        .collect()
}

#[tokio::test]
async fn a_caller_is_told_of_the_own_projects_and_what_belongs_to_them() {
    let world = world().await;
    let projects = read(&world, "evaluator", "projects?as_of=2025-03-01").await;
    assert_eq!(ids(&projects), ["sing"]);
    assert_eq!(projects["items"][0]["fields"]["title:en"], "Sing");
    assert!(projects["complete_through"].is_string());
    let activities = read(&world, "auditor", "activities?as_of=2025-03-01").await;
    assert_eq!(ids(&activities), ["https://example.org/scheme"]);
    let fields = &activities["items"][0]["fields"];
    assert_eq!(fields["project:sing"], "yes");
    assert_eq!(fields["project:merse"], Value::Null);
    let organisations = read(&world, "auditor", "organisations?as_of=2025-03-01").await;
    assert_eq!(ids(&organisations), ["NO-100000016", "SE-402000-0008"]);
    assert_eq!(organisations["items"][0]["fields"]["headcount"], "7");
    let people = read(&world, "data-steward", "people?as_of=2025-03-01").await;
    assert_eq!(ids(&people), ["p-1"]);
    assert_eq!(people["items"][0]["fields"]["gender"], "female");
    assert!(!people.to_string().contains("example.org"), "{people}");
}

#[tokio::test]
async fn readings_are_as_of_a_day_and_as_known_at_an_instant() {
    let world = world().await;
    let before = read(&world, "auditor", "organisations?as_of=2024-12-31").await;
    assert_eq!(
        ids(&before),
        ["NO-100000016"],
        "nobody organised anything yet"
    );
    world.clock.set(Stored(FEBRUARY.0 + 10 * DAY));
    let later = "country,orgnr,name,headcount\nNO,100000016,North,8\n";
    world.import(&[("organisations.csv", later)]).await;
    world.settle().await;
    let headcount = async |query: &str| {
        let page = read(
            &world,
            "auditor",
            &format!("organisations?as_of=2025-03-01{query}"),
        )
        .await;
        page["items"][0]["fields"]["headcount"].clone()
    };
    assert_eq!(headcount("").await, "8");
    assert_eq!(headcount("&known_at=2025-02-05T00:00:00Z").await, "7");
}

#[tokio::test]
async fn readings_come_in_pages() {
    let world = world().await;
    let first = read(&world, "auditor", "organisations?as_of=2025-03-01&limit=1").await;
    assert_eq!(ids(&first), ["NO-100000016"]);
    let next = first["next"].as_str().expect("another page");
    let target = format!("organisations?as_of=2025-03-01&limit=1&cursor={next}");
    let second = read(&world, "auditor", &target).await;
    assert_eq!(ids(&second), ["SE-402000-0008"]);
    assert_eq!(second["next"], Value::Null);
}

#[tokio::test]
async fn persons_are_for_stewards_and_an_evaluator_is_told_of_projects_alone() {
    let world = world().await;
    let status = async |key: &str, path: &str| {
        let call = world.get(&format!("/api/v1/{path}")).by(key, SECRET);
        call.send().await.status.as_u16()
    };
    assert_eq!(status("auditor", "people").await, 403);
    for path in ["people", "organisations", "activities"] {
        assert_eq!(status("evaluator", path).await, 403, "{path}");
    }
}
