//! A table that divides the cells of another one.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::series::{Count, Counts, DisclosedTable, Series};
use super::threshold::Threshold;

/// A table and its division, such as countries and their regions. A cell's division moves on only
/// together with the cell, as a table with a total of its own, so that neither tells of the other
/// more than it shows.
#[derive(Debug, Clone)]
pub struct Nested {
    threshold: Threshold,
    whole_of: fn(&str) -> &str,
    wholes: Series,
    parts: BTreeMap<String, Series>,
}

impl Nested {
    /// Begins with nothing shown; `whole_of` tells of which cell one of the division is a part.
    pub fn new(threshold: Threshold, whole_of: fn(&str) -> &str) -> Self {
        Self {
            threshold,
            whole_of,
            wholes: Series::new(threshold),
            parts: BTreeMap::new(),
        }
    }

    /// Moves on to the division of a period end, as far as that may be shown.
    pub fn add(&mut self, as_of: Date, parts: &Counts) {
        let mut divided: BTreeMap<String, Counts> = self
            .parts
            .keys()
            .map(|whole| (whole.clone(), Counts::new()))
            .collect();
        for (part, count) in parts {
            let whole = divided.entry((self.whole_of)(part).to_owned()).or_default();
            whole.insert(part.clone(), *count);
        }
        let sum = |parts: &Counts| {
            parts.values().fold(Count::default(), |sum, part| Count {
                all: sum.all + part.all,
                own: sum.own + part.own,
            })
        };
        let wholes = divided
            .iter()
            .map(|(whole, parts)| (whole.clone(), sum(parts)));
        self.wholes.add(as_of, &wholes.collect());
        for (whole, parts) in divided {
            let shown = self.wholes.cell(&whole);
            if shown.is_some_and(|shown| shown.as_of == as_of) {
                let series = self.parts.entry(whole);
                let series = series.or_insert_with(|| Series::new(self.threshold));
                series.add(as_of, &parts);
            }
        }
    }

    /// Returns what is shown of the table that was added last.
    pub fn wholes(&self) -> DisclosedTable {
        self.wholes.table()
    }

    /// Returns what is shown of its division; the total is that of the table.
    pub fn parts(&self) -> DisclosedTable {
        let parts = self.parts.values().flat_map(|series| series.table().cells);
        DisclosedTable {
            total: self.wholes.table().total,
            cells: parts.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn country(region: &str) -> &str {
        region.get(..2).unwrap_or(region)
    }

    fn shown(regions: &[(&str, u64)]) -> (DisclosedTable, DisclosedTable) {
        let mut nested = Nested::new(Threshold::EVALUATOR, country);
        let counts = regions
            .iter()
            .map(|(region, all)| ((*region).to_owned(), Count { all: *all, own: 0 }));
        nested.add(date(2024, 6, 30), &counts.collect());
        (nested.wholes(), nested.parts())
    }

    fn values(table: &DisclosedTable) -> Vec<(&str, Option<u64>)> {
        let cells = table.cells.iter();
        cells
            .map(|(cell, told)| (cell.as_str(), told.map(|told| told.value)))
            .collect()
    }

    #[test]
    fn a_region_cannot_be_worked_out_from_its_country() {
        let regions = [("NO060", 1), ("NO020", 9), ("SE321", 8), ("SE322", 4)];
        let (countries, regions) = shown(&regions);
        assert_eq!(values(&countries), [("NO", Some(10)), ("SE", Some(12))]);
        // The other region of Norway stays hidden too, and Sweden's need not.
        assert_eq!(
            values(&regions),
            [
                ("NO020", None),
                ("NO060", None),
                ("SE321", Some(8)),
                ("SE322", Some(4))
            ]
        );
    }

    #[test]
    fn a_hidden_country_shows_none_of_its_regions() {
        let (countries, regions) =
            shown(&[("NO060", 2), ("SE321", 8), ("SE322", 4), ("FI1D9", 30)]);
        assert_eq!(
            values(&countries),
            [("FI", Some(30)), ("NO", None), ("SE", None)]
        );
        assert_eq!(values(&regions), [("FI1D9", Some(30))]);
    }
}
