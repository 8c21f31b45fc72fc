//! Disclosure control of a release: what of the chosen tables may be shown beside everything that was
//! published before.
//!
//! Indicators of which one counts a part of another's keys are *kin*: their tables are suppressed
//! together, cell by cell, so that neither a number nor what one has beside the other tells of fewer
//! than five. The regions of a country move on only when the country does.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use varde_core::disclosure::{Column, Kin, Step, Threshold, Told};

use super::release::{Choice, Dimension, Number, Release, ReleasedIndicator};
use crate::IndicatorCode;
use crate::breakdowns::UNKNOWN;
use crate::invariants::WITHIN;
use crate::pack::decimal;
use crate::reports::{ReportBody, ReportedIndicator};
use crate::set::Measure;

/// Why tables are not published. Nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Finding {
    /// Nothing was chosen.
    #[error("no table is chosen")]
    Nothing,
    /// The report has no such table of counted keys.
    #[error("{code} by {}: the report has no such table of a count", .dimension.name())]
    NoTable {
        /// The indicator.
        code: IndicatorCode,
        /// The dimension.
        dimension: Dimension,
    },
    /// A total would tell of too few.
    #[error(
        "the total of {code} would tell of fewer than {threshold}: it, or what came since an earlier \
         release, is too small"
    )]
    SmallTotal {
        /// The indicator.
        code: IndicatorCode,
        /// The least that may be told.
        threshold: u64,
    },
    /// The rest of a whole beside its part would tell of too few.
    #[error(
        "{whole} less {part} would tell of fewer than {threshold}: those who are in the one and not \
         in the other, or what came of them since an earlier release"
    )]
    SmallRest {
        /// The whole.
        whole: IndicatorCode,
        /// The part.
        part: IndicatorCode,
        /// The least that may be told.
        threshold: u64,
    },
    /// What was published before was published together with another indicator, or without it.
    #[error(
        "{code} belongs to the same keys as {kin}, and release {release} has {published} of them: \
         comparing the two would tell more than either; publish the same ones again"
    )]
    OtherKin {
        /// The indicator that is missing or one too many.
        code: IndicatorCode,
        /// Its kin.
        kin: IndicatorCode,
        /// The release.
        release: u32,
        /// What that release has.
        published: &'static str,
    },
    /// The same, of one dimension.
    #[error(
        "{code} by {}: release {release} {published}, with the indicators of the same keys; \
         publish the same ones again", .dimension.name()
    )]
    OtherTables {
        /// The indicator.
        code: IndicatorCode,
        /// The dimension.
        dimension: Dimension,
        /// The release.
        release: u32,
        /// What that release has.
        published: &'static str,
    },
    /// Regions and countries contradict each other.
    #[error("{code} by nuts3: the regions of a country are more than the country")]
    Regions {
        /// The indicator.
        code: IndicatorCode,
    },
    /// A later period was published.
    #[error("release {release} is of the period to {period} already; publish a later one")]
    Earlier {
        /// The release.
        release: u32,
        /// Its period.
        period: jiff::civil::Date,
    },
    /// Keys are counted by another version of the rules.
    #[error(
        "the report counts by another version of the indicator set than release {release}; what was \
         published by the one cannot be compared safely with the other"
    )]
    OtherRules {
        /// The release.
        release: u32,
    },
}

/// The tables of a release, by indicator.
pub(super) type Tables = BTreeMap<Dimension, BTreeMap<String, Option<Number>>>;

/// What a release is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Control<'a> {
    pub(super) body: &'a ReportBody,
    pub(super) earlier: &'a [Release],
}

/// Indicators whose keys are parts of each other, in the order of the set.
struct Family<'a> {
    members: Vec<&'a ReportedIndicator>,
    kin: Kin,
    within: Vec<(usize, usize)>,
}

