//! Which scheme a statement belongs to, and which project that counts for.

use std::collections::BTreeSet;

use jiff::civil::Date;
use varde_core::Space;
use varde_core::registers::{EntityKind, RegisterView};

use crate::fact::Said;

/// The kind of programme activity that participations are of.
const TRAINING_SCHEME: &str = "training-scheme";

/// The unit that a statement counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unit {
    /// No activity of the statement is a registered training scheme.
    None,
    /// One is, nearer than any other.
    Scheme(String),
    /// Several are at the same distance, in the order of their IRIs.
    Ambiguous(Vec<String>),
}

/// Finds the unit: the registered training scheme that is the object, else a parent, else a
/// grouping.
pub(crate) fn unit(said: &Said, registers: &RegisterView<'_>, day: Date) -> Unit {
    let object = std::slice::from_ref(&said.object);
    for distance in [object, &said.parents, &said.groupings] {
        let schemes: BTreeSet<&String> = distance
            .iter()
            .filter(|iri| is_scheme(iri, registers, day))
            .collect();
        let mut schemes: Vec<String> = schemes.into_iter().cloned().collect();
        match schemes.len() {
            0 => {}
            1 => return schemes.pop().map_or(Unit::None, Unit::Scheme),
            _ => return Unit::Ambiguous(schemes),
        }
    }
    Unit::None
}

/// Tells whether an activity is registered as a training scheme.
pub(crate) fn is_scheme(iri: &str, registers: &RegisterView<'_>, day: Date) -> bool {
    registers.value(EntityKind::Activity, iri, "kind", day) == Some(TRAINING_SCHEME)
}

/// Tells whether a statement with this unit counts for a project: as the unit is registered, else
/// as its groupings are, else by the space it was written in.
pub(crate) fn counts_for(
    project: &str,
    unit: &str,
    (said, space): (&Said, &Space),
    registers: &RegisterView<'_>,
    day: Date,
) -> bool {
    let own = projects(unit, registers, day);
    if !own.is_empty() {
        return own.contains(&project);
    }
    let of_groupings = said
        .groupings
        .iter()
        .flat_map(|iri| projects(iri, registers, day));
    let of_groupings: BTreeSet<&str> = of_groupings.collect();
    if of_groupings.is_empty() {
        space.project() == project
    } else {
        of_groupings.contains(project)
    }
}

fn projects<'a>(iri: &str, registers: &RegisterView<'a>, day: Date) -> Vec<&'a str> {
    let fields = registers.values(EntityKind::Activity, iri, "project:", day);
    fields
        .into_iter()
        .filter_map(|(field, _)| field.strip_prefix("project:"))
        .collect()
}
