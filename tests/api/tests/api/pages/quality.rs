//! The pages of data quality: who sees them, and that each number is one that the API tells.

use serde_json::{Value, json};
use varde_api_tests::World;
use varde_core::Role;

use super::{Reader, between, world};
use crate::results;

const PAGES: [&str; 10] = [
    "/quality",
    "/quality/unresolved.csv",
    "/quality/coverage.csv",
    "/quality/unresolved/sing/RCR81",
    "/quality/unresolved/sing/RCR81/keys.csv",
    "/quality/uncounted",
    "/quality/uncounted.csv",
    "/quality/repeats",
    "/quality/national-ids",
    "/quality/reports.csv",
];

/// A stranger completes the joint scheme too, twice in the same words; a number stands in a statement.
async fn with_flaws() -> (World, Vec<String>) {
    let (world, _) = world().await;
    let mut stranger = results::scored("99", 0.5, "2026-01-10T09:00:00Z");
    stranger["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/completed");
    stranger["object"]["id"] = json!("https://lms.example.org/course/view.php?id=5");
    let future = results::scored("1", 0.5, "2031-01-10T09:00:00Z");
    let mut number = results::scored("2", 0.5, "2026-01-10T09:00:00Z");
    number["result"]["response"] = json!("13097248022");
    let ids = world
        .stored(&json!([stranger, stranger, future, number]))
        .await;
    world.settle().await;
    world.flag_repeats().await;
    (world, ids)
}

#[tokio::test]
async fn data_quality_is_for_those_who_review_statements() {
    let (world, _) = with_flaws().await;
    for role in Role::EACH {
        let reader = Reader::of(&world, role).await;
        let may = matches!(
            role,
            Role::Administrator | Role::DataSteward | Role::Auditor
        );
        for path in PAGES {
            let page = reader.open(path).await;
            assert_eq!(page.status, if may { 200 } else { 403 }, "{role} {path}");
            assert!(!page.text().contains("13097248022"), "{path}");
        }
        let menu = reader.open("/account").await.expect(200);
        assert_eq!(menu.text().contains("href=\"/quality\""), may, "{role}");
    }
}

#[tokio::test]
async fn who_is_not_in_the_register_is_counted_as_the_api_does_and_leads_to_the_statements() {
    let (world, ids) = with_flaws().await;
    let reader = Reader::of(&world, Role::Auditor).await;
    let told = world
        .get("/api/v1/indicators?project=sing&code=RCR81")
        .send();
    let told = told.await.expect(200).json();
    let indicator = &told["tables"][0]["indicators"][0];
    let (missing, keys) = (&indicator["unresolved"], indicator["keys"].as_array());
    assert_eq!(*missing, Value::from(1), "the test's own stranger");
    let page = reader.open("/quality").await.expect(200);
    let row = between(page.text(), "/quality/unresolved/sing/RCR81", "</tr>");
    let of_n = format!("{missing} of {}", keys.expect("a list").len());
    assert!(row.contains(&of_n), "{row}");
    let list = reader
        .open("/quality/unresolved/sing/RCR81")
        .await
        .expect(200);
    assert!(
        list.text().contains(&format!("/statements/{}", ids[0])),
        "{}",
        list.text()
    );
    assert!(!list.text().contains("p-001"), "{}", list.text());
    let csv = reader
        .open("/quality/unresolved/sing/RCR81/keys.csv")
        .await
        .expect(200);
    assert!(csv.text().contains(&ids[0]), "{}", csv.text());
}

#[tokio::test]
async fn what_is_unknown_in_a_breakdown_is_a_share_of_the_value() {
    let (world, _) = with_flaws().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let told = world.get("/api/v1/indicators?project=sing").send();
    let told = told.await.expect(200).json();
    let csv = reader.open("/quality/coverage.csv").await.expect(200);
    let mut rows = 0;
    for indicator in told["tables"][0]["indicators"].as_array().expect("a list") {
        let measure = indicator["measure"].as_str().expect("a measure");
        if !matches!(measure, "count" | "sum") {
            continue;
        }
        for (dimension, cells) in indicator["breakdowns"].as_object().expect("dimensions") {
            if cells.as_object().expect("cells").is_empty() {
                continue;
            }
            let unknown = cells.get("unknown").cloned().unwrap_or(json!(0));
            let code = indicator["code"].as_str().expect("a code");
            let row = format!("sing,{code},{dimension},{unknown},{}", indicator["value"]);
            assert!(csv.text().contains(&row), "{row} in {}", csv.text());
            rows += 1;
        }
    }
    assert!(rows > 3, "there is something to compare");
    assert_eq!(csv.text().lines().count(), rows + 1);
}

#[tokio::test]
async fn statements_to_look_at_are_those_of_the_api() {
    let (world, ids) = with_flaws().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    for (path, id) in [
        ("/quality/uncounted", &ids[2]),
        ("/quality/repeats", &ids[1]),
        ("/quality/national-ids", &ids[3]),
    ] {
        let page = reader.open(path).await.expect(200);
        let link = format!("href=\"/statements/{id}\"");
        assert!(page.text().contains(&link), "{path}: {}", page.text());
        let csv = reader.open(&format!("{path}.csv")).await.expect(200);
        assert!(csv.text().contains(id.as_str()), "{path}: {}", csv.text());
    }
    let notes = reader.open("/quality/national-ids").await.expect(200);
    assert!(notes.text().contains("result.response"), "{}", notes.text());
    let _ = reader.open("/quality/uncounted?after=x").await.expect(400);
    let _ = reader
        .open("/quality/unresolved/other/RCR81")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_report_says_what_was_corrected_and_a_project_of_others_has_none() {
    let (world, _) = with_flaws().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let none = reader.open("/quality").await.expect(200);
    assert!(none.text().contains("There are no reports yet."));
    let periods = world.get("/api/v1/reports?project=sing").send().await;
    assert_eq!(periods.expect(200).json()["reports"], json!([]));
    let open = world.post("/api/v1/reports?project=sing&period=2025-12-31");
    let opened = open.send().await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    let page = reader.open("/quality").await.expect(200);
    assert!(
        page.text()
            .contains("href=\"/quality/reports/sing/2025-12-31\""),
        "{}",
        page.text()
    );
    let report = reader.open("/quality/reports/sing/2025-12-31").await;
    let report = report.expect(200);
    assert!(
        report.text().contains("Nothing of earlier periods differs"),
        "{}",
        report.text()
    );
    for path in [
        "/quality/reports/other/2025-12-31",
        "/quality/reports/sing/2024-01-01",
        "/quality/reports/sing/soon",
    ] {
        let _ = reader.open(path).await.expect(404);
    }
}
