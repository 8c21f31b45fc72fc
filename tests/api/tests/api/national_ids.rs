//! National identity numbers in statements: flagged, masked or refused as the key's policy says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use varde_api_tests::{Parts, SECRET, World, attachment, statement};
use varde_core::erasures::Whom;
use varde_core::keys::NewKey;
use varde_core::{IngestPolicy, NationalIdPolicy, Scope};
use varde_xapi::Ifi;

const PATH: &str = "/xapi/statements";
const SIGNED: &str = include_str!("../../../../lrs/xapi/tests/xapi/signatures/statement.json");
const LIST: &str = "/api/v1/national-ids";
/// Made for tests by Nav (github.com/navikt/fnrvalidator).
const NUMBER: &str = "13097248022";
/// From the Swedish tax agency's list of numbers for tests.
const SWEDISH: &str = "900804-2385";

async fn world(policy: NationalIdPolicy) -> World {
    let world = World::new().await;
    let key = NewKey {
        scopes: vec![Scope::All],
        ingest: IngestPolicy {
            national_ids: policy,
            ..IngestPolicy::default()
        },
        ..World::new_key("course", "sing")
    };
    world.make_key(key).await;
    world
}

fn answered(response: &str) -> Value {
    let mut statement = statement(1);
    statement["result"] = json!({ "response": response });
    statement
}

async fn listed(world: &World) -> Vec<Value> {
    let page = world.get(LIST).send().await.expect(200).json();
    page["statements"].as_array().expect("a list").clone()
}

fn counted(world: &World) -> [u64; 3] {
    NationalIdPolicy::EACH.map(|policy| world.keys().ingest_counts().of(policy))
}

#[tokio::test]
async fn a_key_without_a_policy_flags_and_stores_what_was_sent() {
    let world = World::new().await;
    let batch = json!([statement(2), answered(&format!("I am {NUMBER}"))]);
    let ids = world.stored(&batch).await;
    let read = world.get(PATH).query("statementId", &ids[1]).send().await;
    let response = &read.expect(200).json()["result"]["response"];
    assert_eq!(*response, format!("I am {NUMBER}"));
    let page = world.get(LIST).send().await.expect(200);
    assert!(!page.text().contains(NUMBER), "{}", page.text());
    let found = listed(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["statement"], ids[1]);
    assert_eq!(found[0]["policy"], "flag");
    assert_eq!(found[0]["space"], "sing");
    assert_eq!(found[0]["paths"], json!(["$.result.response"]));
    assert_eq!(counted(&world), [1, 0, 0]);
}

#[tokio::test]
async fn a_mask_takes_the_number_out_before_anything_is_stored() {
    let world = world(NationalIdPolicy::Mask).await;
    let mut sent = answered(&format!("{SWEDISH} or {NUMBER}"));
    sent["id"] = json!("7c8b2a10-5d3f-4c6e-9a1b-0d2e4f6a8b90");
    sent["actor"]["name"] = json!(format!("Kari {NUMBER}"));
    for _ in 0..2 {
        // Sent again it is the same, as it is compared as it is stored.
        let call = world.post(PATH).by("course", SECRET).json(&sent);
        let _ = call.send().await.expect(200);
    }
    let read = world.get(PATH).send().await.expect(200);
    assert!(!read.text().contains(NUMBER) && !read.text().contains(SWEDISH));
    let stored = &read.json()["statements"][0];
    assert_eq!(stored["result"]["response"], "******-**** or ***********");
    assert_eq!(stored["actor"]["name"], "Kari ***********");
    let found = listed(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["policy"], "mask");
    assert_eq!(
        found[0]["paths"],
        json!(["$.actor.name", "$.result.response"])
    );
}

#[tokio::test]
async fn a_number_that_identifies_is_not_masked_but_refused() {
    let world = world(NationalIdPolicy::Mask).await;
    let mut sent = statement(1);
    sent["actor"] = json!({ "account": { "homePage": "https://example.org", "name": NUMBER } });
    let call = world.post(PATH).by("course", SECRET).json(&sent);
    let answer = call.send().await.expect(400);
    assert_eq!(answer.rules(), ["national-id"]);
    assert_eq!(answer.json()["faults"][0]["path"], "$.actor.account.name");
    assert!(!answer.text().contains(NUMBER), "{}", answer.text());
    assert_eq!(counted(&world), [0, 0, 1]);
}

