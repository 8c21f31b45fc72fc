//! Tokens of issuers that are trusted: whom they let in, and as what.

use serde_json::{Value, json};
use varde_api_tests::{Answer, Call, KnownTokens, World, basic, statement};
use varde_core::keys::NewKey;
use varde_core::tokens::VerifiedToken;
use varde_core::{Role, Scope};

const ISSUER: &str = "https://login.example.org/north";

/// A world with a key that an issuer acts through.
async fn world(scopes: &[Scope]) -> World {
    let world = World::new().await;
    let key = NewKey {
        scopes: scopes.to_vec(),
        ..World::new_key("north", "sing")
    };
    world.make_key(key).await;
    world
}

fn trust(world: &World, text: &str, subject: &str, scopes: &[Scope]) {
    let token = VerifiedToken {
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        key: "north".to_owned(),
        scopes: scopes.to_vec(),
    };
    world.tokens.add(text, token);
}

async fn send(call: Call, token: &str) -> Answer {
    call.bearing(token).send().await
}

#[tokio::test]
async fn each_subject_writes_as_itself_and_reads_its_own() {
    let scopes = [Scope::StatementsWrite, Scope::StatementsReadMine];
    let world = world(&scopes).await;
    for subject in ["one", "two"] {
        trust(&world, subject, subject, &scopes);
        let post = world.post("/xapi/statements").json(&statement(1));
        let id = send(post, subject).await.expect(200).json();
        let page = send(world.get("/xapi/statements"), subject)
            .await
            .expect(200);
        assert_eq!(page.statement_ids(), [id[0].as_str().expect("an id")]);
        let authority = json!({
            "objectType": "Agent", "account": { "homePage": ISSUER, "name": subject },
        });
        assert_eq!(page.json()["statements"][0]["authority"], authority);
    }
    let all = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(
        all.statement_ids().len(),
        2,
        "they write into the space of the key"
    );
}

#[tokio::test]
async fn a_token_narrows_what_its_key_may_and_never_widens_it() {
    let statements = [Scope::StatementsWrite, Scope::StatementsRead];
    for (key, token, reads, writes) in [
        (&statements[..], &[Scope::All][..], 403, 403),
        (&statements, &[Scope::StatementsWrite], 403, 200),
        (&statements, &[Scope::StatementsReadMine], 200, 403),
        (&statements, &[], 403, 403),
        (&[Scope::All], &statements, 200, 200),
        (&[Scope::AllRead], &statements, 200, 403),
    ] {
        let world = world(key).await;
        trust(&world, "token", "one", token);
        let read = send(world.get("/xapi/statements"), "token").await;
        assert_eq!(read.status, reads, "{key:?} {token:?}");
        let post = world.post("/xapi/statements").json(&statement(1));
        assert_eq!(
            send(post, "token").await.status,
            writes,
            "{key:?} {token:?}"
        );
    }
}

#[tokio::test]
async fn a_token_has_the_role_and_the_projects_of_its_key() {
    let world = World::new().await;
    let key = NewKey {
        scopes: vec![Scope::All],
        role: Some(Role::Auditor),
        ..World::new_key("north", "sing")
    };
    world.make_key(key).await;
    trust(&world, "token", "one", &[Scope::All]);
    let _ = send(world.get("/api/v1/outcomes"), "token")
        .await
        .expect(200);
    let post = world.post("/xapi/statements").json(&statement(1));
    let _ = send(post, "token").await.expect(403);
}

#[tokio::test]
async fn a_revoked_key_shuts_out_the_tokens_of_its_issuer() {
    let world = world(&[Scope::AllRead]).await;
    trust(&world, "token", "one", &[Scope::AllRead]);
    let _ = send(world.get("/xapi/statements"), "token")
        .await
        .expect(200);
    world
        .keys()
        .revoke("north")
        .await
        .expect("the key is there");
    let _ = send(world.get("/xapi/statements"), "token")
        .await
        .expect(401);
}

#[tokio::test]
async fn a_token_that_is_not_right_is_answered_as_any_wrong_credential() {
    let world = world(&[Scope::AllRead]).await;
    let refused = send(world.get("/xapi/statements"), "unknown")
        .await
        .expect(401);
    assert!(refused.header("www-authenticate").contains("Bearer"));
    let call = world.get("/xapi/statements");
    let call = call.header("authorization", &basic("nobody", "x"));
    assert_eq!(refused.json(), call.send().await.expect(401).json());
}

#[tokio::test]
async fn a_token_that_cannot_be_checked_is_neither_right_nor_wrong() {
    let world = world(&[Scope::AllRead]).await;
    let call = world.get("/xapi/statements");
    let answer = send(call, KnownTokens::UNCHECKED).await.expect(503);
    assert_eq!(answer.header("retry-after"), "60");
    let told: Value = answer.json();
    assert_eq!(told["code"], "issuer-unavailable");
    assert!(!answer.text().contains("login.example.org"), "{told}");
}

#[tokio::test]
async fn a_token_changes_no_definition_though_its_key_may() {
    let world = world(&[Scope::All]).await;
    trust(&world, "token", "one", &[Scope::All]);
    let mut renamed = statement(1);
    renamed["object"]["definition"] = json!({ "name": { "en": "Renamed" } });
    let post = world.post("/xapi/statements").json(&renamed);
    let _ = send(post, "token").await.expect(200);
    let call = world.get("/xapi/activities");
    let call = call.query("activityId", "https://example.org/courses/welding");
    let known = call.send().await.expect(200);
    assert!(!known.text().contains("Renamed"), "{}", known.text());
}

#[tokio::test]
async fn a_session_that_a_token_minted_may_no_more_than_the_token() {
    let world = world(&[Scope::All]).await;
    trust(&world, "token", "one", &[Scope::StatementsWrite]);
    let wish = json!({
        "actor": { "mbox": "mailto:learner-1@example.org" },
        "activity": "https://example.org/courses/welding",
    });
    let post = world.post("/api/v1/sessions").json(&wish);
    let minted = send(post, "token").await.expect(201).json();
    assert_eq!(minted["scopes"], json!(["statements/write"]));
    let session = minted["token"].as_str().expect("a token");
    let post = world.post("/xapi/statements").json(&statement(1));
    let _ = send(post, session).await.expect(200);
    let _ = send(world.get("/xapi/statements"), session)
        .await
        .expect(403);
}
