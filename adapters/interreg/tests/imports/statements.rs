//! Each table's lines as statements of the profile.

use serde_json::{Value, json};

use crate::world::World;

const BASE: &str = "https://w3id.org/xapi/interreg/v1";
const NO: &str = "https://data.brreg.no/enhetsregisteret";
const SE: &str = "https://bolagsverket.se/organisationsnummer";

fn organisation(home_page: &str, name: &str) -> Value {
    json!({ "objectType": "Group", "account": { "homePage": home_page, "name": name } })
}

fn verb(name: &str) -> Value {
    json!({ "id": format!("{BASE}/verbs/{name}") })
}

fn activity(id: &str, kind: &str, title: Option<&str>) -> Value {
    let mut definition = json!({ "type": format!("{BASE}/activity-types/{kind}") });
    if let Some(title) = title {
        definition["name"] = json!({ "und": title });
    }
    json!({ "objectType": "Activity", "id": id, "definition": definition })
}

/// Returns a context with what every statement of a table holds.
fn context(table: &str, extensions: &Value, rest: &Value) -> Value {
    let typed = |id: String, kind: &str| {
        let kind = format!("{BASE}/activity-types/{kind}");
        json!([{ "id": id, "definition": { "type": kind } }])
    };
    let mut context = rest.clone();
    context["contextActivities"] = json!({
        "grouping": typed(format!("{BASE}/projects/sing"), "cooperation-project"),
        "category": [{ "id": format!("{BASE}/v1.0.0") }],
        "other": typed(format!("{BASE}/tables/{table}"), "import-table"),
    });
    if let Some(extensions) = extensions.as_object().filter(|all| !all.is_empty()) {
        let named = extensions.iter();
        context["extensions"] = named
            .map(|(name, value)| (format!("{BASE}/ext/{name}"), value.clone()))
            .collect();
    }
    context
}

/// Checks the statement that comes of one line, but for its context activities.
async fn assert_comes(text: &str, expected: Value) {
    let world = World::new().await;
    let counts = world.table(text, false).await;
    assert_eq!(counts.get("new"), Some(&1), "{text}");
    assert_eq!(world.only().await, expected, "{text}");
}

