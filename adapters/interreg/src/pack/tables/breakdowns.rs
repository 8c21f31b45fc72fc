//! What indicators come to by what is known of their keys.

use serde_json::Value;

use super::{Cell, Column, Made, Sheet, Table};
use crate::pack::messages::Message as M;

/// Stands on the restricted sheet instead.
pub(super) const ORGANISATION: &str = "organisation";

const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 12,
    },
    Column {
        key: "dimension",
        title: M::Dimension,
        width: 24,
    },
    Column {
        key: "value",
        title: M::Category,
        width: 52,
    },
    Column {
        key: "number",
        title: M::Number,
        width: 12,
    },
];

impl Made<'_> {
    pub(super) fn breakdowns(&self) -> Sheet {
        let mut rows = Vec::new();
        for (one, code) in self.each() {
            let dimensions = one.standing.get("breakdowns").and_then(Value::as_object);
            for (dimension, values) in dimensions.into_iter().flatten() {
                if dimension == ORGANISATION {
                    continue;
                }
                for (value, number) in values.as_object().into_iter().flatten() {
                    rows.push(vec![
                        code.clone(),
                        Cell::text(&self.voice.dimension(dimension)),
                        Cell::text(&self.voice.value(value)),
                        Cell::json(Some(number)),
                    ]);
                }
            }
        }
        let table = Table {
            name: Some("breakdowns"),
            title: M::Breakdowns,
            columns: COLUMNS,
            rows,
        };
        Sheet {
            name: M::Breakdowns,
            restricted: false,
            tables: vec![table],
            notes: Vec::new(),
        }
    }
}
