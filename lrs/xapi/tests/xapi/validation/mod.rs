//! Which statements are valid: every rule, on statements and `SubStatements`, in both families.

mod actors;
mod formats;
mod objects;

use serde_json::{Value, json};

use crate::fixture::{BOTH, full, least, post, with, within};

/// Each value at a pointer of the full statement is refused by the rule, there and in a
/// `SubStatement`, in both families.
pub(super) fn refuses(pointer: &str, rule: &str, values: impl IntoIterator<Item = Value>) {
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

pub(super) fn expect_rule(statement: &Value, rule: &str, case: &str) {
    for family in BOTH {
        let Err(faults) = post(statement, family) else {
            panic!("{family:?} accepted {case}")
        };
        let codes: Vec<_> = faults.iter().map(|fault| fault.rule.code()).collect();
        assert!(codes.contains(&rule), "{family:?} {case}: {codes:?}");
    }
}

pub(super) fn accepts(pointer: &str, values: impl IntoIterator<Item = Value>) {
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

pub(super) fn missing(pointer: &str, rule: &str) {
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
