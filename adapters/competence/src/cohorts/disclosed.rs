//! Cohorts as an evaluator may see them.

use jiff::civil::Date;
use serde::Serialize;
use varde_core::Caller;
use varde_core::disclosure::{Count, Counts, DisclosedTable, Nested, Series, Threshold};
use varde_core::registers::RegisterView;
use varde_xapi::Stored;

use super::{Change, CohortQuery, Dimension, dimension, level, seen, sorted, statistics};
use crate::gain::{Gain, Post, gains};
use crate::item::Item;
use crate::outcomes::{OutcomeError, Outcomes};
use crate::reading::{Found, Whose};

/// A project at a period's end, in tables of one dimension of which no small number can be worked
/// out. They are as known at that end, so that they never change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DisclosedCohorts {
    /// The least number that is shown, except for zero.
    pub threshold: u64,
    /// The period ends that have passed, of each of which there are such tables.
    pub period_ends: Vec<Date>,
    /// By cohort, how many persons there are.
    pub persons: DisclosedTable,
    /// By level, how many persons of the whole project hold it; 0 for those who hold none.
    pub levels: DisclosedTable,
    /// What was gained in the whole project; `None` while too few pairs came together.
    pub change: Option<DisclosedChange>,
}

/// What was gained, as of a period end by which enough pairs were added since it was shown before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisclosedChange {
    /// The period end that it is of.
    pub as_of: Date,
    /// How many pairs there are.
    pub paired: usize,
    /// The mean gain, to four decimals.
    pub mean: Option<String>,
}

/// The tables, from period end to period end.
struct Tables {
    persons: Persons,
    levels: Series,
    /// What was shown, and how many pairs of others it held.
    change: Option<(DisclosedChange, u64)>,
}

/// Regions are shown within their countries.
enum Persons {
    Regions(Nested),
    Others(Series),
}

impl Outcomes {
    /// Returns the tables of a period's end.
    pub(super) async fn disclosed(
        &self,
        caller: &Caller,
        query: &CohortQuery,
    ) -> Result<(Option<Stored>, DisclosedCohorts), OutcomeError> {
        let mut tables = Tables::new(query.by);
        let mut known_at = None;
        let ends = self.period_ends(caller, query).await?;
        for &(day, end) in ends.iter().filter(|(day, _)| *day <= query.as_of) {
            let at_end = CohortQuery {
                as_of: day,
                ..query.clone()
            };
            let found = self
                .of_project(caller, &at_end, Whose::Everybody, Some(end))
                .await?;
            let view = RegisterView::new(&found.registers, end);
            tables.add(&found, &view, caller, &at_end);
            known_at = Some(end);
        }
        let period_ends = ends.into_iter().map(|(day, _)| day).collect();
        Ok((known_at, tables.shown(period_ends)))
    }

    /// Returns the project's period ends that have passed, with the instants up to which their tables
    /// know everything; the day asked for must be one of them.
    async fn period_ends(
        &self,
        caller: &Caller,
        query: &CohortQuery,
    ) -> Result<Vec<(Date, Stored)>, OutcomeError> {
        // Nobody's items cost nothing to read.
        let nobody = Whose::Cohorts(Dimension::Gender, &[]);
        let found = self.of_project(caller, query, nobody, None).await?;
        let through = found.complete_through.unwrap_or(Stored(0));
        let view = RegisterView::new(&found.registers, through);
        let project = query.project.as_str();
        let days = view.period_ends(project).into_iter();
        let ends = days.filter_map(|day| Some((day, view.end_of_day(project, day)?)));
        let mut ends: Vec<_> = ends.filter(|(_, end)| *end <= through).collect();
        // Whoever does not read the project is not told its periods.
        if !caller.projects.contains(&query.project) {
            ends.clear();
        }
        if !ends.iter().any(|(day, _)| *day == query.as_of) {
            return Err(OutcomeError::NoPeriod {
                ends: ends.into_iter().map(|(day, _)| day).collect(),
            });
        }
        Ok(ends)
    }
}

impl Tables {
    fn new(by: Dimension) -> Self {
        let k = Threshold::EVALUATOR;
        Self {
            persons: match by {
                Dimension::Nuts3 => Persons::Regions(Nested::new(k, country)),
                _ => Persons::Others(Series::new(k)),
            },
            levels: Series::new(k),
            change: None,
        }
    }

    fn add(
        &mut self,
        found: &Found,
        view: &RegisterView<'_>,
        caller: &Caller,
        query: &CohortQuery,
    ) {
        let (any, all) = seen(found, view, caller.rows());
        let (mut persons, mut levels) = (Counts::new(), Counts::new());
        let (mut pairs, mut own_pairs) = (Vec::new(), 0);
        for ((person, ..), items) in found.items.iter() {
            let by_then = items.iter().filter(|item| item.finding.day <= query.as_of);
            let by_then: Vec<Item> = by_then.cloned().collect();
            if by_then.is_empty() {
                continue;
            }
            let own = all.contains(person);
            count(&mut levels, level(&by_then, query.as_of).to_string(), own);
            let of_person = gains(&by_then, query.as_of, Post::default());
            let paired = of_person.iter().filter(|gain| gain.gain.is_some()).count();
            own_pairs += if own { paired } else { 0 };
            pairs.extend(of_person);
            for value in sorted(person, by_then, view, query.by).into_keys() {
                count(&mut persons, value, any.contains(person));
            }
        }
        match &mut self.persons {
            Persons::Regions(nested) => nested.add(query.as_of, &persons),
            Persons::Others(series) => series.add(query.as_of, &persons),
        }
        self.levels.add(query.as_of, &levels);
        self.add_change(&pairs, own_pairs, query);
    }

    /// Moves the mean on when enough pairs of others were added. Where none were, what changed
    /// would tell of few; shares and medians are counts of few themselves and not shown, and what is
    /// compared is not for the caller to choose.
    fn add_change(&mut self, gains: &[Gain], own: usize, query: &CohortQuery) {
        let gains: Vec<&Gain> = gains.iter().collect();
        let Change { paired, mean, .. } = statistics::change_of(&gains);
        let others = u64::try_from(paired.saturating_sub(own)).unwrap_or(u64::MAX);
        let told = self.change.as_ref().map_or(0, |(_, told)| *told);
        if others >= told + Threshold::EVALUATOR.get() {
            let as_of = query.as_of;
            let change = DisclosedChange {
                as_of,
                paired,
                mean,
            };
            self.change = Some((change, others));
        }
    }

    fn shown(self, period_ends: Vec<Date>) -> DisclosedCohorts {
        DisclosedCohorts {
            threshold: Threshold::EVALUATOR.get(),
            period_ends,
            persons: match self.persons {
                Persons::Regions(nested) => nested.parts(),
                Persons::Others(series) => series.table(),
            },
            levels: self.levels.table(),
            change: self.change.map(|(change, _)| change),
        }
    }
}

fn count(counts: &mut Counts, value: String, own: bool) {
    let Count { all, own: owned } = counts.entry(value).or_default();
    (*all, *owned) = (*all + 1, *owned + u64::from(own));
}

/// The country of a NUTS 3 region, as its code begins.
fn country(region: &str) -> &str {
    match region.get(..2) {
        Some(country) if region != dimension::UNKNOWN => country,
        _ => region,
    }
}
