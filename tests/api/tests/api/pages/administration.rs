//! The pages of administration: who sees which, that what they do is done, and that a secret is shown once.

use serde_json::json;
use varde_api_tests::{SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};

use crate::reader::{FORM, PASSWORD, Reader, between, own};

/// Returns the proof of the page that a form stands on.
async fn proof(reader: &Reader<'_>, page: &str) -> String {
    let page = reader.open(page).await.expect(200);
    between(page.text(), "name=\"csrf\" value=\"", "\"").to_owned()
}

/// Makes a key with the role administrator that is nobody's yet.
async fn administrators(world: &World) {
    let key = NewKey {
        role: Some(Role::Administrator),
        scopes: vec![Scope::All],
        ..World::new_key("administrators", "sing")
    };
    world.make_key(key).await;
}

#[tokio::test]
async fn each_page_is_for_its_roles() {
    let world = World::new().await;
    for role in Role::EACH {
        let reader = Reader::of(&world, role).await;
        let is_for = |roles: &[Role]| if roles.contains(&role) { 200 } else { 403 };
        let (administrator, auditor) = (Role::Administrator, Role::Auditor);
        let readers = [administrator, auditor, Role::DataSteward, Role::Evaluator];
        for (page, status) in [
            ("", is_for(&[administrator, auditor])),
            ("/keys", is_for(&[administrator])),
            ("/keys.csv", is_for(&[administrator])),
            ("/keys/new", is_for(&[administrator])),
            ("/key?name=front-end", is_for(&[administrator])),
            ("/key/revoke?name=front-end", is_for(&[administrator])),
            ("/people", is_for(&[administrator])),
            ("/people.csv", is_for(&[administrator])),
            ("/person?name=administrator", is_for(&[administrator])),
            (
                "/person/disable?name=administrator",
                is_for(&[administrator]),
            ),
            ("/audit", is_for(&[administrator, auditor])),
            ("/audit.csv", is_for(&[administrator, auditor])),
            ("/system", is_for(&[administrator, auditor])),
            ("/projects", is_for(&readers)),
            ("/projects.csv", is_for(&readers)),
            ("/definitions", is_for(&readers)),
            ("/definitions.csv", is_for(&readers)),
        ] {
            let path = format!("/administration{page}");
            let answer = reader.open(&path).await;
            assert_eq!(answer.status, status, "{role} {path}");
            if answer.header("content-type").starts_with("text/html") {
                let text = answer.text();
                assert!(
                    !text.contains("<script") && !text.contains(" style="),
                    "{path}"
                );
            }
        }
        let account = reader.open("/account").await.expect(200);
        let in_menu = account.text().contains("href=\"/administration\"");
        assert_eq!(
            in_menu,
            matches!(role, Role::Administrator | Role::Auditor),
            "{role}"
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn a_key_is_made_shown_once_rotated_and_revoked() {
    let world = World::new().await;
    administrators(&world).await;
    let reader = Reader::of(&world, Role::Administrator).await;
    let csrf = proof(&reader, "/administration/keys/new").await;
    let form = format!(
        "csrf={csrf}&name=lms%3Cb%3E&space=sing&role=&scopes=statements%2Fwrite&scopes=state&tolerances=unknown-parameters\
         &reads=&projects=&partner=&person=&national_ids=mask&origins=https%3A%2F%2Fa.example.org+https%3A%2F%2Fb.example.org\
         &requests_per_minute=60&expires=2999-12-31"
    );
    let made = reader
        .send_unproved("/administration/keys", &form)
        .await
        .expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let secret = between(
        made.text(),
        "<pre class=\"text\" tabindex=\"0\"><code>",
        "</code>",
    )
    .to_owned();
    assert!(secret.len() >= 43, "{secret}");
    assert!(!made.text().contains("lms<b>"), "{}", made.text());
    let sent = world.post("/xapi/statements").by("lms<b>", &secret);
    let _ = sent
        .json(&varde_api_tests::statement(1))
        .send()
        .await
        .expect(200);
    let listed = world
        .get("/api/v1/keys")
        .by("administrators", SECRET)
        .send()
        .await;
    let listed = listed.expect(200).json();
    let keys = listed["keys"].as_array().expect("keys");
    let key = keys
        .iter()
        .find(|key| key["name"] == "lms<b>")
        .expect("made");
    for (member, expected) in [
        ("scopes", json!(["statements/write", "state"])),
        (
            "origins",
            json!(["https://a.example.org", "https://b.example.org"]),
        ),
        ("national_ids", json!("mask")),
        ("requests_per_minute", json!(60)),
        ("tolerances", json!({ "unknown-parameters": 0 })),
    ] {
        assert_eq!(key[member], expected, "{key}");
    }
    let name = "lms%3Cb%3E";
    let one = format!("/administration/key?name={name}");
    for page in ["/administration/keys", &one, "/administration/keys.csv"] {
        let page = reader.open(page).await.expect(200);
        assert!(!page.text().contains(&secret), "{}", page.text());
    }
    let csrf = proof(&reader, &one).await;
    let form = format!("csrf={csrf}&name={name}&overlap_hours=0");
    let rotated = reader
        .send_unproved("/administration/key/rotate", &form)
        .await
        .expect(200);
    let newer = between(
        rotated.text(),
        "<pre class=\"text\" tabindex=\"0\"><code>",
        "</code>",
    );
    assert_ne!(newer, secret);
    let _ = world
        .get("/xapi/statements")
        .by("lms<b>", &secret)
        .send()
        .await
        .expect(401);

    let csrf = proof(&reader, &format!("/administration/key/revoke?name={name}")).await;
    let form = format!("csrf={csrf}&name={name}");
    let gone = reader
        .send_unproved("/administration/key/revoke", &form)
        .await
        .expect(303);
    let page = reader.open(gone.header("location")).await.expect(200);
    assert!(
        page.text().contains("The key was revoked."),
        "{}",
        page.text()
    );
    let _ = world
        .get("/xapi/statements")
        .by("lms<b>", newer)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn a_form_without_its_proof_changes_nothing_and_another_projects_things_are_not_there() {
    let world = World::new().await;
    world.key("merse-lms", "merse", &[Scope::All]).await;
    administrators(&world).await;
    let reader = Reader::of(&world, Role::Administrator).await;
    for (path, form) in [
        ("/administration/keys", "name=x&space=sing&scopes=all"),
        (
            "/administration/key/rotate",
            "name=front-end&overlap_hours=0",
        ),
        ("/administration/key/revoke", "name=front-end"),
        (
            "/administration/people",
            "name=eve&password=a+password+for+tests&key=administrators",
        ),
        (
            "/administration/person/password",
            "name=administrator&password=another+password",
        ),
        ("/administration/person/disable", "name=administrator"),
    ] {
        let _ = reader.send_unproved(path, form).await.expect(403);
        let _ = reader
            .send_unproved(path, &format!("csrf=wrong&{form}"))
            .await
            .expect(403);
    }
    let _ = world.get("/xapi/statements").send().await.expect(200);
    let users = world.users.all().await.expect("users");
    assert!(users.iter().all(|user| user.disabled.is_none()) && users.len() == 1);

    let csrf = proof(&reader, "/administration/keys/new").await;
    for (path, form, status) in [
        ("/administration/key/revoke", "name=merse-lms", 404),
        (
            "/administration/key/rotate",
            "name=merse-lms&overlap_hours=1",
            404,
        ),
        (
            "/administration/key/rotate",
            "name=front-end&overlap_hours=x",
            400,
        ),
        ("/administration/keys", "name=x&space=merse&scopes=all", 403),
        (
            "/administration/keys",
            "name=x&space=Not+one&scopes=all",
            400,
        ),
        (
            "/administration/keys",
            "name=x&space=sing&scopes=everything",
            400,
        ),
        (
            "/administration/keys",
            "name=front-end&space=sing&scopes=all",
            409,
        ),
        (
            "/administration/people",
            "name=eve&password=short&key=administrators",
            400,
        ),
        (
            "/administration/people",
            "name=eve&password=a+password+for+tests&key=merse-lms",
            400,
        ),
    ] {
        let answer = reader
            .send_unproved(path, &format!("csrf={csrf}&{form}"))
            .await;
        assert_eq!(answer.status, status, "{path} {form}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    let _ = reader
        .open("/administration/key?name=merse-lms")
        .await
        .expect(404);
    let keys = reader.open("/administration/keys").await.expect(200);
    assert!(!keys.text().contains("merse"), "{}", keys.text());
}

#[tokio::test]
async fn an_account_is_made_signs_in_and_is_disabled() {
    let world = World::new().await;
    administrators(&world).await;
    let reader = Reader::of(&world, Role::Administrator).await;
    let csrf = proof(&reader, "/administration/people").await;
    let form =
        format!("csrf={csrf}&name=eve%3Ci%3E&password=a+password+for+tests&key=administrators");
    let made = reader
        .send_unproved("/administration/people", &form)
        .await
        .expect(303);
    let one = made.header("location").to_owned();
    let page = reader.open(&one).await.expect(200);
    assert!(
        page.text().contains("The account was made."),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("eve<i>"), "{}", page.text());
    let sign_in = |password: &str| {
        let form = format!("name=eve%3Ci%3E&password={}", password.replace(' ', "+"));
        own(world.post("/sign-in")).body(FORM, form).send()
    };
    let _ = sign_in(PASSWORD).await.expect(303);
    let form = format!("csrf={csrf}&name=eve%3Ci%3E&password=another+password");
    let _ = reader
        .send_unproved("/administration/person/password", &form)
        .await
        .expect(303);
    let _ = sign_in(PASSWORD).await.expect(401);
    let _ = sign_in("another password").await.expect(303);
    let form = format!("csrf={csrf}&name=eve%3Ci%3E");
    let gone = reader
        .send_unproved("/administration/person/disable", &form)
        .await
        .expect(303);
    let page = reader.open(gone.header("location")).await.expect(200);
    assert!(
        page.text().contains("The account was disabled."),
        "{}",
        page.text()
    );
    let _ = sign_in("another password").await.expect(401);
    let audit = reader.open("/administration/audit").await.expect(200);
    for told in [
        "user create()",
        "user password()",
        "user disable()",
        "sign in()",
    ] {
        assert!(audit.text().contains(told), "{told}");
    }
    let api = world
        .get("/api/v1/audit")
        .by("administrators", SECRET)
        .send()
        .await;
    let head = api.expect(200).json()["head"]
        .as_str()
        .expect("a hash")
        .to_owned();
    assert!(audit.text().contains(&head), "the figure of the API");
}
