//! The groups of evidence: a person, a competence, a project.

use varde_core::ProjectCode;
use varde_core::ledger::Group;
use varde_core::registers::PersonId;

/// Stands between person, competence and project in a group's key; none of them holds one.
const SEPARATOR: char = '\t';

/// Whose evidence a group holds, within which project.
#[derive(Debug)]
pub(crate) struct Of {
    pub(crate) person: PersonId,
    pub(crate) project: ProjectCode,
}

impl Of {
    pub(crate) fn group(group: &Group) -> Option<Self> {
        let mut parts = group.key.split(SEPARATOR);
        let (person, project) = (parts.next()?, parts.nth(1)?);
        Some(Self {
            person: PersonId::parse(person)?,
            project: project.parse().ok()?,
        })
    }
}

/// Returns the key of a person's group: the person first, so that one person's are one stretch.
pub(crate) fn group_key(person: &PersonId, competence: &str, project: &ProjectCode) -> String {
    format!("{}{project}", competence_prefix(person, competence))
}

/// Returns the beginning of the keys of a person's groups of one competence.
pub(crate) fn competence_prefix(person: &PersonId, competence: &str) -> String {
    format!("{}{competence}{SEPARATOR}", group_prefix(person))
}

/// Returns the beginning of the keys of all groups of a person.
pub(crate) fn group_prefix(person: &PersonId) -> String {
    format!("{person}{SEPARATOR}")
}
