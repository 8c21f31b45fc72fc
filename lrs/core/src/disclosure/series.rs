//! A one-dimensional table, moved on from period end to period end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::Threshold;

/// How many there are of one value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub all: u64,
    /// Those among them that the reader sees row by row, and may therefore subtract.
    pub own: u64,
}

impl Count {
    fn others(self) -> u64 {
        self.all.saturating_sub(self.own)
    }
}

/// By value, how many there are; one that is missing has none.
pub type Counts = BTreeMap<String, Count>;

/// A number that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The number.
    pub value: u64,
    /// The period end that it is of: the table's, or an earlier one, when too little came since.
    pub as_of: Date,
}

/// What is shown of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DisclosedTable {
    /// How many there are altogether; `None` while there are too few to be told.
    pub total: Option<Shown>,
    /// By value, how many there are; `None` where none was ever shown.
    pub cells: BTreeMap<String, Option<Shown>>,
}

/// A number that was shown, with what of it the reader could not see otherwise.
#[derive(Debug, Clone, Copy)]
struct Told {
    others: u64,
    shown: Shown,
}

impl Told {
    fn new(count: Count, as_of: Date) -> Self {
        Self {
            others: count.others(),
            shown: Shown {
                value: count.all,
                as_of,
            },
        }
    }
}

/// What was shown of one table so far. Tables are added in the order of their period ends.
#[derive(Debug, Clone)]
pub struct Series {
    threshold: Threshold,
    total: Option<Told>,
    cells: BTreeMap<String, Option<Told>>,
}

impl Series {
    /// Begins with nothing shown.
    pub fn new(threshold: Threshold) -> Self {
        Self {
            threshold,
            total: None,
            cells: BTreeMap::new(),
        }
    }

    /// Moves on to the table of a period end, as far as that may be shown.
    pub fn add(&mut self, as_of: Date, counts: &Counts) {
        let total = counts.values().fold(Count::default(), |sum, count| Count {
            all: sum.all + count.all,
            own: sum.own + count.own,
        });
        let told = self.total.map_or(0, |told| told.others);
        if self.threshold.is_small(total.others().abs_diff(told)) {
            return;
        }
        self.total = Some(Told::new(total, as_of));
        let lags = self.lags(counts);
        let lags: BTreeMap<&str, u64> = lags.iter().map(|(cell, lag)| (&**cell, *lag)).collect();
        if let Some(held_back) = self.threshold.held_back(&lags) {
            self.move_on(as_of, counts, &held_back);
        }
    }

    /// Returns by how much each cell lags behind, where it does.
    fn lags(&self, counts: &Counts) -> BTreeMap<String, u64> {
        let lag = |cell: &String| {
            let now = counts.get(cell).copied().unwrap_or_default().others();
            let told = self.cells.get(cell).copied().flatten();
            now.abs_diff(told.map_or(0, |told| told.others))
        };
        let lags = self.each_cell(counts).map(|cell| (cell.clone(), lag(cell)));
        lags.filter(|(_, lag)| *lag > 0).collect()
    }

    /// Returns every value that ever occurred or does now.
    fn each_cell<'a>(&'a self, counts: &'a Counts) -> impl Iterator<Item = &'a String> {
        let cells: BTreeSet<&String> = counts.keys().chain(self.cells.keys()).collect();
        cells.into_iter()
    }

    fn move_on(&mut self, as_of: Date, counts: &Counts, held_back: &BTreeSet<&str>) {
        let cells: Vec<String> = self.each_cell(counts).cloned().collect();
        for cell in cells {
            let count = counts.get(&cell).copied().unwrap_or_default();
            let held = held_back.contains(cell.as_str());
            let told = self.cells.entry(cell).or_default();
            if !held {
                *told = Some(Told::new(count, as_of));
            }
        }
    }

    /// Returns what is shown of the table that was added last.
    pub fn table(&self) -> DisclosedTable {
        let cells = self.cells.iter();
        DisclosedTable {
            total: self.total.map(|told| told.shown),
            cells: cells
                .map(|(cell, told)| (cell.clone(), told.map(|told| told.shown)))
                .collect(),
        }
    }

