//! Starts the binary and speaks HTTP with it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An HTTP client.
pub(crate) type Client = Http<HttpConnector, Full<Bytes>>;

/// What every server here is started with.
pub(crate) const KEY: &str = "office:a-secret-of-the-tests";

/// Returns a command of the binary with an environment of its own.
pub(crate) fn varde() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varde"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VARDE_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Returns a file of the demonstration.
pub(crate) fn demo_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("demo")
        .join(path)
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    command.output().expect("the binary starts")
}

/// Returns what a command said on standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Takes the demonstration's registers and definitions into a data folder.
pub(crate) fn furnish(data: &Path) {
    let registers = [
        "registers/project.yaml",
        "registers/organisations.csv",
        "registers/people.csv",
        "registers/identities.csv",
        "registers/activities.csv",
        "registers/organisers.csv",
    ];
    let rules = [
        "rules/planning.yaml",
        "rules/teamwork.yaml",
        "rules/indicators.yaml",
    ];
    let data = data.to_str().expect("a path");
    let import = run(varde()
        .args(["import", "registers", "--data", data])
        .args(registers.map(demo_file)));
    assert!(import.status.success(), "{}", said(&import));
    let activate = run(varde()
        .args(["rules", "activate", "--data", data])
        .args(rules.map(demo_file)));
    assert!(activate.status.success(), "{}", said(&activate));
}

/// A running server.
pub(crate) struct Server {
    child: Mutex<Child>,
    /// Where front ends connect.
    pub(crate) http: String,
    /// Where the operator connects.
    pub(crate) admin: String,
    /// The lines of the log, read as they come so that the pipe never fills.
    log: Mutex<Receiver<String>>,
    client: Client,
}

impl Server {
    /// Starts a server on a folder and waits until it listens.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// Starts a server with further flags and waits until it listens.
    pub(crate) fn start_with(data: &Path, flags: &[&str]) -> Self {
        let mut child = varde()
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--admin-listen",
                "127.0.0.1:0",
            ])
            .arg("--data")
            .arg(data)
            .args(flags)
            .env("VARDE_BOOTSTRAP_KEY", KEY)
            .env("VARDE_BOOTSTRAP_SPACE", "demo")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let (sender, log) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|l| sender.send(l)));
        let listening = line_with(&log, "\"listening\"");
        let listening: Value = serde_json::from_str(&listening).expect("one JSON object a line");
        let address = |field: &str| listening[field].as_str().expect("an address").to_owned();
        Self {
            http: address("http.address"),
            admin: address("admin.address"),
            child: Mutex::new(child),
            log: Mutex::new(log),
            client: client(),
        }
    }

    /// Sends a request with the key; `None` when the server is gone.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Option<(StatusCode, Value)> {
        let uri = format!("http://{}{path}", self.http);
        send(&self.client, method, &uri, KEY, body).await
    }

    /// Sends a request with the key to a server that is there.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        self.try_send(method, path, body).await.expect("an answer")
    }

    /// Reads a page of the operator's listener.
    pub(crate) async fn operator(&self, path: &str) -> (StatusCode, String) {
        let uri = format!("http://{}{path}", self.admin)
            .parse()
            .expect("a URI");
        let response = self.client.get(uri).await.expect("an answer");
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        (status, String::from_utf8(body.to_vec()).expect("UTF-8"))
    }

    /// Asks the server to stop (SIGTERM).
    pub(crate) fn ask_to_stop(&self) {
        signal(&self.child.lock().expect("nobody panicked with it"), "TERM");
    }

    /// Waits for a line of the log that holds a text.
    pub(crate) fn logs(&self, text: &str) {
        line_with(&self.log.lock().expect("nobody panicked with it"), text);
    }

    /// Waits for the end and returns how it came, with the rest of the log.
    pub(crate) fn wait(&self) -> (ExitStatus, Vec<String>) {
        let status = self.child.lock().expect("nobody panicked with it").wait();
        let log = self
            .log
            .lock()
            .expect("nobody panicked with it")
            .iter()
            .collect();
        (status.expect("an end"), log)
    }

    /// Asks the server to stop and waits for the end.
    pub(crate) fn terminate(&self) -> (ExitStatus, Vec<String>) {
        self.ask_to_stop();
        self.wait()
    }

    /// Kills the server without a warning (SIGKILL).
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().expect("nobody panicked with it");
        child.kill().expect("killed");
        child.wait().expect("an end");
    }
}

/// Makes a client.
pub(crate) fn client() -> Client {
    Http::builder(TokioExecutor::new()).build_http()
}

/// Sends a request with a key, `name:secret`; `None` when nobody answers.
pub(crate) async fn send(
    client: &Client,
    method: Method,
    uri: &str,
    key: &str,
    body: &Value,
) -> Option<(StatusCode, Value)> {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(
            header::AUTHORIZATION,
            format!("Basic {}", STANDARD.encode(key)),
        )
        .header("x-experience-api-version", "1.0.3")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    let response = client.request(request).await.ok()?;
    let status = response.status();
    let body = response.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// Sends a signal to a process.
pub(crate) fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .expect("a shell")
            .success()
    );
}

fn line_with(log: &Receiver<String>, text: &str) -> String {
    let mut earlier = Vec::new();
    for line in log {
        if line.contains(text) {
            return line;
        }
        earlier.push(line);
    }
    panic!("ended without {text}: {earlier:?}");
}

impl Drop for Server {
    /// A failing test leaves no server behind.
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
