//! Who may do what: each cell of the tables in `docs/access.md` is allowed or refused as it says.

use std::fs;
use std::path::Path;

use serde_json::json;
use varde_api_tests::access::{self, Column, PAGE};
use varde_api_tests::{Answer, SECRET, World};
use varde_core::keys::NewKey;
use varde_http::{Endpoint, endpoints};

use crate::leaks::asking::{ask, ask_with};
use crate::leaks::world::world;

/// A request for each endpoint that needs a credential, with what it needs to be done. `OWN` is the
/// project that is asked about.
const REQUESTS: [(&str, &str); 89] = [
    ("GET /xapi/statements", "GET /xapi/statements?limit=1"),
    (
        "PUT /xapi/statements",
        "PUT /xapi/statements?statementId=NEW",
    ),
    ("POST /xapi/statements", "POST /xapi/statements"),
    (
        "GET /xapi/activities",
        "GET /xapi/activities?activityId=https://example.org/both",
    ),
    (
        "GET /xapi/agents",
        r#"GET /xapi/agents?agent={"mbox":"mailto:both@example.org"}"#,
    ),
    (
        "GET /xapi/activities/state",
        "GET /xapi/activities/state?STATE",
    ),
    (
        "PUT /xapi/activities/state",
        "PUT /xapi/activities/state?STATE&stateId=mine",
    ),
    (
        "POST /xapi/activities/state",
        "POST /xapi/activities/state?STATE&stateId=mine",
    ),
    (
        "DELETE /xapi/activities/state",
        "DELETE /xapi/activities/state?STATE&stateId=mine",
    ),
    (
        "GET /xapi/activities/profile",
        "GET /xapi/activities/profile?activityId=https://example.org/both",
    ),
    (
        "PUT /xapi/activities/profile",
        "PUT /xapi/activities/profile?activityId=https://example.org/both&profileId=place",
    ),
    (
        "POST /xapi/activities/profile",
        "POST /xapi/activities/profile?activityId=https://example.org/both&profileId=mine",
    ),
    (
        "DELETE /xapi/activities/profile",
        "DELETE /xapi/activities/profile?activityId=https://example.org/both&profileId=mine",
    ),
    (
        "GET /xapi/agents/profile",
        r#"GET /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}"#,
    ),
    (
        "PUT /xapi/agents/profile",
        r#"PUT /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}&profileId=place"#,
    ),
    (
        "POST /xapi/agents/profile",
        r#"POST /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}&profileId=mine"#,
    ),
    (
        "DELETE /xapi/agents/profile",
        r#"DELETE /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}&profileId=mine"#,
    ),
    ("GET /api/v1/frameworks", "GET /api/v1/frameworks"),
    (
        "GET /api/v1/frameworks/package",
        "GET /api/v1/frameworks/package?framework=https://example.org/none",
    ),
    ("GET /api/v1/competences", "GET /api/v1/competences"),
    ("GET /api/v1/rules", "GET /api/v1/rules"),
    ("GET /api/v1/outcomes", "GET /api/v1/outcomes"),
    (
        "GET /api/v1/outcomes/explanation",
        "GET /api/v1/outcomes/explanation?person=p-both",
    ),
    (
        "GET /api/v1/cohorts",
        "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=gender&as_of=2025-12-31",
    ),
    ("GET /api/v1/indicators", "GET /api/v1/indicators"),
    (
        "GET /api/v1/indicators/periods",
        "GET /api/v1/indicators/periods?project=OWN&period=2025-12-31",
    ),
    ("GET /api/v1/uncounted", "GET /api/v1/uncounted"),
    ("POST /api/v1/imports", "POST /api/v1/imports?project=OWN"),
    (
        "GET /api/v1/imports/templates",
        "GET /api/v1/imports/templates",
    ),
    (
        "GET /api/v1/imports/templates/{name}",
        "GET /api/v1/imports/templates/people.csv",
    ),
    ("GET /api/v1/repeats", "GET /api/v1/repeats"),
    ("GET /api/v1/sources", "GET /api/v1/sources"),
    ("GET /api/v1/sources/days", "GET /api/v1/sources/days"),
    (
        "GET /api/v1/sources/repeats",
        "GET /api/v1/sources/repeats?name=OWN-lms",
    ),
    (
        "GET /api/v1/test-statements",
        "GET /api/v1/test-statements?statement=00000000-0000-4000-8000-000000000000",
    ),
    (
        "POST /api/v1/test-statements",
        "POST /api/v1/test-statements",
    ),
    ("GET /api/v1/national-ids", "GET /api/v1/national-ids"),
    ("GET /api/v1/refusals", "GET /api/v1/refusals"),
    ("GET /api/v1/users", "GET /api/v1/users"),
    (
        "POST /api/v1/users",
        r#"POST /api/v1/users BODY {"name":"","password":"","key":""}"#,
    ),
    ("DELETE /api/v1/users", "DELETE /api/v1/users?name=nobody"),
    (
        "POST /api/v1/users/password",
        r#"POST /api/v1/users/password?name=nobody BODY {"password":"a password for tests"}"#,
    ),
    ("GET /api/v1/definitions", "GET /api/v1/definitions"),
    ("GET /api/v1/audit", "GET /api/v1/audit"),
    ("GET /api/v1/system", "GET /api/v1/system"),
    ("GET /api/v1/reports", "GET /api/v1/reports"),
    (
        "POST /api/v1/reports",
        "POST /api/v1/reports?project=OWN&period=2025-06-30",
    ),
    ("GET /api/v1/reports/periods", "GET /api/v1/reports/periods"),
    (
        "GET /api/v1/reports/check",
        "GET /api/v1/reports/check?project=OWN&period=2025-06-30",
    ),
    (
        "GET /api/v1/reports/content",
        "GET /api/v1/reports/content?project=OWN&period=2025-06-30",
    ),
    (
        "GET /api/v1/reports/file",
        "GET /api/v1/reports/file?project=OWN&period=2025-06-30",
    ),
    (
        "POST /api/v1/reports/submit",
        "POST /api/v1/reports/submit?project=OWN&period=2025-12-31",
    ),
    (
        "POST /api/v1/reports/return",
        r#"POST /api/v1/reports/return?project=OWN&period=2025-12-31 BODY {"reason":"x"}"#,
    ),
    (
        "POST /api/v1/reports/accept",
        "POST /api/v1/reports/accept?project=OWN&period=2025-12-31",
    ),
    (
        "PUT /api/v1/reports/comments",
        r#"PUT /api/v1/reports/comments?project=OWN&period=2025-06-30&code=RCO85 BODY {"text":"x"}"#,
    ),
    (
        "POST /api/v1/reports/lines",
        r#"POST /api/v1/reports/lines?project=OWN&period=2025-06-30 BODY {"code":"RCO85","amount":"1","reason":"x","document":"00"}"#,
    ),
    (
        "DELETE /api/v1/reports/lines",
        "DELETE /api/v1/reports/lines?project=OWN&period=2025-06-30&line=1",
    ),
    (
        "POST /api/v1/reports/lines/approve",
        "POST /api/v1/reports/lines/approve?project=OWN&period=2025-06-30&line=1",
    ),
    (
        "GET /api/v1/reports/pack",
        "GET /api/v1/reports/pack?project=OWN&period=2025-12-31",
    ),
    ("GET /api/v1/releases", "GET /api/v1/releases?project=OWN"),
    (
        "GET /api/v1/releases/check",
        "GET /api/v1/releases/check?project=OWN&number=1",
    ),
    ("GET /api/v1/handovers", "GET /api/v1/handovers?project=OWN"),
    (
        "POST /api/v1/releases",
        r#"POST /api/v1/releases?project=OWN&period=2025-12-31 BODY {"tables":[]}"#,
    ),
    (
        "GET /api/v1/people/{person}/record",
        "GET /api/v1/people/p-OWN/record?as_of=2025-12-31",
    ),
    ("GET /api/v1/roster", "GET /api/v1/roster"),
    (
        "POST /api/v1/people/find",
        r#"POST /api/v1/people/find BODY {"identifier":"OWN@example.org"}"#,
    ),
    (
        "GET /api/v1/people/merge",
        "GET /api/v1/people/merge?person=p-OWN&into=p-both",
    ),
    (
        "POST /api/v1/people/merge",
        r#"POST /api/v1/people/merge BODY {"person":"p-OWN","into":"p-OTHER"}"#,
    ),
    (
        "POST /api/v1/people/unmerge",
        r#"POST /api/v1/people/unmerge BODY {"person":"p-OWN"}"#,
    ),
    (
        "GET /api/v1/people/{person}/history",
        "GET /api/v1/people/p-OWN/history?as_of=2025-12-31",
    ),
    ("GET /api/v1/own/history", "GET /api/v1/own/history"),
    ("GET /api/v1/own/record", "GET /api/v1/own/record"),
    ("GET /api/v1/own/outcomes", "GET /api/v1/own/outcomes"),
    ("GET /api/v1/balances", "GET /api/v1/balances?project=OWN"),
    (
        "PUT /api/v1/balances",
        r#"PUT /api/v1/balances?project=OWN&code=RCO85 BODY {"value":"3","as_of":"2024-12-31","source":"x"}"#,
    ),
    (
        "DELETE /api/v1/balances",
        "DELETE /api/v1/balances?project=OWN&code=RCO85",
    ),
    ("GET /api/v1/evidence", "GET /api/v1/evidence?project=OWN"),
    (
        "POST /api/v1/evidence",
        "POST /api/v1/evidence?project=OWN&title=List",
    ),
    (
        "GET /api/v1/evidence/file",
        "GET /api/v1/evidence/file?project=OWN&sha256=00",
    ),
    (
        "POST /api/v1/evidence/links",
        r#"POST /api/v1/evidence/links?project=OWN&sha256=00 BODY {"period":"2025-06-30"}"#,
    ),
    ("GET /api/v1/keys", "GET /api/v1/keys"),
    (
        "POST /api/v1/keys",
        r#"POST /api/v1/keys BODY {"name":"made","space":"sing","scopes":["all"]}"#,
    ),
    ("DELETE /api/v1/keys", "DELETE /api/v1/keys?name=none"),
    (
        "POST /api/v1/keys/rotate",
        "POST /api/v1/keys/rotate?name=none",
    ),
    (
        "POST /api/v1/sessions",
        r#"POST /api/v1/sessions BODY {"actor":{"mbox":"mailto:both@example.org"},"activity":"https://example.org/both"}"#,
    ),
    ("GET /api/v1/projects", "GET /api/v1/projects"),
    ("GET /api/v1/organisations", "GET /api/v1/organisations"),
    ("GET /api/v1/activities", "GET /api/v1/activities"),
    ("GET /api/v1/people", "GET /api/v1/people"),
];

