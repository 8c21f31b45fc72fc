//! Every figure of every indicator.

use super::{Cell, Column, Made, Sheet, Table};
use crate::pack::messages::Message as M;

const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 9,
    },
    Column {
        key: "name",
        title: M::Name,
        width: 30,
    },
    Column {
        key: "unit",
        title: M::Unit,
        width: 14,
    },
    Column {
        key: "measure",
        title: M::Measure,
        width: 9,
    },
    Column {
        key: "baseline",
        title: M::Baseline,
        width: 13,
    },
    Column {
        key: "baseline_year",
        title: M::BaselineYear,
        width: 12,
    },
    Column {
        key: "milestone",
        title: M::Milestone,
        width: 9,
    },
    Column {
        key: "target",
        title: M::Target,
        width: 8,
    },
    Column {
        key: "previous",
        title: M::Before,
        width: 12,
    },
    Column {
        key: "new",
        title: M::New,
        width: 8,
    },
    Column {
        key: "correction",
        title: M::Correction,
        width: 12,
    },
    Column {
        key: "current",
        title: M::Current,
        width: 9,
    },
    Column {
        key: "total",
        title: M::Total,
        width: 8,
    },
    Column {
        key: "manual",
        title: M::Manual,
        width: 9,
    },
    Column {
        key: "reported",
        title: M::Reported,
        width: 11,
    },
    Column {
        key: "value",
        title: M::Value,
        width: 8,
    },
    Column {
        key: "comment",
        title: M::Comment,
        width: 36,
    },
];

impl Made<'_> {
    pub(super) fn indicators(&self) -> Sheet {
        let rows = self.each().map(|(one, code)| {
            let standing = |name: &str| Cell::json(one.standing.get(name));
            let baseline = one.standing.get("baseline");
            let of_baseline = |name: &str| Cell::json(baseline.and_then(|all| all.get(name)));
            let figure = |figure: fn(&crate::reports::Figures) -> rust_decimal::Decimal| {
                one.figures
                    .as_ref()
                    .map_or(Cell::Empty, |all| Cell::number(figure(all)))
            };
            vec![
                code,
                Cell::text(self.voice.name(&one.name)),
                Cell::text(self.voice.name(&one.unit)),
                Cell::text(&self.voice.value(one.measure.name())),
                of_baseline("value"),
                of_baseline("year"),
                standing("milestone"),
                standing("target"),
                figure(|all| all.previous),
                figure(|all| all.new),
                figure(|all| all.correction),
                figure(|all| all.current),
                figure(|all| all.total),
                one.manual
                    .map_or(Cell::Empty, |manual| Cell::number(manual.total)),
                one.reported
                    .map_or(Cell::Empty, |reported| Cell::number(reported.total)),
                standing("value"),
                Cell::maybe(one.comment.as_ref()),
            ]
        });
        let table = Table {
            name: Some("indicators"),
            title: M::Indicators,
            columns: COLUMNS,
            rows: rows.collect(),
        };
        Sheet {
            name: M::Indicators,
            restricted: false,
            tables: vec![table],
            notes: vec![M::HowFigures, M::HowManual],
        }
    }
}
