//! Parcels on their way to a receiver on this machine.

use std::sync::Mutex;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use varde_interreg::handover::DeliveryId;
use varde_xapi::Stored;

use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE: &[u8] = br#"{"type":"report.submitted"}"#;

/// What a receiver was sent.
type Calls = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn answer(
    State((status, calls)): State<(StatusCode, Calls)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    calls.lock().expect("whole").push((headers, body));
    let elsewhere = [(header::LOCATION, "/elsewhere")];
    (status, elsewhere, "x".repeat(4 * 1024 * 1024)).into_response()
}

/// Starts a receiver that answers everything alike, and returns its address and what it is sent.
async fn receiver(status: StatusCode) -> (String, Calls) {
    let calls = Calls::default();
    let routes = Router::new()
        .route("/{*path}", post(answer))
        .with_state((status, Arc::clone(&calls)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (format!("http://{address}/hook"), calls)
}

fn parcel() -> Parcel {
    Parcel {
        delivery: DeliveryId(
            "5a4d0000-0000-5000-8000-000000000001"
                .parse()
                .expect("an id"),
        ),
        sent: Stored(1_614_265_330_999_999),
        name: "sing".to_owned(),
        main: "report.json",
        files: BTreeMap::new(),
        message: MESSAGE.to_vec(),
    }
}

async fn carry(url: &str, web: Web) -> Result<Answer, Answer> {
    let webhook = Webhook::new(url.parse().expect("an address"), SECRET).expect("a secret");
    let ways = [("office".to_owned(), Way::Webhook(Box::new(webhook)))];
    let couriers = Couriers::new(ways.into(), web);
    couriers.carry("office", &parcel()).await
}

#[tokio::test]
async fn a_call_is_signed_over_id_time_and_body_and_accepted_with_any_2xx() {
    for status in [StatusCode::OK, StatusCode::NO_CONTENT] {
        let (url, calls) = receiver(status).await;
        let answer = carry(&url, Web::new()).await.expect("accepted");
        assert_eq!(answer.status, Some(status.as_u16()));
        let calls = calls.lock().expect("whole").clone();
        let [(headers, body)] = &calls[..] else {
            panic!("{calls:?}")
        };
        assert_eq!(&body[..], MESSAGE);
        assert_eq!(
            headers["webhook-id"],
            "5a4d0000-0000-5000-8000-000000000001"
        );
        assert_eq!(headers["webhook-timestamp"], "1614265330");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        assert!(is_right(headers, body), "{headers:?}");
        assert!(!is_right(headers, &body[1..]), "an altered body is not");
    }
}

/// Checks a call as its receiver does, by what the page for operators says.
fn is_right(headers: &HeaderMap, body: &[u8]) -> bool {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use ring::hmac;

    let text = |name: &str| headers[name].to_str().expect("a text").to_owned();
    let secret = STANDARD.decode(&SECRET["whsec_".len()..]).expect("base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let (id, seconds) = (text("webhook-id"), text("webhook-timestamp"));
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    let signature = text("webhook-signature");
    let signature = signature.strip_prefix("v1,").expect("a version");
    let tag = STANDARD.decode(signature).expect("base64");
    hmac::verify(&key, &signed, &tag).is_ok()
}

#[tokio::test]
async fn a_refusal_tells_its_status_and_a_redirect_is_not_followed() {
    for (status, detail) in [
        (StatusCode::SERVICE_UNAVAILABLE, "answered 503"),
        (StatusCode::TEMPORARY_REDIRECT, "redirects are not followed"),
        (StatusCode::SEE_OTHER, "redirects are not followed"),
    ] {
        let (url, calls) = receiver(status).await;
        let refused = carry(&url, Web::new()).await.expect_err("refused");
        assert_eq!(refused.status, Some(status.as_u16()));
        assert!(refused.detail.contains(detail), "{refused:?}");
        assert!(!refused.detail.contains("127.0.0.1"), "{refused:?}");
        assert_eq!(calls.lock().expect("whole").len(), 1, "called once");
    }
}

#[tokio::test]
async fn who_does_not_answer_is_waited_for_so_long_and_nobody_there_is_a_failure() {
    // The system takes connections, and nobody ever reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let url = format!("http://{}/", silent.local_addr().expect("an address"));
    let web = Web::within(Duration::from_millis(50));
    let refused = carry(&url, web).await.expect_err("no answer");
    assert_eq!(refused.status, None);
    assert!(refused.detail.contains("it took over"), "{refused:?}");
    drop(silent);
    let refused = carry(&url, Web::new()).await.expect_err("nobody");
    assert_eq!(refused.status, None);
}

#[tokio::test]
async fn only_targets_of_the_configuration_are_reached() {
    let couriers = Couriers::new(BTreeMap::new(), Web::new());
    let refused = couriers
        .carry("office", &parcel())
        .await
        .expect_err("unknown");
    assert!(refused.detail.contains("no such target"), "{refused:?}");
}
