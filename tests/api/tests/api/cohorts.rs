//! Cohorts by each dimension over HTTP: distribution, paired gain, drop-out, one against another, as
//! JSON and as the same cells of CSV, and what of it an evaluator is shown.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::Role;
use varde_core::keys::NewKey;
use varde_xapi::Stored;

pub(crate) const PLANNING: &str = "https://example.org/fw/entrecomp/1/planning-management";
const QUIZ: &str = include_str!("../../../../schemas/examples/competence/planning-quiz.yaml");
const PROJECT: &str = "project: sing\ntitle: { nb: P, sv: P, en: P }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\nperiods: [2026-06-30, 2026-12-31]\n\
    partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
const DIMENSIONS: [&str; 5] = [
    "scheme",
    "nuts3",
    "organisation",
    "gender",
    "birth_year_band",
];
/// The year before the last day of which everything has happened.
const NOON: Stored = Stored(1_771_934_400_000_000);

/// What learner N of eight did: in the spring or the autumn scheme, with what score before and
/// after; the fourth has left, and the last is in no register.
const DEEDS: [(&str, Option<&str>, Option<&str>); 8] = [
    ("spring", Some("0.45"), Some("0.85")),
    ("spring", Some("0.45"), Some("0.65")),
    ("spring", Some("0.65"), Some("0.65")),
    ("spring", Some("0.45"), None),
    ("autumn", Some("0.45"), Some("0.65")),
    ("autumn", Some("0.65"), Some("0.85")),
    ("autumn", None, Some("0.85")),
    ("autumn", Some("0.10"), Some("0.65")),
];

fn quiz(phase: &str) -> String {
    let rule = QUIZ.split("\nexamples:").next().expect("a rule");
    let number = if phase == "pre" { 42 } else { 43 };
    rule.replace("sing/planning-quiz", &format!("sing/planning-{phase}"))
        .replace("phase: post", &format!("phase: {phase}"))
        .replace("id=42", &format!("id={number}"))
}

pub(crate) async fn world() -> World {
    let world = World::new().await;
    world.clock.set(NOON);
    let person = |n: u32| {
        let gender = if n.is_multiple_of(2) {
            "male"
        } else {
            "female"
        };
        let band = if n < 4 { "1980-1989" } else { "1990-1999" };
        let region = if n < 5 { "NO060" } else { "SE321" };
        format!("p-{n},{gender},{band},{region}\n")
    };
    let affiliation = |n: u32| {
        let organisation = if n < 5 {
            "NO-100000016"
        } else {
            "SE-402000-0008"
        };
        format!("p-{n},{organisation}\n")
    };
    let identity = |n: u32| format!("mailto:learner-{n}@example.org,p-{n}\n");
    let table = |head: &str, line: &dyn Fn(u32) -> String| {
        std::iter::once(head.to_owned())
            .chain((1..=7).map(line))
            .collect::<String>()
    };
    let people = table("pseudonym,gender,birth_year_band,nuts3\n", &person);
    let identities = table("ifi,pseudonym\n", &identity);
    let affiliations = table("pseudonym,orgnr\n", &affiliation);
    let organisations = "country,orgnr,name\nNO,100000016,North\nSE,402000-0008,South\n";
    let activities = "iri,kind,title,project\n\
        https://example.org/spring,training-scheme,Spring,sing\n\
        https://example.org/autumn,training-scheme,Autumn,sing\n";
    let files = [
        ("sing.yaml", PROJECT),
        ("organisations.csv", organisations),
        ("activities.csv", activities),
        ("people.csv", &people),
        ("identities.csv", &identities),
        ("affiliations.csv", &affiliations),
    ];
    world.import(&files).await;
    for phase in ["pre", "post"] {
        world.activate(&quiz(phase)).await;
    }
    for (learner, (scheme, pre, post)) in (1..).zip(DEEDS) {
        for (quiz, day, scaled) in [(42, 1, pre), (43, 20, post)] {
            let Some(scaled) = scaled else { continue };
            let scaled: Value = serde_json::from_str(scaled).expect("a number");
            let scored = json!({
                "actor": { "mbox": format!("mailto:learner-{learner}@example.org") },
                "verb": { "id": "http://adlnet.gov/expapi/verbs/scored" },
                "object": { "id": "https://lms.example.org/attempt" },
                "result": { "score": { "scaled": scaled } },
                "context": { "contextActivities": {
                    "parent": [{ "id": format!("https://lms.example.org/mod/quiz/view.php?id={quiz}") }],
                    "grouping": [{ "id": format!("https://example.org/{scheme}") }],
                } },
                "timestamp": format!("2026-01-{day:02}T09:00:00Z"),
            });
            world.stored(&scored).await;
        }
    }
    world.clock.set(Stored(NOON.0 + 400 * 86_400_000_000));
    world.settle().await;
    world
}

