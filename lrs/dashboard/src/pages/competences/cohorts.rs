//! Cohorts as they are, for who sees persons one by one.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use varde_competence::{Cohort, CohortTable, Difference};
use varde_interreg::pack::Language;

use super::asked::called;
use super::one::{Figures, Levels, Table};
use crate::charts::{About, Bars, Cell, Distribution, Ends, Line, Measured, Slope, Sorted};
use crate::format;
use crate::visit::Visit;
use crate::words::{Competence, fill};

/// How many cohorts are drawn at most: those of the most persons.
const DRAWN_MAX: usize = 6;
/// How many are drawn level by level.
const BY_LEVEL_MAX: usize = 4;
/// Of how many cohorts it is said at which level most are.
const TOLD_MAX: usize = 3;

/// A table of cohorts, and how it is said.
struct Shown<'a> {
    table: &'a CohortTable,
    /// All of them, in their order.
    all: &'a [Cohort],
    /// Those that are drawn, the largest first.
    drawn: Vec<&'a Cohort>,
    visit: &'a Visit,
    words: &'static Competence,
    language: Language,
}

/// Draws cohorts.
pub(super) fn figures(
    table: &CohortTable,
    all: &[Cohort],
    levels: &Levels,
    visit: &Visit,
) -> Figures {
    let mut drawn: Vec<&Cohort> = all.iter().collect();
    drawn.sort_by_key(|cohort| Reverse(cohort.persons));
    drawn.truncate(DRAWN_MAX);
    let shown = Shown {
        table,
        all,
        drawn,
        visit,
        words: Competence::of(visit.language),
        language: visit.language,
    };
    Figures {
        levels: shown.levels(levels),
        change: shown.change(),
        no_change: shown.words.change_none,
        cohorts: shown.against_each_other(),
    }
}

