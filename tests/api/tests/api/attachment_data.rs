//! The data of attachments, from a request to an answer (xAPI 1.0.3 Communication 1.5.2 and Data
//! 2.4.11, IEEE 9274.1.1 4.1.3).

use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{Answer, Call, Parts, World, attachment, sha2, statement, with_attachments};
use varde_core::Scope;
use varde_http::Limits;

const PATH: &str = "/xapi/statements";

async fn post(world: &World, parts: Parts) -> Answer {
    world.post(PATH).body(Parts::KIND, parts.end()).send().await
}

/// Stores statements with parts and returns the first id.
async fn stored(world: &World, parts: Parts) -> String {
    let ids = post(world, parts).await.expect(200).json();
    ids[0].as_str().expect("an id").to_owned()
}

/// Returns the digests and data behind the statements of an answer.
async fn data(call: Call) -> Vec<(String, Vec<u8>)> {
    let answer = call.query("attachments", "true").send().await.expect(200);
    let parts = answer.parts();
    assert_eq!(parts[0].0["content-type"], "application/json");
    let digest = |(headers, data): &(_, Vec<u8>)| {
        let headers: &std::collections::BTreeMap<String, String> = headers;
        (headers["x-experience-api-hash"].clone(), data.clone())
    };
    parts[1..].iter().map(digest).collect()
}

fn one(world: &World, id: &str) -> Call {
    world.get(PATH).query("statementId", id)
}

fn whole(bytes: &str) -> (String, Vec<u8>) {
    (sha2(64, bytes), bytes.as_bytes().to_vec())
}

fn elsewhere(mut attachment: Value) -> Value {
    attachment["fileUrl"] = "https://example.org/files/1".into();
    attachment
}

fn within(sub: &Value) -> Value {
    let mut sub = sub.clone();
    sub["objectType"] = "SubStatement".into();
    let mut around = statement(2);
    around["object"] = sub;
    around
}

async fn assert_nothing_stored(world: &World) {
    let answer = world.get(PATH).send().await.expect(200);
    assert_eq!(answer.statement_ids(), [] as [String; 0]);
}

#[tokio::test]
async fn data_that_is_posted_or_put_is_returned_where_attachments_are_wanted() {
    let world = World::new().await;
    let sent = with_attachments([attachment("one"), attachment("two")]);
    let posted = stored(&world, Parts::of(&sent).data("two").data("one")).await;
    let put = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";
    let body = Parts::of(&sent).data("one").data("two").end();
    let call = world.put(PATH).query("statementId", put);
    let _ = call.body(Parts::KIND, body).send().await.expect(204);
    for id in [&posted, put] {
        assert_eq!(data(one(&world, id)).await, [whole("one"), whole("two")]);
    }
}

#[tokio::test]
async fn a_part_of_an_answer_names_type_encoding_and_digest_and_the_first_is_json() {
    let world = World::new().await;
    let mut page = attachment("<p>");
    page["contentType"] = "text/html; charset=utf-8".into();
    let id = stored(&world, Parts::of(&with_attachments([page])).data("<p>")).await;
    let answer = one(&world, &id)
        .query("attachments", "true")
        .send()
        .await
        .expect(200);
    let plain = one(&world, &id).send().await.expect(200);
    let parts = answer.parts();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0].1, plain.body);
    let headers = json!(parts[1].0);
    let expected = json!({
        "content-type": "text/html; charset=utf-8",
        "content-transfer-encoding": "binary",
        "x-experience-api-hash": sha2(64, "<p>"),
    });
    assert_eq!(headers, expected);
    assert_eq!(
        answer.header("last-modified"),
        plain.header("last-modified")
    );
    assert!(
        !answer
            .header("x-experience-api-consistent-through")
            .is_empty()
    );
}

#[tokio::test]
async fn without_wish_for_attachments_the_answer_is_json() {
    let world = World::new().await;
    let sent = with_attachments([attachment("one")]);
    let id = stored(&world, Parts::of(&sent).data("one")).await;
    for call in [
        one(&world, &id),
        one(&world, &id).query("attachments", "false"),
    ] {
        let answer = call.send().await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json()["attachments"], sent["attachments"]);
    }
}

