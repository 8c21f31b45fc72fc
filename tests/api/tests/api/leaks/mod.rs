//! Nothing of one project is told to who reads another: two projects and two partners with data
//! that looks alike, a person in both, an activity registered in both.
//!
//! Every use case is asked by every kind of caller, twice: once where only the own project has
//! sent anything, and once where the other one sent as much in between. The answers are the same,
//! so neither a row nor a count nor an id of the other is in them.

pub(crate) mod asking;
mod use_cases;
pub(crate) mod world;

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::json;
use varde_api_tests::{Answer, SECRET, World};

use self::asking::{ask, plain};
use self::use_cases::USE_CASES;
use self::world::{DEEDS, PROJECTS, id, kinds, own_learner, send, statement, world};

/// Everything that every kind of caller of a project is told.
async fn told(world: &World, own: &str, other: &str) -> BTreeMap<String, Answer> {
    let mut told = BTreeMap::new();
    let names = kinds(own).into_iter().map(|key| key.name);
    for name in names.chain([own_learner(own)]) {
        for (use_case, requests) in USE_CASES {
            for request in requests {
                let answer = ask(world, (own, other), &name, request).await;
                told.insert(format!("{name} {use_case} {request}"), answer);
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
async fn a_funder_is_told_releases_of_the_own_project_only_and_a_learner_of_nobody_nothing() {
    let world = world("sing", false).await;
    for caller in ["sing-funder", "sing-learner"] {
        for (use_case, requests) in USE_CASES {
            for request in requests {
                if (caller, use_case) == ("sing-funder", "publication/mod.rs releases") {
                    let answer = ask(&world, ("sing", "merse"), caller, request).await;
                    let expected = if request.contains("OWN") { 200 } else { 404 };
                    assert_eq!(answer.status, expected, "{request}: {}", answer.text());
                    continue;
                }
                let answer = ask(&world, ("sing", "merse"), caller, request).await;
                if (caller, use_case) == ("sing-funder", "publication/checking.rs check") {
                    assert_eq!(answer.status, 404, "nothing is published here: {request}");
                    continue;
                }
                // Whoever is bound to nobody has nothing of their own.
                let is_own = caller == "sing-learner" && request.contains("/own/");
                let expected = if is_own { 404 } else { 403 };
                assert_eq!(
                    answer.status,
                    expected,
                    "{caller} {request}: {}",
                    answer.text()
                );
            }
        }
    }
}

#[tokio::test]
async fn a_learner_reads_what_is_their_own_in_the_project_and_nothing_else_by_any_use_case() {
    let world = world("sing", false).await;
    let learner = own_learner("sing");
    let mut own = 0;
    for (use_case, requests) in USE_CASES {
        for request in requests {
            let answer = ask(&world, ("sing", "merse"), &learner, request).await;
            if !request.contains("/own/") {
                assert_eq!(
                    answer.status,
                    403,
                    "{use_case} {request}: {}",
                    answer.text()
                );
                continue;
            }
            let answer = answer.expect(200);
            let text = answer.text();
            assert!(text.contains("5a4d0000"), "it names statements: {text}");
            assert!(
                text.contains(&id("sing", 1)) || text.contains(&id("sing", 3)),
                "{text}"
            );
            for others in ["p-sing", "sing@example.org", "p-merse", "merse@example.org"] {
                assert!(!text.contains(others), "{request}: {text}");
            }
            assert!(!text.contains(&id("sing", 0)), "{request}: {text}");
            for number in 0..DEEDS.len() {
                assert!(!text.contains(&id("merse", number)), "{request}: {text}");
            }
            own += 1;
        }
    }
    assert_eq!(own, 3);
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
