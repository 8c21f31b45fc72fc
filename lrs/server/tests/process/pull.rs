//! Statements pulled from another record store: a second Varde, and sources that are odd.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use crate::binary::{KEY, Server, client, run, said, varde};
use crate::source::{Answer, Source};

const NAME: &str = "Solveig Innbygger";

fn statement(number: u32) -> Value {
    json!({
        "id": format!("7d000000-0000-4000-8000-{number:012}"),
        "actor": {"mbox": format!("mailto:learner{number}@example.org")},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": format!("https://moodle.example.org/course/{number}")},
        "timestamp": "2025-02-10T09:00:00.000Z",
    })
}

/// A statement as a source shows it.
fn shown(number: u32) -> Value {
    let mut statement = statement(number);
    statement["stored"] = json!(format!("2025-03-01T10:00:{number:02}.000Z"));
    statement["version"] = json!("1.0.0");
    statement["authority"] = json!({"mbox": "mailto:office@example.org"});
    statement
}

fn with_data(mut statement: Value, data: &str) -> Value {
    statement["attachments"] = json!([{
        "usageType": "https://example.org/usage/certificate",
        "display": {"en": "Certificate"},
        "contentType": "text/plain",
        "length": data.len(),
        "sha2": sha2(data),
    }]);
    statement
}

fn sha2(data: &str) -> String {
    let mut digester = varde_xapi::attachment::Digester::of("");
    digester.update(data.as_bytes());
    digester.finish()
}

/// A body of the JSON and of one part.
fn parts(json: &Value, (sha2, data): (&str, &str)) -> String {
    format!(
        "--x\r\nContent-Type: application/json\r\n\r\n{json}\r\n--x\r\nContent-Type: text/plain\r\n\
         Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {sha2}\r\n\r\n{data}\r\n--x--\r\n"
    )
}

async fn post(server: &Server, kind: &str, body: String) {
    let request = Request::post(format!("http://{}/xapi/statements", server.http))
        .header("authorization", format!("Basic {}", STANDARD.encode(KEY)))
        .header("x-experience-api-version", "1.0.3")
        .header("content-type", kind)
        .body(Full::new(Bytes::from(body)));
    let answer = client().request(request.expect("a request")).await;
    let answer = answer.expect("an answer");
    let status = answer.status();
    let body = answer.into_body().collect().await.expect("a body");
    assert_eq!(status, StatusCode::OK, "{:?}", body.to_bytes());
}

/// Completes a command of `varde import --from`.
pub(crate) fn import(command: &mut Command, from: &str, credentials: &Path) {
    std::fs::write(credentials, KEY).expect("written");
    command.args(["import", "--from", from, "--credentials"]);
    command.arg(credentials);
    command.args(["--key", "office", "--json"]);
}

fn pull(data: &Path, from: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = varde();
    import(&mut command, from, &folder.path().join("credentials"));
    run(command.args(more).arg("--data").arg(data))
}

fn told(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

/// Returns what became of statements: taken, known, conflicting, refused, and of attachments.
fn counts(told: &Value) -> [u64; 5] {
    ["taken", "known", "conflicting", "refused", "attachments"]
        .map(|name| told[name].as_u64().expect("a number"))
}

/// Makes a store with the key.
fn made() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    let create = ["key", "create", "office", "--space", "demo", "--data"];
    let output = run(varde().args(create).arg(data.path()));
    assert!(output.status.success(), "{}", said(&output));
    data
}

async fn ids(server: &Server) -> Vec<String> {
    let path = "/xapi/statements?ascending=true";
    let (_, page) = server.send(Method::GET, path, &Value::Null).await;
    let statements = page["statements"].as_array().expect("a page");
    let id = |statement: &Value| statement["id"].as_str().expect("an id").to_owned();
    statements.iter().map(id).collect()
}

