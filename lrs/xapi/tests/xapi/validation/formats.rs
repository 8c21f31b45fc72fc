//! The forms of values wherever they stand.

use serde_json::{Value, json};
use varde_xapi::Family;

use super::{accepts, expect_rule, refuses};
use crate::fixture::{BOTH, accepted, full, least, post, with, within};

#[test]
fn timestamps_have_their_form_in_every_position() {
    for pointer in ["/timestamp", "/stored"] {
        refuses(
            pointer,
            "timestamp",
            [
                json!("yesterday"),
                json!("2026-11-23"),
                json!("2026-13-01T00:00:00Z"),
                json!("2026-11-23T24:00:00Z"),
                json!("2026-02-29T00:00:00Z"),
                json!(""),
            ],
        );
        refuses(
            pointer,
            "timestamp-zone",
            ["-00", "-0000", "-00:00"].map(|zone| json!(format!("2026-11-23T19:30:00{zone}"))),
        );
    }
    accepts(
        "/timestamp",
        ["Z", "+01:00", "-0930", "+01"].map(|zone| json!(format!("2026-11-23T19:30:00.1{zone}"))),
    );
}

#[test]
fn a_space_in_a_timestamp_is_written_as_t() {
    let statement = with(
        least(),
        "/timestamp",
        Some(json!("2026-11-23 19:30:00.5+01:00")),
    );
    let body: Value = serde_json::from_str(&accepted(&statement.to_string()).body).unwrap();
    assert_eq!(body["timestamp"], "2026-11-23T18:30:00.500Z");
    expect_in_v1(&statement, "timestamp");
}

fn expect_in_v1(statement: &Value, rule: &str) {
    let faults = post(statement, Family::V1).unwrap_err();
    assert_eq!(faults.as_slice()[0].rule.code(), rule);
}

#[test]
fn durations_have_their_form() {
    refuses(
        "/result/duration",
        "duration",
        [
            "P4W1D",
            "PA1H0M0S",
            "P0001-01-01T00:00:00",
            "P",
            "PT",
            "-P1D",
            "1 hour",
        ]
        .map(Value::from),
    );
    accepts(
        "/result/duration",
        ["P2W", "P1Y2M3DT4H5M6.789S", "PT0.125674S", "PT0S"].map(Value::from),
    );
}

#[test]
fn empty_texts_are_refused_where_a_form_is_demanded() {
    for (pointer, rule) in [
        ("/timestamp", "timestamp"),
        ("/result/duration", "duration"),
        ("/version", "statement-version"),
        ("/attachments/0/sha2", "attachment-sha2"),
        ("/attachments/0/contentType", "media-type"),
        ("/object/definition/interactionType", "interaction-type"),
    ] {
        refuses(pointer, rule, [json!("")]);
    }
    for (identifier, rule) in [
        ("mbox", "mbox"),
        ("mbox_sha1sum", "mbox-sha1sum"),
        ("openid", "iri"),
    ] {
        refuses("/actor", rule, [json!({identifier: ""})]);
    }
    accepts("/result/response", [json!("")]);
    accepts("/actor/name", [json!("")]);
}

#[test]
fn empty_objects_are_taken_where_nothing_is_required() {
    for pointer in [
        "/result",
        "/result/score",
        "/context",
        "/context/contextActivities",
        "/object/definition",
        "/verb/display",
    ] {
        accepts(pointer, [json!({})]);
    }
    for relation in ["parent", "grouping", "category", "other"] {
        accepts(
            &format!("/context/contextActivities/{relation}"),
            [json!([])],
        );
    }
}

#[test]
fn texts_in_languages_are_language_maps_in_every_position() {
    for pointer in [
        "/verb/display",
        "/object/definition/name",
        "/object/definition/description",
        "/object/definition/choices/0/description",
        "/attachments/0/display",
        "/attachments/0/description",
    ] {
        refuses(pointer, "type-object", [json!("text"), json!(["text"])]);
        refuses(
            pointer,
            "type-string",
            [json!({"en": 1}), json!({"en": {}})],
        );
        refuses(pointer, "language-tag", [json!({"a12345678": "text"})]);
        accepts(pointer, [json!({"sr-Latn-RS": "текст", "cmn": ""})]);
    }
}

