//! From a body to what is stored and read again, and how faults are told.

use serde_json::json;
use varde_xapi::{Assigned, Family, Rule, Stored, read, receive, receive_one, splice};

use crate::fixture::{accepted, full, least, within};

const AUTHORITY: &str = r#"{"account":{"homePage":"http://example.org","name":"key-1"}}"#;

fn assigned(id: &str) -> Assigned<'_> {
    let stored = Stored::parse("2026-11-23T19:30:00.123456Z").unwrap();
    Assigned {
        id,
        stored,
        authority: AUTHORITY,
        version: "2.0.0",
        timestamp_absent: true,
    }
}

#[test]
fn the_body_keeps_what_the_sender_wrote() {
    let text = r#" { "id":"6690E6C9-3EF0-4ED3-8B37-7F3964730BEE", "version":"1.0",
  "verb" : {"id":"http:\/\/example.org\/v"}, "stored":"2020-01-01T00:00:00Z",
  "actor":{"mbox":"mailto:A@Example.org"},"result":{"score":{"raw":1.50E+1}},
  "object":{"id":"http://example.org/\u00e5"} , "authority":{"openid":"urn:a"} } "#;
    let received = accepted(text);
    assert_eq!(
        received.body,
        r#"{ "verb" : {"id":"http:\/\/example.org\/v"},
  "actor":{"mbox":"mailto:A@Example.org"},"result":{"score":{"raw":1.50E+1}},
  "object":{"id":"http://example.org/\u00e5"} }"#
    );
    assert_eq!(
        received.id_text.as_deref(),
        Some("6690E6C9-3EF0-4ED3-8B37-7F3964730BEE")
    );
    assert!(received.statement.authority.is_some());
    assert_eq!(received.statement.version.as_deref(), Some("1.0"));
}

