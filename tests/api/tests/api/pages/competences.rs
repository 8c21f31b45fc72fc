//! The pages of competences: the tree, how people did, and why; who is shown what.

use serde_json::{Value, json};
use varde_api_tests::{Answer, World};
use varde_core::Role;
use varde_core::keys::NewKey;

use super::Reader;
use crate::cohorts::{self, PLANNING};

const FRAMEWORK: &str = "https://example.org/fw/entrecomp/1";
const AT: &str = "2026-01-01T00:00:00Z";
/// The partner to which the first four learners belong.
const NORTH: &str = "NO-100000016";

fn link(uri: &str) -> Value {
    json!({ "title": "A title", "identifier": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "uri": uri })
}

/// A framework with an area above the competence, whose texts are hostile.
fn framework() -> String {
    let id = |number: u8| format!("6ba7b810-9dad-11d1-80b4-00c04fd431{number:02}");
    let area = "https://example.org/fw/entrecomp/1/into-action";
    let item = |number, uri: &str, code: &str, text: &str, nb: &str| {
        json!({
            "identifier": id(number), "uri": uri, "fullStatement": text, "humanCodingScheme": code,
            "CFItemType": "Competence", "lastChangeDateTime": AT,
            "extensions": { "translations": { "nb": nb } },
        })
    };
    let child = |number, from: &str, to: &str| {
        json!({
            "identifier": id(number), "uri": format!("https://example.org/fw/a/{number}"),
            "associationType": "isChildOf", "originNodeURI": link(from),
            "destinationNodeURI": link(to), "lastChangeDateTime": AT,
        })
    };
    let level = json!({
        "identifier": id(20), "uri": "https://example.org/fw/l/3", "position": 3,
        "quality": "Experiment", "description": "You can <i>plan</i>.", "lastChangeDateTime": AT,
        "extensions": { "translations": { "nb": "Eksperimentere" } },
    });
    let package = json!({
        "CFDocument": {
            "identifier": id(1), "uri": FRAMEWORK, "title": "<script>alert('title')</script>",
            "creator": "Somebody <b>", "lastChangeDateTime": AT, "language": "en",
        },
        "CFItems": [
            item(3, PLANNING, "3.2", "Planning <script>alert(2)</script>", "Planlegging <b>"),
            item(2, area, "3", "Into action", "I gang"),
        ],
        "CFAssociations": [child(4, PLANNING, area), child(5, area, FRAMEWORK)],
        "CFRubrics": [{
            "identifier": id(6), "uri": "https://example.org/fw/r", "lastChangeDateTime": AT,
            "CFRubricCriteria": [{
                "identifier": id(7), "uri": "https://example.org/fw/c", "lastChangeDateTime": AT,
                "CFRubricCriterionLevels": [level],
            }],
        }],
    });
    package.to_string()
}

async fn world() -> World {
    let world = cohorts::world().await;
    world.activate(&framework()).await;
    world.settle().await;
    world
}

/// Somebody who judges the project for the partner of the first four learners.
async fn evaluator(world: &World) -> Reader<'_> {
    let key = NewKey {
        partner: Some(NORTH.parse().expect("a number")),
        ..World::new_key("evaluator", "sing")
    };
    Reader::with(world, Role::Evaluator, key).await
}

/// Returns a page's address with the competence, and more parameters.
fn of(path: &str, more: &str) -> String {
    format!("{path}?competence={PLANNING}{more}")
}

/// Returns the texts of the cells of the table beneath a chart, row by row.
fn table(page: &str, chart: &str) -> Vec<Vec<String>> {
    let behind = page.split_once(&format!("<desc id=\"{chart}-desc\">"));
    let (_, behind) = behind.unwrap_or_else(|| panic!("no chart of {chart}: {page}"));
    let (_, behind) = behind.split_once("<table>").expect("a table");
    let (table, _) = behind.split_once("</table>").expect("an end");
    let rows = table.split("<tr>").skip(1);
    let cells = |row: &str| {
        let cells = row.split("</t").filter_map(|cell| {
            let (_, text) = cell.rsplit_once('>')?;
            (!text.trim().is_empty() || cell.contains("<td")).then(|| text.to_owned())
        });
        cells.collect::<Vec<_>>()
    };
    rows.map(cells).collect()
}

