//! The use case: what a project has reached.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use thiserror::Error;
use varde_core::audit::Told;
use varde_core::disclosure::{Rows, Seen};
use varde_core::ledger::{Grounds, Ledger, LedgerRow, Remembered, Snapshot, Stretch};
use varde_core::registers::{RegisterBook, RegisterView, Registers};
use varde_core::{Caller, Forbidden, Need, StoreError};
use varde_xapi::Stored;

use crate::IndicatorCode;
use crate::adapter::{self, KIND};
use crate::conclusion::Conclusion;
use crate::counting_rule::{CountingRule, Family};
use crate::gains::{Gains, summary};
use crate::group::{JOINT_STAGE, KEY_STAGE};
use crate::invariants::breaches;
use crate::layout::{Conditions, Layout, candidates};
use crate::set::{Indicator, IndicatorSet};
use crate::table::{IndicatorReport, IndicatorTable, IndicatorValue};

/// The most keys and exclusions of values that are kept, some 1 KiB each.
const REMEMBERED_MAX: usize = 100_000;

/// Which indicators are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorQuery {
    /// Only this project's.
    pub project: Option<String>,
    /// Only this one.
    pub code: Option<IndicatorCode>,
    /// The last local day that counts, in each project's own zone.
    pub as_of: Date,
    /// As known at this instant; the latest where absent.
    pub known_at: Option<Stored>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum IndicatorError {
    /// The caller may not read results.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The day is no end of a period that has passed.
    #[error("no period of the project that has passed ends on this day; those that do: {}", days(.ends))]
    NoPeriod {
        /// The last days of the periods that have passed.
        ends: Vec<Date>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn days(days: &[Date]) -> String {
    let days: Vec<_> = days.iter().map(ToString::to_string).collect();
    if days.is_empty() {
        "none".to_owned()
    } else {
        days.join(", ")
    }
}

/// Answers from the ledger what projects have reached.
#[derive(Debug, Clone)]
pub struct Indicators {
    pub(crate) ledger: Ledger,
    pub(crate) registers: Arc<RegisterBook>,
    gains: Option<Arc<dyn Gains>>,
    remembered: Arc<Remembered<Question, Values>>,
}

/// What was asked of a set: everything that makes values what they are, beside the ledger and the
/// registers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    as_of: Date,
    code: Option<IndicatorCode>,
    seen: Seen,
}

impl Indicators {
    /// Answers from one store's ledger and registers.
    pub fn new(ledger: Ledger, registers: Arc<RegisterBook>) -> Self {
        Self {
            ledger,
            registers,
            gains: None,
            remembered: Arc::new(Remembered::new(REMEMBERED_MAX)),
        }
    }

    /// Answers how far participants came too. Without this the indicator of it is left out.
    #[must_use]
    pub fn with_gains(mut self, gains: Arc<dyn Gains>) -> Self {
        self.gains = Some(gains);
        self
    }

    /// Returns a table for each current indicator set that is asked for, of the projects that the
    /// caller reads, in the order of the sets' ids. What nobody reports gives no table and no row.
    ///
    /// Values carry persons by their pseudonymous ids, with what the registers know of them on
    /// the key's day. For an evaluator they rest on the rows of the own partner only.
    pub async fn query(
        &self,
        caller: &Caller,
        query: &IndicatorQuery,
    ) -> Result<IndicatorReport, IndicatorError> {
        let report = self.reached(caller, query).await?;
        self.ledger.told(caller, &told(query, &report)).await?;
        Ok(report)
    }

    /// Works an answer out. Whoever gives it to the caller notes so.
    pub(crate) async fn reached(
        &self,
        caller: &Caller,
        query: &IndicatorQuery,
    ) -> Result<IndicatorReport, IndicatorError> {
        caller.may(Need::ReadResults)?;
        let snapshots = self.ledger.current(KIND, query.known_at).await?;
        // Asked for after the snapshots: every row that they know is in it.
        let registers = self.registers.refresh().await?;
        let mut tables = Vec::new();
        for snapshot in snapshots {
            let set = adapter::read(&snapshot.definition).map_err(StoreError::failed)?;
            let asked = query.project.as_deref();
            if asked.is_none_or(|project| project == set.project.as_str())
                && caller.projects.contains(&set.project)
            {
                let table = self.table(caller, &snapshot, &set, &registers, query);
                tables.push(table.await?);
            }
        }
        Ok(IndicatorReport {
            as_of: query.as_of,
            tables,
        })
    }

    async fn table(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        set: &IndicatorSet,
        registers: &Arc<Registers>,
        query: &IndicatorQuery,
    ) -> Result<IndicatorTable, StoreError> {
        let asked = ([query.as_of], query.code.as_ref());
        let seen = (caller, caller.rows());
        let values = self.values(seen, (snapshot, set), registers, asked);
        let [mut indicators] = values.await?;
        self.add_gains(caller, (snapshot, set), query.as_of, &mut indicators)
            .await?;
        Ok(IndicatorTable {
            project: set.project.clone(),
            definition: snapshot.definition.name(),
            hash: snapshot.hash,
            as_of: query.as_of,
            known_at: snapshot.known_at,
            complete_through: snapshot.complete_through,
            breaches: breaches(&indicators),
            indicators,
        })
    }

    /// Lays the indicators out for each of some days, all of them or the one that is wanted, or takes them
    /// as they were laid out before.
    pub(crate) async fn values<const DAYS: usize>(
        &self,
        (caller, seen): (&Caller, Rows<'_>),
        (snapshot, set): (&Snapshot, &IndicatorSet),
        registers: &Arc<Registers>,
        (days, code): ([Date; DAYS], Option<&IndicatorCode>),
    ) -> Result<[Values; DAYS], StoreError> {
        let questions = days.map(|as_of| Question {
            as_of,
            code: code.cloned(),
            seen: seen.into(),
        });
        let grounds = Grounds {
            snapshots: &[snapshot],
            registers: Some(registers),
        };
        let remembered = |question| self.remembered.get(question, grounds);
        let mut answers = questions.each_ref().map(remembered);
        if answers.iter().any(Option::is_none) {
            let found = self.found(caller, snapshot, set, code).await?;
            let view = RegisterView::new(registers, snapshot.known_at);
            for (answer, question) in answers.iter_mut().zip(questions) {
                if answer.is_none() {
                    let values = found.values(&view, question.as_of, seen);
                    let values: Values = values.into_iter().map(Arc::new).collect();
                    *answer = Some(values.clone());
                    let rows = values.iter();
                    let rows = rows.map(|value| value.keys.len() + value.exclusions.len());
                    let rows = rows.sum();
                    self.remembered.put(question, grounds, values, rows);
                }
            }
        }
        Ok(answers.map(Option::unwrap_or_default))
    }

    /// Puts how far participants came in its place, or leaves it out.
    pub(crate) async fn add_gains(
        &self,
        caller: &Caller,
        (snapshot, set): (&Snapshot, &IndicatorSet),
        as_of: Date,
        values: &mut Vec<Arc<IndicatorValue>>,
    ) -> Result<(), StoreError> {
        let is_gain = |indicator: &Indicator| {
            CountingRule::of(&indicator.counting.rule) == Some(CountingRule::CompetenceGain)
        };
        for indicator in set.indicators.iter().filter(|one| is_gain(one)) {
            let Some(place) = values.iter().position(|value| value.code == indicator.code) else {
                continue;
            };
            let Some(gains) = &self.gains else {
                values.remove(place);
                continue;
            };
            let mut narrowed = caller.clone();
            narrowed.projects.retain(|project| *project == set.project);
            let found = gains.gains(&narrowed, as_of, snapshot.known_at).await?;
            if let Some(value) = values.get_mut(place) {
                *value = Arc::new(summary(indicator, &found));
            }
        }
        Ok(())
    }

    /// Reads what the ledger has of a set's indicators, or of the one that is wanted.
    pub(crate) async fn found<'s>(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        set: &'s IndicatorSet,
        wanted: Option<&IndicatorCode>,
    ) -> Result<Found<'s>, StoreError> {
        let ledger = &self.ledger;
        let indicators = set.indicators.iter();
        let indicators = indicators.filter(|one| wanted.is_none_or(|code| *code == one.code));
        let indicators: Vec<&Indicator> = indicators.collect();
        let rules = indicators
            .iter()
            .filter_map(|one| CountingRule::of(&one.counting.rule));
        let mut families: Vec<Family> = rules.map(CountingRule::family).collect();
        families.sort_by_key(|family| family.prefixes());
        families.dedup();
        let conditions = ledger.rows(caller, snapshot, JOINT_STAGE, "").await?;
        let prefixes = families.iter().flat_map(|family| family.prefixes());
        let stretches = prefixes.map(|prefix| Stretch {
            snapshot,
            stage: KEY_STAGE,
            prefix: (*prefix).to_owned(),
        });
        let stretches: Vec<_> = stretches.collect();
        let rows = ledger.rows_of(caller, &stretches).await?;
        Ok(Found {
            conditions,
            rows,
            indicators,
        })
    }
}