fn target(by: &str) -> String {
    format!("/api/v1/cohorts?project=sing&competence={PLANNING}&by={by}&as_of=2026-12-31&target=3")
}

/// Every number of a table, by cohort, name and value, as CSV and as JSON have it.
type Cells = BTreeSet<(String, String, String)>;

fn cells_of_csv(text: &str) -> Cells {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.expect("a record"));
    let cells = records.map(|record| {
        assert_eq!(&record[0], "sing");
        assert_eq!(&record[1], PLANNING);
        let cell = |place: usize| record[place].to_owned();
        (cell(4), cell(5), cell(6))
    });
    cells.collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn cells_of_json(table: &Value) -> Cells {
    let mut cells = Cells::new();
    for cohort in table["cohorts"].as_array().expect("cohorts") {
        let value = cohort["value"].as_str().expect("a value");
        let mut add = |name: String, number: &Value| {
            if let Some(number) = text(number) {
                cells.insert((value.to_owned(), name, number));
            }
        };
        add("persons".to_owned(), &cohort["persons"]);
        for (level, number) in cohort["levels"].as_object().expect("levels") {
            add(format!("level {level}"), number);
        }
        for part in ["change", "drop_out"] {
            for (name, number) in cohort[part].as_object().expect("numbers") {
                add(name.clone(), number);
            }
        }
        for (name, number) in cohort["difference"].as_object().into_iter().flatten() {
            let name = match name.as_str() {
                "against" => name.clone(),
                name => format!("difference of {name}"),
            };
            add(name, number);
        }
    }
    cells
}

async fn json(world: &World, target: &str) -> Value {
    world.get(target).send().await.expect(200).json()
}

#[tokio::test]
async fn each_dimension_tells_levels_pairs_and_who_left() {
    let world = world().await;
    let persons = |table: &Value| {
        let cohorts = table["cohorts"].as_array().expect("cohorts").iter();
        let short = cohorts.map(|cohort| {
            let value = cohort["value"].as_str().expect("a value").to_owned();
            let numbers = [
                &cohort["persons"],
                &cohort["change"]["paired"],
                &cohort["drop_out"]["left"],
            ];
            (
                value,
                numbers.map(|number| number.as_u64().expect("a number")),
            )
        });
        short.collect::<Vec<_>>()
    };
    let cohort = |value: &str, numbers| (value.to_owned(), numbers);
    for (by, expected) in [
        (
            "scheme",
            vec![
                cohort("https://example.org/autumn", [4, 2, 0]),
                cohort("https://example.org/spring", [4, 3, 1]),
            ],
        ),
        (
            "nuts3",
            vec![
                cohort("NO060", [4, 3, 1]),
                cohort("SE321", [3, 2, 0]),
                cohort("unknown", [1, 0, 0]),
            ],
        ),
        (
            "organisation",
            vec![
                cohort("NO-100000016", [4, 3, 1]),
                cohort("SE-402000-0008", [3, 2, 0]),
                cohort("unknown", [1, 0, 0]),
            ],
        ),
        (
            "gender",
            vec![
                cohort("female", [4, 3, 0]),
                cohort("male", [3, 2, 1]),
                cohort("unknown", [1, 0, 0]),
            ],
        ),
        (
            "birth_year_band",
            vec![
                cohort("1980-1989", [3, 3, 0]),
                cohort("1990-1999", [4, 2, 1]),
                cohort("unknown", [1, 0, 0]),
            ],
        ),
    ] {
        assert_eq!(persons(&json(&world, &target(by)).await), expected, "{by}");
    }
    let table = json(&world, &target("scheme")).await;
    let [autumn, spring] = [&table["cohorts"][0], &table["cohorts"][1]];
    assert_eq!(spring["levels"], json!({ "2": 1, "3": 2, "4": 1 }));
    assert_eq!(spring["change"]["mean"], "1");
    assert_eq!(spring["change"]["share_at_target"], "1");
    assert_eq!(autumn["change"]["post_only"], 2);
}