async fn told(world: &World, target: &str) -> Value {
    world.get(target).send().await.expect(200).json()
}

fn count(value: &Value) -> String {
    value.as_u64().expect("a number").to_string()
}

#[tokio::test]
async fn the_pages_are_for_who_reads_results() {
    let world = world().await;
    let paths = [
        "/competences".to_owned(),
        "/competences.csv".to_owned(),
        of("/competences/one", "&as_of=2026-12-31"),
        of("/competences/one.csv", "&as_of=2026-12-31"),
        of("/competences/outcomes", ""),
        of("/competences/outcomes.csv", ""),
        of("/competences/why", "&person=p-1"),
    ];
    for role in Role::EACH {
        let reader = match role {
            Role::Evaluator => evaluator(&world).await,
            role => Reader::of(&world, role).await,
        };
        let status = match role {
            Role::Funder | Role::Learner => 403,
            _ => 200,
        };
        for path in &paths {
            let _ = reader.open(path).await.expect(status);
        }
        let account = reader.open("/account").await.expect(200);
        let in_menu = account.text().contains("href=\"/competences\"");
        assert_eq!(in_menu, status == 200, "{role}");
    }
}

#[tokio::test]
async fn the_tree_has_each_competence_beneath_its_area_with_the_rules_that_speak_of_it() {
    let world = world().await;
    let reader = Reader::of(&world, Role::Auditor).await;
    let page = reader.open("/competences").await.expect(200);
    let text = page.text();
    let (_, tree) = text.split_once("<ul class=\"tree\">").expect("a tree");
    let (area, beneath) = tree
        .split_once("<ul class=\"tree\">")
        .expect("a tree below");
    assert!(area.contains("3 <span>Into action</span>"), "{area}");
    assert!(beneath.contains("3.2 "), "{beneath}");
    assert!(
        beneath.contains("sing/planning-post@1, sing/planning-pre@1"),
        "{beneath}"
    );
    let balanced = |open: &str, close: &str| {
        assert_eq!(
            text.matches(open).count(),
            text.matches(close).count(),
            "{open}"
        );
    };
    balanced("<ul", "</ul>");
    balanced("<li>", "</li>");
    let csv = reader.open("/competences.csv").await.expect(200);
    let api = world.get("/api/v1/competences?format=csv").send().await;
    assert_eq!(csv.text(), api.expect(200).text());
    let none = reader
        .open("/competences?framework=https://example.org/none")
        .await;
    let _ = none.expect(404);
}

