//! The pages of persons: who sees whom, that a merge does what the API says, and what is told of oneself.

use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::Role;
use varde_core::keys::NewKey;

use super::{Reader, between, world};
use crate::results;

/// Returns the value of an indicator as the API tells it.
async fn value(world: &World, code: &str) -> Value {
    let target = format!("/api/v1/indicators?project=sing&code={code}");
    let told = world.get(&target).send().await.expect(200).json();
    told["tables"][0]["indicators"][0]["value"].clone()
}

/// Returns the queries of the audit log with how many persons each names.
async fn noted(world: &World) -> Vec<(String, usize)> {
    let lines = world.audit().lines(0).await.expect("the log");
    let lines = lines.into_iter().map(|line| line.told);
    lines.map(|told| (told.query, told.persons.len())).collect()
}

fn key(role: Role, name: &str, space: &str) -> NewKey {
    NewKey {
        role: Some(role),
        scopes: role.default_scopes().to_vec(),
        ..World::new_key(name, space)
    }
}

#[tokio::test]
async fn persons_are_shown_to_those_who_look_after_the_register_alone() {
    let (world, _) = world().await;
    for role in Role::EACH {
        let reader = Reader::of(&world, role).await;
        let may = matches!(role, Role::Administrator | Role::DataSteward);
        for path in [
            "/learners",
            "/learners.csv",
            "/learners/p-001",
            "/learners/p-001/timeline.csv",
            "/learners/p-001/counted.csv",
            "/learners/p-001/merge?into=p-002",
            "/learners/p-001/unmerge",
        ] {
            let page = reader.open(path).await;
            assert_eq!(page.status, if may { 200 } else { 403 }, "{role} {path}");
        }
        if !may {
            for (path, form) in [
                ("/learners/find", "identifier=learner-001@example.org"),
                ("/learners/p-001/merge", "into=p-002"),
                ("/learners/p-001/unmerge", "from="),
            ] {
                let _ = reader.send_form(path, form).await.expect(403);
            }
        }
        let menu = reader.open("/account").await.expect(200);
        assert_eq!(menu.text().contains("href=\"/learners\""), may, "{role}");
        let own = menu.text().contains("href=\"/own\"");
        assert_eq!(own, role == Role::Learner, "{role}");
    }
}