#[tokio::test]
async fn one_part_serves_every_attachment_of_its_digest_both_ways() {
    let world = World::new().await;
    let sent = with_attachments([attachment("one"), attachment("one")]);
    let _ = stored(
        &world,
        Parts::of(&json!([sent, sent, within(&sent)])).data("one"),
    )
    .await;
    assert_eq!(data(world.get(PATH)).await, [whole("one")]);
    let twice = post(&world, Parts::of(&sent).data("one").data("one")).await;
    assert_eq!(twice.expect(400).rules(), ["multipart-hash"]);
}

#[tokio::test]
async fn the_attachments_of_a_sub_statement_need_and_get_their_data_too() {
    let world = World::new().await;
    let mut sent = within(&with_attachments([attachment("inner")]));
    sent["attachments"] = json!([attachment("outer")]);
    let lacking = post(&world, Parts::of(&sent).data("outer"))
        .await
        .expect(400);
    assert_eq!(lacking.rules(), ["attachment-data"]);
    assert_eq!(
        lacking.json()["faults"][0]["path"],
        "$.object.attachments[0]"
    );
    let id = stored(&world, Parts::of(&sent).data("inner").data("outer")).await;
    assert_eq!(
        data(one(&world, &id)).await,
        [whole("outer"), whole("inner")]
    );
}

#[tokio::test]
async fn file_url_and_data_together_are_kept_and_the_digest_stands_twice_in_the_answer() {
    let world = World::new().await;
    let sent = with_attachments([elsewhere(attachment("one"))]);
    let id = stored(&world, Parts::of(&sent).data("one")).await;
    let answer = one(&world, &id)
        .query("attachments", "true")
        .send()
        .await
        .expect(200);
    assert_eq!(answer.text().matches(&sha2(64, "one")).count(), 2);
    assert_eq!(data(one(&world, &id)).await, [whole("one")]);
}

#[tokio::test]
async fn an_attachment_with_a_file_url_alone_has_no_part() {
    let world = World::new().await;
    let sent = with_attachments([elsewhere(attachment("one")), attachment("two")]);
    let id = stored(&world, Parts::of(&sent).data("two")).await;
    assert_eq!(data(one(&world, &id)).await, [whole("two")]);
}

#[tokio::test]
async fn every_sha2_digest_is_checked_and_its_letter_case_does_not_matter() {
    let world = World::new().await;
    for digits in [56, 64, 96, 128] {
        let mut loud = attachment("one");
        loud["sha2"] = sha2(digits, "one").to_uppercase().into();
        let sent = with_attachments([loud.clone()]);
        let id = stored(&world, Parts::of(&sent).digested(digits, "one")).await;
        let kept = (sha2(digits, "one"), b"one".to_vec());
        assert_eq!(data(one(&world, &id)).await, [kept]);

        let headers = format!(
            "X-Experience-API-Hash: {}",
            loud["sha2"].as_str().expect("text")
        );
        let body = Parts::of(&sent).part(&headers, "one");
        let _ = post(&world, body).await.expect(200);
        let other = post(&world, Parts::of(&sent).part(&headers, "two"))
            .await
            .expect(400);
        assert_eq!(other.rules(), ["multipart-digest"]);
    }
}

#[tokio::test]
async fn length_type_and_encoding_of_a_part_fit_its_attachment() {
    let world = World::new().await;
    let hash = format!("X-Experience-API-Hash: {}", sha2(64, "one"));
    let sent = with_attachments([attachment("one")]);
    for (headers, rule) in [
        ("Content-Length: 4", "multipart-length"),
        ("Content-Length: three", "multipart-length"),
        ("Content-Type: image/png", "multipart-type"),
        ("Content-Transfer-Encoding: base64", "multipart-encoding"),
    ] {
        let body = Parts::of(&sent).part(&format!("{hash}\r\n{headers}"), "one");
        let answer = post(&world, body).await.expect(400);
        assert_eq!(answer.rules(), [rule], "{headers}");
        assert_eq!(answer.json()["faults"][0]["path"], "part 2");
    }
    let mut longer = attachment("one");
    longer["length"] = 4.into();
    let own = format!("{hash}\r\nContent-Length: 3");
    let body = Parts::of(&with_attachments([longer])).part(&own, "one");
    assert_eq!(
        post(&world, body).await.expect(400).rules(),
        ["multipart-length"]
    );
    assert_nothing_stored(&world).await;

    let headers = "Content-Length:3\r\nContent-Type: TEXT/plain; charset=utf-8\r\n\
                   Content-Transfer-Encoding: Binary";
    let body = Parts::of(&sent).part(&format!("{headers}\r\n{hash}"), "one");
    let _ = post(&world, body).await.expect(200);
}

