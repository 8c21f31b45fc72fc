//! `/api/v1/reports`, `/balances` and `/evidence`: what a project hands in for a period.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use varde_api_tests::{Answer, Call, SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};
use varde_xapi::Stored;

const PROJECT: &str = "project: sing\ntitle: { nb: S, sv: S, en: S }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\nperiods: [2025-06-30, 2025-12-31]\n\
    partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
const INDICATORS: &str = include_str!("../../../../schemas/examples/interreg/sing-indicators.yaml");
const ACTIVITIES: &str = "iri,kind,title,project\n\
    https://example.org/scheme,training-scheme,Scheme,sing\n";
const ORGANISERS: &str = "iri,orgnr\nhttps://example.org/scheme,SE-402000-0008\n\
    https://example.org/scheme,NO-100000024\n";
/// Noon of 1 February 2025, and of 1 July.
pub(crate) const FEBRUARY: Stored = Stored(1_738_411_200_000_000);
pub(crate) const JULY: Stored = Stored(1_751_371_200_000_000);
const FIRST: &str = "project=sing&period=2025-06-30";

/// A project in which one learner began, with keys of two stewards, an auditor and an evaluator.
pub(crate) async fn world() -> World {
    let world = World::new().await;
    world.clock.set(FEBRUARY);
    let files = [
        ("sing.yaml", PROJECT),
        ("activities.csv", ACTIVITIES),
        ("organisers.csv", ORGANISERS),
    ];
    world.import(&files).await;
    world.activate(INDICATORS).await;
    for (name, role) in [
        ("steward", Role::DataSteward),
        ("second", Role::DataSteward),
        ("auditor", Role::Auditor),
        ("evaluator", Role::Evaluator),
        ("funder", Role::Funder),
    ] {
        let key = NewKey {
            scopes: role.default_scopes().to_vec(),
            role: Some(role),
            ..World::new_key(name, "sing")
        };
        world.make_key(key).await;
    }
    let statement = json!({
        "actor": { "mbox": "mailto:learner@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/initialized" },
        "object": { "id": "https://example.org/scheme" },
    });
    world.stored(&statement).await;
    world.settle().await;
    world
}

fn target(path: &str, query: &str) -> String {
    format!("/api/v1/{path}?{query}")
}

async fn by(call: Call, key: &str) -> Answer {
    call.by(key, SECRET).send().await
}

async fn open(world: &World) {
    let opened = by(world.post(&target("reports", FIRST)), "steward").await;
    let _ = opened.expect(201);
}

async fn content(world: &World) -> Answer {
    by(world.get(&target("reports/content", FIRST)), "steward")
        .await
        .expect(200)
}

async fn evidence(world: &World) -> String {
    let call = world.post(&target("evidence", "project=sing&title=Attendance%20list"));
    let kept = by(call.body("application/pdf", "%PDF-1.7 a list"), "steward").await;
    let exhibit = kept.expect(201).json();
    assert_eq!(exhibit["media_type"], "application/pdf");
    exhibit["sha256"].as_str().expect("a hash").to_owned()
}

#[tokio::test]
async fn a_report_goes_its_whole_course() {
    let world = world().await;
    open(&world).await;
    let draft = content(&world).await;
    assert_eq!(draft.header("etag"), "\"0\"");
    let draft = draft.json();
    assert_eq!(draft["state"], "draft");
    assert_eq!(draft["hash"], Value::Null);
    assert!(draft["complete_through"].is_string());
    let figures = |report: &Value| report["report"]["indicators"][0]["figures"].clone();
    let expected = json!({
        "previous": "0", "new": "1", "correction": "0", "current": "1", "total": "1",
    });
    assert_eq!(figures(&draft), expected);

    let early = by(world.post(&target("reports/submit", FIRST)), "steward").await;
    let _ = early.expect(409);
    world.clock.set(JULY);
    let submitted = by(world.post(&target("reports/submit", FIRST)), "steward").await;
    let submitted = submitted.expect(200).json();
    let file = by(world.get(&target("reports/file", FIRST)), "auditor")
        .await
        .expect(200);
    let digest = Sha256::digest(&file.body);
    let digest = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(submitted["hash"], digest.as_str());
    assert_eq!(file.header("etag"), format!("\"{digest}\""));
    assert_eq!(submitted["report"], file.json());

    let returned = world.post(&target("reports/return", FIRST));
    let returned = by(
        returned.json(&json!({ "reason": "The list is missing." })),
        "second",
    )
    .await;
    let _ = returned.expect(204);
    let listed = by(world.get("/api/v1/reports?project=sing"), "evaluator")
        .await
        .expect(200);
    let listed = listed.json();
    let states = listed["reports"].as_array().expect("reports").iter();
    let states: Vec<_> = states
        .map(|one| (&one["revision"], &one["state"]))
        .collect();
    assert_eq!(
        states,
        [
            (&json!(1), &json!("returned")),
            (&json!(2), &json!("draft"))
        ]
    );
    let old = world.get(&target("reports/content", &format!("{FIRST}&revision=1")));
    let old = by(old, "auditor").await.expect(200).json();
    assert_eq!(old["report"], submitted["report"]);
    let _ = by(world.post(&target("reports/submit", FIRST)), "steward")
        .await
        .expect(200);
    let _ = by(world.post(&target("reports/accept", FIRST)), "steward")
        .await
        .expect(204);
    assert_eq!(content(&world).await.json()["state"], "accepted");
}