#[tokio::test]
async fn a_merge_changes_the_numbers_as_the_api_says_and_taking_it_back_brings_them_back() {
    let (world, _) = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    assert_eq!(value(&world, "RCR81").await, 2);
    let page = reader.open("/learners/p-001").await.expect(200);
    assert!(page.text().contains("action=\"/learners/p%2D001/merge\""));
    let beside = reader.open("/learners/p-001/merge?into=p-002").await;
    let beside = beside.expect(200);
    let preview = "/api/v1/people/merge?person=p-001&into=p-002";
    let preview = world.get(preview).send().await.expect(200).json();
    let shared = preview["shared"].as_array().expect("a list");
    assert!(shared.iter().any(|key| key["code"] == "RCR81"), "{preview}");
    for key in shared {
        let code = key["code"].as_str().expect("a code");
        assert!(beside.text().contains(&format!("<li>{code} ")), "{code}");
    }
    assert_eq!(value(&world, "RCR81").await, 2, "looking changes nothing");

    let unproved = reader.send_unproved("/learners/p-001/merge", "into=p-002");
    let _ = unproved.await.expect(403);
    world.settle().await;
    assert_eq!(value(&world, "RCR81").await, 2, "nothing was changed");

    let merged = reader
        .send_form("/learners/p-001/merge", "into=p-002&from=")
        .await;
    let to = merged.expect(303).header("location").to_owned();
    assert_eq!(to, "/learners/p%2D001?done=merged");
    world.settle().await;
    assert_eq!(value(&world, "RCR81").await, 1);
    let page = reader.open(&to).await.expect(200);
    assert!(
        page.text().contains("p-001 now counts for p-002"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("/learners/p%2D001/unmerge"));
    let other = reader.open("/learners/p-002").await.expect(200);
    assert!(other.text().contains("Counts also for</dt><dd>p-001"));
    let again = reader.open("/learners/p-001/merge?into=p-003").await;
    assert!(
        !again
            .expect(200)
            .text()
            .contains("method=\"post\" action=\"/learners")
    );
    let cycle = reader
        .send_form("/learners/p-002/merge", "into=p-001")
        .await;
    let _ = cycle.expect(409);

    let unproved = reader.send_unproved("/learners/p-001/unmerge", "from=");
    let _ = unproved.await.expect(403);
    let parted = reader.send_form("/learners/p-001/unmerge", "from=").await;
    let to = parted.expect(303).header("location").to_owned();
    world.settle().await;
    assert_eq!(value(&world, "RCR81").await, 2);
    let page = reader.open(&to).await.expect(200);
    assert!(page.text().contains("p-001 counts by themselves again"));
    let lines = noted(&world).await;
    for line in [("people merge()", 2), ("people unmerge()", 1)] {
        let line = (line.0.to_owned(), line.1);
        assert!(lines.contains(&line), "{line:?} in {lines:?}");
    }
}

#[tokio::test]
async fn a_machine_merges_nobody_and_a_day_that_is_none_changes_nothing() {
    let (world, _) = world().await;
    let body = json!({ "person": "p-001", "into": "p-002" });
    let machine = world.post("/api/v1/people/merge").json(&body).send().await;
    let _ = machine.expect(403);
    world
        .make_key(key(Role::DataSteward, "steward", "sing"))
        .await;
    let send = |body: Value| {
        let call = world.post("/api/v1/people/merge").by("steward", SECRET);
        call.json(&body).send()
    };
    let wrong = json!({ "person": "p-001", "into": "p-002", "from": "tomorrow" });
    let _ = send(wrong).await.expect(400);
    let nobody = json!({ "person": "p-001", "into": "p-nobody" });
    let _ = send(nobody).await.expect(404);
    world.settle().await;
    assert_eq!(value(&world, "RCR81").await, 2);
    let merged = send(body).await.expect(200).json();
    assert!(merged["stored"].is_string(), "{merged}");
}

#[tokio::test]
async fn an_identifier_stands_in_no_address_no_error_and_no_line_of_the_log() {
    let (world, _) = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let find = async |identifier: &str| {
        let form = format!("identifier={}", identifier.replace('@', "%40"));
        reader.send_form("/learners/find", &form).await
    };
    for identifier in ["learner-001@example.org", "mailto:learner-001@example.org"] {
        let found = find(identifier).await.expect(303);
        assert_eq!(found.header("location"), "/learners/p%2D001");
    }
    let account = find("account:2|https://lms.example.org").await.expect(303);
    assert_eq!(account.header("location"), "/learners/p%2D002");
    let nobody = find("secret-learner@example.org").await.expect(404);
    assert!(
        nobody.text().contains("No statement that counts"),
        "{}",
        nobody.text()
    );
    assert!(!nobody.text().contains("secret-learner"));
    let wrong = find("secret-learner").await.expect(400);
    assert!(!wrong.text().contains("secret-learner"), "{}", wrong.text());
    let stranger = results::scored("99", 0.5, "2026-01-10T09:00:00Z");
    world.stored(&stranger).await;
    world.settle().await;
    let unknown = find("account:99|https://lms.example.org").await.expect(404);
    assert!(
        unknown.text().contains("identities.csv"),
        "{}",
        unknown.text()
    );
    for page in [
        "/learners",
        "/learners/p-001",
        "/learners/p-001/merge?into=p-002",
    ] {
        let page = reader.open(page).await.expect(200);
        assert!(!page.text().contains("learner-001@"), "{}", page.text());
    }
    for line in world.audit().lines(0).await.expect("the log") {
        let text = serde_json::to_string(&line).expect("JSON");
        assert!(!text.contains("learner"), "{text}");
    }
}

#[tokio::test]
async fn what_is_shown_of_a_person_is_what_the_api_tells() {
    let (world, ids) = world().await;
    let scored = results::scored("1", 0.72, "2026-01-12T09:00:00Z");
    let deciding = world.stored(&scored).await.remove(0);
    world.settle().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let all = world.get("/api/v1/indicators?project=sing").send();
    let all = all.await.expect(200).json();
    for person in ["p-001", "p-002", "p-003"] {
        let target = format!("/api/v1/people/{person}/history");
        let history = world.get(&target).send().await.expect(200).json();
        let mut counted: Vec<String> = Vec::new();
        for indicator in all["tables"][0]["indicators"].as_array().expect("a list") {
            let keys = indicator["keys"].as_array().expect("a list");
            let theirs = keys.iter().filter(|key| key["person"] == person);
            counted.extend(theirs.map(|key| format!("{} {}", indicator["code"], key["day"])));
        }
        let told = history["counted"].as_array().expect("a list");
        let told: Vec<String> = told
            .iter()
            .map(|one| format!("{} {}", one["code"], one["day"]))
            .collect();
        assert_eq!(told, counted, "{person}");
        for one in history["counted"].as_array().expect("a list") {
            assert_eq!(one["title"], "Plan and lead a cooperative", "{one}");
        }
        let page = reader
            .open(&format!("/learners/{person}"))
            .await
            .expect(200);
        let rows = page
            .text()
            .matches("<tr><th scope=\"row\"><a href=\"/indicators/")
            .count();
        assert_eq!(rows, told.len(), "{person}: {}", page.text());
    }
    let page = reader.open("/learners/p-001").await.expect(200);
    let sentence = world
        .get("/api/v1/outcomes/explanation?person=p-001")
        .send()
        .await
        .expect(200)
        .json();
    let sentence = sentence["explanations"][0]["sentences"]["en"].as_str();
    assert!(
        page.text().contains(sentence.expect("a sentence")),
        "{}",
        page.text()
    );
    for id in [&ids[0], &deciding] {
        let link = format!("href=\"/statements/{id}\"");
        assert!(page.text().contains(&link), "{link}");
    }
    assert!(!page.text().contains(&ids[1]), "that is somebody else's");
    let history = world.get("/api/v1/people/p-001/history").send().await;
    let history = history.expect(200).json();
    assert_eq!(history["affiliations"][0]["name"], "Eksempel Verksted");
    assert!(page.text().contains("Eksempel Verksted"), "{}", page.text());
    let csv = reader
        .open("/learners/p-001/timeline.csv")
        .await
        .expect(200);
    assert!(csv.text().contains(&deciding), "{}", csv.text());
    let everybody = reader.open("/learners.csv").await.expect(200);
    assert!(everybody.text().contains("p-007"), "{}", everybody.text());
}

#[tokio::test]
async fn of_another_project_nobody_is_seen_found_or_merged() {
    let (world, _) = world().await;
    let reader = Reader::by(&world, key(Role::DataSteward, "elsewhere", "other")).await;
    let list = reader.open("/learners").await.expect(200);
    assert!(!list.text().contains("p-00"), "{}", list.text());
    assert!(
        !reader
            .open("/learners.csv")
            .await
            .expect(200)
            .text()
            .contains("p-00")
    );
    for path in [
        "/learners/p-001",
        "/learners/p-001/merge?into=p-002",
        "/learners/p-001/unmerge",
    ] {
        let _ = reader.open(path).await.expect(404);
    }
    for (path, form) in [
        (
            "/learners/find",
            "identifier=account:1|https://lms.example.org",
        ),
        ("/learners/p-001/merge", "into=p-002"),
        ("/learners/p-001/unmerge", "from="),
    ] {
        let _ = reader.send_form(path, form).await.expect(404);
    }
    // Of whom there is a statement, and of nobody else.
    let steward = Reader::by(&world, key(Role::DataSteward, "beside", "sing")).await;
    let list = steward.open("/learners").await.expect(200);
    assert!(list.text().contains("p-001") && list.text().contains("p-002"));
    assert!(!list.text().contains("p-003"), "{}", list.text());
}

#[tokio::test]
async fn the_register_is_read_page_by_page_and_by_how_a_pseudonym_begins() {
    let (world, _) = world().await;
    let head = "pseudonym,gender,birth_year_band,nuts3".to_owned();
    let rows = (0..60).map(|number| format!("q-{number:03},,,"));
    let people: Vec<String> = std::iter::once(head).chain(rows).collect();
    let people = people.join("\n");
    world.import(&[("people.csv", &people)]).await;
    let reader = Reader::of(&world, Role::Administrator).await;
    let rows = |text: &str| {
        text.matches("<tr><th scope=\"row\"><a href=\"/learners/")
            .count()
    };
    let first = reader.open("/learners?begins=q-").await.expect(200);
    assert_eq!(rows(first.text()), 50);
    let next = between(first.text(), "<a class=\"button second\" href=\"", "\"");
    let next = next.replace("&amp;", "&").replace("&#38;", "&");
    let second = reader.open(&next).await.expect(200);
    assert_eq!(rows(second.text()), 10);
    let nobody = reader
        .open("/learners?begins=%3Cscript%3E")
        .await
        .expect(200);
    assert!(nobody.text().contains("Nobody in the register fits."));
    assert!(!nobody.text().contains("<script"));
}

#[tokio::test]
async fn what_was_written_is_shown_and_never_run() {
    let (world, _) = world().await;
    let hostile = results::QUIZ
        .replace("version: 1", "version: 2")
        .replace("name: Experiment", "name: \"<script>alert(1)</script>\"");
    world.activate(&hostile).await;
    world
        .stored(&results::scored("1", 0.72, "2026-01-12T09:00:00Z"))
        .await;
    world.settle().await;
    let steward = Reader::of(&world, Role::DataSteward).await;
    let bound = NewKey {
        person: Some(world.person("p-001").await),
        ..key(Role::Learner, "kim", "sing")
    };
    let learner = Reader::by(&world, bound).await;
    for (reader, path) in [(&steward, "/learners/p-001"), (&learner, "/own")] {
        let page = reader.open(path).await.expect(200);
        assert!(
            page.text().contains("&#60;script&#62;alert(1)"),
            "{}",
            page.text()
        );
        assert!(!page.text().contains("<script"), "{}", page.text());
    }
    let nobody = steward.open("/learners/%3Cscript%3E").await.expect(404);
    assert!(!nobody.text().contains("<script"), "{}", nobody.text());
    let into = "/learners/p-001/merge?into=%3Cscript%3E";
    let nobody = steward.open(into).await.expect(404);
    assert!(!nobody.text().contains("<script"), "{}", nobody.text());
}

#[tokio::test]
async fn a_learner_begins_at_their_own_record_and_sees_nothing_of_others() {
    let (world, ids) = world().await;
    world
        .stored(&results::scored("1", 0.72, "2026-01-12T09:00:00Z"))
        .await;
    world.settle().await;
    let bound = NewKey {
        person: Some(world.person("p-001").await),
        ..key(Role::Learner, "kim", "sing")
    };
    let learner = Reader::by(&world, bound).await;
    let home = learner.open("/").await.expect(303);
    assert_eq!(home.header("location"), "/own");
    let page = learner.open("/own").await.expect(200);
    let text = page.text();
    for said in [
        "p-001",
        &ids[0],
        "RCR81",
        "Plan and lead a cooperative",
        "account at https://lms.example.org",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let told = world.get("/api/v1/own/outcomes").by("kim", SECRET).send();
    let told = told.await.expect(200).json();
    let sentence = told["explanations"][0]["sentences"]["en"].as_str();
    assert!(text.contains(sentence.expect("a sentence")), "{text}");
    for others in [
        "p-002",
        &ids[1],
        "course/view.php",
        "href=\"/statements",
        "href=\"/indicators",
        "href=\"/learners",
    ] {
        assert!(!text.contains(others), "{others}: {text}");
    }
    for path in [
        "/statements",
        "/learners",
        "/learners/p-001",
        "/indicators/sing/RCR81",
    ] {
        let _ = learner.open(path).await.expect(403);
    }
    // What the page offers to download, the cookie opens.
    for link in [
        "/api/v1/own/record",
        "/api/v1/own/record?format=html&language=en",
    ] {
        let record = learner.open(link).await.expect(200);
        assert!(record.text().contains(&ids[0]) && !record.text().contains(&ids[1]));
    }
    let unbound = Reader::of(&world, Role::Learner).await;
    let page = unbound.open("/own").await.expect(404);
    assert!(
        page.text().contains("not bound to anybody"),
        "{}",
        page.text()
    );
    let steward = Reader::of(&world, Role::DataSteward).await;
    let _ = steward.open("/own").await.expect(403);
}
