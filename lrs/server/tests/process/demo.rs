//! `varde demo` as a newcomer meets it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use axum::http::{Method, StatusCode};
use serde_json::Value;

use crate::binary::{client, run, send, signal, varde};

#[test]
fn once_prints_plain_text_and_ends() {
    let temporary = tempfile::tempdir().expect("a folder");
    let output = run(varde()
        .args(["demo", "--once"])
        .env("TMPDIR", temporary.path()));
    assert!(output.status.success());
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let page = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(page.contains("36 of 60 participations"), "{page}");
    assert!(page.contains("40 learners"), "{page}");
    assert!(page.contains("27 of 40 participants"), "{page}");
    assert!(!page.contains('\u{1b}'), "no colours into a pipe");
    assert!(
        page.lines().all(|line| line.chars().count() <= 80),
        "{page}"
    );
    assert_eq!(
        temporary.path().read_dir().expect("readable").count(),
        0,
        "nothing is left"
    );
}

/// A demonstration that ends with its test.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Follows the first `curl` line of the page with the key it prints.
#[tokio::test]
async fn the_address_it_names_gives_the_printed_values_until_it_is_interrupted() {
    let temporary = tempfile::tempdir().expect("a folder");
    let child = varde()
        .arg("demo")
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut demo = Demo(child);
    let mut lines = BufReader::new(demo.0.stdout.take().expect("piped")).lines();
    let mut page = Vec::new();
    while !page
        .last()
        .is_some_and(|line: &String| line.contains("Ctrl-C"))
    {
        page.push(lines.next().expect("a further line").expect("UTF-8"));
    }
    let curl = page
        .iter()
        .position(|line| line.contains("curl -su "))
        .expect("a curl line");
    let key = page[curl].split_whitespace().nth(2).expect("a key");
    let uri = page[curl + 1].trim().trim_matches('\'');

    let (status, answer) = send(&client(), Method::GET, uri, key, &Value::Null)
        .await
        .expect("an answer");
    assert_eq!(status, StatusCode::OK);
    let indicators = answer["tables"][0]["indicators"]
        .as_array()
        .expect("a list");
    for indicator in indicators {
        let printed = format!("{} of {} ", indicator["value"], indicator["target"]);
        assert!(page.iter().any(|line| line.contains(&printed)), "{printed}");
        for key in indicator["keys"].as_array().expect("a list") {
            assert!(key["statements"][0].is_string(), "{key}");
        }
    }

    signal(&demo.0, "INT");
    assert!(demo.0.wait().expect("an end").success());
    assert_eq!(
        temporary.path().read_dir().expect("readable").count(),
        0,
        "nothing is left"
    );
}