/// Describes an answer to the audit log.
pub(crate) fn told(query: &IndicatorQuery, report: &IndicatorReport) -> Told {
    let indicators = report.tables.iter().flat_map(|table| &table.indicators);
    let rows = indicators.map(|indicator| indicator.keys.len() + indicator.exclusions.len());
    let given = [
        ("project", query.project.is_some()),
        ("code", query.code.is_some()),
        ("known_at", query.known_at.is_some()),
    ];
    Told {
        known_at: report.tables.iter().map(|table| table.known_at).min(),
        ..Told::new("indicators", &given, rows.sum())
    }
}

/// Indicators as they were laid out.
pub(crate) type Values = Vec<Arc<IndicatorValue>>;

/// What the ledger has of a set's indicators.
#[derive(Debug)]
pub(crate) struct Found<'s> {
    pub(crate) conditions: Vec<LedgerRow>,
    pub(crate) rows: Vec<LedgerRow<Conclusion>>,
    pub(crate) indicators: Vec<&'s Indicator>,
}

impl Found<'_> {
    /// Lays the indicators out as of a day, as far as their rows are seen.
    pub(crate) fn values(
        &self,
        registers: &RegisterView<'_>,
        as_of: Date,
        seen: Rows<'_>,
    ) -> Vec<IndicatorValue> {
        let conditions = Conditions::of(&self.conditions);
        let layout = Layout {
            conditions: &conditions,
            registers,
            as_of,
            seen,
        };
        let mut by_code: HashMap<&IndicatorCode, Vec<&LedgerRow<Conclusion>>> = HashMap::new();
        for row in &self.rows {
            by_code.entry(&row.entry.body.code).or_default().push(row);
        }
        let indicators = self.indicators.iter();
        let values = indicators.map(|indicator| {
            let rows = by_code.get(&indicator.code);
            layout.value(indicator, rows.map_or(&[], Vec::as_slice))
        });
        let mut values: Vec<IndicatorValue> = values.collect();
        self.add_candidates(&mut values);
        values
    }

    /// Names the enterprises that might count as supported, where both indicators are at hand.
    fn add_candidates(&self, values: &mut [IndicatorValue]) {
        let of = |rule| {
            let mut indicators = self.indicators.iter();
            indicators.position(|one| CountingRule::of(&one.counting.rule) == Some(rule))
        };
        let (completed, supported) = (
            of(CountingRule::Completions),
            of(CountingRule::NonFinancialSupport),
        );
        let found = match (completed, supported) {
            (Some(completed), Some(supported)) => values.get(completed).zip(values.get(supported)),
            _ => None,
        };
        let found = found.map(|(completed, supported)| candidates(completed, supported));
        if let Some((found, place)) = found.zip(supported)
            && let Some(value) = values.get_mut(place)
        {
            value.candidates = found;
        }
    }
}