#[tokio::test]
async fn support_names_the_service_the_kind_and_who_gave_it() {
    assert_comes(
        "orgnr;country;support_kind;date;hours;minutes;provider;service;title\n\
         100000024;NO;non-financial;2025-02-10;1,5;20;SE-402000-0008;https://example.org/s;Advice\n",
        json!({
            "actor": organisation(NO, "100000024"),
            "verb": verb("received-support"),
            "object": activity("https://example.org/s", "support-service", Some("Advice")),
            "result": { "duration": "PT1H50M" },
            "context": context("support", &json!({ "support-kind": "non-financial" }), &json!({
                "instructor": organisation(SE, "402000-0008"),
            })),
            "timestamp": "2025-02-09T23:00:00.000Z",
        }),
    )
    .await;
    assert_comes(
        "orgnr,support_kind,date\n402000-0024,grant,2025-07-01\n",
        json!({
            "actor": organisation(SE, "402000-0024"),
            "verb": verb("received-support"),
            "object": activity(
                &format!("{BASE}/projects/sing/support/grant"), "support-service", None,
            ),
            "context": context("support", &json!({ "support-kind": "grant" }), &json!({})),
            "timestamp": "2025-06-30T22:00:00.000Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn a_partner_joins_the_project_in_a_role() {
    assert_comes(
        "orgnr,role,date\n402000-0008,lead,2024-01-01\n",
        json!({
            "actor": organisation(SE, "402000-0008"),
            "verb": verb("joined-partnership"),
            "object": activity(&format!("{BASE}/projects/sing"), "cooperation-project", None),
            "context": context("partners", &json!({ "partner-role": "lead" }), &json!({})),
            "timestamp": "2023-12-31T23:00:00.000Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn what_was_developed_is_told_with_its_type_and_a_pilot_action_is_completed() {
    let header = "iri,kind,title,orgnr,date,event,uptake_actions,legal_or_administrative\n";
    assert_comes(
        &format!("{header}https://example.org/a,solution,A,100000016,2025-03-31,,Train two,no\n"),
        json!({
            "actor": organisation(NO, "100000016"),
            "verb": verb("developed"),
            "object": activity("https://example.org/a", "solution", Some("A")),
            "context": context("solutions", &json!({
                "uptake-actions": "Train two",
                "legal-or-administrative": false,
            }), &json!({})),
            "timestamp": "2025-03-30T22:00:00.000Z",
        }),
    )
    .await;
    assert_comes(
        &format!("{header}https://example.org/p,pilot-action,P,100000016,2025-12-01,completed,,\n"),
        json!({
            "actor": organisation(NO, "100000016"),
            "verb": { "id": "http://adlnet.gov/expapi/verbs/completed" },
            "object": activity("https://example.org/p", "pilot-action", Some("P")),
            "result": { "completion": true },
            "context": context("solutions", &json!({}), &json!({})),
            "timestamp": "2025-11-30T23:00:00.000Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn adoptions_and_agreements_carry_their_evidence() {
    let (hash, upper) = ("ab".repeat(32), "AB".repeat(32));
    let evidence = json!({ "iri": "https://example.org/minutes", "sha256": hash });
    assert_comes(
        &format!(
            "iri,kind,orgnr,date,adoption_kind,evidence_iri,evidence_sha256\n\
             https://example.org/a,strategy,100000016,2025-12-05,up-scaled,\
             https://example.org/minutes,{upper}\n"
        ),
        json!({
            "actor": organisation(NO, "100000016"),
            "verb": verb("adopted"),
            "object": activity("https://example.org/a", "strategy", None),
            "context": context("adoptions", &json!({
                "adoption-kind": "up-scaled",
                "evidence": evidence.clone(),
            }), &json!({})),
            "timestamp": "2025-12-04T23:00:00.000Z",
        }),
    )
    .await;
    assert_comes(
        &format!(
            "orgnr,date,valid_from,valid_until,evidence_iri,evidence_sha256\n\
             100000016,2025-12-15,2027-01-01,2029-12-31,https://example.org/minutes,{hash}\n"
        ),
        json!({
            "actor": organisation(NO, "100000016"),
            "verb": verb("signed"),
            "object": activity(
                &format!("{BASE}/projects/sing/agreement"), "cooperation-agreement", None,
            ),
            "context": context("agreements", &json!({
                "valid-from": "2027-01-01",
                "valid-until": "2029-12-31",
                "evidence": evidence,
            }), &json!({})),
            "timestamp": "2025-12-14T23:00:00.000Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn innovations_and_employment_are_told_of_the_enterprise() {
    assert_comes(
        "orgnr,innovation_kind,title,date,iri\n\
         100000024,process,Repair,2025-10-01,https://example.org/i\n",
        json!({
            "actor": organisation(NO, "100000024"),
            "verb": verb("introduced"),
            "object": activity("https://example.org/i", "innovation", Some("Repair")),
            "context": context("innovations", &json!({ "innovation-kind": "process" }), &json!({})),
            "timestamp": "2025-09-30T22:00:00.000Z",
        }),
    )
    .await;
    assert_comes(
        "orgnr;date;fte_before;fte_after\n100000024;2025-12-31;5,5;06.75\n",
        json!({
            "actor": organisation(NO, "100000024"),
            "verb": verb("reported-employment"),
            "object": activity(
                &format!("{BASE}/projects/sing/employment"), "employment-measurement", None,
            ),
            "result": { "extensions": {
                format!("{BASE}/ext/fte-before"): "5.5",
                format!("{BASE}/ext/fte-after"): "6.75",
            } },
            "context": context("employment", &json!({}), &json!({})),
            "timestamp": "2025-12-30T23:00:00.000Z",
        }),
    )
    .await;
}

#[tokio::test]
async fn attendance_names_the_organisation_that_somebody_was_there_for() {
    let header = "ifi,activity,date,completion,minutes,orgnr\n";
    let who = "mailto:learner-1@example.org,https://example.org/meeting,2025-05-06";
    let team = json!({ "team": organisation(NO, "100000024") });
    assert_comes(
        &format!("{header}{who},,90,100000024\n"),
        json!({
            "actor": { "objectType": "Agent", "mbox": "mailto:learner-1@example.org" },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/attended" },
            "object": { "objectType": "Activity", "id": "https://example.org/meeting" },
            "result": { "duration": "PT1H30M" },
            "context": context("attendance", &json!({}), &team),
            "timestamp": "2025-05-05T22:00:00.000Z",
        }),
    )
    .await;
    assert_comes(
        &format!("{header}{who},yes,,\n"),
        json!({
            "actor": { "objectType": "Agent", "mbox": "mailto:learner-1@example.org" },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/completed" },
            "object": { "objectType": "Activity", "id": "https://example.org/meeting" },
            "result": { "completion": true },
            "context": context("attendance", &json!({}), &json!({})),
            "timestamp": "2025-05-05T22:00:00.000Z",
        }),
    )
    .await;
}
