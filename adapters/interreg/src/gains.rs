//! How far participants came: read from competence outcomes, which another adapter concludes.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::civil::Date;
use varde_core::{Caller, StoreError};
use varde_xapi::{StatementId, Stored};

use crate::Amount;
use crate::set::Indicator;
use crate::table::{CountedKey, IndicatorValue};

/// The evidence of one person's competence from before and after one training scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gain {
    /// The person: the register's pseudonym, or the random id of an identifier not in it.
    pub person: String,
    /// The competence's IRI.
    pub competence: String,
    /// Who says so: `assessed`, `observed` or `self`.
    pub basis: &'static str,
    /// The training scheme, where the evidence belongs to one.
    pub scheme: Option<String>,
    /// The level before, with the statements that it rests on.
    pub pre: Option<(u32, Vec<StatementId>)>,
    /// The level after, its day, and the statements that it rests on.
    pub post: Option<(u32, Date, Vec<StatementId>)>,
}

/// Tells how far participants came.
#[async_trait]
pub trait Gains: Debug + Send + Sync {
    /// Returns what the rows that the caller sees say, as of a day and as known at an instant. The
    /// caller reads one project only.
    async fn gains(
        &self,
        caller: &Caller,
        as_of: Date,
        known_at: Stored,
    ) -> Result<Vec<Gain>, StoreError>;
}

/// Lays out the mean gain over all pairs of evidence from before and after.
pub(crate) fn summary(indicator: &Indicator, gains: &[Gain]) -> IndicatorValue {
    let mut value = IndicatorValue::empty(indicator);
    value.keys = gains.iter().filter_map(pair).collect();
    value.keys.sort_by(|a, b| {
        (&a.unit, &a.person, &a.breakdowns).cmp(&(&b.unit, &b.person, &b.breakdowns))
    });
    let number = |count: usize| Amount::from(u64::try_from(count).unwrap_or(u64::MAX));
    let only = |is: fn(&Gain) -> bool| number(gains.iter().filter(|gain| is(gain)).count());
    let mut all: Vec<Amount> = value.keys.iter().map(|key| key.amount).collect();
    all.sort_unstable();
    let gained = all.iter().filter(|gain| **gain >= Amount::ONE).count();
    value.value = mean(&all);
    value.parts = BTreeMap::from([
        ("paired", number(all.len())),
        (
            "pre_only",
            only(|gain| gain.pre.is_some() && gain.post.is_none()),
        ),
        (
            "post_only",
            only(|gain| gain.pre.is_none() && gain.post.is_some()),
        ),
        ("median", median(&all)),
        (
            "share_gained",
            Amount::percent(number(gained), number(all.len())),
        ),
    ]);
    let mut cells: BTreeMap<String, Vec<Amount>> = BTreeMap::new();
    for key in &value.keys {
        let competence = key
            .breakdowns
            .get("competence")
            .cloned()
            .unwrap_or_default();
        cells.entry(competence).or_default().push(key.amount);
    }
    let means = cells
        .into_iter()
        .map(|(competence, gains)| (competence, mean(&gains)));
    value.breakdowns = BTreeMap::from([("competence", means.collect())]);
    value
}

fn pair(gain: &Gain) -> Option<CountedKey> {
    let ((before, first), (after, day, second)) = (gain.pre.as_ref()?, gain.post.as_ref()?);
    let breakdowns = [
        ("competence", gain.competence.clone()),
        ("basis", gain.basis.to_owned()),
    ];
    Some(CountedKey {
        unit: gain.scheme.clone(),
        person: Some(gain.person.clone()),
        organisation: None,
        id: None,
        partners: Vec::new(),
        resolved: true,
        day: *day,
        amount: Amount::from(u64::from(*after)) - Amount::from(u64::from(*before)),
        provisional: false,
        breakdowns: breakdowns.into(),
        statements: first.iter().chain(second).copied().collect(),
        carried: Vec::new(),
        rows: Vec::new(),
    })
}

fn mean(gains: &[Amount]) -> Amount {
    let count = u64::try_from(gains.len()).unwrap_or(u64::MAX);
    gains.iter().copied().sum::<Amount>().part_of(count)
}

/// The middle one of gains in order, or the mean of the two in the middle.
fn median(gains: &[Amount]) -> Amount {
    let middle = gains.len() / 2;
    match (
        gains.len() % 2,
        middle.checked_sub(1).and_then(|below| gains.get(below)),
        gains.get(middle),
    ) {
        (1, _, Some(middle)) => *middle,
        (_, Some(below), Some(above)) => (*below + *above).part_of(2),
        _ => Amount::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_gains_is_the_mean_of_two_where_their_number_is_even() {
        let of = |gains: &[u64]| {
            gains
                .iter()
                .map(|gain| Amount::from(*gain))
                .collect::<Vec<_>>()
        };
        let cases: [(&[u64], &str, &str); 4] = [
            (&[], "0", "0"),
            (&[3], "3", "3"),
            (&[1, 2], "1.5", "1.5"),
            (&[0, 1, 4], "1", "1.67"),
        ];
        for (gains, expected_median, expected_mean) in cases {
            assert_eq!(median(&of(gains)).to_string(), expected_median, "{gains:?}");
            assert_eq!(mean(&of(gains)).to_string(), expected_mean, "{gains:?}");
        }
    }
}
