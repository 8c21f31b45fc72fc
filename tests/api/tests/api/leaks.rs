//! Nothing of one project is told to who reads another: two projects and two partners with data
//! that looks alike, a person in both, an activity registered in both.
//!
//! Every use case is asked by every kind of caller, twice: once where only the own project has
//! sent anything, and once where the other one sent as much in between. The answers are the same,
//! so neither a row nor a count nor an id of the other is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{Answer, SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};
use varde_xapi::Stored;

const PROJECTS: [&str; 2] = ["sing", "merse"];
const QUIZ: &str = include_str!("../../../../schemas/examples/competence/planning-quiz.yaml");
const PLANNING: &str = "https://example.org/fw/entrecomp/1/planning-management";
const INDICATORS: &str = include_str!("../../../../schemas/examples/interreg/sing-indicators.yaml");
const PEOPLE: &str = "pseudonym,gender,birth_year_band,nuts3\n\
    p-sing,female,1980-1989,NO060\np-merse,male,1990-1999,SE321\np-both,female,1970-1979,SE322\n\
    p-north,female,1980-1989,NO060\np-south,male,1990-1999,SE321\np-free,female,1970-1979,SE322\n";
const IDENTITIES: &str = "ifi,pseudonym\nmailto:sing@example.org,p-sing\n\
    mailto:merse@example.org,p-merse\nmailto:both@example.org,p-both\n\
    mailto:north@example.org,p-north\nmailto:south@example.org,p-south\n\
    mailto:free@example.org,p-free\n";
const AFFILIATIONS: &str = "pseudonym,orgnr\np-sing,NO-100000016\np-merse,SE-402000-0008\n\
    p-north,NO-100000016\np-south,SE-402000-0008\n";
const ORGANISATIONS: &str = "country,orgnr,name\nNO,100000016,North\nSE,402000-0008,South\n";
const ACTIVITIES: &str = "iri,kind,title,project\n\
    https://example.org/sing,training-scheme,Sing,sing\n\
    https://example.org/merse,training-scheme,Merse,merse\n\
    https://example.org/both,training-scheme,Both,sing\n\
    https://example.org/both,training-scheme,Both,merse\n\
    https://example.org/north,training-scheme,North,sing\n\
    https://example.org/south,training-scheme,South,sing\n";
const ORGANISERS: &str = "iri,orgnr\nhttps://example.org/sing,NO-100000016\n\
    https://example.org/sing,SE-402000-0008\nhttps://example.org/merse,NO-100000016\n\
    https://example.org/merse,SE-402000-0008\nhttps://example.org/both,NO-100000016\n\
    https://example.org/both,SE-402000-0008\n\
    https://example.org/north,NO-100000016\nhttps://example.org/south,SE-402000-0008\n";
/// What learners do in each project, in the same words: who, at what; `OWN` is the project. The
/// last counts for both projects, whoever sends it, and what is told of elsewhere for none, for it
/// speaks of the future.
const DEEDS: [(&str, &str); 4] = [
    ("OWN", "OWN"),
    ("both", "OWN"),
    ("both", "elsewhere"),
    ("both", "both"),
];

