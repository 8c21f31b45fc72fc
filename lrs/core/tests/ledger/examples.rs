//! What a definition is held to before it is taken in.

use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::definitions::{
    Definition, DefinitionBook, DefinitionRecord, InstallError, Installed,
};
use varde_core::ledger::Adapter;
use varde_core::memory::MemoryStore;
use varde_core::ports::Records;
use varde_test_support::TestClock;

use crate::rulebook::Seen;

const ACTIVITY: &str = "https://example.org/activity/1";

fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![Arc::new(Seen)]
}

fn book() -> DefinitionBook {
    let store = MemoryStore::new(Arc::new(TestClock::default()));
    DefinitionBook::new(Arc::new(store) as Arc<dyn Records>)
}

fn named(id: &str, examples: &Value) -> Definition {
    Definition {
        kind: "seen".to_owned(),
        id: id.to_owned(),
        version: 1,
        body: json!({ "seen": id, "version": 1, "project": "sing", "examples": examples }).into(),
    }
}

/// An example in which two learners are at one activity of the register and one at another.
fn example(expected: i64) -> Value {
    let statement = |learner: &str, object: &str| json!({ "learner": learner, "verb": "attended", "object": object });
    json!({
        "name": "two are seen",
        "registers": { "activities": [
            { "iri": ACTIVITY, "kind": "training-scheme", "title": "A", "project": "sing" },
        ] },
        "statements": [
            statement("kari", ACTIVITY),
            statement("ola", ACTIVITY),
            statement("per", "https://example.org/activity/2"),
        ],
        "as_of": "2026-03-31",
        "expect": [expected],
    })
}

async fn refused(example: Value) -> String {
    let book = book();
    let refused = book
        .install(named("all", &json!([example])), &adapters())
        .await;
    let text = refused.unwrap_err().to_string();
    assert_eq!(book.all().await.unwrap(), Vec::<DefinitionRecord>::new());
    text
}

#[tokio::test]
async fn a_definition_whose_examples_hold_is_taken_in() {
    let book = book();
    let definition = named("all", &json!([example(2)]));
    let installed = book.install(definition.clone(), &adapters()).await;
    assert_eq!(installed.unwrap(), Installed::New);
    let again = book.install(definition, &adapters()).await;
    assert_eq!(again.unwrap(), Installed::Already);
}

#[tokio::test]
async fn one_that_fails_keeps_all_of_its_set_out_and_is_named() {
    let book = book();
    let set = vec![
        named("good", &json!([example(2)])),
        named("bad", &json!([example(2), example(3)])),
    ];
    let refused = book.install_all(set, &adapters()).await.unwrap_err();
    assert_eq!(refused.index, 1);
    let InstallError::Examples(failed) = &refused.why else {
        panic!("{refused:?}");
    };
    assert_eq!(failed.0.len(), 1);
    assert_eq!(
        refused.to_string(),
        "examples[1].expect[0]: the example \"two are seen\" fails: seen: found 2, expected 3"
    );
    assert_eq!(book.all().await.unwrap(), Vec::<DefinitionRecord>::new());
}

#[tokio::test]
async fn what_could_not_be_stored_is_a_fault_of_the_definition() {
    let mut wrong = example(2);
    wrong["statements"][1]["duration"] = json!("an hour");
    let said = refused(wrong).await;
    let place = "examples[0].statements[1]: no valid statement: result.duration: found ";
    assert!(said.starts_with(place), "{said}");

    let mut wrong = example(2);
    wrong["registers"]["activities"][0]["kind"] = json!("a picnic");
    let said = refused(wrong).await;
    assert!(
        said.starts_with("examples[0].registers.activities[0]: kind: "),
        "{said}"
    );

    let said = refused(json!({ "name": "no day", "expect": [0] })).await;
    assert!(
        said.starts_with("examples: expected a list of examples: "),
        "{said}"
    );
}

#[tokio::test]
async fn members_of_a_whole_statement_stand_in_the_place_of_the_short_ones() {
    let mut whole = example(1);
    // A group is nobody that is seen; a voided statement is none.
    whole["statements"] = json!([
        {
            "learner": "kari",
            "object": ACTIVITY,
            "statement": {
                "id": "5a4d0000-0000-4000-8000-000000000001",
                "verb": { "id": "http://adlnet.gov/expapi/verbs/attended" },
                "result": { "score": { "scaled": "0.50" } },
            },
        },
        { "statement": {
            "actor": { "mbox": "mailto:office@example.org" },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
            "object": {
                "objectType": "StatementRef",
                "id": "5a4d0000-0000-4000-8000-000000000001",
            },
        } },
        { "learner": "ola", "verb": "attended", "object": ACTIVITY },
    ]);
    let book = book();
    let installed = book
        .install(named("all", &json!([whole])), &adapters())
        .await;
    assert_eq!(installed.unwrap(), Installed::New);
}