#[tokio::test]
async fn without_a_framework_the_tree_says_how_one_is_installed() {
    let world = World::new().await;
    let reader = Reader::of(&world, Role::Auditor).await;
    let page = reader.open("/competences").await.expect(200);
    assert!(
        page.text().contains("varde rules activate"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn cohorts_have_the_figures_of_the_api() {
    let world = world().await;
    let reader = Reader::of(&world, Role::DataSteward).await;
    let filters = "&project=sing&by=scheme&as_of=2026-12-31&target=3\
        &against=https://example.org/autumn";
    let page = reader
        .open(&of("/competences/one", filters))
        .await
        .expect(200);
    let page = page.text();
    let api = told(&world, &of("/api/v1/cohorts", filters)).await;
    let cohorts = api["cohorts"].as_array().expect("cohorts");
    let rows = [
        table(page, "levels"),
        table(page, "change"),
        table(page, "cohorts"),
    ];
    for (place, cohort) in (1..).zip(cohorts) {
        let title = api["titles"][cohort["value"].as_str().expect("a value")].as_str();
        let [levels, change, compared] = rows.each_ref().map(|rows| &rows[place]);
        for row in [levels, change, compared] {
            assert_eq!(row.first().map(String::as_str), title);
        }
        assert_eq!(levels[1], count(&cohort["persons"]));
        for level in 0..=4_usize {
            let held = cohort["levels"]
                .get(level.to_string())
                .map_or("0".to_owned(), count);
            assert_eq!(levels[2 + level], held, "level {level}");
        }
        let of = &cohort["change"];
        assert_eq!(change[1], count(&of["paired"]));
        let texts = [
            &of["mean_pre"],
            &of["mean_post"],
            &of["mean"],
            &of["median"],
        ];
        for (cell, number) in change[2..6].iter().zip(texts) {
            assert_eq!(Some(cell.as_str()), number.as_str(), "{cohort}");
        }
        let left = &cohort["drop_out"];
        let numbers = ["began", "finished", "left", "under_way"].map(|name| count(&left[name]));
        assert_eq!(compared[4..8], numbers);
        let difference = cohort["difference"]["mean"].as_str().unwrap_or_default();
        assert_eq!(compared[8], difference.replace('-', "\u{2212}"));
    }
    let csv = reader
        .open(&of("/competences/one.csv", filters))
        .await
        .expect(200);
    let of_api = world
        .get(&of("/api/v1/cohorts", &format!("{filters}&format=csv")))
        .send()
        .await;
    assert_eq!(csv.text(), of_api.expect(200).text());
}

#[tokio::test]
async fn an_evaluator_is_shown_the_whole_project_and_nothing_of_few() {
    let world = world().await;
    let reader = Reader::of(&world, Role::Evaluator).await;
    // Without a day it is the last period that is over.
    let page = reader
        .open(&of("/competences/one", "&by=gender"))
        .await
        .expect(200);
    let page = page.text();
    assert!(
        page.contains("<option value=\"2026-12-31\" selected>"),
        "{page}"
    );
    let target = of(
        "/api/v1/cohorts",
        "&project=sing&by=gender&as_of=2026-12-31",
    );
    let api = world
        .get(&target)
        .by("evaluator", varde_api_tests::SECRET)
        .send()
        .await;
    let api = api.expect(200).json();
    let shown = &api["disclosed"];
    let mut suppressed = 0;
    for (chart, cells) in [("levels", &shown["levels"]), ("cohorts", &shown["persons"])] {
        let rows = table(page, chart);
        let cells = cells["cells"].as_object().expect("cells");
        assert_eq!(rows.len(), cells.len() + 1, "{chart}");
        for (row, cell) in rows[1..].iter().zip(cells.values()) {
            let number = cell.get("value").map(Value::to_string);
            suppressed += usize::from(number.is_none());
            assert_eq!(row[1], number.unwrap_or("not shown".to_owned()), "{chart}");
        }
    }
    assert!(suppressed > 0, "a world with a small number: {shown}");
    // As many bars as numbers: what is not shown is not drawn either.
    let drawn =
        page.matches("<rect class=\"step").count() + page.matches("<rect class=\"column").count();
    let numbers = |table: &Value| {
        let cells = table["cells"].as_object().expect("cells").values();
        cells.filter(|cell| !cell.is_null()).count()
    };
    assert_eq!(
        drawn,
        numbers(&shown["levels"]) + numbers(&shown["persons"])
    );
    let change = table(page, "change");
    assert_eq!(change[1][1], count(&shown["change"]["paired"]));
    assert_eq!(
        Some(change[1][2].as_str()),
        shown["change"]["mean"].as_str()
    );
    for hidden in ["name=\"target\"", "name=\"against\"", "name=\"post\""] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    let csv = reader
        .open(&of("/competences/one.csv", "&by=gender"))
        .await
        .expect(200);
    let of_api = world
        .get(&format!("{target}&format=csv"))
        .by("evaluator", varde_api_tests::SECRET);
    assert_eq!(csv.text(), of_api.send().await.expect(200).text());
    let no_end = reader
        .open(&of("/competences/one", "&as_of=2026-12-30"))
        .await
        .expect(400);
    assert!(no_end.text().contains("2026-06-30"), "{}", no_end.text());
}

/// Returns who stands at the beginning of each row, as a link or not.
fn persons(page: &Answer) -> Vec<String> {
    let rows = page.text().split("<tr><th scope=\"row\">").skip(1);
    let names = rows.filter_map(|row| {
        let (cell, _) = row.split_once("</th>")?;
        let cell = cell.strip_suffix("</a>").unwrap_or(cell);
        Some(cell.rsplit('>').next()?.to_owned())
    });
    names.collect()
}

#[tokio::test]
async fn outcomes_are_those_that_the_visitor_sees_one_by_one_and_are_explained() {
    let world = world().await;
    let steward = Reader::of(&world, Role::DataSteward).await;
    let evaluator = evaluator(&world).await;
    let path = of("/competences/outcomes", "");
    let all = steward.open(&path).await.expect(200);
    assert_eq!(persons(&all).len(), 8);
    let to_person = "<a href=\"/learners/p%2D1\">p-1</a>";
    assert!(all.text().contains(to_person), "{}", all.text());
    let own = evaluator.open(&path).await.expect(200);
    assert!(!own.text().contains("/learners"), "{}", own.text());
    let own = persons(&own);
    assert_eq!(own, ["p-1", "p-2", "p-3", "p-4"]);
    let api = told(&world, &of("/api/v1/outcomes/explanation", "&person=p-1")).await;
    let sentences = &api["explanations"][0]["evidence"][0]["sentences"];
    let sentence = sentences["en"].as_str().expect("a sentence");
    let id = api["explanations"][0]["evidence"][0]["statements"][0].as_str();
    let link = format!("href=\"/statements/{}\"", id.expect("a statement"));
    let why = of("/competences/why", "&person=p-1");
    for (reader, opens) in [(&steward, true), (&evaluator, false)] {
        let page = reader.open(&why).await.expect(200);
        assert!(page.text().contains(sentence), "{}", page.text());
        assert_eq!(page.text().contains(&link), opens);
    }
    // Who sees half of the learners one by one could work out small numbers of the others.
    let page = evaluator.open(&of("/competences/one", "&by=gender")).await;
    let page = page.expect(200);
    assert!(page.text().contains("n = 8"), "{}", page.text());
    let levels = table(page.text(), "levels");
    let mut cells = levels.iter().skip(1).map(|row| row[1].as_str());
    assert!(cells.all(|cell| cell == "not shown"), "{levels:?}");
    assert!(!page.text().contains("<rect class=\"step"), "{levels:?}");
    // Who belongs to another partner has no explanation for this one, nor has who does not exist.
    for person in ["p-5", "p-99"] {
        let page = evaluator
            .open(&of("/competences/why", &format!("&person={person}")))
            .await;
        let _ = page.expect(404);
    }
    let narrowed = steward
        .open(&of("/competences/outcomes", "&status=revoked"))
        .await
        .expect(200);
    assert!(
        narrowed.text().contains("No outcome fits."),
        "{}",
        narrowed.text()
    );
    let csv = steward
        .open(&of("/competences/outcomes.csv", ""))
        .await
        .expect(200);
    let of_api = world
        .get(&of("/api/v1/outcomes", "&format=csv"))
        .send()
        .await;
    assert_eq!(csv.text(), of_api.expect(200).text());
}

#[tokio::test]
async fn what_a_framework_says_is_shown_and_never_run() {
    let world = world().await;
    let reader = Reader::of(&world, Role::Auditor).await;
    let one = of("/competences/one", "&as_of=2026-12-31");
    let why = of("/competences/why", "&person=p-1");
    for path in ["/competences", &one, &of("/competences/outcomes", ""), &why] {
        let page = reader.open(path).await.expect(200);
        let text = page.text();
        for raw in ["<script", "<b>", "<i>", " style="] {
            assert!(!text.contains(raw), "{path} has {raw}: {text}");
        }
        assert!(text.contains("&#60;script&#62;"), "{path}: {text}");
    }
    let wrong = reader
        .open("/competences/one?competence=%3Cscript%3E")
        .await
        .expect(400);
    assert!(!wrong.text().contains("<script"), "{}", wrong.text());
    for absent in [
        "/competences/one?competence=https://example.org/none".to_owned(),
        of("/competences/one", "&project=other"),
    ] {
        let _ = reader.open(&absent).await.expect(404);
    }
    for wrong in [
        "&by=age",
        "&basis=own",
        "&post=worst",
        "&target=0",
        "&as_of=now",
    ] {
        let _ = reader
            .open(&of("/competences/one", wrong))
            .await
            .expect(400);
    }
}
