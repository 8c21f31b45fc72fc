//! Tables that tell of each other: the cells of several counts, of which some are parts of others.

use std::collections::{BTreeMap, BTreeSet};

use super::Threshold;

/// One column of joint tables: what each count comes to in one cell.
pub type Column = Vec<u64>;

/// Counts of which some are parts of others, such as participations and their completions. Who knows
/// a whole and a part knows the rest, so the rest is protected like a count of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin {
    threshold: Threshold,
    counts: usize,
    /// Each part with its whole, by their places.
    within: Vec<(usize, usize)>,
}

/// What was shown last of joint tables: the columns that may be shown, by cell; what is absent was
/// not.
pub type Told = BTreeMap<String, Column>;

/// What of joint tables may be shown now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing may move on, and nothing is told of what there is.
    Nothing,
    /// All but these cells.
    AllBut(BTreeSet<String>),
}

impl Kin {
    /// Relates so many counts: each pair of places names a part and its whole.
    pub fn new(threshold: Threshold, counts: usize, within: Vec<(usize, usize)>) -> Self {
        let within = within
            .into_iter()
            .filter(|(part, whole)| *part < counts && *whole < counts);
        Self {
            threshold,
            counts,
            within: within.collect(),
        }
    }

    /// Returns by how much each number that must not be told moves from one column to another: each
    /// count, and what each whole has beside its part.
    fn lags(&self, from: Option<&Column>, to: Option<&Column>) -> Vec<u64> {
        let at = |column: Option<&Column>, place: usize| {
            let number = column.and_then(|column| column.get(place)).copied();
            i128::from(number.unwrap_or_default())
        };
        let moved = |place: usize| at(to, place) - at(from, place);
        let counts = (0..self.counts).map(moved);
        let rests = self
            .within
            .iter()
            .map(|(part, whole)| moved(*whole) - moved(*part));
        let lags = counts.chain(rests).map(i128::unsigned_abs);
        lags.map(|lag| u64::try_from(lag).unwrap_or(u64::MAX))
            .collect()
    }

    /// Returns the places of numbers that would tell of too few, of a step to a column from any that was
    /// told before; places behind those of the counts are rests, in the order of the pairs.
    pub fn small(&self, told: &[Column], now: &Column) -> Vec<usize> {
        let lags = self.lags_behind(told.iter().map(Some), Some(now));
        let small = lags.into_iter().enumerate();
        let small = small.filter(|(_, lag)| self.threshold.is_small(*lag));
        small.map(|(place, _)| place).collect()
    }

    /// Returns by how much each number moves from what was told last; where it comes too near to
    /// anything told before, by how much from that.
    fn lags_behind<'c>(
        &self,
        told: impl DoubleEndedIterator<Item = Option<&'c Column>>,
        now: Option<&Column>,
    ) -> Vec<u64> {
        let mut each = told.rev().map(|told| self.lags(told, now));
        let mut lags = each.next().unwrap_or_else(|| self.lags(None, now));
        for earlier in each {
            for (lag, earlier) in lags.iter_mut().zip(earlier) {
                if self.threshold.is_small(earlier) && !self.threshold.is_small(*lag) {
                    *lag = earlier;
                }
            }
        }
        lags
    }

    /// Decides which cells may move on from what was told, the oldest first, to what there is.
    ///
    /// A cell stays when any of its numbers would move by too little, and then all its counts stay.
    /// With it stay, for each such number, the cells in which the same number moves by the least that
    /// is enough. So what stays always holds a small and a larger one, and whoever exchanges the two
    /// cells gets tables that would be shown in the very same way.
    pub fn step(&self, told: &[Told], now: &Told) -> Step {
        let known = told.iter().flat_map(BTreeMap::keys).chain(now.keys());
        let cells: BTreeSet<&String> = known.collect();
        let lags = cells.into_iter().map(|cell| {
            let told = told.iter().map(|told| told.get(cell));
            (cell.as_str(), self.lags_behind(told, now.get(cell)))
        });
        let lags: BTreeMap<&str, Vec<u64>> = lags.collect();
        let mut held = BTreeSet::new();
        for place in 0..self.counts + self.within.len() {
            let of_place = lags.iter().filter_map(|(cell, lags)| {
                let lag = lags.get(place).copied().filter(|lag| *lag > 0)?;
                Some((*cell, lag))
            });
            match self.threshold.held_back(&of_place.collect()) {
                Some(stay) => held.extend(stay.into_iter().map(str::to_owned)),
                None => return Step::Nothing,
            }
        }
        Step::AllBut(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(columns: &[&[u64]]) -> Told {
        let columns = columns.iter().enumerate();
        columns
            .map(|(cell, counts)| (cell.to_string(), counts.to_vec()))
            .collect()
    }

    fn held(kin: &Kin, told: &[&[&[u64]]], now: &[&[u64]]) -> Option<Vec<String>> {
        let told: Vec<Told> = told.iter().map(|told| columns(told)).collect();
        match kin.step(&told, &columns(now)) {
            Step::Nothing => None,
            Step::AllBut(held) => Some(held.into_iter().collect()),
        }
    }

    #[test]
    fn a_rest_that_is_too_small_holds_its_cell_back_with_a_larger_one() {
        let kin = Kin::new(Threshold::PUBLIC, 2, vec![(1, 0)]);
        // Participations and completions: 12 and 11 leave one who did not complete.
        let now: &[&[u64]] = &[&[12, 11], &[30, 20], &[40, 10]];
        assert_eq!(
            held(&kin, &[], now),
            Some(vec!["0".to_owned(), "1".to_owned()])
        );
        let apart = Kin::new(Threshold::PUBLIC, 2, Vec::new());
        assert_eq!(held(&apart, &[], now), Some(Vec::new()));
    }

    #[test]
    fn where_all_could_be_small_nothing_is_told() {
        let kin = Kin::new(Threshold::PUBLIC, 1, Vec::new());
        assert_eq!(held(&kin, &[], &[&[1], &[1], &[1]]), None);
        assert_eq!(held(&kin, &[], &[&[7], &[9], &[0]]), Some(Vec::new()));
        let stays = Some(vec!["0".to_owned(), "2".to_owned()]);
        assert_eq!(held(&kin, &[], &[&[4], &[30], &[10]]), stays);
    }

    #[test]
    fn a_step_is_measured_from_what_was_told() {
        let kin = Kin::new(Threshold::PUBLIC, 1, Vec::new());
        let told: &[&[&[u64]]] = &[&[&[20], &[30]]];
        assert_eq!(held(&kin, told, &[&[20], &[30]]), Some(Vec::new()));
        assert_eq!(
            held(&kin, told, &[&[22], &[60]]),
            Some(vec!["0".to_owned(), "1".to_owned()])
        );
        assert_eq!(held(&kin, told, &[&[26], &[60]]), Some(Vec::new()));
        assert_eq!(kin.small(&[vec![20]], &vec![22]), [0]);
        // Up by 20 and down by 18 is a step of 2 for who kept the first.
        assert_eq!(kin.small(&[vec![20], vec![40]], &vec![22]), [0]);
        let told: &[&[&[u64]]] = &[&[&[20], &[30]], &[&[40], &[60]]];
        assert_eq!(
            held(&kin, told, &[&[22], &[90]]),
            Some(vec!["0".to_owned(), "1".to_owned()])
        );
    }
}
