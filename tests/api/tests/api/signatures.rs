//! Signed statements (xAPI 1.0.3 Data 2.6, IEEE 9274.1.1 4.2.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use varde_api_tests::{Answer, Parts, World, attachment, statement};

const PATH: &str = "/xapi/statements";
const STATEMENT: &str = include_str!("../../../../lrs/xapi/tests/xapi/signatures/statement.json");
const RS256: &str = include_str!("../../../../lrs/xapi/tests/xapi/signatures/rs256.jws");
const RS384: &str = include_str!("../../../../lrs/xapi/tests/xapi/signatures/rs384.jws");
const RS512: &str = include_str!("../../../../lrs/xapi/tests/xapi/signatures/rs512.jws");
/// RS256 without a certificate.
const BARE: &str = include_str!("../../../../lrs/xapi/tests/xapi/signatures/without-x5c.jws");

/// Returns the statement that was signed.
fn plain() -> Value {
    serde_json::from_str(STATEMENT).expect("the statement is JSON")
}

fn signature(jws: &str) -> Value {
    let mut signature = attachment(jws);
    signature["usageType"] = "http://adlnet.gov/expapi/attachments/signature".into();
    signature["contentType"] = "application/octet-stream".into();
    signature
}

fn signed(mut statement: Value, jws: &str) -> Value {
    statement["attachments"] = json!([signature(jws)]);
    statement
}

async fn post(world: &World, statements: &Value, jws: &str) -> Answer {
    let body = Parts::of(statements).data(jws).end();
    world.post(PATH).body(Parts::KIND, body).send().await
}

/// Sends the statement with a signature that must be refused, and returns the rule.
async fn refused(statement: Value, jws: &str) -> String {
    let world = World::new().await;
    let answer = post(&world, &signed(statement, jws), jws).await.expect(400);
    assert_eq!(answer.json()["faults"][0]["path"], "$.attachments[0]");
    let stored = world.get(PATH).send().await.expect(200);
    assert_eq!(stored.statement_ids(), [] as [String; 0]);
    answer.rules().remove(0)
}

/// Puts another text in place of the header (0) or the payload (1) of a signature.
fn altered(jws: &str, part: usize, text: &str) -> String {
    let mut parts: Vec<_> = jws.trim().split('.').map(str::to_owned).collect();
    parts[part] = URL_SAFE_NO_PAD.encode(text);
    parts.join(".")
}

#[tokio::test]
async fn statements_signed_by_rsa_are_stored_and_their_signature_is_returned() {
    for jws in [RS256, RS384, RS512, BARE] {
        for version in ["1.0.3", "2.0.0"] {
            let world = World::new().await;
            let body = Parts::of(&signed(plain(), jws)).data(jws).end();
            let call = world.post(PATH).version(version).body(Parts::KIND, body);
            let _ = call.send().await.expect(200);
            let call = world
                .get(PATH)
                .version(version)
                .query("attachments", "true");
            let parts = call.send().await.expect(200).parts();
            assert_eq!(parts[1].1, jws.as_bytes());
        }
    }
}

#[tokio::test]
async fn a_signed_statement_may_be_put() {
    let world = World::new().await;
    let id = plain()["id"].as_str().expect("an id").to_owned();
    let body = Parts::of(&signed(plain(), RS256)).data(RS256).end();
    let call = world.put(PATH).query("statementId", &id);
    let _ = call.body(Parts::KIND, body).send().await.expect(204);
}

#[tokio::test]
async fn other_algorithms_are_refused() {
    for algorithm in ["HS256", "none", "ES256", "PS256", "rs256"] {
        let jws = altered(BARE, 0, &json!({ "alg": algorithm }).to_string());
        assert_eq!(
            refused(plain(), &jws).await,
            "signature-algorithm",
            "{algorithm}"
        );
    }
}

#[tokio::test]
async fn a_signature_that_is_no_compact_jws_is_refused() {
    let header = altered(BARE, 0, "no JSON");
    for jws in ["", "one", "one.two", "*.*.*", r#"{"payload":""}"#, &header] {
        assert_eq!(refused(plain(), jws).await, "signature-form", "{jws}");
    }
}

#[tokio::test]
async fn a_payload_that_is_not_the_statement_is_refused() {
    let other = statement(1).to_string();
    for payload in ["no JSON", "{}", "[]", &other] {
        let jws = altered(BARE, 1, payload);
        assert_eq!(
            refused(plain(), &jws).await,
            "signature-payload",
            "{payload}"
        );
    }
    let mut changed = plain();
    changed["actor"]["mbox"] = "mailto:learner-2@example.org".into();
    assert_eq!(refused(changed, RS256).await, "signature-payload");
}

#[tokio::test]
async fn a_duration_is_compared_to_the_hundredth_of_a_second() {
    let mut finer = plain();
    finer["result"]["duration"] = "PT0.1237S".into();
    let world = World::new().await;
    let _ = post(&world, &signed(finer, RS256), RS256).await.expect(200);
    let mut longer = plain();
    longer["result"]["duration"] = "PT0.13S".into();
    assert_eq!(refused(longer, RS256).await, "signature-payload");
}

#[tokio::test]
async fn a_signature_that_does_not_verify_with_its_certificate_is_refused() {
    let (content, _) = RS256.trim().rsplit_once('.').expect("three parts");
    let (_, foreign) = BARE.trim().rsplit_once('.').expect("three parts");
    let unsigned = format!("{content}.");
    let swapped = format!("{content}.{foreign}");
    let broken = altered(RS256, 0, r#"{"alg":"RS256","x5c":["AAAA"]}"#);
    let empty = altered(RS256, 0, r#"{"alg":"RS256","x5c":[]}"#);
    for jws in [unsigned, swapped, broken, empty] {
        assert_eq!(refused(plain(), &jws).await, "signature-certificate");
    }
}

#[tokio::test]
async fn a_signature_is_octets() {
    let world = World::new().await;
    let mut typed = signed(plain(), RS256);
    typed["attachments"][0]["contentType"] = "application/json".into();
    let answer = post(&world, &typed, RS256).await.expect(400);
    assert_eq!(answer.rules(), ["signature-data"]);
}

#[tokio::test]
async fn a_signature_comes_with_its_data_even_where_it_has_a_file_url() {
    let world = World::new().await;
    let mut elsewhere = signed(plain(), RS256);
    elsewhere["attachments"][0]["fileUrl"] = "https://example.org/signatures/1".into();
    let answer = world.post(PATH).json(&elsewhere).send().await.expect(400);
    assert_eq!(answer.rules(), ["signature-data"]);
    let _ = post(&world, &elsewhere, RS256).await.expect(200);
}

#[tokio::test]
async fn each_statement_that_carries_a_signature_is_compared_with_it() {
    let world = World::new().await;
    let mut foreign = statement(1);
    foreign["id"] = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01".into();
    let batch = json!([signed(plain(), RS256), signed(foreign, RS256)]);
    let answer = post(&world, &batch, RS256).await.expect(400);
    assert_eq!(answer.rules(), ["signature-payload"]);
    assert_eq!(answer.json()["faults"][0]["path"], "$[1].attachments[0]");
}

#[tokio::test]
async fn with_another_usage_type_the_same_data_is_an_attachment_like_any_other() {
    let world = World::new().await;
    let mut ordinary = statement(1);
    ordinary["attachments"] = json!([attachment("no signature")]);
    let _ = post(&world, &ordinary, "no signature").await.expect(200);
}
