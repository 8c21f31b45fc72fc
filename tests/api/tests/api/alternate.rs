use serde_json::json;
use varde_api_tests::{Call, SECRET, World, basic, statement};

const ID: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";
const FORM: &str = "application/x-www-form-urlencoded";

fn form(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect();
    pairs.join("&")
}

fn folded(world: &World, method: &str, fields: &[(&str, &str)]) -> Call {
    let call = world.post(&format!("/xapi/statements?method={method}"));
    call.body(FORM, form(fields))
}

#[tokio::test]
async fn put_get_post_and_delete_travel_in_a_form() {
    let world = World::new().await;
    let body = statement(1).to_string();
    let put = folded(&world, "PUT", &[("statementId", ID), ("content", &body)]);
    let _ = put.send().await.expect(204);
    let post = folded(&world, "POST", &[("content", &body)])
        .send()
        .await
        .expect(200);
    assert_eq!(post.json().as_array().unwrap().len(), 1);
    let get = folded(&world, "GET", &[("limit", "1")])
        .send()
        .await
        .expect(200);
    assert_eq!(get.statement_ids().len(), 1);
    assert!(
        get.json()["more"]
            .as_str()
            .unwrap()
            .starts_with("/xapi/statements?more=")
    );
    let agent = r#"{"mbox":"mailto:learner-1@example.org"}"#;
    let state = |method: &str| world.post(&format!("/xapi/activities/state?method={method}"));
    let about = [
        ("activityId", "https://example.org/a"),
        ("agent", agent),
        ("stateId", "s"),
    ];
    let fields = form(&[&about[..], &[("content", "{\"a\":1}")]].concat());
    let _ = state("PUT").body(FORM, fields).send().await.expect(204);
    let answer = state("GET")
        .body(FORM, form(&about))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (answer.text(), answer.header("content-type")),
        ("{\"a\":1}", "application/json")
    );
    let _ = state("DELETE")
        .body(FORM, form(&about))
        .send()
        .await
        .expect(204);
    let _ = state("GET")
        .body(FORM, form(&about))
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn headers_in_the_form_stand_in_place_of_those_of_the_request() {
    let world = World::new().await;
    let fields = [
        ("Authorization", basic("front-end", SECRET)),
        ("X-Experience-API-Version", "1.0.1".to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("Content-Length", "7".to_owned()),
        ("content", statement(1).to_string()),
    ];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let call = folded(&world, "POST", &fields).without("authorization");
    let answer = call
        .without("x-experience-api-version")
        .send()
        .await
        .expect(200);
    assert_eq!(answer.header("x-experience-api-version"), "1.0.3");
    let wrong = basic("front-end", "not it");
    let _ = folded(&world, "GET", &[("Authorization", &wrong)])
        .send()
        .await
        .expect(401);
    for version in ["0.8", "0.9.5"] {
        let call = folded(&world, "GET", &[("X-Experience-API-Version", version)]);
        assert_eq!(
            call.send().await.expect(400).rules(),
            ["version-header"],
            "{version}"
        );
    }
}

#[tokio::test]
async fn conditions_travel_in_the_form() {
    let world = World::new().await;
    let path = "/xapi/activities/profile?method=PUT";
    let fields = |condition: &'static str| {
        form(&[
            ("activityId", "https://example.org/a"),
            ("profileId", "p"),
            (condition, "*"),
            ("Content-Type", "text/plain"),
            ("content", "abc"),
        ])
    };
    let call = world.post(path).body(FORM, fields("If-Match"));
    let _ = call.send().await.expect(412);
    let call = world.post(path).body(FORM, fields("If-None-Match"));
    let _ = call.send().await.expect(204);
}

#[tokio::test]
async fn it_is_known_by_its_parameter_whatever_the_content_type_says() {
    let world = World::new().await;
    for kind in ["text/plain;charset=UTF-8", "application/json"] {
        let call = world
            .post("/xapi/statements?method=GET")
            .body(kind, form(&[("limit", "1")]));
        let _ = call.send().await.expect(200);
    }
}

#[tokio::test]
async fn the_method_stands_alone_in_the_query_of_a_post() {
    let world = World::new().await;
    let call = world
        .post("/xapi/statements?method=GET&limit=1")
        .body(FORM, "");
    assert_eq!(call.send().await.expect(400).rules(), ["alternate-syntax"]);
    let call = world.put("/xapi/statements?method=GET").json(&statement(1));
    assert_eq!(call.send().await.expect(400).rules(), ["parameter-unknown"]);
    for method in ["get", "PATCH", "OPTIONS", ""] {
        let answer = folded(&world, method, &[]).send().await.expect(400);
        assert_eq!(answer.rules(), ["alternate-syntax"], "{method}");
    }
}

#[tokio::test]
async fn put_and_post_need_content() {
    let world = World::new().await;
    let raw = statement(1).to_string();
    for method in ["PUT", "POST"] {
        let answer = folded(&world, method, &[("statementId", ID)])
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["alternate-syntax"]);
        let target = format!("/xapi/statements?method={method}");
        let answer = world
            .post(&target)
            .body(FORM, raw.clone())
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["alternate-syntax"]);
    }
}

#[tokio::test]
async fn fields_are_held_as_strictly_as_parameters() {
    let world = World::new().await;
    for (fields, rule) in [
        (vec![("foo", "bar")], "parameter-unknown"),
        (vec![("LIMIT", "1")], "parameter-unknown"),
        (vec![("limit", "1"), ("limit", "1")], "parameter-repeated"),
        (vec![("content", "a"), ("content", "b")], "alternate-syntax"),
        (
            vec![("If-Match", "*"), ("if-match", "*")],
            "alternate-syntax",
        ),
        (vec![("Accept-Language", "a\u{0}b")], "alternate-syntax"),
    ] {
        let answer = folded(&world, "GET", &fields).send().await.expect(400);
        assert_eq!(answer.rules(), [rule], "{fields:?}");
    }
}

#[tokio::test]
async fn two_zero_knows_no_alternate_syntax() {
    let world = World::new().await;
    let call = folded(&world, "GET", &[("limit", "1")]).version("2.0.0");
    let _ = call.send().await.expect(400);
    let fields = [("X-Experience-API-Version", "2.0.0")];
    let _ = folded(&world, "GET", &fields).send().await.expect(400);
    let call = world
        .post("/xapi/statements?method=PUT")
        .version("2.0.0")
        .json(&statement(1));
    assert_eq!(call.send().await.expect(400).rules(), ["parameter-unknown"]);
}

#[tokio::test]
async fn parameters_in_a_form_may_be_longer_than_an_address() {
    let world = World::new().await;
    let verb = format!("https://example.org/verbs/{}", "x".repeat(100_000));
    let mut long = statement(1);
    long["verb"]["id"] = json!(verb);
    let ids = world.stored(&long).await;
    let answer = folded(&world, "GET", &[("verb", &verb)])
        .send()
        .await
        .expect(200);
    assert_eq!(answer.statement_ids(), ids);
}
