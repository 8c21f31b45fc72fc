//! Signed statements. The signatures were made with a key that was then thrown away.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use varde_xapi::signature::{Accepted, Algorithm, USAGE_TYPE, check};
use varde_xapi::{Family, Rule, receive_one};

use crate::fixture::with;

const RS256: &str = include_str!("signatures/rs256.jws");
const RS384: &str = include_str!("signatures/rs384.jws");
const RS512: &str = include_str!("signatures/rs512.jws");
const WITHOUT_X5C: &str = include_str!("signatures/without-x5c.jws");

fn signed() -> Value {
    let statement: Value = serde_json::from_str(include_str!("signatures/statement.json")).unwrap();
    let attachment = json!({"usageType": USAGE_TYPE, "display": {"en": "Signature"},
        "contentType": "application/octet-stream", "length": 1, "sha2": "0".repeat(64)});
    with(statement, "/attachments", Some(json!([attachment])))
}

fn checked(statement: &Value, data: &str, family: Family) -> Result<Accepted, Rule> {
    let received = receive_one(statement.to_string().as_bytes(), family).unwrap();
    let attachment = &received.statement.attachments[0];
    check(
        "$.attachments[0]",
        attachment,
        data.as_bytes(),
        &received,
        family,
    )
    .map_err(|f| f.rule)
}

/// Puts another header or payload into a signature.
fn altered(jws: &str, part: usize, text: &str) -> String {
    let mut parts: Vec<String> = jws.trim().split('.').map(str::to_owned).collect();
    parts[part] = URL_SAFE_NO_PAD.encode(text);
    parts.join(".")
}

#[test]
fn signatures_with_a_certificate_are_verified() {
    for (jws, algorithm) in [
        (RS256, Algorithm::Rs256),
        (RS384, Algorithm::Rs384),
        (RS512, Algorithm::Rs512),
    ] {
        for family in [Family::V1, Family::V2] {
            assert_eq!(
                checked(&signed(), jws, family),
                Ok(Accepted {
                    algorithm,
                    verified: true
                })
            );
        }
    }
    let accepted = Accepted {
        algorithm: Algorithm::Rs256,
        verified: false,
    };
    assert_eq!(checked(&signed(), WITHOUT_X5C, Family::V2), Ok(accepted));
}

#[test]
fn a_signature_that_does_not_fit_its_certificate_is_refused() {
    let (signed_part, _) = RS256.trim().rsplit_once('.').unwrap();
    let (_, foreign) = WITHOUT_X5C.trim().rsplit_once('.').unwrap();
    for forged in [
        format!("{signed_part}.{foreign}"),
        format!("{signed_part}."),
        format!("{signed_part}.AAAA"),
    ] {
        assert_eq!(
            checked(&signed(), &forged, Family::V1),
            Err(Rule::SignatureCertificate)
        );
    }
    for x5c in [
        json!([]),
        json!("x"),
        json!(["AAAA"]),
        json!([1]),
        Value::Null,
    ] {
        let header = json!({"alg": "RS256", "x5c": x5c}).to_string();
        let forged = altered(RS256, 0, &header);
        assert_eq!(
            checked(&signed(), &forged, Family::V1),
            Err(Rule::SignatureCertificate),
            "{x5c}"
        );
    }
}

#[test]
fn other_algorithms_are_refused() {
    for alg in ["HS256", "none", "ES256", "rs256", "PS256"] {
        let jws = altered(WITHOUT_X5C, 0, &json!({"alg": alg}).to_string());
        assert_eq!(
            checked(&signed(), &jws, Family::V1),
            Err(Rule::SignatureAlgorithm),
            "{alg}"
        );
    }
    let jws = altered(WITHOUT_X5C, 0, "{}");
    assert_eq!(
        checked(&signed(), &jws, Family::V1),
        Err(Rule::SignatureAlgorithm)
    );
}

#[test]
fn what_is_no_compact_jws_is_refused() {
    let header = altered(WITHOUT_X5C, 0, "not json");
    for text in [
        "",
        "a",
        "a.b",
        "....",
        "{}.{}.{}",
        header.as_str(),
        "{\"payload\":\"\"}",
    ] {
        assert_eq!(
            checked(&signed(), text, Family::V2),
            Err(Rule::SignatureForm),
            "{text}"
        );
    }
}

#[test]
fn the_payload_is_the_statement_that_carries_it() {
    for (pointer, value) in [
        ("/verb/id", json!("http://example.org/verbs/failed")),
        ("/result/score/raw", json!(2)),
        ("/result/duration", json!("PT0.13S")),
    ] {
        let other = with(signed(), pointer, Some(value));
        for family in [Family::V1, Family::V2] {
            assert_eq!(
                checked(&other, RS256, family),
                Err(Rule::SignaturePayload),
                "{pointer}"
            );
        }
    }
    for payload in ["not json", "{}", "[]"] {
        let jws = altered(WITHOUT_X5C, 1, payload);
        assert_eq!(
            checked(&signed(), &jws, Family::V2),
            Err(Rule::SignaturePayload),
            "{payload}"
        );
    }
}

#[test]
fn equal_spellings_are_accepted_and_1_0_compares_id_and_time() {
    let finer = with(signed(), "/result/duration", Some(json!("PT0.1237S")));
    assert!(checked(&finer, RS256, Family::V2).is_ok());
    let zoned = with(
        signed(),
        "/timestamp",
        Some(json!("2026-11-23T20:30:00+01:00")),
    );
    assert!(checked(&zoned, RS256, Family::V1).is_ok());
    let without = with(with(signed(), "/timestamp", None), "/id", None);
    assert!(checked(&without, RS256, Family::V1).is_ok());
    for (pointer, value) in [
        ("/id", json!("7690e6c9-3ef0-4ed3-8b37-7f3964730bee")),
        ("/timestamp", json!("2026-11-23T19:30:01Z")),
    ] {
        let other = with(signed(), pointer, Some(value));
        assert_eq!(
            checked(&other, RS256, Family::V1),
            Err(Rule::SignaturePayload),
            "{pointer}"
        );
        assert!(checked(&other, RS256, Family::V2).is_ok(), "{pointer}");
    }
}

#[test]
fn a_signature_is_an_octet_stream() {
    let other = with(
        signed(),
        "/attachments/0/contentType",
        Some(json!("application/jwt")),
    );
    assert_eq!(checked(&other, RS256, Family::V1), Err(Rule::SignatureData));
}