#[tokio::test]
async fn everything_of_another_varde_comes_over_once() {
    let [there, here] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let source = Server::start(there.path());
    for number in 1..=3 {
        post(&source, "application/json", statement(number).to_string()).await;
    }
    let certified = with_data(statement(4), "passed");
    let body = parts(&certified, (&sha2("passed"), "passed"));
    post(&source, "multipart/mixed; boundary=x", body).await;
    let mut voiding = statement(5);
    voiding["verb"] = json!({"id": "http://adlnet.gov/expapi/verbs/voided"});
    voiding["object"] = json!({"objectType": "StatementRef", "id": statement(2)["id"]});
    post(&source, "application/json", voiding.to_string()).await;
    let mut of_2_0 = statement(6);
    of_2_0["version"] = json!("2.0.0");
    of_2_0["context"] = json!({"contextAgents": [{
        "objectType": "contextAgent", "agent": {"mbox": "mailto:teacher@example.org"},
    }]});
    let request = Request::post(format!("http://{}/xapi/statements", source.http))
        .header("authorization", format!("Basic {}", STANDARD.encode(KEY)))
        .header("x-experience-api-version", "2.0.0")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(of_2_0.to_string())));
    let answer = client().request(request.expect("a request")).await;
    assert_eq!(answer.expect("an answer").status(), StatusCode::OK);

    // A server has the folder, so the server pulls.
    let target = Server::start(here.path());
    let from = format!("http://{}/xapi", source.http);
    let first = pull(here.path(), &from, &[]);
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(counts(&told(&first)), [6, 0, 0, 0, 1]);
    assert_eq!(ids(&target).await, ids(&source).await);
    let voided = format!(
        "/xapi/statements?voidedStatementId={}",
        statement(2)["id"].as_str().expect("an id")
    );
    let (status, came) = target.send(Method::GET, &voided, &Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(came["object"], statement(2)["object"]);
    let data = format!("http://{}/xapi/statements?attachments=true", target.http);
    let request = Request::get(data)
        .header("authorization", format!("Basic {}", STANDARD.encode(KEY)))
        .header("x-experience-api-version", "1.0.3")
        .body(Full::default());
    let answer = client().request(request.expect("a request")).await;
    let body = answer.expect("an answer").into_body().collect().await;
    let body = String::from_utf8(body.expect("a body").to_bytes().to_vec()).expect("UTF-8");
    assert!(body.contains("\r\n\r\npassed\r\n"), "{body}");

    post(&source, "application/json", statement(7).to_string()).await;
    let second = pull(here.path(), &from, &[]);
    assert!(second.status.success(), "{}", said(&second));
    assert_eq!(counts(&told(&second))[0], 1, "{}", told(&second));
    assert_eq!(counts(&told(&second))[2..4], [0, 0]);
    let anew = pull(here.path(), &from, &["--anew"]);
    assert_eq!(
        counts(&told(&anew)),
        [0, 6, 0, 0, 1],
        "the voided one is here"
    );
    assert_eq!(ids(&target).await, ids(&source).await);
}

/// Shows statements two at a time, those that were stored after what is asked for.
fn two_by_two(path: &str, all: u32) -> Answer {
    let number = |name: &str| {
        let (_, rest) = path.split_once(name)?;
        rest.get(..2)?.parse::<u32>().ok()
    };
    // `since` lies a millisecond before an instant that was shown.
    let after = number("since=2025-03-01T10:00:").map_or(1, |second| second + 1);
    let from = number("/more/").unwrap_or(after);
    let page: Vec<_> = (from..(from + 2).min(all + 1)).map(shown).collect();
    let more = if from + 2 > all {
        String::new()
    } else {
        format!("/xapi/more/{:02}", from + 2)
    };
    Answer::page(&page, &more)
}

