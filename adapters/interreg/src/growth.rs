//! How counts and sums came to their value.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::Amount;
use crate::conclusion::Conclusion;
use crate::layout::amount;
use crate::table::SeriesPoint;

/// The most points of a series: ten years of months. What grew before is in the first of them.
const POINTS_MAX: usize = 120;

/// By day, by how much the value becomes another.
#[derive(Debug, Default)]
pub(crate) struct Growth(BTreeMap<Date, Amount>);

impl Growth {
    /// Takes a key in that counts from a day on, and until the day on which it ends, if it does.
    pub(crate) fn add(&mut self, conclusion: &Conclusion, day: Date) {
        let from = day.max(conclusion.occurred);
        if conclusion.until.is_some_and(|until| until <= from) {
            return;
        }
        let amount = amount(conclusion);
        self.change(from, |change| change + amount);
        if let Some(until) = conclusion.until {
            self.change(until, |change| change - amount);
        }
    }

    fn change(&mut self, day: Date, by: impl FnOnce(Amount) -> Amount) {
        let change = self.0.entry(day).or_default();
        *change = by(*change);
    }

    /// Returns the value at the end of each month, from the one before the first key to a day, and on that
    /// day; nothing where nothing counts yet.
    pub(crate) fn series(&self, as_of: Date) -> Vec<SeriesPoint> {
        let Some(first) = self.0.keys().next().filter(|first| **first <= as_of) else {
            return Vec::new();
        };
        let days = days(*first, as_of);
        let mut changes = self.0.iter().peekable();
        let mut value = Amount::ZERO;
        let points = days.into_iter().map(|day| {
            while let Some((_, change)) = changes.next_if(|(changed, _)| **changed <= day) {
                value = value + *change;
            }
            SeriesPoint { day, value }
        });
        let mut points: Vec<_> = points.collect();
        points.drain(..points.len().saturating_sub(POINTS_MAX));
        points
    }
}

/// Returns the ends of months from the one before a day on, and the last day.
fn days(first: Date, last: Date) -> Vec<Date> {
    let mut days = Vec::new();
    let mut day = first.first_of_month().yesterday();
    while let Ok(end) = day {
        if end >= last {
            break;
        }
        days.push(end);
        day = end
            .tomorrow()
            .and_then(|next| next.checked_add(1.month()))
            .and_then(Date::yesterday);
    }
    days.push(last);
    days
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn said(growth: &Growth, as_of: Date) -> Vec<(Date, String)> {
        let points = growth.series(as_of).into_iter();
        points
            .map(|point| (point.day, point.value.to_string()))
            .collect()
    }

    fn grown(changes: &[(Date, i64)]) -> Growth {
        let mut growth = Growth::default();
        for (day, by) in changes {
            let by = Amount::parse(&by.to_string()).expect("an amount");
            growth.change(*day, |change| change + by);
        }
        growth
    }

    #[test]
    fn a_series_goes_from_nothing_by_the_ends_of_months_to_the_day() {
        let growth = grown(&[
            (date(2025, 1, 31), 2),
            (date(2025, 3, 1), 3),
            (date(2025, 3, 10), -1),
            (date(2025, 5, 1), 9),
        ]);
        let expected = [
            (date(2024, 12, 31), "0"),
            (date(2025, 1, 31), "2"),
            (date(2025, 2, 28), "2"),
            (date(2025, 3, 9), "5"),
        ];
        let expected = expected.map(|(day, value)| (day, value.to_owned()));
        assert_eq!(said(&growth, date(2025, 3, 9)), expected);
        assert_eq!(
            said(&growth, date(2025, 3, 31)).last(),
            Some(&(date(2025, 3, 31), "4".to_owned()))
        );
        assert!(said(&growth, date(2025, 1, 30)).is_empty());
    }

    #[test]
    fn a_long_series_keeps_its_last_ten_years() {
        let growth = grown(&[(date(1990, 5, 5), 1), (date(2025, 1, 1), 1)]);
        let points = said(&growth, date(2025, 6, 15));
        assert_eq!(points.len(), POINTS_MAX);
        assert_eq!(points.first().map(|(_, value)| value.as_str()), Some("1"));
        assert_eq!(points.last().map(|(_, value)| value.as_str()), Some("2"));
    }
}
