//! Cohorts as an evaluator is shown them: tables of a whole project, in which no small number stands.

use varde_competence::{CohortTable, DisclosedChange, DisclosedCohorts};
use varde_core::disclosure::{DisclosedTable, Shown};
use varde_interreg::pack::Language;

use super::asked::called;
use super::cohorts::{amount, part, signed};
use super::one::{Figures, Levels, Table};
use crate::charts::{About, Bars, Cell, Distribution, Ends, Line, Measured, Slope, Sorted};
use crate::format;
use crate::visit::Visit;
use crate::words::{Competence, fill};

/// Tables of a project, and how they are said.
struct Whole<'a> {
    table: &'a CohortTable,
    tables: &'a DisclosedCohorts,
    visit: &'a Visit,
    words: &'static Competence,
    language: Language,
}

/// Draws what is shown of a project.
pub(super) fn figures(
    table: &CohortTable,
    tables: &DisclosedCohorts,
    levels: &Levels,
    visit: &Visit,
) -> Figures {
    let whole = Whole {
        table,
        tables,
        visit,
        words: Competence::of(visit.language),
        language: visit.language,
    };
    Figures {
        levels: whole.levels(levels),
        change: whole.change(),
        no_change: whole.words.change_few,
        cohorts: whole.cohorts(),
    }
}

impl Whole<'_> {
    /// Writes a number, or that it is not shown.
    fn number(&self, shown: Option<Shown>) -> String {
        shown.map_or_else(
            || self.words.suppressed.to_owned(),
            |shown| format::number(shown.value, self.language),
        )
    }

    fn plain(&self, number: usize) -> String {
        format::number(number, self.language)
    }

    /// Writes the day that a number is of.
    fn day(&self, shown: Option<Shown>) -> String {
        shown.map_or_else(String::new, |shown| format::day(shown.as_of, self.language))
    }

    fn about(&self, id: &str, title: &str, finding: String, table: Table) -> About {
        let day = format::day(self.table.as_of, self.language);
        let title = format!("{title}. {}", fill(self.words.of_day, &[&day]));
        table.beneath(id, title, finding, self.words.as_table)
    }

    /// Returns a table of two columns and the day of each number.
    fn tabled(
        &self,
        first: &'static str,
        rows: impl Iterator<Item = (String, Option<Shown>)>,
    ) -> Table {
        let rows = rows.map(|(name, shown)| vec![name, self.number(shown), self.day(shown)]);
        Table {
            columns: vec![first, self.words.persons, self.words.as_of],
            rows: rows.collect(),
        }
    }

    fn levels(&self, levels: &Levels) -> Option<Distribution> {
        let DisclosedTable { total, cells } = &self.tables.levels;
        let numbered = cells.iter();
        let numbered = numbered.filter_map(|(level, shown)| Some((level.parse().ok()?, *shown)));
        let mut numbered: Vec<(u32, Option<Shown>)> = numbered.collect();
        numbered.sort_by_key(|(level, _)| *level);
        if numbered.is_empty() {
            // There are some, and of no level may it be told how many.
            total.filter(|total| total.value > 0)?;
            numbered = [0]
                .into_iter()
                .chain(levels.numbers())
                .map(|level| (level, None))
                .collect();
        }
        let shown = numbered.iter();
        let shown = shown.filter_map(|(level, shown)| Some((*level, whole((*shown)?))));
        let most = levels.most_often(shown, self.words);
        let largest = most.as_ref().map_or(1, |(_, count)| *count);
        let drawn = numbered.iter().map(|(level, shown)| Cell {
            label: levels.called(*level, self.words),
            share: shown.map(|shown| part(whole(shown), largest)),
            text: self.number(*shown),
        });
        let group = Sorted {
            name: self.table.project.to_string(),
            count: fill(self.words.count, &[&self.number(*total)]),
            cells: drawn.collect(),
        };
        let finding = most.map_or_else(
            || self.words.levels_none.to_owned(),
            |(names, count)| {
                let (project, count) = (self.table.project.as_str(), self.plain(count));
                let total = self.number(*total);
                fill(self.words.levels_most, &[project, &names, &count, &total])
            },
        );
        let rows = numbered.iter();
        let rows = rows.map(|(level, shown)| (levels.called(*level, self.words), *shown));
        let table = self.tabled(self.words.level_column, rows);
        let about = self.about("levels", self.words.levels, finding, table);
        Distribution::of(about, &[group])
    }

    fn change(&self) -> Option<Slope> {
        let DisclosedChange {
            as_of,
            paired,
            mean,
        } = self.tables.change.as_ref()?;
        let mean = mean.as_ref();
        let value = amount(mean)?;
        let exact = mean.map_or_else(String::new, |mean| {
            format::number(mean.as_str(), self.language)
        });
        let pairs = format::number(*paired, self.language);
        let words = self.words;
        let name = self.table.project.to_string();
        let line = Line {
            name: format!("{name} ({})", fill(words.count, &[&pairs])),
            before: (0.0, "0".to_owned()),
            after: (value, signed(value, self.language)),
        };
        let ends = Ends {
            before: words.before.to_owned(),
            after: words.after.to_owned(),
        };
        let finding = fill(words.change_whole, &[&exact, &pairs]);
        let row = vec![name, pairs, exact, format::day(*as_of, self.language)];
        let table = Table {
            columns: vec![words.project, words.pairs, words.mean, words.as_of],
            rows: vec![row],
        };
        let about = self.about("change", words.mean_of_pairs, finding, table);
        Slope::of(about, ends, &[line])
    }

    fn cohorts(&self) -> Option<Bars> {
        let cells = &self.tables.persons.cells;
        let words = self.words;
        let measured = cells.iter().map(|(value, shown)| Measured {
            label: called(self.table, value, self.visit),
            value: shown.map(|shown| part(whole(shown), 1)),
            text: self.number(*shown),
        });
        let most = cells
            .iter()
            .filter_map(|(value, shown)| Some((value, (*shown)?)));
        let most = most.rev().max_by_key(|(_, shown)| shown.value);
        let finding = most.map_or_else(
            || words.levels_none.to_owned(),
            |(value, shown)| {
                let name = called(self.table, value, self.visit);
                fill(words.cohorts_most, &[&name, &self.number(Some(shown))])
            },
        );
        let rows = cells.iter();
        let rows = rows.map(|(value, shown)| (called(self.table, value, self.visit), *shown));
        let table = self.tabled(words.cohort, rows);
        let about = self.about("cohorts", words.cohorts_persons, finding, table);
        Bars::of(about, &measured.collect::<Vec<_>>())
    }
}

fn whole(shown: Shown) -> usize {
    usize::try_from(shown.value).unwrap_or(usize::MAX)
}
