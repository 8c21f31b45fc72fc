use serde_json::{Value, json};
use varde_api_tests::World;

fn rich() -> Value {
    json!({
        "actor": { "objectType": "Group", "name": "Team", "mbox": "mailto:team@example.org",
            "member": [{ "name": "A Learner", "mbox": "mailto:learner-1@example.org" }] },
        "verb": { "id": "https://example.org/verbs/finished",
            "display": { "en": "finished", "nb": "fullførte", "sv": "slutförde" } },
        "object": { "id": "https://example.org/courses/welding", "definition": {
            "name": { "en": "Welding", "sv": "Svetsning" },
            "extensions": { "https://example.org/x": { "en": 1, "sv": 2 } } } },
        "result": { "success": true },
    })
}

async fn rendered(world: &World, id: &str, format: &str, languages: &str) -> Value {
    let call = world
        .get("/xapi/statements")
        .query("statementId", id)
        .query("format", format);
    let answer = call
        .header("accept-language", languages)
        .send()
        .await
        .expect(200);
    let single = answer.json();
    let call = world
        .get("/xapi/statements")
        .query("format", format)
        .query("limit", "1");
    let list = call
        .header("accept-language", languages)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(list["statements"][0], single);
    single
}

#[tokio::test]
async fn exact_is_as_sent_whatever_language_is_wanted() {
    let world = World::new().await;
    let id = world.stored(&rich()).await.remove(0);
    let found = rendered(&world, &id, "exact", "sv").await;
    for member in ["actor", "verb", "object", "result"] {
        assert_eq!(found[member], rich()[member]);
    }
}

#[tokio::test]
async fn ids_keep_only_what_identifies() {
    let world = World::new().await;
    let id = world.stored(&rich()).await.remove(0);
    let found = rendered(&world, &id, "ids", "sv").await;
    let group = json!({ "objectType": "Group", "mbox": "mailto:team@example.org" });
    assert_eq!(found["actor"], group);
    assert_eq!(
        found["verb"],
        json!({ "id": "https://example.org/verbs/finished" })
    );
    assert_eq!(
        found["object"],
        json!({ "id": "https://example.org/courses/welding" })
    );
    assert_eq!(found["result"], rich()["result"]);
    assert_eq!(found["id"], id.as_str());
}

#[tokio::test]
async fn canonical_picks_one_language_per_map() {
    let world = World::new().await;
    let id = world.stored(&rich()).await.remove(0);
    for (languages, display, name) in [
        (
            "sv, en;q=0.5",
            json!({ "sv": "slutförde" }),
            json!({ "sv": "Svetsning" }),
        ),
        (
            "nb, en;q=0.5",
            json!({ "nb": "fullførte" }),
            json!({ "en": "Welding" }),
        ),
        (
            "en-GB",
            json!({ "en": "finished" }),
            json!({ "en": "Welding" }),
        ),
        ("", json!({ "en": "finished" }), json!({ "en": "Welding" })),
    ] {
        let found = rendered(&world, &id, "canonical", languages).await;
        assert_eq!(found["verb"]["display"], display, "{languages}");
        assert_eq!(found["object"]["definition"]["name"], name, "{languages}");
        let extensions = &rich()["object"]["definition"]["extensions"];
        assert_eq!(&found["object"]["definition"]["extensions"], extensions);
        assert_eq!(found["actor"], rich()["actor"]);
    }
}

#[tokio::test]
async fn a_more_link_keeps_the_format() {
    let world = World::new().await;
    world.stored(&json!([rich(), rich()])).await;
    let first = world
        .get("/xapi/statements?limit=1&format=ids")
        .send()
        .await
        .expect(200);
    let more = first.json()["more"].as_str().unwrap().to_owned();
    let second = world.get(&more).send().await.expect(200).json();
    let object = &second["statements"][0]["object"];
    assert_eq!(
        object,
        &json!({ "id": "https://example.org/courses/welding" })
    );
}
