//! The pages of what is published: what a funder sees, and how it comes there.

use serde_json::json;
use varde_api_tests::{SECRET, World};
use varde_core::Role;

use crate::reader::{Reader, between};
use crate::reports::{JULY, world};

const NEW: &str = "/published/sing/new";

/// A world in which thirteen began, and the report of the first period was submitted.
async fn submitted() -> World {
    let world = world().await;
    for learner in 1..=12 {
        let statement = json!({
            "actor": { "mbox": format!("mailto:learner-{learner}@example.org") },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/initialized" },
            "object": { "id": "https://example.org/scheme" },
        });
        world.stored(&statement).await;
    }
    world.settle().await;
    world.clock.set(JULY);
    for act in ["reports", "reports/submit"] {
        let target = format!("/api/v1/{act}?project=sing&period=2025-06-30");
        let answer = world.post(&target).by("steward", SECRET).send().await;
        assert!(answer.status.is_success(), "{}", answer.text());
    }
    world
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn what_would_be_published_is_shown_first_and_then_what_a_funder_reads() {
    let world = submitted().await;
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let funder = Reader::named(&world, Role::Funder.name(), Role::Funder).await;
    let nothing = funder.open("/published").await.expect(200);
    assert!(
        nothing.text().contains("Nothing is published yet."),
        "{}",
        nothing.text()
    );
    let form = ada.open(NEW).await.expect(200);
    assert!(
        form.text().contains("value=\"RCO85.gender\""),
        "{}",
        form.text()
    );
    let chosen = [("report", "2025-06-30.1"), ("table", "RCO85.gender")];
    let preview = ada
        .send(NEW, &[&chosen[..], &[("act", "preview")]].concat())
        .await
        .expect(200);
    assert!(
        preview.text().contains("What would be published"),
        "{}",
        preview.text()
    );
    assert!(preview.text().contains("13 "), "{}", preview.text());
    let still = funder.open("/published").await.expect(200);
    assert!(
        still.text().contains("Nothing is published yet."),
        "a preview publishes nothing"
    );

    let publish = [&chosen[..], &[("act", "publish")]].concat();
    let published = ada.does(NEW, &publish).await;
    assert!(
        published.text().contains("Everybody may read it now."),
        "{}",
        published.text()
    );
    let page = funder.open("/published?project=sing").await.expect(200);
    assert!(page.text().contains("<strong>13 "), "{}", page.text());
    assert!(
        page.text().contains("href=\"/public/sing\""),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(NEW), "a funder publishes nothing");

    let check = funder.open("/published/sing/1").await.expect(200);
    assert!(
        check
            .text()
            .contains("The report that it rests on is as it was frozen.")
    );
    assert!(
        check.text().contains("The same tables come out"),
        "{}",
        check.text()
    );
    let hash = between(check.text(), "SHA-256 of the release</dt><dd><code>", "<").to_owned();
    let file = funder
        .open("/published/sing/1/release.json")
        .await
        .expect(200);
    assert_eq!(hash, varde_api_tests::sha2(64, &file.body));
    let csv = funder
        .open("/published/sing/1/numbers.csv")
        .await
        .expect(200);
    assert!(csv.text().contains(",RCO85,"), "{}", csv.text());
    let again = ada
        .send(NEW, &[&chosen[..], &[("act", "preview")]].concat())
        .await
        .expect(200);
    assert!(
        again.text().contains("it would reveal something"),
        "{}",
        again.text()
    );
    assert!(again.text().contains("release 1"), "{}", again.text());
    let _ = ada.send(NEW, &publish).await.expect(409);
}

#[tokio::test]
async fn what_is_published_is_for_who_reads_releases_and_published_by_who_manages_reports() {
    let world = submitted().await;
    for role in Role::EACH {
        let reader = Reader::named(&world, role.name(), role).await;
        let reads = role != Role::Learner;
        let manages = matches!(role, Role::Administrator | Role::DataSteward);
        let status = |may: bool| if may { 200 } else { 403 };
        let _ = reader.open("/published").await.expect(status(reads));
        let _ = reader.open(NEW).await.expect(status(manages));
        let form = [("report", "2025-06-30.1"), ("act", "preview")];
        let _ = reader.send(NEW, &form).await.expect(status(manages));
        if reads {
            let _ = reader.open("/published?project=merse").await.expect(404);
            let _ = reader.open("/published/sing/1").await.expect(404);
            let _ = reader.open("/published/sing/none").await.expect(404);
        }
    }
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let _ = ada.open("/published/merse/new").await.expect(404);
    for (report, table) in [
        ("none", ""),
        ("2025-06-30.1", "RCO85"),
        ("2025-06-30.1", "RCO85.name"),
    ] {
        let form = [("report", report), ("table", table), ("act", "preview")];
        let _ = ada.send(NEW, &form).await.expect(400);
    }
    let unproved = ada.post(NEW).body(
        "application/x-www-form-urlencoded",
        "report=2025-06-30.1&act=publish",
    );
    let _ = unproved.send().await.expect(403);
    let public = world.get("/public/sing").send().await;
    let _ = public.expect(404);
}
