//! Ledger rows as values: which keys count on a day, and what they come to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use varde_core::disclosure::Rows;
use varde_core::ledger::LedgerRow;
use varde_core::registers::{PersonId, RegisterView, RowId};
use varde_xapi::StatementId;

use crate::Amount;
use crate::breakdowns::{self, UNKNOWN};
use crate::conclusion::{Conclusion, Reason, Standing, State};
use crate::counting_rule::{CountingRule, Family};
use crate::group::{GroupKey, JOINT_STAGE};
use crate::growth::Growth;
use crate::set::{Indicator, Measure};
use crate::table::{Candidate, CountedKey, Exclusion, IndicatorValue};

/// What makes units joint and the partnership one of two countries, by the group's key.
#[derive(Debug, Default)]
pub(crate) struct Conditions<'a>(HashMap<&'a str, &'a LedgerRow>);

impl<'a> Conditions<'a> {
    /// Reads them from the ledger rows of their stage.
    pub(crate) fn of(rows: &'a [LedgerRow]) -> Self {
        let rows = rows.iter().filter(|row| row.group.stage == JOINT_STAGE);
        Self(rows.map(|row| (row.group.key.as_str(), row)).collect())
    }

    /// Returns the condition that a key of a family rests on.
    fn behind(&self, family: Family, unit: Option<&String>) -> Option<&'a LedgerRow> {
        let key = match (family, unit) {
            (Family::Partner, _) => GroupKey::Partnership,
            (Family::Scheme | Family::Action | Family::Event, Some(unit)) => GroupKey::Joint(unit),
            _ => return None,
        };
        self.0.get(key.to_string().as_str()).copied()
    }
}

/// How the rows of indicators are laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    pub(crate) conditions: &'a Conditions<'a>,
    pub(crate) registers: &'a RegisterView<'a>,
    /// The last day that counts.
    pub(crate) as_of: Date,
    /// Which rows are seen; the others are left out altogether.
    pub(crate) seen: Rows<'a>,
}

