//! Rows as the office writes them, with random ids in place of everything that names a person.

use std::collections::{BTreeSet, HashMap};

use super::logged::MERGED_INTO;
use super::{Entity, EntityKind, Row};
use crate::people::{IdentityId, IdentityKind, IdentityName};
use crate::registers::files::SoleTrader;

/// The field of an identifier that says whose it is.
pub(super) const PERSON: &str = "person";
/// The field of a person that holds the office's pseudonym.
pub(super) const PSEUDONYM: &str = "pseudonym";
/// Begins the fields of a person that hold the text of an identifier; its id follows.
pub(super) const IDENTIFIER: &str = "identifier:";
/// Begin the fields that end with an organisation.
const OF_ORGANISATIONS: [&str; 3] = ["organisation:", "organiser:", "partner:"];

/// Returns every name in some rows.
pub(super) fn names(rows: &[Row]) -> BTreeSet<IdentityName> {
    let mut names = BTreeSet::new();
    for row in rows {
        names.extend(entity_name(&row.entity));
        names.extend(value_name(row));
        names.extend(field_name(&row.field));
    }
    names
}

fn entity_name(entity: &Entity) -> Option<IdentityName> {
    match entity.kind {
        EntityKind::Person => Some(IdentityName::pseudonym(&entity.id)),
        EntityKind::Identifier => Some(IdentityName::of(IdentityKind::Agent, &entity.id)),
        EntityKind::Organisation => SoleTrader::given_in(&entity.id),
        EntityKind::Project | EntityKind::Activity => None,
    }
}

/// The name in a value that names a person: whose an identifier is, into whom somebody is merged.
fn value_name(row: &Row) -> Option<IdentityName> {
    let named = match row.entity.kind {
        EntityKind::Identifier => row.field == PERSON,
        EntityKind::Person => row.field == MERGED_INTO,
        _ => false,
    };
    let value = row.value.as_ref().filter(|_| named)?;
    Some(IdentityName::pseudonym(value))
}

fn field_name(field: &str) -> Option<IdentityName> {
    let organisation = OF_ORGANISATIONS
        .iter()
        .find_map(|prefix| field.strip_prefix(prefix))?;
    SoleTrader::given_in(organisation)
}

/// Puts the ids in, and adds for each person the pseudonym and the identifiers as values, which the
/// log keeps under the person's key. Returns for each row the rows that came of it.
pub(super) fn keyed(rows: &[Row], ids: &HashMap<IdentityName, IdentityId>) -> Vec<Vec<Row>> {
    let mut told = BTreeSet::new();
    rows.iter()
        .map(|row| {
            let mut keyed = vec![with_ids(row, ids)];
            keyed.extend(texts(row, ids).into_iter().filter(|text| {
                let place = (text.entity.clone(), text.field.clone());
                told.insert(place)
            }));
            keyed
        })
        .collect()
}

fn with_ids(row: &Row, ids: &HashMap<IdentityName, IdentityId>) -> Row {
    let id = |name: Option<IdentityName>| name.and_then(|name| ids.get(&name).copied());
    let mut row = row.clone();
    if let Some(id) = id(value_name(&row)) {
        row.value = Some(id.to_string());
    }
    if let Some(id) = id(field_name(&row.field)) {
        let (prefix, _) = row.field.split_once(':').unwrap_or_default();
        row.field = format!("{prefix}:{}", SoleTrader::natural_key(id));
    }
    if let Some(id) = id(entity_name(&row.entity)) {
        row.entity.id = match row.entity.kind {
            EntityKind::Organisation => SoleTrader::natural_key(id),
            _ => id.to_string(),
        };
    }
    row
}

/// Returns the texts behind the ids of a row: of each person the pseudonym, and an identifier with
/// the person whose it is said to be.
fn texts(row: &Row, ids: &HashMap<IdentityName, IdentityId>) -> Vec<Row> {
    let mut texts = Vec::new();
    let names = [entity_name(&row.entity), value_name(row)];
    for name in names.iter().flatten() {
        if let (IdentityKind::Pseudonym, Some(id)) = (name.kind, ids.get(name)) {
            texts.push(text(*id, PSEUDONYM.to_owned(), &name.text));
        }
    }
    if let [Some(agent), Some(person)] = &names
        && agent.kind == IdentityKind::Agent
        && let (Some(agent_id), Some(person)) = (ids.get(agent), ids.get(person))
    {
        texts.push(text(
            *person,
            format!("{IDENTIFIER}{agent_id}"),
            &agent.text,
        ));
    }
    texts
}

fn text(person: IdentityId, field: String, text: &str) -> Row {
    Row {
        entity: Entity::new(EntityKind::Person, person.to_string()),
        field,
        value: Some(text.to_owned()),
        valid_from: None,
        valid_to: None,
    }
}
