//! Signing in with a local account: what a cookie lets in, and what it does not.

use varde_api_tests::{Answer, Call, SECRET, World};
use varde_core::Role;
use varde_core::keys::NewKey;

const PASSWORD: &str = "a password for tests";
const FORM: &str = "application/x-www-form-urlencoded";

async fn world() -> World {
    let world = World::new().await;
    let key = NewKey {
        role: Some(Role::Administrator),
        scopes: Role::Administrator.default_scopes().to_vec(),
        ..World::new_key("administrators", "sing")
    };
    world.make_key(key).await;
    let made = world.users.create("ada", PASSWORD, "administrators").await;
    made.expect("a user");
    world
}

/// Sends as a page of ours would, without a key.
fn page(call: Call) -> Call {
    call.without("authorization")
        .header("sec-fetch-site", "same-origin")
}

async fn try_as(world: &World, name: &str, password: &str) -> Answer {
    let form = format!("name={name}&password={}", password.replace(' ', "+"));
    page(world.post("/sign-in")).body(FORM, form).send().await
}

/// Signs in and returns the cookie and the CSRF token.
async fn signed_in(world: &World) -> (String, String) {
    let answer = try_as(world, "ada", PASSWORD).await.expect(303);
    assert_eq!(answer.header("location"), "/");
    let set = answer.header("set-cookie");
    assert!(
        set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    let cookie = set.split(';').next().expect("a cookie").to_owned();
    let me = page(world.get("/api/v1/me")).header("cookie", &cookie);
    let me = me.send().await.expect(200).json();
    assert_eq!(me["user"]["name"], "ada");
    assert_eq!(me["user"]["role"], "administrator");
    let csrf = me["user"]["csrf_token"]
        .as_str()
        .expect("a proof")
        .to_owned();
    (cookie, csrf)
}

#[tokio::test]
async fn an_unknown_a_wrong_and_a_locked_out_sign_in_are_answered_alike() {
    let world = world().await;
    let unknown = try_as(&world, "nobody", PASSWORD).await.expect(401);
    for _ in 0..5 {
        let wrong = try_as(&world, "ada", "another password").await.expect(401);
        assert_eq!(wrong.body, unknown.body);
    }
    let locked = try_as(&world, "ada", PASSWORD).await.expect(401);
    assert_eq!(locked.body, unknown.body);
    assert_eq!(locked.header("set-cookie"), "");
}

#[tokio::test]
async fn a_cookie_reads_and_changes_something_only_with_its_proof() {
    let world = world().await;
    let (cookie, csrf) = signed_in(&world).await;
    let read = page(world.get("/api/v1/keys")).header("cookie", &cookie);
    let _ = read.send().await.expect(200);
    let revoke = || page(world.call(axum::http::Method::DELETE, "/api/v1/keys?name=none"));
    let revoke = || revoke().header("cookie", &cookie);
    let refused = revoke().send().await.expect(403);
    assert_eq!(refused.json()["code"], "no-csrf-proof");
    let _ = revoke()
        .header("x-csrf-token", "made up")
        .send()
        .await
        .expect(403);
    let proved = || revoke().header("x-csrf-token", &csrf);
    let foreign = proved().header("sec-fetch-site", "cross-site");
    let _ = foreign.send().await.expect(403);
    let older = || proved().without("sec-fetch-site");
    let _ = older()
        .header("origin", "https://evil.example")
        .send()
        .await
        .expect(403);
    let _ = older()
        .header("origin", "https://varde.example.org")
        .send()
        .await
        .expect(404);
    let _ = proved().send().await.expect(404);
}

#[tokio::test]
async fn a_cookie_lets_nobody_into_the_resources_of_the_standard() {
    let world = world().await;
    let (cookie, csrf) = signed_in(&world).await;
    let call = page(world.get("/xapi/statements")).header("cookie", &cookie);
    let _ = call.header("x-csrf-token", &csrf).send().await.expect(401);
}

#[tokio::test]
async fn another_page_signs_nobody_in_and_a_token_from_before_stays_worthless() {
    let world = world().await;
    let form = format!("name=ada&password={}", PASSWORD.replace(' ', "+"));
    let foreign = page(world.post("/sign-in")).header("sec-fetch-site", "cross-site");
    let _ = foreign.body(FORM, form.clone()).send().await.expect(403);
    let planted = "__Host-varde=AAAA";
    let call = page(world.post("/sign-in"))
        .header("cookie", planted)
        .body(FORM, form.clone());
    let set = call.send().await.expect(303);
    assert!(!set.header("set-cookie").starts_with(planted));
    let elsewhere = page(world.post("/sign-in?to=https://evil.example")).body(FORM, form);
    assert_eq!(elsewhere.send().await.expect(303).header("location"), "/");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_cookie_and_needs_the_proof() {
    let world = world().await;
    let (one, csrf) = signed_in(&world).await;
    let (other, of_other) = signed_in(&world).await;
    let out = |path: &str, cookie: &str, csrf: &str| {
        page(world.post(path))
            .header("cookie", cookie)
            .body(FORM, format!("csrf={csrf}"))
    };
    let _ = out("/sign-out/everywhere", &one, &of_other)
        .send()
        .await
        .expect(403);
    let (third, of_third) = signed_in(&world).await;
    let _ = out("/sign-out", &third, &of_third).send().await.expect(303);
    let read = |cookie: &str| {
        page(world.get("/api/v1/keys"))
            .header("cookie", cookie)
            .send()
    };
    let _ = read(&third).await.expect(401);
    let _ = read(&other).await.expect(200);
    let _ = out("/sign-out/everywhere", &one, &csrf)
        .send()
        .await
        .expect(303);
    let over = read(&one).await.expect(401);
    assert_eq!(over.json()["code"], "signed-out");
    // For a scheme that a browser knows it would ask for a name and a password.
    assert_eq!(over.header("www-authenticate"), "Varde-Sign-In");
    let _ = read(&other).await.expect(401);
    let page = page(world.get("/sign-in"))
        .header("accept-language", "nb")
        .send();
    assert!(page.await.expect(200).text().contains("Logg inn"));
    let by_key = world.get("/api/v1/rules").by("administrators", SECRET);
    let _ = by_key.send().await.expect(200);
}

#[tokio::test]
async fn no_other_origin_reads_by_a_cookie() {
    let world = world().await;
    let (cookie, csrf) = signed_in(&world).await;
    for path in ["/api/v1/me", "/api/v1/keys", "/account"] {
        let call = page(world.get(path)).header("origin", "https://evil.example");
        let call = call.header("sec-fetch-site", "cross-site");
        let answer = call.header("cookie", &cookie).send().await;
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "{path}"
        );
    }
    let shown = page(world.get("/account")).header("cookie", &cookie).send();
    let shown = shown.await.expect(200);
    assert!(shown.text().contains(&csrf), "an own page has the proof");
    assert_eq!(shown.header("access-control-allow-origin"), "");
    assert_eq!(shown.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_signed_in_person_may_what_the_key_may_and_no_more() {
    let world = world().await;
    let key = NewKey {
        role: Some(Role::Funder),
        scopes: Role::Funder.default_scopes().to_vec(),
        ..World::new_key("funders", "sing")
    };
    world.make_key(key).await;
    let made = world.users.create("fay", PASSWORD, "funders").await;
    made.expect("a user");
    let answer = try_as(&world, "fay", PASSWORD).await.expect(303);
    let set = answer.header("set-cookie").to_owned();
    let cookie = set.split(';').next().expect("a cookie");
    for path in ["/api/v1/outcomes", "/api/v1/indicators", "/api/v1/keys"] {
        let by_cookie = page(world.get(path)).header("cookie", cookie).send().await;
        let by_key = world.get(path).by("funders", SECRET).send().await;
        assert_eq!(by_cookie.expect(403).status, by_key.status, "{path}");
    }
    let releases = page(world.get("/api/v1/releases")).header("cookie", cookie);
    let by_key = world.get("/api/v1/releases").by("funders", SECRET).send();
    assert_eq!(releases.send().await.status, by_key.await.status);
    let nobody = page(world.get("/api/v1/me")).send().await.expect(200);
    assert_eq!(nobody.json()["user"], serde_json::Value::Null);
}

#[tokio::test]
async fn nobody_comes_back_from_an_issuer_that_is_none_or_without_a_journey() {
    let world = world().await;
    let _ = page(world.get("/sign-in/nowhere")).send().await.expect(404);
    for cookie in ["", "__Host-varde-journey=AAAA"] {
        let back = page(world.get("/sign-in/nowhere/callback?state=a&code=b&iss=c"));
        let back = back.header("cookie", cookie).send().await.expect(401);
        let set = back.header("set-cookie");
        assert!(set.starts_with("__Host-varde-journey=; Max-Age=0"), "{set}");
        assert!(back.text().contains("Signing in was not finished"));
    }
}
