//! Which days of a project reports are still to tell of.

use std::collections::BTreeSet;

use jiff::civil::Date;
use varde_core::ProjectCode;
use varde_core::erasures::{OpenPeriod, OpenPeriods};
use varde_core::ports::StoreError;
use varde_core::registers::{EntityKind, RegisterView};
use varde_xapi::Stored;

use super::Reports;
use super::book::{Book, State};

impl Reports {
    /// Returns the open periods of every project of the registers: those whose report was not
    /// submitted, or came back.
    pub async fn open_periods(&self) -> Result<OpenPeriods, StoreError> {
        let registers = self.indicators.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        let mut open = OpenPeriods::new();
        for project in registers.entities(EntityKind::Project) {
            let Ok(code) = project.id.parse::<ProjectCode>() else {
                continue;
            };
            let book = self.book(&code).await?.book;
            let ends = view.period_ends(&project.id);
            if let Some(period) = book.open_period(&ends) {
                open.insert(project.id.clone(), period);
            }
        }
        Ok(open)
    }
}

impl Reports {
    /// Returns the periods of every project that end on or before a day and whose report was not
    /// submitted, or came back: the project and the last day of the period, in this order.
    pub async fn due_periods(
        &self,
        through: Date,
    ) -> Result<BTreeSet<(ProjectCode, Date)>, StoreError> {
        let registers = self.indicators.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        let mut due = BTreeSet::new();
        for project in registers.entities(EntityKind::Project) {
            let Ok(code) = project.id.parse::<ProjectCode>() else {
                continue;
            };
            let book = self.book(&code).await?.book;
            let ends = view.period_ends(&project.id).into_iter();
            let open = ends.filter(|end| *end <= through && book.is_open(*end));
            due.extend(open.map(|end| (code.clone(), end)));
        }
        Ok(due)
    }
}

impl Book {
    fn open_period(&self, ends: &[Date]) -> Option<OpenPeriod> {
        let ends = self.ends(ends.to_vec());
        let open: BTreeSet<Date> = ends
            .iter()
            .copied()
            .filter(|end| self.is_open(*end))
            .collect();
        let (first, last) = (*open.first()?, *open.last()?);
        let before = self.reports.iter().filter(|report| report.period < first);
        let frozen = before.filter_map(|report| report.last()?.1.frozen.as_ref());
        Some(OpenPeriod {
            after: ends.range(..first).next_back().copied(),
            through: last,
            known: frozen.map(|frozen| frozen.known_at).next_back(),
        })
    }

    /// Returns the last days of a project's periods, and of those that were reported.
    pub(super) fn ends(&self, of_registers: Vec<Date>) -> BTreeSet<Date> {
        let reported = self.reports.iter().map(|report| report.period);
        of_registers.into_iter().chain(reported).collect()
    }

    /// Tells whether no report of a period stands that may still be handed in.
    pub(super) fn is_open(&self, end: Date) -> bool {
        match self.report(end) {
            Ok(report) => !matches!(report.state(), State::Submitted | State::Accepted),
            // The report of a period cannot be opened any more once a later one is accepted.
            Err(_) => self.accepted_behind(end).is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(reports: &[(&str, &str)]) -> Book {
        let reports = reports.iter().map(|(period, state)| {
            let frozen = (*state != "draft").then(
                || serde_json::json!({ "hash": "", "bytes": 0, "known_at": Stored(7).to_string() }),
            );
            serde_json::json!({
                "number": 1,
                "period": period,
                "after": null,
                "revisions": [{ "state": state, "edit": 0, "frozen": frozen, "deeds": [] }],
            })
        });
        let reports: Vec<_> = reports.collect();
        serde_json::from_value(serde_json::json!({ "reports": reports })).unwrap()
    }

    fn days(days: &[&str]) -> Vec<Date> {
        days.iter().map(|day| day.parse().unwrap()).collect()
    }

    #[test]
    fn a_period_is_open_until_its_report_is_submitted_and_again_when_it_came_back() {
        let ends = days(&["2025-03-31", "2025-06-30", "2025-09-30"]);
        let open = |reports: &[(&str, &str)]| book(reports).open_period(&ends);
        let all = open(&[]).unwrap();
        assert_eq!((all.after, all.through, all.known), (None, ends[2], None));
        assert_eq!(open(&[("2025-03-31", "draft")]), Some(all));
        let rest = open(&[("2025-03-31", "submitted")]).unwrap();
        assert_eq!((rest.after, rest.through), (Some(ends[0]), ends[2]));
        assert_eq!(
            rest.known,
            Some(Stored(7)),
            "what came later is a correction"
        );
        let skipped = open(&[("2025-06-30", "accepted")]).unwrap();
        assert_eq!(
            skipped.after,
            Some(ends[1]),
            "the first cannot be reported any more"
        );
        let done = [
            ("2025-03-31", "accepted"),
            ("2025-06-30", "accepted"),
            ("2025-09-30", "submitted"),
        ];
        assert_eq!(open(&done), None);
        assert_eq!(
            book(&[]).open_period(&[]),
            None,
            "no reports are asked of it"
        );
    }
}
