//! Session tokens: what a learner's browser may do, and nothing more.

use serde_json::{Value, json};
use varde_api_tests::{Answer, Call, SECRET, World, basic};
use varde_core::Scope;

use crate::statements_get::voiding;

const COURSE: &str = "https://example.org/courses/welding";
const REGISTRATION: &str = "5a4d0000-0000-4000-8000-00000000abcd";
const SECOND: i64 = 1_000_000;

fn learner(number: u32) -> Value {
    json!({ "mbox": format!("mailto:learner-{number}@example.org") })
}

/// What a learner did at a place of the course, or elsewhere.
fn deed(number: u32, at: &str) -> Value {
    json!({
        "actor": learner(number),
        "verb": { "id": "https://example.org/verbs/finished" },
        "object": { "id": at },
        "context": { "registration": REGISTRATION },
    })
}

async fn mint(world: &World, wish: &Value) -> Answer {
    let call = world.post("/api/v1/sessions").json(wish);
    call.send().await
}

/// Mints the token of a learner in the course.
async fn token(world: &World, number: u32) -> String {
    let wish = json!({
        "actor": learner(number), "activity": COURSE, "registration": REGISTRATION,
    });
    let minted = mint(world, &wish).await.expect(201);
    assert_eq!(minted.header("cache-control"), "no-store");
    minted.json()["token"].as_str().expect("a token").to_owned()
}

fn state(call: Call, number: u32, activity: &str, registration: Option<&str>) -> Call {
    let call = call.query("activityId", activity).query("stateId", "place");
    let call = call.query("agent", &learner(number).to_string());
    match registration {
        Some(registration) => call.query("registration", registration),
        None => call,
    }
}

async fn posted(world: &World, token: &str, statement: &Value) -> Answer {
    let call = world.post("/xapi/statements").bearing(token);
    call.json(statement).send().await
}

#[tokio::test]
async fn a_session_stores_and_reads_the_statements_of_its_learner_in_its_activity() {
    let world = World::new().await;
    let token = token(&world, 1).await;
    let mut part = deed(1, "https://example.org/courses/welding/quiz");
    part["context"]["contextActivities"] = json!({ "parent": [{ "id": COURSE }] });
    let mut ids = Vec::new();
    for own in [deed(1, COURSE), part] {
        let id = posted(&world, &token, &own).await.expect(200).json();
        ids.push(id[0].as_str().expect("an id").to_owned());
    }
    let call = world.get("/xapi/statements?ascending=true").bearing(&token);
    assert_eq!(call.send().await.expect(200).statement_ids(), ids);
    let one = world.get("/xapi/statements").query("statementId", &ids[0]);
    let stored = one.bearing(&token).send().await.expect(200).json();
    assert_eq!(stored["authority"]["account"]["name"], "front-end");
}

#[tokio::test]
async fn a_session_writes_for_nobody_else_nowhere_else_and_voids_nothing() {
    let world = World::new().await;
    let token = token(&world, 1).await;
    let mut elsewhen = deed(1, COURSE);
    elsewhen["context"]["registration"] = json!("5a4d0000-0000-4000-8000-00000000dcba");
    let mut unregistered = deed(1, COURSE);
    unregistered["context"] = json!({});
    let mut as_category = deed(1, "https://example.org/elsewhere");
    as_category["context"]["contextActivities"] = json!({ "category": [{ "id": COURSE }] });
    let own = posted(&world, &token, &deed(1, COURSE)).await.expect(200);
    let own = own.json()[0].as_str().expect("an id").to_owned();
    let mut void = voiding(&own);
    void["actor"] = learner(1);
    void["context"] = json!({
        "registration": REGISTRATION, "contextActivities": { "parent": [{ "id": COURSE }] },
    });
    for foreign in [
        deed(2, COURSE),
        deed(1, "https://example.org/elsewhere"),
        elsewhen,
        unregistered,
        as_category,
        void,
        json!([deed(1, COURSE), deed(2, COURSE)]),
    ] {
        let refused = posted(&world, &token, &foreign).await;
        assert_eq!(refused.status, 403, "{foreign}");
        let told = refused.json()["error"].to_string();
        assert!(told.contains("this session may not"), "{told}");
    }
    let all = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(all.statement_ids(), [own]);
}