fn name(endpoint: &Endpoint) -> String {
    format!("{} {}{}", endpoint.method, endpoint.base, endpoint.path)
}

fn target(endpoint: &Endpoint) -> String {
    format!("{}{}", endpoint.base, endpoint.path).replace("{name}", "people.csv")
}

fn request_of(endpoint: &Endpoint) -> &'static str {
    let name = name(endpoint);
    let found = REQUESTS.iter().find(|(of, _)| *of == name);
    found.unwrap_or_else(|| panic!("no request for {name}")).1
}

/// Those that need a credential.
fn guarded() -> Vec<Endpoint> {
    let all = endpoints().into_iter();
    all.filter(|endpoint| !endpoint.needs.is_empty()).collect()
}

fn is_refused(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 401 | 403)
}

/// Makes a key for a column of a table and returns its name.
async fn key(world: &World, column: &Column, project: &str, partner: Option<&str>) -> String {
    let name = format!("{project} {} {}", column.name, partner.unwrap_or("none"));
    let key = NewKey {
        scopes: column.caller.scopes.clone(),
        role: column.caller.role,
        partner: partner.map(|partner| partner.parse().expect("an organisation number")),
        ..World::new_key(&name, project)
    };
    world.make_key(key).await;
    name
}

#[test]
fn the_page_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let committed = fs::read_to_string(root.join(PAGE)).unwrap_or_default();
    let written = access::page();
    let mut lines = written.lines().zip(committed.lines());
    let difference = lines.find(|(new, old)| new != old);
    assert!(
        written == committed,
        "{PAGE} is out of date; write it anew with: cargo run -p varde-api-tests\n{difference:#?}"
    );
}