#[test]
fn only_timestamps_and_single_context_activities_are_normalised() {
    let inner = r#""actor":{"mbox":"mailto:a@example.org"},"verb":{"id":"urn:v"},"timestamp":"2026-01-01T01:00:00.1+01:00","context":{"contextActivities":{"parent": {"id":"urn:p"},"other":[]}}"#;
    let text = format!(
        r#"{{{inner},"object":{{"objectType":"SubStatement",{inner},"object":{{"id":"urn:o"}}}}}}"#
    );
    let expected = text
        .replace("2026-01-01T01:00:00.1+01:00", "2026-01-01T00:00:00.100Z")
        .replace(r#"{"id":"urn:p"}"#, r#"[{"id":"urn:p"}]"#);
    assert_eq!(accepted(&text).body, expected);
}

#[test]
fn what_is_read_has_the_assigned_members_last() {
    let body = accepted(&least().to_string()).body;
    let id = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";
    let text = splice(&body, &assigned(id));
    let tail = format!(
        r#","id":"{id}","stored":"2026-11-23T19:30:00.123456Z","authority":{AUTHORITY},"version":"2.0.0","timestamp":"2026-11-23T19:30:00.123456Z"}}"#
    );
    assert!(text.ends_with(&tail), "{text}");
    assert_eq!(text.len(), body.len() - 1 + tail.len());
    let statement = read(&text).unwrap();
    assert_eq!(statement.id.unwrap().to_string(), id);
    assert_eq!(
        statement.stored.unwrap().to_string(),
        "2026-11-23T19:30:00.123456Z"
    );
}

#[test]
fn a_timestamp_is_added_only_where_none_was_sent() {
    let stamped = assigned("x");
    let unstamped = Assigned {
        timestamp_absent: false,
        ..stamped
    };
    let body = accepted(&full().to_string()).body;
    let text = splice(&body, &unstamped);
    assert_eq!(text.matches("\"timestamp\"").count(), 1);
    let body = accepted(&least().to_string()).body;
    let text = splice(&body, &stamped);
    assert!(text.ends_with("123456Z\"}"));
}

#[test]
fn what_1_0_alone_admits_is_read_again_once_it_is_stored() {
    // A timestamp without a zone, outside and within, and the short form of a version.
    let mut text = within(full());
    text["version"] = json!("1.0");
    text["timestamp"] = json!("2026-01-01T01:00:00");
    text["object"]["timestamp"] = json!("2026-01-01T01:00:00.5");
    let received = receive_one(text.to_string().as_bytes(), Family::V1).unwrap();
    let stamped = Assigned {
        version: "1.0",
        timestamp_absent: false,
        ..assigned("6690e6c9-3ef0-4ed3-8b37-7f3964730bee")
    };
    let again = read(&splice(&received.body, &stamped)).unwrap();
    assert_eq!(again.timestamp, received.statement.timestamp);
    assert_eq!(again.object, received.statement.object);
}

#[test]
fn a_batch_keeps_its_order_and_form() {
    let text = json!([least(), full()]).to_string();
    let batch = receive(text.as_bytes(), Family::V1).unwrap();
    assert!(batch.array);
    assert_eq!(batch.statements.len(), 2);
    assert!(batch.statements[1].statement.id.is_some());
    assert!(
        !receive(least().to_string().as_bytes(), Family::V1)
            .unwrap()
            .array
    );
    assert!(receive(b"[]", Family::V2).unwrap().statements.is_empty());
    assert!(receive_one(b"[]", Family::V2).is_err());
}

#[test]
fn equal_ids_in_one_batch_are_refused() {
    let mut upper = full();
    upper["id"] = json!(full()["id"].as_str().unwrap().to_uppercase());
    let text = json!([full(), least(), upper]).to_string();
    let faults = receive(text.as_bytes(), Family::V1).unwrap_err();
    let fault = &faults.as_slice()[0];
    assert_eq!(
        (fault.path.as_str(), fault.rule),
        ("$[2].id", Rule::BatchIds)
    );
}

#[test]
fn text_that_is_no_json_is_one_fault_with_its_place() {
    for (bytes, rule, line, column) in [
        (&b""[..], Rule::JsonSyntax, 1, 1),
        (b"{", Rule::JsonSyntax, 1, 2),
        (b"{\n \"a\" 1}", Rule::JsonSyntax, 2, 6),
        (b"{\"a\":01}", Rule::JsonSyntax, 1, 7),
        (b"[1,]", Rule::JsonSyntax, 1, 4),
        (b"{} x", Rule::JsonSyntax, 1, 4),
        (b"{\"a\":tru}", Rule::JsonSyntax, 1, 6),
        (b"\"\\ud800\"", Rule::JsonSyntax, 1, 2),
        (b"\"\\x\"", Rule::JsonSyntax, 1, 2),
        (b"\"a\nb\"", Rule::JsonSyntax, 1, 3),
        (b"{\"\xc3\xa5\":\xff}", Rule::JsonUtf8, 1, 6),
        (b"[1e9999999999999999]", Rule::JsonNumberBound, 1, 2),
        (b"\xef\xbb\xbf{}", Rule::JsonSyntax, 1, 1),
    ] {
        let faults = receive(bytes, Family::V2).unwrap_err();
        let fault = &faults.as_slice()[0];
        let found = (faults.total(), fault.rule, fault.line, fault.column);
        let case = String::from_utf8_lossy(bytes);
        assert_eq!(found, (1, rule, Some(line), Some(column)), "{case}");
    }
    for text in ["\"a statement\"", "null", "true", "12"] {
        let faults = receive(text.as_bytes(), Family::V2).unwrap_err();
        assert_eq!(faults.as_slice()[0].rule, Rule::StatementForm, "{text}");
    }
}

#[test]
fn deep_nesting_is_a_fault_not_an_overflow() {
    let deep = "[".repeat(1_000_000);
    let faults = receive(deep.as_bytes(), Family::V2).unwrap_err();
    assert_eq!(faults.as_slice()[0].rule, Rule::JsonDepth);
}

#[test]
fn a_key_named_twice_is_a_fault_wherever_it_stands() {
    let text = full().to_string();
    for (from, to, path) in [
        (
            r#""deep":"#,
            r#""deep":1,"deep":"#,
            r#"$.object.definition.extensions["http://example.org/x"].deep"#,
        ),
        (
            r#""scaled":"#,
            r#""scaled":0,"\u0073caled":"#,
            "$.result.score.scaled",
        ),
        (r#""verb":"#, r#""verb":{},"verb":"#, "$.verb"),
    ] {
        let faults = receive(text.replace(from, to).as_bytes(), Family::V1).unwrap_err();
        let repeated = faults
            .iter()
            .find(|fault| fault.rule == Rule::JsonDuplicateKey)
            .unwrap();
        assert_eq!(repeated.path, path);
    }
}

#[test]
fn all_faults_of_a_batch_are_told_with_path_and_place() {
    let text = "[{\"verb\":{\"id\":\"v\"},\n\"object\":{\"id\":\"urn:o\"}},\n 7,\n{\"actor\":{\"mbox\":\"nobody\"},\"verb\":{\"id\":\"urn:v\"},\"object\":{\"id\":\"urn:o\",\"x\":{}}}]";
    let faults = receive(text.as_bytes(), Family::V2).unwrap_err();
    let told: Vec<_> = faults
        .iter()
        .map(|f| {
            (
                f.path.as_str(),
                f.rule.code(),
                f.line.unwrap(),
                f.column.unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("$[0]", "missing-property", 1, 2),
            ("$[0].verb.id", "iri", 1, 16),
            ("$[1]", "type-object", 3, 2),
            ("$[2].actor.mbox", "mbox", 4, 18),
            ("$[2].object.x", "unknown-property", 4, 73),
        ]
    );
}

#[test]
fn a_thousand_faults_are_counted_and_a_hundred_told() {
    let text = json!(vec![json!({}); 1000]).to_string();
    let faults = receive(text.as_bytes(), Family::V2).unwrap_err();
    assert_eq!((faults.as_slice().len(), faults.total()), (100, 3000));
    assert!(faults.to_string().ends_with("and 2900 more"));
}

#[test]
fn a_fault_quotes_the_value_bounded_and_its_shape_never() {
    let mut statement = least();
    statement["actor"]["mbox"] = json!("x".repeat(5000));
    let faults = receive(statement.to_string().as_bytes(), Family::V2).unwrap_err();
    let fault = &faults.as_slice()[0];
    assert_eq!(fault.found.chars().count(), 121);
    assert_eq!(fault.shape, "a text of 5000 characters");
    let json = serde_json::to_value(fault).unwrap();
    assert_eq!(json["rule"], "mbox");
    assert_eq!(json["path"], "$.actor.mbox");
    assert!(json["section"].as_str().unwrap().contains("2.4.2.3"));
    assert!(json.get("shape").is_none());
}

#[test]
fn rules_have_distinct_codes() {
    let mut codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Rule::ALL.len());
    assert!(
        Rule::ALL
            .iter()
            .all(|rule| !rule.source().is_empty() && !rule.text().is_empty())
    );
}
