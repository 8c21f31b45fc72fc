use serde_json::{Value, json};
use varde_api_tests::{World, statement};

const THROUGH: &str = "x-experience-api-consistent-through";
const ID: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";

fn with_id(id: &str, learner: u32) -> Value {
    let mut statement = statement(learner);
    statement["id"] = id.into();
    statement
}

#[tokio::test]
async fn one_statement_is_stored_and_its_id_returned() {
    let world = World::new().await;
    let answer = world
        .post("/xapi/statements")
        .json(&statement(1))
        .send()
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let ids = answer.json();
    assert_eq!(ids.as_array().unwrap().len(), 1);
    let id = ids[0].as_str().unwrap();
    let found = world
        .get("/xapi/statements")
        .query("statementId", id)
        .send()
        .await
        .expect(200);
    assert_eq!(found.json()["id"], id);
    assert_eq!(found.json()["actor"], statement(1)["actor"]);
}

#[tokio::test]
async fn an_array_is_stored_and_its_ids_returned_in_order() {
    let world = World::new().await;
    let batch = json!([statement(1), with_id(ID, 2), statement(3)]);
    let ids = world.stored(&batch).await;
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[1], ID);
    let answer = world
        .get("/xapi/statements?ascending=true")
        .send()
        .await
        .expect(200);
    assert_eq!(answer.statement_ids(), ids);
}

#[tokio::test]
async fn an_empty_array_stores_nothing_and_is_no_fault() {
    let world = World::new().await;
    let answer = world
        .post("/xapi/statements")
        .json(&json!([]))
        .send()
        .await
        .expect(200);
    assert_eq!(answer.json(), json!([]));
}

#[tokio::test]
async fn a_batch_of_fifty_with_two_wrong_ones_names_both_and_stores_none() {
    let world = World::new().await;
    let mut batch: Vec<_> = (0..50).map(statement).collect();
    batch[7]["actor"]["mbox_sha1sum"] = "ebd31e95054c018b10727ccffd2ef2ec3a016ee9".into();
    batch[31]["verb"]["id"] = "finished".into();
    let answer = world
        .post("/xapi/statements")
        .json(&json!(batch))
        .send()
        .await
        .expect(400);
    let body = answer.json();
    assert_eq!(body["total"], 2, "{body}");
    let faults = body["faults"].as_array().unwrap();
    assert_eq!(faults[0]["rule"], "agent-one-identifier");
    assert_eq!(faults[0]["path"], "$[7].actor");
    assert_eq!(faults[1]["rule"], "iri");
    assert_eq!(faults[1]["path"], "$[31].verb.id");
    assert!(faults[1]["found"].as_str().unwrap().contains("finished"));
    for fault in faults {
        for told in ["section", "found", "expected"] {
            assert!(!fault[told].as_str().unwrap().is_empty(), "{told}: {fault}");
        }
        assert!(
            fault["line"].is_u64() && fault["column"].is_u64(),
            "{fault}"
        );
    }
    let answer = world.get("/xapi/statements").send().await.expect(200);
    assert!(answer.statement_ids().is_empty());
}

#[tokio::test]
async fn an_equal_statement_again_is_the_same_one() {
    let world = World::new().await;
    let first = world.stored(&with_id(ID, 1)).await;
    assert_eq!(world.stored(&with_id(ID, 1)).await, first);
    let answer = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(answer.statement_ids(), [ID]);
}

#[tokio::test]
async fn a_different_statement_of_a_known_id_is_a_conflict_and_refuses_its_whole_batch() {
    let world = World::new().await;
    world.stored(&with_id(ID, 1)).await;
    let batch = json!([statement(5), with_id(ID, 2)]);
    let answer = world
        .post("/xapi/statements")
        .json(&batch)
        .send()
        .await
        .expect(409);
    assert!(answer.text().contains(ID), "{}", answer.text());
    let answer = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(answer.statement_ids(), [ID]);
    assert_eq!(
        answer.json()["statements"][0]["actor"],
        statement(1)["actor"]
    );
}

#[tokio::test]
async fn two_equal_ids_in_one_batch_are_refused() {
    let world = World::new().await;
    let batch = json!([with_id(ID, 1), with_id(&ID.to_uppercase(), 1)]);
    let answer = world
        .post("/xapi/statements")
        .json(&batch)
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["batch-distinct-ids"]);
}