/// Every use case that takes a caller, by file and name, and the requests that reach it; none where
/// only commands of the operator do.
const USE_CASES: [(&str, &[&str]); 33] = [
    (
        "activities/mod.rs definition",
        &["GET /xapi/activities?activityId=https://example.org/both"],
    ),
    (
        "agents.rs person",
        &[r#"GET /xapi/agents?agent={"mbox":"mailto:both@example.org"}"#],
    ),
    ("attachments/mod.rs take_in", &["POST /xapi/statements"]),
    ("audit/mod.rs add", &["GET /api/v1/outcomes"]),
    ("erasures/held.rs held", &[]),
    ("erasures/lift.rs lift", &[]),
    ("registers/roster.rs list", &[]),
    ("registers/roster.rs show", &[]),
    ("ledger/reader.rs told", &["GET /api/v1/indicators"]),
    (
        "documents/mod.rs clear",
        &["DELETE /xapi/activities/state?STATE"],
    ),
    (
        "documents/mod.rs delete",
        &["DELETE /xapi/activities/state?STATE&stateId=place"],
    ),
    (
        "documents/mod.rs get",
        &[
            "GET /xapi/activities/state?STATE&stateId=place",
            "GET /xapi/activities/profile?activityId=https://example.org/both&profileId=place",
            r#"GET /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}&profileId=place"#,
        ],
    ),
    (
        "documents/mod.rs list",
        &[
            "GET /xapi/activities/state?STATE",
            "GET /xapi/activities/profile?activityId=https://example.org/both",
            r#"GET /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}"#,
        ],
    ),
    (
        "documents/mod.rs merge",
        &["POST /xapi/activities/state?STATE&stateId=place"],
    ),
    (
        "documents/mod.rs put",
        &["PUT /xapi/activities/state?STATE&stateId=other"],
    ),
    (
        "catalogue.rs competences",
        &["GET /api/v1/competences", "GET /api/v1/competences?limit=1"],
    ),
    ("catalogue.rs frameworks", &["GET /api/v1/frameworks"]),
    (
        "catalogue.rs package",
        &["GET /api/v1/frameworks/package?framework=https://example.org/none"],
    ),
    ("catalogue.rs rules", &["GET /api/v1/rules"]),
    (
        "cohorts/mod.rs cohorts",
        &[
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=gender&as_of=2025-12-31",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=nuts3&as_of=2025-12-31",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&as_of=2025-06-30&format=csv",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=organisation&as_of=2025-12-31",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=birth_year_band&as_of=2025-12-31&format=csv",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=scheme&as_of=2025-12-31&against=https://example.org/both",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=scheme&as_of=2025-12-31&cohort=https://example.org/both",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=organisation&as_of=2025-12-31&cohort=several",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=gender&as_of=2025-12-31&cohort=unknown",
            "GET /api/v1/cohorts?project=OTHER&competence=PLANNING&as_of=2025-12-31",
        ],
    ),
    (
        "explain.rs explain",
        &[
            "GET /api/v1/outcomes/explanation?person=p-both",
            "GET /api/v1/outcomes/explanation?person=p-OTHER",
        ],
    ),
    (
        "indicators.rs query",
        &[
            "GET /api/v1/indicators",
            "GET /api/v1/indicators?project=OTHER",
        ],
    ),
    (
        "ledger/naming.rs names",
        &["GET /xapi/statements?statementId=THEIRS"],
    ),
    (
        "ledger/reader.rs rows",
        &["GET /api/v1/indicators?code=RCO85"],
    ),
    (
        "ledger/reader.rs rows_of",
        &["GET /api/v1/outcomes?person=p-both&as_of=2025-12-31"],
    ),
    (
        "outcomes.rs query",
        &[
            "GET /api/v1/outcomes",
            "GET /api/v1/outcomes?person=p-both",
            "GET /api/v1/outcomes?as_of=2025-06-30",
            "GET /api/v1/outcomes?limit=1&format=csv",
        ],
    ),
    (
        "periods.rs period",
        &[
            "GET /api/v1/indicators/periods?project=OWN&period=2025-12-31",
            "GET /api/v1/indicators/periods?project=OTHER&period=2025-12-31",
        ],
    ),
    (
        "statements/mod.rs continue_from",
        &["MORE /xapi/statements?limit=1"],
    ),
    (
        "statements/mod.rs get",
        &[
            "GET /xapi/statements?statementId=THEIRS",
            "GET /xapi/statements?voidedStatementId=THEIRS",
        ],
    ),
    (
        "statements/mod.rs select",
        &[
            "GET /xapi/statements",
            r#"GET /xapi/statements?related_agents=true&agent={"mbox":"mailto:both@example.org"}"#,
            "GET /xapi/statements?related_activities=true&activity=https://example.org/both",
            "GET /xapi/statements?verb=http://adlnet.gov/expapi/verbs/completed",
        ],
    ),
    (
        "statements/mod.rs store",
        &["PUT /xapi/statements?statementId=NEW"],
    ),
    ("statements/repeats.rs list", &["GET /api/v1/repeats"]),
    ("statements/uncounted.rs list", &["GET /api/v1/uncounted"]),
];

/// Returns file and name of every public function under `src` folders that takes a caller.
fn use_cases() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for root in [
        "lrs/core/src",
        "adapters/competence/src",
        "adapters/interreg/src",
    ] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(root);
        scan(&root, &root, &mut found);
    }
    found
}

