//! `people/{person}/record`: what a person who asks is told.

use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::Role;
use varde_core::erasures::Whom;
use varde_core::keys::NewKey;

use crate::results::{scored, world};

const RECORD: &str = "/api/v1/people/p-001/record?as_of=2026-02-28";

async fn asked(world: &World, target: &str) -> varde_api_tests::Answer {
    world.get(target).send().await
}

/// The example's first learner has a level and is counted.
async fn learned() -> World {
    let world = world().await;
    let mut began = scored("1", 0.9, "2026-02-10T09:00:00Z");
    world.stored(&began).await;
    began["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/completed");
    began["object"]["id"] = json!("https://lms.example.org/course/view.php?id=5");
    began["context"] = json!({});
    world.stored(&began).await;
    let mut markup = scored("1", 0.2, "2026-02-11T09:00:00Z");
    markup["object"]["definition"] = json!({ "name": { "en": "<script>alert(1)</script>" } });
    markup["context"] = json!({});
    world.stored(&markup).await;
    world.settle().await;
    world
}

#[tokio::test]
async fn the_record_holds_statements_levels_and_the_figures_that_count_the_person() {
    let world = learned().await;
    let record = asked(&world, RECORD).await.expect(200).json();
    assert_eq!(record["statements"].as_array().unwrap().len(), 3);
    assert_eq!(record["pseudonyms"], json!(["p-001"]));
    let identifiers = record["identifiers"].to_string();
    assert!(
        identifiers.contains("learner-001@example.org"),
        "{identifiers}"
    );
    assert!(
        !record["outcomes"].as_array().unwrap().is_empty(),
        "{record}"
    );
    let counted = record["counted"].as_array().unwrap();
    let codes: Vec<&Value> = counted.iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("RCO85")), "{codes:?}");
    assert!(
        counted
            .iter()
            .all(|one| !one["statements"].as_array().unwrap().is_empty())
    );
    let again = asked(&world, RECORD).await.expect(200).json();
    let readings = again["readings"].as_array().unwrap();
    let record = |one: &&Value| one["query"] == "people record(person)";
    assert_eq!(
        readings.iter().filter(record).count(),
        1,
        "the first is told"
    );
}

#[tokio::test]
async fn the_page_runs_nothing_and_is_written_in_three_languages() {
    let world = learned().await;
    for (language, title) in [
        ("nb", "Det som er lagret om deg"),
        ("sv", "Det som är sparat om dig"),
        ("en", "What is held of you"),
    ] {
        let target = format!("{RECORD}&format=html&language={language}");
        let answer = asked(&world, &target).await.expect(200);
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("sandbox; default-src 'none'"),
            "{policy}"
        );
        let page = answer.text();
        assert!(page.contains(&format!("<html lang=\"{language}\">")) && page.contains(title));
        assert!(!page.contains("<script"), "what statements say is text");
        assert!(page.contains("&lt;script&gt;"));
    }
}

#[tokio::test]
async fn nobody_is_found_by_a_name_that_is_none_and_other_roles_are_refused() {
    let world = learned().await;
    let nobody = asked(&world, "/api/v1/people/p-nobody/record").await;
    assert_eq!(nobody.status, 404);
    let form = asked(&world, "/api/v1/people/p-001/record?format=pdf").await;
    assert_eq!(form.status, 400);
    for role in [Role::Evaluator, Role::Funder, Role::Auditor, Role::Learner] {
        let key = NewKey {
            role: Some(role),
            scopes: role.default_scopes().to_vec(),
            ..World::new_key(role.name(), "sing")
        };
        world.make_key(key).await;
        let refused = world.get(RECORD).by(role.name(), SECRET).send().await;
        assert_eq!(refused.status, 403, "{role}");
    }
}

#[tokio::test]
async fn a_learner_s_own_key_reads_their_record_without_statements_of_others_until_they_are_erased()
{
    let world = learned().await;
    let mut taught = scored("2", 0.9, "2026-02-12T09:00:00Z");
    taught["context"] = json!({ "instructor": scored("1", 0.1, "2026-02-12T09:00:00Z")["actor"] });
    world.stored(&taught).await;
    world.settle().await;
    let steward = NewKey {
        role: Some(Role::Administrator),
        scopes: Role::Administrator.default_scopes().to_vec(),
        ..World::new_key("office", "sing")
    };
    world.make_key(steward).await;
    let wish =
        |role: &str| json!({ "name": "own", "space": "sing", "role": role, "person": "p-001" });
    let make = |role: &str| {
        let call = world.post("/api/v1/keys").by("office", SECRET);
        call.json(&wish(role)).send()
    };
    let refused = make("funder").await.expect(400);
    assert!(
        refused.text().contains("only a key with the role learner"),
        "{}",
        refused.text()
    );
    for person in ["p-001", "p-nobody"] {
        let wish = json!({ "name": "mine", "space": "sing", "role": "learner", "person": person });
        let refused = world.post("/api/v1/keys").json(&wish).send().await;
        assert_eq!(
            refused.status, 403,
            "who makes no keys learns of nobody: {person}"
        );
    }
    let bound = make("learner").await.expect(201).json();
    assert_eq!(bound["person"], json!(world.person("p-001").await));
    let secret = bound["secret"].as_str().expect("a secret").to_owned();
    let own = |target: &str| world.get(target).by("own", &secret).send();
    let record = own("/api/v1/own/record?as_of=2026-02-28")
        .await
        .expect(200)
        .json();
    assert_eq!(record["statements"].as_array().unwrap().len(), 3);
    assert_eq!(record["of_others"], json!(1), "{record}");
    assert!(!record["counted"].as_array().unwrap().is_empty());
    let outcomes = own("/api/v1/own/outcomes?as_of=2026-02-28")
        .await
        .expect(200)
        .json();
    assert_eq!(outcomes["explanations"], record["outcomes"]);
    let by_office = asked(&world, RECORD).await.expect(200).json();
    assert_eq!(by_office["statements"].as_array().unwrap().len(), 4);
    assert_eq!(by_office.get("of_others"), None);
    for refused in [
        RECORD,
        "/api/v1/outcomes?person=p-001",
        "/api/v1/people",
        "/xapi/statements",
    ] {
        assert_eq!(own(refused).await.status, 403, "{refused}");
    }
    assert_eq!(own("/api/v1/own/record?person=p-002").await.status, 400);

    world.erase(&Whom::Person("p-001".to_owned())).await;
    // Another process did it: a key is taken to be as it was read for ten seconds.
    world.clock.advance(11_000_000);
    assert_eq!(
        own("/api/v1/own/record").await.status,
        401,
        "the key went with the person"
    );
}
