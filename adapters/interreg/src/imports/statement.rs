//! Facts as statements, and the ids that they have.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use varde_core::registers::files::OrganisationNumber;
use varde_core::{ProjectCode, Space};
use varde_xapi::{Ifi, StatementId};

use super::fact_row::Deed;
use super::tables::FactTable;
use crate::vocabulary::{
    PERSONS, PROFILE_VERSION, VOIDED, activity_type, home_page, project, table,
};

/// The namespace of the ids of imported statements.
const NAMESPACE: Uuid = Uuid::from_u128(0x9d1c_6a1e_4b0f_5c57_8f0a_2f5d_3f3b_7c11);

/// What is the same of all revisions of a fact. It names persons by random ids only, since the ids
/// of statements are made of it and outlive an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NaturalKey {
    pub(super) space: Space,
    pub(super) table: FactTable,
    /// The actor: an organisation's number, or the random id of a person or an identifier.
    pub(super) who: String,
    pub(super) rest: Vec<String>,
}

impl NaturalKey {
    /// Returns the id of one revision of the fact, counted from 1.
    pub(super) fn revision(&self, number: u32) -> StatementId {
        let Self {
            space,
            table,
            who,
            rest,
        } = self;
        let name = json!([space.to_string(), table.name(), who, rest, number]);
        StatementId(Uuid::new_v5(&NAMESPACE, name.to_string().as_bytes()))
    }
}

/// Returns the id of the statement by which an import voids another.
pub(super) fn voiding_id(target: StatementId) -> StatementId {
    let name = format!("void {target}");
    StatementId(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
}

/// Returns the statement by which an import voids another.
pub(super) fn voiding(target: StatementId, by: &Value) -> Value {
    json!({
        "id": voiding_id(target).to_string(),
        "actor": by,
        "verb": { "id": VOIDED },
        "object": { "objectType": "StatementRef", "id": target.to_string() },
    })
}

/// Returns an organisation as an actor.
pub(super) fn organisation(number: &OrganisationNumber) -> Value {
    let text = number.to_string();
    let plain = text
        .split_once('-')
        .map_or(text.as_str(), |(_, plain)| plain);
    json!({
        "objectType": "Group",
        "account": { "homePage": home_page(number.country()), "name": plain },
    })
}

/// Returns an identifier as an actor.
pub(super) fn agent(ifi: &Ifi) -> Value {
    match ifi {
        Ifi::Mbox(mbox) => json!({ "objectType": "Agent", "mbox": mbox }),
        Ifi::MboxSha1Sum(digest) => json!({ "objectType": "Agent", "mbox_sha1sum": digest }),
        Ifi::OpenId(address) => json!({ "objectType": "Agent", "openid": address }),
        Ifi::Account { home_page, name } => json!({
            "objectType": "Agent",
            "account": { "homePage": home_page.as_str(), "name": name },
        }),
    }
}

/// Returns the account by which statements name a person of the registers.
pub(super) fn account(person: &str) -> Result<Ifi, varde_xapi::Faults> {
    let agent = json!({ "account": { "homePage": PERSONS, "name": person } });
    varde_xapi::parameter::agent("actor", &agent.to_string()).map(|agent| agent.ifi)
}

/// Returns the statement of a fact, all but its id. A day is told by its first instant in the
/// project's zone: so it lies on that day there, and never past the moment of its import.
pub(super) fn statement(
    (at, deed): (FactTable, &Deed),
    actor: &Value,
    code: &ProjectCode,
    zone: &TimeZone,
) -> Map<String, Value> {
    let typed = |id: String, kind: &str| json!([{ "id": id, "definition": { "type": activity_type(kind) } }]);
    let mut context = Map::new();
    let named = [("team", &deed.team), ("instructor", &deed.instructor)];
    for (name, number) in named {
        if let Some(number) = number {
            context.insert(name.to_owned(), organisation(number));
        }
    }
    let activities = json!({
        "grouping": typed(project(code), "cooperation-project"),
        "category": [{ "id": PROFILE_VERSION }],
        "other": typed(table(at.name()), "import-table"),
    });
    context.insert("contextActivities".to_owned(), activities);
    if !deed.extensions.is_empty() {
        context.insert("extensions".to_owned(), deed.extensions.clone().into());
    }
    let mut statement = Map::new();
    statement.insert("actor".to_owned(), actor.clone());
    statement.insert("verb".to_owned(), json!({ "id": deed.verb }));
    statement.insert("object".to_owned(), deed.object());
    if !deed.result.is_empty() {
        statement.insert("result".to_owned(), deed.result.clone().into());
    }
    statement.insert("context".to_owned(), context.into());
    statement.insert("timestamp".to_owned(), first_instant(deed.day, zone).into());
    statement
}

fn first_instant(day: Date, zone: &TimeZone) -> String {
    let midnight = zone
        .clone()
        .into_ambiguous_zoned_datetime(day.at(0, 0, 0, 0));
    match midnight.compatible() {
        Ok(midnight) => midnight.timestamp().to_string(),
        Err(_) => format!("{day}T00:00:00Z"),
    }
}
