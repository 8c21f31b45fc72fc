//! The sheet that tells the whole in a few lines.

use super::{Cell, Column, Made, Sheet, Table, percent};
use crate::pack::messages::Message as M;

/// Target and reached stand beside each other, for the chart of both.
const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 12,
    },
    Column {
        key: "name",
        title: M::Name,
        width: 48,
    },
    Column {
        key: "unit",
        title: M::Unit,
        width: 20,
    },
    Column {
        key: "current",
        title: M::Current,
        width: 14,
    },
    Column {
        key: "reported",
        title: M::Reported,
        width: 18,
    },
    Column {
        key: "target",
        title: M::Target,
        width: 12,
    },
    Column {
        key: "reached",
        title: M::Reached,
        width: 13,
    },
];

impl Made<'_> {
    pub(super) fn summary(&self) -> Sheet {
        let rows = self.each().map(|(one, code)| {
            let (reached, target) = (one.handed_in(), one.aim());
            let share = reached
                .zip(target)
                .and_then(|(reached, target)| percent(reached, target));
            let current = one.reported.map(|reported| reported.current);
            vec![
                code,
                Cell::text(self.voice.name(&one.name)),
                Cell::text(self.voice.name(&one.unit)),
                current.map_or(Cell::Empty, Cell::number),
                reached.map_or(Cell::Empty, Cell::number),
                target.map_or(Cell::Empty, Cell::number),
                share.map_or(Cell::Empty, Cell::number),
            ]
        });
        let table = Table {
            name: None,
            title: M::Progress,
            columns: COLUMNS,
            rows: rows.collect(),
        };
        Sheet {
            name: M::Summary,
            restricted: false,
            tables: vec![table],
            notes: vec![M::HowFigures],
        }
    }
}
