//! What Moodle's xAPI log store sends: accounts by numeric id, no statement ids, the course as a
//! parent of what happens in it, and a course completion without any result.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::programme::{self, Participation, Reached};
use crate::exit::Failure;

const SITE: &str = "https://moodle.example.org";
const COURSE: &str = "https://moodle.example.org/course/view.php?id=7";

/// A quiz of the course.
#[derive(Debug, Clone, Copy)]
struct Quiz {
    /// Its number among the course's modules.
    module: u32,
    name: &'static str,
}

/// What is asked on the first day, and what is asked at the end.
const BEFORE: Quiz = Quiz {
    module: 44,
    name: "What you know of planning",
};
const QUIZ: Quiz = Quiz {
    module: 45,
    name: "Plan a business",
};

const ENROLLED: (&str, &str) = (
    "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/enrolled",
    "Enrolled",
);
const STARTED: (&str, &str) = ("http://activitystrea.ms/schema/1.0/start", "Started");
const COMPLETED: (&str, &str) = ("http://adlnet.gov/expapi/verbs/completed", "Completed");

/// Returns the statements of one participation, in order.
pub(crate) fn statements(learner: &Participation) -> Result<Vec<(Timestamp, Value)>, Failure> {
    let begin = learner.begin;
    let mut all = vec![(
        Participation::hour(begin, 0)?,
        statement(
            learner,
            ENROLLED,
            &course(),
            &[],
            "core\\event\\user_enrolment_created",
        ),
    )];
    if learner.result == Reached::Enrolled {
        return stamped(all);
    }
    if let Some(points) = learner.before {
        all.extend(attempt(learner, BEFORE, 1, (begin, 30), Some(points))?);
    }
    let points: Vec<u32> = learner
        .points
        .split_whitespace()
        .filter_map(|points| points.parse().ok())
        .collect();
    for (number, day) in (1..=points.len().max(1)).zip(1..) {
        let points = points.get(number - 1).copied();
        let at = (begin, 1440 * day);
        all.extend(attempt(learner, QUIZ, number, at, points)?);
    }
    if let Some(end) = learner.end {
        let event = "core\\event\\course_completed";
        let completed = statement(learner, COMPLETED, &course(), &[], event);
        all.push((Participation::hour(end, 0)?, completed));
    }
    stamped(all)
}

/// Returns the statements of an attempt at a quiz, which begins so many minutes after nine o'clock of a day
/// and takes 25 of them; without points it is never submitted.
fn attempt(
    learner: &Participation,
    quiz: Quiz,
    number: usize,
    (day, minutes): (Date, i64),
    points: Option<u32>,
) -> Result<Vec<(Timestamp, Value)>, Failure> {
    let object = quiz.attempt(learner, number);
    let parents = [quiz.activity(), course()];
    let event = "mod_quiz\\event\\attempt_started";
    let started = statement(learner, STARTED, &object, &parents, event);
    let mut all = vec![(Participation::hour(day, minutes)?, started)];
    if let Some(points) = points {
        let event = "mod_quiz\\event\\attempt_submitted";
        let mut submitted = statement(learner, COMPLETED, &object, &parents, event);
        insert(&mut submitted, "result", quiz_result(points));
        all.push((Participation::hour(day, minutes + 25)?, submitted));
    }
    Ok(all)
}

/// Adds the timestamps, local with their offset.
fn stamped(mut all: Vec<(Timestamp, Value)>) -> Result<Vec<(Timestamp, Value)>, Failure> {
    let zone = programme::zone()?;
    for (at, statement) in &mut all {
        let timestamp = at.display_with_offset(zone.to_offset(*at)).to_string();
        insert(statement, "timestamp", Value::from(timestamp));
    }
    Ok(all)
}

fn insert(statement: &mut Value, member: &str, value: Value) {
    if let Some(members) = statement.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

fn statement(
    learner: &Participation,
    (verb, display): (&str, &str),
    object: &Value,
    parents: &[Value],
    event: &str,
) -> Value {
    let mut activities = json!({ "category": [site()] });
    if !parents.is_empty() {
        insert(&mut activities, "parent", parents.into());
    }
    json!({
        "actor": { "account": { "homePage": SITE, "name": format!("1{}", learner.number()) } },
        "verb": { "id": verb, "display": { "en": display } },
        "object": object,
        "context": {
            "language": "en",
            "contextActivities": activities,
            "extensions": {
                "http://lrs.learninglocker.net/define/extensions/info": {
                    "http://moodle.org": "4.5",
                    "event_name": format!("\\{event}"),
                },
            },
        },
    })
}

fn site() -> Value {
    activity(
        SITE,
        "Demonstration Moodle",
        "http://id.tincanapi.com/activitytype/lms",
    )
}

fn course() -> Value {
    activity(
        COURSE,
        "Start a business together",
        "https://w3id.org/xapi/cmi5/activitytype/course",
    )
}

impl Quiz {
    fn activity(self) -> Value {
        let id = format!("{SITE}/mod/quiz/view.php?id={}", self.module);
        let kind = "http://adlnet.gov/expapi/activities/assessment";
        activity(&id, self.name, kind)
    }

    fn attempt(self, learner: &Participation, attempt: usize) -> Value {
        let (number, module) = (learner.number(), self.module);
        let id = format!("{SITE}/mod/quiz/attempt.php?attempt={attempt}{number}&cmid={module}");
        let name = format!("{} Attempt {attempt}", self.name);
        activity(&id, &name, "http://adlnet.gov/expapi/activities/attempt")
    }
}

fn activity(id: &str, name: &str, kind: &str) -> Value {
    let definition = json!({ "name": { "en": name }, "type": kind });
    json!({ "objectType": "Activity", "id": id, "definition": definition })
}

/// A pass mark was never set, so every attempt says success.
fn quiz_result(points: u32) -> Value {
    let scaled = f64::from(points) / 10.0;
    let score = json!({ "min": 0, "max": 10, "raw": points, "scaled": scaled });
    json!({ "completion": true, "success": true, "duration": "PT25M", "score": score })
}
