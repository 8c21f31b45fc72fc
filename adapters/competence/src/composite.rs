//! Rules made of other rules: what these show together.
//!
//! A composite rule has no ledger. What it says on a day follows from the items of its rules, so
//! that it is as of any day and as known at any instant what they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use varde_core::definitions::DefinitionHash;
use varde_xapi::StatementId;

use crate::finding::{Comparison, Component, Finding, Verdict};
use crate::item::{End, Item};
use crate::levels::Level;
use crate::rule::Claim;

/// A rule over other rules, by their ids.
#[derive(Debug, Clone)]
pub(crate) struct Composite {
    pub(crate) claim: Claim,
    pub(crate) all_of: Vec<String>,
    pub(crate) any_of: Vec<String>,
    /// How many of `any_of` it takes.
    pub(crate) at_least: usize,
    /// The level that it shows; where absent the one that enough of the rules reach.
    pub(crate) level: Option<Level>,
}

/// The items of one person, by the ids of their rules.
pub(crate) type ByRule = BTreeMap<String, Vec<Item>>;

impl Composite {
    /// Returns the ids of the rules that it is made of.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &String> {
        self.all_of.iter().chain(&self.any_of)
    }

    /// Returns what the rules of a person show together: for each level an item for each span of
    /// days in which enough of them hold.
    pub(crate) fn items(&self, of: &ByRule, definition: DefinitionHash) -> Vec<Item> {
        let part = |ids: &[String]| -> Vec<Vec<&Item>> {
            let items = |id: &String| {
                let items = of.get(id).map_or(&[][..], Vec::as_slice);
                // Bases never mix.
                items
                    .iter()
                    .filter(|item| item.finding.basis == self.claim.basis)
                    .filter(|item| item.level().is_some())
                    .collect()
            };
            ids.iter().map(items).collect()
        };
        let parts = Parts {
            composite: self,
            all_of: part(&self.all_of),
            any_of: part(&self.any_of),
            definition,
        };
        let levels: BTreeSet<u32> = match &self.level {
            Some(_) => [1].into(),
            None => parts.items().filter_map(Item::level).collect(),
        };
        let items = levels.into_iter().flat_map(|level| parts.of_level(level));
        items.collect()
    }
}

/// The items of the rules of one composite.
struct Parts<'a> {
    composite: &'a Composite,
    all_of: Vec<Vec<&'a Item>>,
    any_of: Vec<Vec<&'a Item>>,
    definition: DefinitionHash,
}

impl<'a> Parts<'a> {
    fn items(&self) -> impl Iterator<Item = &'a Item> {
        self.all_of.iter().chain(&self.any_of).flatten().copied()
    }

    /// Returns an item for each span of days in which enough rules show at least a level.
    fn of_level(&self, level: u32) -> Vec<Item> {
        let of_level = self.items().filter(|item| item.level() >= Some(level));
        let days = of_level.flat_map(|item| {
            let end = item.end().map(End::day);
            [Some(item.finding.day), end]
        });
        let days: BTreeSet<Date> = days.flatten().collect();
        let mut spans: Vec<(Vec<&Item>, Option<Date>)> = Vec::new();
        let mut holds = false;
        for day in days {
            match (self.deciding(level, day), holds) {
                (Some(deciding), false) => {
                    spans.push((deciding, None));
                    holds = true;
                }
                (None, true) => {
                    if let Some((_, end)) = spans.last_mut() {
                        *end = Some(day);
                    }
                    holds = false;
                }
                _ => {}
            }
        }
        let item = |(deciding, end): (Vec<&Item>, Option<Date>)| self.item(level, &deciding, end);
        spans.into_iter().filter_map(item).collect()
    }

    /// Returns the earliest item of each rule that shows the level at the end of a day, if these
    /// are enough rules.
    fn deciding(&self, level: u32, day: Date) -> Option<Vec<&'a Item>> {
        let shown = |items: &Vec<&'a Item>| {
            let items = items.iter().copied();
            let holding = items.filter(|item| item.level() >= Some(level) && item.holds_on(day));
            holding.min_by_key(|item| item.order())
        };
        let all: Option<Vec<&Item>> = self.all_of.iter().map(shown).collect();
        let any: Vec<&Item> = self.any_of.iter().filter_map(shown).collect();
        let enough = any.len() >= self.composite.at_least;
        all.filter(|_| enough).map(|all| [all, any].concat())
    }

    fn item(&self, level: u32, deciding: &[&Item], end: Option<Date>) -> Option<Item> {
        let Composite {
            claim,
            level: fixed,
            all_of,
            any_of,
            at_least,
        } = self.composite;
        let last = deciding.iter().max_by_key(|item| item.order())?;
        let named = deciding.iter().find(|item| item.level() == Some(level));
        let shown = match fixed {
            Some(fixed) => fixed.clone(),
            None => Level {
                level,
                name: named.and_then(|item| item.level_name()).map(str::to_owned),
            },
        };
        let end = end.map(|day| self.end(level, day));
        let schemes: BTreeSet<_> = deciding.iter().map(|i| &i.finding.scheme).collect();
        let units: BTreeSet<_> = deciding.iter().flat_map(|i| &i.finding.units).collect();
        let finding = Finding {
            person: last.finding.person.clone(),
            competence: claim.competence.clone(),
            rule: claim.name.clone(),
            basis: claim.basis,
            phase: claim.phase,
            scheme: last.finding.scheme.clone().filter(|_| schemes.len() == 1),
            instant: last.finding.instant,
            day: last.finding.day,
            units: units.into_iter().cloned().collect(),
            comparison: Comparison::Rules {
                shown: deciding.iter().filter_map(|item| component(item)).collect(),
                of: all_of.len() + any_of.len(),
                least: all_of.len() + at_least,
            },
            verdict: Verdict::Evidence {
                level: shown.level,
                level_name: shown.name,
                expires: match end {
                    Some(End::Lapsed(day)) => Some(day),
                    _ => None,
                },
                undone: match end {
                    Some(End::Undone(day)) => Some(day),
                    _ => None,
                },
                closed: match end {
                    Some(End::Closed(closed)) => Some(closed),
                    _ => None,
                },
            },
        };
        Some(Item {
            finding,
            statements: each_once(deciding.iter().flat_map(|item| &item.statements)),
            carried: each_once(deciding.iter().flat_map(|item| &item.carried)),
            definition: self.definition,
        })
    }

    /// Returns how a span ended: as the items did that ended on its last day; a loss says more than
    /// a lapse.
    fn end(&self, level: u32, day: Date) -> End {
        let of_level = self.items().filter(|item| item.level() >= Some(level));
        let on_day = of_level
            .filter_map(Item::end)
            .filter(|end| end.day() == day);
        on_day
            .min_by_key(|end| end.rank())
            .unwrap_or(End::Undone(day))
    }
}

fn each_once<'a>(statements: impl Iterator<Item = &'a StatementId>) -> Vec<StatementId> {
    let mut seen = BTreeSet::new();
    let new = statements.filter(|statement| seen.insert(**statement));
    new.copied().collect()
}

fn component(item: &Item) -> Option<Component> {
    Some(Component {
        rule: item.finding.rule.clone(),
        level: item.level()?,
    })
}