#[tokio::test]
async fn csv_has_the_cells_of_json_also_of_one_cohort_against_another() {
    let world = world().await;
    for by in DIMENSIONS {
        let whole = json(&world, &target(by)).await;
        let values = whole["cohorts"].as_array().expect("cohorts").iter();
        let values: Vec<_> = values
            .map(|cohort| cohort["value"].as_str().expect("a value").to_owned())
            .collect();
        let against = format!("&against={}", values[0]);
        let mut queries = vec![String::new(), against.clone()];
        queries.extend(
            values
                .iter()
                .map(|value| format!("{against}&cohort={value}")),
        );
        for query in queries {
            let target = target(by) + &query;
            let table = json(&world, &target).await;
            let csv = world.get(&format!("{target}&format=csv")).send().await;
            assert_eq!(
                cells_of_csv(csv.expect(200).text()),
                cells_of_json(&table),
                "{target}"
            );
            let shown = table["cohorts"].as_array().expect("cohorts");
            match query.split_once("&cohort=") {
                None => assert_eq!(shown.len(), values.len()),
                Some((_, value)) => {
                    let asked = shown.iter().map(|cohort| &cohort["value"]);
                    let expected = BTreeSet::from([value, values[0].as_str()]);
                    assert!(asked.eq(expected.iter()), "{target}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_evaluator_is_shown_whole_tables_by_each_dimension() {
    let world = world().await;
    let evaluator = NewKey {
        scopes: Role::Evaluator.default_scopes().to_vec(),
        role: Some(Role::Evaluator),
        ..World::new_key("evaluator", "sing")
    };
    world.make_key(evaluator).await;
    let get = |target: &str| world.get(target).by("evaluator", SECRET);
    for by in DIMENSIONS {
        let table = get(&target(by)).send().await.expect(200).json();
        assert_eq!(table["cohorts"], Value::Null, "{by}");
        let shown = &table["disclosed"];
        let mut expected = Cells::new();
        let mut add = |cohort: &str, name: String, shown: &Value| {
            let number = shown.get("value").map(Value::to_string);
            assert!(
                number
                    .as_ref()
                    .is_none_or(|n| n == "0" || n.parse::<u64>().is_ok_and(|n| n >= 3)),
                "{by}: {shown}"
            );
            expected.insert((cohort.to_owned(), name, number.unwrap_or_default()));
        };
        add("", "persons".to_owned(), &shown["persons"]["total"]);
        add("", "levels".to_owned(), &shown["levels"]["total"]);
        for (value, cell) in shown["persons"]["cells"].as_object().expect("cells") {
            add(value, "persons".to_owned(), cell);
        }
        for (level, cell) in shown["levels"]["cells"].as_object().expect("cells") {
            add("", format!("level {level}"), cell);
        }
        let change = &shown["change"];
        for name in ["paired", "mean"] {
            let number = text(&change[name]).expect("pairs enough");
            expected.insert((String::new(), name.to_owned(), number));
        }
        let csv = get(&format!("{}&format=csv", target(by))).send().await;
        assert_eq!(cells_of_csv(csv.expect(200).text()), expected, "{by}");
        let one = get(&format!("{}&cohort=unknown", target(by))).send().await;
        let refused = one.expect(400);
        assert!(
            refused.text().contains("whole-tables"),
            "{}",
            refused.text()
        );
    }
    let _ = get(&target("gender").replace("2026-12-31", "2026-12-30"))
        .send()
        .await
        .expect(400);
}
