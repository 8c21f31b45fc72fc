//! Bodies of several parts and the attachments that come in them.

use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use varde_xapi::attachment::{Expected, check_statements_part};
use varde_xapi::multipart::{Event, HEADER_BYTES_MAX, Parser, PartHeaders, Writer, boundary};
use varde_xapi::{Batch, Family, Fault, Rule, media_type};

use crate::fixture::{least, post, with, within};

/// A part's headers and octets.
type Part = (PartHeaders, Vec<u8>);

fn parse(body: &[u8], chunk: usize) -> Result<Vec<Part>, Fault> {
    let mut parser = Parser::new("b1");
    let mut parts: Vec<Part> = Vec::new();
    let mut ended = false;
    for piece in body.chunks(chunk.max(1)) {
        parser.feed(piece);
        while let Some(event) = parser.next_event()? {
            match event {
                Event::Part(headers) => parts.push((headers, Vec::new())),
                Event::Data(data) => parts.last_mut().unwrap().1.extend(data),
                Event::PartEnd => {}
                Event::End => ended = true,
            }
        }
    }
    parser.finish()?;
    assert!(ended);
    Ok(parts)
}

fn octets(body: &str) -> Vec<Vec<u8>> {
    parse(body.as_bytes(), 7)
        .unwrap()
        .into_iter()
        .map(|(_, data)| data)
        .collect()
}

#[test]
fn boundaries_come_from_multipart_mixed_only() {
    for (header, expected) in [
        ("multipart/mixed; boundary=abc", Some("abc")),
        (
            "Multipart/Mixed;charset=utf-8; Boundary=\"a b:c\"",
            Some("a b:c"),
        ),
        ("multipart/mixed", None),
        ("multipart/mixed; boundary=", None),
        ("multipart/mixed; boundary=\"a \"", None),
        ("multipart/mixed; boundary=a\u{e9}", None),
        ("multipart/form-data; boundary=abc", None),
        ("application/json", None),
    ] {
        assert_eq!(boundary(header).ok().as_deref(), expected, "{header}");
    }
    assert!(boundary(&format!("multipart/mixed; boundary={}", "x".repeat(71))).is_err());
}

#[test]
fn parts_are_read_with_the_tolerance_of_the_field() {
    for (body, expected) in [
        (
            "--b1\r\nA:1\r\n\r\none\r\n--b1\r\nA: 2\r\n\r\ntwo\r\n--b1--\r\n",
            vec!["one", "two"],
        ),
        ("\r\n--b1\r\nA: 1\r\n\r\none\r\n--b1--", vec!["one"]),
        (
            "preamble\r\n--b1 \t\r\nA: 1\r\n\r\none\r\n--b1--epilogue\r\n--b1\r\n",
            vec!["one"],
        ),
        ("--b1\r\n\r\nno headers\r\n--b1--", vec!["no headers"]),
        ("--b1\r\nA: 1\r\n\r\n\r\n--b1--", vec![""]),
        (
            "--b1\r\nA: 1\r\n\r\nx\r\n--b12\r\ny\r\n--b1--",
            vec!["x\r\n--b12\r\ny"],
        ),
        (
            "--b1\r\nA: 1\r\n\r\n\r\r\n--b\r\n\r\n--b1--",
            vec!["\r\r\n--b\r\n"],
        ),
    ] {
        let expected: Vec<Vec<u8>> = expected
            .into_iter()
            .map(|part| part.as_bytes().to_vec())
            .collect();
        assert_eq!(octets(body), expected, "{body:?}");
    }
}

#[test]
fn malformed_bodies_are_refused() {
    for body in [
        "",
        "{}",
        "--b1",
        "--b1--",
        "--b1\r\nA: 1\r\n\r\none",
        "--b1\r\nA: 1\r\n\r\none\r\n--b1\r\n",
        "--b1\r\nno colon\r\n\r\none\r\n--b1--",
        "--b1\r\nA: 1\r\na: 2\r\n\r\none\r\n--b1--",
        "--b2\r\nA: 1\r\n\r\none\r\n--b2--",
        "--b1\nA: 1\n\none\n--b1--",
    ] {
        let fault = parse(body.as_bytes(), 5).unwrap_err();
        assert_eq!(fault.rule, Rule::Multipart, "{body:?}");
    }
    let long = format!(
        "--b1\r\nA: {}\r\n\r\none\r\n--b1--",
        "x".repeat(HEADER_BYTES_MAX)
    );
    assert!(parse(long.as_bytes(), 100).is_err());
}

fn hexadecimal(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::new(), |text, octet| format!("{text}{octet:02x}"))
}

