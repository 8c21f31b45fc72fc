//! Working a report out from the ledger, the report before it and the opening balances.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use varde_core::disclosure::Rows;
use varde_core::ledger::Snapshot;
use varde_core::registers::{EntityKind, RegisterView, Registers};
use varde_core::{Caller, ProjectCode, StoreError};
use varde_xapi::{StatementId, Stored};

use super::Reports;
use super::amount::minus;
use super::body::{FORMAT, OpeningUsed, Period, ReportBody, ReportedIndicator, ReportedKey};
use super::book::{Book, Report, Revision};
use super::correction::{Comparison, Correction, Difference, differences};
use super::error::ReportError;
use super::figures::{Figures, Manual, Reported};
use super::opening::OpeningBalance;
use super::reached::{Keys, Reached};
use super::witness;
use crate::adapter::{self, KIND};
use crate::indicators::Values;
use crate::set::{IndicatorSet, Measure, Names};
use crate::table::IndicatorValue;

/// The indicator set of a project, as known at an instant.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) snapshot: Snapshot,
    pub(super) set: IndicatorSet,
    pub(super) registers: Arc<Registers>,
}

/// An indicator as it stands at the end of the period and before it.
struct Standing {
    value: Arc<IndicatorValue>,
    end: Reached,
    before: Reached,
    /// As reported before.
    then: Keys,
    opening: Option<OpeningUsed>,
}

/// What a report goes on from.
struct Base {
    body: Option<ReportBody>,
}

impl Base {
    /// Returns as known when the report before was frozen, and the last day that it spoke of.
    fn since(&self) -> Option<(Stored, Date)> {
        let body = self.body.as_ref()?;
        Some((body.known_at, body.period.end))
    }
}

impl Reports {
    /// Returns the one current indicator set of a project, as known at an instant.
    pub(super) async fn ground(
        &self,
        project: &ProjectCode,
        known_at: Option<Stored>,
    ) -> Result<Ground, ReportError> {
        let snapshots = self.indicators.ledger.current(KIND, known_at).await?;
        // Asked for after the snapshots: every row that they know is in it.
        let registers = self.indicators.registers.refresh().await?;
        let mut grounds = Vec::new();
        for snapshot in snapshots {
            let set = adapter::read(&snapshot.definition).map_err(StoreError::failed)?;
            if set.project == *project {
                let registers = Arc::clone(&registers);
                grounds.push(Ground {
                    snapshot,
                    set,
                    registers,
                });
            }
        }
        match (grounds.len(), grounds.pop()) {
            (1, Some(ground)) => Ok(ground),
            (found, _) => Err(ReportError::Sets { found }),
        }
    }

    /// Lays every indicator out for the end of the period, and for the day before it.
    async fn end_and_before(
        &self,
        caller: &Caller,
        ground: &Ground,
        report: &Report,
    ) -> Result<[Values; 2], StoreError> {
        let (seen, place) = ((caller, Rows::All), (&ground.snapshot, &ground.set));
        // A day before the first period is laid out too, for nothing: it has no keys.
        let days = [report.period, report.after.unwrap_or(Date::MIN)];
        let values = self
            .indicators
            .values(seen, place, &ground.registers, (days, None));
        let [mut end, before] = values.await?;
        let gains = self
            .indicators
            .add_gains(caller, place, report.period, &mut end);
        gains.await?;
        Ok([end, before])
    }

    /// Works out what a revision of a report says.
    pub(super) async fn compute(
        &self,
        caller: &Caller,
        ground: &Ground,
        book: &Book,
        (report, number, revision): (&Report, u32, &Revision),
    ) -> Result<ReportBody, ReportError> {
        let Ground { snapshot, set, .. } = ground;
        let previous = book.accepted_before(report.period);
        let base = Base {
            body: match &previous {
                Some(reference) => Some(self.frozen(&set.project, &reference.hash).await?),
                None => None,
            },
        };
        let [end, before] = self.end_and_before(caller, ground, report).await?;
        let standings = standings(end, &before, (book, &base));
        let asked = statements(&standings, base.since());
        let since = base.since().map_or(Stored(0), |(since, _)| since);
        let fates = self.fates(&asked, (since, snapshot.known_at)).await?;
        let corrections = |standing: &Standing| -> Vec<Correction> {
            let differing = differences(&standing.then, &standing.before.keys);
            let until = snapshot.known_at;
            let comparison = Comparison {
                then: &standing.then,
                now: &standing.before.keys,
                left_out: &standing.before.left_out,
                since: base.since(),
                another_definition: (base.body.as_ref())
                    .is_some_and(|body| body.definition_hash != snapshot.hash.to_string()),
                fates: fates.clone(),
                merged: witness::merged(&ground.registers, until, &differing),
                news: match base.since() {
                    Some((since, _)) => {
                        witness::news(&ground.registers, (since, until), &differing)
                    }
                    None => BTreeMap::new(),
                },
            };
            comparison.corrections()
        };
        let indicators = standings.iter().map(|standing| {
            let corrections = corrections(standing);
            standing.reported(&base, corrections, revision)
        });
        let (title, zone) = ground.told_of_project();
        let mut body = ReportBody {
            format: FORMAT.to_owned(),
            project: set.project.clone(),
            title,
            zone,
            number: report.number,
            period: Period {
                after: report.after,
                end: report.period,
            },
            revision: number,
            definition: snapshot.definition.name(),
            definition_hash: snapshot.hash.to_string(),
            known_at: snapshot.known_at,
            indicators: indicators.collect(),
            lines: revision.lines.clone(),
            previous,
            evidence: Vec::new(),
        };
        body.evidence = self.exhibits_of(&set.project, &body).await?;
        Ok(body)
    }
}

