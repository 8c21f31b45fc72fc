//! The tables of facts and their columns.

use serde::Serialize;
use varde_core::registers::files::{Columns, Private};

/// A table each line of which is one fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactTable {
    /// Who was at what, or completed it.
    Attendance,
    /// Which enterprise got what support.
    Support,
    /// Which organisation joined the project.
    Partners,
    /// Who developed what, and which pilot actions are completed.
    Solutions,
    /// Who adopted what.
    Adoptions,
    /// Which enterprise introduced what.
    Innovations,
    /// How many an enterprise employed, before and after.
    Employment,
    /// Who agreed to cooperate until when.
    Agreements,
}

/// Numbers of organisations are never quoted: one that does not fit may be a personal identity
/// number, and so may what has slipped into a neighbouring column.
const OF_ORGANISATIONS: Private = Private::These(&["orgnr", "provider", "title", "country"]);

/// Every table of facts, in the order of [`FactTable::EACH`].
pub static FACT_TABLES: [Columns; 8] = [
    Columns {
        name: "attendance",
        required: &["activity", "date"],
        optional: &[
            "pseudonym",
            "ifi",
            "completion",
            "hours",
            "minutes",
            "orgnr",
            "country",
        ],
        private: Private::All,
    },
    Columns {
        name: "support",
        required: &["orgnr", "support_kind", "date"],
        optional: &[
            "country", "hours", "minutes", "provider", "service", "title",
        ],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "partners",
        required: &["orgnr", "role", "date"],
        optional: &["country"],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "solutions",
        required: &["iri", "kind", "title", "orgnr", "date"],
        optional: &[
            "country",
            "event",
            "uptake_actions",
            "legal_or_administrative",
        ],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "adoptions",
        required: &[
            "iri",
            "kind",
            "orgnr",
            "date",
            "adoption_kind",
            "evidence_iri",
            "evidence_sha256",
        ],
        optional: &["country", "title"],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "innovations",
        required: &["orgnr", "innovation_kind", "title", "date"],
        optional: &["country", "iri"],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "employment",
        required: &["orgnr", "date", "fte_before", "fte_after"],
        optional: &["country"],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "agreements",
        required: &[
            "orgnr",
            "date",
            "valid_from",
            "valid_until",
            "evidence_iri",
            "evidence_sha256",
        ],
        optional: &["country", "agreement", "title"],
        private: OF_ORGANISATIONS,
    },
];

impl FactTable {
    /// Every table.
    pub const EACH: [Self; 8] = [
        Self::Attendance,
        Self::Support,
        Self::Partners,
        Self::Solutions,
        Self::Adoptions,
        Self::Innovations,
        Self::Employment,
        Self::Agreements,
    ];

    /// Returns the table of some columns; `None` for a register table.
    pub fn of(columns: &Columns) -> Option<Self> {
        let tables = Self::EACH.into_iter();
        let mut tables = tables.filter(|table| table.name() == columns.name);
        tables.next()
    }

    /// Returns the table's name, which files, sheets and statements carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attendance => "attendance",
            Self::Support => "support",
            Self::Partners => "partners",
            Self::Solutions => "solutions",
            Self::Adoptions => "adoptions",
            Self::Innovations => "innovations",
            Self::Employment => "employment",
            Self::Agreements => "agreements",
        }
    }
}

#[cfg(test)]
mod tests {
    use varde_core::registers::files::{REGISTER_TABLES, RegisterFile, Sheet, Table};

    use super::*;

    fn known() -> Vec<&'static Columns> {
        REGISTER_TABLES.iter().chain(&FACT_TABLES).collect()
    }

    fn table_of(header: &[&str]) -> &'static str {
        let file = RegisterFile {
            name: "table.csv".to_owned(),
            bytes: header.join(";").into_bytes(),
        };
        let sheet = Sheet::read(&file).unwrap().remove(0);
        Table::read(sheet, &known()).unwrap().columns.name
    }

    #[test]
    fn each_header_tells_its_table_with_or_without_what_is_optional() {
        for columns in known() {
            assert_eq!(table_of(columns.required), columns.name);
            let all = [columns.required, columns.optional].concat();
            assert_eq!(table_of(&all), columns.name);
        }
    }

    #[test]
    fn no_header_fits_two_tables() {
        let fits = |columns: &Columns, header: &[&str]| {
            let knows =
                |name: &&str| columns.required.contains(name) || columns.optional.contains(name);
            columns.required.iter().all(|name| header.contains(name)) && header.iter().all(knows)
        };
        for one in known() {
            for other in known().into_iter().filter(|other| other.name != one.name) {
                // The least header that has what both require.
                let both = [one.required, other.required].concat();
                assert!(
                    !(fits(one, &both) && fits(other, &both)),
                    "{} and {}",
                    one.name,
                    other.name
                );
            }
        }
    }

    #[test]
    fn each_table_is_found_by_its_columns() {
        for (table, columns) in FactTable::EACH.into_iter().zip(&FACT_TABLES) {
            assert_eq!(FactTable::of(columns), Some(table));
        }
        assert_eq!(FactTable::of(&REGISTER_TABLES[0]), None);
    }
}
