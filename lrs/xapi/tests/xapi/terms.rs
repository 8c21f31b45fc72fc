//! What a statement is found by.

use serde_json::{Value, json};
use varde_xapi::{Place, agent_value, match_terms, parameter, refers_to, voids};

use crate::fixture::{accepted, full, least, with, within};

fn found(statement: &Value, place: Place) -> Vec<String> {
    let terms = match_terms(&accepted(&statement.to_string()).statement);
    terms
        .into_iter()
        .filter(|term| term.place == place)
        .map(|term| term.value)
        .collect()
}

#[test]
fn plain_filters_see_actor_object_verb_and_registration() {
    let mut statement = full();
    statement["context"]["registration"] = json!("EC531277-B57B-4C15-8D91-D292C5B2B8F7");
    assert_eq!(
        found(&statement, Place::Verb),
        ["http://example.org/verbs/passed"]
    );
    assert_eq!(
        found(&statement, Place::Agent),
        [
            "account:http://example.org l-1",
            "mbox:mailto:cohort@example.org"
        ]
    );
    assert_eq!(
        found(&statement, Place::Activity),
        ["http://example.org/activities/quiz-1"]
    );
    assert_eq!(
        found(&statement, Place::Registration),
        ["ec531277-b57b-4c15-8d91-d292c5b2b8f7"]
    );
}

#[test]
fn related_filters_see_authority_and_context() {
    assert_eq!(
        found(&full(), Place::RelatedAgent),
        [
            "mbox:mailto:teacher@example.org",
            "mbox_sha1sum:ebd31e95054c018b10727ccffd2ef2ec3a016ee9",
            "openid:http://example.org/openid",
        ]
    );
    assert_eq!(
        found(&full(), Place::RelatedActivity),
        [
            "http://example.org/activities/course-1",
            "http://example.org/activities/programme-1"
        ]
    );
}

#[test]
fn sub_statements_are_seen_by_related_filters_only() {
    let statement = within(full());
    assert_eq!(
        found(&statement, Place::Agent),
        ["mbox:mailto:learner-1@example.org"]
    );
    assert!(found(&statement, Place::Activity).is_empty());
    assert!(found(&statement, Place::Registration).is_empty());
    assert_eq!(
        found(&statement, Place::Verb),
        ["http://example.org/verbs/attended"]
    );
    assert!(
        found(&statement, Place::RelatedAgent).contains(&"account:http://example.org l-1".into())
    );
    assert_eq!(found(&statement, Place::RelatedActivity).len(), 3);
}

#[test]
fn context_agents_and_groups_with_their_members_are_related() {
    let agent = |n: u8| json!({"mbox": format!("mailto:agent-{n}@example.org")});
    let statement = with(
        least(),
        "/context",
        Some(json!({
            "contextAgents": [{"objectType": "contextAgent", "agent": agent(1)}],
            "contextGroups": [{"objectType": "contextGroup",
                "group": {"objectType": "Group", "member": [agent(2), agent(1)]}}]
        })),
    );
    assert_eq!(
        found(&statement, Place::RelatedAgent),
        [
            "mbox:mailto:agent-1@example.org",
            "mbox:mailto:agent-2@example.org"
        ]
    );
}

#[test]
fn a_term_is_either_plain_or_related() {
    let instructor = least()["actor"].clone();
    let statement = with(least(), "/context/instructor", Some(instructor));
    assert!(found(&statement, Place::RelatedAgent).is_empty());
    let statement = with(
        least(),
        "/context/contextActivities/other",
        Some(least()["object"].clone()),
    );
    assert!(found(&statement, Place::RelatedActivity).is_empty());
}

#[test]
fn an_agent_as_object_is_found_like_an_actor() {
    let object = json!({"objectType": "Group", "openid": "urn:g", "member": [{"openid": "urn:m"}]});
    let statement = with(least(), "/object", Some(object));
    assert_eq!(
        found(&statement, Place::Agent),
        [
            "mbox:mailto:learner-1@example.org",
            "openid:urn:g",
            "openid:urn:m"
        ]
    );
}

#[test]
fn a_query_gives_the_value_that_the_statement_has() {
    let queried = parameter::agent_or_group("agent", r#"{"mbox":"mailto:learner-1@EXAMPLE.org"}"#);
    let value = agent_value(&queried.unwrap()).unwrap();
    assert_eq!(found(&least(), Place::Agent), [value]);
}

#[test]
fn references_and_voidings_are_told_apart() {
    let id = "16fd2706-8baf-433b-82eb-8c7fada847da";
    let refers = with(
        least(),
        "/object",
        Some(json!({"objectType": "StatementRef", "id": id})),
    );
    let voiding = with(
        refers.clone(),
        "/verb/id",
        Some(json!("http://adlnet.gov/expapi/verbs/voided")),
    );
    let target = |read: fn(&_) -> Option<varde_xapi::StatementId>, statement: &Value| {
        read(&accepted(&statement.to_string()).statement).map(|id| id.to_string())
    };
    assert_eq!(target(refers_to, &refers).as_deref(), Some(id));
    assert_eq!(target(voids, &refers), None);
    assert_eq!(target(voids, &voiding).as_deref(), Some(id));
    assert_eq!(target(refers_to, &full()), None);
    assert_eq!(target(voids, &within(voiding)), None);
}