fn scan(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            scan(root, &path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let file = path
            .strip_prefix(root)
            .expect("below the root")
            .display()
            .to_string();
        for part in text.split("    pub ").skip(1) {
            let signature = part.split('{').next().unwrap_or_default();
            let Some((_, named)) = signature.split_once("fn ") else {
                continue;
            };
            let name = named.split(['(', '<']).next().unwrap_or_default();
            let takes = ["caller: &Caller", "caller: &'a Caller", "caller: Caller"];
            if takes.iter().any(|takes| named.contains(takes)) {
                found.insert(format!("{file} {name}"));
            }
        }
    }
}

#[test]
fn every_use_case_that_takes_a_caller_is_asked() {
    let asked: BTreeSet<String> = USE_CASES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(use_cases(), asked);
}

/// One kind of caller: what its key is given.
fn kinds(project: &str) -> Vec<NewKey> {
    let key = |name: &str| World::new_key(&format!("{project}-{name}"), project);
    let machine = |name: &str, scopes: &[Scope]| NewKey {
        scopes: scopes.to_vec(),
        ..key(name)
    };
    let person = |role: Role| NewKey {
        scopes: role.default_scopes().to_vec(),
        role: Some(role),
        ..key(role.name())
    };
    let of_partner = |partner: &str| NewKey {
        name: format!("{project}-evaluator-{partner}"),
        partner: Some(partner.parse().expect("an organisation number")),
        ..person(Role::Evaluator)
    };
    let mut kinds: Vec<_> = Role::EACH.map(person).into();
    kinds.extend([
        machine("all", &[Scope::All]),
        machine("reader", &[Scope::AllRead]),
        machine(
            "front-end",
            &[Scope::StatementsWrite, Scope::StatementsReadMine],
        ),
        machine("statements", &[Scope::StatementsRead]),
        of_partner("NO-100000016"),
        of_partner("SE-402000-0008"),
    ]);
    kinds
}

/// The id of a project's statement.
fn id(project: &str, number: usize) -> String {
    let of = if project == "sing" { 1 } else { 2 };
    format!("5a4d0000-0000-4000-8000-{of:04}{number:08}")
}

fn statement(project: &str, number: usize, verb: &str) -> Value {
    let (learner, at) = DEEDS[number % 100];
    let (learner, at) = (learner.replace("OWN", project), at.replace("OWN", project));
    let timestamp = match &*at {
        "elsewhere" => "2031-03-01T10:00:00Z",
        _ => "2025-03-01T10:00:00Z",
    };
    json!({
        "id": id(project, number),
        "actor": { "mbox": format!("mailto:{learner}@example.org"), "name": format!("Named by {project}") },
        "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}") },
        "object": {
            "id": format!("https://example.org/{at}"),
            "definition": { "name": { "en": format!("Told by {project}") } },
        },
        "result": { "score": { "scaled": 0.8 } },
        "context": { "contextActivities": { "parent": [
            { "id": "https://lms.example.org/mod/quiz/view.php?id=42" },
        ] } },
        "timestamp": timestamp,
    })
}

const NOON: Stored = Stored(1_740_830_400_000_000);

/// Two projects with registers, rules and keys. The own one sent statements and documents, and
/// where it is not alone the other did too, save what would count for both.
async fn world(own: &str, alone: bool) -> World {
    let world = World::new().await;
    let project = |code: &str| {
        format!(
            "project: {code}\ntitle: {{ nb: P, sv: P, en: P }}\nzone: Europe/Oslo\n\
             start: 2024-01-01\nend: 2026-12-31\nperiods: [2025-06-30, 2025-12-31]\n\
             partners:\n  - {{ organisation: NO-100000016, country: NO, role: lead }}\n"
        )
    };
    world.clock.set(NOON);
    let files = PROJECTS.map(project);
    let tables = [
        PEOPLE,
        IDENTITIES,
        AFFILIATIONS,
        ORGANISATIONS,
        ACTIVITIES,
        ORGANISERS,
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|text| ("project.yaml", text.as_str()))
        .chain(tables.map(|text| ("table.csv", text)))
        .collect();
    world.import(&files).await;
    world.activate(QUIZ).await;
    for project in PROJECTS {
        world.activate(&INDICATORS.replace("sing", project)).await;
        world
            .key(&format!("{project}-lms"), project, &[Scope::All])
            .await;
        for key in kinds(project) {
            world.make_key(key).await;
        }
    }
    for (number, (_, at)) in DEEDS.into_iter().enumerate() {
        for project in PROJECTS {
            let shared = at == "both";
            if project == own || !(alone || shared) {
                send(&world, project, number).await;
            }
        }
    }
    world.clock.set(Stored(NOON.0 + 500 * 86_400_000_000));
    world.settle().await;
    world.flag_repeats().await;
    world
}

