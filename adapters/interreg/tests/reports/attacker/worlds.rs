//! Every world that releases leave possible, as bounds on what is unknown.

use std::collections::BTreeMap;

use varde_interreg::publication::{Dimension, Number, Release};

use super::{CODES, ENDS, Table, day};

/// A sum of unknowns, each so many times, that is at most a bound.
type Bound = (Vec<(usize, i64)>, i64);

/// What is unknown of one table in all periods: of both indicators, each cell.
#[derive(Clone)]
pub(super) struct Worlds {
    table: Table,
    pub(super) low: Vec<i64>,
    high: Vec<i64>,
    bounds: Vec<Bound>,
}

impl Worlds {
    pub(super) fn at(&self, part: usize, period: usize, cell: usize) -> usize {
        let cells = self.table.names().len();
        (period * 2 + part) * cells + cell
    }

    /// Everything that is possible by what is known of every table.
    pub(super) fn new(table: Table) -> Self {
        let cells = table.names().len();
        let unknowns = cells * 2 * ENDS.len();
        let mut worlds = Self {
            table,
            low: vec![0; unknowns],
            high: vec![200; unknowns],
            bounds: Vec::new(),
        };
        for period in 0..ENDS.len() {
            for cell in 0..cells {
                let [whole, part] = [0, 1].map(|part| worlds.at(part, period, cell));
                worlds.bounds.push((vec![(part, 1), (whole, -1)], 0));
                for part in [0, 1].into_iter().filter(|_| period > 0) {
                    let (before, now) = (
                        worlds.at(part, period - 1, cell),
                        worlds.at(part, period, cell),
                    );
                    worlds.bounds.push((vec![(before, 1), (now, -1)], 0));
                }
            }
        }
        worlds
    }

    fn equal(&mut self, sum: Vec<(usize, i64)>, value: i64) {
        let negative = sum.iter().map(|(at, times)| (*at, -times)).collect();
        self.bounds.push((negative, -value));
        self.bounds.push((sum, value));
    }

    /// Takes in everything that the releases show.
    pub(super) fn read(&mut self, releases: &[Release]) {
        for release in releases {
            let period = ENDS
                .iter()
                .position(|end| *end == release.period.to_string())
                .unwrap();
            for one in &release.indicators {
                let part = CODES
                    .iter()
                    .position(|code| *code == one.code.to_string())
                    .unwrap();
                let all =
                    (0..self.table.names().len()).map(|cell| (self.at(part, period, cell), 1));
                let total = i64::try_from(one.total.value).unwrap();
                self.equal(all.collect(), total);
                for (dimension, cells) in &one.tables {
                    let of_table = match self.table {
                        Table::Genders => *dimension == Dimension::Gender,
                        Table::Regions => {
                            matches!(dimension, Dimension::Country | Dimension::Nuts3)
                        }
                    };
                    if of_table {
                        let mut with = release.indicators.iter();
                        let first = with.find(|one| one.tables.contains_key(dimension));
                        let first = first.map(|one| one.code.to_string());
                        let is_first = first.as_deref() == Some(CODES[part]);
                        self.read_cells(part, period, cells, is_first);
                    }
                }
            }
        }
    }

    fn read_cells(
        &mut self,
        part: usize,
        period: usize,
        cells: &BTreeMap<String, Option<Number>>,
        is_first: bool,
    ) {
        let names = self.table.names();
        let moved = |prefix: &str| {
            let mut cells = cells.iter().filter(|(cell, _)| cell.starts_with(prefix));
            cells.any(|(_, number)| number.is_some_and(|number| number.as_of == day(period)))
        };
        for (cell, number) in cells {
            let own = names
                .iter()
                .enumerate()
                .filter(|(_, name)| name.starts_with(cell.as_str()));
            let own: Vec<usize> = own.map(|(at, _)| at).collect();
            if number.is_none() && own.len() == 1 && is_first {
                // A cell that is held back has somebody in it.
                let unknown = self.at(part, period, own[0]);
                self.low[unknown] = 1;
            }
            if let Some(number) = number {
                let as_of = ENDS
                    .iter()
                    .position(|end| *end == number.as_of.to_string())
                    .unwrap();
                let sum = own
                    .iter()
                    .map(|cell| (self.at(part, as_of, *cell), 1))
                    .collect();
                self.equal(sum, i64::try_from(number.value).unwrap());
            }
        }
        // What moved on and has no cell has nobody.
        for (at, name) in names.iter().enumerate() {
            let is_country = cells.keys().all(|cell| cell.len() == 2);
            let has_cell = cells.keys().any(|cell| name.starts_with(cell.as_str()));
            let divided = if self.table == Table::Regions && !is_country {
                &name[..2]
            } else {
                ""
            };
            if !has_cell && moved(divided) {
                let unknown = self.at(part, period, at);
                self.high[unknown] = 0;
            }
        }
    }