    /// Returns what is shown of one cell.
    pub(super) fn cell(&self, cell: &str) -> Option<Shown> {
        Some(self.cells.get(cell).copied()??.shown)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use jiff::civil::date;

    use super::*;

    /// A table of a few cells, by their numbers.
    type Table = Vec<u64>;

    fn end(period: usize) -> Date {
        date(2024, 6, 30) + jiff::Span::new().months(6 * i64::try_from(period).unwrap())
    }

    fn counts(table: &[u64]) -> Counts {
        let cells = table.iter().enumerate().filter(|(_, all)| **all > 0);
        cells
            .map(|(cell, all)| (cell.to_string(), Count { all: *all, own: 0 }))
            .collect()
    }

    /// Every table of so many cells whose sum is at most `sum`.
    fn tables(cells: usize, sum: u64) -> Vec<Table> {
        if cells == 0 {
            return vec![Vec::new()];
        }
        let more = |first: u64| {
            let rest = tables(cells - 1, sum - first).into_iter();
            rest.map(move |rest| [vec![first], rest].concat())
        };
        (0..=sum).flat_map(more).collect()
    }

    fn published(threshold: Threshold, history: &[Table]) -> Vec<DisclosedTable> {
        let mut series = Series::new(threshold);
        let publish = |(period, table): (usize, &Table)| {
            series.add(end(period), &counts(table));
            series.table()
        };
        history.iter().enumerate().map(publish).collect()
    }

    /// What a cell really holds beyond what is shown of it.
    fn lag(table: &DisclosedTable, cell: usize, really: u64) -> u64 {
        let shown = table.cells.get(&cell.to_string()).copied().flatten();
        really.abs_diff(shown.map_or(0, |shown| shown.value))
    }

    #[test]
    fn no_small_cell_of_a_table_can_be_worked_out_even_by_who_knows_the_procedure() {
        for (k, cells, sum) in [(3, 2, 20), (3, 3, 14), (3, 4, 11), (4, 3, 14), (5, 3, 16)] {
            let threshold = Threshold::of(k);
            // Everything that would be shown in the same way.
            let mut alike: HashMap<String, Vec<Table>> = HashMap::new();
            for table in tables(cells, sum) {
                let shown = published(threshold, std::slice::from_ref(&table));
                alike.entry(format!("{shown:?}")).or_default().push(table);
            }
            for candidates in alike.values() {
                let shown = published(threshold, &candidates[..1]);
                for cell in 0..cells {
                    let really = candidates[0][cell];
                    let small = threshold.is_small(lag(&shown[0], cell, really));
                    let certain = candidates.iter().all(|other| other[cell] == really);
                    assert!(!(small && certain), "{k} {candidates:?} {shown:?}");
                }
            }
        }
    }

    /// Tells whether a history is one that what was shown leaves possible: cells only grow, those
    /// shown are what they are shown as, those marked as hidden are not zero, and the totals fit.
    fn is_possible(history: &[Table], shown: &[DisclosedTable]) -> bool {
        let grows = history.windows(2).all(|two| {
            let (before, after) = (&two[0], &two[1]);
            before
                .iter()
                .zip(after)
                .all(|(before, after)| before <= after)
        });
        let fits = |(period, (table, shown)): (usize, (&Table, &DisclosedTable))| {
            let now = |told: Shown| told.as_of == end(period);
            let total = shown.total.filter(|told| now(*told));
            let right = |(cell, really): (usize, &u64)| match shown.cells.get(&cell.to_string()) {
                Some(Some(told)) if now(*told) => told.value == *really,
                Some(Some(told)) => told.value <= *really,
                Some(None) => *really > 0,
                None => true,
            };
            total.is_none_or(|told| told.value == table.iter().sum::<u64>())
                && table.iter().enumerate().all(right)
        };
        grows && history.iter().zip(shown).enumerate().all(fits)
    }

    #[test]
    fn no_small_cell_can_be_worked_out_from_the_tables_of_two_period_ends() {
        let threshold = Threshold::of(3);
        for (cells, sum) in [(2, 10), (3, 7)] {
            let tables = tables(cells, sum);
            let pairs = tables.iter().flat_map(|a| {
                let grown = tables
                    .iter()
                    .filter(|b| a.iter().zip(*b).all(|(a, b)| a <= b));
                grown.map(|b| vec![a.clone(), b.clone()])
            });
            let pairs: Vec<Vec<Table>> = pairs.collect();
            for history in &pairs {
                let shown = published(threshold, history);
                for (period, cell) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let really = history[period][cell];
                    if !threshold.is_small(lag(&shown[period], cell, really)) {
                        continue;
                    }
                    let other = pairs
                        .iter()
                        .find(|other| other[period][cell] != really && is_possible(other, &shown));
                    assert!(other.is_some(), "{history:?} {period} {cell} {shown:?}");
                }
            }
        }
    }

    #[test]
    fn the_differences_that_are_shown_are_zero_or_large() {
        let threshold = Threshold::of(3);
        let tables = tables(3, 8);
        for first in &tables {
            for second in &tables {
                let shown = published(threshold, &[first.clone(), second.clone()]);
                for cell in shown[1].cells.keys() {
                    let value = |table: &DisclosedTable| {
                        table
                            .cells
                            .get(cell)
                            .copied()
                            .flatten()
                            .map_or(0, |told| told.value)
                    };
                    let step = value(&shown[0]).abs_diff(value(&shown[1]));
                    assert!(!threshold.is_small(step), "{first:?} {second:?} {shown:?}");
                }
                let total = |table: &DisclosedTable| table.total.map_or(0, |told| told.value);
                let step = total(&shown[0]).abs_diff(total(&shown[1]));
                assert!(!threshold.is_small(step), "{first:?} {second:?} {shown:?}");
            }
        }
    }

    #[test]
    fn what_the_reader_sees_row_by_row_is_not_hidden_from_them() {
        let mut series = Series::new(Threshold::EVALUATOR);
        let count = |all, own| Count { all, own };
        let counts: Counts = [
            ("SE321".to_owned(), count(2, 2)),
            ("NO060".to_owned(), count(9, 0)),
            ("SE322".to_owned(), count(6, 5)),
        ]
        .into();
        series.add(end(0), &counts);
        let table = series.table();
        assert_eq!(table.cells["SE321"].map(|told| told.value), Some(2));
        // Six less the reader's own five would be one.
        assert_eq!(table.cells["SE322"], None);
        assert_eq!(table.cells["NO060"], None);
        assert_eq!(table.total.map(|told| told.value), Some(17));
    }

    #[test]
    fn zero_and_large_cells_are_shown_and_too_few_have_no_total() {
        let shown = |table: &[u64]| published(Threshold::EVALUATOR, &[table.to_vec()]).remove(0);
        assert_eq!(shown(&[0, 0]).total.map(|told| told.value), Some(0));
        assert_eq!(shown(&[1, 1]).total, None);
        let large = shown(&[3, 7]);
        assert_eq!(large.cells["0"].map(|told| told.value), Some(3));
        assert_eq!(large.cells["1"].map(|told| told.value), Some(7));
        // Three persons in three cells would be one each.
        assert_eq!(shown(&[1, 1, 1]).cells.len(), 0);
    }
}