#[test]
fn each_test_that_the_threat_model_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("SECURITY.md")).expect("the page");
    let mut named = 0;
    for part in page.split("[`").skip(1) {
        let (name, rest) = part.split_once("`](").expect("a link");
        let (file, _) = rest.split_once(')').expect("the end of a link");
        let source = fs::read_to_string(root.join(file)).expect(file);
        let test = format!("fn {name}()");
        assert!(source.contains(&test), "there is no test {name} in {file}");
        named += 1;
    }
    assert!(named > 20, "the page names the tests");
}

#[tokio::test]
async fn each_endpoint_is_walked_and_without_a_credential_each_but_three_are_shut() {
    let world = World::new().await;
    let names: Vec<String> = guarded().iter().map(name).collect();
    for (of, _) in REQUESTS {
        assert!(names.iter().any(|name| name == of), "{of} is no endpoint");
    }
    let mut open = Vec::new();
    for endpoint in endpoints() {
        let target = target(&endpoint);
        let method = endpoint.method.parse().expect("a method");
        let call = world.call(method, &target).without("authorization");
        if call.send().await.status == 401 {
            let _ = request_of(&endpoint);
        } else {
            open.push(name(&endpoint));
        }
    }
    let told = [
        "GET /xapi/about",
        "GET /api/v1/openapi.json",
        "GET /api/v1/me",
    ];
    assert_eq!(open, told);
}

