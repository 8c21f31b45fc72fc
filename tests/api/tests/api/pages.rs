//! The pages for people: who sees which, that their figures are the API's, and what they refuse.

mod administration;
mod competences;
mod people;
mod quality;
mod refusals;

use serde_json::{Value, json};
use varde_api_tests::{Answer, SECRET, World};
use varde_core::Role;

use crate::reader::{FORM, own};
pub(crate) use crate::reader::{Reader, between};
use crate::results;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A world in which two learners completed a joint scheme.
async fn world() -> (World, Vec<String>) {
    let world = results::world().await;
    let completed = |account: &str| {
        json!({
            "actor": { "account": { "homePage": "https://lms.example.org", "name": account } },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/completed", "display": { "en": "completed <b>it</b>" } },
            "object": { "id": "https://lms.example.org/course/view.php?id=5", "definition": { "name": { "en": "<script>alert(1)</script>" } } },
            "timestamp": "2026-01-10T09:00:00Z",
        })
    };
    let ids = world.stored(&json!([completed("1"), completed("2")])).await;
    world.settle().await;
    (world, ids)
}

#[tokio::test]
async fn each_page_is_shown_to_the_roles_that_may_read_what_is_on_it() {
    let (world, ids) = world().await;
    let one = format!("/statements/{}", ids[0]);
    for role in Role::EACH {
        let reader = Reader::of(&world, role).await;
        let (results, statements) = match role {
            Role::Administrator | Role::DataSteward | Role::Auditor => (200, 200),
            Role::Evaluator => (200, 403),
            Role::Funder | Role::Learner => (303, 403),
        };
        let home = reader.open("/").await.expect(results);
        if results == 303 {
            let begins = if role == Role::Learner {
                "/own"
            } else {
                "/published"
            };
            assert_eq!(home.header("location"), begins);
        }
        let forbidden = if results == 303 { 403 } else { 200 };
        for path in ["/indicators/sing/RCO85", "/indicators.csv", "/keys.csv"] {
            let _ = reader.open(path).await.expect(forbidden);
        }
        for path in ["/statements", &one] {
            let _ = reader.open(path).await.expect(statements);
        }
        let account = reader.open("/account").await.expect(200);
        // What is in the menu is what may be opened.
        let menu = account.text();
        assert_eq!(
            menu.contains("href=\"/statements\""),
            statements == 200,
            "{role}"
        );
        assert_eq!(menu.contains("<li><a href=\"/\""), results == 200, "{role}");
    }
}

#[tokio::test]
async fn an_indicator_is_told_as_it_was_known_and_a_statement_with_what_it_counts_for() {
    let (world, ids) = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    for (known_on, value) in [("2000-01-01", "0"), ("2100-01-01", "2"), ("", "2")] {
        let path = format!("/indicators/sing/RCR81?known_on={known_on}");
        let page = reader.open(&path).await.expect(200);
        let told = between(page.text(), "<p class=\"figure\"><strong>", "</strong>");
        assert_eq!(told, value, "{known_on}");
    }
    let one = &ids[0];
    let target = format!("/api/v1/indicators?statement={one}");
    let told = world.get(&target).send().await.expect(200).json();
    let indicators = told["tables"][0]["indicators"].as_array().expect("a list");
    let page = reader.open(&format!("/statements/{one}")).await.expect(200);
    let counts = between(page.text(), "id=\"counts\"", "</table>");
    assert!(!indicators.is_empty());
    for indicator in indicators {
        let code = indicator["code"].as_str().expect("a code");
        assert!(
            counts.contains(&format!("/indicators/sing/{code}?")),
            "{code}"
        );
        let keys = indicator["keys"].as_array().expect("a list");
        assert_eq!(
            keys.len(),
            1,
            "{code}: of the other statement nothing is told"
        );
        assert_eq!(keys[0]["statements"], json!([one]));
    }
    let nobodys = "/api/v1/indicators?statement=00000000-0000-4000-8000-000000000000";
    let told = world.get(nobodys).send().await.expect(200).json();
    assert_eq!(told["tables"], json!([]));
}

#[tokio::test]
async fn a_number_is_the_one_of_the_api_and_leads_to_its_statements() {
    let (world, ids) = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let told = world
        .get("/api/v1/indicators?project=sing&code=RCR81")
        .send();
    let told = told.await.expect(200).json();
    let value = &told["tables"][0]["indicators"][0]["value"];
    assert_eq!(*value, Value::from(2), "the test's own learners");

    let home = reader.open("/").await.expect(200);
    let link = between(
        home.text(),
        "<th scope=\"row\"><a href=\"/indicators/sing/RCR81",
        "\"",
    );
    let label = format!("RCR81{link}\">RCR81 = {value}</a>");
    assert!(home.text().contains(&label), "{label}");
    let link = link.replace("&amp;", "&");
    let page = reader
        .open(&format!("/indicators/sing/RCR81{link}"))
        .await
        .expect(200);
    let text = page.text();
    assert!(
        text.contains(&format!("<strong>{value}</strong>")),
        "{text}"
    );
    for id in &ids {
        let link = format!("href=\"/statements/{id}\"");
        assert!(text.contains(&link), "{link}");
        let statement = reader.open(&format!("/statements/{id}")).await.expect(200);
        assert!(statement.text().contains(id.as_str()));
    }
    let csv = reader.open("/keys.csv").await.expect(200);
    assert!(csv.text().contains("RCR81"), "{}", csv.text());
}

