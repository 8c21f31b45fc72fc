//! Which rows of results a caller sees one by one.

use jiff::civil::Date;

use crate::registers::files::OrganisationNumber;
use crate::registers::{EntityKind, PersonId, RegisterView};
use crate::{Caller, Role};

/// Which rows of results a caller sees one by one, under pseudonyms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows<'a> {
    /// All of the caller's projects.
    All,
    /// Those of persons who belong to this partner, or of units that it organised.
    OfPartner(&'a OrganisationNumber),
    /// None.
    None,
}

impl Caller {
    /// Tells which rows of results the caller sees one by one.
    pub fn rows(&self) -> Rows<'_> {
        match (self.role, &self.partner) {
            (Some(Role::Evaluator), Some(partner)) => Rows::OfPartner(partner),
            (Some(Role::Evaluator | Role::Funder | Role::Learner), _) => Rows::None,
            (Some(Role::Administrator | Role::DataSteward | Role::Auditor) | None, _) => Rows::All,
        }
    }
}

impl Rows<'_> {
    /// Tells whether a row is among them, by the person and the units that it is about and by the
    /// registers on its day.
    pub fn include<'u>(
        self,
        registers: &RegisterView<'_>,
        person: &PersonId,
        units: impl IntoIterator<Item = &'u String>,
        day: Date,
    ) -> bool {
        let partner = match self {
            Self::All => return true,
            Self::None => return false,
            Self::OfPartner(partner) => partner,
        };
        let is = |kind, id: &str, field: &str| {
            let field = format!("{field}:{partner}");
            registers.value(kind, id, &field, day).is_some()
        };
        is(EntityKind::Person, person.as_str(), "organisation")
            || units
                .into_iter()
                .any(|unit| is(EntityKind::Activity, unit, "organiser"))
    }
}
