//! Renderings, preferred languages and merged definitions.

use serde_json::{Value, json};
use varde_xapi::{accept_language, definition, format, lookup, receive_one};

use crate::fixture::{full, least, with, within};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn ids_keeps_only_what_identifies() {
    let statement = full();
    let ids = parsed(&format::ids(&statement.to_string()).unwrap());
    assert_eq!(
        ids["actor"],
        json!({"objectType": "Group", "mbox": "mailto:cohort@example.org"})
    );
    assert_eq!(
        ids["verb"],
        json!({"id": "http://example.org/verbs/passed"})
    );
    assert_eq!(
        ids["object"],
        json!({"id": "http://example.org/activities/quiz-1"})
    );
    assert_eq!(ids["authority"], statement["authority"]);
    let parent = json!({"id": "http://example.org/activities/course-1"});
    assert_eq!(ids["context"]["contextActivities"]["parent"], parent);
    for untouched in [
        "id",
        "result",
        "timestamp",
        "stored",
        "version",
        "attachments",
    ] {
        assert_eq!(ids[untouched], statement[untouched], "{untouched}");
    }
    let inner = parsed(&format::ids(&within(full()).to_string()).unwrap());
    assert_eq!(inner["object"]["actor"], ids["actor"]);
    assert_eq!(inner["object"]["object"], ids["object"]);
}

#[test]
fn ids_keeps_types_that_are_needed_and_members_of_anonymous_groups() {
    let named = json!({"objectType": "Agent", "name": "L", "openid": "urn:a"});
    let group = json!({"objectType": "Group", "name": "G", "member": [named]});
    let statement = with(least(), "/object", Some(named));
    let statement = with(statement, "/actor", Some(group));
    let ids = parsed(&format::ids(&statement.to_string()).unwrap());
    assert_eq!(
        ids["actor"],
        json!({"objectType": "Group", "member": [{"openid": "urn:a"}]})
    );
    assert_eq!(
        ids["object"],
        json!({"objectType": "Agent", "openid": "urn:a"})
    );
    let again = ids.to_string();
    assert!(receive_one(again.as_bytes(), varde_xapi::Family::V2).is_ok());
    assert_eq!(parsed(&format::ids(&again).unwrap()), ids);
}

#[test]
fn canonical_has_the_stores_definitions_in_one_language() {
    let merged = json!({"name": {"en": "Quiz", "nb": "Prøve"}, "description": {"fr": "Épreuve"},
        "choices": [{"id": "a", "description": {"en": "A", "nb": "Å"}}],
        "extensions": {"urn:x": {"en": 1, "nb": 2}}});
    let known =
        |id: &str| (id == "http://example.org/activities/quiz-1").then(|| merged.to_string());
    let mut statement = full();
    statement["verb"]["display"] = json!({"en": "passed", "nb": "bestod"});
    let ranges = accept_language("nb-NO, en;q=0.5");
    let text = format::canonical(&statement.to_string(), &ranges, &known).unwrap();
    let canonical = parsed(&text);
    assert_eq!(canonical["verb"]["display"], json!({"nb": "bestod"}));
    let definition = &canonical["object"]["definition"];
    assert_eq!(definition["name"], json!({"nb": "Prøve"}));
    assert_eq!(definition["description"], json!({"fr": "Épreuve"}));
    assert_eq!(definition["choices"][0]["description"], json!({"nb": "Å"}));
    assert_eq!(definition["extensions"], merged["extensions"]);
    assert_eq!(canonical["actor"], statement["actor"]);
    assert_eq!(canonical["attachments"], statement["attachments"]);
}

#[test]
fn languages_are_read_by_quality() {
    let ranges = accept_language("da, en-GB;q=0.8, nb;q=0.9, fr;q=0, x y, de;q=2, *;q=0.1");
    let read: Vec<_> = ranges
        .iter()
        .map(|r| (r.range.as_str(), r.quality))
        .collect();
    assert_eq!(
        read,
        [("da", 1000), ("nb", 900), ("en-GB", 800), ("*", 100)]
    );
    assert!(accept_language("").is_empty());
}

#[test]
fn lookup_shortens_ranges_and_always_finds_one() {
    for (header, tags, chosen) in [
        ("en-US", &["fr", "en"][..], Some(1)),
        ("zh-Hant-CN-x-private1", &["zh", "zh-Hant"], Some(1)),
        ("EN-gb", &["fr", "en-GB", "en"], Some(1)),
        ("fr;q=0.5, nb", &["fr", "nb"], Some(1)),
        ("en", &["fr-FR", "en-US"], Some(1)),
        ("ja", &["fr", "und"], Some(1)),
        ("ja", &["fr", "en"], Some(0)),
        ("*", &["fr", "en"], Some(0)),
        ("", &["fr"], Some(0)),
        ("en", &[], None),
    ] {
        assert_eq!(
            lookup(&accept_language(header), tags),
            chosen,
            "{header} {tags:?}"
        );
    }
}

