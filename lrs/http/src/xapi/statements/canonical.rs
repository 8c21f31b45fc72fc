//! The store's own definitions of the activities that statements speak of.

use std::collections::{BTreeMap, BTreeSet};

use varde_core::Caller;
use varde_core::activities::Activities;
use varde_core::ports::StoredStatement;
use varde_xapi::Place;

use crate::error::ApiError;

/// Definitions as JSON text, by the activity's IRI.
pub(super) type Definitions = BTreeMap<String, String>;

/// Returns the merged definitions of every activity in the statements.
pub(super) async fn definitions(
    activities: &Activities,
    caller: &Caller,
    statements: &[StoredStatement],
) -> Result<Definitions, ApiError> {
    let mut definitions = Definitions::new();
    for activity in mentioned(statements)? {
        if let Some(definition) = activities.definition(caller, &activity).await? {
            definitions.insert(activity, definition.get().to_owned());
        }
    }
    Ok(definitions)
}

fn mentioned(statements: &[StoredStatement]) -> Result<BTreeSet<String>, ApiError> {
    let mut activities = BTreeSet::new();
    for statement in statements {
        let read = varde_xapi::read(&statement.text())
            .map_err(|_| ApiError::Internal("a stored statement could not be read"))?;
        let terms = varde_xapi::match_terms(&read).into_iter();
        let of_activities =
            terms.filter(|term| matches!(term.place, Place::Activity | Place::RelatedActivity));
        activities.extend(of_activities.map(|term| term.value));
    }
    Ok(activities)
}
