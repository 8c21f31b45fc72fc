//! A running server tells people what they have to look at.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::binary::{Server, furnish, run, said, varde};

const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Starts a receiver, and returns its address and each message with whether it has a signature.
async fn receiver() -> (String, UnboundedReceiver<(bool, Value)>) {
    let (sender, calls) = unbounded_channel();
    let answer = async move |headers: HeaderMap, body: String| {
        let signed = headers.contains_key("webhook-signature");
        let message = serde_json::from_str(&body).expect("JSON");
        sender.send((signed, message)).expect("somebody waits");
        StatusCode::NO_CONTENT
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let routes = Router::new().route("/hook", post(answer));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (format!("http://{address}/hook"), calls)
}

/// Writes a configuration with a webhook that is told of periods, and with one that nobody answers at.
fn configured(below: &Path, url: &str) -> PathBuf {
    let secret = below.join("secret");
    std::fs::write(&secret, format!("whsec_{SECRET}\n")).expect("written");
    let secret = secret.display();
    let text = format!(
        "[[alarm]]\nname = \"hook\"\non = [\"period-due\"]\nurl = \"{url}\"\nsecret_file = \"{secret}\"\n\n\
         [[alarm]]\nname = \"nobody\"\non = [\"lag\"]\nurl = \"http://127.0.0.1:1/\"\nsecret_file = \"{secret}\"\n"
    );
    let file = below.join("varde.toml");
    std::fs::write(&file, text).expect("written");
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_due_is_told_to_a_webhook_and_listed() {
    let below = tempfile::tempdir().expect("a folder");
    let data = &below.path().join("store");
    furnish(data);
    let (url, mut calls) = receiver().await;
    let config = configured(below.path(), &url);
    let config = config.to_str().expect("a path");
    let on = |command: &[&str]| run(varde().args(command).env("VARDE_DATA", data));
    let server = Server::start_with(data, &["--config", config]);
    let (signed, message) = calls.recv().await.expect("a call");
    assert!(signed);
    assert_eq!(message["type"], "alarm.began");
    let alarm = message["data"]["alarm"].as_str().expect("a text");
    assert!(alarm.starts_with("period-due/demo/2025-"), "{message}");

    let list = on(&["alarms", "list", "--json"]);
    assert!(list.status.success(), "{}", said(&list));
    let list: Value = serde_json::from_slice(&list.stdout).expect("JSON");
    let alarms = list["alarms"].as_array().expect("alarms");
    assert!(alarms.iter().any(|one| one["alarm"] == alarm), "{list}");
    let list = on(&["alarms", "list"]);
    let list = String::from_utf8(list.stdout).expect("UTF-8");
    assert!(list.contains(alarm), "{list}");

    let test = on(&["alarms", "test", "hook"]);
    let answered = String::from_utf8(test.stdout.clone()).expect("UTF-8");
    assert!(test.status.success(), "{}", said(&test));
    assert!(answered.contains("answered 204"), "{answered}");
    let is_test = |call: &(bool, Value)| call.1["type"] == "alarm.test";
    while !is_test(&calls.recv().await.expect("a call")) {}
    let refused = on(&["alarms", "test", "nobody"]);
    assert_eq!(refused.status.code(), Some(69), "{}", said(&refused));
    let unknown = on(&["alarms", "test", "other"]);
    assert_eq!(unknown.status.code(), Some(66));
    assert!(
        said(&unknown).contains("hook, nobody"),
        "{}",
        said(&unknown)
    );

    server.logs("told of an alarm");
    let (_, metrics) = server.operator("/metrics").await;
    assert!(
        metrics.contains("varde_alarm_messages_total{outcome=\"told\",target=\"hook\"}"),
        "{metrics}"
    );
    let (_, log) = server.terminate();
    let is_quoted = log.iter().any(|line| line.contains(SECRET));
    assert!(!is_quoted, "{log:?}");
}
