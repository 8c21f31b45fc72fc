//! Since when a scheme is joint: settled once for all persons in it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;
use varde_core::ledger::{Entry, Group};
use varde_core::registers::{EntityKind, RegisterView};

use crate::counting::JointSince;

/// The body of the entry that says since when a scheme is joint; there is none while it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Joint {
    /// The first day; `None` since always.
    since: Option<Date>,
    /// The organisers on that day.
    organisers: Vec<String>,
}

/// Returns the entry that says since when a scheme is joint.
pub(crate) fn joint(
    project: &ProjectCode,
    scheme: &str,
    registers: &RegisterView<'_>,
) -> Option<Entry> {
    const ORGANISER: &str = "organiser:";
    registers.take_rows();
    let days = registers.changes(EntityKind::Activity, scheme, ORGANISER);
    let joint = days.into_iter().find_map(|since| {
        let day = since.unwrap_or(Date::MIN);
        let fields = registers.values(EntityKind::Activity, scheme, ORGANISER, day);
        let organisers: Vec<&str> = fields
            .iter()
            .filter_map(|(field, _)| field.strip_prefix(ORGANISER))
            .collect();
        let countries: BTreeSet<&str> = organisers
            .iter()
            .filter_map(|id| Some(id.split_once('-')?.0))
            .collect();
        let organisers = organisers.into_iter().map(str::to_owned).collect();
        (countries.len() >= 2).then_some(Joint { since, organisers })
    })?;
    let body = serde_json::to_value(joint).ok()?;
    Some(Entry {
        key: String::new(),
        project: project.clone(),
        body,
        statements: Vec::new(),
        rows: registers.take_rows(),
    })
}

/// Reads since when a scheme is joint from the entry of its group.
pub(crate) fn joint_since(read: &[(Group, Entry)]) -> Option<JointSince> {
    let (_, entry) = read.first()?;
    Some(JointSince(Joint::deserialize(&entry.body).ok()?.since))
}