impl Control<'_> {
    /// Suppresses the chosen tables, or says what they would reveal.
    pub(super) fn release(
        &self,
        chosen: &BTreeSet<Choice>,
    ) -> Result<Vec<ReleasedIndicator>, Vec<Finding>> {
        let mut findings = self.of_choice(chosen);
        let families = self.families(chosen);
        for family in &families {
            findings.extend(self.of_members(family));
            findings.extend(self.of_totals(family));
            findings.extend(self.of_dimensions(family, chosen));
        }
        let mut released = Vec::new();
        for family in &families {
            match self.suppressed(family, chosen) {
                Ok(indicators) => released.extend(indicators),
                Err(finding) => findings.push(finding),
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let place = |one: &ReleasedIndicator| {
            let mut all = self.body.indicators.iter();
            all.position(|own| own.code == one.code)
        };
        released.sort_by_key(place);
        Ok(released)
    }

    fn of_choice(&self, chosen: &BTreeSet<Choice>) -> Vec<Finding> {
        let mut findings = Vec::new();
        if chosen.is_empty() {
            findings.push(Finding::Nothing);
        }
        for Choice { code, dimension } in chosen {
            let found = self
                .body
                .indicator(code)
                .and_then(|one| counts(one, *dimension));
            if found.is_none() {
                let (code, dimension) = (code.clone(), *dimension);
                findings.push(Finding::NoTable { code, dimension });
            }
        }
        if let Some(last) = self.earlier.last() {
            let (release, period) = (last.number, last.period);
            if self.body.period.end <= period {
                findings.push(Finding::Earlier { release, period });
            }
            if self.body.definition_hash != last.rule_set_hash {
                findings.push(Finding::OtherRules { release });
            }
        }
        findings
    }

    /// Parts the chosen indicators into families. All that are related are of one, also where the
    /// one that relates them is not chosen.
    fn families(&self, chosen: &BTreeSet<Choice>) -> Vec<Family<'_>> {
        let is_chosen = |one: &&ReportedIndicator| chosen.iter().any(|all| all.code == one.code);
        let all: Vec<_> = self.body.indicators.iter().filter(is_chosen).collect();
        let mut families: BTreeMap<String, Vec<&ReportedIndicator>> = BTreeMap::new();
        for one in all {
            families.entry(root(&one.code)).or_default().push(one);
        }
        families.into_values().map(Family::of).collect()
    }

    /// Compares who is in a family with who was when it was first published.
    fn of_members(&self, family: &Family<'_>) -> Vec<Finding> {
        let Some(first) = family.members.first() else {
            return Vec::new();
        };
        let root = root(&first.code);
        let before = self.earlier.iter().find_map(|release| {
            let all = release.indicators.iter().map(|one| &one.code);
            let codes: BTreeSet<_> = all
                .filter(|code| self::root(code) == root)
                .cloned()
                .collect();
            (!codes.is_empty()).then_some((release.number, codes))
        });
        let Some((release, before)) = before else {
            return Vec::new();
        };
        let now: BTreeSet<_> = family.members.iter().map(|one| one.code.clone()).collect();
        let kin =
            |code: &IndicatorCode| now.iter().chain(&before).find(|kin| *kin != code).cloned();
        let differing = now.symmetric_difference(&before);
        let each = differing.map(|code| Finding::OtherKin {
            code: code.clone(),
            kin: kin(code).unwrap_or_else(|| code.clone()),
            release,
            published: if before.contains(code) { "both" } else { "one" },
        });
        each.collect()
    }

    /// Compares the totals with those that were published.
    fn of_totals(&self, family: &Family<'_>) -> Vec<Finding> {
        let now: Column = family.members.iter().map(|one| total(one)).collect();
        let told = self.earlier.iter().filter_map(|release| {
            let totals = family
                .members
                .iter()
                .map(|one| release.indicator(&one.code));
            totals
                .map(|one| Some(one?.total.value))
                .collect::<Option<Column>>()
        });
        let told: Vec<Column> = told.collect();
        let small = family.kin.small(&told, &now);
        small
            .into_iter()
            .filter_map(|place| family.named(place))
            .collect()
    }

    /// In each dimension a family is published as it was first: the same members, or none.
    fn of_dimensions(&self, family: &Family<'_>, chosen: &BTreeSet<Choice>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for dimension in Dimension::EACH {
            let has = |release: &Release, one: &ReportedIndicator| {
                let released = release.indicator(&one.code);
                released.is_some_and(|released| released.tables.contains_key(&dimension))
            };
            let first = self
                .earlier
                .iter()
                .find(|release| family.members.iter().any(|one| has(release, one)));
            let members = family.members.iter();
            let now: Vec<bool> = members
                .map(|one| is_chosen(chosen, one, dimension))
                .collect();
            let Some(first) = first.filter(|_| now.contains(&true)) else {
                continue;
            };
            for (one, now) in family.members.iter().zip(now) {
                let before = has(first, one);
                if before != now {
                    findings.push(Finding::OtherTables {
                        code: one.code.clone(),
                        dimension,
                        release: first.number,
                        published: if before { "has it" } else { "has not" },
                    });
                }
            }
        }
        findings
    }

    fn suppressed(
        &self,
        family: &Family<'_>,
        chosen: &BTreeSet<Choice>,
    ) -> Result<Vec<ReleasedIndicator>, Finding> {
        let as_of = self.body.period.end;
        let mut tables: BTreeMap<IndicatorCode, Tables> = BTreeMap::new();
        for dimension in Dimension::EACH {
            let members = family.members.iter().copied();
            let own: Vec<_> = members
                .filter(|one| is_chosen(chosen, one, dimension))
                .collect();
            if own.is_empty() {
                continue;
            }
            let own = Family::of(own);
            let shown = if dimension == Dimension::Nuts3 {
                self.regions(&own, &tables)?
            } else {
                self.table(&own, dimension)
            };
            for (one, cells) in own.members.iter().zip(shown) {
                tables
                    .entry(one.code.clone())
                    .or_default()
                    .insert(dimension, cells);
            }
        }
        let members = family.members.iter();
        let released = members.map(|one| ReleasedIndicator {
            code: one.code.clone(),
            name: one.name.clone(),
            unit: one.unit.clone(),
            total: Number {
                value: total(one),
                as_of,
            },
            tables: tables.remove(&one.code).unwrap_or_default(),
        });
        Ok(released.collect())
    }

    fn table(&self, family: &Family<'_>, dimension: Dimension) -> Vec<Cells> {
        let now = family.columns(|one| counts(one, dimension).unwrap_or_default());
        self.moved_on(family, (dimension, &|_| true), &now)
    }

    /// Shows the regions of each country that is shown as of now. Other countries' stay as they are.
    fn regions(
        &self,
        family: &Family<'_>,
        released: &BTreeMap<IndicatorCode, Tables>,
    ) -> Result<Vec<Cells>, Finding> {
        let members = family.members.iter();
        let countries = members.filter_map(|one| released.get(&one.code)?.get(&Dimension::Country));
        let countries: Vec<&Cells> = countries.collect();
        let mut regions = Vec::new();
        for one in &family.members {
            regions.push(divided(one).ok_or_else(|| Finding::Regions {
                code: one.code.clone(),
            })?);
        }
        let mut at = regions.into_iter();
        let now = family.columns(|_| at.next().unwrap_or_default());
        let is_now = |country: &str| {
            let mut cells = countries.iter().filter_map(|cells| cells.get(country));
            cells.any(|cell| cell.is_some_and(|cell| cell.as_of == self.body.period.end))
        };
        let mut shown = vec![Cells::new(); family.members.len()];
        let all: BTreeSet<&str> = now.keys().map(|region| country_of(region)).collect();
        let before = self
            .earlier
            .iter()
            .flat_map(|release| family.cells(release, Dimension::Nuts3));
        let before: BTreeSet<String> = before
            .map(|region| country_of(&region).to_owned())
            .collect();
        let all: BTreeSet<String> = all.into_iter().map(str::to_owned).chain(before).collect();
        for country in all {
            let is_of = |region: &str| country_of(region) == country;
            let own = if is_now(&country) {
                let own = now.iter().filter(|(region, _)| is_of(region));
                let own: Told = own
                    .map(|(region, column)| (region.clone(), column.clone()))
                    .collect();
                self.moved_on(family, (Dimension::Nuts3, &is_of), &own)
            } else {
                self.as_told(family, (Dimension::Nuts3, &is_of))
            };
            for (shown, own) in shown.iter_mut().zip(own) {
                shown.extend(own);
            }
        }
        Ok(shown)
    }

    /// Moves the cells of a table on, as far as that may be told.
    fn moved_on(
        &self,
        family: &Family<'_>,
        (dimension, is_of): (Dimension, &dyn Fn(&str) -> bool),
        now: &Told,
    ) -> Vec<Cells> {
        let releases = self.earlier.iter();
        let told = releases.filter_map(|release| family.told(release, dimension, is_of));
        let told: Vec<Told> = told.collect();
        let mut shown = self.as_told(family, (dimension, is_of));
        let Step::AllBut(held) = family.kin.step(&told, now) else {
            return shown;
        };
        let as_of = self.body.period.end;
        let known: BTreeSet<String> = shown.iter().flat_map(BTreeMap::keys).cloned().collect();
        for cell in known.iter().chain(now.keys()).collect::<BTreeSet<_>>() {
            for (place, shown) in shown.iter_mut().enumerate() {
                let value = now.get(cell).and_then(|column| column.get(place)).copied();
                let value = value.unwrap_or_default();
                if held.contains(cell) {
                    shown.entry(cell.clone()).or_default();
                } else {
                    shown.insert(cell.clone(), Some(Number { value, as_of }));
                }
            }
        }
        shown
    }

    /// Returns what the last release with the table shows of it.
    fn as_told(
        &self,
        family: &Family<'_>,
        (dimension, is_of): (Dimension, &dyn Fn(&str) -> bool),
    ) -> Vec<Cells> {
        let each = family.members.iter().map(|one| {
            let mut releases = self.earlier.iter().rev();
            let last =
                releases.find_map(|release| release.indicator(&one.code)?.tables.get(&dimension));
            let cells = last.into_iter().flatten().filter(|(cell, _)| is_of(cell));
            cells
                .map(|(cell, number)| (cell.clone(), *number))
                .collect()
        });
        each.collect()
    }
}