#[tokio::test]
async fn statements_in_more_than_the_first_part_are_refused() {
    let world = World::new().await;
    let body = Parts::of(&statement(1)).part("Content-Type: application/json", "{}");
    assert_eq!(
        post(&world, body).await.expect(400).rules(),
        ["multipart-hash"]
    );
    assert_nothing_stored(&world).await;
}

#[tokio::test]
async fn a_part_that_no_attachment_refers_to_is_refused() {
    let world = World::new().await;
    for sent in [
        statement(1),
        with_attachments([attachment("one")]),
        with_attachments([elsewhere(attachment("one"))]),
    ] {
        let answer = post(&world, Parts::of(&sent).data("two")).await.expect(400);
        assert_eq!(answer.rules(), ["multipart-hash"]);
    }
    assert_nothing_stored(&world).await;
}

#[tokio::test]
async fn form_data_is_no_body_for_statements() {
    let world = World::new().await;
    let body = Parts::of(&with_attachments([attachment("one")]))
        .data("one")
        .end();
    for kind in [
        "multipart/form-data; boundary=abc",
        "multipart/related; boundary=abc",
    ] {
        let answer = world
            .post(PATH)
            .body(kind, body.clone())
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["content-type"]);
    }
}

#[tokio::test]
async fn any_octets_come_back_as_they_were_however_they_were_cut_on_their_way() {
    let world = World::new().await;
    let mut odd = b"\r\n--abc\n\r\n--ab\r\n--abx--\r\n\r\n\0\xff".to_vec();
    odd.extend((0..9_001_u32).map(|number| number.to_le_bytes()[0]));
    let empty = Vec::new();
    let sent = with_attachments([attachment(&odd), attachment(&empty)]);
    let body = Parts::of(&sent).data(&odd).data(&empty).end();
    for bytes in [1, 7, 4_096, usize::MAX] {
        let call = world
            .post(PATH)
            .body(Parts::KIND, body.clone())
            .chunks(bytes);
        let ids = call.send().await.expect(200).json();
        let id = ids[0].as_str().expect("an id");
        let expected = [
            (sha2(64, &odd), odd.clone()),
            (sha2(64, &empty), empty.clone()),
        ];
        assert!(
            data(one(&world, id)).await == expected,
            "in chunks of {bytes}"
        );
    }
}

