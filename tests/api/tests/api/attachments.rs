use serde_json::{Value, json};
use varde_api_tests::{World, statement};

const KIND: &str = "multipart/mixed; boundary=abc";
/// SHA-256 of `data`.
const SHA2: &str = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7";

fn attachment(file_url: Option<&str>) -> Value {
    let mut attachment = json!({
        "usageType": "https://example.org/uses/certificate",
        "display": { "en": "Certificate" },
        "contentType": "text/plain",
        "length": 4,
        "sha2": SHA2,
    });
    if let Some(url) = file_url {
        attachment["fileUrl"] = url.into();
    }
    attachment
}

fn with(attachments: &[Value]) -> Value {
    let mut with = statement(1);
    with["attachments"] = json!(attachments);
    with
}

fn multipart((kind, statements): (&str, &str), parts: &[(&str, &str)]) -> String {
    let part = |(headers, data): &(&str, &str)| format!("\r\n--abc\r\n{headers}\r\n\r\n{data}");
    let parts: Vec<_> = parts.iter().map(part).collect();
    format!(
        "--abc\r\nContent-Type:{kind}\r\n\r\n{statements}{}\r\n--abc--",
        parts.concat()
    )
}

fn part(hash: &str) -> String {
    let binary = "Content-Transfer-Encoding:binary";
    format!("Content-Type:text/plain\r\n{binary}\r\nX-Experience-API-Hash:{hash}")
}

#[tokio::test]
async fn json_alone_does_where_every_attachment_has_a_file_url() {
    let world = World::new().await;
    let sent = with(&[attachment(Some("https://example.org/files/1"))]);
    let id = world.stored(&sent).await.remove(0);
    let call = world.get("/xapi/statements").query("statementId", &id);
    let found = call.send().await.expect(200).json();
    assert_eq!(found["attachments"], sent["attachments"]);
    let nested = json!({
        "objectType": "SubStatement", "actor": sent["actor"], "verb": sent["verb"],
        "object": sent["object"], "attachments": [attachment(None)],
    });
    let mut within = statement(1);
    within["object"] = nested;
    for lacking in [with(&[attachment(None)]), within] {
        let answer = world
            .post("/xapi/statements")
            .json(&lacking)
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["attachment-data"]);
    }
}

#[tokio::test]
async fn several_parts_may_hold_statements_without_attachment_data() {
    let world = World::new().await;
    for sent in [
        statement(1),
        with(&[attachment(Some("https://example.org/files/1"))]),
    ] {
        let body = multipart(("application/json", &sent.to_string()), &[]);
        for body in [format!("\r\n{body}"), body.clone() + "\r\n", body] {
            let _ = world
                .post("/xapi/statements")
                .body(KIND, body)
                .send()
                .await
                .expect(200);
        }
    }
    let id = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";
    let body = multipart(("application/json", &statement(1).to_string()), &[]);
    let call = world
        .put("/xapi/statements")
        .query("statementId", id)
        .body(KIND, body);
    let _ = call.send().await.expect(204);
}

#[tokio::test]
async fn parts_are_held_to_the_rules_and_a_refusal_stores_nothing() {
    let world = World::new().await;
    let text = with(&[attachment(None)]).to_string();
    let json = ("application/json", text.as_str());
    let right = part(SHA2);
    let other = "0".repeat(64);
    let typed = right.replace("text/plain", "image/png");
    let coded = right.replace("binary", "base64");
    let cases = [
        (
            "no boundary",
            "multipart/mixed",
            multipart(json, &[(&right, "data")]),
        ),
        ("no delimiters", KIND, text.clone()),
        (
            "another boundary",
            "multipart/mixed; boundary=xyz",
            multipart(json, &[]),
        ),
        (
            "cut",
            KIND,
            multipart(json, &[(&right, "data")]).replace("--abc--", ""),
        ),
        (
            "first part",
            KIND,
            multipart(("text/plain", &text), &[(&right, "data")]),
        ),
        ("no data", KIND, multipart(json, &[])),
        (
            "no hash",
            KIND,
            multipart(json, &[("Content-Type:text/plain", "data")]),
        ),
        (
            "another hash",
            KIND,
            multipart(json, &[(&part(&other), "data")]),
        ),
        ("other octets", KIND, multipart(json, &[(&right, "dada")])),
        ("a longer part", KIND, multipart(json, &[(&right, "data+")])),
        ("another type", KIND, multipart(json, &[(&typed, "data")])),
        (
            "another encoding",
            KIND,
            multipart(json, &[(&coded, "data")]),
        ),
        (
            "twice",
            KIND,
            multipart(json, &[(&right, "data"), (&right, "data")]),
        ),
        (
            "more",
            KIND,
            multipart(json, &[(&right, "data"), (&part(&other), "x")]),
        ),
        ("nothing", KIND, String::new()),
    ];
    for (case, kind, body) in cases {
        let answer = world.post("/xapi/statements").body(kind, body).send().await;
        assert_eq!(answer.status, 400, "{case}: {}", answer.text());
        assert_eq!(answer.rules().len(), 1, "{case}");
    }
    let answer = world.get("/xapi/statements").send().await.expect(200);
    assert!(answer.statement_ids().is_empty());
}

#[tokio::test]
async fn a_signature_is_held_to_the_rules_before_anything_is_stored() {
    let world = World::new().await;
    let mut signature = attachment(None);
    signature["usageType"] = "http://adlnet.gov/expapi/attachments/signature".into();
    for (kind, rule) in [
        ("text/plain", "signature-data"),
        ("application/octet-stream", "signature-form"),
    ] {
        signature["contentType"] = kind.into();
        let text = with(std::slice::from_ref(&signature)).to_string();
        let headers = part(SHA2).replace("text/plain", kind);
        let body = multipart(("application/json", &text), &[(&headers, "data")]);
        let answer = world
            .post("/xapi/statements")
            .body(KIND, body)
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), [rule], "{}", answer.text());
    }
    signature["fileUrl"] = "https://example.org/files/1".into();
    let call = world.post("/xapi/statements").json(&with(&[signature]));
    assert_eq!(call.send().await.expect(400).rules(), ["signature-data"]);
}

#[tokio::test]
async fn attachments_are_returned_in_parts_when_they_are_wanted() {
    let world = World::new().await;
    let sent = with(&[attachment(Some("https://example.org/files/1"))]);
    let id = world.stored(&sent).await.remove(0);
    for call in [
        world.get("/xapi/statements").query("statementId", &id),
        world.get("/xapi/statements"),
    ] {
        let plain = call
            .clone()
            .query("attachments", "false")
            .send()
            .await
            .expect(200);
        assert_eq!(plain.header("content-type"), "application/json");
        let answer = call.query("attachments", "true").send().await.expect(200);
        let kind = answer.header("content-type");
        let boundary = kind.strip_prefix("multipart/mixed; boundary=").expect(kind);
        let expected = format!(
            "--{boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n--{boundary}--\r\n",
            plain.text(),
        );
        assert_eq!(answer.text(), expected);
        assert_eq!(
            answer.header("last-modified"),
            plain.header("last-modified")
        );
    }
}