type Cells = BTreeMap<String, Option<Number>>;

impl<'a> Family<'a> {
    fn of(members: Vec<&'a ReportedIndicator>) -> Self {
        let place = |code: &str| {
            let mut members = members.iter();
            members.position(|one| one.code.common().to_string() == code)
        };
        let within = WITHIN.iter();
        let within = within.filter_map(|(part, whole)| Some((place(part)?, place(whole)?)));
        let within: Vec<_> = within.collect();
        Self {
            kin: Kin::new(Threshold::PUBLIC, members.len(), within.clone()),
            members,
            within,
        }
    }

    /// Lays the counts of the members out by cell.
    fn columns(&self, mut counts: impl FnMut(&ReportedIndicator) -> BTreeMap<String, u64>) -> Told {
        let mut columns = Told::new();
        for (place, one) in self.members.iter().enumerate() {
            for (cell, count) in counts(one) {
                let column = columns.entry(cell);
                let column = column.or_insert_with(|| vec![0; self.members.len()]);
                if let Some(own) = column.get_mut(place) {
                    *own = count;
                }
            }
        }
        columns
    }

    /// Returns what a release shows of a table of all members; `None` where it has none.
    fn told(
        &self,
        release: &Release,
        dimension: Dimension,
        is_of: &dyn Fn(&str) -> bool,
    ) -> Option<Told> {
        let tables = self.members.iter();
        let tables = tables.map(|one| release.indicator(&one.code)?.tables.get(&dimension));
        let tables: Vec<_> = tables.collect::<Option<_>>()?;
        let cells = tables.first()?.keys().filter(|cell| is_of(cell));
        let told = cells.filter_map(|cell| {
            let column = tables
                .iter()
                .map(|table| Some(table.get(cell).copied()??.value));
            Some((cell.clone(), column.collect::<Option<Column>>()?))
        });
        Some(told.collect())
    }

