//! `varde serve`: its life, and what stands in its way.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::binary::{KEY, Server, run, said, varde};

const ID: &str = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";

fn statement() -> Value {
    json!({
        "id": ID,
        "actor": { "mbox": "mailto:learner-1@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/completed" },
        "object": { "id": "https://course.example.org/1" },
    })
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_stop_and_a_start() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let (status, ids) = server
        .send(Method::POST, "/xapi/statements", &statement())
        .await;
    assert_eq!((status, ids), (StatusCode::OK, json!([ID])));
    let (ended, log) = server.terminate();
    assert!(ended.success(), "{log:?}");
    assert!(
        log.iter().any(|line| line.contains("\"stopped\"")),
        "{log:?}"
    );
    assert!(
        !log.concat().contains("learner-1"),
        "no learner is in the log"
    );

    let server = Server::start(data.path());
    let path = format!("/xapi/statements?statementId={ID}");
    let (status, found) = server.send(Method::GET, &path, &Value::Null).await;
    assert_eq!(
        (status, &found["actor"]),
        (StatusCode::OK, &statement()["actor"])
    );
}

#[tokio::test]
async fn the_operator_sees_life_readiness_and_metrics() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    server
        .send(Method::POST, "/xapi/statements", &statement())
        .await;
    assert_eq!(
        server.operator("/livez").await,
        (StatusCode::OK, "alive\n".to_owned())
    );
    assert_eq!(
        server.operator("/readyz").await,
        (StatusCode::OK, "ready\n".to_owned())
    );
    let (_, metrics) = server.operator("/metrics").await;
    for line in [
        "varde_http_requests_total{route=\"/xapi/statements\",status=\"2xx\"} 1",
        "varde_statements_stored_total 1",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line} is missing in\n{metrics}"
        );
    }
}

#[tokio::test]
async fn a_key_that_was_used_is_measured_by_its_silence_over_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let first = Server::start(data.path());
    let (_, before) = first.operator("/metrics").await;
    assert!(!before.contains("varde_source_silent_seconds{"), "{before}");
    first
        .send(Method::POST, "/xapi/statements", &statement())
        .await;
    first.terminate();

    let second = Server::start(data.path());
    let (_, metrics) = second.operator("/metrics").await;
    let of_key = "varde_source_silent_seconds{key=\"office\"} ";
    let silent = metrics.lines().find_map(|line| line.strip_prefix(of_key));
    let silent: i64 = silent.expect("it is measured").parse().expect("a number");
    assert!((0..3_600).contains(&silent), "{silent}");
    let lag = |line: &str| line.starts_with("varde_consistent_lag_seconds ");
    assert!(metrics.lines().any(lag), "{metrics}");
    second.terminate();
}

/// Sends a request's head and waits until the server asks for the body, which never comes.
fn begin_a_request(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let head = format!(
        "POST /xapi/statements HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {}\r\n\
         X-Experience-API-Version: 1.0.3\r\nContent-Type: application/json\r\n\
         Content-Length: 10\r\nExpect: 100-continue\r\n\r\n",
        STANDARD.encode(KEY)
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 100");
    stream
}

#[test]
fn a_second_signal_ends_what_the_first_one_waits_for() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let _request = begin_a_request(&server.http);
    server.ask_to_stop();
    server.logs("stopping");
    server.ask_to_stop();
    let (ended, _) = server.wait();
    assert_eq!(ended.code(), Some(128 + 15));
}

#[test]
fn a_mistyped_variable_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let anywhere = "127.0.0.1:0";
    let output = run(varde()
        .args([
            "serve",
            "--listen",
            anywhere,
            "--admin-listen",
            anywhere,
            "--data",
        ])
        .arg(file.path())
        .env("VARDE_LOG_FILTR", "debug")
        .env("VARDE_SERVICE_HOST", "10.0.0.1"));
    let said = said(&output);
    assert!(
        said.contains("VARDE_LOG_FILTR") && said.contains("VARDE_LOG_FILTER"),
        "{said}"
    );
    assert!(
        !said.contains("VARDE_SERVICE_HOST"),
        "others may begin alike: {said}"
    );
}

#[test]
fn a_port_in_use_is_named_and_leaves_no_folder_behind() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let parent = tempfile::tempdir().expect("a folder");
    let data = parent.path().join("data");
    let output = run(varde()
        .args([
            "serve",
            "--listen",
            &address,
            "--admin-listen",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(&data));
    assert_eq!(output.status.code(), Some(69));
    let said = said(&output);
    assert!(
        said.contains(&address) && said.contains("--listen"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!data.exists());
}

/// Three taken ports, so that the refusal names the source that won.
#[test]
fn a_flag_wins_over_its_variable_and_that_over_the_file() {
    let taken: Vec<_> = (0..3)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
        .collect();
    let address = |n: usize| taken[n].local_addr().expect("an address").to_string();
    let file = tempfile::NamedTempFile::new().expect("a file");
    let text = format!(
        "[http]\nlisten = \"{}\"\n[store]\ndata = \"unused\"\n",
        address(0)
    );
    std::fs::write(file.path(), text).expect("written");
    let serve = || {
        let mut command = varde();
        command.arg("serve").arg("--config").arg(file.path());
        command
    };
    let refusals = [
        run(&mut serve()),
        run(serve().env("VARDE_LISTEN", address(1))),
        run(serve()
            .env("VARDE_LISTEN", address(1))
            .args(["--listen", &address(2)])),
    ];
    for (n, refusal) in refusals.iter().enumerate() {
        assert_eq!(refusal.status.code(), Some(69));
        assert!(
            said(refusal).contains(&address(n)),
            "{n}: {}",
            said(refusal)
        );
    }
}

#[tokio::test]
async fn a_folder_that_a_server_has_is_refused_to_another_server() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let folder = data.path().to_str().expect("a path");
    let anywhere = "127.0.0.1:0";
    let listen = ["--listen", anywhere, "--admin-listen", anywhere];
    let output = run(varde().args(["serve", "--data", folder]).args(listen));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(said.contains(folder), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let (status, _) = server.send(Method::GET, "/xapi/about", &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "the server goes on");
}

#[test]
fn a_file_in_place_of_the_folder_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let anywhere = "127.0.0.1:0";
    let output = run(varde()
        .args([
            "serve",
            "--listen",
            anywhere,
            "--admin-listen",
            anywhere,
            "--data",
        ])
        .arg(file.path()));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(73), "{said}");
    assert!(said.contains("is not a folder"), "{said}");
}

