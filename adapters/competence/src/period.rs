//! ISO 8601 periods: how long evidence holds.

use jiff::{Span, ZonedDateTime};

/// A period such as `P3Y`, longer than nothing and at most a hundred years.
#[derive(Debug, Clone)]
pub(crate) struct Period(Span);

impl Period {
    /// Reads a period; the sentence says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("expected an ISO 8601 period such as P3Y, found {text:?}");
        let span: Span = text.parse().map_err(|_| expected())?;
        let start = jiff::civil::date(2000, 1, 1);
        let end = start
            .at(0, 0, 0, 0)
            .checked_add(span)
            .map_err(|_| expected())?;
        if span.is_negative() || span.is_zero() || end.date().year() > 2100 {
            return Err(format!(
                "expected more than nothing and at most P100Y, found {text:?}"
            ));
        }
        Ok(Self(span))
    }

    /// Returns when a period that begins at a local date and time ends; `None` beyond the
    /// calendar's end.
    pub(crate) fn after(&self, begin: &ZonedDateTime) -> Option<ZonedDateTime> {
        begin.checked_add(self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::Period;

    #[test]
    fn a_period_is_added_to_the_local_date_and_time() {
        let oslo = TimeZone::get("Europe/Oslo").unwrap();
        for (begin, period, end) in [
            (
                "2024-02-29T12:00:00Z",
                "P1Y",
                "2025-02-28T13:00:00+01:00[Europe/Oslo]",
            ),
            (
                "2026-01-31T23:30:00Z",
                "P1M",
                "2026-03-01T00:30:00+01:00[Europe/Oslo]",
            ),
            (
                "2026-03-28T12:00:00Z",
                "P1D",
                "2026-03-29T13:00:00+02:00[Europe/Oslo]",
            ),
        ] {
            let begin = begin
                .parse::<Timestamp>()
                .unwrap()
                .to_zoned_datetime(oslo.clone());
            let after = Period::parse(period).unwrap().after(&begin);
            assert_eq!(after.unwrap().to_string(), end, "{begin} {period}");
        }
    }

    #[test]
    fn a_period_that_is_none_is_refused() {
        for text in ["", "3Y", "P0D", "-P1Y", "P101Y", "P9999Y", "PT"] {
            assert!(Period::parse(text).is_err(), "{text}");
        }
    }
}