#[test]
fn definitions_unite_languages_and_take_the_newest_of_the_rest() {
    let stored =
        json!({"name": {"en": "Old", "fr": "Vieux"}, "type": "urn:t1", "moreInfo": "urn:m"});
    let newer =
        json!({"name": {"EN": "New", "nb": "Ny"}, "type": "urn:t2", "description": {"en": "D"}});
    let merged = parsed(&definition::merge(
        Some(&stored.to_string()),
        &newer.to_string(),
    ));
    assert_eq!(
        merged,
        json!({"name": {"fr": "Vieux", "EN": "New", "nb": "Ny"}, "type": "urn:t2",
            "moreInfo": "urn:m", "description": {"en": "D"}})
    );
    assert_eq!(definition::merge(None, "{\"name\":{}}"), "{\"name\":{}}");
    assert_eq!(
        definition::merge(Some("{\"a\":1.50}"), "{}"),
        "{\"a\":1.50}"
    );
}

#[test]
fn interactions_change_as_a_whole_and_components_keep_their_languages() {
    let stored = json!({"interactionType": "choice", "correctResponsesPattern": ["a"],
        "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}]});
    let translated = json!({"interactionType": "choice",
        "choices": [{"id": "a", "description": {"nb": "Å"}}]});
    let merged = parsed(&definition::merge(
        Some(&stored.to_string()),
        &translated.to_string(),
    ));
    let choices = json!([{"id": "a", "description": {"en": "A", "nb": "Å"}}]);
    assert_eq!(
        merged,
        json!({"interactionType": "choice", "choices": choices})
    );
    let retyped = json!({"interactionType": "numeric"});
    let merged = parsed(&definition::merge(
        Some(&stored.to_string()),
        &retyped.to_string(),
    ));
    assert_eq!(merged, retyped);
}

#[test]
fn ids_reaches_every_agent_of_the_context() {
    let agent = json!({"objectType": "Agent", "name": "L", "openid": "urn:a"});
    let group = json!({"objectType": "Group", "name": "G", "openid": "urn:g", "member": [agent]});
    let context = json!({
        "instructor": agent,
        "team": group,
        "contextAgents": [{"objectType": "contextAgent", "agent": agent,
            "relevantTypes": ["urn:role"]}],
        "contextGroups": [{"objectType": "contextGroup", "group": group}],
    });
    let statement = with(least(), "/context", Some(context));
    for (statement, at) in [(statement.clone(), ""), (within(statement), "/object")] {
        let ids = parsed(&format::ids(&statement.to_string()).unwrap());
        for (place, expected) in [
            ("instructor", json!({"openid": "urn:a"})),
            ("team", json!({"objectType": "Group", "openid": "urn:g"})),
            ("contextAgents/0/agent", json!({"openid": "urn:a"})),
            (
                "contextGroups/0/group",
                json!({"objectType": "Group", "openid": "urn:g"}),
            ),
            ("contextAgents/0/relevantTypes", json!(["urn:role"])),
        ] {
            let mut found = ids
                .pointer(&format!("{at}/context/{place}"))
                .unwrap()
                .clone();
            if expected.get("objectType").is_none()
                && let Some(members) = found.as_object_mut()
            {
                // An agent may keep its type.
                members.remove("objectType");
            }
            assert_eq!(found, expected, "{at} {place}");
        }
    }
}

#[test]
fn canonical_has_one_language_in_every_map() {
    let two = json!({"en": "text", "nb": "tekst"});
    let mut statement = full();
    for pointer in [
        "/verb/display",
        "/object/definition/name",
        "/object/definition/description",
        "/object/definition/choices/0/description",
        "/attachments/0/display",
    ] {
        statement = with(statement, pointer, Some(two.clone()));
    }
    let statement = with(statement, "/attachments/0/description", Some(two.clone()));
    let ranges = accept_language("nb");
    for (statement, at) in [(statement.clone(), ""), (within(statement), "/object")] {
        let text = format::canonical(&statement.to_string(), &ranges, &|_| None).unwrap();
        let canonical = parsed(&text);
        for place in [
            "verb/display",
            "object/definition/name",
            "object/definition/description",
            "object/definition/choices/0/description",
            "attachments/0/display",
            "attachments/0/description",
        ] {
            let found = canonical.pointer(&format!("{at}/{place}")).unwrap();
            assert_eq!(found, &json!({"nb": "tekst"}), "{at} {place}");
        }
    }
}
