//! CASE packages in and out.

use serde_json::{Value, json};
use varde_competence::{Framework, Frameworks};
use varde_core::ledger::Adapter;
use varde_schemas::{ENTRECOMP, Kind};

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
        assert_eq!(definition.body, original);
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

#[test]
fn entrecomp_has_three_areas_of_five_competences_and_eight_levels() {
    let framework = Framework::read(&definition(ENTRECOMP)).unwrap();
    let of_kind = |kind: &str| {
        let all = framework.competences.iter();
        all.filter(|item| item.kind.as_deref() == Some(kind))
            .collect::<Vec<_>>()
    };
    let areas = of_kind("Competence area");
    assert_eq!(areas.len(), 3);
    for area in areas {
        let inside = of_kind("Competence");
        let inside = inside.iter().filter(|c| c.parents.contains(&area.uri));
        assert_eq!(inside.count(), 5, "{}", area.name);
    }
    let levels: Vec<_> = framework.levels.iter().map(|level| level.level).collect();
    assert_eq!(levels, [1, 2, 3, 4, 5, 6, 7, 8]);
    for item in &framework.competences {
        let tags: Vec<_> = item.translations.keys().map(String::as_str).collect();
        assert_eq!(tags, ["nb", "sv", "translator"], "{}", item.name);
    }
    let notes = framework.notes.unwrap_or_default();
    assert!(notes.contains("Reproduction is authorised provided the source is acknowledged."));
}
