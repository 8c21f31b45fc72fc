//! The use case: the whole project at period ends, in tables that name nobody.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use varde_core::definitions::DefinitionHash;
use varde_core::disclosure::{Count, Counts, DisclosedTable, Nested, Rows, Series, Threshold};
use varde_core::ledger::Snapshot;
use varde_core::registers::{RegisterView, Registers};
use varde_core::{Caller, Need, ProjectCode, StoreError};
use varde_xapi::Stored;

use crate::IndicatorCode;
use crate::adapter::{self, KIND};
use crate::breakdowns::UNKNOWN;
use crate::indicators::{IndicatorError, Indicators};
use crate::set::{IndicatorSet, Measure, Names};
use crate::table::{CountedKey, IndicatorValue};

/// Which tables are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodQuery {
    /// The project.
    pub project: ProjectCode,
    /// Only this indicator.
    pub code: Option<IndicatorCode>,
    /// The last day of one of the project's periods that has passed.
    pub period: Date,
}

/// What a project has reached at a period's end, of each indicator set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodReport {
    /// The project.
    pub project: ProjectCode,
    /// The period's last day.
    pub period: Date,
    /// The least number that is shown, except for zero.
    pub threshold: u64,
    /// A table for each indicator set.
    pub tables: Vec<PeriodTable>,
}

/// The indicators of one set at a period's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodTable {
    /// The set, as `id@version`.
    pub definition: String,
    /// The set's identity.
    pub hash: DefinitionHash,
    /// The end of the period's last day: what became known later belongs to the next table.
    pub known_at: Stored,
    /// The indicators, in the order of the set.
    pub indicators: Vec<PeriodIndicator>,
}

/// One indicator at a period's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodIndicator {
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// What it counts.
    pub unit: Names,
    /// By dimension, how many keys have which value.
    pub dimensions: BTreeMap<&'static str, DisclosedTable>,
}

/// A period end, and the instant up to which its table knows everything.
type PeriodEnd = (Date, Stored);

impl Indicators {
    /// Returns the indicators of a project at the end of a period, one-dimensional, under
    /// disclosure control. They are as known at that end, so that they never change, and no small
    /// number can be worked out from those of several periods.
    pub async fn period(
        &self,
        caller: &Caller,
        query: &PeriodQuery,
    ) -> Result<PeriodReport, IndicatorError> {
        caller.may(Need::ReadResults)?;
        let snapshots = self.ledger.current(KIND, None).await?;
        let registers = self.registers.refresh().await?;
        let mut tables = Vec::new();
        for snapshot in snapshots {
            let set = adapter::read(&snapshot.definition).map_err(StoreError::failed)?;
            if set.project == query.project && caller.projects.contains(&set.project) {
                let ends = period_ends(&registers, &snapshot, query)?;
                let table = self.period_table(caller, (&snapshot, &set), &registers, &ends, query);
                tables.push(table.await?);
            }
        }
        Ok(PeriodReport {
            project: query.project.clone(),
            period: query.period,
            threshold: Threshold::EVALUATOR.get(),
            tables,
        })
    }

    async fn period_table(
        &self,
        caller: &Caller,
        (snapshot, set): (&Snapshot, &IndicatorSet),
        registers: &Registers,
        ends: &[PeriodEnd],
        query: &PeriodQuery,
    ) -> Result<PeriodTable, StoreError> {
        let mut dimensions: BTreeMap<IndicatorCode, Dimensions> = BTreeMap::new();
        let mut known_at = snapshot.known_at;
        for (day, end) in ends {
            known_at = *end;
            let mut snapshot = snapshot.clone();
            snapshot.known_at = known_at;
            let view = RegisterView::new(registers, known_at);
            let code = query.code.as_ref();
            let found = self.found(caller, &snapshot, set, code).await?;
            for value in found.values(&view, *day, Rows::All) {
                let dimensions = dimensions.entry(value.code.clone()).or_default();
                dimensions.add(*day, &value, |key| is_own(caller.rows(), &view, key));
            }
        }
        // How far participants came is told by cohorts of outcomes.
        let counted = set.indicators.iter();
        let counted = counted.filter(|indicator| indicator.measure != Measure::Summary);
        let indicators = counted.filter_map(|indicator| {
            Some(PeriodIndicator {
                code: indicator.code.clone(),
                name: indicator.name.clone(),
                unit: indicator.unit.clone(),
                dimensions: dimensions.get(&indicator.code)?.tables(),
            })
        });
        Ok(PeriodTable {
            definition: snapshot.definition.name(),
            hash: snapshot.hash,
            known_at,
            indicators: indicators.collect(),
        })
    }
}

