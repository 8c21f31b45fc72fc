//! The organisations behind the figures, by their numbers. The sheet is restricted: a sole trader is a
//! person.

use serde_json::Value;

use super::breakdowns::ORGANISATION;
use super::{Cell, Column, Made, Sheet, Table};
use crate::deed;
use crate::pack::messages::Message as M;

const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 12,
    },
    Column {
        key: "organisation",
        title: M::Organisation,
        width: 34,
    },
    Column {
        key: "country",
        title: M::Country,
        width: 14,
    },
    Column {
        key: "since",
        title: M::Since,
        width: 14,
    },
    Column {
        key: "number",
        title: M::Number,
        width: 12,
    },
];

impl Made<'_> {
    pub(super) fn organisations(&self) -> Sheet {
        let mut rows = Vec::new();
        for (one, code) in self.each() {
            let row = |organisation: &str, since: Cell, number: Cell| {
                let country = deed::country(organisation).map(|code| self.voice.value(code));
                vec![
                    code.clone(),
                    Cell::text(&self.voice.value(organisation)),
                    Cell::maybe(country),
                    since,
                    number,
                ]
            };
            for key in &one.keys {
                if let Some(organisation) = &key.key.organisation {
                    let (day, amount) = (key.stand.day, key.stand.amount);
                    rows.push(row(organisation, Cell::Day(day), Cell::number(amount)));
                }
            }
            let of_persons = one
                .standing
                .get("breakdowns")
                .and_then(|all| all.get(ORGANISATION));
            for (organisation, number) in
                of_persons.and_then(Value::as_object).into_iter().flatten()
            {
                rows.push(row(organisation, Cell::Empty, Cell::json(Some(number))));
            }
        }
        let table = Table {
            name: Some("organisations"),
            title: M::Organisations,
            columns: COLUMNS,
            rows,
        };
        Sheet {
            name: M::OrganisationsSheet,
            restricted: true,
            tables: vec![table],
            notes: vec![M::Restricted],
        }
    }
}
