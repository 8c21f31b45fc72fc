//! What is learned of agents and activities, and what is not.

use serde_json::{Value, json};
use varde_api_tests::{World, statement};

const ID: &str = "https://example.org/courses/welding";

fn about(id: &str, definition: &Value) -> Value {
    let mut about = statement(1);
    about["object"] = json!({ "id": id, "definition": definition });
    about
}

async fn definition(world: &World, id: &str) -> Value {
    let call = world.get("/xapi/activities").query("activityId", id);
    call.send().await.expect(200).json()["definition"].clone()
}

#[tokio::test]
async fn agents_of_one_name_stay_apart() {
    let world = World::new().await;
    let agents = [
        json!({ "name": "A Learner", "mbox": "mailto:learner-1@example.org" }),
        json!({ "name": "A Learner", "account": { "homePage": "https://lms.example.org", "name": "1" } }),
    ];
    for agent in &agents {
        let mut told = statement(1);
        told["actor"] = agent.clone();
        world.stored(&told).await;
    }
    for (agent, known) in agents.iter().zip(["mbox", "account"]) {
        let call = world.get("/xapi/agents").query("agent", &agent.to_string());
        let person = call.send().await.expect(200).json();
        let expected =
            json!({ "objectType": "Person", "name": ["A Learner"], known: [agent[known]] });
        assert_eq!(person, expected);
    }
}

#[tokio::test]
async fn a_whole_definition_comes_back_as_it_was_sent() {
    let world = World::new().await;
    for interaction in [
        json!({ "interactionType": "choice", "correctResponsesPattern": ["a[,]b"],
            "choices": [{ "id": "a", "description": { "en": "A", "sv": "Å" } }, { "id": "b" }] }),
        json!({ "interactionType": "likert", "scale": [{ "id": "1" }, { "id": "2" }] }),
        json!({ "interactionType": "matching", "source": [{ "id": "1" }], "target": [{ "id": "a" }] }),
        json!({ "interactionType": "performance", "steps": [{ "id": "1" }] }),
        json!({ "interactionType": "numeric", "correctResponsesPattern": ["1[:]2"] }),
    ] {
        let id = format!("{ID}/{}", interaction["interactionType"].as_str().unwrap());
        let mut whole = interaction;
        whole["name"] = json!({ "en": "Welding", "nb": "Sveising" });
        whole["description"] = json!({ "en": "Joining metal" });
        whole["type"] = "https://example.org/types/question".into();
        whole["moreInfo"] = "https://example.org/more".into();
        whole["extensions"] = json!({ "https://example.org/x": [null, { "en": 1.5 }, ""] });
        world.stored(&about(&id, &whole)).await;
        assert_eq!(definition(&world, &id).await, whole);
    }
}

#[tokio::test]
async fn the_latest_text_of_a_language_counts() {
    let world = World::new().await;
    world
        .stored(&about(
            ID,
            &json!({ "name": { "en": "Welding", "sv": "Svets" } }),
        ))
        .await;
    world.clock.advance(1_000_000);
    world
        .stored(&about(ID, &json!({ "name": { "sv": "Svetsning" } })))
        .await;
    let expected = json!({ "name": { "en": "Welding", "sv": "Svetsning" } });
    assert_eq!(definition(&world, ID).await, expected);
}

#[tokio::test]
async fn activities_in_the_context_and_in_sub_statements_are_learned_from() {
    let world = World::new().await;
    let named = |part: &str| json!({ "id": format!("{ID}/{part}"), "definition": { "name": { "en": part } } });
    let mut inner = about(ID, &json!({}));
    inner["objectType"] = "SubStatement".into();
    inner["object"] = named("told");
    inner["context"] = json!({ "contextActivities": { "other": [named("beside")] } });
    let mut outer = statement(1);
    outer["object"] = inner;
    outer["context"] = json!({ "contextActivities": { "parent": named("parent") } });
    world.stored(&outer).await;
    for part in ["told", "beside", "parent"] {
        let found = definition(&world, &format!("{ID}/{part}")).await;
        assert_eq!(found, named(part)["definition"], "{part}");
    }
}