fn sha256(data: &[u8]) -> String {
    hexadecimal(&Sha256::digest(data))
}

fn described(data: &[u8], file_url: bool) -> Value {
    let mut attachment = json!({"usageType": "http://example.org/usage", "display": {"en": "File"},
        "contentType": "text/plain; charset=utf-8", "length": data.len(), "sha2": sha256(data)});
    if file_url {
        attachment["fileUrl"] = json!("http://example.org/file");
    }
    attachment
}

fn batch(attachments: &Value) -> Batch {
    post(
        &with(least(), "/attachments", Some(attachments.clone())),
        Family::V1,
    )
    .unwrap()
}

fn headers(lines: &str) -> PartHeaders {
    let body = format!("--b1\r\n{lines}\r\n\r\n\r\n--b1--");
    parse(body.as_bytes(), 1000).unwrap().remove(0).0
}

/// Sends one part and returns the rule it breaks, if any.
fn sent(batch: &Batch, lines: &str, data: &[u8]) -> Result<u64, Rule> {
    let mut expected = Expected::of(batch);
    let mut part = expected
        .part(2, &headers(lines))
        .map_err(|fault| fault.rule)?;
    part.update(data);
    let length = part.finish().map_err(|fault| fault.rule)?;
    expected
        .finish()
        .map_err(|faults| faults.as_slice()[0].rule)?;
    Ok(length)
}

#[test]
fn a_part_belongs_to_the_attachments_of_its_digest() {
    let batch = batch(&json!([
        described(b"data", false),
        described(b"data", true)
    ]));
    let hash = format!("X-Experience-API-Hash: {}", sha256(b"data"));
    let binary = format!("{hash}\r\nContent-Transfer-Encoding: binary");
    for lines in [
        hash.clone(),
        binary.clone(),
        hash.to_uppercase(),
        format!("{binary}\r\nContent-Type: text/plain\r\nContent-Length: 4"),
    ] {
        assert_eq!(sent(&batch, &lines, b"data"), Ok(4), "{lines}");
    }
    for (lines, data, rule) in [
        ("A: 1".to_owned(), &b"data"[..], Rule::PartHash),
        (
            format!("X-Experience-API-Hash: {}", sha256(b"x")),
            b"x",
            Rule::PartHash,
        ),
        (
            format!("{hash}\r\nContent-Transfer-Encoding: base64"),
            b"data",
            Rule::PartEncoding,
        ),
        (
            format!("{hash}\r\nContent-Type: text/html"),
            b"data",
            Rule::PartType,
        ),
        (
            format!("{hash}\r\nContent-Length: 5"),
            b"data",
            Rule::PartLength,
        ),
        (
            format!("{hash}\r\nContent-Length: x"),
            b"data",
            Rule::PartLength,
        ),
        (hash, b"Data", Rule::PartDigest),
    ] {
        assert_eq!(sent(&batch, &lines, data), Err(rule), "{lines}");
    }
}

#[test]
fn the_first_part_is_json() {
    for (lines, accepted) in [
        ("Content-Type: application/json", true),
        ("content-type:Application/JSON; charset=UTF-8", true),
        ("A: 1", true),
        ("Content-Type: text/plain", false),
    ] {
        assert_eq!(
            check_statements_part(&headers(lines)).is_ok(),
            accepted,
            "{lines}"
        );
    }
}

#[test]
fn a_described_length_is_held_to_where_the_part_says_its_own() {
    let mut attachment = described(b"data", false);
    attachment["length"] = json!(5);
    let batch = batch(&json!([attachment]));
    let hash = format!("X-Experience-API-Hash: {}", sha256(b"data"));
    let own = format!("{hash}\r\nContent-Length: 4");
    assert_eq!(sent(&batch, &own, b"data"), Err(Rule::PartLength));
    // Else the digest vouches for the octets.
    assert_eq!(sent(&batch, &hash, b"data"), Ok(4));
}

#[test]
fn longer_digests_are_checked_too() {
    let mut attachment = described(b"data", false);
    let digest = hexadecimal(&Sha512::digest(b"data")).to_uppercase();
    attachment["sha2"] = json!(digest);
    let batch = batch(&json!([attachment]));
    let lines = format!("X-Experience-API-Hash: {digest}");
    assert_eq!(sent(&batch, &lines, b"data"), Ok(4));
    assert_eq!(sent(&batch, &lines, b"dat4"), Err(Rule::PartDigest));
}

