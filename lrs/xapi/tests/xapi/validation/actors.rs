//! Agents, groups, and who vouches.

use serde_json::{Value, json};
use varde_xapi::Family;

use super::{accepts, expect_rule, missing, refuses};
use crate::fixture::{least, post, with, within};

#[test]
fn an_agent_has_exactly_one_identifier() {
    let two = json!({"mbox": "mailto:a@example.org", "openid": "http://example.org/a"});
    let none = json!({"objectType": "Agent", "name": "Nobody"});
    for pointer in [
        "/actor",
        "/context/instructor",
        "/authority",
        "/actor/member/0",
    ] {
        refuses(
            pointer,
            "agent-one-identifier",
            [two.clone(), none.clone(), json!({})],
        );
    }
    let typed = |mut agent: Value| {
        agent["objectType"] = json!("Agent");
        agent
    };
    for agent in [typed(two), typed(none)] {
        let statement = with(least(), "/object", Some(agent));
        expect_rule(&statement, "agent-one-identifier", "object");
    }
}

#[test]
fn each_identifier_has_its_form() {
    let refused = [
        ("mbox", "mbox", "mailto:should.fail.com"),
        ("mbox", "mbox", "http://should.fail.com"),
        ("mbox", "mbox", "learner@example.org"),
        ("mbox", "mbox", "mailto:@example.org"),
        ("mbox", "mbox", "mailto:learner@"),
        ("mbox", "mbox", "mailto:a@example.org,b@example.org"),
        ("mbox", "mbox", "mailto:a@example.org?subject=x"),
        ("mbox", "mbox", "mailto:a b@example.org"),
        ("mbox_sha1sum", "mbox-sha1sum", "ebd31e"),
        (
            "mbox_sha1sum",
            "mbox-sha1sum",
            "zbd31e95054c018b10727ccffd2ef2ec3a016ee9",
        ),
        ("openid", "iri", "ab=c://should.fail.com"),
        ("openid", "iri", "should fail"),
    ];
    for (key, rule, text) in refused {
        for pointer in [
            "/actor",
            "/actor/member/0",
            "/context/instructor",
            "/authority",
        ] {
            refuses(pointer, rule, [json!({key: text})]);
        }
    }
    let account = json!({"account": {"homePage": "http://example.org", "name": "a", "x": 1}});
    refuses("/actor", "unknown-property", [account]);
    accepts(
        "/actor",
        [
            json!({"mbox": "mailto:o'neil+tag@Sub.Example.org"}),
            json!({"mbox": "mailto:løve@eksempel.example"}),
            json!({"account": {"homePage": "urn:example:accounts", "name": ""}}),
        ],
    );
}

#[test]
fn groups_have_members_or_one_identifier() {
    let agent = json!({"mbox": "mailto:learner-1@example.org"});
    for pointer in ["/actor", "/context/team", "/context/instructor"] {
        refuses(
            pointer,
            "group-members",
            [
                json!({"objectType": "Group"}),
                json!({"objectType": "Group", "member": []}),
            ],
        );
        let nested =
            json!({"objectType": "Group", "member": [{"objectType": "Group", "member": [agent]}]});
        refuses(pointer, "group-not-nested", [nested]);
        let two = json!({"objectType": "Group", "mbox": "mailto:g@example.org", "openid": "urn:g"});
        refuses(pointer, "group-one-identifier", [two]);
        accepts(
            pointer,
            [
                json!({"objectType": "Group", "member": [agent, agent]}),
                json!({"objectType": "Group", "openid": "urn:g"}),
                json!({"objectType": "Group", "openid": "urn:g", "member": []}),
            ],
        );
    }
    refuses("/context/team", "context-team", [agent.clone()]);
}

