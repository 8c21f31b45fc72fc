//! Which statements are valid: every rule, on statements and `SubStatements`, in both families.

use serde_json::{Value, json};
use varde_xapi::Family;

use crate::fixture::{BOTH, full, least, post, with, within};

/// Each value at a pointer of the full statement is refused by the rule, there and in a
/// `SubStatement`, in both families.
fn refuses(pointer: &str, rule: &str, values: impl IntoIterator<Item = Value>) {
    for value in values {
        let altered = with(full(), pointer, Some(value.clone()));
        expect_rule(&altered, rule, &format!("{pointer} = {value}"));
        let member = pointer.split('/').nth(1).unwrap();
        if !["id", "stored", "authority", "version"].contains(&member) {
            expect_rule(
                &within(altered),
                rule,
                &format!("SubStatement {pointer} = {value}"),
            );
        }
    }
}

fn expect_rule(statement: &Value, rule: &str, case: &str) {
    for family in BOTH {
        let Err(faults) = post(statement, family) else {
            panic!("{family:?} accepted {case}")
        };
        let codes: Vec<_> = faults.iter().map(|fault| fault.rule.code()).collect();
        assert!(codes.contains(&rule), "{family:?} {case}: {codes:?}");
    }
}

fn accepts(pointer: &str, values: impl IntoIterator<Item = Value>) {
    for value in values {
        let altered = with(full(), pointer, Some(value.clone()));
        for family in BOTH {
            for statement in [&altered, &within(altered.clone())] {
                if let Err(faults) = post(statement, family) {
                    panic!("{family:?} refused {pointer} = {value}: {faults}");
                }
            }
        }
    }
}

fn missing(pointer: &str, rule: &str) {
    let altered = with(full(), pointer, None);
    expect_rule(&altered, rule, &format!("no {pointer}"));
    expect_rule(
        &within(altered),
        rule,
        &format!("no {pointer} in a SubStatement"),
    );
}

#[test]
fn the_least_and_the_full_statement_are_accepted_in_both_families() {
    for statement in [least(), full(), within(least()), within(full())] {
        for family in BOTH {
            assert!(
                post(&statement, family).is_ok(),
                "{:?}",
                post(&statement, family)
            );
        }
    }
}

#[test]
fn required_members_are_required() {
    for pointer in [
        "/actor",
        "/verb",
        "/object",
        "/verb/id",
        "/object/id",
        "/actor/member/0/account/homePage",
        "/actor/member/0/account/name",
        "/object/definition/choices/0/id",
        "/context/statement/id",
        "/attachments/0/usageType",
        "/attachments/0/display",
        "/attachments/0/contentType",
        "/attachments/0/length",
        "/attachments/0/sha2",
    ] {
        missing(pointer, "missing-property");
    }
}

#[test]
fn unknown_members_are_refused_everywhere_but_in_extensions() {
    for pointer in [
        "/iD",
        "/Actor",
        "/actor/extra",
        "/actor/member/0/member",
        "/actor/member/0/account/extra",
        "/verb/extra",
        "/object/extra",
        "/object/mbox",
        "/object/definition/extra",
        "/object/definition/choices/0/extra",
        "/result/extra",
        "/result/score/extra",
        "/context/extra",
        "/context/contextActivities/extra",
        "/context/statement/extra",
        "/attachments/0/extra",
    ] {
        refuses(pointer, "unknown-property", [json!("value")]);
    }
}

