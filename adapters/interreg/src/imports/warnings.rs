//! What may be amiss with facts, and what is wrong with who acts in them.

use std::collections::{BTreeSet, HashMap};

use varde_core::registers::files::FileFault;
use varde_core::registers::{Entity, EntityKind, Registers};

use super::actors::Actors;
use super::fact_row::Who;
use super::office::{FactRow, Office};
use super::tables::FactTable;
use super::verdict::{JudgedRow, RowVerdict};

/// Finds the lines whose pseudonym nobody has, neither in the registers nor in these files: a
/// mistyped one would count as one more person.
pub(super) fn unknown_persons(office: &Office, actors: &Actors) -> Vec<FileFault> {
    let told = told(office, EntityKind::Person);
    let unknown = office.facts.iter().filter(|row| match &row.who {
        Who::Pseudonym(pseudonym) => !actors.knows(pseudonym) && !told.contains(pseudonym.as_str()),
        _ => false,
    });
    let sentence = "found a pseudonym of which neither the registers nor a people table of these \
                    files tells anything; expected one with at least one attribute there";
    unknown
        .map(|row| row.actor_fault(sentence.to_owned()))
        .collect()
}

/// Returns the entities of a kind of which the files tell something. Whose an identifier is tells
/// of a person too.
fn told(office: &Office, kind: EntityKind) -> BTreeSet<&str> {
    let rows = office.registers.rows.iter();
    rows.flat_map(|row| {
        let own = (row.entity.kind == kind).then_some(row.entity.id.as_str());
        let owner = (kind == EntityKind::Person && row.entity.kind == EntityKind::Identifier)
            .then_some(row.value.as_deref());
        [own, owner.flatten()]
    })
    .flatten()
    .collect()
}

/// Returns a verdict for each line with a fault.
pub(super) fn refused(office: &Office) -> impl Iterator<Item = JudgedRow> {
    let lines = office.refused().into_iter();
    lines.map(|((file, sheet, line), why)| JudgedRow {
        file: Some(file),
        sheet,
        line,
        table: None,
        verdict: RowVerdict::Refused,
        fields: Vec::new(),
        why,
        warnings: Vec::new(),
        statement: None,
    })
}

/// Adds to the verdicts on facts what may be amiss: organisations, activities and persons that no
/// register knows.
pub(super) fn warn(
    judged: &mut [JudgedRow],
    office: &Office,
    actors: &Actors,
    registers: &Registers,
) {
    let facts: HashMap<_, _> = (office.facts.iter())
        .map(|row| ((&row.place.file, &row.place.sheet, row.place.line), row))
        .collect();
    let knowing = Knowing {
        organisations: told(office, EntityKind::Organisation),
        activities: told(office, EntityKind::Activity),
        identifiers: told(office, EntityKind::Identifier),
        actors,
        registers,
    };
    for row in judged {
        let Some(file) = &row.file else { continue };
        if let Some(fact) = facts.get(&(file, &row.sheet, row.line)) {
            row.warnings.extend(knowing.warnings(fact));
        }
    }
}

/// What is known, in the store and in the files.
struct Knowing<'a> {
    organisations: BTreeSet<&'a str>,
    activities: BTreeSet<&'a str>,
    identifiers: BTreeSet<&'a str>,
    actors: &'a Actors,
    registers: &'a Registers,
}

impl Knowing<'_> {
    fn knows(&self, kind: EntityKind, id: &str) -> bool {
        let entity = Entity::new(kind, id);
        !self.registers.rows(&entity).is_empty()
    }

    fn warnings(&self, row: &FactRow) -> Vec<String> {
        let mut warnings = Vec::new();
        let actor = match &row.who {
            Who::Organisation(number) => Some(number),
            _ => None,
        };
        let named = [actor, row.deed.team.as_ref(), row.deed.instructor.as_ref()];
        let named: BTreeSet<String> = named
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        for number in named {
            let in_files = self.organisations.contains(number.as_str());
            if !in_files && !self.knows(EntityKind::Organisation, &number) {
                warnings.push(format!(
                    "the organisation {number} is not in the registers: its size, region and \
                     branch stay unknown"
                ));
            }
        }
        let activity = row.deed.object.as_str();
        if row.table == FactTable::Attendance
            && !self.activities.contains(activity)
            && !self.knows(EntityKind::Activity, activity)
        {
            warnings.push(
                "the activity is not in the registers: the line counts for no action and no \
                 training scheme until it is"
                    .to_owned(),
            );
        }
        if let Who::Identifier(ifi) = &row.who {
            let id = self.actors.identifier(ifi).map(|id| id.to_string());
            let known = id.is_some_and(|id| self.knows(EntityKind::Identifier, &id));
            if !known && !self.identifiers.contains(ifi.canonical().as_str()) {
                warnings.push(
                    "the identifier is in no identities table and not in the registers: it counts \
                     as a person of its own"
                        .to_owned(),
                );
            }
        }
        warnings
    }
}
