//! CASE packages in and out.

use std::sync::Arc;

use serde_json::{Value, json};
use varde_competence::{Framework, Frameworks};
use varde_core::definitions::{DefinitionBook, State};
use varde_core::ledger::{Adapter, Runner};
use varde_embedded::EmbeddedStore;
use varde_schemas::{ENTRECOMP, Kind};
use varde_test_support::{TestClock, registers};

use crate::world::definition;

const AT: &str = "2026-01-31T12:00:00.000Z";

fn uri(name: &str) -> String {
    format!("https://example.org/fw/{name}")
}

/// A link to an item; its identifier does not matter here.
fn link(uri: &str) -> Value {
    json!({"title": "A title", "identifier": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "uri": uri})
}

fn item(number: u8, name: &str) -> Value {
    json!({
        "identifier": format!("6ba7b810-9dad-11d1-80b4-00c04fd430{number:02}"),
        "uri": uri(name),
        "fullStatement": format!("Statement of {name}"),
        "lastChangeDateTime": AT,
        "x-own": {"kept": [1, 0.5, null]},
    })
}

fn association(number: u8, kind: &str, from: &str, to: &str) -> Value {
    json!({
        "identifier": format!("6ba7b810-9dad-11d1-80b4-00c04fd431{number:02}"),
        "uri": uri(&format!("association/{number}")),
        "associationType": kind,
        "originNodeURI": link(&uri(from)),
        "destinationNodeURI": link(to),
        "lastChangeDateTime": AT,
    })
}

/// An area with two competences, one with levels of its own and a skill of ESCO.
fn package() -> Value {
    let id = "6ba7b810-9dad-11d1-80b4-00c04fd43099";
    let level = |position: u8, name: &str| {
        json!({"identifier": id, "uri": uri(name), "quality": name, "position": position,
            "score": 0.25, "lastChangeDateTime": AT})
    };
    json!({
        "CFDocument": {"identifier": id, "uri": uri("1"), "title": "A framework", "creator": "Somebody",
            "lastChangeDateTime": AT, "version": "2.1"},
        "CFItems": [item(1, "area"), item(2, "planning"), item(3, "vision")],
        "CFAssociations": [
            association(1, "isChildOf", "planning", &uri("area")),
            association(2, "isChildOf", "area", &uri("1")),
            association(3, "exactMatchOf", "planning", "http://data.europa.eu/esco/skill/1"),
            association(4, "ext:closeTo", "planning", "https://example.org/other"),
            association(5, "precedes", "vision", &uri("planning")),
        ],
        "CFRubrics": [
            {"identifier": id, "uri": uri("rubric"), "lastChangeDateTime": AT, "CFRubricCriteria": [
                {"identifier": id, "uri": uri("all"), "lastChangeDateTime": AT,
                    "CFRubricCriterionLevels": [level(2, "Second"), level(1, "First")]},
                {"identifier": id, "uri": uri("own"), "lastChangeDateTime": AT, "weight": 0.1,
                    "CFItemURI": link(&uri("vision")),
                    "CFRubricCriterionLevels": [level(1, "Only")]},
            ]},
        ],
        "CFDefinitions": {"CFConcepts": []},
    })
}

fn read(package: &Value) -> Framework {
    Framework::read(&definition(&package.to_string())).expect("the package is right")
}

#[test]
fn a_package_comes_out_as_it_came_in() {
    for text in [package().to_string(), ENTRECOMP.to_owned()] {
        let definition = definition(&text);
        let original: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(*definition.body, original);
        assert!(Frameworks.compile(&definition).is_ok());
    }
}

#[test]
fn the_document_is_the_id_and_its_last_change_the_version() {
    let definition = definition(&package().to_string());
    assert_eq!(definition.kind, Kind::Framework.name());
    assert_eq!(definition.id, uri("1"));
    assert_eq!(definition.version, 1_769_860_800);
}