impl Shown<'_> {
    fn number(&self, number: usize) -> String {
        format::number(number, self.language)
    }

    /// Writes a number of the use case as it is; nothing where there is none.
    fn exact(&self, number: Option<&String>) -> String {
        number.map_or_else(String::new, |number| {
            format::number(number.as_str(), self.language)
        })
    }

    /// Writes a share in percent.
    fn share(&self, share: Option<&String>) -> String {
        amount(share).map_or_else(String::new, |share| percent(share, self.language))
    }

    fn called(&self, cohort: &Cohort) -> String {
        called(self.table, &cohort.value, self.visit)
    }

    /// Says when the numbers are of, and where not all cohorts are drawn how many are.
    fn told(&self, drawn: usize) -> String {
        let day = format::day(self.table.as_of, self.language);
        let told = fill(self.words.of_day, &[&day]);
        if self.all.len() <= drawn {
            return told;
        }
        let not_drawn = fill(self.words.not_drawn, &[&self.number(drawn)]);
        format!("{told} {not_drawn}")
    }

    /// Returns what a chart of so many cohorts says.
    fn about(
        &self,
        id: &str,
        (title, finding): (&str, String),
        drawn: usize,
        table: Table,
    ) -> About {
        let title = format!("{title}. {}", self.told(drawn));
        table.beneath(id, title, finding, self.words.as_table)
    }

    fn levels(&self, levels: &Levels) -> Option<Distribution> {
        let held = self.all.iter().flat_map(|cohort| cohort.levels.keys());
        let numbers: BTreeSet<u32> = held.copied().chain(levels.numbers()).chain([0]).collect();
        let named = numbers.iter();
        let named = named.map(|level| (*level, levels.called(*level, self.words)));
        let named: Vec<_> = named.collect();
        let drawn = self.drawn.iter().take(BY_LEVEL_MAX);
        let groups = drawn.map(|cohort| self.sorted(cohort, &named));
        let rows = self.all.iter().map(|cohort| {
            let counts = numbers.iter().map(|level| self.number(at(cohort, *level)));
            let start = [self.called(cohort), self.number(cohort.persons)];
            start.into_iter().chain(counts).collect()
        });
        let table = Table {
            columns: vec![self.words.cohort, self.words.persons],
            rows: rows.collect(),
        };
        let said = (self.words.levels, self.most_often(levels));
        let mut about = self.about("levels", said, BY_LEVEL_MAX, table);
        about
            .columns
            .extend(named.iter().map(|(_, name)| name.clone()));
        Distribution::of(about, &groups.collect::<Vec<_>>())
    }

    /// Sorts a cohort by level.
    fn sorted(&self, cohort: &Cohort, named: &[(u32, String)]) -> Sorted {
        let cells = named.iter().map(|(level, label)| {
            let count = at(cohort, *level);
            let share = part(count, cohort.persons);
            let percent = percent(share, self.language);
            Cell {
                label: label.clone(),
                share: Some(share),
                text: format!("{} · {percent}", self.number(count)),
            }
        });
        Sorted {
            name: self.called(cohort),
            count: fill(self.words.count, &[&self.number(cohort.persons)]),
            cells: cells.collect(),
        }
    }

    /// Says at which level most of the largest cohorts are.
    fn most_often(&self, levels: &Levels) -> String {
        let told = self.drawn.iter().take(TOLD_MAX).filter_map(|cohort| {
            let counts = cohort.levels.iter().map(|(level, count)| (*level, *count));
            let (names, most) = levels.most_often(counts, self.words)?;
            let of = [
                self.called(cohort),
                names,
                self.number(most),
                self.number(cohort.persons),
            ];
            let of = of.each_ref().map(String::as_str);
            Some(fill(self.words.levels_most, &of))
        });
        told.collect::<Vec<_>>().join(" ")
    }

    fn change(&self) -> Option<Slope> {
        let lines = self.drawn.iter().filter_map(|cohort| {
            let change = &cohort.change;
            let [before, after] = [&change.mean_pre, &change.mean_post].map(Option::as_ref);
            let pairs = fill(self.words.count, &[&self.number(change.paired)]);
            Some(Line {
                name: format!("{} ({pairs})", self.called(cohort)),
                before: (amount(before)?, self.short(amount(before)?)),
                after: (amount(after)?, self.short(amount(after)?)),
            })
        });
        let lines: Vec<_> = lines.collect();
        let words = self.words;
        let columns = vec![
            words.cohort,
            words.pairs,
            words.before,
            words.after,
            words.mean,
            words.median,
            words.gained,
            words.at_target,
            words.pre_only,
            words.post_only,
        ];
        let rows = self.all.iter().map(|cohort| {
            let change = &cohort.change;
            vec![
                self.called(cohort),
                self.number(change.paired),
                self.exact(change.mean_pre.as_ref()),
                self.exact(change.mean_post.as_ref()),
                self.exact(change.mean.as_ref()),
                self.exact(change.median.as_ref()),
                self.share(change.share_gained.as_ref()),
                self.share(change.share_at_target.as_ref()),
                self.number(change.pre_only),
                self.number(change.post_only),
            ]
        });
        let table = Table {
            columns,
            rows: rows.collect(),
        };
        let ends = Ends {
            before: words.before.to_owned(),
            after: words.after.to_owned(),
        };
        let said = (words.change_by_pair, self.changed_most());
        Slope::of(self.about("change", said, DRAWN_MAX, table), ends, &lines)
    }

    /// Says which cohort changed most, up or down.
    fn changed_most(&self) -> String {
        let Some(most) = self.furthest(|cohort| amount(cohort.change.mean.as_ref())) else {
            return self.words.change_none.to_owned();
        };
        let of = [
            self.called(most),
            self.exact(most.change.mean_pre.as_ref()),
            self.exact(most.change.mean_post.as_ref()),
            self.number(most.change.paired),
        ];
        fill(self.words.change_most, &of.each_ref().map(String::as_str))
    }

    /// Returns the cohort whose value is furthest from nothing, the first of equals.
    fn furthest(&self, value: impl Fn(&Cohort) -> Option<f64>) -> Option<&Cohort> {
        let valued = self.all.iter().rev();
        let valued = valued.filter_map(|cohort| Some((cohort, value(cohort)?.abs())));
        let furthest = valued.max_by(|(_, a), (_, b)| a.total_cmp(b));
        furthest.map(|(cohort, _)| cohort)
    }

    fn against_each_other(&self) -> Option<Bars> {
        let words = self.words;
        let other = self.all.iter().find_map(|cohort| {
            let difference = cohort.difference.as_ref()?;
            let of = |one: &&Cohort| one.value == difference.against;
            self.all.iter().find(of)
        });
        let value = |cohort: &Cohort| match other {
            Some(_) => cohort.difference.as_ref()?.mean.clone(),
            None => cohort.change.mean.clone(),
        };
        let measured = self.drawn.iter().filter_map(|cohort| {
            let exact = value(cohort)?;
            let pairs = fill(words.count, &[&self.number(cohort.change.paired)]);
            let said = amount(Some(&exact)).map_or_else(String::new, |value| self.signed(value));
            Some(Measured {
                label: self.called(cohort),
                value: amount(Some(&exact)),
                text: format!("{said} ({pairs})"),
            })
        });
        let mut measured: Vec<_> = measured.collect();
        let furthest = self.furthest(|cohort| amount(value(cohort).as_ref()));
        let finding = furthest.map_or_else(
            || words.change_none.to_owned(),
            |cohort| {
                let exact = self.exact(value(cohort).as_ref());
                let (name, pairs) = (self.called(cohort), self.number(cohort.change.paired));
                match other {
                    Some(other) => {
                        let other = self.called(other);
                        fill(words.less_most, &[&other, &name, &exact, &pairs])
                    }
                    None => fill(words.change_by_most, &[&name, &exact, &pairs]),
                }
            },
        );
        let title = match other {
            Some(other) => fill(words.less, &[&self.called(other)]),
            None => words.change_by.to_owned(),
        };
        if measured.is_empty() {
            let persons = self.drawn.iter().map(|cohort| Measured {
                label: self.called(cohort),
                value: None,
                text: words.no_pairs.to_owned(),
            });
            measured = persons.collect();
        }
        let table = self.compared(other.is_some());
        let about = self.about("cohorts", (&title, finding), DRAWN_MAX, table);
        Bars::of(about, &measured)
    }

    /// Returns who began and what became of them, and by what each cohort differs.
    fn compared(&self, differs: bool) -> Table {
        let words = self.words;
        let mut columns = vec![
            words.cohort,
            words.persons,
            words.pairs,
            words.mean,
            words.began,
            words.finished,
            words.left,
            words.under_way,
        ];
        if differs {
            let of = [
                words.difference,
                words.difference_gained,
                words.difference_target,
            ];
            columns.extend(of);
        }
        let rows = self.all.iter().map(|cohort| {
            let drop_out = &cohort.drop_out;
            let mut row = vec![
                self.called(cohort),
                self.number(cohort.persons),
                self.number(cohort.change.paired),
                self.exact(cohort.change.mean.as_ref()),
                self.number(drop_out.began),
                self.number(drop_out.finished),
                self.number(drop_out.left),
                self.number(drop_out.under_way),
            ];
            if differs {
                let of = |part: fn(&Difference) -> Option<&String>| {
                    self.exact(cohort.difference.as_ref().and_then(part))
                };
                row.push(of(|difference| difference.mean.as_ref()));
                row.push(of(|difference| difference.share_gained.as_ref()));
                row.push(of(|difference| difference.share_at_target.as_ref()));
            }
            row
        });
        Table {
            columns,
            rows: rows.collect(),
        }
    }

    /// Writes a mean to two decimals, for there is little room beside what is drawn.
    fn short(&self, value: f64) -> String {
        short(value, self.language)
    }

    fn signed(&self, value: f64) -> String {
        signed(value, self.language)
    }
}

