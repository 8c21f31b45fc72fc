//! How often a source sends.

use jiff::civil::Date;
use serde::Serialize;

/// How many gaps there must be before one can be told to be longer than they are.
const GAPS_MIN: usize = 2;

/// How often a source sends, by the days of a window on which it did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rhythm {
    /// On how many days of the window it sent.
    pub days: u64,
    /// How many statements a day on average over all days of the window that have begun, to one decimal.
    pub per_day: f64,
    /// How many days there are from one day on which it sent to the next: the median, the lower one of
    /// two; `None` where it sent on fewer than two days.
    pub usual_gap_days: Option<u32>,
    /// The longest of them.
    pub longest_gap_days: Option<u32>,
    /// How many days there are from the last on which it sent to the end of the window, or to the
    /// present day where that comes first; `None` where it never sent.
    pub gap_days: Option<u32>,
    /// Whether that is longer than each of two gaps or more: it is past its rhythm.
    pub overdue: bool,
}

impl Rhythm {
    /// Reads the rhythm of days in their order, `end` being the last that has begun. `before` is a day
    /// on which it sent, where there is none among them.
    pub(super) fn of(
        sent: &[(Date, u64)],
        (from, end): (Date, Date),
        before: Option<Date>,
    ) -> Self {
        let mut gaps: Vec<u32> = sent
            .windows(2)
            .filter_map(|two| Some(between(two.first()?.0, two.last()?.0)))
            .collect();
        gaps.sort_unstable();
        let last = sent.last().map(|(day, _)| *day).or(before);
        let gap_days = last.map(|last| between(last, end));
        let longest_gap_days = gaps.last().copied();
        let statements = sent.iter().map(|(_, count)| *count).sum();
        Self {
            days: sent.len().try_into().unwrap_or(u64::MAX),
            per_day: average(statements, u64::from(between(from, end)) + 1),
            usual_gap_days: gaps.get(gaps.len().saturating_sub(1) / 2).copied(),
            longest_gap_days,
            gap_days,
            overdue: gaps.len() >= GAPS_MIN && gap_days > longest_gap_days,
        }
    }
}

/// Returns how many days one day lies behind another; 0 where it does not.
fn between(from: Date, to: Date) -> u32 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or_default()
}

/// Returns an average to one decimal.
fn average(sum: u64, of: u64) -> f64 {
    let tenths = sum.saturating_mul(10).saturating_add(of / 2) / of.max(1);
    f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;

    use super::*;

    const FROM: Date = date(2026, 3, 1);

    fn rhythm(days: &[i64], end: i64) -> Rhythm {
        let sent: Vec<_> = days
            .iter()
            .map(|day| (FROM.saturating_add(day.days()), 3))
            .collect();
        Rhythm::of(&sent, (FROM, FROM.saturating_add(end.days())), None)
    }

    #[test]
    fn a_source_is_past_its_rhythm_when_it_is_silent_for_longer_than_ever() {
        for (days, end, overdue) in [
            (vec![0, 1, 2, 3], 4, false),
            (vec![0, 1, 2, 3], 5, true),
            (vec![0, 7, 14], 21, false),
            (vec![0, 7, 14], 22, true),
            (vec![0, 1], 29, false),
            (vec![0], 29, false),
            (vec![], 29, false),
        ] {
            assert_eq!(rhythm(&days, end).overdue, overdue, "{days:?} {end}");
        }
    }

    #[test]
    fn the_usual_gap_is_the_one_in_the_middle() {
        let told = rhythm(&[0, 1, 2, 9], 9);
        assert_eq!(told.usual_gap_days, Some(1));
        assert_eq!(told.longest_gap_days, Some(7));
        assert_eq!(told.gap_days, Some(0));
        assert_eq!(told.days, 4);
        assert!((told.per_day - 1.2).abs() < f64::EPSILON, "{told:?}");
        assert_eq!(rhythm(&[0, 3], 5).usual_gap_days, Some(3));
        let never = rhythm(&[], 5);
        assert_eq!((never.usual_gap_days, never.gap_days), (None, None));
    }

    #[test]
    fn a_day_before_the_window_tells_since_when_it_is_silent() {
        let before = Some(date(2026, 2, 20));
        let told = Rhythm::of(&[], (FROM, date(2026, 3, 2)), before);
        assert_eq!(told.gap_days, Some(10));
    }
}
