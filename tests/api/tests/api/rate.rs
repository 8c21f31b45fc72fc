//! How often one key may call (RFC 6585 section 4).

use std::num::NonZeroU32;

use varde_api_tests::{Answer, SECRET, World, statement};
use varde_core::Scope;
use varde_http::Limits;

const SECOND: i64 = 1_000_000;

async fn world(requests_per_minute: u32) -> World {
    let limits = Limits {
        requests_per_minute: NonZeroU32::new(requests_per_minute),
        ..Limits::default()
    };
    World::with(limits).await
}

async fn read(world: &World) -> Answer {
    world.get("/xapi/statements").send().await
}

#[tokio::test]
async fn a_key_over_its_rate_is_told_when_to_come_back() {
    let world = world(3).await;
    for _ in 0..3 {
        let _ = read(&world).await.expect(200);
    }
    let refused = read(&world).await.expect(429);
    assert_eq!(refused.header("retry-after"), "20");
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    assert_eq!(refused.header("x-experience-api-version"), "1.0.3");
    assert_eq!(refused.json()["code"], "too-many-requests");
    let said = refused.json()["error"].to_string();
    assert!(
        said.contains("3 requests a minute") && said.contains("in 20 s"),
        "{said}"
    );

    world.clock.advance(20 * SECOND - 1);
    assert_eq!(read(&world).await.expect(429).header("retry-after"), "1");
    world.clock.advance(1);
    let _ = read(&world).await.expect(200);
    let _ = read(&world).await.expect(429);
}

#[tokio::test]
async fn a_key_that_rests_a_minute_may_make_a_minutes_requests_and_no_more() {
    let world = world(7).await;
    for _ in 0..3 {
        for _ in 0..7 {
            let _ = read(&world).await.expect(200);
        }
        let _ = read(&world).await.expect(429);
        world.clock.advance(60 * SECOND);
    }
    world.clock.advance(86_400 * SECOND);
    for _ in 0..7 {
        let _ = read(&world).await.expect(200);
    }
    let _ = read(&world).await.expect(429);
}

#[tokio::test]
async fn a_request_over_the_rate_does_nothing() {
    let world = world(1).await;
    let post = || world.post("/xapi/statements").json(&statement(1));
    let _ = post().send().await.expect(200);
    let _ = post().send().await.expect(429);
    let _ = world.get("/api/v1/outcomes").send().await.expect(429);
    world.clock.advance(60 * SECOND);
    assert_eq!(read(&world).await.expect(200).statement_ids().len(), 1);
}

#[tokio::test]
async fn keys_do_not_use_up_one_anothers_requests() {
    let world = world(1).await;
    world.key("other", "sing", &[Scope::AllRead]).await;
    let _ = read(&world).await.expect(200);
    let _ = read(&world).await.expect(429);
    let call = world.get("/xapi/statements").by("other", SECRET);
    let _ = call.send().await.expect(200);
}

#[tokio::test]
async fn a_wrong_secret_uses_up_nothing() {
    let world = world(1).await;
    for _ in 0..2 {
        let call = world.get("/xapi/statements").by("front-end", "not it");
        let _ = call.send().await.expect(401);
    }
    let _ = read(&world).await.expect(200);
}

#[tokio::test]
async fn a_clock_that_is_set_back_shuts_nobody_out() {
    let world = world(60).await;
    for _ in 0..60 {
        let _ = read(&world).await.expect(200);
    }
    world.clock.advance(-3_600 * SECOND);
    assert_eq!(read(&world).await.expect(429).header("retry-after"), "1");
    world.clock.advance(SECOND);
    let _ = read(&world).await.expect(200);
}