#[tokio::test]
async fn a_session_reads_no_other_learner_by_any_query() {
    let world = World::new().await;
    let (one, two) = (token(&world, 1).await, token(&world, 2).await);
    let mine = posted(&world, &one, &deed(1, COURSE)).await.expect(200);
    let mine = mine.json()[0].as_str().expect("an id").to_owned();
    let theirs = posted(&world, &two, &deed(2, COURSE)).await.expect(200);
    let theirs = theirs.json()[0].as_str().expect("an id").to_owned();
    // What others said of the learner: by a reference to the own statement, and with the learner as
    // the object.
    let mut of_mine = deed(2, COURSE);
    of_mine["object"] = json!({ "objectType": "StatementRef", "id": mine });
    of_mine["context"]["contextActivities"] = json!({ "parent": [{ "id": COURSE }] });
    let mut judged = deed(2, COURSE);
    judged["object"] = json!({ "objectType": "Agent", "mbox": learner(1)["mbox"] });
    judged["context"]["contextActivities"] = json!({ "parent": [{ "id": COURSE }] });
    world.stored(&json!([of_mine, judged])).await;

    for query in [
        String::new(),
        format!("?agent={}", learner(2)).replace('"', "%22"),
        format!("?agent={}&related_agents=true", learner(1)).replace('"', "%22"),
        format!("?activity={COURSE}&related_activities=true"),
        format!("?registration={REGISTRATION}"),
        "?attachments=true".to_owned(),
        "?format=canonical".to_owned(),
    ] {
        let query = query.replace('{', "%7B").replace('}', "%7D");
        let call = world.get(&format!("/xapi/statements{query}"));
        let page = call.bearing(&one).send().await.expect(200);
        assert!(
            !page.text().contains("learner-2"),
            "{query}: {}",
            page.text()
        );
        assert!(!page.text().contains(&theirs), "{query}: {}", page.text());
    }
    let page = world.get("/xapi/statements").bearing(&one).send().await;
    assert_eq!(page.expect(200).statement_ids(), [mine]);
    for name in ["statementId", "voidedStatementId"] {
        let call = world.get("/xapi/statements").query(name, &theirs);
        let _ = call.bearing(&one).send().await.expect(404);
    }
    let agents = |number: u32| {
        let call = world.get("/xapi/agents").bearing(&one);
        call.query("agent", &learner(number).to_string())
    };
    let _ = agents(1).send().await.expect(200);
    let _ = agents(2).send().await.expect(403);
}

#[tokio::test]
async fn a_page_that_holds_nothing_of_the_learner_leads_on() {
    let world = World::new().await;
    let (one, two) = (token(&world, 1).await, token(&world, 2).await);
    let mine = posted(&world, &one, &deed(1, COURSE)).await.expect(200);
    let mine = mine.json()[0].as_str().expect("an id").to_owned();
    let mut of_mine = deed(2, COURSE);
    of_mine["object"] = json!({ "objectType": "StatementRef", "id": mine });
    of_mine["context"]["contextActivities"] = json!({ "parent": [{ "id": COURSE }] });
    for _ in 0..3 {
        let _ = posted(&world, &two, &of_mine).await.expect(200);
    }
    let (mut next, mut found) = ("/xapi/statements?limit=1".to_owned(), Vec::new());
    while !next.is_empty() {
        let page = world.get(&next).bearing(&one).send().await.expect(200);
        found.extend(page.statement_ids());
        next = page.json()["more"].as_str().expect("a link").to_owned();
    }
    assert_eq!(found, [mine]);
}

