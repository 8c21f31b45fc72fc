//! What a cmi5 course and the system that launches it send: accounts, ids, a registration, a
//! session and the cmi5 category (cmi5 9.3 to 9.6).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::programme::{self, Oddity, Participation, Reached};
use crate::exit::Failure;

/// The home page of the accounts of the launching system.
const SITE: &str = "https://cmi5.example.net/";
/// The course, which the launching system names in the grouping of every statement.
const COURSE: &str = "https://cmi5.example.net/courses/across-the-border";
/// The assignable unit as the launching system names it.
const UNIT: &str = "https://cmi5.example.net/units/3";
/// The assignable unit as its publisher names it.
const PUBLISHED_UNIT: &str = "https://publisher.example.com/across-the-border/1";
const MASTERY_SCORE: f64 = 0.75;

/// Returns the statements of one participation, in order.
pub(crate) fn statements(learner: &Participation) -> Result<Vec<(Timestamp, Value)>, Failure> {
    let begin = learner.begin;
    let session = Session { learner };
    let mut all = vec![session.statement("launched", Participation::hour(begin, 0)?)];
    if learner.result == Reached::Launched {
        return Ok(all);
    }
    all.push(session.statement("initialized", Participation::hour(begin, 1)?));
    let last = learner.end.unwrap_or(begin);
    if let Ok(scaled) = learner.points.parse::<f64>() {
        let verb = if scaled < MASTERY_SCORE {
            "failed"
        } else {
            "passed"
        };
        all.push(session.judged(verb, scaled, Participation::hour(last, 40)?));
    }
    if learner.result == Reached::Completed {
        all.push(session.statement("completed", Participation::hour(last, 41)?));
        all.push(session.satisfied(Participation::hour(last, 42)?));
    }
    all.push(session.statement("terminated", Participation::hour(last, 43)?));
    Ok(all)
}

/// Returns the statement by which the launching system voids a learner's statement.
pub(crate) fn voiding(learner: &Participation, verb: &str) -> Value {
    let target = Session { learner }.id(verb);
    json!({
        "id": programme::id(&format!("voiding/{target}")),
        "actor": {
            "objectType": "Agent",
            "account": { "homePage": SITE, "name": "launching-system" },
        },
        "verb": {
            "id": "http://adlnet.gov/expapi/verbs/voided",
            "display": { "en": "voided" },
        },
        "object": { "objectType": "StatementRef", "id": target },
    })
}

/// One learner's one sitting.
struct Session<'a> {
    learner: &'a Participation,
}

impl Session<'_> {
    fn account(&self) -> String {
        let number = self.learner.number();
        match self.learner.remark {
            Some(Oddity::OldAccount) => format!("guest-{number}"),
            _ => format!("learner-{number}"),
        }
    }

    fn id(&self, what: &str) -> String {
        programme::id(&format!("cmi5/{}/{what}", self.account())).to_string()
    }

    fn actor(&self) -> Value {
        let account = json!({ "homePage": SITE, "name": self.account() });
        json!({ "objectType": "Agent", "account": account })
    }

    /// A statement about the unit that cmi5 defines.
    fn statement(&self, verb: &str, at: Timestamp) -> (Timestamp, Value) {
        let result = match verb {
            "completed" => Some(json!({ "completion": true, "duration": "PT40M" })),
            "terminated" => Some(json!({ "duration": "PT42M" })),
            _ => None,
        };
        self.about_unit(verb, result, at)
    }

    fn judged(&self, verb: &str, scaled: f64, at: Timestamp) -> (Timestamp, Value) {
        let success = verb == "passed";
        let score = json!({ "scaled": scaled });
        let result = json!({ "success": success, "score": score, "duration": "PT40M" });
        self.about_unit(verb, Some(result), at)
    }

    fn about_unit(&self, verb: &str, result: Option<Value>, at: Timestamp) -> (Timestamp, Value) {
        let id = format!("http://adlnet.gov/expapi/verbs/{verb}");
        let object = json!({
            "objectType": "Activity",
            "id": UNIT,
            "definition": { "name": { "en": "Work with a partner across the border" } },
        });
        let mut context = self.context(&[PUBLISHED_UNIT, COURSE]);
        if matches!(verb, "completed" | "passed" | "failed") {
            let category = &mut context["contextActivities"]["category"];
            *category = json!([category_of("cmi5"), category_of("moveon")]);
        }
        if let ("launched", Some(extensions)) = (verb, context["extensions"].as_object_mut()) {
            extensions.extend(launch());
        }
        self.whole((verb, &id), &object, &context, result, at)
    }

    /// The launching system's word that the whole course is done.
    fn satisfied(&self, at: Timestamp) -> (Timestamp, Value) {
        let object = json!({
            "objectType": "Activity",
            "id": COURSE,
            "definition": {
                "name": { "en": "Working across the border" },
                "type": "https://w3id.org/xapi/cmi5/activitytype/course",
            },
        });
        let context = self.context(&["https://publisher.example.com/across-the-border"]);
        let verb = ("satisfied", "https://w3id.org/xapi/adl/verbs/satisfied");
        self.whole(verb, &object, &context, None, at)
    }

    fn whole(
        &self,
        (verb, verb_id): (&str, &str),
        object: &Value,
        context: &Value,
        result: Option<Value>,
        at: Timestamp,
    ) -> (Timestamp, Value) {
        let mut statement = json!({
            "id": self.id(verb),
            "actor": self.actor(),
            "verb": { "id": verb_id, "display": { "en": verb } },
            "object": object,
            "context": context,
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
        });
        if let (Some(result), Some(members)) = (result, statement.as_object_mut()) {
            members.insert("result".to_owned(), result);
        }
        (at, statement)
    }

    fn context(&self, grouping: &[&str]) -> Value {
        let activity = |id: &&str| json!({ "objectType": "Activity", "id": id });
        json!({
            "registration": self.id("registration"),
            "contextActivities": {
                "grouping": grouping.iter().map(activity).collect::<Vec<_>>(),
                "category": [category_of("cmi5")],
            },
            "extensions": {
                "https://w3id.org/xapi/cmi5/context/extensions/sessionid": self.id("session"),
            },
        })
    }
}

fn category_of(name: &str) -> Value {
    let id = format!("https://w3id.org/xapi/cmi5/context/categories/{name}");
    json!({ "objectType": "Activity", "id": id })
}

/// What a launch tells of itself.
fn launch() -> Map<String, Value> {
    let extension = |name| format!("https://w3id.org/xapi/cmi5/context/extensions/{name}");
    Map::from_iter([
        (extension("launchmode"), "Normal".into()),
        (
            extension("launchurl"),
            format!("{PUBLISHED_UNIT}/index.html").into(),
        ),
        (extension("moveon"), "CompletedAndPassed".into()),
        (extension("masteryscore"), MASTERY_SCORE.into()),
    ])
}