impl Ground {
    /// Returns the project's title and its time zone, as known at the snapshot.
    fn told_of_project(&self) -> (Option<Names>, String) {
        let view = RegisterView::new(&self.registers, self.snapshot.known_at);
        let project = self.set.project.as_str();
        let title = |language: &str| {
            let field = format!("title:{language}");
            let title = view.value(EntityKind::Project, project, &field, Date::MAX);
            title.map(str::to_owned)
        };
        let title = title("nb").zip(title("sv")).zip(title("en"));
        let title = title.map(|((nb, sv), en)| Names { nb, sv, en });
        let zone = view.zone(project);
        (title, zone.iana_name().unwrap_or("UTC").to_owned())
    }
}

/// Puts the indicators of the end of the period beside those of the day before it and what was
/// reported.
fn standings(
    end: Vec<Arc<IndicatorValue>>,
    before: &[Arc<IndicatorValue>],
    (book, base): (&Book, &Base),
) -> Vec<Standing> {
    let each = end.into_iter().map(|value| {
        let earlier = before.iter().find(|one| one.code == value.code);
        let mut end = Reached::of(&value);
        let mut before = earlier.map(|one| Reached::of(one)).unwrap_or_default();
        let opening = book.opening.get(&value.code).map(|opening| {
            before.without(|key, stand| opening.covers(key, stand));
            let covered = end.without(|key, stand| opening.covers(key, stand));
            used(opening, covered)
        });
        let then = (base.body.as_ref()).and_then(|body| body.indicator(&value.code));
        Standing {
            then: then.map(ReportedIndicator::compared).unwrap_or_default(),
            value,
            end,
            before,
            opening,
        }
    });
    each.collect()
}

fn used(opening: &OpeningBalance, covered: usize) -> OpeningUsed {
    OpeningUsed {
        value: opening.value,
        as_of: opening.as_of,
        source: opening.source.clone(),
        document: opening.document.clone(),
        covered: u64::try_from(covered).unwrap_or(u64::MAX),
    }
}

/// Returns the statements of which it must be known what became of them: those of keys that an
/// earlier report could hold and that count otherwise now.
fn statements(standings: &[Standing], since: Option<(Stored, Date)>) -> BTreeSet<StatementId> {
    let Some((_, last)) = since else {
        return BTreeSet::new();
    };
    let held =
        |one: &Difference<'_>| one.then.is_some() || one.now.is_some_and(|stand| stand.day <= last);
    let each = standings.iter().flat_map(|standing| {
        let differing = differences(&standing.then, &standing.before.keys).into_iter();
        let stands = differing
            .filter(held)
            .flat_map(|one| [one.then, one.now])
            .flatten();
        Reached::statements(stands)
    });
    each.collect()
}

impl Standing {
    /// Lays the indicator out as the report has it.
    fn reported(
        &self,
        base: &Base,
        corrections: Vec<Correction>,
        revision: &Revision,
    ) -> ReportedIndicator {
        let value = &self.value;
        let code = &value.code;
        let last = base.body.as_ref().and_then(|body| body.indicator(code));
        let adds = matches!(value.measure, Measure::Count | Measure::Sum);
        let figures = adds.then(|| self.figures(last));
        let manual = adds.then(|| {
            let previous = last.and_then(|last| last.manual);
            let previous = previous.map_or(Decimal::ZERO, |manual| manual.total);
            Manual::of(previous, revision.approved(code))
        });
        let reported = figures.zip(manual);
        ReportedIndicator {
            code: code.clone(),
            name: value.name.clone(),
            unit: value.unit.clone(),
            measure: value.measure,
            standing: standing(value),
            reported: reported.map(|(figures, manual)| Reported::of(&figures, &manual)),
            figures,
            opening: self.opening.clone(),
            manual,
            keys: self.keys(),
            corrections: if adds { corrections } else { Vec::new() },
            excluded: self.excluded(),
            left_out: self.end.left_out.clone(),
            comment: revision.comments.get(code).cloned(),
        }
    }

    fn figures(&self, last: Option<&ReportedIndicator>) -> Figures {
        let opening = self.opening.as_ref();
        let opening = opening.map_or(Decimal::ZERO, |opening| opening.value);
        let last = last.and_then(|last| last.figures);
        Figures::of(
            last.map_or(opening, |figures| figures.total),
            super::amount::plus(opening, self.before.sum()),
            super::amount::plus(opening, self.end.sum()),
        )
    }

    fn keys(&self) -> Vec<ReportedKey> {
        let keys = self.end.keys.iter().map(|(key, stand)| {
            let before = self.before.keys.get(key);
            let before = before.map_or(Decimal::ZERO, |stand| stand.amount);
            ReportedKey {
                key: key.clone(),
                new: minus(stand.amount, before),
                stand: stand.clone(),
            }
        });
        keys.collect()
    }

    fn excluded(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for out in &self.end.left_out {
            *counts.entry(out.reason.clone()).or_default() += 1;
        }
        counts
    }
}

/// Returns what stands as of the period's end, beside the keys.
fn standing(value: &IndicatorValue) -> BTreeMap<String, Value> {
    let members = [
        ("baseline", json!(value.baseline)),
        ("milestone", json!(value.milestone)),
        ("target", json!(value.target)),
        ("source", json!(value.source)),
        ("value", json!(value.value)),
        ("parts", json!(value.parts)),
        ("provisional", json!(value.provisional)),
        ("unresolved", json!(value.unresolved)),
        ("breakdowns", json!(value.breakdowns)),
        ("candidates", json!(value.candidates)),
    ];
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
