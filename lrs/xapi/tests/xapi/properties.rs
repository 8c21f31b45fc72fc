//! What holds for every input.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use varde_xapi::{
    Assigned, Duration, Family, Iri, LanguageTag, Number, Rule, Stored, Timestamp, accept_language,
    agent_value, lookup, match_terms, media_type, parameter, read, receive, receive_one, splice,
};

use crate::fixture::{accepted, full, within};

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
        let _ = (Iri::parse(text.clone()), Family::from_header(&text));
    }

    #[test]
    fn iris_keep_their_text(text in iri()) {
        prop_assert_eq!(Iri::parse(text.clone()).map(Iri::into_string), Some(text.clone()));
        // What an IRI is not: the same without its scheme, or with a space in it.
        let (_, relative) = text.split_once(':').unwrap();
        prop_assert_eq!(Iri::parse(format!("/{relative}")), None);
        prop_assert_eq!(Iri::parse(format!("{text} ")), None);
    }

    #[test]
    fn texts_near_an_iri_or_a_language_tag_are_read_as_they_are_or_refused(
        iri in r"[a-z]{0,3}:{0,2}/{0,2}[\[\]@a-zå%0-9:.]{0,12}[?#/]{0,2}[ -~]{0,4}",
        tag in "[a-zA-Z0-9]{0,9}([-_][a-zA-Z0-9]{0,9}){0,5}",
    ) {
        if let Some(read) = Iri::parse(iri.clone()) {
            prop_assert_eq!(read.as_str(), iri.as_str());
            prop_assert!(iri.contains(':'));
        }
        if let Some(read) = LanguageTag::parse(tag.clone()) {
            prop_assert_eq!(read.as_str(), tag.as_str());
            prop_assert!(tag.split('-').all(|part| (1..=8).contains(&part.len())));
        }
    }

    #[test]
    fn texts_near_a_timestamp_or_a_duration_are_read_or_refused(
        instant in "[0-9]{3,5}-[0-9]{1,2}-[0-9]{1,2}[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.,][0-9]{0,20})?([Zz]|[+-][0-9:]{0,6})?",
        length in "-?P([0-9.,]{0,4}[YMWD]){0,4}(T([0-9.,]{0,4}[HMS]){0,4})?",
        family in family(),
    ) {
        if let Ok(read) = Timestamp::parse_in(&instant, family) {
            prop_assert_eq!(Timestamp::parse(&read.text).map(|again| again.instant), Ok(read.instant));
            prop_assert!(read.text.ends_with('Z') && read.text.contains('.'));
        }
        if let Some(read) = Duration::parse(&length) {
            prop_assert_eq!(read.text(), length.as_str());
            prop_assert_eq!(Duration::parse(&read.canonical()), Some(read));
        }
    }

    #[test]
    fn parameters_of_any_text_are_read_or_refused(text in r"[ -~å\u{0}-\u{1f}]{0,60}") {
        let _ = (parameter::agent("agent", &text), parameter::agent_or_group("agent", &text));
        let _ = (parameter::iri("verb", &text), parameter::uuid("registration", &text));
        let _ = (parameter::timestamp("since", &text), parameter::boolean("ascending", &text));
        let _ = (parameter::limit("limit", &text), parameter::format("format", &text));
        let _ = (media_type::is_media_type(&text), media_type::essence(&text));
        let _ = (media_type::parameter(&text, "boundary"), varde_xapi::multipart::boundary(&text));
        let _ = lookup(&accept_language(&text), &["en", "nb"]);
    }

    #[test]
    fn an_agent_in_a_query_is_the_one_in_the_statement(ifi in identifier()) {
        let queried = parameter::agent("agent", &ifi.to_string()).unwrap();
        let mut statement = crate::fixture::least();
        statement["actor"] = ifi;
        let stored = accepted(&statement.to_string()).statement;
        prop_assert_eq!(agent_value(&stored.actor), Some(queried.ifi.canonical()));
    }
}

fn iri() -> impl Strategy<Value = String> {
    let part = "[a-zA-Z0-9._~!$&'()*+,;=:@åøπ中-]{1,10}";
    let scheme = "[a-zA-Z][a-zA-Z0-9+.-]{0,8}";
    let ends = (
        "(%[0-9A-F]{2})?",
        "(\\?[a-z=&/?]{0,8})?",
        "(#[a-z/?]{0,8})?",
    );
    (scheme, "(//example\\.org(:[0-9]{1,4})?/)?", part, ends).prop_map(
        |(scheme, host, part, (escape, query, fragment))| {
            format!("{scheme}:{host}{part}{escape}{query}{fragment}")
        },
    )
}

fn identifier() -> impl Strategy<Value = Value> {
    let name = "[ -~å]{0,12}";
    prop_oneof![
        "[a-zA-Z0-9+._-]{1,12}@[a-zA-Z0-9-]{1,10}\\.Example\\.org"
            .prop_map(|address| json!({ "mbox": format!("mailto:{address}") })),
        "[0-9a-fA-F]{40}".prop_map(|digest| json!({ "mbox_sha1sum": digest })),
        iri().prop_map(|uri| json!({ "openid": uri })),
        (iri(), name)
            .prop_map(|(page, name)| json!({ "account": { "homePage": page, "name": name } })),
    ]
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