#[tokio::test]
async fn an_id_comes_back_in_the_letter_case_it_was_sent_in() {
    let world = World::new().await;
    let upper = ID.to_uppercase();
    assert_eq!(world.stored(&with_id(&upper, 1)).await, [upper.as_str()]);
    let answer = world
        .get("/xapi/statements")
        .query("statementId", ID)
        .send()
        .await
        .expect(200);
    assert_eq!(answer.json()["id"], upper);
}

#[tokio::test]
async fn what_a_sender_claims_of_stored_and_authority_is_replaced() {
    let world = World::new().await;
    let mut claimed = with_id(ID, 1);
    claimed["stored"] = "2013-05-18T05:32:34.804Z".into();
    claimed["authority"] = json!({ "mbox": "mailto:somebody@example.com" });
    world.stored(&claimed).await;
    let answer = world
        .get("/xapi/statements")
        .query("statementId", ID)
        .send()
        .await
        .expect(200);
    let found = answer.json();
    assert_eq!(found["stored"], "2026-03-01T12:00:00.000000Z");
    assert_eq!(found["timestamp"], found["stored"]);
    assert_eq!(
        found["authority"]["account"],
        json!({ "homePage": "https://varde.example.org", "name": "front-end" })
    );
}

#[tokio::test]
async fn what_was_sent_comes_back_character_by_character() {
    let world = World::new().await;
    let sent = r#"{"id":"5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01","verb":{"id":"https://example.org/verbs/scored"},"object":{"id":"https://example.org/courses/welding"},"actor":{"mbox":"mailto:learner-1@example.org"},"result":{"score":{"raw":1.50e1,"min":0.0,"max":20},"extensions":{"https://example.org/x":[null,"",{"a":12345678901234567890.10}]}}}"#;
    let call = world
        .post("/xapi/statements")
        .body("application/json; charset=UTF-8", sent);
    let _ = call.send().await.expect(200);
    let answer = world
        .get("/xapi/statements")
        .query("statementId", ID)
        .send()
        .await
        .expect(200);
    let kept = sent.replacen(&format!(r#""id":"{ID}","#), "", 1);
    let kept = kept.trim_end_matches('}');
    assert!(answer.text().starts_with(kept), "{}", answer.text());
}

#[tokio::test]
async fn other_content_types_than_json_are_refused() {
    let world = World::new().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/jsonx",
    ] {
        let call = world
            .post("/xapi/statements")
            .body(kind, statement(1).to_string());
        let answer = call.send().await.expect(400);
        assert_eq!(answer.rules(), ["content-type"], "{kind}");
    }
}

#[tokio::test]
async fn malformed_json_is_refused_with_its_place() {
    let world = World::new().await;
    let malformed = "{\n  \"actor\": {\"mbox\": \"mailto:learner-1@example.org\",}\n}";
    let call = world
        .post("/xapi/statements")
        .body("application/json", malformed);
    let answer = call.send().await.expect(400);
    assert_eq!(answer.rules(), ["json-syntax"]);
    assert_eq!(answer.json()["faults"][0]["line"], 2);
    for body in ["", "[", "\"{}\"", "12", "nul", "[[]]", "\u{feff}"] {
        let call = world
            .post("/xapi/statements")
            .body("application/json", body);
        let _ = call.send().await.expect(400);
    }
    let call = world
        .post("/xapi/statements")
        .body("application/json", vec![0xff, 0xfe]);
    let _ = call.send().await.expect(400);
}

#[tokio::test]
async fn post_knows_no_parameters() {
    let world = World::new().await;
    let call = world
        .post("/xapi/statements")
        .query("statementId", ID)
        .json(&statement(1));
    assert_eq!(call.send().await.expect(400).rules(), ["parameter-unknown"]);
}

#[tokio::test]
async fn consistent_through_covers_what_was_just_written() {
    let world = World::new().await;
    let answer = world
        .post("/xapi/statements")
        .json(&statement(1))
        .send()
        .await
        .expect(200);
    let through = answer.header(THROUGH).to_owned();
    let read = world.get("/xapi/statements").send().await.expect(200);
    let stored = read.json()["statements"][0]["stored"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(through >= stored, "{through} {stored}");
    assert_eq!(through.len(), "2026-03-01T12:00:00.000000Z".len());
}
