use varde_api_tests::{SECRET, World, basic, statement};
use varde_core::Scope;

#[tokio::test]
async fn a_request_without_credentials_is_told_to_send_them() {
    let world = World::new().await;
    let answer = world
        .get("/xapi/statements")
        .without("authorization")
        .send()
        .await
        .expect(401);
    assert!(
        answer
            .header("www-authenticate")
            .starts_with("Basic realm=")
    );
    assert_eq!(answer.json()["code"], "no-credentials");
}

#[tokio::test]
async fn unknown_and_wrong_credentials_get_the_same_answer() {
    let world = World::new().await;
    let unreadable = [
        "Basic Og==",
        "Basic:",
        "Basic",
        "Basic %%%",
        "Bearer abc",
        "Basic bm9jb2xvbg==",
    ];
    let mut given = vec![
        basic("front-end", "not it"),
        basic("nobody", SECRET),
        basic("", ""),
    ];
    given.extend(unreadable.map(str::to_owned));
    for authorization in given {
        let call = world
            .get("/xapi/statements")
            .header("authorization", &authorization);
        let answer = call.send().await.expect(401);
        assert!(
            answer.header("www-authenticate").starts_with("Basic "),
            "{authorization}"
        );
        let error = answer.json()["error"].clone();
        assert_eq!(
            error, "the credential is not right: the name or the secret of an API key, or a token",
            "{authorization}"
        );
    }
}

#[tokio::test]
async fn a_credential_that_was_right_stays_right_and_a_wrong_secret_stays_wrong() {
    let world = World::new().await;
    for _ in 0..2 {
        let _ = world.get("/xapi/statements").send().await.expect(200);
        let wrong = world
            .get("/xapi/statements")
            .by("front-end", "not it")
            .send()
            .await;
        let _ = wrong.expect(401);
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_letter_case() {
    let world = World::new().await;
    let authorization = basic("front-end", SECRET).replace("Basic", "bASIC");
    let call = world
        .get("/xapi/statements")
        .header("authorization", &authorization);
    let _ = call.send().await.expect(200);
}

#[tokio::test]
async fn a_key_that_may_only_write_is_refused_to_read() {
    let world = World::new().await;
    world.key("sender", "sing", &[Scope::StatementsWrite]).await;
    let call = world
        .post("/xapi/statements")
        .by("sender", SECRET)
        .json(&statement(1));
    let _ = call.send().await.expect(200);
    let answer = world
        .get("/xapi/statements")
        .by("sender", SECRET)
        .send()
        .await
        .expect(403);
    assert!(
        answer.text().contains("statements/read/mine"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_key_that_may_only_read_is_refused_to_write() {
    let world = World::new().await;
    world.key("reader", "sing", &[Scope::AllRead]).await;
    let call = world
        .post("/xapi/statements")
        .by("reader", SECRET)
        .json(&statement(1));
    let _ = call.send().await.expect(403);
    let answer = world
        .get("/xapi/statements")
        .by("reader", SECRET)
        .send()
        .await
        .expect(200);
    assert!(answer.statement_ids().is_empty());
}

#[tokio::test]
async fn a_key_that_reads_only_its_own_sees_no_other_authority() {
    let world = World::new().await;
    world
        .key(
            "own",
            "sing",
            &[Scope::StatementsWrite, Scope::StatementsReadMine],
        )
        .await;
    let others = world.stored(&statement(1)).await;
    let call = world
        .post("/xapi/statements")
        .by("own", SECRET)
        .json(&statement(2));
    let mine = call.send().await.expect(200).json();
    let answer = world
        .get("/xapi/statements")
        .by("own", SECRET)
        .send()
        .await
        .expect(200);
    assert_eq!(answer.statement_ids(), [mine[0].as_str().unwrap()]);
    let single = world
        .get("/xapi/statements")
        .query("statementId", &others[0]);
    let _ = single.by("own", SECRET).send().await.expect(404);
}

#[tokio::test]
async fn a_key_sees_its_own_space_alone() {
    let world = World::new().await;
    world.key("rehearsal", "sing:test", &[Scope::All]).await;
    let live = world.stored(&statement(1)).await;
    let answer = world
        .get("/xapi/statements")
        .by("rehearsal", SECRET)
        .send()
        .await
        .expect(200);
    assert!(answer.statement_ids().is_empty());
    let single = world.get("/xapi/statements").query("statementId", &live[0]);
    let _ = single.by("rehearsal", SECRET).send().await.expect(404);
}
