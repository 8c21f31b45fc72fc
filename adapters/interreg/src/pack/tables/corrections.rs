//! What counts otherwise than it was reported, and what people decided beside it.

use super::{Cell, Column, Made, Sheet, Table};
use crate::pack::messages::Message as M;

const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 12,
    },
    Column {
        key: "amount",
        title: M::Amount,
        width: 12,
    },
    Column {
        key: "cause",
        title: M::Cause,
        width: 48,
    },
    Column {
        key: "key",
        title: M::What,
        width: 60,
    },
    Column {
        key: "statements",
        title: M::Statements,
        width: 40,
    },
    Column {
        key: "rows",
        title: M::Rows,
        width: 16,
    },
];

const LINES: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 12,
    },
    Column {
        key: "amount",
        title: M::Amount,
        width: 12,
    },
    Column {
        key: "reason",
        title: M::Reason,
        width: 48,
    },
    Column {
        key: "document",
        title: M::Document,
        width: 60,
    },
    Column {
        key: "approved",
        title: M::Approved,
        width: 40,
    },
    Column {
        key: "line",
        title: M::Line,
        width: 16,
    },
];

impl Made<'_> {
    pub(super) fn corrections(&self) -> Sheet {
        Sheet {
            name: M::Corrections,
            restricted: false,
            tables: vec![self.of_keys(), self.lines()],
            notes: vec![M::HowManual],
        }
    }

    fn of_keys(&self) -> Table {
        let mut rows = Vec::new();
        for (one, code) in self.each() {
            rows.extend(one.corrections.iter().map(|correction| {
                vec![
                    code.clone(),
                    Cell::number(correction.amount),
                    Cell::text(&self.voice.cause(&correction.cause)),
                    Cell::text(&correction.key),
                    Cell::text(&joined(&correction.statements)),
                    Cell::text(&joined(&correction.rows)),
                ]
            }));
        }
        Table {
            name: Some("corrections"),
            title: M::Corrections,
            columns: COLUMNS,
            rows,
        }
    }

    fn lines(&self) -> Table {
        let rows = self.body.lines.iter().map(|line| {
            vec![
                Cell::text(&line.code),
                Cell::number(line.amount),
                Cell::text(&line.reason),
                Cell::text(&line.document),
                Cell::maybe(line.approved),
                Cell::Number(line.number.into()),
            ]
        });
        Table {
            name: Some("manual-lines"),
            title: M::Lines,
            columns: LINES,
            rows: rows.collect(),
        }
    }
}

fn joined(ids: &[impl ToString]) -> String {
    let ids = ids.iter().map(ToString::to_string);
    ids.collect::<Vec<_>>().join(" ")
}
