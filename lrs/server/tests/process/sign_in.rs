//! People with an account, from the command line and in a server.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;

use crate::binary::{Client, Server, client, furnish, run, said, varde};

const PASSWORD: &str = "a password of the tests";
/// What no line of a log may hold.
const NAME: &str = "ada-of-the-tests";

/// Runs a command with a text on its standard input.
fn on(data: &Path, command: &[&str], input: &str) -> Output {
    let mut varde = varde();
    varde.args(command).env("VARDE_DATA", data);
    varde.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = varde.stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Makes a key for administrators, and somebody who acts through it.
fn make_user(data: &Path) {
    let key = "key create administrators --role administrator --space demo";
    let key: Vec<&str> = key.split(' ').collect();
    out(&run(varde().args(key).env("VARDE_DATA", data)));
    let create = ["user", "create", NAME, "--key", "administrators"];
    out(&on(data, &create, &format!("{PASSWORD}\n")));
}

/// Sends a request as a page of the server would; a form where there is one.
async fn page(
    (client, server): (&Client, &Server),
    (method, path): (Method, &str),
    cookie: &str,
    form: &str,
) -> (StatusCode, HeaderMap, String) {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{}{path}", server.http))
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form.to_owned())))
        .expect("a request");
    let response = client.request(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    (head.status, head.headers, body)
}

/// Signs in, and returns the cookie; none for who is not let in.
async fn sign_in(client: &Client, server: &Server, password: &str) -> Option<String> {
    let form = format!("name={NAME}&password={}", password.replace(' ', "+"));
    let to = (Method::POST, "/sign-in");
    let (status, headers, _) = page((client, server), to, "", &form).await;
    if status == StatusCode::UNAUTHORIZED {
        return None;
    }
    assert_eq!(status, StatusCode::SEE_OTHER);
    let cookie = headers[header::SET_COOKIE].to_str().expect("text");
    cookie.split(';').next().map(str::to_owned)
}

async fn status(client: &Client, server: &Server, cookie: &str) -> StatusCode {
    let keys = (Method::GET, "/api/v1/keys");
    page((client, server), keys, cookie, "").await.0
}

#[tokio::test]
async fn a_user_signs_in_acts_and_is_shut_out_and_stands_in_no_line_of_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    make_user(data);
    let server = Server::start_with(data, &["--log-filter", "trace"]);
    let client = client();
    assert_eq!(sign_in(&client, &server, "not the password").await, None);
    let cookie = sign_in(&client, &server, PASSWORD).await.expect("let in");
    assert_eq!(status(&client, &server, &cookie).await, StatusCode::OK);

    let changed = on(data, &["user", "password", NAME], "another password\n");
    assert!(out(&changed).contains("another password"));
    let refused = status(&client, &server, &cookie).await;
    assert_eq!(refused, StatusCode::UNAUTHORIZED, "the old one is over");
    assert_eq!(sign_in(&client, &server, PASSWORD).await, None);
    let cookie = sign_in(&client, &server, "another password").await;
    let cookie = cookie.expect("let in");

    let me = (Method::GET, "/api/v1/me");
    let (_, _, me) = page((&client, &server), me, &cookie, "").await;
    let me: Value = serde_json::from_str(&me).expect("JSON");
    let csrf = me["user"]["csrf_token"].as_str().expect("a proof");
    let everywhere = (Method::POST, "/sign-out/everywhere");
    let form = format!("csrf={csrf}");
    let (left, _, _) = page((&client, &server), everywhere, &cookie, &form).await;
    assert_eq!(left, StatusCode::SEE_OTHER);
    let refused = status(&client, &server, &cookie).await;
    assert_eq!(refused, StatusCode::UNAUTHORIZED);

    out(&on(data, &["user", "disable", NAME], ""));
    assert_eq!(sign_in(&client, &server, "another password").await, None);
    let (ended, log) = server.terminate();
    assert!(ended.success());
    for secret in [NAME, PASSWORD, "another password", "another+password"] {
        let line = log.iter().find(|line| line.contains(secret));
        assert_eq!(line, None, "the log holds {secret}");
    }
    let command = |line: &String| line.contains("user password");
    assert!(log.iter().any(command), "the log is whole: {log:?}");
    let trail = out(&on(data, &["audit", "list"], ""));
    for act in [
        "user create()",
        "sign in()",
        "user password()",
        "sign out everywhere()",
        "user disable()",
    ] {
        assert!(trail.contains(act), "{act} is not in {trail}");
    }
    assert!(!trail.contains(NAME), "{trail}");
}

#[test]
fn accounts_are_listed_without_their_passwords_and_what_is_none_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    make_user(data);
    let listed = out(&on(data, &["user", "list"], ""));
    assert!(listed.contains(NAME) && listed.contains("administrators"));
    assert!(!listed.contains("argon2"), "{listed}");
    let code = |command: &[&str], input: &str| on(data, command, input).status.code();
    let create = |name| ["user", "create", name, "--key", "administrators"];
    assert_eq!(code(&create("bo"), "short\n"), Some(64));
    assert_eq!(code(&create(NAME), PASSWORD), Some(73), "there is one");
    let keyless = ["user", "create", "bo", "--key", "none"];
    assert_eq!(code(&keyless, PASSWORD), Some(66));
    assert_eq!(code(&["user", "disable", "bo"], ""), Some(66));
    assert_eq!(code(&["user", "password", "bo"], PASSWORD), Some(66));
    let argument = ["user", "password", NAME, PASSWORD];
    assert_eq!(
        code(&argument, ""),
        Some(64),
        "no password comes as an argument"
    );
}
