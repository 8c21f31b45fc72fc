//! What persons and organisations do, as statements.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use varde_core::ports::NewStatement;
use varde_core::registers::Row;
use varde_test_support::Draft;

use crate::statements::agent;

pub(crate) const SCHEME: &str = "https://example.org/scheme";
pub(crate) const ACTION: &str = "https://example.org/action";
pub(crate) const OTHER_ACTION: &str = "https://example.org/other-action";
pub(crate) const EVENT: &str = "https://example.org/event";
pub(crate) const SOLUTION: &str = "https://example.org/solution";
pub(crate) const STRATEGY: &str = "https://example.org/strategy";
pub(crate) const PILOT: &str = "https://example.org/pilot";
/// Stands for what no register knows.
pub(crate) const THING: &str = "https://example.org/thing";

pub(crate) const ORGANISATIONS: [&str; 4] = [
    "NO-100000016",
    "NO-100000024",
    "SE-402000-0008",
    "SE-402000-0024",
];

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Person(u64),
    Organisation(&'static str),
}

/// What they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Started,
    Attended,
    Completed,
    Received,
    Joined,
    Organised,
    Developed,
    Adopted,
    Introduced,
    Employed,
    Signed,
}

/// One deed with all that a statement may say of it.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) number: u64,
    pub(crate) space: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) who: Who,
    pub(crate) verb: Verb,
    pub(crate) object: &'static str,
    pub(crate) parents: Vec<&'static str>,
    /// The kind of the support, the innovation, the partner.
    pub(crate) kind: &'static str,
    pub(crate) minutes: u32,
    pub(crate) uptake: bool,
    pub(crate) legal: bool,
    pub(crate) evidence: bool,
    /// Employment before and after, in quarters of one.
    pub(crate) quarters: Option<(u32, u32)>,
    pub(crate) until: Option<Date>,
}

/// What happened, in order.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Deed(Deed),
    Void(u64),
    Rows(Vec<Row>),
}

impl Deed {
    /// The day in Oslo, where the project has no other zone.
    pub(crate) fn day(&self) -> Date {
        let zone = TimeZone::get("Europe/Oslo").unwrap();
        self.at.to_zoned_datetime(zone).date()
    }

    /// Builds the statement.
    pub(crate) fn statement(&self) -> NewStatement {
        let ir = |name: &str| format!("https://w3id.org/xapi/interreg/v1/verbs/{name}");
        let adl = |name: &str| format!("http://adlnet.gov/expapi/verbs/{name}");
        let verb = match self.verb {
            Verb::Started => adl("initialized"),
            Verb::Attended => adl("attended"),
            Verb::Completed => adl("completed"),
            Verb::Received => ir("received-support"),
            Verb::Joined => ir("joined-partnership"),
            Verb::Organised => ir("organised"),
            Verb::Developed => ir("developed"),
            Verb::Adopted => ir("adopted"),
            Verb::Introduced => ir("introduced"),
            Verb::Employed => ir("reported-employment"),
            Verb::Signed => ir("signed"),
        };
        let actor = match self.who {
            Who::Person(learner) => agent(learner),
            Who::Organisation(organisation) => group(organisation),
        };
        let parents: Value = self
            .parents
            .iter()
            .map(|iri| json!({ "id": iri }))
            .collect();
        let body = json!({
            "actor": actor,
            "verb": { "id": verb },
            "object": { "id": self.object },
            "context": {
                "contextActivities": { "parent": parents },
                "extensions": self.context_extensions(),
            },
            "result": self.result(),
        });
        let draft = Draft::new(self.number).in_space(self.space);
        let at = self.at;
        let draft = draft.with(|statement| {
            statement.timestamp = Some(at.to_string().parse().unwrap());
            statement.body = body.to_string();
        });
        draft.build()
    }

    fn context_extensions(&self) -> Value {
        let mut said = serde_json::Map::new();
        let mut say = |name: &str, value: Value| {
            said.insert(
                format!("https://w3id.org/xapi/interreg/v1/ext/{name}"),
                value,
            );
        };
        match self.verb {
            Verb::Received => say("support-kind", self.kind.into()),
            Verb::Introduced => say("innovation-kind", self.kind.into()),
            Verb::Joined => say("partner-role", self.kind.into()),
            _ => {}
        }
        if self.uptake {
            say("uptake-actions", json!("train two advisers"));
        }
        if self.legal {
            say("legal-or-administrative", json!(true));
        }
        if self.evidence {
            say(
                "evidence",
                json!([{ "id": "https://example.org/minutes.pdf" }]),
            );
        }
        if let Some(until) = self.until {
            say("valid-until", json!(until.to_string()));
        }
        said.into()
    }

    fn result(&self) -> Value {
        let decimal = |quarters: u32| format!("{}.{:02}", quarters / 4, quarters % 4 * 25);
        let mut result = json!({ "duration": format!("PT{}M", self.minutes) });
        if let Some((before, after)) = self.quarters {
            result["extensions"] = json!({
                "https://w3id.org/xapi/interreg/v1/ext/fte-before": decimal(before),
                "https://w3id.org/xapi/interreg/v1/ext/fte-after": decimal(after),
            });
        }
        result
    }
}

/// An organisation as an Identified Group.
fn group(organisation: &str) -> Value {
    let (country, number) = organisation.split_once('-').unwrap();
    let home_page = match country {
        "NO" => "https://data.brreg.no/enhetsregisteret",
        _ => "https://bolagsverket.se/organisationsnummer",
    };
    json!({ "objectType": "Group", "account": { "homePage": home_page, "name": number } })
}