#[test]
fn a_key_that_no_setting_has_is_refused_by_name() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "[http]\nlistn = \"127.0.0.1:0\"\n").expect("written");
    let output = run(varde().arg("serve").arg("--config").arg(file.path()));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("line 2") && said.contains("listn"), "{said}");
}

#[test]
fn the_version_names_the_commit() {
    let output = run(varde().arg("--version"));
    let version = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success());
    assert!(
        version.starts_with(concat!("varde ", env!("CARGO_PKG_VERSION"), " (")),
        "{version}"
    );
}

/// Sends a request for `about` with so many headers and a query of so many bytes, and returns the status.
fn status_of(address: &str, headers: usize, query_bytes: usize) -> u16 {
    let mut head = format!("GET /xapi/about?{} HTTP/1.1\r\n", "x".repeat(query_bytes));
    head.push_str("Host: varde\r\nConnection: close\r\n");
    let more = (2..headers).map(|number| format!("X-Header-{number}: x\r\n"));
    head.extend(more);
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).expect("a server");
    // What is refused early may be reset while it is still sent.
    let _ = stream.write_all(head.as_bytes());
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("an answer: {answer}"))
}

#[test]
fn the_head_of_a_request_is_bounded_by_headers_and_by_bytes() {
    let data = tempfile::tempdir().expect("a folder");
    let file = data.path().join("varde.toml");
    let text = "[http]\nheaders_max = 20\nhead_bytes_max = 8192\n";
    std::fs::write(&file, text).expect("a config");
    let file = file.to_str().expect("UTF-8").to_owned();
    let server = Server::start_with(&data.path().join("data"), &["--config", &file]);
    // The query is none that `about` knows, so what is let in is answered with 400.
    assert_eq!(status_of(&server.http, 20, 1), 400);
    assert_eq!(status_of(&server.http, 21, 1), 431);
    assert_eq!(status_of(&server.http, 3, 7_000), 400);
    assert_eq!(status_of(&server.http, 3, 9_000), 431);
    assert!(server.terminate().0.success());
}

/// Sends the beginning of a request and nothing more, and returns what came until the server hung up.
fn told_of_half(address: &str, begun: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a server");
    stream.write_all(begun.as_bytes()).expect("sent");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn what_does_not_come_is_given_up_when_the_file_says() {
    let data = tempfile::tempdir().expect("a folder");
    let file = data.path().join("varde.toml");
    let head = "PUT /xapi/activities/state HTTP/1.1\r\nHost: varde\r\n";
    let credentials = STANDARD.encode(KEY);
    let body = format!(
        "POST /xapi/statements HTTP/1.1\r\nHost: varde\r\nConnection: close\r\n\
         X-Experience-API-Version: 2.0.0\r\nAuthorization: Basic {credentials}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n[{{"
    );
    for (setting, begun, expected) in [
        ("head_seconds_max", head, ""),
        (
            "body_pause_seconds_max",
            &body,
            "(http.body_pause_seconds_max)",
        ),
        ("body_seconds_max", &body, "(http.body_seconds_max)"),
    ] {
        std::fs::write(&file, format!("[http]\n{setting} = 1\n")).expect("a config");
        let config = file.to_str().expect("UTF-8").to_owned();
        let server = Server::start_with(&data.path().join(setting), &["--config", &config]);
        let began = Instant::now();
        let told = told_of_half(&server.http, begun);
        if expected.is_empty() {
            assert_eq!(told, "", "{setting}");
        } else {
            assert!(told.starts_with("HTTP/1.1 408"), "{setting}: {told}");
            assert!(told.contains(expected), "{setting}: {told}");
        }
        // Not at once, and long before anything else would have cut it off.
        let seconds = began.elapsed().as_secs_f64();
        assert!((0.9..25.0).contains(&seconds), "{setting}: {seconds} s");
        assert!(server.terminate().0.success());
    }
}

#[tokio::test]
async fn a_server_that_is_to_stop_is_not_ready_while_it_still_serves() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(data.path(), &["--notice-seconds", "3600"]);
    server.ask_to_stop();
    server.logs("stopping");
    while server.operator("/readyz").await.0 == StatusCode::OK {}
    let told = (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    assert_eq!(server.operator("/readyz").await, told);
    assert_eq!(server.operator("/livez").await.0, StatusCode::OK);
    let sent = server
        .send(Method::POST, "/xapi/statements", &statement())
        .await;
    assert_eq!(sent.0, StatusCode::OK);
    // A second signal does not wait for the notice to be over.
    server.ask_to_stop();
    assert_eq!(server.wait().0.code(), Some(143));
}
