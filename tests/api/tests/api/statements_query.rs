use serde_json::json;
use varde_api_tests::{SECRET, World, statement};
use varde_core::Scope;

use crate::statements_get::voiding;

#[tokio::test]
async fn filters_select_by_agent_verb_activity_and_registration() {
    let world = World::new().await;
    let registration = "d2d1a5a5-8d1a-4f5c-9c3a-6d1e2f3a4b5c";
    let mut wanted = statement(1);
    wanted["verb"]["id"] = "https://example.org/verbs/began".into();
    wanted["object"]["id"] = "https://example.org/courses/casting".into();
    wanted["context"] = json!({ "registration": registration });
    let ids = world
        .stored(&json!([statement(2), wanted, statement(3)]))
        .await;
    let agent = json!({ "mbox": "mailto:learner-1@EXAMPLE.org", "name": "other" }).to_string();
    for (name, value) in [
        ("agent", agent.as_str()),
        ("verb", "https://example.org/verbs/began"),
        ("activity", "https://example.org/courses/casting"),
        ("registration", &registration.to_uppercase()),
    ] {
        let answer = world
            .get("/xapi/statements")
            .query(name, value)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.statement_ids(), [ids[1].as_str()], "{name}");
    }
    let answer = world
        .get("/xapi/statements?verb=https://example.org/verbs/none")
        .send()
        .await;
    let answer = answer.expect(200);
    assert_eq!(answer.json(), json!({ "statements": [], "more": "" }));
}

#[tokio::test]
async fn unescaped_colons_and_slashes_in_a_query_are_read() {
    let world = World::new().await;
    let ids = world.stored(&statement(1)).await;
    let target = "/xapi/statements?activity=https://example.org/courses/welding";
    let answer = world.get(target).send().await.expect(200);
    assert_eq!(answer.statement_ids(), ids);
}

#[tokio::test]
async fn a_statement_that_refers_to_one_that_matches_is_found_with_it() {
    let world = World::new().await;
    let first = world.stored(&statement(1)).await.remove(0);
    let reply = json!({
        "actor": { "mbox": "mailto:mentor@example.org" },
        "verb": { "id": "https://example.org/verbs/commented" },
        "object": { "objectType": "StatementRef", "id": first },
    });
    let second = world.stored(&reply).await.remove(0);
    let third = world.stored(&voiding(&first)).await.remove(0);
    let verb = "/xapi/statements?verb=https://example.org/verbs/finished";
    let answer = world.get(verb).send().await.expect(200);
    assert_eq!(answer.statement_ids(), [third, second]);
}

#[tokio::test]
async fn since_is_exclusive_and_until_inclusive() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for learner in 1..=3 {
        ids.extend(world.stored(&statement(learner)).await);
        world.clock.advance(1_000_000);
    }
    for (name, instant, expected) in [
        ("since", "2026-03-01T12:00:01.000000Z", vec![&ids[2]]),
        ("since", "2026-03-01T13:00:01.0000009+01:00", vec![&ids[2]]),
        (
            "until",
            "2026-03-01T12:00:01.000000Z",
            vec![&ids[1], &ids[0]],
        ),
        ("until", "2026-03-01T12:00:00.999999Z", vec![&ids[0]]),
    ] {
        let answer = world
            .get("/xapi/statements")
            .query(name, instant)
            .send()
            .await
            .expect(200);
        let found = answer.statement_ids();
        assert_eq!(
            found.iter().collect::<Vec<_>>(),
            expected,
            "{name}={instant}"
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_in_either_order_while_others_write() {
    let world = World::new().await;
    let batch: Vec<_> = (0..7).map(statement).collect();
    let ids = world.stored(&json!(batch)).await;
    for ascending in [true, false] {
        let first = format!("/xapi/statements?limit=3&ascending={ascending}");
        let (mut next, mut seen) = (first, Vec::new());
        while !next.is_empty() {
            let answer = world.get(&next).send().await.expect(200);
            assert!(answer.statement_ids().len() <= 3);
            seen.extend(answer.statement_ids());
            next = answer.json()["more"]
                .as_str()
                .expect("more is always there")
                .to_owned();
            assert!(
                next.is_empty() || next.starts_with("/xapi/statements?more="),
                "{next}"
            );
            world.stored(&statement(99)).await;
        }
        let kept: Vec<_> = seen.into_iter().filter(|id| ids.contains(id)).collect();
        let mut expected = ids.clone();
        if !ascending {
            expected.reverse();
        }
        assert_eq!(kept, expected);
    }
}

#[tokio::test]
async fn a_more_link_stands_alone_unaltered_and_for_its_own_credential() {
    let world = World::new().await;
    world.key("other", "sing", &[Scope::All]).await;
    world.stored(&json!([statement(1), statement(2)])).await;
    let answer = world
        .get("/xapi/statements?limit=1")
        .send()
        .await
        .expect(200);
    let more = answer.json()["more"].as_str().unwrap().to_owned();
    let answer = world
        .get(&format!("{more}&limit=1"))
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["parameter-unknown"]);
    for wrong in [
        world.get(&more).by("other", SECRET),
        world.get(&format!("{more}x")),
        world.get("/xapi/statements?more="),
    ] {
        assert_eq!(wrong.send().await.expect(400).rules(), ["more-link"]);
    }
    let _ = world.get(&more).send().await.expect(200);
}

#[tokio::test]
async fn a_limit_of_zero_or_over_the_servers_own_gives_the_servers_own() {
    let world = World::new().await;
    let batch: Vec<_> = (0..101).map(statement).collect();
    world.stored(&json!(batch)).await;
    for limit in ["0", "1000", "99999999999999999999"] {
        let answer = world
            .get("/xapi/statements")
            .query("limit", limit)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.statement_ids().len(), 100, "{limit}");
        assert!(!answer.json()["more"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn members_of_a_group_are_found_and_related_parts_only_when_asked_for() {
    let world = World::new().await;
    let mut team = statement(1);
    team["actor"] = serde_json::json!({
        "objectType": "Group",
        "member": [{ "mbox": "mailto:learner-7@example.org" }],
    });
    team["context"] = json!({
        "instructor": { "mbox": "mailto:instructor@example.org" },
        "contextActivities": { "parent": { "id": "https://example.org/programmes/metal" } },
    });
    let ids = world.stored(&team).await;
    let none: Vec<String> = Vec::new();
    for (name, value, related, found) in [
        (
            "agent",
            r#"{"mbox":"mailto:learner-7@example.org"}"#,
            None,
            &ids,
        ),
        (
            "agent",
            r#"{"mbox":"mailto:instructor@example.org"}"#,
            None,
            &none,
        ),
        (
            "agent",
            r#"{"mbox":"mailto:instructor@example.org"}"#,
            Some("related_agents"),
            &ids,
        ),
        (
            "activity",
            "https://example.org/programmes/metal",
            None,
            &none,
        ),
        (
            "activity",
            "https://example.org/programmes/metal",
            Some("related_activities"),
            &ids,
        ),
        ("limit", "0", Some("related_agents"), &ids),
        ("limit", "0", Some("related_activities"), &ids),
    ] {
        let call = world.get("/xapi/statements").query(name, value);
        let call = related.map_or(call.clone(), |related| call.query(related, "true"));
        let answer = call.send().await.expect(200);
        assert_eq!(&answer.statement_ids(), found, "{name} {value} {related:?}");
    }
}
