use varde_api_tests::{World, statement};

const ID: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";
const OTHER: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a02";

#[tokio::test]
async fn a_statement_without_an_id_gets_that_of_the_query() {
    let world = World::new().await;
    let call = world
        .put("/xapi/statements")
        .query("statementId", ID)
        .json(&statement(1));
    let answer = call.send().await.expect(204);
    assert!(answer.body.is_empty());
    let answer = world
        .get("/xapi/statements")
        .query("statementId", ID)
        .send()
        .await
        .expect(200);
    assert_eq!(answer.json()["id"], ID);
}

#[tokio::test]
async fn a_statement_with_the_id_of_the_query_is_stored() {
    let world = World::new().await;
    let mut body = statement(1);
    body["id"] = ID.to_uppercase().into();
    let call = world
        .put("/xapi/statements")
        .query("statementId", ID)
        .json(&body);
    let _ = call.send().await.expect(204);
}

#[tokio::test]
async fn a_statement_with_another_id_than_the_query_is_refused() {
    let world = World::new().await;
    let mut body = statement(1);
    body["id"] = OTHER.into();
    let call = world
        .put("/xapi/statements")
        .query("statementId", ID)
        .json(&body);
    assert_eq!(
        call.send().await.expect(400).rules(),
        ["statement-id-agrees"]
    );
    for id in [ID, OTHER] {
        let _ = world
            .get("/xapi/statements")
            .query("statementId", id)
            .send()
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn an_id_in_the_query_is_needed_and_must_be_a_uuid() {
    let world = World::new().await;
    let answer = world
        .put("/xapi/statements")
        .json(&statement(1))
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["parameter-missing"]);
    for id in [
        "",
        "not-an-id",
        &ID[..35],
        &format!("{{{ID}}}"),
        &ID.replace('-', ""),
    ] {
        let call = world
            .put("/xapi/statements")
            .query("statementId", id)
            .json(&statement(1));
        assert_eq!(call.send().await.expect(400).rules(), ["uuid"], "{id}");
    }
}

#[tokio::test]
async fn the_parameter_is_known_in_its_letter_case_only_and_once() {
    let world = World::new().await;
    let call = world
        .put("/xapi/statements")
        .query("StatementId", ID)
        .json(&statement(1));
    let answer = call.send().await.expect(400);
    assert_eq!(answer.rules(), ["parameter-unknown"]);
    assert!(answer.text().contains("statementId"), "{}", answer.text());
    let call = world
        .put("/xapi/statements")
        .query("statementId", ID)
        .query("statementId", ID);
    let answer = call.json(&statement(1)).send().await.expect(400);
    assert_eq!(answer.rules(), ["parameter-repeated"]);
}

#[tokio::test]
async fn an_array_is_refused() {
    let world = World::new().await;
    let call = world.put("/xapi/statements").query("statementId", ID);
    let call = call.json(&serde_json::json!([statement(1)]));
    let _ = call.send().await.expect(400);
}

#[tokio::test]
async fn an_equal_statement_again_changes_nothing_and_a_different_one_is_a_conflict() {
    let world = World::new().await;
    for _ in 0..2 {
        let call = world
            .put("/xapi/statements")
            .query("statementId", ID)
            .json(&statement(1));
        let _ = call.send().await.expect(204);
    }
    let call = world
        .put("/xapi/statements")
        .query("statementId", ID)
        .json(&statement(2));
    let answer = call.send().await.expect(409);
    assert!(!answer.body.is_empty());
    let answer = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(answer.statement_ids(), [ID]);
    assert_eq!(
        answer.json()["statements"][0]["actor"],
        statement(1)["actor"]
    );
}
