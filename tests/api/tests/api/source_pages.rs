//! The pages of sources: who sees them, that their figures are the API's, and the test statement.

use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope, Tolerance};

use crate::reader::{FORM, Reader, between, own};
use crate::sources;

const PAGES: [&str; 4] = [
    "/sources",
    "/sources/front-end",
    "/sources.csv",
    "/source-days.csv?name=front-end",
];

#[tokio::test]
async fn sources_are_shown_to_who_reviews_statements() {
    let world = sources::world().await;
    for role in Role::EACH {
        let reader = Reader::of(&world, role).await;
        let sees = matches!(
            role,
            Role::Administrator | Role::DataSteward | Role::Auditor
        );
        for path in PAGES {
            let page = reader.open(path).await.expect(if sees { 200 } else { 403 });
            let text = page.text();
            assert!(!text.contains("argon2") && !text.contains(SECRET), "{path}");
        }
        let account = reader.open("/account").await.expect(200);
        let in_menu = account.text().contains("<li><a href=\"/sources\"");
        assert_eq!(in_menu, sees, "{role}");
        let list = reader.open("/sources").await;
        let sends = list.text().contains("action=\"/test-statements\"");
        assert_eq!(sends, sees && role != Role::Auditor, "{role}");
        if matches!(role, Role::Funder | Role::Learner) {
            continue;
        }
        let overview = reader.open("/").await.expect(200);
        let part = overview.text().contains("What came in");
        assert_eq!(part, sees, "{role}");
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn the_figures_of_the_pages_are_those_of_the_api() {
    let world = sources::world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let told = world.get("/api/v1/sources?name=front-end").send().await;
    let told = told.expect(200).json();
    let totals = &told["sources"][0]["totals"];
    let number = |name: &str| totals[name].as_u64().expect("a number");

    let list = reader.open("/sources").await.expect(200);
    let row = between(list.text(), ">front-end</a>", "</tr>");
    for expected in [
        format!("<td class=\"bar-cell\">{} <svg", number("statements")),
        format!("Repeats: {}", number("repeats")),
        format!("From the future: {}", number("future")),
        format!("Came late: {}", number("late")),
    ] {
        assert!(row.contains(&expected), "{expected} in {row}");
    }
    assert!(
        list.text()
            .contains(&format!("(n = {})", number("statements")))
    );

    let page = reader.open("/sources/front-end").await.expect(200);
    let text = page.text();
    for expected in [
        format!(
            "From the future: {}. These say that they happened more than five minutes",
            number("future")
        ),
        format!(
            "Without a timestamp: {}. The instant",
            number("without_timestamp")
        ),
        "the furthest by 30\u{a0}hours".to_owned(),
        "The key has no tolerances".to_owned(),
        "href=\"/refusals?key=front-end\"".to_owned(),
    ] {
        assert!(text.contains(&expected), "{expected} in {text}");
    }
    let repeats = world
        .get("/api/v1/sources/repeats?name=front-end")
        .send()
        .await;
    for repeat in repeats.expect(200).json()["repeats"]
        .as_array()
        .expect("a list")
    {
        for id in ["statement", "repeats"] {
            let link = format!(
                "href=\"/statements/{}\"",
                repeat[id].as_str().expect("an id")
            );
            assert!(text.contains(&link), "{link}");
        }
    }
    for (csv, path) in [
        ("/sources.csv", "sources"),
        ("/source-days.csv", "sources/days"),
    ] {
        let exported = reader.open(csv).await.expect(200);
        let api = world
            .get(&format!("/api/v1/{path}?format=csv"))
            .send()
            .await;
        // Since then the reader's own key is a source too, in both.
        assert_eq!(exported.text(), api.expect(200).text(), "{csv}");
    }
    let overview = reader.open("/").await.expect(200);
    let part = between(overview.text(), "What came in", "</section>");
    assert!(
        part.contains(&format!("Statements: {}, from", number("statements"))),
        "{part}"
    );
    for list in [
        "/quality/repeats",
        "/quality/uncounted",
        "/refusals?key=front-end",
    ] {
        let _ = reader.open(list).await.expect(200);
    }
    let points = between(overview.text(), "What needs attention", "</section>");
    assert!(
        points.contains(&format!("last 30 days: {}", number("repeats"))),
        "{points}"
    );
}

#[tokio::test]
async fn other_projects_and_odd_names_are_shown_as_they_are() {
    let world = sources::world().await;
    world.key("elsewhere", "merse", &[Scope::All]).await;
    let odd = "<script>alert(1)</script>/?#";
    let key = NewKey {
        scopes: vec![Scope::StatementsWrite],
        tolerances: vec![Tolerance::UnknownParameters],
        ..World::new_key(odd, "sing")
    };
    world.make_key(key).await;
    let reader = Reader::of(&world, Role::Auditor).await;
    let list = reader.open("/sources").await.expect(200);
    assert!(!list.text().contains("elsewhere") && !list.text().contains("<script"));
    let _ = reader.open("/sources/elsewhere").await.expect(404);
    let _ = reader.open("/sources/nobody").await.expect(404);
    let link = between(list.text(), "<a href=\"/sources/%3Cscript", "\"");
    let link = link.replace("&amp;", "&").replace("&#38;", "&");
    let page = reader
        .open(&format!("/sources/%3Cscript{link}"))
        .await
        .expect(200);
    assert!(!page.text().contains("<script"), "{}", page.text());
    assert!(
        page.text()
            .contains("Parameters that the standard does not know are ignored")
    );
    for wrong in ["from=yesterday", "from=2026-03-02&to=2026-03-01", "row=x"] {
        let _ = reader.open(&format!("/sources?{wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn a_list_of_many_sources_goes_on_page_by_page() {
    let world = World::new().await;
    for number in 0..60 {
        let name = format!("lms-{number:02}");
        world.key(&name, "sing", &[Scope::StatementsWrite]).await;
    }
    let reader = Reader::of(&world, Role::Auditor).await;
    let rows = |text: &str| {
        text.matches("<th scope=\"row\"><a href=\"/sources/")
            .count()
    };
    let first = reader.open("/sources").await.expect(200);
    assert_eq!(rows(first.text()), 50);
    let next = between(first.text(), "<a class=\"button second\" href=\"", "\"");
    let next = next.replace("&amp;", "&").replace("&#38;", "&");
    let second = reader.open(&next).await.expect(200);
    assert_eq!(rows(second.text()), 11, "front-end among them");
}

#[tokio::test]
async fn nothing_yet_says_what_to_do_next() {
    let world = World::new().await;
    let auditor = Reader::of_project(&world, Role::Auditor, "empty").await;
    let page = auditor.open("/sources").await.expect(200);
    assert!(page.text().contains("No key may send here yet."));
    assert!(page.text().contains("docs/front-ends.md"));
}

#[tokio::test]
async fn a_test_statement_is_sent_by_a_proved_form_and_shown_as_it_is_stored() {
    let world = World::new().await;
    let steward = Reader::of(&world, Role::DataSteward).await;
    let list = steward.open("/sources").await.expect(200);
    let csrf = between(list.text(), "name=\"csrf\" value=\"", "\"").to_owned();
    let send = async |reader: &Reader<'_>, form: &str| {
        let call = own(world.call(Method::POST, "/test-statements"));
        let call = call.header("cookie", &reader.cookie).body(FORM, form);
        call.send().await
    };
    let stored = async || {
        world.flag_repeats().await;
        let table = world.get("/api/v1/sources").send().await.expect(200).json();
        table["totals"]["statements"].clone()
    };
    for wrong in ["csrf=", "csrf=wrong"] {
        let _ = send(&steward, wrong).await.expect(403);
    }
    let auditor = Reader::of(&world, Role::Auditor).await;
    let account = auditor.open("/account").await.expect(200);
    let theirs = between(account.text(), "name=\"csrf\" value=\"", "\"").to_owned();
    let _ = send(&auditor, &format!("csrf={theirs}")).await.expect(403);
    assert_eq!(stored().await, json!(0));

    let answer = send(&steward, &format!("csrf={csrf}")).await.expect(303);
    let at = answer.header("location").to_owned();
    assert!(at.starts_with("/test-statements/"), "{at}");
    let page = steward.open(&at).await.expect(200);
    assert!(page.text().contains("The test statement is stored"));
    assert!(page.text().contains(&format!("href=\"{at}\"")));
    assert!(page.text().contains("varde-check"));
    assert_eq!(stored().await, Value::from(1));
    let _ = auditor.open(&at).await.expect(404);
    let _ = steward.open("/test-statements/none").await.expect(404);
}
