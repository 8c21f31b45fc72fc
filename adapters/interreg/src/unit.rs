//! Which scheme a statement belongs to.

use jiff::civil::Date;
use varde_core::registers::{EntityKind, NamedActivities, RegisterView, Unit};

use crate::fact::Said;

/// The kind of programme activity that participations are of.
const TRAINING_SCHEME: &str = "training-scheme";

/// Returns the activities that a fact names.
pub(crate) fn named(said: &Said) -> NamedActivities<'_> {
    NamedActivities {
        object: Some(&said.object),
        parents: &said.parents,
        groupings: &said.groupings,
    }
}

/// Finds the unit: the registered training scheme that is the object, else a parent, else a
/// grouping.
pub(crate) fn unit(said: &Said, registers: &RegisterView<'_>, day: Date) -> Unit {
    registers.unit(&named(said), |kind| kind == TRAINING_SCHEME, day)
}

/// Tells whether an activity is registered as a training scheme.
pub(crate) fn is_scheme(iri: &str, registers: &RegisterView<'_>, day: Date) -> bool {
    registers.value(EntityKind::Activity, iri, "kind", day) == Some(TRAINING_SCHEME)
}
