//! How the figures came about: rule set, sources, opening balances, evidence.

use super::{Cell, Column, Made, Sheet, Table};
use crate::pack::language::{Language, Voice};
use crate::pack::messages::Message as M;

const FACTS: &[Column] = &[
    Column {
        key: "item",
        title: M::Fact,
        width: 36,
    },
    Column {
        key: "value",
        title: M::Value,
        width: 70,
    },
];

const SOURCES: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 36,
    },
    Column {
        key: "source",
        title: M::Source,
        width: 70,
    },
];

const OPENINGS: &[Column] = &[
    Column {
        key: "code",
        title: M::Code,
        width: 36,
    },
    Column {
        key: "source",
        title: M::Source,
        width: 70,
    },
    Column {
        key: "value",
        title: M::Value,
        width: 12,
    },
    Column {
        key: "as_of",
        title: M::AsOf,
        width: 14,
    },
    Column {
        key: "covered",
        title: M::Covered,
        width: 16,
    },
    Column {
        key: "document",
        title: M::Document,
        width: 68,
    },
];

const EVIDENCE: &[Column] = &[
    Column {
        key: "title",
        title: M::Title,
        width: 36,
    },
    Column {
        key: "document",
        title: M::Document,
        width: 70,
    },
    Column {
        key: "bytes",
        title: M::Bytes,
        width: 12,
    },
    Column {
        key: "media_type",
        title: M::MediaType,
        width: 14,
    },
];

impl Made<'_> {
    pub(super) fn method(&self) -> Sheet {
        Sheet {
            name: M::Method,
            restricted: false,
            tables: vec![
                self.facts(),
                self.sources(),
                self.openings(),
                self.evidence(),
            ],
            notes: vec![M::HowCounted, M::HowFigures, M::HowManual, M::HowChecked],
        }
    }

    fn facts(&self) -> Table {
        let language = match self.voice {
            Voice::In(language) => language,
            Voice::Codes => Language::En,
        };
        let mut facts = self.provenance.facts(language);
        let previous = self.body.previous.as_ref().map(|previous| {
            let revision = M::Revision.text(language).to_lowercase();
            format!(
                "{}, {revision} {}, SHA-256 {}",
                previous.period, previous.revision, previous.hash
            )
        });
        let none = || M::NoPrevious.text(language).to_owned();
        facts.push((M::Previous, previous.unwrap_or_else(none)));
        let rows = facts.into_iter();
        let rows =
            rows.map(|(name, value)| vec![Cell::text(name.text(language)), Cell::text(&value)]);
        Table {
            name: None,
            title: M::Method,
            columns: FACTS,
            rows: rows.collect(),
        }
    }

    fn sources(&self) -> Table {
        let rows = self.each().map(|(one, code)| {
            let source = one
                .standing
                .get("source")
                .and_then(serde_json::Value::as_str);
            vec![code, Cell::maybe(source)]
        });
        Table {
            name: None,
            title: M::Source,
            columns: SOURCES,
            rows: rows.collect(),
        }
    }

    fn openings(&self) -> Table {
        let rows = self.each().filter_map(|(one, code)| {
            let opening = one.opening.as_ref()?;
            Some(vec![
                code,
                Cell::text(&opening.source),
                Cell::number(opening.value),
                Cell::Day(opening.as_of),
                Cell::Number(opening.covered.into()),
                Cell::maybe(opening.document.as_ref()),
            ])
        });
        Table {
            name: None,
            title: M::Openings,
            columns: OPENINGS,
            rows: rows.collect(),
        }
    }

    fn evidence(&self) -> Table {
        let rows = self.body.evidence.iter().map(|exhibit| {
            vec![
                Cell::text(&exhibit.title),
                Cell::text(&exhibit.sha256),
                Cell::count(exhibit.bytes),
                Cell::text(&exhibit.media_type),
            ]
        });
        Table {
            name: None,
            title: M::Evidence,
            columns: EVIDENCE,
            rows: rows.collect(),
        }
    }
}