/// Sends what a project has to say of one deed, at an instant of its own.
async fn send(world: &World, project: &str, number: usize) {
    let turn = i64::try_from(number * PROJECTS.len()).expect("a small number");
    let turn = turn + i64::from(project == "merse");
    world.clock.set(Stored(NOON.0 + (turn + 1) * 60_000_000));
    let call = |method, target: &str| {
        let key = format!("{project}-lms");
        world.call(method, target).by(&key, SECRET)
    };
    let again = json!({ "id": id(project, number + 100) });
    let mut repeated = statement(project, number, "completed");
    repeated["id"] = again["id"].clone();
    let both = json!([statement(project, number, "completed"), repeated]);
    let sent = call(Method::POST, "/xapi/statements").json(&both).send();
    let _ = sent.await.expect(200);
    let documents = [
        format!("/xapi/activities/state?{}&stateId=place", state()),
        format!(
            "/xapi/activities/state?{}&stateId={project}-{number}",
            state()
        ),
        "/xapi/activities/profile?activityId=https://example.org/both&profileId=place".to_owned(),
        r#"/xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}&profileId=place"#
            .to_owned(),
    ];
    for target in documents {
        let target = escaped(&target);
        let document = json!({ project: number });
        let sent = call(Method::POST, &target).json(&document).send().await;
        let _ = sent.expect(204);
    }
}

fn state() -> String {
    r#"activityId=https://example.org/both&agent={"mbox":"mailto:both@example.org"}"#.to_owned()
}

fn escaped(target: &str) -> String {
    target
        .replace('{', "%7B")
        .replace('}', "%7D")
        .replace('"', "%22")
}

/// Sends one of the requests of [`USE_CASES`] as a caller.
async fn ask(world: &World, (own, other): (&str, &str), caller: &str, request: &str) -> Answer {
    let (method, target) = request.split_once(' ').expect("a method and a target");
    let target = target
        .replace("STATE", &state())
        .replace("PLANNING", PLANNING)
        .replace("OWN", own)
        .replace("OTHER", other)
        .replace("THEIRS", &id(other, 0))
        .replace("NEW", &id(own, 999));
    let call = |method, target: &str| world.call(method, &escaped(target)).by(caller, SECRET);
    let mut new = statement(own, 2, "attempted");
    new["id"] = json!(id(own, 999));
    match method {
        "MORE" => {
            let first = call(Method::GET, &target).send().await;
            match first
                .status
                .is_success()
                .then(|| first.json()["more"].clone())
            {
                Some(Value::String(more)) if !more.is_empty() => {
                    call(Method::GET, &more).send().await
                }
                _ => first,
            }
        }
        "GET" => call(Method::GET, &target).send().await,
        "DELETE" => call(Method::DELETE, &target).send().await,
        "POST" if target.contains("statements") => {
            new["id"] = json!(id(own, 998));
            call(Method::POST, &target).json(&new).send().await
        }
        "POST" => {
            call(Method::POST, &target)
                .json(&json!({ "more": 1 }))
                .send()
                .await
        }
        "PUT" if target.contains("statements") => {
            call(Method::PUT, &target).json(&new).send().await
        }
        "PUT" => {
            call(Method::PUT, &target)
                .json(&json!({ "new": 1 }))
                .send()
                .await
        }
        other => panic!("{other} is no method of this test"),
    }
}

/// Returns a table without its last columns, where they tell the instant of the answer.
fn without_instants(table: &str) -> String {
    let head = table.lines().next().unwrap_or_default();
    if !head.ends_with(",known_at,complete_through") {
        return table.to_owned();
    }
    let kept = table.lines().filter_map(|line| line.rsplitn(3, ',').nth(2));
    kept.collect::<Vec<_>>().join("\n")
}