#[tokio::test]
async fn a_session_keeps_the_state_of_its_learner_activity_and_registration_alone() {
    let world = World::new().await;
    let token = token(&world, 1).await;
    let path = "/xapi/activities/state";
    let own = |call: Call| state(call.bearing(&token), 1, COURSE, Some(REGISTRATION));
    let _ = own(world.put(path))
        .json(&json!({ "page": 3 }))
        .send()
        .await
        .expect(204);
    let _ = own(world.post(path))
        .json(&json!({ "page": 4 }))
        .send()
        .await
        .expect(204);
    assert_eq!(
        own(world.get(path)).send().await.expect(200).json()["page"],
        4
    );

    let other = Some("5a4d0000-0000-4000-8000-00000000dcba");
    for (number, activity, registration) in [
        (2, COURSE, Some(REGISTRATION)),
        (1, "https://example.org/elsewhere", Some(REGISTRATION)),
        (1, COURSE, other),
        (1, COURSE, None),
    ] {
        let theirs = |call: Call| state(call, number, activity, registration);
        let _ = theirs(world.put(path))
            .json(&json!({}))
            .send()
            .await
            .expect(204);
        for call in [
            world.get(path),
            world.put(path).json(&json!({ "page": 0 })),
            world.post(path).json(&json!({ "page": 0 })),
            world.delete(path),
        ] {
            let _ = theirs(call.bearing(&token)).send().await.expect(403);
        }
        let kept = theirs(world.get(path)).send().await.expect(200);
        assert_eq!(kept.json(), json!({}));
    }
    let profile = world.get("/xapi/agents/profile").bearing(&token);
    let profile = profile.query("agent", &learner(1).to_string());
    let _ = profile.query("profileId", "p").send().await.expect(403);
    let _ = own(world.delete(path)).send().await.expect(204);
}

#[tokio::test]
async fn a_session_without_a_registration_is_for_what_has_none() {
    let world = World::new().await;
    let wish = json!({ "actor": learner(1), "activity": COURSE });
    let minted = mint(&world, &wish).await.expect(201).json();
    let token = minted["token"].as_str().expect("a token");
    let _ = posted(&world, token, &deed(1, COURSE)).await.expect(403);
    world.stored(&deed(1, COURSE)).await;
    let mut own = deed(1, COURSE);
    own["context"] = json!({});
    let id = posted(&world, token, &own).await.expect(200).json();
    let page = world.get("/xapi/statements").bearing(token).send().await;
    assert_eq!(
        page.expect(200).statement_ids(),
        [id[0].as_str().expect("an id")]
    );
}

#[tokio::test]
async fn a_session_changes_no_definition_though_its_key_may() {
    let world = World::new().await;
    let token = token(&world, 1).await;
    let mut renamed = deed(1, COURSE);
    renamed["object"]["definition"] = json!({ "name": { "en": "Renamed" } });
    let _ = posted(&world, &token, &renamed).await.expect(200);
    let call = world.get("/xapi/activities").query("activityId", COURSE);
    let known = call.send().await.expect(200);
    assert!(!known.text().contains("Renamed"), "{}", known.text());
}

#[tokio::test]
async fn a_session_ends_by_itself_and_with_its_key() {
    let world = World::new().await;
    world.key("lms", "sing", &[Scope::All]).await;
    let wish = json!({
        "actor": learner(1), "activity": COURSE, "registration": REGISTRATION, "seconds": 60,
    });
    let minted = async || {
        let call = world.post("/api/v1/sessions").by("lms", SECRET).json(&wish);
        let minted = call.send().await.expect(201).json();
        minted["token"].as_str().expect("a token").to_owned()
    };
    let read = async |token: &str| {
        let call = world.get("/xapi/statements").bearing(token);
        call.send().await.status.as_u16()
    };
    let first = minted().await;
    world.clock.advance(60 * SECOND - 1);
    assert_eq!(read(&first).await, 200);
    world.clock.advance(1);
    assert_eq!(read(&first).await, 401);

    let second = minted().await;
    world
        .keys()
        .rotate("lms", 0)
        .await
        .expect("the key is there");
    assert_eq!(read(&second).await, 200, "a new secret ends no lesson");
    world.keys().revoke("lms").await.expect("the key is there");
    assert_eq!(read(&second).await, 401);
}

