//! The `interreg` profile has the shape of an xAPI Profile (xAPI Profiles 1.0, part two).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

const BASE: &str = "https://w3id.org/xapi/interreg/v1";

fn profile() -> Value {
    serde_json::from_str(include_str!("../profiles/interreg.jsonld")).unwrap()
}

fn parts(profile: &Value) -> impl Iterator<Item = &Value> {
    ["concepts", "templates"]
        .into_iter()
        .flat_map(|list| profile[list].as_array().unwrap())
}

fn ids_of<'a>(profile: &'a Value, kind: &str) -> BTreeSet<&'a str> {
    parts(profile)
        .filter(|part| part["type"] == kind)
        .map(|part| part["id"].as_str().unwrap())
        .collect()
}

fn schema_of(profile: &Value, extension: &str) -> Value {
    let id = format!("{BASE}/ext/{extension}");
    let part = parts(profile).find(|part| part["id"] == id).unwrap();
    serde_json::from_str(part["inlineSchema"].as_str().unwrap()).unwrap()
}

fn has_nothing_empty(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty() && items.iter().all(has_nothing_empty),
        Value::Object(members) => members.values().all(has_nothing_empty),
        _ => true,
    }
}

#[test]
fn the_head_names_the_version_of_the_specification() {
    let profile = profile();
    assert_eq!(
        profile["@context"],
        "https://w3id.org/xapi/profiles/context"
    );
    assert_eq!(profile["conformsTo"], "https://w3id.org/xapi/profiles#1.0");
    assert_eq!(profile["type"], "Profile");
    assert_eq!(profile["id"], BASE);
    assert_eq!(profile["author"]["type"], "Organization");
    assert!(has_nothing_empty(&profile));
}

#[test]
fn every_part_has_its_own_id_a_label_and_the_version_as_scheme() {
    let profile = profile();
    let mut seen = BTreeSet::new();
    for part in parts(&profile) {
        assert!(seen.insert(part["id"].as_str().unwrap()), "{}", part["id"]);
        assert_eq!(part["inScheme"], profile["versions"][0]["id"]);
        assert!(part["prefLabel"]["en"].is_string(), "{}", part["id"]);
        assert!(part["definition"]["en"].is_string(), "{}", part["id"]);
    }
}

#[test]
fn templates_use_only_the_concepts_of_the_profile() {
    let profile = profile();
    let (verbs, types) = (ids_of(&profile, "Verb"), ids_of(&profile, "ActivityType"));
    for template in profile["templates"].as_array().unwrap() {
        let verb = template["verb"].as_str().unwrap();
        assert!(verbs.contains(verb) || verb == "http://adlnet.gov/expapi/verbs/completed");
        assert!(types.contains(template["objectActivityType"].as_str().unwrap()));
    }
    let templates = profile["templates"].as_array().unwrap().iter();
    let used = templates.filter_map(|template| template["verb"].as_str());
    assert!(verbs.is_subset(&used.collect()));
}

#[test]
fn rules_name_extensions_in_their_own_place() {
    let profile = profile();
    for (place, kind) in [
        ("context", "ContextExtension"),
        ("result", "ResultExtension"),
    ] {
        let start = format!("$.{place}.extensions['");
        let named: BTreeSet<_> = profile["templates"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|template| template["rules"].as_array().unwrap())
            .filter_map(|rule| rule["location"].as_str()?.strip_prefix(&start))
            .filter_map(|rest| rest.strip_suffix("']"))
            .collect();
        assert_eq!(named, ids_of(&profile, kind));
    }
}

#[test]
fn extensions_accept_and_refuse_values_by_their_schemas() {
    let profile = profile();
    let hash = "0".repeat(64);
    for (extension, right, wrong) in [
        ("support-kind", json!("grant"), json!("loan")),
        ("partner-role", json!("associated"), json!("guest")),
        (
            "uptake-actions",
            json!("https://example.org/uptake"),
            json!(""),
        ),
        ("legal-or-administrative", json!(false), json!("no")),
        ("adoption-kind", json!("up-scaled"), json!("seen")),
        ("innovation-kind", json!("process"), json!("legal")),
        ("valid-from", json!("2026-12-31"), json!(20_261_231)),
        ("valid-until", json!("2027-12-31"), json!(null)),
        ("fte-before", json!("2.5"), json!(2.5)),
        ("fte-after", json!("4"), json!("-1")),
        (
            "evidence",
            json!({"iri": "https://example.org/minutes", "sha256": hash}),
            json!({"iri": "https://example.org/minutes"}),
        ),
    ] {
        let schema = jsonschema::draft7::new(&schema_of(&profile, extension)).unwrap();
        assert!(schema.is_valid(&right), "{extension}: {right}");
        assert!(!schema.is_valid(&wrong), "{extension}: {wrong}");
    }
}