#[test]
fn agents_as_objects_are_held_to_the_same_rules() {
    let agent = |object: Value| with(least(), "/object", Some(object));
    for (object, rule) in [
        (json!({"objectType": "Agent"}), "agent-one-identifier"),
        (json!({"objectType": "Agent", "mbox": "learner"}), "mbox"),
        (json!({"objectType": "Group"}), "group-members"),
        (
            json!({"objectType": "Group", "mbox": "mailto:g@example.org", "openid": "urn:g"}),
            "group-one-identifier",
        ),
        (
            json!({"objectType": "Group", "member": [{"objectType": "Group", "member": []}]}),
            "group-not-nested",
        ),
        (
            json!({"objectType": "Agent", "openid": "urn:a", "member": []}),
            "unknown-property",
        ),
    ] {
        let statement = agent(object.clone());
        expect_rule(&statement, rule, &object.to_string());
        expect_rule(&within(statement), rule, &object.to_string());
    }
    let team = json!({"objectType": "Group", "member": [{"openid": "urn:a"}]});
    for object in [json!({"objectType": "Agent", "openid": "urn:a"}), team] {
        for family in BOTH {
            let statement = agent(object.clone());
            assert!(post(&statement, family).is_ok(), "{object}");
            assert!(post(&within(statement), family).is_ok(), "{object}");
        }
    }
}

#[test]
fn each_interaction_type_has_its_lists_and_its_patterns() {
    const LISTS: [&str; 5] = ["choices", "scale", "source", "target", "steps"];
    let types: [(&str, &[&str], &str); 10] = [
        ("true-false", &[], "true"),
        ("choice", &["choices"], "golf[,]tetris"),
        ("fill-in", &[], "{case_matters=true}{lang=en}to[,]be"),
        ("long-fill-in", &[], "{lang=en}A long text"),
        ("matching", &["source", "target"], "ben[.]3[,]chris[.]2"),
        ("performance", &["steps"], "pong[.]1:[,]dg[.]:10"),
        ("sequencing", &["choices"], "tim[,]mike"),
        ("likert", &["scale"], "likert_3"),
        ("numeric", &[], "4[:]"),
        ("other", &[], "anything at all"),
    ];
    for (kind, admitted, pattern) in types {
        for list in LISTS {
            let definition = json!({
                "interactionType": kind,
                "correctResponsesPattern": [pattern],
                list: [{"id": "a", "description": {"en": "A"}}],
            });
            let statement = with(least(), "/object/definition", Some(definition));
            if admitted.contains(&list) {
                assert!(post(&statement, Family::V1).is_ok(), "{kind} {list}");
            } else {
                expect_rule(&statement, "interaction-list", &format!("{kind} {list}"));
            }
        }
        let patterns = json!({"interactionType": kind, "correctResponsesPattern": [pattern, ""]});
        accepts("/object/definition", [patterns]);
    }
}

#[test]
fn a_statement_reference_as_object_has_its_form() {
    let id = "16fd2706-8baf-433b-82eb-8c7fada847da";
    for (object, rule) in [
        (json!({"objectType": "StatementRef"}), "missing-property"),
        (
            json!({"objectType": "StatementRef", "id": "16fd2706"}),
            "uuid",
        ),
        (
            json!({"objectType": "StatementRef", "id": id, "definition": {}}),
            "unknown-property",
        ),
        (
            json!({"objectType": "statementRef", "id": id}),
            "object-type",
        ),
    ] {
        let statement = with(least(), "/object", Some(object.clone()));
        expect_rule(&statement, rule, &object.to_string());
        expect_rule(&within(statement), rule, &object.to_string());
    }
}

#[test]
fn meaning_is_not_judged() {
    accepts(
        "/timestamp",
        [json!("2126-01-01T00:00:00Z"), json!("0001-01-01T00:00:00Z")],
    );
    accepts(
        "/verb/id",
        [json!("urn:example:no-such-verb"), json!("x:y")],
    );
    accepts("/object/id", [json!("tag:example.org,2026:nothing")]);
    let passed = json!({"success": true, "completion": false, "score": {"scaled": -1}});
    accepts("/result", [passed]);
    let again = with(full(), "/context/statement/id", Some(full()["id"].clone()));
    assert!(post(&again, Family::V2).is_ok());
}
