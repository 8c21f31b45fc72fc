//! The pages of imports: a file is tried, and then exactly it is imported.

use serde_json::json;
use varde_api_tests::World;
use varde_core::Role;

use crate::reader::{Reader, between};

const GOOD: &[u8] = b"orgnr,role,date\n100000016,partner,2025-01-02\n";
const BAD: &[u8] = b"orgnr,role,date\n100000016,partner,2025-01-02\nnone,partner,soon\n";

async fn statements(world: &World) -> usize {
    let all = world
        .get("/xapi/statements")
        .send()
        .await
        .expect(200)
        .json();
    all["statements"].as_array().expect("statements").len()
}

#[tokio::test]
async fn a_file_is_tried_without_any_change_and_then_imported_to_the_byte() {
    let world = World::new().await;
    let ada = Reader::named(&world, Role::DataSteward.name(), Role::DataSteward).await;
    let tried = ada
        .upload("/imports", &[], ("partners.csv", GOOD))
        .await
        .expect(303);
    let work = tried.header("location").to_owned();
    let page = ada.open(&work).await.expect(200);
    assert!(
        page.text().contains("Nothing was changed."),
        "{}",
        page.text()
    );
    assert!(page.text().contains("partners.csv"), "{}", page.text());
    assert_eq!(statements(&world).await, 0);
    let lines = ada.open(&format!("{work}/lines.csv")).await.expect(200);
    assert!(
        lines.text().contains("partners.csv,,2,"),
        "{}",
        lines.text()
    );

    let import = work.replace("/works/", "/imports/");
    assert!(page.text().contains(&format!("action=\"{import}\"")));
    let done = ada.does(&import, &[]).await;
    assert!(
        done.text().contains("The file is imported."),
        "{}",
        done.text()
    );
    assert_eq!(statements(&world).await, 1);
    let again = ada.does(&import, &[]).await;
    assert!(again.text().contains("unchanged"), "{}", again.text());
    assert_eq!(statements(&world).await, 1);
    // One that was never tried, or is kept no more, has to be tried first.
    let _ = ada.send("/imports/none", &[]).await.expect(404);
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_by_line_and_column_and_nothing_of_it_is_imported() {
    let world = World::new().await;
    let ada = Reader::named(&world, Role::DataSteward.name(), Role::DataSteward).await;
    let tried = ada
        .upload("/imports", &[], ("partners.csv", BAD))
        .await
        .expect(303);
    let work = tried.header("location").to_owned();
    let page = ada.open(&work).await.expect(200);
    let text = page.text();
    assert!(text.contains("it cannot be imported"), "{text}");
    assert!(!text.contains("action=\"/imports/"), "no button");
    let faults = between(text, "<h2 id=\"faults\">", "</table>");
    assert!(faults.contains("<td class=\"number\">3</td>"), "{faults}");
    assert!(
        faults.contains("orgnr") && faults.contains("date"),
        "{faults}"
    );
    let csv = ada.open(&format!("{work}/faults.csv")).await.expect(200);
    assert!(
        csv.text().contains("partners.csv,,3,orgnr,"),
        "{}",
        csv.text()
    );
    let pressed = ada.does(&work.replace("/works/", "/imports/"), &[]).await;
    assert!(
        pressed.text().contains("nothing was changed"),
        "{}",
        pressed.text()
    );
    assert_eq!(statements(&world).await, 0);
}

#[tokio::test]
async fn imports_are_for_who_may_import_and_templates_are_those_of_the_api() {
    let world = World::new().await;
    for role in Role::EACH {
        let reader = Reader::named(&world, role.name(), role).await;
        let may = matches!(role, Role::Administrator | Role::DataSteward);
        let status = if may { 200 } else { 403 };
        let _ = reader.open("/imports").await.expect(status);
        let path = "/imports/templates/people.csv";
        let _ = reader.open(path).await.expect(status);
        let sent = reader.upload("/imports", &[], ("partners.csv", GOOD)).await;
        let _ = sent.expect(if may { 303 } else { 403 });
    }
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    for (page, api) in [
        ("people.csv", "people.csv"),
        ("people.csv?example=yes", "people.csv?example=yes"),
    ] {
        let given = ada
            .open(&format!("/imports/templates/{page}"))
            .await
            .expect(200);
        let told = world.get(&format!("/api/v1/imports/templates/{api}"));
        let told = told.send().await.expect(200);
        assert!(given.body == told.body, "{page}");
    }
    let _ = ada.open("/imports/templates/none.csv").await.expect(404);
    let listed = world
        .get("/api/v1/imports/templates")
        .send()
        .await
        .expect(200)
        .json();
    let page = ada.open("/imports").await.expect(200);
    for table in listed["tables"].as_array().expect("tables") {
        let link = format!(
            "/imports/templates/{}.csv",
            table["name"].as_str().unwrap_or_default()
        );
        assert!(page.text().contains(&link), "{link}");
    }
    assert_eq!(listed["workbook"], json!("varde-import.xlsx"));
}

#[tokio::test]
async fn what_takes_long_says_so_goes_on_when_its_page_is_left_and_is_found_again() {
    let world = World::new().await;
    let ada = Reader::named(&world, Role::DataSteward.name(), Role::DataSteward).await;
    let tried = ada
        .upload("/imports", &[], ("partners.csv", GOOD))
        .await
        .expect(303);
    let tried = tried.header("location").to_owned();
    let _ = ada.open(&tried).await.expect(200);
    let import = tried.replace("/works/", "/imports/");

    let held = world.log.hold().await;
    let begun = ada.send(&import, &[]).await.expect(303);
    let work = begun.header("location").to_owned();
    let page = ada.open(&work).await.expect(200);
    assert_eq!(
        page.header("refresh"),
        "2",
        "the browser asks again by itself"
    );
    assert!(page.text().contains("At work for"), "{}", page.text());
    let _ = ada.open(&format!("{work}/lines.csv")).await.expect(404);
    let found = ada.open("/imports").await.expect(200);
    let link = between(found.text(), &format!("<a href=\"{work}\">"), "</a>");
    assert!(link.contains("going on"), "{link}");
    // So many at a time: the others come back when there is a place.
    for _ in 0..3 {
        let _ = ada.send(&import, &[]).await.expect(303);
    }
    let busy = ada.send(&import, &[]).await.expect(503);
    assert_eq!(busy.header("retry-after"), "1");
    assert_eq!(statements(&world).await, 0);

    drop(held);
    let done = ada.open(&work).await.expect(200);
    assert!(
        done.text().contains("The file is imported."),
        "{}",
        done.text()
    );
    assert_eq!(done.header("refresh"), "");
    assert_eq!(
        statements(&world).await,
        1,
        "the same file four times over is one"
    );
}