/// Kills a pull while the third page is awaited, and returns what the next two runs came to. The
/// command given names store and key.
pub(crate) fn killed_and_gone_on(command: impl Fn() -> Command) -> [[u64; 5]; 2] {
    let (at_third, reached) = channel();
    let (release, released) = channel::<()>();
    let (at_third, released) = (Mutex::new(Some(at_third)), Mutex::new(released));
    let source = Source::start(move |path, _| {
        if path.ends_with("/more/05") {
            let first = at_third.lock().expect("nobody panicked").take();
            if let Some(at_third) = first {
                at_third.send(()).expect("the test waits");
                // Until the test has killed who asked.
                let _ = released.lock().expect("nobody panicked").recv();
            }
        }
        two_by_two(path, 6)
    });
    let folder = tempfile::tempdir().expect("a folder");
    let pull = || {
        let mut command = command();
        import(
            &mut command,
            &source.endpoint,
            &folder.path().join("credentials"),
        );
        command
    };
    let mut child = pull().stdout(Stdio::null()).spawn().expect("it starts");
    reached.recv().expect("two pages are taken");
    child.kill().expect("killed");
    child.wait().expect("an end");
    drop(release);
    let [second, third] = [(); 2].map(|()| {
        let output = run(&mut pull());
        assert!(output.status.success(), "{}", said(&output));
        counts(&told(&output))
    });
    let asked = source.asked();
    let since: Vec<_> = asked
        .iter()
        .filter(|path| path.contains("since="))
        .collect();
    assert_eq!(since.len(), 2, "{asked:?}");
    [second, third]
}

/// Behind a kill, the pages of which it was not certain that they were done with come once more.
pub(crate) const GONE_ON: [[u64; 5]; 2] = [[2, 3, 0, 0, 0], [0, 1, 0, 0, 0]];

#[tokio::test]
async fn a_pull_that_is_killed_goes_on_where_it_was() {
    let data = made();
    let gone_on = killed_and_gone_on(|| {
        let mut command = varde();
        command.env("VARDE_DATA", data.path());
        command
    });
    assert_eq!(gone_on, GONE_ON);
}

#[test]
fn what_is_refused_is_listed_and_the_rest_is_taken() {
    let data = made();
    let mut broken = shown(1);
    broken["actor"] = json!({"mbox": NAME, "name": NAME});
    let without = with_data(shown(2), "nobody sends this");
    let forged = with_data(shown(3), "as it was");
    let mut elsewhere = with_data(shown(4), "kept there");
    elsewhere["attachments"][0]["fileUrl"] = json!("https://example.org/file");
    let page = json!({"statements": [broken, without, forged, elsewhere, shown(5)]});
    let body = parts(&page, (&sha2("as it was"), "as it is now"));
    let source = Source::start(move |_, _| {
        Answer::xapi("200 OK", "multipart/mixed; boundary=x", body.clone())
    });
    let report = data.path().join("refused.ndjson");
    let flags = ["--report", report.to_str().expect("a path")];
    for expected in [[2, 0, 0, 3, 0], [0, 2, 0, 3, 0]] {
        let output = pull(data.path(), &source.endpoint, &flags);
        assert_eq!(output.status.code(), Some(65), "{}", said(&output));
        assert!(said(&output).contains("3 statements"), "{}", said(&output));
        assert_eq!(counts(&told(&output)), expected);
        let listed = std::fs::read_to_string(&report).expect("a report");
        assert!(!listed.contains(NAME), "{listed}");
        let mut found: Vec<_> = listed
            .lines()
            .map(|line| {
                let line: Value = serde_json::from_str(line).expect("JSON");
                let broken = &line["broken"][0];
                [&line["id"], &broken["path"], &broken["rule"]]
                    .map(|text| text.as_str().expect("a text").to_owned())
            })
            .collect();
        found.sort();
        let id = |number| statement(number)["id"].as_str().expect("an id").to_owned();
        let [one, two, three] = [1, 2, 3].map(id);
        assert_eq!(
            found,
            [
                [&one, "$.actor.mbox", "mbox"],
                [&two, "$.attachments[0]", "attachment-data"],
                [&three, "$.attachments[0]", "multipart-digest"],
            ]
            .map(|of| of.map(str::to_owned))
        );
    }
}

