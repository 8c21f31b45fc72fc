//! By what persons are sorted into cohorts.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;
use varde_core::registers::{EntityKind, PersonId, RegisterView, Registers, Row};

/// The value of whom nothing is known.
pub(crate) const UNKNOWN: &str = "unknown";
/// The value of whoever belongs to several organisations on the day.
const SEVERAL: &str = "several";
/// Begins the fields that say to which organisation a person belongs.
const ORGANISATION: &str = "organisation:";

/// By what persons are sorted into cohorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// The training scheme that the evidence belongs to.
    Scheme,
    /// The person's NUTS 3 region.
    Nuts3,
    /// The organisation that the person belongs to.
    Organisation,
    /// The person's gender.
    Gender,
    /// The person's age, as the band of birth years that the register keeps.
    BirthYearBand,
}

/// A text that names no dimension.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected scheme, nuts3, organisation, gender or birth_year_band, found {0:?}")]
pub struct DimensionError(pub String);

impl Dimension {
    /// Every dimension.
    pub const EACH: [Self; 5] = [
        Self::Scheme,
        Self::Nuts3,
        Self::Organisation,
        Self::Gender,
        Self::BirthYearBand,
    ];

    /// Returns the dimension's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Nuts3 => "nuts3",
            Self::Organisation => "organisation",
            Self::Gender => "gender",
            Self::BirthYearBand => "birth_year_band",
        }
    }

    /// Returns a person's value on a day.
    pub(super) fn value(self, view: &RegisterView<'_>, person: &PersonId, day: Date) -> String {
        let value = match self {
            Self::Scheme => None,
            Self::Nuts3 | Self::Gender | Self::BirthYearBand => {
                view.value(EntityKind::Person, person.as_str(), self.field(), day)
            }
            Self::Organisation => {
                let fields = view.values(EntityKind::Person, person.as_str(), ORGANISATION, day);
                match fields.as_slice() {
                    [(field, _)] => field.strip_prefix(ORGANISATION),
                    [] => None,
                    _ => Some(SEVERAL),
                }
            }
        };
        value.unwrap_or(UNKNOWN).to_owned()
    }

    /// Returns what the registers call a value on a day.
    pub(super) fn title(self, view: &RegisterView<'_>, value: &str, day: Date) -> Option<String> {
        let kind = match self {
            Self::Scheme => EntityKind::Activity,
            Self::Organisation => EntityKind::Organisation,
            Self::Nuts3 | Self::Gender | Self::BirthYearBand => return None,
        };
        view.title(kind, value, day).map(str::to_owned)
    }

    /// Returns how the register's fields begin that say a person's value.
    fn field(self) -> &'static str {
        match self {
            Self::Scheme => "",
            Self::Nuts3 => "nuts3",
            Self::Organisation => ORGANISATION,
            Self::Gender => "gender",
            Self::BirthYearBand => "birth-year-band",
        }
    }

    /// Returns whoever may have one of some values on some day as known at some instant: all of
    /// whom the register ever said so. `None` where it takes a look at everybody to tell.
    pub(crate) fn candidates(
        self,
        registers: &Registers,
        values: &[&str],
    ) -> Option<BTreeSet<PersonId>> {
        if self == Self::Scheme || values.contains(&UNKNOWN) {
            return None;
        }
        let says = |row: &Row| {
            let value = match (self, row.field.strip_prefix(self.field())) {
                (_, None) => return false,
                (Self::Organisation, Some(organisation)) => Some(organisation),
                (_, Some(rest)) => row.value.as_deref().filter(|_| rest.is_empty()),
            };
            // Of several organisations each is said by a row of its own.
            let several = self == Self::Organisation && values.contains(&SEVERAL);
            several || value.is_some_and(|value| values.contains(&value))
        };
        let persons = registers.each(EntityKind::Person);
        let saying = persons.filter(|(_, rows)| rows.iter().any(|known| says(&known.row)));
        let ids = saying.filter_map(|(entity, _)| PersonId::parse(&entity.id));
        Some(ids.collect())
    }
}

impl FromStr for Dimension {
    type Err = DimensionError;

    fn from_str(text: &str) -> Result<Self, DimensionError> {
        let mut each = Self::EACH.into_iter();
        each.find(|dimension| dimension.name() == text)
            .ok_or_else(|| DimensionError(text.to_owned()))
    }
}