#[test]
fn null_is_refused_everywhere_but_in_extensions() {
    for pointer in [
        "/id",
        "/actor",
        "/actor/name",
        "/actor/mbox",
        "/actor/member",
        "/actor/member/0",
        "/verb/display",
        "/verb/display/en",
        "/object/definition",
        "/object/definition/extensions",
        "/object/definition/interactionType",
        "/object/definition/choices",
        "/result/score/raw",
        "/result/success",
        "/result/duration",
        "/context/registration",
        "/context/contextActivities",
        "/context/contextActivities/parent",
        "/context/team",
        "/timestamp",
        "/stored",
        "/authority",
        "/version",
        "/attachments",
        "/attachments/0/length",
        "/attachments/0/fileUrl",
    ] {
        refuses(pointer, "no-null", [Value::Null]);
    }
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    let cases = [
        ("/actor", "type-object", json!("learner")),
        ("/actor/name", "type-string", json!(1)),
        ("/actor/member", "type-array", json!({})),
        ("/verb", "type-object", json!([])),
        ("/verb/display", "type-object", json!("passed")),
        ("/verb/display/en", "type-string", json!(["passed"])),
        (
            "/object/definition/correctResponsesPattern",
            "type-array",
            json!("a"),
        ),
        (
            "/object/definition/correctResponsesPattern",
            "type-string",
            json!([1]),
        ),
        (
            "/object/definition/choices",
            "type-array",
            json!({"id": "a"}),
        ),
        ("/result", "type-object", json!("passed")),
        ("/result/score", "type-object", json!(5)),
        ("/result/score/raw", "type-number", json!("5")),
        ("/result/success", "type-boolean", json!("true")),
        ("/result/completion", "type-boolean", json!(1)),
        ("/result/response", "type-string", json!(5)),
        ("/result/duration", "type-string", json!(60)),
        ("/context/revision", "type-string", json!(2)),
        ("/context/platform", "type-string", json!(false)),
        ("/context/contextActivities", "type-object", json!([])),
        ("/timestamp", "type-string", json!(0)),
        ("/attachments", "type-array", json!({})),
        ("/attachments/0/length", "type-number", json!("12")),
    ];
    for (pointer, rule, value) in cases {
        refuses(pointer, rule, [value]);
    }
}

#[test]
fn iris_without_a_scheme_are_refused_in_every_position() {
    for pointer in [
        "/verb/id",
        "/object/id",
        "/object/definition/type",
        "/object/definition/moreInfo",
        "/actor/member/0/account/homePage",
        "/context/contextActivities/parent/id",
        "/context/contextActivities/grouping/0/id",
        "/attachments/0/usageType",
        "/attachments/0/fileUrl",
    ] {
        let bad = [
            "should fail",
            "relative/path",
            "ab=c://should.fail.com",
            "//host/x",
            "",
        ];
        refuses(pointer, "iri", bad.map(|text| json!(text)));
    }
    for pointer in [
        "/object/definition/extensions",
        "/result/extensions",
        "/context/extensions",
    ] {
        refuses(
            pointer,
            "extensions",
            [json!({"relative": 1}), json!([]), json!("x")],
        );
        accepts(
            pointer,
            [
                json!({}),
                json!({"urn:x:y": null, "http://example.org/æ": {"a": ""}}),
            ],
        );
    }
}

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
fn interactions_follow_their_type() {
    let definition = |value: Value| with(least(), "/object/definition", Some(value));
    for key in [
        "choices",
        "scale",
        "source",
        "target",
        "steps",
        "correctResponsesPattern",
    ] {
        let statement = definition(json!({key: []}));
        expect_rule(&statement, "interaction-type-required", key);
        expect_rule(&within(statement), "interaction-type-required", key);
    }
    for kind in ["Choice", "multiple", ""] {
        expect_rule(
            &definition(json!({"interactionType": kind})),
            "interaction-type",
            kind,
        );
    }
    let lists = [
        ("true-false", "choices", false),
        ("choice", "choices", true),
        ("choice", "scale", false),
        ("sequencing", "choices", true),
        ("likert", "scale", true),
        ("matching", "source", true),
        ("matching", "target", true),
        ("performance", "steps", true),
        ("performance", "target", false),
        ("fill-in", "steps", false),
        ("long-fill-in", "source", false),
        ("numeric", "scale", false),
        ("other", "choices", false),
    ];
    for (kind, list, belongs) in lists {
        let statement = definition(json!({"interactionType": kind, list: [{"id": "a"}]}));
        if belongs {
            assert!(post(&statement, Family::V1).is_ok(), "{kind} {list}");
        } else {
            expect_rule(&statement, "interaction-list", &format!("{kind} {list}"));
        }
    }
    let twice = json!({"interactionType": "choice", "choices": [{"id": "a"}, {"id": "a"}]});
    expect_rule(
        &definition(twice),
        "interaction-distinct-ids",
        "two choices of one id",
    );
    accepts("/object/definition", [json!({}), json!({"name": {}})]);
}

#[test]
fn scores_keep_within_their_bounds() {
    refuses(
        "/result/score/scaled",
        "score-scaled",
        [json!(1.01), json!(-1.01), json!(50)],
    );
    refuses("/result/score/raw", "score-raw", [json!(-1), json!(10.5)]);
    refuses(
        "/result/score",
        "score-range",
        [json!({"min": 2, "max": 1}), json!({"min": 1, "max": 1})],
    );
    accepts(
        "/result/score",
        [
            json!({}),
            json!({"scaled": 1}),
            json!({"scaled": -1.0}),
            json!({"raw": 10, "min": 0, "max": 10}),
            json!({"raw": -5, "max": 0}),
            json!({"min": 3}),
        ],
    );
}