/// Returns the project's period ends up to the one asked for, or says which there are.
fn period_ends(
    registers: &Registers,
    snapshot: &Snapshot,
    query: &PeriodQuery,
) -> Result<Vec<PeriodEnd>, IndicatorError> {
    let project = query.project.as_str();
    let view = RegisterView::new(registers, snapshot.complete_through);
    let days = view.period_ends(project).into_iter();
    let ends = days.filter_map(|day| Some((day, view.end_of_day(project, day)?)));
    let mut ends: Vec<PeriodEnd> = ends
        .filter(|(_, end)| *end <= snapshot.complete_through)
        .collect();
    if !ends.iter().any(|(day, _)| *day == query.period) {
        return Err(IndicatorError::NoPeriod {
            ends: ends.into_iter().map(|(day, _)| day).collect(),
        });
    }
    ends.retain(|(day, _)| *day <= query.period);
    Ok(ends)
}

/// Tells whether the caller sees a key by itself, and could subtract it.
fn is_own(rows: Rows<'_>, registers: &RegisterView<'_>, key: &CountedKey) -> bool {
    if !matches!(rows, Rows::OfPartner(_)) {
        return false;
    }
    if let Some(person) = &key.id {
        return rows.include(registers, person, &key.unit, key.day);
    }
    let organisations = key.partners.iter().chain(&key.organisation);
    rows.include_organisations(registers, organisations, &key.unit, key.day)
}

/// The tables of one indicator, from period end to period end: how many keys have which value.
#[derive(Debug, Default)]
struct Dimensions {
    /// Countries and their regions, where keys have them.
    regions: Option<Nested>,
    others: BTreeMap<&'static str, Series>,
}

const REGION: &str = "nuts3";
const COUNTRY: &str = "country";

/// The country of a NUTS 3 region, as its code begins.
fn country(region: &str) -> &str {
    match region.get(..2) {
        Some(country) if region != UNKNOWN => country,
        _ => region,
    }
}

/// The region of a key; of an unknown one in a country that is known, the rest of that country.
fn region(key: &CountedKey, region: &str) -> String {
    match key.breakdowns.get(COUNTRY) {
        Some(country) if region == UNKNOWN && country != UNKNOWN => format!("{country} {UNKNOWN}"),
        _ => region.to_owned(),
    }
}

impl Dimensions {
    fn add(&mut self, day: Date, value: &IndicatorValue, own: impl Fn(&CountedKey) -> bool) {
        let mut counts: BTreeMap<&'static str, Counts> = BTreeMap::new();
        for dimension in value.breakdowns.keys() {
            counts.insert(dimension, Counts::default());
        }
        for key in &value.keys {
            let own = u64::from(own(key));
            for (dimension, value) in &key.breakdowns {
                let cells = counts.entry(dimension).or_default();
                let cell = match *dimension {
                    REGION => region(key, value),
                    _ => value.clone(),
                };
                let Count { all, own: owned } = cells.entry(cell).or_default();
                (*all, *owned) = (*all + 1, *owned + own);
            }
        }
        if let Some(regions) = counts.remove(REGION) {
            counts.remove(COUNTRY);
            let nested = || Nested::new(Threshold::EVALUATOR, country);
            self.regions.get_or_insert_with(nested).add(day, &regions);
        }
        for (dimension, counts) in &counts {
            let series = || Series::new(Threshold::EVALUATOR);
            self.others
                .entry(dimension)
                .or_insert_with(series)
                .add(day, counts);
        }
    }

    fn tables(&self) -> BTreeMap<&'static str, DisclosedTable> {
        let others = self.others.iter();
        let mut tables: BTreeMap<_, _> = others
            .map(|(dimension, series)| (*dimension, series.table()))
            .collect();
        if let Some(regions) = &self.regions {
            tables.insert(COUNTRY, regions.wholes());
            tables.insert(REGION, regions.parts());
        }
        tables
    }
}