#[tokio::test]
async fn a_session_comes_by_basic_as_well_and_a_forged_one_by_neither() {
    let world = World::new().await;
    let wish = json!({ "actor": learner(1), "activity": COURSE });
    let minted = mint(&world, &wish).await.expect(201).json();
    let (token, encoded) = (minted["token"].as_str(), minted["basic"].as_str());
    let (token, encoded) = (token.expect("a token"), encoded.expect("a text"));
    let by = async |authorization: &str| {
        let call = world.get("/xapi/statements");
        let call = call.header("authorization", authorization);
        call.send().await
    };
    let _ = by(&format!("Basic {encoded}")).await.expect(200);
    let unknown = by(&basic("nobody", SECRET)).await.expect(401).json();
    let altered = format!("{}A", token.get(..token.len() - 1).expect("a text"));
    let altered = if altered == token {
        format!("{token}A")
    } else {
        altered
    };
    for forged in [&altered, "varde-session.", "varde-session.AAAA", "abc", ""] {
        let refused = by(&format!("Bearer {forged}")).await.expect(401);
        assert_eq!(refused.json(), unknown, "{forged}");
    }
}

#[tokio::test]
async fn what_no_session_is_minted_for_is_refused_by_name() {
    let world = World::new().await;
    for (wish, named) in [
        (
            json!({ "actor": { "name": "Nobody" }, "activity": COURSE }),
            "actor",
        ),
        (
            json!({ "actor": learner(1), "activity": "course" }),
            "activity",
        ),
        (
            json!({ "actor": learner(1), "activity": COURSE, "registration": "1" }),
            "registration",
        ),
        (
            json!({ "actor": learner(1), "activity": COURSE, "seconds": 0 }),
            "86400",
        ),
        (
            json!({ "actor": learner(1), "activity": COURSE, "seconds": 86_401 }),
            "86400",
        ),
        (
            json!({ "actor": learner(1), "activity": COURSE, "scope": "all" }),
            "scope",
        ),
        (
            json!({ "actor": learner(1), "activity": format!("{COURSE}{}", "x".repeat(2_048)) }),
            "2048",
        ),
    ] {
        let refused = mint(&world, &wish).await.expect(400);
        assert!(refused.text().contains(named), "{}", refused.text());
    }
    let token = token(&world, 1).await;
    let wish = json!({ "actor": learner(2), "activity": COURSE });
    let call = world.post("/api/v1/sessions").bearing(&token).json(&wish);
    let _ = call.send().await.expect(403);
    world.key("reader", "sing", &[Scope::AllRead]).await;
    let call = world
        .post("/api/v1/sessions")
        .by("reader", SECRET)
        .json(&wish);
    let _ = call.send().await.expect(403);
}

#[tokio::test]
async fn sessions_of_one_key_do_not_use_up_one_anothers_requests() {
    let limits = varde_http::Limits {
        requests_per_minute: std::num::NonZeroU32::new(2),
        ..varde_http::Limits::default()
    };
    let world = World::with(limits).await;
    let (one, two) = (token(&world, 1).await, token(&world, 2).await);
    let read = async |token: &str| {
        let call = world.get("/xapi/statements").bearing(token);
        call.send().await.status.as_u16()
    };
    assert_eq!(
        [read(&one).await, read(&one).await, read(&one).await],
        [200, 200, 429]
    );
    assert_eq!(read(&two).await, 200);
}