/// Returns how many of a cohort are at a level.
fn at(cohort: &Cohort, level: u32) -> usize {
    cohort.levels.get(&level).copied().unwrap_or(0)
}

/// Reads a decimal number of the use case.
pub(super) fn amount(text: Option<&String>) -> Option<f64> {
    text?.parse().ok()
}

/// Writes a number to two decimals and no more than it has.
pub(super) fn short(value: f64, language: Language) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format::number(if text == "-0" { "0" } else { text }, language)
}

/// Writes a number with its sign.
pub(super) fn signed(value: f64, language: Language) -> String {
    let text = short(value, language);
    if value > 0.0 && text != "0" {
        format!("+{text}")
    } else {
        text
    }
}

/// Writes a share in whole percent.
fn percent(share: f64, language: Language) -> String {
    let percent = format!("{:.0}", share * 100.0);
    format::percent(percent.parse().unwrap_or_default(), language)
}

/// Returns which part of a number another is, to be drawn.
pub(super) fn part(count: usize, of: usize) -> f64 {
    let float = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    float(count) / float(of.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beside_a_drawing_are_short_and_have_their_sign() {
        let told = [1.0, -0.3333, 0.0, -0.001, 12.5].map(|value| signed(value, Language::Nb));
        assert_eq!(told, ["+1", "\u{2212}0,33", "0", "0", "+12,5"]);
        assert_eq!(short(2.25, Language::En), "2.25");
        assert!((part(1, 4) - 0.25).abs() < f64::EPSILON);
        assert!(part(0, 0).abs() < f64::EPSILON);
    }
}