/// The names of EntreComp (EUR 27939), by area.
const AREAS: [(&str, [&str; 5]); 3] = [
    (
        "Ideas and opportunities",
        [
            "Spotting opportunities",
            "Creativity",
            "Vision",
            "Valuing ideas",
            "Ethical and sustainable thinking",
        ],
    ),
    (
        "Resources",
        [
            "Self-awareness and self-efficacy",
            "Motivation and perseverance",
            "Mobilising resources",
            "Financial and economic literacy",
            "Mobilising others",
        ],
    ),
    (
        "Into action",
        [
            "Taking the initiative",
            "Planning and management",
            "Coping with uncertainty, ambiguity and risk",
            "Working with others",
            "Learning through experience",
        ],
    ),
];
const LEVELS: [&str; 8] = [
    "Discover",
    "Explore",
    "Experiment",
    "Dare",
    "Improve",
    "Reinforce",
    "Expand",
    "Transform",
];

#[test]
fn entrecomp_has_the_names_of_its_source_and_names_who_translated_them() {
    let framework = Framework::read(&definition(ENTRECOMP)).unwrap();
    let notes = framework.notes.as_deref().unwrap();
    assert!(
        notes.contains("EUR 27939 EN; doi:10.2791/593884"),
        "{notes}"
    );
    assert!(notes.contains("Reproduction is authorised provided the source is acknowledged."));
    assert!(notes.contains("Varde's own translations"), "{notes}");
    let mut competences = framework.competences.iter();
    for (number, (area, names)) in (1..).zip(AREAS) {
        let above = competences.next().unwrap();
        assert_eq!(above.name, area);
        assert_eq!(above.code, Some(number.to_string()));
        for (place, name) in (1..).zip(names) {
            let competence = competences.next().unwrap();
            assert_eq!(competence.name, name);
            assert_eq!(competence.code, Some(format!("{number}.{place}")));
            assert_eq!(competence.parents, [above.uri.as_str()]);
        }
    }
    assert_eq!(competences.next(), None);
    let names = framework.levels.iter().map(|level| level.name.as_deref());
    assert!(names.eq(LEVELS.map(Some)));
    let translated = framework.competences.iter().map(|one| &one.translations);
    let levels = framework.levels.iter().map(|level| &level.translations);
    for translations in translated.chain(levels) {
        let tags: Vec<_> = translations.keys().map(String::as_str).collect();
        assert_eq!(tags, ["nb", "sv", "translator"]);
        assert_eq!(translations["translator"], "Varde");
    }
}

#[test]
fn levels_parents_and_alignments_are_read() {
    let framework = read(&package());
    let names = |levels: &[varde_competence::FrameworkLevel]| {
        let names = levels.iter().filter_map(|level| level.name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&framework.levels), ["First", "Second"]);
    let planning = framework.competence(&uri("planning")).unwrap();
    assert_eq!(planning.parents, [uri("area")]);
    let alignments: Vec<_> = planning
        .alignments
        .iter()
        .map(|a| (a.kind.as_str(), a.esco))
        .collect();
    assert_eq!(alignments, [("exactMatchOf", true), ("ext:closeTo", false)]);
    let vision = framework.competence(&uri("vision")).unwrap();
    assert_eq!(names(&vision.levels), ["Only"]);
    assert!(
        vision.alignments.is_empty(),
        "what is inside is no alignment"
    );
}

#[test]
fn a_package_whose_parts_do_not_fit_is_refused_with_the_place() {
    let told = |change: &dyn Fn(&mut Value)| {
        let mut package = package();
        change(&mut package);
        let faults = Framework::read(&definition(&package.to_string())).expect_err("a fault");
        let faults = faults.0.iter();
        let told = faults.map(|fault| format!("{}: {}", fault.path, fault.sentence));
        told.collect::<Vec<_>>()
    };
    let twice = told(&|package| package["CFItems"][2] = package["CFItems"][1].clone());
    assert!(twice.contains(&"CFItems[2].uri: another item has this URI".to_owned()));
    let nowhere = told(&|package| {
        package["CFAssociations"][0]["destinationNodeURI"]["uri"] = json!(uri("nowhere"));
    });
    assert_eq!(
        nowhere,
        [
            "CFAssociations[0].destinationNodeURI.uri: no item of this package has the URI https://example.org/fw/nowhere"
        ]
    );
    let round = told(&|package| {
        let back = association(9, "isChildOf", "area", &uri("planning"));
        package["CFAssociations"].as_array_mut().unwrap().push(back);
    });
    assert_eq!(round, ["CFAssociations[5]: the item would be above itself"]);
}

