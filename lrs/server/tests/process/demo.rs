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

/// The page that follows a level by hand, in one line.
fn by_hand() -> String {
    let page = include_str!("../../../../docs/by-hand.md").replace("\n> ", " ");
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Puts what the documentation says of the demonstration beside what it says itself.
async fn follow_by_hand(page: &[String], origin: &str, key: &str) {
    let documented = by_hand();
    let get = async |path: &str| {
        let uri = format!("{origin}{path}");
        let answer = send(&client(), Method::GET, &uri, key, &Value::Null).await;
        let (status, answer) = answer.expect("an answer");
        assert_eq!(status, StatusCode::OK, "{path}");
        answer
    };
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let outcomes = get("/api/v1/outcomes?as_of=2025-06-30").await;
    let outcomes = outcomes["outcomes"].as_array().expect("a list").iter();
    let planning = outcomes
        .filter(|outcome| text(&outcome["competence"]).ends_with("/planning-and-management"));
    let third: Vec<_> = planning
        .filter(|outcome| outcome["level"] == 3)
        .map(|outcome| text(&outcome["person"]))
        .collect();
    let (last, first) = third.split_last().expect("somebody");
    let told = format!("{} and {last} hold level 3", first.join(", "));
    assert!(documented.contains(&told), "{told}");
    let row = format!("3 Experiment {}", third.len());
    assert!(documented.contains(&row), "{row}");
    let squeezed = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.iter().any(|line| squeezed(line).contains(&row)),
        "{row}"
    );
    for person in ["p-006", "p-009"] {
        let path = format!("/api/v1/outcomes/explanation?person={person}&as_of=2025-06-30");
        let explained = get(&path).await;
        let explained = explained["explanations"].as_array().expect("a list").iter();
        let mut explained =
            explained.filter(|one| text(&one["competence"]).ends_with("/planning-and-management"));
        let one = explained.next().expect("planning");
        if person == "p-006" {
            let sentence = text(&one["sentences"]["en"]);
            assert!(documented.contains(&sentence), "{sentence}");
        }
        let pieces = ["evidence", "near_misses"].map(|key| one[key].as_array().expect("a list"));
        for piece in pieces.into_iter().flatten() {
            let id = text(&piece["statements"][0]);
            let sentence = text(&piece["sentences"]["en"]).replace(&id, "…");
            assert!(documented.contains(&sentence), "{sentence}");
            if person == "p-006" {
                let statement = get(&format!("/xapi/statements?statementId={id}")).await;
                let score = &statement["result"]["score"];
                let [raw, max, scaled] = ["raw", "max", "scaled"].map(|key| &score[key]);
                let score = format!("`\"raw\": {raw}, \"max\": {max}, \"scaled\": {scaled}`");
                let day = text(&statement["timestamp"])
                    .split('T')
                    .next()
                    .map(str::to_owned);
                let told = format!("on {}, has {score}", day.expect("a day"));
                assert!(documented.contains(&told), "{told}");
            }
        }
    }
    let rule = include_str!("../../demo/rules/planning.yaml");
    let (_, levels) = rule.split_once("levels:").expect("levels");
    let levels = squeezed(&format!("levels: {levels}"));
    assert!(documented.contains(&levels), "{levels}");
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

    let origin = uri.split("/api/").next().expect("an origin");
    follow_by_hand(&page, origin, key).await;

    signal(&demo.0, "INT");
    assert!(demo.0.wait().expect("an end").success());
    assert_eq!(
        temporary.path().read_dir().expect("readable").count(),
        0,
        "nothing is left"
    );
}