    /// Narrows what each unknown can be; tells whether anything is left.
    fn narrow(&self, low: &mut [i64], high: &mut [i64]) -> bool {
        loop {
            let mut changed = false;
            for (sum, bound) in &self.bounds {
                let least = |(at, times): &(usize, i64)| {
                    if *times > 0 {
                        low[*at] * times
                    } else {
                        high[*at] * times
                    }
                };
                let all: i64 = sum.iter().map(least).sum();
                if all > *bound {
                    return false;
                }
                let rooms: Vec<i64> = sum.iter().map(|one| bound - (all - least(one))).collect();
                for ((at, times), room) in sum.iter().zip(rooms) {
                    if *times > 0 && room.div_euclid(*times) < high[*at] {
                        high[*at] = room.div_euclid(*times);
                        changed = true;
                    }
                    if *times < 0 && -room.div_euclid(-times) > low[*at] {
                        low[*at] = -room.div_euclid(-times);
                        changed = true;
                    }
                }
            }
            if low.iter().zip(&*high).any(|(low, high)| low > high) {
                return false;
            }
            if !changed {
                return true;
            }
        }
    }

    /// Finds a world, looking near one first.
    fn find(&self, low: &[i64], high: &[i64], near: &[i64]) -> Option<Vec<i64>> {
        let (mut low, mut high) = (low.to_vec(), high.to_vec());
        if !self.narrow(&mut low, &mut high) {
            return None;
        }
        let Some(open) = (0..low.len()).find(|at| low[*at] < high[*at]) else {
            return Some(low);
        };
        let mut values: Vec<i64> = (low[open]..=high[open]).collect();
        values.sort_by_key(|value| (value - near[open]).abs());
        values.into_iter().find_map(|value| {
            (low[open], high[open]) = (value, value);
            self.find(&low, &high, near)
        })
    }

    /// Finds a world in which a sum is another than it really is.
    pub(super) fn other(&self, sum: &[(usize, i64)], truth: &[i64]) -> Option<Vec<i64>> {
        let really = value(sum, truth);
        let mut steps: Vec<i64> = (-40..=40).filter(|step| *step != 0).collect();
        steps.sort_by_key(|step| step.abs());
        steps.into_iter().find_map(|step| {
            let mut worlds = self.clone();
            worlds.equal(sum.to_vec(), really + step);
            worlds.find(&self.low, &self.high, truth)
        })
    }

    /// Returns every number that must not be told: cells, what a whole has beside its part, and how
    /// both change between two periods.
    pub(super) fn secrets(&self, periods: &[usize]) -> Vec<Vec<(usize, i64)>> {
        let mut secrets = Vec::new();
        for cell in 0..self.table.names().len() {
            let sums = |period: usize| {
                let [whole, part] = [0, 1].map(|part| self.at(part, period, cell));
                [
                    vec![(whole, 1)],
                    vec![(part, 1)],
                    vec![(whole, 1), (part, -1)],
                ]
            };
            for (place, now) in periods.iter().enumerate() {
                secrets.extend(sums(*now));
                for before in &periods[..place] {
                    let minus = sums(*before).into_iter();
                    secrets.extend(sums(*now).into_iter().zip(minus).map(|(now, before)| {
                        let before = before.into_iter().map(|(at, times)| (at, -times));
                        now.into_iter().chain(before).collect()
                    }));
                }
            }
        }
        secrets
    }
}

pub(super) fn value(sum: &[(usize, i64)], world: &[i64]) -> i64 {
    sum.iter().map(|(at, times)| world[*at] * times).sum()
}
