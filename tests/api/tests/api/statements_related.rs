//! Which statements a query finds, place by place.

use serde_json::{Value, json};
use varde_api_tests::{World, statement};

const ID: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";
const SOUGHT: &str = r#"{"mbox":"mailto:sought@example.org"}"#;
const ACTIVITY: &str = "https://example.org/courses/sought";

fn agent(name: &str) -> Value {
    json!({ "mbox": format!("mailto:{name}@example.org") })
}

fn group_of(name: &str) -> Value {
    json!({ "objectType": "Group", "member": [agent("somebody"), agent(name)] })
}

/// A statement with the members given in place of its own.
fn with(members: &Value) -> Value {
    let mut with = statement(1);
    for (name, value) in members.as_object().expect("an object") {
        with[name] = value.clone();
    }
    with
}

/// A statement that tells of another.
fn telling(members: &Value) -> Value {
    let mut inner = with(members);
    inner["objectType"] = "SubStatement".into();
    with(&json!({ "object": inner }))
}

fn reference(id: &str) -> Value {
    json!({ "objectType": "StatementRef", "id": id })
}

fn replying(id: &str, target: &str) -> Value {
    with(
        &json!({ "id": id, "actor": agent("mentor"), "object": reference(target),
        "verb": { "id": "https://example.org/verbs/commented" } }),
    )
}

async fn found(world: &World, query: &[(&str, &str)]) -> Vec<String> {
    let call = world.get("/xapi/statements?ascending=true");
    let call = query
        .iter()
        .fold(call, |call, (name, value)| call.query(name, value));
    call.send().await.expect(200).statement_ids()
}

/// Stores each statement in a world of its own and checks whether a query finds it, and whether
/// with the related places too.
async fn places(name: &str, value: &str, cases: &[(Value, bool, bool)]) {
    let related = if name == "agent" {
        "related_agents"
    } else {
        "related_activities"
    };
    for (sent, plain, widened) in cases {
        let world = World::new().await;
        let call = world.post("/xapi/statements").version("2.0.0").json(sent);
        let _ = call.send().await.expect(200);
        let narrow = found(&world, &[(name, value)]).await;
        assert_eq!(!narrow.is_empty(), *plain, "{sent}");
        let wide = found(&world, &[(name, value), (related, "true")]).await;
        assert_eq!(!wide.is_empty(), *widened, "related, {sent}");
    }
}

#[tokio::test]
async fn agents_are_found_in_their_places() {
    let typed = json!({ "objectType": "Agent", "mbox": "mailto:sought@example.org" });
    let identified =
        json!({ "objectType": "Group", "openid": "urn:g", "member": [agent("sought")] });
    places(
        "agent",
        SOUGHT,
        &[
            (with(&json!({ "actor": agent("sought") })), true, true),
            (with(&json!({ "actor": group_of("sought") })), true, true),
            (with(&json!({ "actor": identified })), true, true),
            (with(&json!({ "object": typed })), true, true),
            (with(&json!({ "object": group_of("sought") })), true, true),
            (with(&json!({ "object": identified })), true, true),
            (with(&json!({ "actor": agent("other") })), false, false),
        ],
    )
    .await;
}

#[tokio::test]
async fn related_agents_are_found_in_their_places() {
    let typed = json!({ "objectType": "Agent", "mbox": "mailto:sought@example.org" });
    let context_agent = json!([{ "objectType": "contextAgent", "agent": agent("sought") }]);
    let context_group = json!([{ "objectType": "contextGroup", "group": group_of("sought") }]);
    let contexts = [
        json!({ "instructor": agent("sought") }),
        json!({ "instructor": group_of("sought") }),
        json!({ "team": group_of("sought") }),
        json!({ "contextAgents": context_agent }),
        json!({ "contextGroups": context_group }),
    ];
    let mut cases = vec![
        (telling(&json!({ "actor": agent("sought") })), false, true),
        (
            telling(&json!({ "actor": group_of("sought") })),
            false,
            true,
        ),
        (telling(&json!({ "object": typed })), false, true),
    ];
    for context in contexts {
        let context = json!({ "context": context });
        cases.push((with(&context), false, true));
        cases.push((telling(&context), false, true));
    }
    places("agent", SOUGHT, &cases).await;
}