/// Removes what only tells where in the log something stands: positions, rows of registers, the
/// sealed text of a link, the instant of an answer.
fn plain(answer: &Answer) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for name in ["position", "rows", "next", "more", "request", "instance"] {
                    members.remove(name);
                }
                for instant in ["complete_through", "known_at"] {
                    members.remove(instant);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let text = String::from_utf8_lossy(&answer.body);
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else {
        let parted = answer.header("content-type").contains("boundary");
        return if parted {
            String::new()
        } else {
            without_instants(&text)
        };
    };
    strip(&mut value);
    format!("{} {value}", answer.status)
}

/// Everything that every kind of caller of a project is told.
async fn told(world: &World, own: &str, other: &str) -> BTreeMap<String, Answer> {
    let mut told = BTreeMap::new();
    for key in kinds(own) {
        for (use_case, requests) in USE_CASES {
            for request in requests {
                let answer = ask(world, (own, other), &key.name, request).await;
                told.insert(format!("{} {use_case} {request}", key.name), answer);
            }
        }
    }
    told
}

#[tokio::test]
async fn what_another_project_sent_changes_no_answer() {
    for (own, other) in [("sing", "merse"), ("merse", "sing")] {
        let alone = told(&world(own, true).await, own, other).await;
        let beside = told(&world(own, false).await, own, other).await;
        for (asked, answer) in &alone {
            assert_eq!(plain(answer), plain(&beside[asked]), "{asked}");
        }
        let answered = beside.values().filter(|answer| answer.status.is_success());
        assert!(answered.count() > 100, "most of it is answered");
    }
}

#[tokio::test]
async fn no_answer_holds_an_id_or_a_name_that_another_project_sent() {
    let (own, other) = ("sing", "merse");
    for (asked, answer) in told(&world(own, false).await, own, other).await {
        let text = String::from_utf8_lossy(&answer.body);
        // The ids asked for are quoted by who does not find them.
        let quoted = asked.contains("THEIRS");
        for number in 0..DEEDS.len() {
            for theirs in [id(other, number), id(other, number + 100)] {
                assert!(quoted || !text.contains(&theirs), "{asked}: {text}");
            }
        }
        for theirs in ["Named by merse", "Told by merse", "merse-0", "p-merse"] {
            assert!(!text.contains(theirs), "{asked}: {text}");
        }
    }
}

/// Each partner with its evaluator in the project `sing`, its person and the activity that it alone
/// organised. The person `free` belongs to neither.
const PARTNERS: [(&str, &str); 2] = [
    ("sing-evaluator-NO-100000016", "north"),
    ("sing-evaluator-SE-402000-0008", "south"),
];

/// Sends that a person completed an activity, and returns the statement's id.
async fn complete(world: &World, person: &str, activity: &str) -> String {
    let mut done = statement("sing", 0, "completed");
    let seed = format!("{person} {activity}");
    let number = seed
        .bytes()
        .fold(0, |sum, byte| sum * 31 % 9973 + usize::from(byte));
    let id = id("sing", 1_000 + number);
    done["id"] = json!(id);
    done["actor"] = json!({ "mbox": format!("mailto:{person}@example.org") });
    done["object"]["id"] = json!(format!("https://example.org/{activity}"));
    let call = world.call(Method::POST, "/xapi/statements");
    let sent = call.by("sing-lms", SECRET).json(&done).send();
    let _ = sent.await.expect(200);
    id
}

async fn text(world: &World, caller: &str, target: &str) -> String {
    let answer = world.get(target).by(caller, SECRET).send().await;
    answer.expect(200).text().to_owned()
}

