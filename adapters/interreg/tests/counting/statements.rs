//! Statements in the shapes that front ends send.

use serde_json::{Value, json};
use varde_core::ports::NewStatement;
use varde_test_support::Draft;

pub(crate) const A: &str = "https://example.org/a";
pub(crate) const B: &str = "https://example.org/b";
pub(crate) const MODULE: &str = "https://example.org/a/module";
pub(crate) const BADGE: &str = "https://example.org/badges/a";

/// What a learner did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Enrolled,
    Started,
    Attended,
    Completed,
    /// Completed, with `success: false`.
    Unsuccessful,
    /// Completed, with `completion: false`.
    Partly,
    Satisfied,
    /// A completion taken back.
    Uncompleted,
    /// A badge got.
    Awarded,
    /// A badge taken back.
    Forfeited,
}

impl Act {
    fn verb(self) -> &'static str {
        match self {
            Self::Enrolled => "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/enrolled",
            Self::Started => "http://adlnet.gov/expapi/verbs/initialized",
            Self::Attended => "http://adlnet.gov/expapi/verbs/attended",
            Self::Completed | Self::Unsuccessful | Self::Partly => {
                "http://adlnet.gov/expapi/verbs/completed"
            }
            Self::Satisfied => "https://w3id.org/xapi/adl/verbs/satisfied",
            Self::Uncompleted => "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted",
            Self::Awarded => "https://w3id.org/xapi/tla/verbs/achieved",
            Self::Forfeited => "https://w3id.org/xapi/tla/verbs/forfeited",
        }
    }

    fn result(self) -> Option<Value> {
        match self {
            Self::Unsuccessful => Some(json!({ "success": false })),
            Self::Partly => Some(json!({ "completion": false })),
            _ => None,
        }
    }
}

/// A statement in the making: who did what to what, and when.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    number: u64,
    body: Value,
    at: String,
    space: &'static str,
}

/// Tells of an act of the agent `learner-N@example.org` on an activity at an instant (UTC).
pub(crate) fn told(number: u64, learner: u64, act: Act, object: &str, at: &str) -> Told {
    let mut body = json!({
        "actor": agent(learner),
        "verb": { "id": act.verb() },
        "object": { "id": object },
    });
    if object == BADGE {
        let badge = "https://xapi.edlm/profiles/edlm-lms/concepts/activity-types/badge";
        body["object"]["definition"] = json!({ "type": badge });
    }
    if let Some(result) = act.result() {
        body["result"] = result;
    }
    Told {
        number,
        body,
        at: at.to_owned(),
        space: "sing",
    }
}

pub(crate) fn agent(learner: u64) -> Value {
    json!({ "objectType": "Agent", "mbox": format!("mailto:learner-{learner}@example.org") })
}

impl Told {
    /// Places the object below others: `parent` or `grouping`.
    pub(crate) fn below(mut self, relation: &str, iris: &[&str]) -> Self {
        let activities: Value = iris.iter().map(|iri| json!({ "id": iri })).collect();
        self.body["context"]["contextActivities"][relation] = activities;
        self
    }

    /// Changes any other member.
    pub(crate) fn with(mut self, member: &str, value: Value) -> Self {
        self.body[member] = value;
        self
    }

    /// Says for which organisation the learner was there.
    pub(crate) fn team(mut self, home_page: &str, number: &str) -> Self {
        let account = json!({ "homePage": home_page, "name": number });
        self.body["context"]["team"] = json!({ "objectType": "Group", "account": account });
        self
    }

    /// Is written in another space.
    pub(crate) fn in_space(mut self, space: &'static str) -> Self {
        self.space = space;
        self
    }

    pub(crate) fn build(self) -> NewStatement {
        self.draft().build()
    }

    pub(crate) fn draft(self) -> Draft {
        let timestamp = self.at.parse().unwrap();
        let body = self.body.to_string();
        Draft::new(self.number)
            .in_space(self.space)
            .with(|statement| {
                statement.timestamp = Some(timestamp);
                statement.body = body;
            })
    }
}
