//! Outcomes in pages and as CSV, explained; cohorts; frameworks, competences and rules.

use serde_json::{Value, json};
use varde_api_tests::{Answer, World};

const QUIZ: &str = include_str!("../../../../schemas/examples/competence/planning-quiz.yaml");
const PLANNING: &str = "https://example.org/fw/entrecomp/1/planning-management";

async fn world() -> World {
    let world = World::new().await;
    let project = "project: sing\ntitle: { nb: P, sv: P, en: P }\nzone: Europe/Oslo\n\
        start: 2024-01-01\nend: 2026-12-31\n\
        partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
    let people = "pseudonym,gender,birth_year_band,nuts3\n\
        p-1,female,1980-1989,NO060\np-2,male,1990-1999,SE321\np-3,female,1970-1979,SE322\n";
    let identities = "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n\
        mailto:learner-2@example.org,p-2\nmailto:learner-3@example.org,p-3\n";
    let files = [
        ("sing.yaml", project),
        ("people.csv", people),
        ("identities.csv", identities),
    ];
    world.import(&files).await;
    world.activate(QUIZ).await;
    for (learner, scaled) in [(1, 0.72), (2, 0.45), (3, 0.9), (3, 0.1)] {
        let scored = json!({
            "actor": { "mbox": format!("mailto:learner-{learner}@example.org") },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/scored" },
            "object": { "id": "https://lms.example.org/attempt" },
            "result": { "score": { "scaled": scaled } },
            "context": { "contextActivities": { "parent": [
                { "id": "https://lms.example.org/mod/quiz/view.php?id=42" },
            ] } },
            "timestamp": "2026-02-10T09:00:00Z",
        });
        world.stored(&scored).await;
    }
    world.settle().await;
    world
}

async fn get(world: &World, target: &str) -> Answer {
    world.get(target).send().await.expect(200)
}

fn persons(table: &Value) -> Vec<&str> {
    let outcomes = table["outcomes"].as_array().expect("outcomes");
    let persons = outcomes
        .iter()
        .map(|o| o["person"].as_str().expect("a text"));
    persons.collect()
}

#[tokio::test]
async fn outcomes_come_in_pages_that_are_all_as_known_at_one_instant() {
    let world = world().await;
    let first = get(&world, "/api/v1/outcomes?limit=2").await.json();
    assert_eq!(persons(&first), ["p-1", "p-2"]);
    let next = first["next"].as_str().expect("more");
    world.clock.advance(60_000_000);
    let late = json!({
        "actor": { "mbox": "mailto:learner-4@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/scored" },
        "object": { "id": "https://lms.example.org/attempt" },
        "result": { "score": { "scaled": 0.9 } },
        "context": { "contextActivities": { "parent": [
            { "id": "https://lms.example.org/mod/quiz/view.php?id=42" },
        ] } },
        "timestamp": "2026-02-10T09:00:00Z",
    });
    world.stored(&late).await;
    world.settle().await;
    let second = get(&world, &format!("/api/v1/outcomes?limit=2&cursor={next}"))
        .await
        .json();
    assert_eq!(persons(&second), ["p-3"]);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(second["known_at"], first["known_at"]);
    for wrong in [
        "limit=0",
        "limit=10001",
        "limit=x",
        "cursor=2",
        "cursor=x-1",
        "format=xml",
    ] {
        let target = format!("/api/v1/outcomes?{wrong}");
        let _ = world.get(&target).send().await.expect(400);
    }
}

#[tokio::test]
async fn outcomes_are_narrowed_by_basis_and_status() {
    let world = world().await;
    for (filter, expected) in [
        ("basis=assessed", 3),
        ("basis=self", 0),
        ("status=current", 3),
        ("status=revoked", 0),
    ] {
        let table = get(&world, &format!("/api/v1/outcomes?{filter}"))
            .await
            .json();
        assert_eq!(persons(&table).len(), expected, "{filter}");
    }
    for wrong in ["basis=own", "status=lost", "post=worst"] {
        let answer = world.get(&format!("/api/v1/outcomes?{wrong}")).send().await;
        assert!(answer.expect(400).text().contains("expected"), "{wrong}");
    }
}