impl Layout<'_> {
    /// Lays out one indicator from its ledger rows.
    pub(crate) fn value(
        &self,
        indicator: &Indicator,
        rows: &[&LedgerRow<Conclusion>],
    ) -> IndicatorValue {
        let mut value = IndicatorValue::empty(indicator);
        let mut growth = Growth::default();
        let Some(rule) = CountingRule::of(&indicator.counting.rule) else {
            return value;
        };
        for row in rows {
            let conclusion = &row.entry.body;
            let counted_from = match conclusion.standing {
                Standing::CountedFrom(day) if self.sees(rule, conclusion, day) => Some(day),
                Standing::CountedFrom(_) | Standing::Excluded(_) => None,
            };
            if let Some(day) = counted_from {
                growth.add(conclusion, day);
            }
            if self.as_of < conclusion.occurred {
                continue;
            }
            if conclusion.until.is_some_and(|until| until <= self.as_of) {
                continue;
            }
            let reason = match conclusion.standing {
                Standing::CountedFrom(day) if day <= self.as_of => {
                    if counted_from.is_some() {
                        value.keys.push(self.counted(rule, row, day));
                    }
                    continue;
                }
                Standing::CountedFrom(_) => Reason::CountsLater,
                Standing::Excluded(reason) => reason,
            };
            if self.sees(rule, conclusion, conclusion.occurred) {
                let exclusion = self.excluded(row, reason);
                *value.excluded.entry(exclusion.reason).or_default() += 1;
                value.exclusions.push(exclusion);
            }
        }
        value.settle(rule);
        if matches!(rule.traits().measure, Measure::Count | Measure::Sum) {
            value.series = growth.series(self.as_of);
        }
        value
    }

    fn sees(&self, rule: CountingRule, conclusion: &Conclusion, day: Date) -> bool {
        let units = &conclusion.units;
        match (&conclusion.person, rule.family()) {
            (Some(person), _) => self.seen.include(self.registers, person, units, day),
            (None, Family::Event) => {
                self.seen
                    .include_organisations(self.registers, &conclusion.partners, units, day)
            }
            (None, _) => {
                let organisations = conclusion.partners.iter().chain(&conclusion.organisation);
                self.seen
                    .include_organisations(self.registers, organisations, units, day)
            }
        }
    }

    fn counted(&self, rule: CountingRule, row: &LedgerRow<Conclusion>, day: Date) -> CountedKey {
        let entry = &row.entry;
        let conclusion = &entry.body;
        let shown = conclusion
            .person
            .as_ref()
            .map(|person| self.registers.shown(person));
        self.registers.take_looked_up();
        let breakdowns = breakdowns::of(rule, conclusion, self.registers, (day, self.as_of));
        let known = self.registers.take_looked_up().rows;
        let condition = self
            .conditions
            .behind(rule.family(), conclusion.units.first());
        let (told, more) = condition.map_or((&[][..], &[][..]), |row| {
            (row.entry.statements.as_slice(), row.entry.rows.as_slice())
        });
        let own = entry.rows.iter().chain(more).copied();
        let mut rows: Vec<RowId> = own.chain(known).collect();
        rows.sort_unstable();
        rows.dedup();
        CountedKey {
            unit: conclusion.units.first().cloned(),
            person: shown,
            organisation: conclusion.organisation.clone(),
            resolved: conclusion
                .person
                .as_ref()
                .is_none_or(PersonId::is_registered),
            id: conclusion.person.clone(),
            partners: conclusion.partners.clone(),
            day,
            amount: amount(conclusion),
            provisional: conclusion
                .provisional_before
                .is_some_and(|day| self.as_of < day),
            breakdowns,
            statements: joined(&entry.statements, told),
            carried: row.carried.clone(),
            rows,
        }
    }

    fn excluded(&self, row: &LedgerRow<Conclusion>, reason: Reason) -> Exclusion {
        let conclusion = &row.entry.body;
        Exclusion {
            units: conclusion.units.clone(),
            person: conclusion
                .person
                .as_ref()
                .map(|person| self.registers.shown(person)),
            organisation: conclusion.organisation.clone(),
            day: conclusion.occurred,
            reason,
            sentence: reason.sentence(),
            statements: row.entry.statements.clone(),
            carried: row.carried.clone(),
            rows: row.entry.rows.clone(),
        }
    }
}

/// Returns what a key adds to the value.
pub(crate) fn amount(conclusion: &Conclusion) -> Amount {
    let amount = conclusion.amount.as_ref();
    amount.map_or(Amount::ONE, |amount| amount.0)
}

fn joined(first: &[StatementId], more: &[StatementId]) -> Vec<StatementId> {
    let more = more.iter().filter(|id| !first.contains(id));
    first.iter().chain(more).copied().collect()
}

impl IndicatorValue {
    /// Brings what was found into order and reckons what it comes to.
    fn settle(&mut self, rule: CountingRule) {
        // The ledger's order is that of ids, which says nothing to people.
        self.keys.sort_by(|a, b| {
            let order = (&a.unit, &a.organisation, &a.person);
            order.cmp(&(&b.unit, &b.organisation, &b.person))
        });
        let order = |one: &Exclusion| {
            (
                one.units.clone(),
                one.organisation.clone(),
                one.person.clone(),
            )
        };
        self.exclusions.sort_by_cached_key(order);
        let count = |keys: usize| u64::try_from(keys).unwrap_or(u64::MAX);
        self.unresolved = count(self.keys.iter().filter(|key| !key.resolved).count());
        self.provisional = count(self.keys.iter().filter(|key| key.provisional).count());
        let all: Vec<&CountedKey> = self.keys.iter().collect();
        let reckon = |keys: &[&CountedKey]| reckon(rule, keys);
        let mut breakdowns = BTreeMap::new();
        for dimension in rule.traits().dimensions {
            let mut cells: BTreeMap<&str, Vec<&CountedKey>> = BTreeMap::new();
            for key in &all {
                let value = key
                    .breakdowns
                    .get(dimension)
                    .map_or(UNKNOWN, String::as_str);
                cells.entry(value).or_default().push(key);
            }
            let is_part = matches!(
                (rule, *dimension),
                (CountingRule::CompletionRate, "state")
                    | (CountingRule::SmallestCountryShare, "country")
            );
            let cells = cells.into_iter().map(|(value, keys)| {
                let amount = if is_part {
                    number(keys.len())
                } else {
                    reckon(&keys).0
                };
                (value.to_owned(), amount)
            });
            breakdowns.insert(*dimension, cells.collect());
        }
        (self.value, self.parts) = reckon(&all);
        self.breakdowns = breakdowns;
    }
}