#[tokio::test]
async fn a_refusal_tells_every_place_and_never_the_number() {
    let world = world(NationalIdPolicy::Refuse).await;
    let mut named = statement(3);
    named["actor"]["mbox"] = json!(format!("mailto:{NUMBER}@example.org"));
    named["context"] = json!({ "extensions": { format!("https://example.org/{SWEDISH}"): 1 } });
    let batch = json!([statement(2), answered(NUMBER), named]);
    let call = world.post(PATH).by("course", SECRET).json(&batch);
    let answer = call.send().await.expect(400);
    let faults = answer.json()["faults"].clone();
    let paths = faults.as_array().into_iter().flatten();
    let paths: Vec<_> = paths.map(|fault| fault["path"].clone()).collect();
    let expected = [
        "$[1].result.response",
        "$[2].actor.mbox",
        "$[2].context.extensions[\"https://example.org/******-****\"]",
    ];
    assert_eq!(paths, expected);
    assert!(!answer.text().contains(NUMBER) && !answer.text().contains(SWEDISH));
    let stored = world.get(PATH).send().await.expect(200);
    assert_eq!(stored.statement_ids(), [] as [String; 0]);
    assert_eq!(listed(&world).await, [] as [Value; 0]);
    assert_eq!(counted(&world), [0, 0, 2]);
}

/// Returns the parts of a statement and a signature over it, which holds for nobody.
pub(crate) fn signed(mut sent: Value) -> Vec<u8> {
    let payload = URL_SAFE_NO_PAD.encode(sent.to_string());
    let jws = format!(
        "{}.{payload}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
        "AAAA"
    );
    let mut signature = attachment(&jws);
    signature["usageType"] = json!("http://adlnet.gov/expapi/attachments/signature");
    signature["contentType"] = json!("application/octet-stream");
    sent["attachments"] = json!([signature]);
    Parts::of(&sent).data(&jws).end()
}

#[tokio::test]
async fn a_signed_statement_is_not_masked_but_refused() {
    let world = world(NationalIdPolicy::Mask).await;
    let mut sent: Value = serde_json::from_str(SIGNED).expect("JSON");
    sent["result"]["response"] = json!(NUMBER);
    let body = signed(sent);
    let call = world.post(PATH).by("course", SECRET);
    let answer = call.body(Parts::KIND, body).send().await.expect(400);
    assert_eq!(answer.rules(), ["national-id"]);
    assert!(!answer.text().contains(NUMBER), "{}", answer.text());
}

#[tokio::test]
async fn the_list_is_for_who_may_read_results_of_the_space() {
    let world = World::new().await;
    let _ = world.stored(&answered(NUMBER)).await;
    world.key("writer", "sing", &[Scope::StatementsWrite]).await;
    world.key("elsewhere", "merse", &[Scope::AllRead]).await;
    let by = |name: &str| world.get(LIST).by(name, SECRET);
    let _ = by("writer").send().await.expect(403);
    let page = by("elsewhere").send().await.expect(200).json();
    assert_eq!(page, json!({ "statements": [], "next": null }));
    let behind = listed(&world).await[0]["statement"].clone();
    let behind = behind.as_str().expect("an id");
    let page = world.get(LIST).query("after", behind).send().await;
    assert_eq!(page.expect(200).json()["statements"], json!([]));
}

#[tokio::test]
async fn a_note_goes_with_its_statement() {
    let world = World::new().await;
    let _ = world.stored(&answered(NUMBER)).await;
    let learner = Ifi::Mbox("mailto:learner-1@example.org".to_owned());
    let receipt = world.erase(&Whom::Identifier(learner)).await;
    assert_eq!(receipt.statements.len(), 1);
    assert_eq!(listed(&world).await, [] as [Value; 0]);
}