#[test]
fn object_types_are_exact() {
    for kind in ["agent", "GROUP", "Person", "", "Activity"] {
        let actor = json!({"objectType": kind, "mbox": "mailto:a@example.org"});
        refuses("/actor", "object-type", [actor]);
    }
    for kind in [
        "activity",
        "statementref",
        "Substatement",
        "Statement",
        "Person",
    ] {
        let object = json!({"objectType": kind, "id": "http://example.org/a"});
        expect_rule(&with(least(), "/object", Some(object)), "object-type", kind);
    }
    refuses(
        "/context/statement/objectType",
        "object-type",
        [json!("Activity"), json!("statementRef")],
    );
    missing("/context/statement/objectType", "object-type");
    refuses(
        "/context/contextActivities/parent/objectType",
        "object-type",
        [json!("Agent")],
    );
    let untyped = with(
        least(),
        "/object",
        Some(json!({"mbox": "mailto:a@example.org"})),
    );
    expect_rule(
        &untyped,
        "unknown-property",
        "an agent as object without objectType",
    );
}

#[test]
fn authorities_are_agents_or_pairs() {
    let agent = |n: u8| json!({"mbox": format!("mailto:agent-{n}@example.org")});
    let group = |members: Vec<Value>| json!({"objectType": "Group", "member": members});
    let mut identified = group(vec![agent(1), agent(2)]);
    identified["mbox"] = json!("mailto:group@example.org");
    let one = group(vec![agent(1)]);
    let three = group(vec![agent(1), agent(2), agent(3)]);
    refuses("/authority", "authority", [identified, one, three]);
    accepts("/authority", [group(vec![agent(1), agent(2)]), agent(1)]);
}

#[test]
fn context_agents_and_groups_are_known_to_2_0_only() {
    let agent = json!({"mbox": "mailto:a@example.org"});
    let group = json!({"objectType": "Group", "member": [agent]});
    let entry = |kind: &str, key: &str, who: &Value| json!({"objectType": kind, key: who});
    let types = |mut entry: Value, types: Value| {
        entry["relevantTypes"] = types;
        entry
    };
    let good_agent = entry("contextAgent", "agent", &agent);
    let good_group = entry("contextGroup", "group", &group);
    let place = |list: &str, entry: &Value| {
        with(least(), &format!("/context/{list}"), Some(json!([entry])))
    };
    let good = [
        ("contextAgents", good_agent.clone()),
        (
            "contextAgents",
            types(good_agent.clone(), json!(["http://example.org/role"])),
        ),
        ("contextGroups", good_group.clone()),
    ];
    for (list, value) in good {
        assert!(
            post(&place(list, &value), Family::V2).is_ok(),
            "{list} {value}"
        );
        assert!(
            post(&within(place(list, &value)), Family::V2).is_ok(),
            "{list} {value}"
        );
        assert!(
            post(&place(list, &value), Family::V1).is_err(),
            "{list} {value}"
        );
    }
    let bad = [
        ("contextAgents", entry("contextGroup", "agent", &agent)),
        ("contextAgents", json!({"agent": agent})),
        ("contextAgents", entry("contextAgent", "agent", &group)),
        ("contextAgents", entry("contextAgent", "agent", &json!({}))),
        ("contextAgents", json!({"objectType": "contextAgent"})),
        ("contextAgents", types(good_agent.clone(), json!([]))),
        (
            "contextAgents",
            types(good_agent.clone(), json!(["relative"])),
        ),
        (
            "contextAgents",
            types(good_agent, json!("http://example.org/role")),
        ),
        ("contextGroups", entry("contextGroup", "group", &agent)),
        (
            "contextGroups",
            entry("contextGroup", "group", &json!({"objectType": "Group"})),
        ),
        ("contextGroups", types(good_group, json!([]))),
    ];
    for (list, value) in bad {
        assert!(
            post(&place(list, &value), Family::V2).is_err(),
            "{list} {value}"
        );
        assert!(
            post(&within(place(list, &value)), Family::V2).is_err(),
            "{list} {value}"
        );
    }
}
