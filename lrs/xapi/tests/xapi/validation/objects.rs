//! Objects, results, circumstances and attachments.

use serde_json::{Value, json};
use varde_xapi::Family;

use super::{accepts, expect_rule, refuses};
use crate::fixture::{full, least, post, with, within};

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
