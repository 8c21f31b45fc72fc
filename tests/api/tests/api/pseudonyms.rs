//! Keys that pseudonymise: nobody's identifier is stored, and the key finds what it sent.

use serde_json::{Value, json};
use varde_api_tests::{Call, Parts, SECRET, World, statement};
use varde_core::erasures::Whom;
use varde_core::keys::NewKey;
use varde_core::{IngestPolicy, Scope};
use varde_xapi::Ifi;

use crate::national_ids::signed;

const PATH: &str = "/xapi/statements";
const LEARNER: &str = "learner-1@example.org";
const AGENT: &str = r#"{"mbox":"mailto:learner-1@example.org"}"#;

async fn world() -> World {
    let world = World::new().await;
    let key = NewKey {
        scopes: vec![Scope::All],
        ingest: IngestPolicy {
            pseudonymise: true,
            ..IngestPolicy::default()
        },
        ..World::new_key("course", "sing")
    };
    world.make_key(key).await;
    world
}

fn by_course(call: Call) -> Call {
    call.by("course", SECRET)
}

fn sent() -> Value {
    let mut sent = statement(1);
    sent["id"] = json!("7c8b2a10-5d3f-4c6e-9a1b-0d2e4f6a8b90");
    sent["actor"]["name"] = json!("Kari Nordmann");
    sent["context"] = json!({
        "instructor": { "mbox": "mailto:teacher@example.org", "name": "Ola" },
        "team": { "objectType": "Group", "name": "Kari's", "member": [{ "mbox": format!("mailto:{LEARNER}") }] },
    });
    sent
}

async fn send(world: &World, statement: &Value) -> u16 {
    let call = by_course(world.post(PATH)).json(statement);
    call.send().await.status.as_u16()
}