#[tokio::test]
async fn what_was_sent_is_shown_and_never_run() {
    let (world, ids) = world().await;
    let reader = Reader::of(&world, Role::Auditor).await;
    for path in ["/statements".to_owned(), format!("/statements/{}", ids[0])] {
        let page = reader.open(&path).await.expect(200);
        let text = page.text();
        assert!(!text.contains("<script"), "{path}: {text}");
        assert!(text.contains("&#60;script&#62;alert(1)"), "{path}: {text}");
        assert!(!text.contains("<b>it"), "{path}: {text}");
    }
    let page = reader
        .open("/statements?verb=%3Cscript%3E")
        .await
        .expect(400);
    assert!(!page.text().contains("<script"), "{}", page.text());
}

#[tokio::test]
async fn a_page_loads_nothing_but_its_own_style_and_is_kept_by_no_cache() {
    let (world, ids) = world().await;
    let reader = Reader::of(&world, Role::Administrator).await;
    let one = format!("/statements/{}", ids[0]);
    let paths = [
        "/",
        "/indicators/sing/RCO85",
        "/statements",
        &one,
        "/account",
    ];
    let error = reader.open("/indicators/sing/NONE1").await.expect(404);
    assert_eq!(error.header("content-security-policy"), POLICY);
    for path in paths {
        let page = reader.open(path).await.expect(200);
        assert_eq!(page.header("content-security-policy"), POLICY, "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        let text = page.text();
        for inline in [" style=", "<style", "<script", "javascript:", " onclick"] {
            assert!(!text.contains(inline), "{path} has {inline}");
        }
        let style = between(text, "rel=\"stylesheet\" href=\"", "\"");
        let sheet = world.get(style).without("authorization").send().await;
        assert_eq!(
            sheet.expect(200).header("content-type"),
            "text/css; charset=utf-8"
        );
    }
}

#[tokio::test]
async fn whoever_is_signed_out_is_led_to_sign_in() {
    let (world, _) = world().await;
    for path in [
        "/",
        "/indicators/sing/RCO85",
        "/statements",
        "/account",
        "/keys.csv",
    ] {
        let answer = own(world.get(path)).send().await.expect(303);
        assert_eq!(answer.header("location"), "/sign-in", "{path}");
        let key = world.get(path).send().await.expect(303);
        assert_eq!(
            key.header("location"),
            "/sign-in",
            "no key opens a page: {path}"
        );
    }
}

#[tokio::test]
async fn another_project_has_no_page_and_an_error_is_one() {
    let (world, _) = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    for path in [
        "/indicators/other/RCO85",
        "/indicators/sing/RCO99",
        "/indicators/sing/%3Cb%3E",
        "/statements/none",
    ] {
        let page = reader.open(path).await.expect(404);
        assert_eq!(
            page.header("content-type"),
            "text/html; charset=utf-8",
            "{path}"
        );
        assert!(
            page.text().contains("There is no such thing here."),
            "{path}"
        );
    }
    let page = reader.open("/?as_of=yesterday").await.expect(400);
    assert!(
        page.text().contains("expected a day such as 2026-11-23"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_language_that_was_chosen_stays_and_leads_to_our_own_pages_alone() {
    let (world, _) = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let choose = |back: &str| {
        let form = format!("language=sv&back={back}");
        own(world.post("/language")).body(FORM, form).send()
    };
    let chosen = choose("/statements").await.expect(303);
    assert_eq!(chosen.header("location"), "/statements");
    let cookie = "__Host-varde-language=sv";
    assert_eq!(
        chosen.header("set-cookie"),
        format!("{cookie}; Path=/; Secure; HttpOnly; SameSite=Lax")
    );
    for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        assert_eq!(choose(elsewhere).await.expect(303).header("location"), "/");
    }
    let both = format!("{}; {cookie}", reader.cookie);
    let page = own(world.get("/")).header("cookie", &both);
    let page = page
        .header("accept-language", "nb")
        .send()
        .await
        .expect(200);
    assert_eq!(page.header("content-language"), "sv");
    assert!(page.text().contains("<html lang=\"sv\">"));
    assert!(page.text().contains("Översikt"));
    let foreign = own(world.post("/language")).header("sec-fetch-site", "cross-site");
    let _ = foreign
        .body(FORM, "language=sv&back=/")
        .send()
        .await
        .expect(403);
}

#[tokio::test]
async fn statements_are_found_by_what_they_are_and_page_by_page() {
    let (world, _) = world().await;
    let reader = Reader::of(&world, Role::Auditor).await;
    let more: Vec<Value> = (0..60)
        .map(|number| results::scored(&number.to_string(), 0.5, "2026-01-10T09:00:00Z"))
        .collect();
    world.stored(&json!(more)).await;
    let rows = |page: &Answer| {
        page.text()
            .matches("<tr><td><a href=\"/statements/")
            .count()
    };
    let verb = "/statements?verb=http://adlnet.gov/expapi/verbs/completed&agent=&since=";
    assert_eq!(rows(&reader.open(verb).await.expect(200)), 2);
    let first = reader.open("/statements").await.expect(200);
    assert_eq!(rows(&first), 50);
    let next = between(first.text(), "<a class=\"button second\" href=\"", "\"")
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let second = reader.open(&next).await.expect(200);
    assert_eq!(rows(&second), 12);
    let nobody = reader
        .open("/statements?agent=nobody@example.org")
        .await
        .expect(200);
    assert!(nobody.text().contains("No statement fits."));
    let _ = world
        .get("/api/v1/rules")
        .by(Role::Auditor.name(), SECRET)
        .send()
        .await
        .expect(200);
}
