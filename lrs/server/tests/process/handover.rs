//! What is submitted on a running server is brought to a folder and a webhook.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::binary::{Server, furnish, run, said, varde};

const PERIOD: &str = "2025-03-31";

fn on(data: &Path, command: &[&str]) -> String {
    let output = run(varde().args(command).env("VARDE_DATA", data));
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn on_json(data: &Path, command: &[&str]) -> Value {
    serde_json::from_str(&on(data, command)).expect("JSON")
}

/// Starts a receiver that refuses the first call and accepts the others, and returns its address and
/// the id and message of each call.
async fn receiver() -> (String, UnboundedReceiver<(String, Value)>) {
    let (sender, calls) = unbounded_channel();
    let count = Arc::new(AtomicUsize::new(0));
    let answer = async move |headers: HeaderMap, body: String| {
        let id = headers["webhook-id"].to_str().expect("a text").to_owned();
        let message = serde_json::from_str(&body).expect("JSON");
        sender.send((id, message)).expect("somebody waits");
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::NO_CONTENT,
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let routes = Router::new().route("/hook", post(answer));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (format!("http://{address}/hook"), calls)
}

/// Writes a configuration with a folder and a webhook as targets, and returns its file and the folder.
fn configured(below: &Path, url: &str) -> (PathBuf, PathBuf) {
    let (folder, secret) = (below.join("drop"), below.join("secret"));
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(&secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("written");
    let text = format!(
        "[[handover]]\nname = \"office\"\nprojects = [\"demo\"]\nfolder = \"{}\"\n\n\
         [[handover]]\nname = \"hook\"\nprojects = [\"demo\"]\nurl = \"{url}\"\nsecret_file = \"{}\"\n",
        folder.display(),
        secret.display()
    );
    let file = below.join("varde.toml");
    std::fs::write(&file, text).expect("written");
    (file, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_submitted_lies_in_the_folder_and_reaches_a_webhook_that_refused_first() {
    let below = tempfile::tempdir().expect("a folder");
    let data = &below.path().join("store");
    furnish(data);
    on(data, &["signing-key", "make"]);
    let (url, mut calls) = receiver().await;
    let (config, folder) = configured(below.path(), &url);
    let server = Server::start_with(data, &["--config", config.to_str().expect("a path")]);
    on(data, &["report", "open", "demo", PERIOD]);
    on(data, &["report", "submit", "demo", PERIOD]);
    // Both targets were tried, in whichever order: one line says that it is, the other that it is not.
    server.logs("handed over");
    server.logs("handed over");
    let names = std::fs::read_dir(&folder).expect("a folder");
    let names: Vec<_> = names.map(|entry| entry.expect("an entry").path()).collect();
    let [pack] = &names[..] else {
        panic!("{names:?}")
    };
    let verified = run(varde().arg("verify-report").arg(pack));
    assert!(verified.status.success(), "{}", said(&verified));
    let verified = String::from_utf8(verified.stdout).expect("UTF-8");
    assert!(verified.contains("intact"), "{verified}");

    let (id, message) = calls.recv().await.expect("a call");
    assert_eq!(message["type"], "report.submitted");
    assert_eq!(message["data"]["project"], "demo");
    let log = on_json(data, &["handover", "log", &id, "--json"]);
    assert_eq!(log["attempts"][0]["status"], 503);
    on(data, &["handover", "retry", &id]);
    let (again, _) = calls.recv().await.expect("another call");
    assert_eq!(again, id, "a repeat is told by its id");
    server.logs("\"handed over\"");
    let list = on_json(data, &["handover", "list", "--json"]);
    let states = list["deliveries"].as_array().expect("deliveries").iter();
    let states: Vec<_> = states.map(|one| one["state"].clone()).collect();
    assert_eq!(states, [json!("delivered"), json!("delivered")]);
    let shown = on(data, &["handover", "log"]);
    assert!(
        shown.contains("demo report to 2025-03-31, revision 1"),
        "{shown}"
    );
    server.terminate();
}
