//! A statement in an example: in short, as a whole, or the one laid over the other.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What the verb ids begin with that one word stands for.
const ADL_VERBS: &str = "http://adlnet.gov/expapi/verbs/";
/// The home page of the authority of statements that do not say who vouched for them.
const HOME_PAGE: &str = "https://example.org";
/// The members of a score, which are numbers (xAPI 1.0.3 Data 2.4.5.1).
const OF_SCORE: [&str; 4] = ["scaled", "raw", "min", "max"];

/// A statement as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleStatement {
    learner: Option<String>,
    on: Option<String>,
    verb: Option<String>,
    object: Option<String>,
    object_type: Option<String>,
    #[serde(default)]
    within: Vec<String>,
    registration: Option<String>,
    score: Option<Value>,
    success: Option<bool>,
    completion: Option<bool>,
    duration: Option<String>,
    authority: Option<String>,
    #[serde(default)]
    statement: Map<String, Value>,
}

/// Returns the canonical mailbox that a learner of this name acts by.
pub(super) fn mailbox(learner: &str) -> String {
    format!("mailto:{learner}@example.org")
}

impl ExampleStatement {
    /// Returns the statement as a front end would send it; without a day of its own it is of the
    /// example's.
    pub(super) fn value(&self, as_of: Date) -> Value {
        let mut value = Map::new();
        let mut put = |key: &str, member: Option<Value>| {
            if let Some(member) = member {
                value.insert(key.to_owned(), member);
            }
        };
        let learner = self.learner.as_deref();
        put(
            "actor",
            learner.map(|name| json!({ "mbox": mailbox(name) })),
        );
        put("verb", self.verb.as_deref().map(verb));
        put("object", self.object());
        put("result", self.result());
        put("context", self.context());
        put("timestamp", Some(Value::String(self.timestamp(as_of))));
        value.extend(self.statement.clone());
        let mut value = Value::Object(value);
        for member in OF_SCORE {
            if let Some(number) = value.pointer_mut(&format!("/result/score/{member}")) {
                *number = as_number(number);
            }
        }
        value
    }

    /// Returns the authority of the front end that sends the statement, as JSON text.
    pub(super) fn authority(&self) -> String {
        let home_page = self.authority.as_deref().unwrap_or(HOME_PAGE);
        json!({ "account": { "homePage": home_page, "name": "front-end" } }).to_string()
    }

    /// Returns the day that it speaks of, where it is not the example's.
    pub(super) fn day(&self) -> Option<Date> {
        let on = self.statement.get("timestamp").and_then(Value::as_str);
        on.or(self.on.as_deref())?.get(..10)?.parse().ok()
    }

    fn object(&self) -> Option<Value> {
        let id = self.object.as_deref()?;
        Some(match &self.object_type {
            Some(kind) => json!({ "id": id, "definition": { "type": kind } }),
            None => json!({ "id": id }),
        })
    }

    fn result(&self) -> Option<Value> {
        let mut result = Map::new();
        if let Some(score) = &self.score {
            result.insert("score".to_owned(), json!({ "scaled": score }));
        }
        let flags = [("success", self.success), ("completion", self.completion)];
        for (key, flag) in flags {
            result.extend(flag.map(|flag| (key.to_owned(), flag.into())));
        }
        let duration = self.duration.clone();
        result.extend(duration.map(|text| ("duration".to_owned(), text.into())));
        (!result.is_empty()).then_some(Value::Object(result))
    }

    fn context(&self) -> Option<Value> {
        let mut context = Map::new();
        if !self.within.is_empty() {
            let around = self.within.iter().map(|id| json!({ "id": id }));
            let around: Vec<_> = around.collect();
            context.insert("contextActivities".to_owned(), json!({ "parent": around }));
        }
        let registration = self.registration.clone();
        context.extend(registration.map(|id| ("registration".to_owned(), id.into())));
        (!context.is_empty()).then_some(Value::Object(context))
    }

    fn timestamp(&self, as_of: Date) -> String {
        let on = self.on.clone().unwrap_or_else(|| as_of.to_string());
        // The middle of a day is that day in each zone of the programme.
        let is_day = !on.contains('T');
        if is_day {
            format!("{on}T12:00:00Z")
        } else {
            on
        }
    }
}

fn verb(text: &str) -> Value {
    let is_word = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let id = if is_word {
        format!("{ADL_VERBS}{text}")
    } else {
        text.to_owned()
    };
    json!({ "id": id })
}

/// Definitions carry a number that is not whole as its text.
fn as_number(value: &Value) -> Value {
    let text = value
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    text.filter(Value::is_number)
        .unwrap_or_else(|| value.clone())
}
