//! When a statement sent again is the same, and when a repeat is probable.

use serde_json::{Value, json};
use varde_xapi::repeat_hash;

use crate::fixture::{accepted, full, with, within};

fn equal(left: &Value, right: &Value) -> bool {
    accepted(&left.to_string()).equality == accepted(&right.to_string()).equality
}

#[test]
fn what_a_store_assigns_and_what_only_describes_is_not_compared() {
    for pointer in [
        "/id",
        "/stored",
        "/authority",
        "/version",
        "/timestamp",
        "/attachments",
        "/verb/display",
        "/object/definition",
        "/object/objectType",
    ] {
        assert!(equal(&full(), &with(full(), pointer, None)), "{pointer}");
    }
}

#[test]
fn spellings_of_one_value_are_equal() {
    for (pointer, value) in [
        ("/actor/mbox", json!("mailto:cohort@EXAMPLE.org")),
        (
            "/context/registration",
            json!("EC531277-B57B-4C15-8D91-D292C5B2B8F7"),
        ),
        (
            "/context/team/mbox_sha1sum",
            json!("ebd31e95054c018b10727ccffd2ef2ec3a016ee9"),
        ),
        ("/context/language", json!("NB")),
        (
            "/context/contextActivities/parent",
            json!([{"id": "http://example.org/activities/course-1"}]),
        ),
        ("/result/duration", json!("PT1H0.12999S")),
        ("/result/score/raw", json!(5.0)),
    ] {
        assert!(
            equal(&full(), &with(full(), pointer, Some(value))),
            "{pointer}"
        );
    }
    let text = full().to_string();
    let number = text.replace("1.5,", "15e-1,");
    assert_ne!(text, number);
    let extension = r#""context":{"extensions":{"urn:x":{"a":1.50,"b":[1,2]}}}"#;
    let swapped = r#""context":{"extensions":{"urn:x":{"b":[1.0,2],"a":15e-1}}}"#;
    let least = crate::fixture::least().to_string();
    let place = |member: &str| accepted(&least.replacen('{', &format!("{{{member},"), 1)).equality;
    assert_eq!(place(extension), place(swapped));
    assert_ne!(
        place(extension),
        place(&extension.replace("[1,2]", "[2,1]"))
    );
}

#[test]
fn everything_else_is_compared() {
    for (pointer, value) in [
        ("/actor/mbox", json!("mailto:Cohort@example.org")),
        ("/actor/name", json!("Other")),
        ("/actor/member/0/account/name", json!("l-2")),
        ("/verb/id", json!("http://example.org/verbs/failed")),
        ("/object/id", json!("http://example.org/activities/quiz-2")),
        ("/result/score/scaled", json!(0.51)),
        ("/result/success", json!(false)),
        ("/result/response", json!("b")),
        ("/result/duration", json!("PT1H0.13S")),
        ("/result/extensions", json!({})),
        (
            "/context/registration",
            json!("fc531277-b57b-4c15-8d91-d292c5b2b8f7"),
        ),
        (
            "/context/instructor/mbox",
            json!("mailto:other@example.org"),
        ),
        (
            "/context/contextActivities/category",
            json!({"id": "urn:c"}),
        ),
        ("/context/platform", json!("app")),
        ("/context/extensions", json!({"urn:x": 1})),
    ] {
        let altered = with(full(), pointer, Some(value));
        assert!(!equal(&full(), &altered), "{pointer}");
        assert!(
            !equal(&within(full()), &within(altered)),
            "SubStatement {pointer}"
        );
    }
}

#[test]
fn members_of_a_group_are_a_set() {
    let agent = |n: u8| json!({"mbox": format!("mailto:learner-{n}@example.org")});
    let one = with(full(), "/actor/member", Some(json!([agent(1), agent(2)])));
    let other = with(full(), "/actor/member", Some(json!([agent(2), agent(1)])));
    assert!(equal(&one, &other));
}

#[test]
fn a_probable_repeat_has_the_same_time_and_may_have_another_session() {
    let hash = |statement: &Value| repeat_hash(&accepted(&statement.to_string()).body).unwrap();
    let again = with(
        full(),
        "/id",
        Some(json!("7690e6c9-3ef0-4ed3-8b37-7f3964730bee")),
    );
    let again = with(again, "/context/registration", None);
    assert_eq!(hash(&full()), hash(&again));
    let later = with(
        full(),
        "/timestamp",
        Some(json!("2026-11-23T20:30:01.1+01:00")),
    );
    assert_ne!(hash(&full()), hash(&later));
}
