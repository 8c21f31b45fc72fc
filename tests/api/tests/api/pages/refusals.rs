//! The page of refused requests: who sees it, what it says, and that nothing on it was sent.

use serde_json::json;
use varde_api_tests::{SECRET, World, statement};
use varde_core::{Role, Scope};

use super::Reader;

async fn world() -> World {
    let world = World::new().await;
    world.key("merse-lms", "merse", &[Scope::All]).await;
    let mut wrong = statement(1);
    wrong["actor"] = json!({ "mbox": "kari@example.org", "name": "Kari" });
    wrong["<script>alert(1)</script>"] = json!(1);
    for key in ["front-end", "merse-lms"] {
        let sent = world.post("/xapi/statements").by(key, SECRET).json(&wrong);
        let _ = sent.send().await.expect(400);
    }
    let profile = "/xapi/activities/profile?activityId=https://example.org/a&profileId=p";
    let _ = world
        .put(profile)
        .body("text/plain", "x")
        .send()
        .await
        .expect(400);
    world.refusals.record().await.expect("recorded");
    world
}

#[tokio::test]
async fn notes_are_shown_to_who_looks_after_statements_with_the_mend_and_without_what_was_sent() {
    let world = world().await;
    for role in Role::EACH {
        let reader = Reader::of(&world, role).await;
        let told = matches!(
            role,
            Role::Administrator | Role::DataSteward | Role::Auditor
        );
        let page = reader
            .open("/refusals")
            .await
            .expect(if told { 200 } else { 403 });
        let _ = reader
            .open("/refusals.csv")
            .await
            .expect(if told { 200 } else { 403 });
        if !told {
            continue;
        }
        let text = page.text();
        for shown in [
            "front-end",
            "POST /xapi/statements",
            "$.actor.mbox",
            "xAPI 1.0.3 Data",
            "unconditional-profiles",
        ] {
            assert!(text.contains(shown), "{shown} in {text}");
        }
        for hidden in ["merse", "kari", "Kari", "<script", "alert(1)"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        assert!(text.contains("href=\"/refusals\" aria-current"), "{text}");
        let api = world.get("/api/v1/refusals").send().await;
        let notes = api.expect(200).json()["items"].as_array().map(Vec::len);
        assert_eq!(notes, Some(text.matches("<article").count()));
    }
}

#[tokio::test]
async fn a_key_is_a_filter_in_the_address_and_no_other_projects_key_is_there() {
    let world = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let page = reader.open("/refusals?key=front-end").await.expect(200);
    assert!(page.text().contains("value=\"front-end\""));
    assert!(
        page.text()
            .contains("href=\"/refusals.csv?key=front%2Dend\""),
        "{}",
        page.text()
    );
    for nobody in ["merse-lms", "nobody"] {
        let page = reader
            .open(&format!("/refusals?key={nobody}"))
            .await
            .expect(200);
        assert!(
            page.text()
                .contains("None of your projects has a key of this name.")
        );
        let _ = reader
            .open(&format!("/refusals.csv?key={nobody}"))
            .await
            .expect(404);
    }
    let _ = reader.open("/refusals?from=x").await.expect(400);
    let csv = reader.open("/refusals.csv?key=front-end").await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.text().contains("$.actor.mbox"), "{}", csv.text());
}

#[tokio::test]
async fn long_lists_lead_on() {
    let world = World::new().await;
    for rank in 0..60 {
        let target = format!(
            "/xapi/statements?registration=x{}",
            "&registration=x".repeat(rank % 2)
        );
        let key = format!("lms-{rank:02}");
        world.key(&key, "sing", &[Scope::All]).await;
        let _ = world.get(&target).by(&key, SECRET).send().await.expect(400);
    }
    world.refusals.record().await.expect("recorded");
    let reader = Reader::of(&world, Role::Auditor).await;
    let first = reader.open("/refusals").await.expect(200);
    assert_eq!(first.text().matches("<article").count(), 50);
    assert!(
        first.text().contains("href=\"/refusals?from=50\""),
        "{}",
        first.text()
    );
    let second = reader.open("/refusals?from=50").await.expect(200);
    assert_eq!(second.text().matches("<article").count(), 10);
}