    fn cells(&self, release: &Release, dimension: Dimension) -> Vec<String> {
        let tables = self.members.iter();
        let tables = tables.filter_map(|one| release.indicator(&one.code)?.tables.get(&dimension));
        tables.flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Names what a place of too small a number is.
    fn named(&self, place: usize) -> Option<Finding> {
        let threshold = Threshold::PUBLIC.get();
        let code = |place: usize| Some(self.members.get(place)?.code.clone());
        if let Some(code) = code(place) {
            return Some(Finding::SmallTotal { code, threshold });
        }
        let (part, whole) = self.within.get(place.checked_sub(self.members.len())?)?;
        Some(Finding::SmallRest {
            whole: code(*whole)?,
            part: code(*part)?,
            threshold,
        })
    }
}

fn is_chosen(chosen: &BTreeSet<Choice>, one: &ReportedIndicator, dimension: Dimension) -> bool {
    let mut chosen = chosen.iter().filter(|choice| choice.code == one.code);
    chosen.any(|choice| {
        let own = choice.dimension;
        // Regions come with their countries.
        own == dimension || (own, dimension) == (Dimension::Nuts3, Dimension::Country)
    })
}

/// Names the family of an indicator: the widest one that its keys are of.
fn root(code: &IndicatorCode) -> String {
    let mut code = code.common().to_string();
    while let Some((_, whole)) = WITHIN.iter().find(|(part, _)| *part == code) {
        (*whole).clone_into(&mut code);
    }
    code
}

fn total(one: &ReportedIndicator) -> u64 {
    one.standing
        .get("value")
        .and_then(whole)
        .unwrap_or_default()
}

fn whole(value: &serde_json::Value) -> Option<u64> {
    u64::try_from(decimal(value)?).ok()
}

/// Returns how many keys have which value; `None` where the report does not count keys by it.
fn counts(one: &ReportedIndicator, dimension: Dimension) -> Option<BTreeMap<String, u64>> {
    if one.measure != Measure::Count {
        return None;
    }
    let cells = one
        .standing
        .get("breakdowns")?
        .get(dimension.name())?
        .as_object()?;
    let cells = cells
        .iter()
        .filter_map(|(cell, value)| Some((cell.clone(), whole(value)?)));
    Some(cells.filter(|(_, count)| *count > 0).collect())
}

/// Returns how many keys are of which region, with what of a country has no known region; `None`
/// where the regions of a country are more than the country.
fn divided(one: &ReportedIndicator) -> Option<BTreeMap<String, u64>> {
    let mut regions = counts(one, Dimension::Nuts3)?;
    regions.remove(UNKNOWN);
    for (country, all) in counts(one, Dimension::Country)? {
        let own = regions
            .iter()
            .filter(|(region, _)| country_of(region) == country);
        let known: u64 = own.map(|(_, count)| count).sum();
        let rest = all.checked_sub(known)?;
        if rest > 0 {
            regions.insert(rest_of(&country), rest);
        }
    }
    Some(regions)
}

/// Names what of a country has no known region.
fn rest_of(country: &str) -> String {
    match country {
        UNKNOWN => UNKNOWN.to_owned(),
        country => format!("{country} {UNKNOWN}"),
    }
}

fn country_of(region: &str) -> &str {
    match region.get(..2) {
        Some(country) if region != UNKNOWN => country,
        _ => region,
    }
}