#[tokio::test]
async fn no_identifier_and_no_name_is_stored_and_the_key_finds_what_it_sent() {
    let world = world().await;
    assert_eq!(send(&world, &sent()).await, 200);
    let all = world.get(PATH).send().await.expect(200);
    for said in [LEARNER, "teacher", "Kari", "Ola"] {
        assert!(!all.text().contains(said), "{said} in {}", all.text());
    }
    let stored = &all.json()["statements"][0];
    let account = &stored["actor"]["account"];
    assert_eq!(account["homePage"], "https://pseudonym.invalid/");
    assert_eq!(*account, stored["context"]["team"]["member"][0]["account"]);
    assert_ne!(*account, stored["context"]["instructor"]["account"]);
    let asked = |agent: &str| by_course(world.get(PATH)).query("agent", agent);
    let found = asked(AGENT).send().await.expect(200);
    assert_eq!(found.statement_ids().len(), 1);
    let found = asked(r#"{"mbox":"mailto:nobody@example.org"}"#)
        .send()
        .await;
    assert_eq!(found.expect(200).statement_ids(), [] as [String; 0]);
}

#[tokio::test]
async fn a_re_send_is_equal_and_another_statement_a_conflict() {
    let world = world().await;
    let mut other = sent();
    assert_eq!(send(&world, &other).await, 200);
    assert_eq!(send(&world, &other).await, 200);
    other["actor"]["mbox"] = json!("mailto:somebody-else@example.org");
    assert_eq!(send(&world, &other).await, 409);
    let mut later = statement(1);
    later["verb"]["id"] = json!("https://example.org/verbs/began");
    assert_eq!(send(&world, &later).await, 200);
    let all = world.get(PATH).send().await.expect(200).json();
    let of = |index: usize| all["statements"][index]["actor"]["account"]["name"].clone();
    assert!(of(0).is_string());
    assert_eq!(of(0), of(1), "one person has one pseudonym");
}

#[tokio::test]
async fn documents_are_kept_under_the_pseudonym_and_found_by_the_identifier() {
    let world = world().await;
    let call = |call: Call| {
        by_course(call)
            .query("agent", AGENT)
            .query("activityId", "https://example.org/courses/welding")
            .query("stateId", "place")
    };
    let state = "/xapi/activities/state";
    let put = call(world.put(state)).body("text/plain", "page 3");
    let _ = put.send().await.expect(204);
    let read = call(world.get(state)).send().await.expect(200);
    assert_eq!(read.text(), "page 3");
    let plain = call(world.get(state)).by("front-end", SECRET);
    let _ = plain.send().await.expect(404);
    assert_eq!(send(&world, &sent()).await, 200);
    let _ = call(world.delete(state)).send().await.expect(204);
    let _ = call(world.get(state)).send().await.expect(404);
}

#[tokio::test]
async fn an_erasure_by_identifier_or_by_pseudonym_finds_all_and_takes_the_mapping_away() {
    for by_pseudonym in [false, true] {
        let world = world().await;
        assert_eq!(send(&world, &sent()).await, 200);
        let all = world.get(PATH).send().await.expect(200).json();
        let account = all["statements"][0]["actor"]["account"].clone();
        let name = account["name"].as_str().expect("a name").to_owned();
        let whom = if by_pseudonym {
            let home_page = varde_xapi::Iri::parse("https://pseudonym.invalid/");
            let home_page = home_page.expect("an IRI");
            Ifi::Account { home_page, name }
        } else {
            Ifi::Mbox(format!("mailto:{LEARNER}"))
        };
        let receipt = world.erase(&Whom::Identifier(whom)).await;
        assert_eq!(receipt.statements.len(), 1, "{by_pseudonym}");
        let mut later = statement(1);
        later["verb"]["id"] = json!("https://example.org/verbs/began");
        assert_eq!(send(&world, &later).await, 200);
        let all = world.get(PATH).send().await.expect(200).json();
        assert_ne!(all["statements"][0]["actor"]["account"], account);
    }
}

#[tokio::test]
async fn a_signed_statement_is_refused_since_it_would_be_changed() {
    let world = world().await;
    let call = by_course(world.post(PATH)).body(Parts::KIND, signed(sent()));
    let answer = call.send().await.expect(400);
    assert_eq!(answer.rules(), ["signed-unchanged"]);
    assert!(!answer.text().contains(LEARNER), "{}", answer.text());
    let all = world.get(PATH).send().await.expect(200);
    assert_eq!(all.statement_ids(), [] as [String; 0]);
}

#[tokio::test]
async fn a_session_of_a_key_that_pseudonymises_keeps_the_learner_s_own_place_and_statements() {
    let world = world().await;
    let token = async |number: u32| {
        let wish = json!({
            "actor": { "mbox": format!("mailto:learner-{number}@example.org") },
            "activity": "https://example.org/course",
        });
        let minted = by_course(world.post("/api/v1/sessions"))
            .json(&wish)
            .send()
            .await;
        let minted = minted.expect(201).json();
        minted["token"].as_str().expect("a token").to_owned()
    };
    let (own, other) = (token(1).await, token(2).await);
    let place = |call: Call, number: u32| {
        let agent = json!({ "mbox": format!("mailto:learner-{number}@example.org") });
        call.query("activityId", "https://example.org/course")
            .query("stateId", "place")
            .query("agent", &agent.to_string())
    };
    let state = "/xapi/activities/state";
    let put = place(world.put(state), 1)
        .bearing(&own)
        .body("text/plain", "page 7");
    let _ = put.send().await.expect(204);
    let mut done = sent();
    done["object"] = json!({ "id": "https://example.org/course" });
    let posted = world.post(PATH).bearing(&own).json(&done).send().await;
    let _ = posted.expect(200);

    let read = place(world.get(state), 1).bearing(&own).send().await;
    assert_eq!(read.expect(200).text(), "page 7");
    let read = by_course(place(world.get(state), 1)).send().await;
    assert_eq!(read.expect(200).text(), "page 7", "the course finds it too");
    let mine = world.get(PATH).bearing(&own).send().await.expect(200);
    assert_eq!(mine.statement_ids(), [done["id"].as_str().expect("an id")]);
    assert!(!mine.text().contains(LEARNER), "{}", mine.text());
    let theirs = world.get(PATH).bearing(&other).send().await.expect(200);
    assert_eq!(theirs.statement_ids(), [] as [String; 0]);
    let refused = place(world.get(state), 1).bearing(&other).send().await;
    assert_eq!(refused.status, 403, "{}", refused.text());
}