fn number(keys: usize) -> Amount {
    Amount::from(u64::try_from(keys).unwrap_or(u64::MAX))
}

/// Returns what keys come to, and for a ratio what it is made of.
fn reckon(rule: CountingRule, keys: &[&CountedKey]) -> (Amount, BTreeMap<&'static str, Amount>) {
    let all = number(keys.len());
    let share = match (rule.traits().measure, rule) {
        (Measure::Ratio, CountingRule::SmallestCountryShare) => smallest_country(keys),
        (Measure::Ratio, _) => {
            let completed = keys.iter().filter(|key| is_in(key, State::Completed));
            number(completed.count())
        }
        (Measure::Sum, _) => return (keys.iter().map(|key| key.amount).sum(), BTreeMap::new()),
        (Measure::Count | Measure::Summary, _) => return (all, BTreeMap::new()),
    };
    let parts = BTreeMap::from([("numerator", share), ("denominator", all)]);
    (Amount::percent(share, all), parts)
}

fn is_in(key: &CountedKey, state: State) -> bool {
    key.breakdowns
        .get("state")
        .is_some_and(|found| found == state.name())
}

/// Returns how many keys are of the country that has the fewest; of one country alone, none are.
fn smallest_country(keys: &[&CountedKey]) -> Amount {
    let mut countries: BTreeMap<&str, usize> = BTreeMap::new();
    for key in keys {
        if let Some(country) = key
            .breakdowns
            .get("country")
            .filter(|country| *country != UNKNOWN)
        {
            *countries.entry(country).or_default() += 1;
        }
    }
    let least = countries.values().min().copied();
    number(least.filter(|_| countries.len() >= 2).unwrap_or(0))
}

/// Returns the organisations of which somebody completed a scheme and that have no support on record.
pub(crate) fn candidates(
    completions: &IndicatorValue,
    supported: &IndicatorValue,
) -> Vec<Candidate> {
    let has = supported
        .keys
        .iter()
        .filter_map(|key| key.organisation.as_deref());
    let considered = supported
        .exclusions
        .iter()
        .filter_map(|one| one.organisation.as_deref());
    let known: BTreeSet<&str> = has.chain(considered).collect();
    let mut candidates: BTreeMap<&str, Candidate> = BTreeMap::new();
    for key in &completions.keys {
        let organisation = key
            .breakdowns
            .get("organisation")
            .map_or(UNKNOWN, String::as_str);
        // What is no organisation's natural key has no country: unknown, several.
        if known.contains(organisation) || !organisation.contains('-') {
            continue;
        }
        let candidate = candidates.entry(organisation).or_insert_with(|| Candidate {
            organisation: organisation.to_owned(),
            completions: 0,
            day: key.day,
            statements: Vec::new(),
        });
        candidate.completions += 1;
        candidate.day = candidate.day.min(key.day);
        candidate.statements = joined(&candidate.statements, &key.statements);
    }
    candidates.into_values().collect()
}