/// A curriculum of so many outcomes in areas of a hundred, some with an alignment, as of an instant.
fn curriculum(outcomes: usize, changed: &str) -> Value {
    let identifier = |n: usize| format!("6ba7b810-9dad-41d1-80b4-{n:012}");
    let mut package = package();
    package["CFDocument"]["lastChangeDateTime"] = json!(changed);
    let (mut items, mut associations) = (Vec::new(), Vec::new());
    for n in 0..outcomes {
        let uri = uri(&format!("outcome/{n}"));
        items.push(json!({
            "identifier": identifier(n),
            "uri": uri,
            "fullStatement": format!("Outcome {n}: {}", "explains, compares and applies. ".repeat(8)),
            "humanCodingScheme": format!("{}.{}", n / 100, n % 100),
            "CFItemType": if n % 100 == 0 { "Area" } else { "Learning outcome" },
            "language": "en",
            "lastChangeDateTime": changed,
        }));
        let to = match n % 100 {
            0 => "http://data.europa.eu/esco/skill/of-an-area".to_owned(),
            _ => self::uri(&format!("outcome/{}", n / 100 * 100)),
        };
        associations.push(json!({
            "identifier": identifier(outcomes + n),
            "uri": format!("{uri}/above"),
            "associationType": if n % 100 == 0 { "isRelatedTo" } else { "isChildOf" },
            "originNodeURI": link(&uri),
            "destinationNodeURI": link(&to),
            "lastChangeDateTime": changed,
        }));
    }
    package["CFItems"] = items.into();
    package["CFAssociations"] = associations.into();
    package["CFRubrics"] = json!([]);
    package
}

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_package_of_several_mebibytes_is_kept_whole_and_replaced() {
    const OUTCOMES: usize = 5_600;
    let texts = ["2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z"]
        .map(|changed| curriculum(OUTCOMES, changed).to_string());
    assert!(texts[0].len() > 5 * MIB, "{} bytes", texts[0].len());
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let store = EmbeddedStore::open(folder.path(), clock).unwrap();
    let (log, records) = (Arc::new(store.clone()), Arc::new(store.clone()));
    let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(Frameworks)];
    let registers = registers(log.clone(), records.clone()).await;
    let runner = Runner::new(log, records.clone(), registers, adapters.clone());
    let mut kept = Vec::new();
    for text in &texts {
        let package = definition(text);
        let framework = Framework::read(&package).unwrap();
        assert_eq!(framework.competences.len(), OUTCOMES);
        let outcome = framework.competence(&uri("outcome/4321")).unwrap();
        assert_eq!(outcome.parents, [uri("outcome/4300")]);
        let area = framework.competence(&uri("outcome/4300")).unwrap();
        assert!(area.alignments[0].esco);
        let book = DefinitionBook::new(records.clone());
        book.install(package.clone(), &adapters).await.unwrap();
        runner.catch_up().await.unwrap();
        // Whoever reads the store anew finds it.
        let book = DefinitionBook::new(records.clone());
        let current = book.current("framework").await.unwrap();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0].definition, package);
        let again: Value = serde_json::from_str(text).unwrap();
        assert_eq!(*current[0].definition.body, again);
        kept.push(package);
    }
    let all = DefinitionBook::new(records).all().await.unwrap();
    let states: Vec<_> = all.iter().map(|record| record.state).collect();
    assert_eq!(states, [State::Superseded, State::Current]);
    let definitions: Vec<_> = all.into_iter().map(|record| record.definition).collect();
    assert_eq!(definitions, kept);
    store.close().await.unwrap();
}

#[test]
fn what_is_too_large_is_refused_with_the_bound() {
    let rule = format!("rule: sing/long\ntitle: {}\n", "x".repeat(MIB));
    let package = format!("{{\"CFDocument\": \"{}\"}}", "x".repeat(16 * MIB));
    for (text, bound) in [
        (rule, "1048576 bytes (1 MiB)"),
        (package, "16777216 bytes (16 MiB)"),
    ] {
        let faults = varde_schemas::read(&text).unwrap_err();
        let told = faults[0].to_string();
        let found = format!("expected at most {bound}, found {}", text.len());
        assert!(told.contains(&found), "{told}");
    }
}