#[test]
fn a_statement_that_is_another_here_is_conflicting() {
    let data = made();
    let first = Source::start(|_, _| Answer::page(&[shown(1)], ""));
    assert!(pull(data.path(), &first.endpoint, &[]).status.success());
    let mut other = shown(1);
    other["verb"] = json!({"id": "http://adlnet.gov/expapi/verbs/failed"});
    let second = Source::start(move |_, _| Answer::page(&[other.clone(), shown(2)], ""));
    let output = pull(data.path(), &second.endpoint, &[]);
    assert_eq!(output.status.code(), Some(65), "{}", said(&output));
    assert_eq!(counts(&told(&output)), [1, 0, 1, 0, 0]);
}

#[test]
fn a_busy_source_is_asked_again_and_not_for_ever() {
    let data = made();
    let busy =
        |again: &str| Answer::xapi("503 Service Unavailable", "text/plain", "later").header(again);
    let source = Source::start(move |path, before| match before {
        1 | 2 => busy("Retry-After: 0"),
        3 => Answer::xapi("429 Too Many Requests", "text/plain", "").header("Retry-After: 0"),
        _ => two_by_two(path, 1),
    });
    let output = pull(data.path(), &source.endpoint, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(counts(&told(&output)), [1, 0, 0, 0, 0]);

    for (again, times) in [("Retry-After: 0", 6), ("Retry-After: 86400", 1)] {
        let source = Source::start(move |_, _| busy(again));
        let output = pull(data.path(), &source.endpoint, &[]);
        assert_eq!(output.status.code(), Some(75), "{}", said(&output));
        assert!(said(&output).contains("is busy (503"), "{}", said(&output));
        assert_eq!(source.asked().len(), 1 + times, "and once which version");
    }
}

#[test]
fn a_page_that_breaks_off_is_asked_for_again() {
    let data = made();
    let source = Source::start(|path, before| {
        let answer = two_by_two(path, 4);
        match before {
            // Which version, the first page, the second, the second again.
            2 => answer.header("Content-Length: 100000"),
            _ => answer,
        }
    });
    let output = pull(data.path(), &source.endpoint, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(counts(&told(&output)), [4, 0, 0, 0, 0]);
    assert_eq!(source.asked().len(), 4);
}

type Odd = fn(&str, usize) -> Answer;

#[test]
fn what_is_no_record_store_or_an_odd_one_is_told() {
    let data = made();
    let odd: [(Odd, i32, &str); 9] = [
        (
            |_, _| Answer::new("200 OK", "text/html", "<html>"),
            65,
            "no xAPI endpoint",
        ),
        (
            |_, _| Answer::new("404 Not Found", "text/html", ""),
            65,
            "404",
        ),
        (
            |_, _| Answer::xapi("401 Unauthorized", "text/plain", ""),
            77,
            "credentials",
        ),
        (
            |_, _| {
                Answer::xapi("302 Found", "text/plain", "").header("Location: http://127.0.0.1:1/")
            },
            65,
            "302",
        ),
        (
            |_, _| Answer::xapi("200 OK", "text/csv", "a,b"),
            65,
            "text/csv",
        ),
        (
            |_, _| Answer::xapi("200 OK", "application/json", "[1]"),
            65,
            "no page",
        ),
        (
            |_, _| Answer::xapi("200 OK", "application/json", "{").header("Content-Length: 100"),
            69,
            "broke off",
        ),
        (
            |_, _| Answer::page(&[shown(1)], "https://elsewhere.example.org/xapi/more"),
            65,
            "another place",
        ),
        (
            |_, _| Answer::page(&[shown(1)], "/xapi/more/1"),
            65,
            "never end",
        ),
    ];
    for (answer, code, sentence) in odd {
        let source = Source::start(answer);
        let output = pull(data.path(), &source.endpoint, &[]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(sentence), "{sentence}: {said}");
        assert!(
            said.contains(&source.endpoint) && !said.contains(KEY),
            "{said}"
        );
    }
    let nobody = pull(data.path(), "http://127.0.0.1:1/xapi", &[]);
    assert_eq!(nobody.status.code(), Some(69), "{}", said(&nobody));
    let plain = pull(data.path(), "http://lrs.example.org/xapi", &[]);
    assert_eq!(plain.status.code(), Some(64), "{}", said(&plain));
}