#[tokio::test]
async fn every_period_is_told_with_what_is_to_be_done_about_it() {
    let world = world().await;
    let told = async |key: &str| by(world.get("/api/v1/reports/periods"), key).await;
    let before = told("auditor").await.expect(200).json();
    let first = &before["periods"][0];
    assert_eq!(first["period"], "2025-06-30");
    assert_eq!(
        (&first["is_over"], &first["due_since"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(first["may_be_opened"], true);
    world.clock.set(JULY);
    open(&world).await;
    let due = told("auditor").await.expect(200).json();
    let [first, second] = [0, 1].map(|at| due["periods"][at].clone());
    assert_eq!(
        (&first["is_over"], &first["due_since"]),
        (&json!(true), &json!("2025-07-01"))
    );
    assert_eq!(
        (&first["may_be_opened"], &first["report"]["state"]),
        (&json!(false), &json!("draft"))
    );
    assert_eq!(
        (&second["after"], &second["is_over"]),
        (&json!("2025-06-30"), &json!(false))
    );
    let submit = target("reports/submit", FIRST);
    let _ = by(world.post(&submit), "steward").await.expect(200);
    let done = told("second").await.expect(200).json();
    assert_eq!(done["periods"][0]["due_since"], Value::Null);
    for key in ["evaluator", "funder"] {
        let _ = told(key).await.expect(403);
    }
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_draft_is_told_before_it_is_submitted() {
    let world = world().await;
    let check = target("reports/check", FIRST);
    let _ = by(world.get(&check), "auditor").await.expect(404);
    open(&world).await;
    let early = by(world.get(&check), "auditor").await.expect(200);
    assert_eq!(early.header("etag"), "\"0\"");
    assert_eq!(early.json()["obstacles"][0]["kind"], "not-over");
    world.clock.set(JULY);
    let second = "project=sing&period=2025-12-31";
    let _ = by(world.post(&target("reports", second)), "steward")
        .await
        .expect(201);
    let later = by(world.get(&target("reports/check", second)), "auditor")
        .await
        .expect(200)
        .json();
    let kinds: Vec<_> = later["obstacles"]
        .as_array()
        .expect("some")
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["earlier", "not-over"]);
    let document = evidence(&world).await;
    let line =
        json!({ "code": "RCO85", "amount": "2", "reason": "On paper.", "document": document });
    let lines = world.post(&target("reports/lines", FIRST));
    let _ = by(lines.json(&line), "steward").await.expect(201);
    let ready = by(world.get(&check), "auditor").await.expect(200).json();
    assert_eq!(ready["obstacles"], json!([]));
    let unapproved = json!({ "kind": "unapproved", "code": "RCO85", "line": 1 });
    let warnings = ready["warnings"].as_array().expect("warnings");
    assert!(warnings.contains(&unapproved), "{ready}");
    let _ = by(world.post(&target("reports/submit", FIRST)), "steward")
        .await
        .expect(200);
    let stands = by(world.get(&check), "auditor").await.expect(200).json();
    assert_eq!(
        stands["obstacles"][0],
        json!({ "kind": "state", "found": "submitted" })
    );
}

#[tokio::test]
async fn a_line_needs_a_document_and_a_second_person() {
    let world = world().await;
    open(&world).await;
    let lines = target("reports/lines", FIRST);
    let line = |document: &str| json!({ "code": "RCO85", "amount": "2", "reason": "On paper.", "document": document });
    let refused = by(world.post(&lines).json(&line("00")), "steward")
        .await
        .expect(400);
    assert_eq!(refused.rules(), ["report-value"]);
    let document = evidence(&world).await;
    let added = by(world.post(&lines).json(&line(&document)), "steward")
        .await
        .expect(201);
    assert_eq!(added.json()["line"], 1);
    let approve = target("reports/lines/approve", &format!("{FIRST}&line=1"));
    let _ = by(world.post(&approve), "steward").await.expect(409);
    let _ = by(world.post(&approve), "second").await.expect(204);
    let report = content(&world).await.json();
    let indicator = &report["report"]["indicators"][0];
    assert_eq!(indicator["figures"]["total"], "1");
    assert_eq!(indicator["reported"]["total"], "3");
    assert_eq!(report["report"]["evidence"][0]["sha256"], document.as_str());
    let withdraw = target("reports/lines", &format!("{FIRST}&line=1"));
    let _ = by(world.delete(&withdraw), "steward").await.expect(204);
    let _ = by(world.delete(&withdraw), "steward").await.expect(404);
}

#[tokio::test]
async fn evidence_is_kept_listed_linked_and_given_back() {
    let world = world().await;
    open(&world).await;
    let hash = evidence(&world).await;
    assert_eq!(evidence(&world).await, hash, "the same file twice is one");
    let page = by(world.get("/api/v1/evidence?project=sing"), "auditor")
        .await
        .expect(200);
    assert_eq!(page.json()["items"].as_array().map(Vec::len), Some(1));
    let one = format!("project=sing&sha256={hash}");
    let file = by(world.get(&target("evidence/file", &one)), "auditor")
        .await
        .expect(200);
    assert_eq!(file.text(), "%PDF-1.7 a list");
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(file.header("content-disposition"), "attachment");
    let links = world.post(&target("evidence/links", &one));
    let linked = by(links.json(&json!({ "period": "2025-06-30" })), "steward").await;
    let _ = linked.expect(200);
    let report = content(&world).await.json();
    assert_eq!(report["report"]["evidence"][0]["sha256"], hash.as_str());
    let other = format!("project=sing&sha256={}", "0".repeat(64));
    let _ = by(world.get(&target("evidence/file", &other)), "auditor")
        .await
        .expect(404);
    let empty = world.post(&target("evidence", "project=sing&title=None"));
    let _ = by(empty.body("text/plain", ""), "steward")
        .await
        .expect(400);
}

#[tokio::test]
async fn an_opening_balance_begins_the_figures_until_a_report_stands() {
    let world = world().await;
    open(&world).await;
    let balance = target("balances", "project=sing&code=RCO85");
    let set = json!({ "value": "10", "as_of": "2024-12-31", "source": "Report 1" });
    let put = || by(world.put(&balance).json(&set), "steward");
    let _ = put().await.expect(204);
    let all = by(world.get("/api/v1/balances?project=sing"), "auditor")
        .await
        .expect(200);
    assert_eq!(all.json()["balances"]["RCO85"]["value"], "10");
    let report = content(&world).await.json();
    let figures = &report["report"]["indicators"][0]["figures"];
    assert_eq!(
        (&figures["previous"], &figures["total"]),
        (&json!("10"), &json!("11"))
    );
    let _ = by(world.delete(&balance), "steward").await.expect(204);
    let _ = put().await.expect(204);
    world.clock.set(JULY);
    let _ = by(world.post(&target("reports/submit", FIRST)), "steward")
        .await
        .expect(200);
    let _ = put().await.expect(409);
}

#[tokio::test]
async fn whoever_changes_what_somebody_else_has_changed_is_told_so() {
    let world = world().await;
    open(&world).await;
    let comments = target("reports/comments", &format!("{FIRST}&code=RCO85"));
    let comment = |tag: &str| {
        let call = world.put(&comments).json(&json!({ "text": "As planned." }));
        by(call.header("if-match", tag), "steward")
    };
    let _ = comment("\"0\"").await.expect(204);
    let _ = comment("\"0\"").await.expect(412);
    assert_eq!(
        comment("\"x\"").await.expect(400).rules(),
        ["report-number"]
    );
    let report = content(&world).await;
    assert_eq!(report.header("etag"), "\"1\"");
    let indicator = &report.json()["report"]["indicators"][0];
    assert_eq!(indicator["comment"], "As planned.");
}

#[tokio::test]
async fn what_is_wrong_is_told_by_rule_and_place() {
    let world = world().await;
    let post =
        async |path: &str, query: &str| by(world.post(&target(path, query)), "steward").await;
    let no_period = post("reports", "project=sing&period=2025-05-31")
        .await
        .expect(400);
    assert_eq!(no_period.rules(), ["period-end"]);
    assert!(
        no_period.text().contains("2025-06-30"),
        "{}",
        no_period.text()
    );
    assert_eq!(
        post("reports", "project=sing").await.expect(400).rules(),
        ["parameter-missing"]
    );
    let _ = post("reports/accept", FIRST).await.expect(404);
    let _ = post("reports", "project=merse&period=2025-06-30")
        .await
        .expect(404);
    open(&world).await;
    let _ = post("reports", FIRST).await.expect(409);
    let reason = world.post(&target("reports/return", FIRST));
    let misshapen = by(reason.body("application/json", "{\n\"why\": 1}"), "steward").await;
    let misshapen = misshapen.expect(400);
    assert_eq!(misshapen.rules(), ["body-shape"]);
    assert_eq!(misshapen.json()["faults"][0]["line"], 2);
    for (key, status) in [("auditor", 403), ("evaluator", 403)] {
        let _ = by(world.post(&target("reports", FIRST)), key)
            .await
            .expect(status);
    }
    let shown = by(world.get(&target("reports/content", FIRST)), "evaluator").await;
    let _ = shown.expect(403);
    world.key("reader", "sing", &[Scope::AllRead]).await;
    let _ = by(world.get(&target("reports/content", FIRST)), "reader")
        .await
        .expect(200);
    let _ = by(world.post(&target("reports/accept", FIRST)), "reader")
        .await
        .expect(403);
}

#[tokio::test]
async fn a_submitted_report_is_packed_for_who_reads_it() {
    let world = world().await;
    world.clock.set(JULY);
    open(&world).await;
    let path = target("reports/pack", FIRST);
    let _ = by(world.get(&path), "steward").await.expect(404);
    let submit = target("reports/submit", FIRST);
    let _ = by(world.post(&submit), "steward").await.expect(200);
    let pack = by(world.get(&path), "auditor").await.expect(200);
    assert_eq!(pack.headers["content-type"], "application/zip");
    assert!(pack.body.starts_with(b"PK"));
    let again = by(world.get(&path), "auditor").await.expect(200);
    assert!(pack.body == again.body, "the same bytes");
    for key in ["evaluator", "funder"] {
        let _ = by(world.get(&path), key).await.expect(403);
    }
}

#[tokio::test]
async fn a_release_is_refused_by_name_or_read_by_everybody() {
    let world = world().await;
    for learner in 1..=12 {
        let statement = json!({
            "actor": { "mbox": format!("mailto:learner-{learner}@example.org") },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/initialized" },
            "object": { "id": "https://example.org/scheme" },
        });
        world.stored(&statement).await;
    }
    world.settle().await;
    world.clock.set(JULY);
    open(&world).await;
    let submit = target("reports/submit", FIRST);
    let _ = by(world.post(&submit), "steward").await.expect(200);
    let _ = world.get("/public/sing").send().await.expect(404);
    let path = target("releases", FIRST);
    let chosen = |code: &str| json!({ "tables": [{ "code": code, "dimension": "gender" }] });
    // Nobody completed, so nothing is too small to be told: none is.
    let dry = world.post(&format!("{path}&dry_run=true"));
    let shown = by(dry.json(&chosen("RCO85")), "steward")
        .await
        .expect(200)
        .json();
    assert_eq!(shown["indicators"][0]["total"]["value"], 13);
    let none = chosen("PS99");
    let refused = by(world.post(&path).json(&none), "steward")
        .await
        .expect(409);
    assert!(
        refused.text().contains("PS99 by gender"),
        "{}",
        refused.text()
    );
    let _ = by(world.post(&path).json(&chosen("RCO85")), "funder")
        .await
        .expect(403);
    let published = by(world.post(&path).json(&chosen("RCO85")), "steward").await;
    assert_eq!(published.expect(201).json()["number"], 1);
    let again = by(world.post(&path).json(&chosen("RCO85")), "steward").await;
    assert!(again.expect(409).text().contains("release 1"));

    let releases = target("releases", "project=sing");
    let read = by(world.get(&releases), "funder").await.expect(200).json();
    assert_eq!(read["releases"][0]["indicators"][0]["total"]["value"], 13);
    assert_eq!(
        read["releases"][0]["by"],
        Value::Null,
        "who published is not told"
    );
    let check = target("releases/check", "project=sing&number=1");
    let checked = by(world.get(&check), "funder").await.expect(200).json();
    assert_eq!(checked["report_is_intact"], true);
    assert_eq!(checked["follows_from_report"], true);
    assert_eq!(checked["snapshot"], read["releases"][0]["snapshot"]);
    assert_eq!(checked["changes"], json!([]), "there is none before it");
    let none = target("releases/check", "project=sing&number=2");
    let _ = by(world.get(&none), "funder").await.expect(404);
    let _ = by(world.get(&target("reports", "project=sing")), "funder")
        .await
        .expect(403);
    everybody_reads(&world).await;
}

/// Reads the page of what was published.
async fn everybody_reads(world: &World) {
    let answer = world
        .get("/public/sing")
        .header("Accept-Language", "sv-SE, en")
        .send()
        .await;
    let answer = answer.expect(200);
    let policy = answer.headers["content-security-policy"]
        .to_str()
        .expect("a text");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = answer.text();
    assert!(
        text.contains("lang=\"sv\"") && text.contains("<strong>13</strong>"),
        "{text}"
    );
    assert!(
        !text.contains("<script") && !text.contains("style="),
        "{text}"
    );
    let _ = world.get("/public/style.css").send().await.expect(200);
    let _ = world.get("/public/merse").send().await.expect(404);
    let _ = world
        .get("/public/sing?language=xx")
        .send()
        .await
        .expect(400);
}
