//! What `varde doctor` finds, and what it says to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::binary::{Server, client, run, said, varde};

const VERSION: &str = "x-experience-api-version";

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

/// Returns the verdicts by the names of the checks.
fn verdicts(output: &Output) -> Vec<(String, String)> {
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checks = told["checks"].as_array().expect("checks").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    checks
        .map(|check| (text(&check["name"]), text(&check["verdict"])))
        .collect()
}

fn verdict(output: &Output, name: &str) -> String {
    let verdicts = verdicts(output);
    let found = verdicts.iter().find(|(of, _)| of == name);
    found
        .unwrap_or_else(|| panic!("{name} is checked: {verdicts:?}"))
        .1
        .clone()
}

/// A proxy that may lose a header of requests.
struct Proxy {
    url: String,
    server: Arc<OnceLock<String>>,
}

impl Proxy {
    async fn start(loses: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Arc::<OnceLock<String>>::default();
        let (to, client) = (Arc::clone(&server), client());
        let forward = move |request: Request<Body>| {
            let (to, client) = (Arc::clone(&to), client.clone());
            async move {
                let (mut head, body) = request.into_parts();
                let bytes: Bytes = body.collect().await.expect("a body").to_bytes();
                let server = to.get().expect("a server");
                head.uri = format!("http://{server}{}", head.uri)
                    .parse()
                    .expect("an address");
                if let Some(lost) = loses {
                    head.headers.remove(lost);
                }
                let request = Request::from_parts(head, Full::from(bytes));
                let (head, body) = client
                    .request(request)
                    .await
                    .expect("an answer")
                    .into_parts();
                Response::from_parts(head, Body::new(body))
            }
        };
        tokio::spawn(axum::serve(listener, Router::new().fallback(forward)).into_future());
        Self { url, server }
    }

    fn serve(&self, data: &Path) -> Server {
        let server = Server::start_with(data, &["--public-url", &self.url]);
        self.server.set(server.http.clone()).expect("one server");
        server
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_well_is_said_to_be_and_what_was_never_done_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let proxy = Proxy::start(None).await;
    let server = proxy.serve(&data);

    let first = on(&data, &["doctor", "--json"]);
    assert!(first.status.success(), "{}", said(&first));
    for (name, verdict) in verdicts(&first) {
        let never = ["key-encryption key", "backup"].contains(&&*name);
        assert_eq!(verdict, if never { "look" } else { "well" }, "{name}");
    }

    let copy = folder.path().join("copy");
    let key = on(&data, &["key", "escrow"]);
    fs::write(&copy, key.stdout).expect("a copy");
    let (copy, backup) = (copy.to_str().expect("a path"), folder.path().join("backup"));
    assert!(
        on(&data, &["key", "escrow", "--check", copy])
            .status
            .success()
    );
    assert!(
        on(&data, &["backup", backup.to_str().expect("a path")])
            .status
            .success()
    );
    let second = on(&data, &["doctor", "--json"]);
    assert!(second.status.success(), "{}", said(&second));
    for (name, verdict) in verdicts(&second) {
        assert_eq!(verdict, "well", "{name}");
    }
    server.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_loses_a_header_is_found_out() {
    for (lost, name) in [
        (VERSION, "X-Experience-API-Version"),
        ("authorization", "Authorization"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let proxy = Proxy::start(Some(lost)).await;
        let server = proxy.serve(&data);
        let found = on(&data, &["doctor"]);
        assert_eq!(found.status.code(), Some(65), "{}", said(&found));
        let told = String::from_utf8(found.stdout).expect("UTF-8");
        assert!(told.contains(&format!("loses the header {name}")), "{told}");
        assert!(told.contains("have the proxy pass the headers"), "{told}");
        server.terminate();
    }
}

#[test]
fn what_is_broken_is_said_with_its_mend_and_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let made = on(
        &data,
        &[
            "key",
            "create",
            "moodle",
            "--space",
            "sing",
            "--origin",
            "http://course.example.org",
        ],
    );
    assert!(made.status.success(), "{}", said(&made));
    let config = folder.path().join("varde.toml");
    let text = "[http]\npublic_url = \"http://varde.example.org\"\n\
                [[oidc.issuers]]\nissuer = \"http://127.0.0.1:1\"\naudience = \"v\"\nkey = \"moodle\"\n";
    fs::write(&config, text).expect("a config file");
    fs::set_permissions(&data, Permissions::from_mode(0o755)).expect("a mode");
    let config = config.to_str().expect("a path");
    let found = on(&data, &["doctor", "--json", "--config", config]);
    assert_eq!(found.status.code(), Some(65), "{}", said(&found));
    for (name, expected) in [
        ("store", "well"),
        ("permissions", "look"),
        ("public address", "broken"),
        ("origins of pages", "look"),
        ("issuer of tokens", "broken"),
    ] {
        assert_eq!(verdict(&found, name), expected, "{name}");
    }
    let told: Value = serde_json::from_slice(&found.stdout).expect("JSON");
    let checks = told["checks"].as_array().expect("checks");
    for check in checks.iter().filter(|check| check["verdict"] != "well") {
        assert!(check["mend"].is_string(), "{check}");
    }

    // Another key than the store was made with: a process would refuse to serve.
    fs::remove_file(data.join("secrets/kek")).expect("removed");
    let sealed = on(&data, &["doctor", "--json"]);
    assert_eq!(verdict(&sealed, "key-encryption key"), "broken");
}

#[test]
fn an_index_that_lost_a_statement_is_found_with_its_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let server = Server::start(data);
    server.terminate();
    let made = on(data, &["key", "create", "one", "--space", "sing", "--json"]);
    assert!(made.status.success(), "{}", said(&made));
    let file = folder.path().join("one.ndjson");
    let statement = r#"{"id":"7ccd3322-e1a5-411a-a67d-6a735c76f119","actor":{"mbox":"mailto:a@example.org"},"verb":{"id":"http://adlnet.gov/expapi/verbs/completed"},"object":{"id":"https://example.org/1"}}"#;
    fs::write(&file, statement).expect("a file");
    let file = file.to_str().expect("a path");
    let taken = on(data, &["import", "statements", file, "--key", "one"]);
    assert!(taken.status.success(), "{}", said(&taken));
    let whole = on(data, &["doctor", "--json"]);
    assert_eq!(verdict(&whole, "indexes"), "well");

    let store = rusqlite::Connection::open(data.join("varde.db")).expect("the store");
    // What follows the log by slices is written when the store closes.
    let lost = store.execute("DELETE FROM statement", []).expect("written");
    assert_eq!(lost, 1);
    drop(store);
    let found = on(data, &["doctor", "--json"]);
    assert_eq!(found.status.code(), Some(65), "{}", said(&found));
    assert_eq!(verdict(&found, "indexes"), "broken");
    let told = String::from_utf8(found.stdout).expect("UTF-8");
    assert!(told.contains("varde verify --repair"), "{told}");
}
