//! A project's days: its time zone and the ends of its periods.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use varde_xapi::Stored;

use super::{EntityKind, RegisterView};

/// The zone of Norway and Sweden, for as long as no project file names one.
const ZONE: &str = "Europe/Oslo";
/// The beginning of the fields that name a period's last day.
pub(super) const PERIOD: &str = "period:";

impl RegisterView<'_> {
    /// Returns the day of an instant in a project's time zone.
    pub fn local_day(&self, project: &str, instant: Timestamp) -> Date {
        self.zone(project).to_datetime(instant).date()
    }

    /// Returns the last instant of a day in a project's time zone; `None` at the end of the
    /// calendar.
    pub fn end_of_day(&self, project: &str, day: Date) -> Option<Stored> {
        let next = day.tomorrow().ok()?.at(0, 0, 0, 0);
        let next = self.zone(project).into_ambiguous_zoned_datetime(next);
        Some(Stored(
            next.compatible().ok()?.timestamp().as_microsecond() - 1,
        ))
    }

    /// Returns the last days of a project's periods, in order.
    pub fn period_ends(&self, project: &str) -> Vec<Date> {
        let fields = self.values(EntityKind::Project, project, PERIOD, Date::MAX);
        let days = fields
            .into_iter()
            .filter_map(|(field, _)| field.strip_prefix(PERIOD)?.parse().ok());
        days.collect()
    }

    /// Returns a project's time zone.
    pub fn zone(&self, project: &str) -> TimeZone {
        // A project's zone does not change with the day, so any day serves to ask for it.
        let zone = self.value(EntityKind::Project, project, "zone", Date::MAX);
        let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
        zone.or_else(|| TimeZone::get(ZONE).ok())
            .unwrap_or(TimeZone::UTC)
    }
}