/// Every method that a resource answers is in the table: the Allow header of a method that none
/// knows lists those it does.
#[tokio::test]
async fn no_method_of_a_resource_is_missing() {
    let world = World::new().await;
    let all = endpoints();
    for endpoint in &all {
        let target = target(endpoint);
        let answer = world.call(axum::http::Method::TRACE, &target).send().await;
        let answer = answer.expect(405);
        let mut allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
        allowed.retain(|method| *method != "HEAD");
        allowed.sort_unstable();
        let same = all
            .iter()
            .filter(|other| (other.base, other.path) == (endpoint.base, endpoint.path));
        let mut listed: Vec<_> = same.map(|other| other.method).collect();
        listed.sort_unstable();
        assert_eq!(allowed, listed, "{target}");
    }
}

/// Walks one table in one project, for keys of no partner or of one.
async fn walk(columns: &[Column], (own, other): (&str, &str), partner: Option<&str>) {
    let world = world(own, false).await;
    for column in columns {
        let key = key(&world, column, own, partner).await;
        for endpoint in guarded() {
            let answer = ask(&world, (own, other), &key, request_of(&endpoint)).await;
            // A key is made in the project that its request names, which is the own one here or not.
            let foreign = String::from_utf8_lossy(&answer.body).contains("foreign-project");
            let (may, let_in) = (column.may(&endpoint), !is_refused(&answer) || foreign);
            assert_eq!(may, let_in, "{key}: {}: {}", name(&endpoint), answer.status);
        }
    }
}

const PARTNERS: [&str; 2] = ["NO-100000016", "SE-402000-0008"];

#[tokio::test]
async fn each_role_may_what_the_page_says_in_each_project_and_for_each_partner() {
    for projects in [("sing", "merse"), ("merse", "sing")] {
        for partner in [None, Some(PARTNERS[0]), Some(PARTNERS[1])] {
            walk(&access::roles(), projects, partner).await;
        }
    }
}

