use varde_api_tests::World;

#[tokio::test]
async fn about_answers_without_credentials_and_without_a_version() {
    let world = World::new().await;
    let call = world.get("/xapi/about").without("authorization");
    let answer = call
        .without("x-experience-api-version")
        .send()
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let versions = answer.json()["version"].clone();
    for version in ["1.0.1", "1.0.3", "2.0.0"] {
        assert!(
            versions.as_array().unwrap().contains(&version.into()),
            "{version}: {versions}"
        );
    }
    assert!(answer.json()["extensions"].is_object());
}

#[tokio::test]
async fn about_refuses_parameters_that_it_does_not_know() {
    let world = World::new().await;
    let answer = world.get("/xapi/about?foo=bar").send().await.expect(400);
    assert_eq!(answer.rules(), ["parameter-unknown"]);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let world = World::new().await;
    let got = world.get("/xapi/about").send().await.expect(200);
    let head = world
        .call(axum::http::Method::HEAD, "/xapi/about")
        .send()
        .await
        .expect(200);
    assert!(head.body.is_empty());
    for name in ["content-type", "content-length", "x-experience-api-version"] {
        assert_eq!(head.header(name), got.header(name), "{name}");
    }
}
