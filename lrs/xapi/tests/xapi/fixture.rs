//! Statements to start from, and ways to alter them.

use serde_json::{Value, json};
use varde_xapi::{Batch, Family, Faults, Received, receive, receive_one};

pub(crate) const BOTH: [Family; 2] = [Family::V1, Family::V2];

/// The least statement.
pub(crate) fn least() -> Value {
    json!({
        "actor": {"mbox": "mailto:learner-1@example.org"},
        "verb": {"id": "http://example.org/verbs/attended"},
        "object": {"id": "http://example.org/activities/course-1"}
    })
}

/// A statement that has nearly every member that both families know.
pub(crate) fn full() -> Value {
    json!({
        "id": "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
        "actor": {"objectType": "Group", "name": "Cohort", "mbox": "mailto:cohort@example.org",
            "member": [{"name": "L1", "account": {"homePage": "http://example.org", "name": "l-1"}}]},
        "verb": {"id": "http://example.org/verbs/passed", "display": {"en": "passed"}},
        "object": {"objectType": "Activity", "id": "http://example.org/activities/quiz-1",
            "definition": {"name": {"en": "Quiz"}, "description": {"nb-NO": "Prøve"},
                "type": "http://example.org/types/quiz", "moreInfo": "http://example.org/more",
                "interactionType": "choice", "correctResponsesPattern": ["a[,]b"],
                "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}],
                "extensions": {"http://example.org/x": {"deep": [null, 1.50, ""]}}}},
        "result": {"score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "success": true,
            "completion": false, "response": "a", "duration": "PT1H0.125S",
            "extensions": {"http://example.org/r": null}},
        "context": {"registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
            "instructor": {"mbox": "mailto:teacher@example.org"},
            "team": {"objectType": "Group", "mbox_sha1sum": "EBD31E95054C018B10727CCFFD2EF2EC3A016EE9"},
            "contextActivities": {"parent": {"id": "http://example.org/activities/course-1"},
                "grouping": [{"id": "http://example.org/activities/programme-1"}], "other": []},
            "revision": "2", "platform": "web", "language": "nb",
            "statement": {"objectType": "StatementRef", "id": "16fd2706-8baf-433b-82eb-8c7fada847da"},
            "extensions": {}},
        "timestamp": "2026-11-23T20:30:00.1+01:00",
        "stored": "2026-11-23T19:30:00Z",
        "authority": {"openid": "http://example.org/openid"},
        "version": "1.0.3",
        "attachments": [{"usageType": "http://example.org/usage", "display": {"en": "File"},
            "contentType": "text/plain; charset=utf-8", "length": 12, "fileUrl": "http://example.org/f",
            "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"}]
    })
}

/// Puts a value at a JSON pointer, making objects on the way; `None` takes the member out.
pub(crate) fn with(mut statement: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let mut node = &mut statement;
    for step in parent.split('/').skip(1) {
        node = match node {
            Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
            other => &mut other[step],
        };
    }
    match (node, value) {
        (Value::Array(items), Some(value)) => items[key.parse::<usize>().unwrap()] = value,
        (node, Some(value)) => node[key] = value,
        (node, None) => {
            node.as_object_mut().unwrap().remove(key);
        }
    }
    statement
}

/// The statement told of by another.
pub(crate) fn within(mut inner: Value) -> Value {
    let object = inner.as_object_mut().unwrap();
    for key in ["id", "stored", "authority", "version"] {
        object.remove(key);
    }
    inner["objectType"] = json!("SubStatement");
    with(least(), "/object", Some(inner))
}

pub(crate) fn post(statement: &Value, family: Family) -> Result<Batch, Faults> {
    receive(statement.to_string().as_bytes(), family)
}

pub(crate) fn accepted(text: &str) -> Received {
    match receive_one(text.as_bytes(), Family::V2) {
        Ok(received) => received,
        Err(faults) => panic!("refused: {faults}\n{text}"),
    }
}