#[tokio::test]
async fn each_scope_may_what_the_page_says_in_each_project() {
    let mut columns = access::scopes();
    columns.retain(|column| column.name != "session");
    for projects in [("sing", "merse"), ("merse", "sing")] {
        walk(&columns, projects, None).await;
    }
}

#[tokio::test]
async fn a_session_may_what_the_page_says() {
    let (own, other) = ("sing", "merse");
    let world = world(own, false).await;
    let columns = access::scopes();
    let column = columns.iter().find(|column| column.name == "session");
    let column = column.expect("the page has sessions");
    let minted = async |activity: &str| {
        let wish = json!({
            "actor": { "mbox": "mailto:both@example.org" }, "activity": activity,
        });
        let call = world.post("/api/v1/sessions").by("sing-lms", SECRET);
        let minted = call.json(&wish).send().await.expect(201).json();
        minted["token"].as_str().expect("a token").to_owned()
    };
    // The statements that are sent are about another activity than the state.
    let of_statements = minted("https://example.org/elsewhere").await;
    let of_state = minted("https://example.org/both").await;
    // As Basic, with the token for a secret, so that the same requests are sent.
    for endpoint in guarded() {
        let request = request_of(&endpoint);
        let token = match endpoint.path {
            "/statements" => &of_statements,
            _ => &of_state,
        };
        let answer = ask_with(&world, (own, other), ("session", token), request).await;
        let may = access::session_may(column, &endpoint);
        assert_eq!(
            may,
            !is_refused(&answer),
            "{}: {}",
            name(&endpoint),
            answer.status
        );
    }
}

#[tokio::test]
async fn who_may_do_all_is_done_all_that_is_asked() {
    let world = world("sing", false).await;
    let columns = access::roles();
    let key = key(&world, &columns[0], "sing", None).await;
    let mut undone = Vec::new();
    for endpoint in guarded() {
        let answer = ask(&world, ("sing", "merse"), &key, request_of(&endpoint)).await;
        if !answer.status.is_success() {
            undone.push((answer.status.as_u16(), name(&endpoint)));
        }
    }
    // What needs a document, a line or a report in a state of its own, and what is a learner's own;
    // their tests stand elsewhere.
    let expected: Vec<(u16, String)> = UNDONE
        .into_iter()
        .map(|(status, name)| (status, name.to_owned()))
        .collect();
    assert_eq!(undone, expected);
}

const UNDONE: [(u16, &str); 27] = [
    (409, "PUT /xapi/activities/profile"),
    (409, "PUT /xapi/agents/profile"),
    (404, "GET /api/v1/frameworks/package"),
    (400, "GET /api/v1/indicators/periods"),
    (404, "GET /api/v1/test-statements"),
    (404, "GET /api/v1/reports/file"),
    (404, "GET /api/v1/reports/pack"),
    (404, "POST /api/v1/reports/submit"),
    (404, "POST /api/v1/reports/return"),
    (409, "POST /api/v1/reports/accept"),
    (400, "POST /api/v1/reports/lines"),
    (404, "DELETE /api/v1/reports/lines"),
    (404, "POST /api/v1/reports/lines/approve"),
    (404, "POST /api/v1/releases"),
    (404, "GET /api/v1/releases/check"),
    (404, "GET /api/v1/evidence/file"),
    (404, "POST /api/v1/evidence/links"),
    (404, "DELETE /api/v1/keys"),
    (404, "POST /api/v1/keys/rotate"),
    (400, "POST /api/v1/users"),
    (404, "DELETE /api/v1/users"),
    (404, "POST /api/v1/users/password"),
    (404, "POST /api/v1/people/merge"),
    (409, "POST /api/v1/people/unmerge"),
    (403, "GET /api/v1/own/history"),
    (403, "GET /api/v1/own/record"),
    (403, "GET /api/v1/own/outcomes"),
];
