//! What holds for every input.

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Map, Value};
use varde_xapi::{
    Assigned, Duration, Family, LanguageTag, Number, Rule, Stored, Timestamp, match_terms, read,
    receive, receive_one, splice,
};

use crate::fixture::{accepted, full, within};

/// Random cases are not kept in files: a case that fails becomes a test of its own.
fn config() -> Config {
    Config {
        failure_persistence: None,
        ..Config::default()
    }
}

fn family() -> impl Strategy<Value = Family> {
    prop_oneof![Just(Family::V1), Just(Family::V2)]
}

/// Reverses the members of every object outside of arrays and within.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let turned: Map<_, _> = members
                .iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)))
                .collect();
            Value::Object(turned)
        }
        Value::Array(items) => Value::Array(items.iter().map(reversed).collect()),
        other => other.clone(),
    }
}

/// Prints with members in an order drawn from the seed, and spaces between.
fn shuffled(value: &Value, seed: u64) -> String {
    match value {
        Value::Object(members) => {
            let mut parts: Vec<_> = members
                .iter()
                .map(|(k, v)| format!(" {k:?} : {}", shuffled(v, seed)))
                .collect();
            let length = parts.len().max(1);
            parts.rotate_left(usize::try_from(seed).unwrap_or(0) % length);
            format!("{{{}\n}}", parts.join(","))
        }
        Value::Array(items) => {
            let parts: Vec<_> = items.iter().map(|item| shuffled(item, seed)).collect();
            format!("[{}]", parts.join(" , "))
        }
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_received_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), family in family()) {
        let _ = receive(&bytes, family);
    }

    #[test]
    fn any_json_like_text_is_received_or_refused(text in r#"[\[\]{}",:0-9eE.\-+truefalsn\\u ]{0,80}"#, family in family()) {
        let ours = receive(text.as_bytes(), family);
        let not_json = |rule| matches!(rule, Rule::JsonSyntax | Rule::JsonUtf8);
        match (serde_json::from_str::<Value>(&text), ours) {
            (Err(_), ours) => prop_assert!(ours.is_err()),
            (Ok(_), Err(faults)) => prop_assert!(!faults.iter().any(|f| not_json(f.rule))),
            (Ok(_), Ok(_)) => {}
        }
    }

    #[test]
    fn an_altered_statement_is_received_or_refused(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..4),
        cut in 0_usize..5,
        family in family(),
    ) {
        let mut text = within(full()).to_string().into_bytes();
        let start = at.index(text.len());
        let end = (start + cut).min(text.len());
        text.splice(start..end, bytes);
        let _ = receive(&text, family);
    }

    #[test]
    fn what_was_spliced_is_received_as_the_same_body(seed in any::<u64>(), id in any::<u128>(), stored in 0_i64..4_000_000_000_000_000) {
        let first = accepted(&shuffled(&full(), seed));
        let id = uuid::Uuid::from_u128(id).to_string();
        let authority = r#"{"openid":"urn:example:key"}"#;
        let timestamp_absent = first.statement.timestamp.is_none();
        let assigned = Assigned { id: &id, stored: Stored(stored), authority, version: "1.0.3", timestamp_absent };
        let text = splice(&first.body, &assigned);
        let again = receive_one(text.as_bytes(), Family::V1).unwrap();
        prop_assert_eq!(&again.body, &first.body);
        prop_assert_eq!(again.equality, first.equality);
        prop_assert_eq!(again.statement.stored, Some(Stored(stored)));
        let read = read(&text).unwrap();
        prop_assert_eq!(read, again.statement);
    }

    #[test]
    fn equality_and_terms_do_not_see_the_order_of_members(seed in any::<u64>()) {
        let (one, other) = (accepted(&full().to_string()), accepted(&shuffled(&reversed(&full()), seed)));
        prop_assert_eq!(one.equality, other.equality);
        prop_assert_eq!(match_terms(&one.statement), match_terms(&other.statement));
    }

    #[test]
    fn timestamps_print_what_they_were_read_from(text in timestamp()) {
        let first = Timestamp::parse(&text).unwrap();
        let again = Timestamp::parse_in(&first.text, Family::V2).unwrap();
        prop_assert_eq!(&again.text, &first.text);
        prop_assert_eq!(again.instant, first.instant);
        let stored = Stored::from(&first);
        prop_assert_eq!(stored.to_string().parse::<Stored>(), Ok(stored));
        prop_assert!(stored.instant() <= first.instant);
    }

    #[test]
    fn numbers_keep_value_and_text(text in r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
        let number = Number::parse(&text).unwrap();
        prop_assert_eq!(number.text(), text.as_str());
        let canonical = Number::parse(&number.canonical()).unwrap();
        prop_assert_eq!(&canonical, &number);
        prop_assert_eq!(canonical.canonical(), number.canonical());
    }

    #[test]
    fn numbers_are_ordered_as_their_values(left in -1_000_000_i64..1_000_000, right in -1_000_000_i64..1_000_000, scale in 0_u32..6) {
        let number = |value: i64| Number::parse(&format!("{value}e-{scale}")).unwrap();
        prop_assert_eq!(number(left).cmp(&number(right)), left.cmp(&right));
    }

    #[test]
    fn durations_keep_value_and_text(text in r"P([0-9]{1,3}Y)?([0-9]{1,3}M)?([0-9]{1,3}D)?T[0-9]{1,3}H([0-9]{1,3}M)?[0-9]{1,3}(\.[0-9]{1,5})?S") {
        let duration = Duration::parse(&text).unwrap();
        prop_assert_eq!(duration.text(), text.as_str());
        let canonical = Duration::parse(&duration.canonical()).unwrap();
        prop_assert_eq!(canonical.canonical(), duration.canonical());
        prop_assert_eq!(canonical, duration);
    }

    #[test]
    fn language_tags_keep_their_text(text in "[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?(-x-[a-z0-9]{1,8})?") {
        prop_assert_eq!(LanguageTag::parse(text.clone()).map(|tag| tag.as_str().to_owned()), Some(text));
    }

    #[test]
    fn values_of_any_text_are_read_or_refused(text in ".{0,40}") {
        let _ = (Timestamp::parse(&text), Duration::parse(&text), Number::parse(&text), LanguageTag::parse(text.clone()));
        let _ = (varde_xapi::Iri::parse(text.clone()), Family::from_header(&text));
    }
}

fn timestamp() -> impl Strategy<Value = String> {
    let date = (1_u16..9999, 1_u8..13, 1_u8..29);
    let time = (0_u8..24, 0_u8..60, 0_u8..60, "(\\.[0-9]{1,12})?");
    let zone = "Z|[+-](0[1-9]|1[0-9]):[0-5][0-9]|";
    (date, time, zone).prop_map(
        |((year, month, day), (hour, minute, second, fraction), zone)| {
            format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"
            )
        },
    )
}