#[tokio::test]
async fn activities_are_found_in_their_places() {
    let sought = json!({ "id": ACTIVITY });
    let mut cases = vec![
        (with(&json!({ "object": sought })), true, true),
        (telling(&json!({ "object": sought })), false, true),
        (statement(1), false, false),
    ];
    for relation in ["parent", "grouping", "category", "other"] {
        let context = json!({ "context": { "contextActivities": { relation: [sought] } } });
        cases.push((with(&context), false, true));
        cases.push((telling(&context), false, true));
    }
    places("activity", ACTIVITY, &cases).await;
}

#[tokio::test]
async fn verb_and_registration_of_a_sub_statement_are_not_met() {
    let world = World::new().await;
    let verb = "https://example.org/verbs/planned";
    let inner = json!({ "verb": { "id": verb }, "context": { "registration": ID } });
    let ids = world.stored(&json!([telling(&inner), with(&inner)])).await;
    for query in [("verb", verb), ("registration", ID)] {
        for related in ["related_agents", "related_activities"] {
            assert_eq!(
                found(&world, &[query, (related, "true")]).await,
                [ids[1].as_str()]
            );
        }
    }
}

#[tokio::test]
async fn the_authority_that_is_found_is_the_assigned_one() {
    let world = World::new().await;
    let ids = world
        .stored(&with(&json!({ "authority": agent("claimed") })))
        .await;
    let account = json!({ "homePage": "https://varde.example.org", "name": "front-end" });
    let assigned = json!({ "account": account }).to_string();
    let claimed = agent("claimed").to_string();
    let related = ("related_agents", "true");
    assert_eq!(found(&world, &[("agent", &assigned), related]).await, ids);
    assert!(found(&world, &[("agent", &assigned)]).await.is_empty());
    assert!(
        found(&world, &[("agent", &claimed), related])
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_group_is_asked_for_by_its_identifier() {
    let world = World::new().await;
    let team = json!({ "objectType": "Group", "mbox": "mailto:team@example.org" });
    let mut named = team.clone();
    named["member"] = json!([agent("learner-1")]);
    let ids = world
        .stored(&json!([with(&json!({ "actor": team })), statement(1)]))
        .await;
    assert_eq!(
        found(&world, &[("agent", &named.to_string())]).await,
        [ids[0].as_str()]
    );
    // An agent of the same identifier is the same one.
    assert_eq!(
        found(&world, &[("agent", &agent("team").to_string())]).await,
        [ids[0].as_str()]
    );
}

#[tokio::test]
async fn a_person_is_no_agent_to_ask_for() {
    let world = World::new().await;
    for wrong in [
        json!({ "objectType": "Person", "mbox": ["mailto:a@example.org"] }),
        json!({ "objectType": "Group", "member": [agent("a")] }),
        json!([agent("a")]),
    ] {
        let call = world
            .get("/xapi/statements")
            .query("agent", &wrong.to_string());
        let _ = call.send().await.expect(400);
    }
}

#[tokio::test]
async fn agents_are_compared_by_their_identifier() {
    let account = |page: &str, name: &str| json!({ "account": { "homePage": page, "name": name } });
    let sha1 = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12";
    for (stored, queried, equal) in [
        (
            agent("a"),
            json!({ "mbox": "mailto:a@EXAMPLE.ORG", "name": "Another" }),
            true,
        ),
        (agent("a"), json!({ "mbox": "mailto:A@example.org" }), false),
        (
            json!({ "mbox_sha1sum": sha1 }),
            json!({ "mbox_sha1sum": sha1.to_uppercase() }),
            true,
        ),
        (
            json!({ "mbox_sha1sum": sha1 }),
            json!({ "mbox": "mailto:a@example.org" }),
            false,
        ),
        (
            json!({ "openid": "https://id.example.org/a" }),
            json!({ "openid": "https://id.example.org/A" }),
            false,
        ),
        (
            account("https://a.example.org", "7"),
            account("https://a.example.org", "7"),
            true,
        ),
        (
            account("https://a.example.org", "7"),
            account("https://a.example.org", "8"),
            false,
        ),
        (
            account("https://a.example.org", "7"),
            account("https://b.example.org", "7"),
            false,
        ),
    ] {
        let world = World::new().await;
        world.stored(&with(&json!({ "actor": stored }))).await;
        let ids = found(&world, &[("agent", &queried.to_string())]).await;
        assert_eq!(!ids.is_empty(), equal, "{stored} {queried}");
    }
}

#[tokio::test]
async fn iris_are_compared_character_by_character() {
    let world = World::new().await;
    let ids = world.stored(&statement(1)).await;
    for (verb, activity) in [
        (
            "https://example.org/verbs/Finished",
            "https://example.org/courses/Welding",
        ),
        (
            "https://EXAMPLE.org/verbs/finished",
            "https://EXAMPLE.org/courses/welding",
        ),
        (
            "https://example.org/verbs/finishe%64",
            "https://example.org/courses/weldin%67",
        ),
        (
            "https://example.org/verbs/finished/",
            "https://example.org/courses/welding#",
        ),
    ] {
        assert!(found(&world, &[("verb", verb)]).await.is_empty());
        assert!(found(&world, &[("activity", activity)]).await.is_empty());
    }
    assert_eq!(
        found(&world, &[("verb", "https://example.org/verbs/finished")]).await,
        ids
    );
}

#[tokio::test]
async fn filters_are_met_all_at_once() {
    let world = World::new().await;
    let wanted = with(
        &json!({ "actor": agent("sought"), "object": { "id": ACTIVITY },
        "context": { "registration": ID } }),
    );
    let partly = [
        with(&json!({ "actor": agent("sought"), "object": { "id": ACTIVITY } })),
        with(&json!({ "actor": agent("sought"), "context": { "registration": ID } })),
        with(&json!({ "object": { "id": ACTIVITY }, "context": { "registration": ID } })),
    ];
    let ids = world
        .stored(&json!([wanted, partly[0], partly[1], partly[2]]))
        .await;
    let query = [
        ("agent", SOUGHT),
        ("activity", ACTIVITY),
        ("registration", ID),
    ];
    assert_eq!(found(&world, &query).await, [ids[0].as_str()]);
    let bounded = [&query[..], &[("since", "2026-03-01T12:00:01Z")]].concat();
    assert!(found(&world, &bounded).await.is_empty());
}

#[tokio::test]
async fn a_reference_is_met_by_each_filter_of_its_target() {
    let world = World::new().await;
    let target = with(
        &json!({ "actor": agent("sought"), "verb": { "id": "urn:example:verb" },
        "object": { "id": ACTIVITY }, "context": {
            "registration": ID, "instructor": agent("instructor"),
            "contextActivities": { "parent": [{ "id": "urn:example:parent" }] } } }),
    );
    let first = world.stored(&target).await.remove(0);
    let reply = "6b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a02";
    world.stored(&replying(reply, &first)).await;
    let both = [first.as_str(), reply];
    let instructor = agent("instructor").to_string();
    for query in [
        &[("agent", SOUGHT)][..],
        &[("verb", "urn:example:verb")],
        &[("activity", ACTIVITY)],
        &[("registration", ID)],
        &[("agent", &instructor), ("related_agents", "true")],
        &[
            ("activity", "urn:example:parent"),
            ("related_activities", "true"),
        ],
        &[
            ("agent", SOUGHT),
            ("verb", "urn:example:verb"),
            ("activity", ACTIVITY),
        ],
    ] {
        assert_eq!(found(&world, query).await, both, "{query:?}");
    }
    assert_eq!(
        found(&world, &[("agent", &agent("mentor").to_string())]).await,
        [reply]
    );
    assert!(found(&world, &[("agent", &instructor)]).await.is_empty());
    // The limit and the order are those of the statements themselves.
    let call = world.get("/xapi/statements?limit=1").query("agent", SOUGHT);
    assert_eq!(call.send().await.expect(200).statement_ids(), [reply]);
}

#[tokio::test]
async fn references_are_followed_over_steps_in_any_order_of_arrival() {
    let ids: Vec<_> = (1..=4)
        .map(|number| format!("6b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a0{number}"))
        .collect();
    let first = with(&json!({ "id": ids[0], "actor": agent("sought") }));
    let chain = [
        first,
        replying(&ids[1], &ids[0]),
        replying(&ids[2], &ids[1]),
        replying(&ids[3], &ids[2]),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let world = World::new().await;
        for place in order {
            world.stored(&chain[place]).await;
        }
        let mut matched = found(&world, &[("agent", SOUGHT)]).await;
        matched.sort();
        assert_eq!(matched, ids, "{order:?}");
    }
}

#[tokio::test]
async fn a_statement_in_the_context_is_no_reference() {
    let world = World::new().await;
    let first = world
        .stored(&with(&json!({ "actor": agent("sought") })))
        .await
        .remove(0);
    world
        .stored(&with(
            &json!({ "context": { "statement": reference(&first) } }),
        ))
        .await;
    world
        .stored(&telling(&json!({ "object": reference(&first) })))
        .await;
    assert_eq!(found(&world, &[("agent", SOUGHT)]).await, [first]);
}

#[tokio::test]
async fn a_reference_may_point_to_what_is_not_there() {
    let world = World::new().await;
    let ids = world
        .stored(&with(&json!({ "object": reference(ID) })))
        .await;
    assert_eq!(found(&world, &[]).await, ids);
}

#[tokio::test]
async fn a_voiding_verb_in_another_letter_case_voids_nothing() {
    let world = World::new().await;
    let first = world.stored(&statement(1)).await.remove(0);
    for verb in [
        "http://adlnet.gov/expapi/verbs/Voided",
        "https://adlnet.gov/expapi/verbs/voided",
        "http://adlnet.gov/expapi/verbs/voided/",
    ] {
        let verb = json!({ "id": verb, "display": { "en": "voided" } });
        world
            .stored(&with(&json!({ "verb": verb, "object": reference(&first) })))
            .await;
    }
    let call = world.get("/xapi/statements").query("statementId", &first);
    let _ = call.send().await.expect(200);
    let verb =
        json!({ "id": "http://adlnet.gov/expapi/verbs/voided", "display": { "en": "kept" } });
    world
        .stored(&with(&json!({ "verb": verb, "object": reference(&first) })))
        .await;
    let call = world
        .get("/xapi/statements")
        .query("voidedStatementId", &first);
    let _ = call.send().await.expect(200);
}

#[tokio::test]
async fn a_sub_statement_voids_nothing() {
    let world = World::new().await;
    let first = world.stored(&statement(1)).await.remove(0);
    let verb = json!({ "id": "http://adlnet.gov/expapi/verbs/voided" });
    world
        .stored(&telling(
            &json!({ "verb": verb, "object": reference(&first) }),
        ))
        .await;
    let call = world.get("/xapi/statements").query("statementId", &first);
    let _ = call.send().await.expect(200);
}

#[tokio::test]
async fn by_its_id_a_statement_is_only_itself() {
    let world = World::new().await;
    let first = world.stored(&statement(1)).await.remove(0);
    world.stored(&replying(ID, &first)).await;
    for id in [first.as_str(), ID] {
        let call = world.get("/xapi/statements").query("statementId", id);
        let single = call.send().await.expect(200).json();
        assert_eq!(single["id"], id);
        assert!(single["statements"].is_null());
    }
}