#[tokio::test]
async fn large_data_passes_through_where_the_statements_are_held_to_their_own_limit() {
    let limits = Limits {
        body_bytes_max: 1_000,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let large = "stone ".repeat(100_000);
    let sent = with_attachments([attachment(&large)]);
    let body = Parts::of(&sent).data(&large).end();
    let call = world.post(PATH).body(Parts::KIND, body).chunks(10_000);
    let ids = call.send().await.expect(200).json();
    let id = ids[0].as_str().expect("an id");
    assert!(data(one(&world, id)).await == [whole(&large)]);

    let mut wordy = statement(1);
    wordy["result"] = json!({ "response": "x".repeat(1_000) });
    let answer = post(&world, Parts::of(&wordy)).await.expect(413);
    assert_eq!(answer.json()["code"], "body-too-large");
}

#[tokio::test]
async fn attachments_over_the_limit_are_413_and_store_nothing() {
    let stone = "stone ".repeat(100);
    let body = Parts::of(&with_attachments([attachment(&stone)])).data(&stone);
    let statements = with_attachments([attachment(&stone)]).to_string().len();
    let beside = body.clone().end().len() - statements;
    for (limit, status) in [(beside, 200), (beside - 1, 413), (0, 413)] {
        let limits = Limits {
            attachment_bytes_max: limit,
            ..Limits::default()
        };
        let world = World::with(limits).await;
        for bytes in [usize::MAX, 10] {
            let call = world.post(PATH).body(Parts::KIND, body.clone().end());
            let answer = call.chunks(bytes).send().await.expect(status);
            if status == 413 {
                assert_eq!(answer.json()["code"], "attachments-too-large");
                assert_nothing_stored(&world).await;
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_stores_nothing() {
    let world = World::new().await;
    let body = Parts::of(&with_attachments([attachment("one")]))
        .data("one")
        .end();
    for length in 0..body.len() {
        let call = world.post(PATH).body(Parts::KIND, &body[..length]);
        let answer = call.send().await.expect(400);
        assert_eq!(answer.rules().len(), 1, "cut at {length}");
    }
    assert_nothing_stored(&world).await;
}

#[tokio::test]
async fn a_batch_in_conflict_stores_none_of_its_statements() {
    let world = World::new().await;
    let id = world.stored(&statement(1)).await.remove(0);
    let mut changed = with_attachments([attachment("one")]);
    changed["id"] = id.as_str().into();
    changed["verb"]["id"] = "https://example.org/verbs/left".into();
    let batch = json!([with_attachments([attachment("two")]), changed]);
    let _ = post(&world, Parts::of(&batch).data("one").data("two"))
        .await
        .expect(409);
    assert_eq!(
        world.get(PATH).send().await.expect(200).statement_ids(),
        [id]
    );
}

#[tokio::test]
async fn the_same_statement_with_its_data_may_be_sent_again() {
    let world = World::new().await;
    let mut sent = with_attachments([attachment("one")]);
    sent["id"] = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01".into();
    for _ in 0..2 {
        let _ = stored(&world, Parts::of(&sent).data("one")).await;
    }
    assert_eq!(data(world.get(PATH)).await, [whole("one")]);
}

#[tokio::test]
async fn each_page_brings_the_attachments_of_its_statements() {
    let world = World::new().await;
    for text in ["one", "two", "three"] {
        let sent = with_attachments([attachment(text)]);
        let _ = stored(&world, Parts::of(&sent).data(text)).await;
    }
    let mut call = world
        .get(PATH)
        .query("limit", "1")
        .query("attachments", "true");
    for text in ["three", "two", "one"] {
        let answer = call.send().await.expect(200);
        let parts = answer.parts();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1].1, text.as_bytes());
        let result: Value = serde_json::from_slice(&parts[0].1).expect("JSON comes first");
        call = world.get(result["more"].as_str().expect("a link"));
    }
}

#[tokio::test]
async fn a_voided_statement_still_has_its_attachments() {
    let world = World::new().await;
    let sent = with_attachments([attachment("one")]);
    let id = stored(&world, Parts::of(&sent).data("one")).await;
    let mut voiding = statement(1);
    voiding["verb"]["id"] = "http://adlnet.gov/expapi/verbs/voided".into();
    voiding["object"] = json!({ "objectType": "StatementRef", "id": id });
    let _ = world.stored(&voiding).await;
    let call = world.get(PATH).query("voidedStatementId", &id);
    assert_eq!(data(call).await, [whole("one")]);
    assert_eq!(data(world.get(PATH)).await, []);
}

#[tokio::test]
async fn the_data_of_one_space_is_out_of_reach_of_another() {
    let world = World::new().await;
    world.key("other", "merse", &[Scope::All]).await;
    let secret = varde_api_tests::SECRET;
    let sent = with_attachments([attachment("one")]);
    let id = stored(&world, Parts::of(&sent).data("one")).await;
    let hidden = one(&world, &id)
        .query("attachments", "true")
        .by("other", secret);
    let _ = hidden.send().await.expect(404);

    let named = with_attachments([elsewhere(attachment("one"))]);
    let call = world.post(PATH).json(&named).by("other", secret);
    let _ = call.send().await.expect(200);
    assert_eq!(data(world.get(PATH).by("other", secret)).await, []);
}

#[tokio::test]
async fn a_caller_who_may_only_read_brings_no_data_in() {
    let world = World::new().await;
    world.key("reader", "sing", &[Scope::AllRead]).await;
    let body = Parts::of(&with_attachments([attachment("one")]))
        .data("one")
        .end();
    let call = world.post(PATH).by("reader", varde_api_tests::SECRET);
    let _ = call.body(Parts::KIND, body).send().await.expect(403);
    let named = with_attachments([elsewhere(attachment("one"))]);
    let _ = world.stored(&named).await;
    assert_eq!(data(world.get(PATH)).await, []);
}

#[tokio::test]
async fn head_says_what_get_would_and_has_no_body() {
    let world = World::new().await;
    let sent = with_attachments([attachment("one")]);
    let id = stored(&world, Parts::of(&sent).data("one")).await;
    let call = world.call(Method::HEAD, PATH).query("statementId", &id);
    let answer = call.query("attachments", "true").send().await.expect(200);
    assert!(
        answer
            .header("content-type")
            .starts_with("multipart/mixed; boundary=")
    );
    assert!(answer.body.is_empty());
}
