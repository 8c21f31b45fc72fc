//! What H5P sends from a web page: mailbox and name, a statement for each part of the content
//! beside those for the whole, and no ids.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::programme::{self, Participation};
use crate::exit::Failure;

const BOOK: &str = "https://ideas.example.com/h5p/12";
/// Points that each question of the book can give.
const QUESTION_POINTS: u32 = 4;
const QUESTIONS: u32 = 3;

/// Returns the statements of one participation, in order.
pub(crate) fn statements(learner: &Participation) -> Result<Vec<(Timestamp, Value)>, Failure> {
    let attempted = json!({
        "actor": actor(learner),
        "verb": verb("attempted"),
        "object": book(),
        "context": { "contextActivities": { "category": [library("InteractiveBook-1.8")] } },
    });
    let mut all = vec![stamped(Participation::hour(learner.begin, 5)?, attempted)];
    let Some(end) = learner.end else {
        return Ok(all);
    };
    let points: u32 = learner.points.parse().unwrap_or(0);
    for question in 0..QUESTIONS {
        let got = points
            .saturating_sub(question * QUESTION_POINTS)
            .min(QUESTION_POINTS);
        let at = Participation::hour(end, 10 * i64::from(question))?;
        all.push(stamped(at, answered(learner, question, got)));
    }
    let completed = json!({
        "actor": actor(learner),
        "verb": verb("completed"),
        "object": book(),
        "context": { "contextActivities": { "category": [library("InteractiveBook-1.8")] } },
        "result": result(points, QUESTIONS * QUESTION_POINTS, None),
    });
    all.push(stamped(Participation::hour(end, 45)?, completed));
    Ok(all)
}

/// Adds the timestamp, in UTC with milliseconds as browsers write it.
fn stamped(at: Timestamp, mut statement: Value) -> (Timestamp, Value) {
    if let Some(members) = statement.as_object_mut() {
        let timestamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        members.insert("timestamp".to_owned(), timestamp.into());
    }
    (at, statement)
}

fn actor(learner: &Participation) -> Value {
    let number = learner.number();
    json!({
        "objectType": "Agent",
        "name": format!("Learner {number}"),
        "mbox": format!("mailto:learner-{number}@example.com"),
    })
}

fn verb(name: &str) -> Value {
    let id = format!("http://adlnet.gov/expapi/verbs/{name}");
    json!({ "id": id, "display": { "en-US": name } })
}

fn library(name: &str) -> Value {
    json!({ "id": format!("http://h5p.org/libraries/H5P.{name}"), "objectType": "Activity" })
}

fn book() -> Value {
    json!({
        "id": BOOK,
        "objectType": "Activity",
        "definition": {
            "name": { "en-US": "Book of ideas" },
            "extensions": { "http://h5p.org/x-api/h5p-local-content-id": 12 },
        },
    })
}

fn answered(learner: &Participation, question: u32, points: u32) -> Value {
    let part = programme::id(&format!("h5p/{question}"));
    json!({
        "actor": actor(learner),
        "verb": verb("answered"),
        "object": {
            "id": format!("{BOOK}?subContentId={part}"),
            "objectType": "Activity",
            "definition": {
                "name": { "en-US": format!("Question {}", question + 1) },
                "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
                "interactionType": "choice",
                "correctResponsesPattern": ["0[,]2"],
                "choices": [
                    { "id": "0", "description": { "en-US": "Ask those who have the problem" } },
                    { "id": "1", "description": { "en-US": "Wait for a better idea" } },
                    { "id": "2", "description": { "en-US": "Try it small" } },
                ],
                "extensions": {
                    "http://h5p.org/x-api/h5p-local-content-id": 12,
                    "http://h5p.org/x-api/h5p-subContentId": part,
                },
            },
        },
        "context": {
            "contextActivities": {
                "parent": [{ "id": BOOK, "objectType": "Activity" }],
                "category": [library("MultiChoice-1.16")],
            },
        },
        "result": result(points, QUESTION_POINTS, Some(points == QUESTION_POINTS)),
    })
}

/// A question says whether it was answered in full; a whole book leaves success open.
fn result(points: u32, points_max: u32, success: Option<bool>) -> Value {
    // H5P rounds to four digits.
    let scaled = (f64::from(points) / f64::from(points_max) * 1e4).round() / 1e4;
    let score = json!({ "min": 0, "max": points_max, "raw": points, "scaled": scaled });
    let mut result = json!({ "score": score, "completion": true, "duration": "PT312.4S" });
    if let (Some(success), Some(members)) = (success, result.as_object_mut()) {
        members.insert("success".to_owned(), success.into());
    }
    result
}