#[test]
fn revision_and_platform_need_an_activity() {
    let objects = [
        json!({"objectType": "Agent", "mbox": "mailto:a@example.org"}),
        json!({"objectType": "Group", "mbox": "mailto:g@example.org"}),
        json!({"objectType": "StatementRef", "id": "16fd2706-8baf-433b-82eb-8c7fada847da"}),
        {
            let mut inner = least();
            inner["objectType"] = json!("SubStatement");
            inner
        },
    ];
    for object in objects {
        for key in ["revision", "platform"] {
            let statement = with(least(), "/object", Some(object.clone()));
            let statement = with(statement, &format!("/context/{key}"), Some(json!("1")));
            expect_rule(
                &statement,
                "context-activity-only",
                &format!("{key} {object}"),
            );
            if object["objectType"] != "SubStatement" {
                expect_rule(&within(statement), "context-activity-only", key);
            }
        }
    }
}

#[test]
fn sub_statements_are_told_not_made() {
    for key in ["id", "stored", "version", "authority"] {
        let statement = with(
            within(least()),
            &format!("/object/{key}"),
            Some(full()[key].clone()),
        );
        expect_rule(&statement, "sub-statement-members", key);
    }
    let nested = within(within(least()));
    expect_rule(
        &nested,
        "sub-statement-not-nested",
        "a SubStatement in a SubStatement",
    );
}

#[test]
fn voiding_needs_a_statement_reference() {
    let voided = json!({"id": "http://adlnet.gov/expapi/verbs/voided"});
    let statement = with(least(), "/verb", Some(voided));
    expect_rule(&statement, "voided-object", "an activity voided");
    let reference =
        json!({"objectType": "StatementRef", "id": "16fd2706-8baf-433b-82eb-8c7fada847da"});
    let statement = with(statement, "/object", Some(reference));
    assert!(post(&statement, Family::V1).is_ok());
}

#[test]
fn attachments_are_described_in_full() {
    refuses(
        "/attachments/0/contentType",
        "media-type",
        [json!("text"), json!(""), json!("a/b c")],
    );
    refuses(
        "/attachments/0/length",
        "attachment-length",
        [json!(-1), json!(1.5)],
    );
    refuses(
        "/attachments/0/sha2",
        "attachment-sha2",
        [json!("abc"), json!("x".repeat(64))],
    );
    accepts("/attachments", [json!([])]);
    accepts("/attachments/0/length", [json!(0)]);
}

#[test]
fn versions_belong_to_the_family() {
    refuses(
        "/version",
        "statement-version",
        ["0.9.9", "1.1.0", "1", "should fail", "3.0"].map(Value::from),
    );
    let version = |text: &str| with(least(), "/version", Some(json!(text)));
    for (text, v1, v2) in [
        ("1.0", true, true),
        ("1.0.9", true, true),
        ("2.0.0", false, true),
        ("2.0", false, true),
    ] {
        assert_eq!(post(&version(text), Family::V1).is_ok(), v1, "{text} in V1");
        assert_eq!(post(&version(text), Family::V2).is_ok(), v2, "{text} in V2");
    }
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

#[test]
fn ids_and_language_tags_have_their_form() {
    let bad = [
        "6690e6c9-3ef0-4ed3-8b37-7f3964730bee0",
        "6690e6c93ef04ed38b377f3964730bee",
        "{6690e6c9-3ef0-4ed3-8b37-7f3964730bee}",
        "urn:uuid:6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
        "6690e6c9-3ef0-4ed3-8b37-7f3964730bez",
        "",
    ];
    for pointer in ["/id", "/context/registration", "/context/statement/id"] {
        refuses(pointer, "uuid", bad.map(Value::from));
    }
    accepts(
        "/context/registration",
        [json!("00000000-0000-0000-0000-000000000000")],
    );
    let tags = [
        "a12345678",
        "something",
        "zh-z-aaa-z-bbb-c-ccc",
        "en_US",
        "",
    ];
    refuses("/context/language", "language-tag", tags.map(Value::from));
    for pointer in [
        "/verb/display",
        "/object/definition/name",
        "/attachments/0/description",
    ] {
        refuses(
            pointer,
            "language-tag",
            tags.map(|tag| json!({tag: "text"})),
        );
        accepts(
            pointer,
            [
                json!({}),
                json!({"zh-Hant": "a", "x-priv": "b", "i-klingon": "c"}),
            ],
        );
    }
}
