use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::Scope;

pub(crate) const QUIZ: &str =
    include_str!("../../../../schemas/examples/competence/planning-quiz.yaml");
pub(crate) const INDICATORS: &str =
    include_str!("../../../../schemas/examples/interreg/sing-indicators.yaml");
const REGISTERS: [(&str, &str); 7] = [
    (
        "sing.yaml",
        include_str!("../../../../schemas/examples/interreg/sing.yaml"),
    ),
    (
        "people.csv",
        include_str!("../../../../schemas/examples/interreg/people.csv"),
    ),
    (
        "identities.csv",
        include_str!("../../../../schemas/examples/interreg/identities.csv"),
    ),
    (
        "organisations.csv",
        include_str!("../../../../schemas/examples/interreg/organisations.csv"),
    ),
    (
        "affiliations.csv",
        include_str!("../../../../schemas/examples/interreg/affiliations.csv"),
    ),
    (
        "activities.csv",
        include_str!("../../../../schemas/examples/interreg/activities.csv"),
    ),
    (
        "organisers.csv",
        include_str!("../../../../schemas/examples/interreg/organisers.csv"),
    ),
];

pub(crate) fn scored(account: &str, scaled: f64, timestamp: &str) -> Value {
    json!({
        "actor": { "account": { "homePage": "https://lms.example.org", "name": account } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/scored" },
        "object": { "id": "https://lms.example.org/mod/quiz/review.php?attempt=7" },
        "result": { "score": { "scaled": scaled } },
        "context": { "contextActivities": {
            "parent": [{ "id": "https://lms.example.org/mod/quiz/view.php?id=42" }],
            "grouping": [{ "id": "https://lms.example.org/course/view.php?id=5" }],
        } },
        "timestamp": timestamp,
    })
}

pub(crate) async fn world() -> World {
    let world = World::new().await;
    world.import(&REGISTERS).await;
    world.activate(QUIZ).await;
    world.activate(INDICATORS).await;
    world
}

#[tokio::test]
async fn outcomes_name_the_statements_they_rest_on_and_through_when_they_are_complete() {
    let world = world().await;
    let low = world
        .stored(&scored("1", 0.45, "2026-01-10T09:00:00Z"))
        .await;
    let high = world
        .stored(&scored("1", 0.72, "2026-02-10T09:00:00Z"))
        .await;
    world.settle().await;
    let answer = world.get("/api/v1/outcomes").send().await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let table = answer.json();
    assert_eq!(table["as_of"], "2026-03-01");
    let complete = table["complete_through"].as_str().unwrap().to_owned();
    assert!(complete.starts_with("2026-03-01T12:00:00."), "{complete}");
    assert_eq!(table["outcomes"][0]["person"], "p-001");
    assert_eq!(table["outcomes"][0]["level"], 3);
    assert_eq!(table["outcomes"][0]["statements"], json!(high));
    let earlier = world
        .get("/api/v1/outcomes?as_of=2026-01-31")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(earlier["outcomes"][0]["level"], 2);
    assert_eq!(earlier["outcomes"][0]["statements"], json!(low));
}

#[tokio::test]
async fn outcomes_are_told_as_known_at_an_instant() {
    let world = world().await;
    world
        .stored(&scored("1", 0.45, "2026-01-10T09:00:00Z"))
        .await;
    world.clock.advance(60_000_000);
    world
        .stored(&scored("1", 0.72, "2026-02-10T09:00:00Z"))
        .await;
    world.settle().await;
    let target = "/api/v1/outcomes?known_at=2026-03-01T12:00:30Z";
    let table = world.get(target).send().await.expect(200).json();
    assert_eq!(table["known_at"], "2026-03-01T12:00:30.000000Z");
    assert_eq!(table["outcomes"][0]["level"], 2);
}

#[tokio::test]
async fn outcomes_are_narrowed_by_person_and_competence() {
    let world = world().await;
    let both = json!([
        scored("1", 0.45, "2026-01-10T09:00:00Z"),
        scored("2", 0.85, "2026-01-10T09:00:00Z"),
    ]);
    world.stored(&both).await;
    world.settle().await;
    let one = world
        .get("/api/v1/outcomes?person=p-002")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(one["outcomes"].as_array().unwrap().len(), 1);
    assert_eq!(one["outcomes"][0]["level"], 4);
    let competence = "https://example.org/fw/entrecomp/1/planning-management";
    let call = world
        .get("/api/v1/outcomes")
        .query("competence", competence);
    assert_eq!(
        call.send().await.expect(200).json()["outcomes"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let call = world.get("/api/v1/outcomes?competence=https://example.org/fw/other");
    assert!(
        call.send().await.expect(200).json()["outcomes"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn indicators_open_to_their_keys_and_statements() {
    let world = world().await;
    let ids = world
        .stored(&scored("1", 0.72, "2026-02-10T09:00:00Z"))
        .await;
    world.settle().await;
    let target = "/api/v1/indicators?project=sing&code=RCO85&as_of=2026-02-28";
    let report = world.get(target).send().await.expect(200).json();
    let table = &report["tables"][0];
    assert!(
        table["complete_through"]
            .as_str()
            .unwrap()
            .starts_with("2026-03-01T12:00:00.")
    );
    let indicator = &table["indicators"][0];
    assert_eq!(table["indicators"].as_array().unwrap().len(), 1);
    assert_eq!(indicator["code"], "RCO85");
    assert_eq!(indicator["value"], 1, "{report}");
    assert_eq!(indicator["keys"][0]["person"], "p-001");
    assert_eq!(indicator["keys"][0]["statements"], json!(ids));
    let before = target.replace("2026-02-28", "2026-02-09");
    let report = world.get(&before).send().await.expect(200).json();
    assert_eq!(report["tables"][0]["indicators"][0]["value"], 0);
    let other = world
        .get("/api/v1/indicators?project=merse")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(other["tables"], json!([]));
}

#[tokio::test]
async fn unknown_parameters_and_wrong_values_are_problems() {
    let world = World::new().await;
    for (target, rule) in [
        ("/api/v1/outcomes?foo=bar", "parameter-unknown"),
        ("/api/v1/outcomes?AS_OF=2026-01-01", "parameter-unknown"),
        (
            "/api/v1/outcomes?as_of=2026-01-01&as_of=2026-01-01",
            "parameter-repeated",
        ),
        ("/api/v1/outcomes?as_of=2026-02-30", "day"),
        ("/api/v1/outcomes?as_of=2026-01-01T12:00:00", "day"),
        ("/api/v1/outcomes?known_at=yesterday", "timestamp"),
        ("/api/v1/outcomes?competence=planning", "iri"),
        ("/api/v1/indicators?code=85", "indicator-code"),
        ("/api/v1/indicators?person=p-001", "parameter-unknown"),
    ] {
        let answer = world.get(target).send().await.expect(400);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{target}"
        );
        assert_eq!(answer.rules(), [rule], "{target}");
        let problem = answer.json();
        assert_eq!(problem["status"], 400);
        assert!(!problem["detail"].as_str().unwrap().is_empty(), "{target}");
    }
}

#[tokio::test]
async fn results_are_for_keys_that_may_read_everything() {
    let world = World::new().await;
    world
        .key(
            "sender",
            "sing",
            &[Scope::StatementsWrite, Scope::StatementsRead],
        )
        .await;
    for target in ["/api/v1/outcomes", "/api/v1/indicators"] {
        let answer = world
            .get(target)
            .by("sender", SECRET)
            .send()
            .await
            .expect(403);
        assert!(answer.text().contains("all/read"), "{}", answer.text());
        let answer = world
            .get(target)
            .without("authorization")
            .send()
            .await
            .expect(401);
        assert!(answer.header("www-authenticate").starts_with("Basic "));
        let answer = world.post(target).send().await.expect(405);
        assert_eq!(answer.header("allow"), "GET,HEAD");
        let call = world.get(target).without("x-experience-api-version");
        let _ = call.send().await.expect(200);
    }
}