#[tokio::test]
async fn an_evaluator_sees_rows_of_the_own_partner_only() {
    let world = world("sing", false).await;
    let at_north = complete(&world, "north", "north").await;
    complete(&world, "south", "south").await;
    complete(&world, "free", "north").await;
    let at_south = complete(&world, "north", "south").await;
    world.settle().await;
    let target = "/api/v1/outcomes";
    let seen = async |caller: &str, person: &str| {
        let outcomes = text(&world, caller, target).await;
        outcomes.contains(&format!("\"p-{person}\""))
    };
    let [(north, _), (south, _)] = PARTNERS;
    for (person, by_north, by_south) in [
        ("north", true, true),
        ("south", false, true),
        ("free", true, false),
    ] {
        assert!(seen("sing-auditor", person).await, "{person}");
        assert!(!seen("sing-evaluator", person).await, "{person}");
        assert_eq!(seen(north, person).await, by_north, "{person} by north");
        assert_eq!(seen(south, person).await, by_south, "{person} by south");
    }
    // Of a person of the one, the other sees what was done at its own activity.
    let theirs = text(&world, south, "/api/v1/outcomes?person=p-north").await;
    assert!(theirs.contains(&at_south), "{theirs}");
    assert!(!theirs.contains(&at_north), "{theirs}");

    let indicators = "/api/v1/indicators?as_of=2025-12-31";
    let own = text(&world, north, indicators).await;
    assert!(own.contains("p-sing"), "{own}");
    let nobody = text(&world, "sing-evaluator", indicators).await;
    assert!(!nobody.contains("p-"), "{nobody}");
}

#[tokio::test]
async fn what_another_partner_did_changes_no_answer_to_an_evaluator() {
    for ((evaluator, _), (_, other)) in [(PARTNERS[0], PARTNERS[1]), (PARTNERS[1], PARTNERS[0])] {
        let mut told = Vec::new();
        for other_is_there in [false, true] {
            let world = world("sing", true).await;
            if other_is_there {
                complete(&world, other, other).await;
                complete(&world, "free", other).await;
            }
            world.settle().await;
            let mut answers = BTreeMap::new();
            for (_, requests) in USE_CASES {
                for request in requests {
                    let answer = ask(&world, ("sing", "merse"), evaluator, request).await;
                    answers.insert(*request, plain(&answer));
                }
            }
            let all = text(&world, "sing-auditor", "/api/v1/outcomes").await;
            assert_eq!(
                all.contains(&format!("\"p-{other}\"")),
                other_is_there,
                "{all}"
            );
            told.push(answers);
        }
        assert_eq!(told[0], told[1], "{evaluator}");
        let answered = told[1].values().filter(|answer| answer.starts_with("200"));
        assert!(answered.count() >= 5, "{:?}", told[1]);
    }
}

#[tokio::test]
async fn a_funder_and_a_learner_are_told_nothing() {
    let world = world("sing", false).await;
    for caller in ["sing-funder", "sing-learner"] {
        for (_, requests) in USE_CASES {
            for request in requests {
                let answer = ask(&world, ("sing", "merse"), caller, request).await;
                assert_eq!(answer.status, 403, "{caller} {request}: {}", answer.text());
            }
        }
    }
}

#[tokio::test]
async fn a_person_opens_a_statement_of_another_space_that_their_results_name() {
    let world = world("sing", true).await;
    let shared = DEEDS.len() - 1;
    send(&world, "merse", shared).await;
    send(&world, "merse", 0).await;
    world.settle().await;
    let open = async |caller: &str, id: &str| {
        let call = world.get("/xapi/statements").query("statementId", id);
        call.by(caller, SECRET).send().await.status.as_u16()
    };
    let (named, theirs) = (id("merse", shared), id("merse", 0));
    for person in ["sing-auditor", "sing-administrator", "sing-data-steward"] {
        assert_eq!(open(person, &named).await, 200, "{person}");
        assert_eq!(open(person, &theirs).await, 404, "{person}");
    }
    for machine in ["sing-all", "sing-reader", "sing-front-end"] {
        assert_eq!(open(machine, &named).await, 404, "{machine}");
    }
    assert_eq!(open("sing-evaluator", &named).await, 403);
    assert_eq!(open("merse-auditor", &theirs).await, 200);
}

#[tokio::test]
async fn a_statement_of_another_space_that_counts_for_both_is_counted_in_both() {
    let world = world("sing", true).await;
    send(&world, "merse", DEEDS.len() - 1).await;
    world.settle().await;
    for project in PROJECTS {
        let reader = format!("{project}-reader");
        let call = world
            .get("/api/v1/outcomes?person=p-both")
            .by(&reader, SECRET);
        let outcomes = call.send().await.expect(200);
        assert!(
            outcomes.text().contains("p-both"),
            "{project}: {}",
            outcomes.text()
        );
    }
}
