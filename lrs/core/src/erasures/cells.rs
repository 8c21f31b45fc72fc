//! Which values of an erased person stay: none by which the person could be told from others.

use std::collections::{BTreeMap, BTreeSet};

use crate::people::IdentityId;
use crate::registers::{EntityKind, Registers, Row};

/// How many persons share the values that stay, at the least: the bound of public tables
/// (k = 5), since what stays is held for good.
pub(super) const SHARED_BY_MIN: usize = 5;

/// The fields by which results are broken down.
const DIMENSIONS: [&str; 3] = ["gender", "birth-year-band", "nuts3"];
/// Begins the fields that say to which organisation a person belongs.
const ORGANISATION: &str = "organisation:";

/// A person's present values, by dimension; of organisations all together.
type Values = BTreeMap<&'static str, String>;

/// What of an erased person's values stays.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Staying(Values);

impl Staying {
    /// Chooses from the values of a person those which, taken together, at least
    /// [`SHARED_BY_MIN`] persons have; the rarest go first.
    pub(super) fn of(
        registers: &Registers,
        person: IdentityId,
        erased: &BTreeSet<IdentityId>,
    ) -> Self {
        let own = values(registers, &person.to_string());
        let others: Vec<Values> = registers
            .entities(EntityKind::Person)
            .into_iter()
            .filter(|entity| entity.person().is_none_or(|id| !erased.contains(&id)))
            .map(|entity| values(registers, &entity.id))
            .collect();
        Self::among(own, &others)
    }

    fn among(own: Values, others: &[Values]) -> Self {
        let mut staying = own;
        while 1 + shared(&staying, others) < SHARED_BY_MIN {
            let alone = |(name, value): (&&'static str, &String)| {
                let one = Values::from([(*name, value.clone())]);
                (shared(&one, others), *name)
            };
            let Some((_, rarest)) = staying.iter().map(alone).min() else {
                break;
            };
            staying.remove(rarest);
        }
        Self(staying)
    }

    /// Returns the value that a row of the person has from now on.
    pub(super) fn value(&self, row: &Row) -> Option<String> {
        let value = row.value.as_ref()?;
        let stays = if row.field.starts_with(ORGANISATION) {
            self.0.get(ORGANISATION).is_some_and(|all| {
                let mut fields = all.split(' ');
                fields.any(|field| field == row.field)
            })
        } else {
            self.0.get(row.field.as_str()) == Some(value)
        };
        stays.then(|| value.clone())
    }
}

/// Counts who has all of these values.
fn shared(values: &Values, others: &[Values]) -> usize {
    let has_all = |other: &&Values| {
        let mut values = values.iter();
        values.all(|(name, value)| other.get(name) == Some(value))
    };
    others.iter().filter(has_all).count()
}

/// Returns the values known last of a person.
fn values(registers: &Registers, person: &str) -> Values {
    let entity = crate::registers::Entity::new(EntityKind::Person, person);
    let rows = registers.rows(&entity);
    let mut values = Values::new();
    let mut organisations = BTreeSet::new();
    for row in rows.iter().map(|known| &known.row) {
        if let Some(name) = DIMENSIONS.iter().find(|name| **name == row.field) {
            match &row.value {
                Some(value) => values.insert(name, value.clone()),
                None => values.remove(name),
            };
        } else if row.field.starts_with(ORGANISATION) {
            match &row.value {
                Some(_) => organisations.insert(row.field.as_str()),
                None => organisations.remove(row.field.as_str()),
            };
        }
    }
    if !organisations.is_empty() {
        let all: Vec<_> = organisations.into_iter().collect();
        values.insert(ORGANISATION, all.join(" "));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(gender: &str, band: &str) -> Values {
        Values::from([
            ("gender", gender.to_owned()),
            ("birth-year-band", band.to_owned()),
        ])
    }

    #[test]
    fn values_stay_that_five_persons_have_together() {
        let four = vec![person("f", "1990"); 4];
        let staying = Staying::among(person("f", "1990"), &four);
        assert_eq!(staying.0, person("f", "1990"));
        let staying = Staying::among(person("f", "1990"), &four[..3]);
        assert_eq!(staying.0, Values::new());
    }

    #[test]
    fn the_rarest_value_goes_first() {
        let mut others = vec![person("f", "1990"); 3];
        others.extend(vec![person("f", "1950"); 3]);
        let staying = Staying::among(person("f", "1990"), &others);
        assert_eq!(staying.0, Values::from([("gender", "f".to_owned())]));
    }

    #[test]
    fn values_that_are_common_apart_but_rare_together_do_not_all_stay() {
        let mut others = vec![person("f", "1950"); 9];
        others.extend(vec![person("m", "1990"); 9]);
        let staying = Staying::among(person("f", "1990"), &others);
        assert_eq!(staying.0.len(), 1);
    }
}