#[tokio::test]
async fn tables_are_csv_for_who_asks_for_it() {
    let world = world().await;
    let cohorts = format!("/api/v1/cohorts?project=sing&competence={PLANNING}&by=gender");
    for (target, head) in [
        ("/api/v1/outcomes", "person,competence,basis"),
        (&cohorts, "project,competence,basis,by,cohort,number,value"),
        ("/api/v1/rules", "rule,version,title"),
        ("/api/v1/competences", "uri,framework,code"),
        ("/api/v1/frameworks", "uri,title,creator"),
    ] {
        let parted = if target.contains('?') { '&' } else { '?' };
        let asked = get(&world, &format!("{target}{parted}format=csv")).await;
        assert!(asked.header("content-type").starts_with("text/csv"));
        assert!(asked.text().starts_with(head), "{}", asked.text());
        let accepts = world.get(target).header("accept", "text/csv").send().await;
        assert_eq!(accepts.expect(200).text(), asked.text());
        let both = world
            .get(target)
            .header("accept", "text/csv, application/json");
        let both = both.send().await.expect(200);
        assert_eq!(both.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn an_explanation_names_rule_statements_comparison_and_near_misses() {
    let world = world().await;
    let explained = get(&world, "/api/v1/outcomes/explanation?person=p-3")
        .await
        .json();
    let [explanation] = explained["explanations"].as_array().unwrap().as_slice() else {
        panic!("one competence: {explained}");
    };
    assert_eq!(explanation["outcome"]["level"], 4);
    let [evidence] = explanation["evidence"].as_array().unwrap().as_slice() else {
        panic!("one piece of evidence: {explanation}");
    };
    assert_eq!(evidence["rule"], "sing/planning-quiz@1");
    assert_eq!(evidence["comparison"]["scaled"], "0.9");
    let nearly = &explanation["near_misses"][0]["sentences"];
    assert!(
        nearly["nb"].as_str().unwrap().contains("0,1 er under 0,20"),
        "{nearly}"
    );
    assert!(
        nearly["sv"].as_str().unwrap().contains("0,1 är under 0,20"),
        "{nearly}"
    );
    assert!(
        nearly["en"].as_str().unwrap().contains("0.1 is below 0.20"),
        "{nearly}"
    );
    let _ = world
        .get("/api/v1/outcomes/explanation")
        .send()
        .await
        .expect(400);
}

#[tokio::test]
async fn cohorts_stand_side_by_side() {
    let world = world().await;
    let target = format!("/api/v1/cohorts?project=sing&competence={PLANNING}&by=gender");
    let table = get(&world, &target).await.json();
    let cohorts = table["cohorts"].as_array().unwrap();
    let short: Vec<_> = cohorts
        .iter()
        .map(|cohort| (cohort["value"].as_str().unwrap(), cohort["levels"].clone()))
        .collect();
    assert_eq!(
        short,
        [
            ("female", json!({"3": 1, "4": 1})),
            ("male", json!({"2": 1}))
        ]
    );
    for wrong in ["&by=height", "&target=0", "&project=sing"] {
        let _ = world
            .get(&format!("{target}{wrong}"))
            .send()
            .await
            .expect(400);
    }
    let other = get(&world, &target.replace("=sing", "=merse")).await.json();
    assert_eq!(other["cohorts"], json!([]));
}

#[tokio::test]
async fn a_framework_comes_out_as_the_package_that_came_in() {
    let world = world().await;
    world.activate(varde_schemas::ENTRECOMP).await;
    let frameworks = get(&world, "/api/v1/frameworks").await.json();
    let uri = frameworks["items"][0]["uri"].as_str().unwrap();
    assert_eq!(
        frameworks["items"][0]["levels"].as_array().unwrap().len(),
        8
    );
    let package = get(
        &world,
        &format!("/api/v1/frameworks/package?framework={uri}"),
    )
    .await;
    let original: Value = serde_json::from_str(varde_schemas::ENTRECOMP).unwrap();
    assert_eq!(package.json(), original);
    let nowhere = world.get("/api/v1/frameworks/package?framework=https://example.org/none");
    let _ = nowhere.send().await.expect(404);
    // Eighteen items, and the competence that only a rule names.
    let all = get(&world, "/api/v1/competences").await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 19);
    let of_rule = get(
        &world,
        &format!("/api/v1/competences?competence={PLANNING}"),
    )
    .await;
    assert_eq!(
        of_rule.json()["items"][0]["rules"],
        json!(["sing/planning-quiz@1"])
    );
    let page = get(&world, "/api/v1/competences?limit=18").await.json();
    let rest = format!(
        "/api/v1/competences?cursor={}",
        page["next"].as_str().unwrap()
    );
    assert_eq!(
        get(&world, &rest).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn rules_are_told_with_their_hash_and_their_whole_text() {
    let world = world().await;
    let rules = get(&world, "/api/v1/rules?basis=assessed").await.json();
    let rule = &rules["items"][0];
    assert_eq!(
        (rule["rule"].as_str(), rule["version"].as_u64()),
        (Some("sing/planning-quiz"), Some(1))
    );
    assert_eq!(rule["definition"]["measure"], "score");
    let none = get(&world, "/api/v1/rules?basis=self").await.json();
    assert_eq!(none, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn the_document_of_the_api_is_there_for_anybody() {
    let world = World::new().await;
    let call = world.get("/api/v1/openapi.json").without("authorization");
    let answer = call.send().await.expect(200);
    assert_eq!(answer.json()["openapi"], "3.1.0");
}
