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

/// [`Rows`] that outlive the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// [`Rows::All`].
    All,
    /// [`Rows::OfPartner`].
    OfPartner(OrganisationNumber),
    /// [`Rows::None`].
    None,
}

impl From<Rows<'_>> for Seen {
    fn from(rows: Rows<'_>) -> Self {
        match rows {
            Rows::All => Self::All,
            Rows::OfPartner(partner) => Self::OfPartner(partner.clone()),
            Rows::None => Self::None,
        }
    }
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
        let field = format!("organisation:{partner}");
        let person = person.as_str();
        let belongs = registers.value(EntityKind::Person, person, &field, day);
        belongs.is_some() || organised(partner, registers, units, day)
    }

    /// Tells whether a row that is about organisations is among them: the partner is one of these, or
    /// organised one of the units.
    pub fn include_organisations<'u>(
        self,
        registers: &RegisterView<'_>,
        organisations: impl IntoIterator<Item = &'u String>,
        units: impl IntoIterator<Item = &'u String>,
        day: Date,
    ) -> bool {
        let partner = match self {
            Self::All => return true,
            Self::None => return false,
            Self::OfPartner(partner) => partner,
        };
        let own = partner.to_string();
        organisations.into_iter().any(|one| *one == own)
            || organised(partner, registers, units, day)
    }
}

/// Tells whether a partner organised one of some units on a day.
fn organised<'u>(
    partner: &OrganisationNumber,
    registers: &RegisterView<'_>,
    units: impl IntoIterator<Item = &'u String>,
    day: Date,
) -> bool {
    let field = format!("organiser:{partner}");
    let mut units = units.into_iter();
    units.any(|unit| {
        let organises = registers.value(EntityKind::Activity, unit, &field, day);
        organises.is_some()
    })
}
