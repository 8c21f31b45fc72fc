//! How far the figures can be trusted: what is unknown, provisional or left out.

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Cell, Column, Made, Sheet, Table, decimal, percent};
use crate::breakdowns::UNKNOWN;
use crate::pack::messages::Message as M;

const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 14,
    },
    Column {
        key: "keys",
        title: M::Keys,
        width: 26,
    },
    Column {
        key: "provisional",
        title: M::Provisional,
        width: 40,
    },
    Column {
        key: "unresolved",
        title: M::Unresolved,
        width: 18,
    },
    Column {
        key: "carried",
        title: M::Carried,
        width: 26,
    },
    Column {
        key: "left_out",
        title: M::LeftOut,
        width: 12,
    },
];

const COVERAGE: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 14,
    },
    Column {
        key: "dimension",
        title: M::Dimension,
        width: 26,
    },
    Column {
        key: "unknown_percent",
        title: M::UnknownShare,
        width: 40,
    },
];

const LEFT_OUT: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 14,
    },
    Column {
        key: "number",
        title: M::Number,
        width: 26,
    },
    Column {
        key: "reason",
        title: M::Reason,
        width: 40,
    },
];

impl Made<'_> {
    pub(super) fn quality(&self) -> Sheet {
        Sheet {
            name: M::Quality,
            restricted: false,
            tables: vec![self.certainty(), self.coverage(), self.left_out()],
            notes: Vec::new(),
        }
    }

    fn certainty(&self) -> Table {
        let rows = self.each().map(|(one, code)| {
            let carried = one.keys.iter().filter(|key| !key.stand.carried.is_empty());
            vec![
                code,
                Cell::count(one.keys.len()),
                Cell::json(one.standing.get("provisional")),
                Cell::json(one.standing.get("unresolved")),
                Cell::count(carried.count()),
                Cell::count(one.left_out.len()),
            ]
        });
        Table {
            name: Some("quality"),
            title: M::Quality,
            columns: COLUMNS,
            rows: rows.collect(),
        }
    }

    /// The share of what an indicator comes to of which a dimension is not known.
    fn coverage(&self) -> Table {
        let mut rows = Vec::new();
        for (one, code) in self.each() {
            let dimensions = one.standing.get("breakdowns").and_then(Value::as_object);
            for (dimension, values) in dimensions.into_iter().flatten() {
                let numbers = values.as_object().into_iter().flatten();
                let sum = |sum: Decimal, (_, number): (&String, &Value)| {
                    sum.saturating_add(decimal(number).unwrap_or_default())
                };
                let all = numbers.fold(Decimal::ZERO, sum);
                let unknown = values.get(UNKNOWN).and_then(decimal).unwrap_or_default();
                let Some(share) = percent(unknown, all) else {
                    continue;
                };
                rows.push(vec![
                    code.clone(),
                    Cell::text(&self.voice.dimension(dimension)),
                    Cell::number(share),
                ]);
            }
        }
        Table {
            name: Some("coverage"),
            title: M::Coverage,
            columns: COVERAGE,
            rows,
        }
    }

    fn left_out(&self) -> Table {
        let mut rows = Vec::new();
        for (one, code) in self.each() {
            rows.extend(one.excluded.iter().map(|(reason, count)| {
                vec![
                    code.clone(),
                    Cell::Number((*count).into()),
                    Cell::text(&self.voice.reason(reason)),
                ]
            }));
        }
        Table {
            name: Some("left-out"),
            title: M::LeftOutWhy,
            columns: LEFT_OUT,
            rows,
        }
    }
}