#[test]
fn attachments_without_a_url_need_their_part() {
    let missing = |attachments: Value| {
        let faults = Expected::of(&batch(&attachments)).finish().err()?;
        Some((faults.as_slice()[0].path.clone(), faults.as_slice()[0].rule))
    };
    assert_eq!(missing(json!([])), None);
    assert_eq!(missing(json!([described(b"a", true)])), None);
    let second = json!([described(b"a", true), described(b"b", false)]);
    assert_eq!(
        missing(second),
        Some(("$.attachments[1]".into(), Rule::AttachmentData))
    );
    let mut signature = described(b"a", true);
    signature["usageType"] = json!(varde_xapi::signature::USAGE_TYPE);
    assert_eq!(
        missing(json!([signature])),
        Some(("$.attachments[0]".into(), Rule::SignatureData))
    );
    let inner = within(with(
        least(),
        "/attachments",
        Some(json!([described(b"a", false)])),
    ));
    let faults = Expected::of(&post(&inner, Family::V2).unwrap())
        .finish()
        .unwrap_err();
    assert_eq!(faults.as_slice()[0].path, "$.object.attachments[0]");
}

#[test]
fn one_digest_comes_in_one_part() {
    let batch = batch(&json!([described(b"data", false)]));
    let mut expected = Expected::of(&batch);
    let lines = headers(&format!("X-Experience-API-Hash: {}", sha256(b"data")));
    assert!(expected.part(2, &lines).is_ok());
    assert_eq!(expected.part(3, &lines).unwrap_err().rule, Rule::PartHash);
}

#[test]
fn media_types_have_type_subtype_and_parameters() {
    for text in [
        "text/plain",
        "text/plain; charset=\"a;b\"",
        "application/vnd.x+json;a=b; c=d",
        "a/b;",
    ] {
        assert!(media_type::is_media_type(text), "{text}");
    }
    for text in [
        "",
        "text",
        "text/",
        "/plain",
        "a/b/c",
        "a/b;c",
        "a/b; c=",
        "a b/c",
        "a/b; c=\"d",
    ] {
        assert!(!media_type::is_media_type(text), "{text}");
    }
    assert_eq!(media_type::essence("Text/Plain; a=b"), "text/plain");
    assert_eq!(
        media_type::parameter("a/b; X=\"q\\\"r\"", "x").as_deref(),
        Some("q\"r")
    );
}

proptest! {
    #[test]
    fn what_was_written_is_read_in_chunks_of_any_size(
        parts in prop::collection::vec(prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'-')], 0..60), 1..4),
        chunk in 1_usize..40,
    ) {
        let mut writer = Writer::new(uuid::Uuid::from_u128(7));
        let name = boundary(&writer.content_type()).unwrap();
        let mut body = Vec::new();
        for data in &parts {
            body.extend(writer.attachment_part("text/plain", "00").into_bytes());
            body.extend(data);
        }
        body.extend(writer.end().into_bytes());
        let (mut parser, mut read) = (Parser::new(&name), Vec::<Vec<u8>>::new());
        for piece in body.chunks(chunk) {
            parser.feed(piece);
            while let Some(event) = parser.next_event().unwrap() {
                match event {
                    Event::Part(headers) => {
                        prop_assert_eq!(headers.hash(), Some("00"));
                        read.push(Vec::new());
                    }
                    Event::Data(data) => read.last_mut().unwrap().extend(data),
                    Event::PartEnd | Event::End => {}
                }
            }
        }
        prop_assert!(parser.finish().is_ok());
        prop_assert_eq!(read, parts);
    }

    #[test]
    fn any_body_is_read_or_refused(body in r"(--b1|\r\n|-|a|:| ){0,30}", chunk in 1_usize..9) {
        let whole = parse(body.as_bytes(), body.len());
        prop_assert_eq!(parse(body.as_bytes(), chunk).is_ok(), whole.is_ok());
    }

    #[test]
    fn any_octets_are_read_or_refused(
        body in prop::collection::vec(prop_oneof![Just(b"--b1".to_vec()), Just(b"\r\n".to_vec()), prop::collection::vec(any::<u8>(), 0..6)], 0..20),
        chunk in 1_usize..9,
    ) {
        let body = body.concat();
        prop_assert_eq!(parse(&body, chunk).is_ok(), parse(&body, body.len()).is_ok());
    }

    #[test]
    fn any_headers_of_a_part_are_judged(
        value in "[ -~]{0,20}",
        name in prop_oneof![Just("Content-Type"), Just("Content-Length"), Just("Content-Transfer-Encoding"), Just("X-Experience-API-Hash")],
    ) {
        let batch = batch(&json!([described(b"data", false)]));
        let lines = format!("{name}:{value}");
        let _ = (sent(&batch, &lines, b"data"), check_statements_part(&headers(&lines)).is_ok());
    }
}
