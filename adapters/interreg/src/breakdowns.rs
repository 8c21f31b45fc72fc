//! What is known of a key on its day, by dimension.

use std::collections::BTreeMap;

use jiff::civil::Date;
use varde_core::registers::{EntityKind, RegisterView, SizeClass};

use crate::conclusion::Conclusion;
use crate::counting_rule::{CountingRule, Family};
use crate::deed;

/// Stands in a breakdown where nothing is known.
pub const UNKNOWN: &str = "unknown";
/// Stands for a person who belongs to several organisations at once.
const SEVERAL: &str = "several";

/// Looks up what the registers know of a key on its day, in the dimensions of a rule.
pub(crate) fn of(
    rule: CountingRule,
    conclusion: &Conclusion,
    registers: &RegisterView<'_>,
    (day, as_of): (Date, Date),
) -> BTreeMap<&'static str, String> {
    let known = Known {
        rule,
        conclusion,
        registers,
        day,
        as_of,
    };
    let dimensions = rule.traits().dimensions.iter();
    dimensions
        .map(|dimension| {
            (
                *dimension,
                known.value(dimension).unwrap_or_else(|| UNKNOWN.to_owned()),
            )
        })
        .collect()
}

struct Known<'k> {
    rule: CountingRule,
    conclusion: &'k Conclusion,
    registers: &'k RegisterView<'k>,
    day: Date,
    as_of: Date,
}

impl Known<'_> {
    fn value(&self, dimension: &str) -> Option<String> {
        let conclusion = self.conclusion;
        match dimension {
            "country" => self.country(),
            "nuts3" => self.subject("nuts3"),
            "gender" => self.subject("gender"),
            "birth_year_band" => self.subject("birth-year-band"),
            "organisation" => conclusion.team.clone().or_else(|| self.organisation()),
            "scheme" | "action" => conclusion.units.first().cloned(),
            "size" => self.size(),
            "nace" => self.subject("nace"),
            "kind" | "role" => conclusion.kind.clone(),
            "state" => {
                let course = conclusion.course.as_ref()?;
                Some(course.state_on(self.as_of).name().to_owned())
            }
            _ => None,
        }
    }

    /// Returns a field of the person, organisation or event that the key is about.
    fn subject(&self, field: &str) -> Option<String> {
        let conclusion = self.conclusion;
        let (kind, id) = match (&conclusion.person, &conclusion.organisation) {
            (Some(person), _) => (EntityKind::Person, person.as_str()),
            (None, Some(organisation)) => (EntityKind::Organisation, organisation.as_str()),
            (None, None) => (EntityKind::Activity, conclusion.units.first()?.as_str()),
        };
        self.registers
            .value(kind, id, field, self.day)
            .map(str::to_owned)
    }

    /// An organisation's country is that of its number; of a person and an event the first two letters
    /// of the NUTS code.
    fn country(&self) -> Option<String> {
        let organisation = self.conclusion.organisation.as_deref();
        match (self.rule.family(), organisation) {
            (Family::Enterprise | Family::Object | Family::Partner, Some(organisation)) => {
                deed::country(organisation).map(str::to_owned)
            }
            _ => self.subject("nuts3")?.get(..2).map(str::to_owned),
        }
    }

    fn size(&self) -> Option<String> {
        let organisation = self.conclusion.organisation.as_deref()?;
        let day = self.conclusion.supported.unwrap_or(self.day);
        Some(
            SizeClass::of(organisation, self.registers, day)
                .name()
                .to_owned(),
        )
    }

    /// The organisation that the person belongs to.
    fn organisation(&self) -> Option<String> {
        const ORGANISATION: &str = "organisation:";
        let person = self.conclusion.person.as_ref()?.as_str();
        let kind = EntityKind::Person;
        let fields = self.registers.values(kind, person, ORGANISATION, self.day);
        let mut ids = fields
            .iter()
            .filter_map(|(field, _)| field.strip_prefix(ORGANISATION));
        match (ids.next(), ids.next()) {
            (Some(id), None) => Some(id.to_owned()),
            (Some(_), Some(_)) => Some(SEVERAL.to_owned()),
            (None, _) => None,
        }
    }
}
