//! The kinds of register file and the columns that tell them apart.

use std::fmt;

use serde::Serialize;

/// What a register file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// One project: a YAML or JSON file.
    Project,
    /// Persons by pseudonym.
    People,
    /// Which identifier of an agent is which person's.
    Identities,
    /// Organisations by country and number.
    Organisations,
    /// Which person belongs to which organisation.
    Affiliations,
    /// Programme activities by IRI.
    Activities,
    /// Which organisation organises which activity.
    Organisers,
}

/// The columns of one kind of table.
#[derive(Debug, PartialEq, Eq)]
pub struct Columns {
    /// The table's name, which a sheet may have too.
    pub name: &'static str,
    /// Columns that the header must have.
    pub required: &'static [&'static str],
    /// Columns that it may have.
    pub optional: &'static [&'static str],
    /// What no fault may quote.
    pub private: Private,
}

/// The columns whose values no fault may quote: nothing that could name a person, even when cells
/// have slipped into a neighbouring column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Private {
    /// Every column.
    All,
    /// These columns.
    These(&'static [&'static str]),
}

/// What organisations' tables never quote: a sole trader's name and number are a person's.
const OF_ORGANISATIONS: Private = Private::These(&["name", "orgnr"]);

/// Every kind of register table.
pub static REGISTER_TABLES: [Columns; 6] = [
    Columns {
        name: "people",
        required: &["pseudonym", "gender", "birth_year_band", "nuts3"],
        optional: &[],
        private: Private::All,
    },
    Columns {
        name: "identities",
        required: &["ifi", "pseudonym"],
        optional: &["valid_from", "valid_to"],
        private: Private::All,
    },
    Columns {
        name: "organisations",
        required: &["country", "orgnr", "name"],
        optional: &[
            "nuts3",
            "nuts_version",
            "nace",
            "headcount",
            "turnover_meur",
            "balance_meur",
            "founded_on",
            "valid_from",
        ],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "affiliations",
        required: &["pseudonym", "orgnr"],
        optional: &["from", "to"],
        private: Private::All,
    },
    Columns {
        name: "activities",
        required: &["iri", "kind", "title", "project"],
        optional: &["start", "end", "public", "cancelled", "inclusion", "nuts3"],
        private: OF_ORGANISATIONS,
    },
    Columns {
        name: "organisers",
        required: &["iri", "orgnr"],
        optional: &["country", "from"],
        private: OF_ORGANISATIONS,
    },
];

impl Columns {
    /// Tells whether a column's values may be quoted in an error.
    pub(super) fn may_quote(&self, column: &str) -> bool {
        match self.private {
            Private::All => false,
            Private::These(columns) => !columns.contains(&column),
        }
    }

    /// Lists the header's departures from these columns: missing ones, then unknown ones.
    pub(super) fn departures<'h>(&self, header: &'h [String]) -> (Vec<&'static str>, Vec<&'h str>) {
        let has = |column: &&&str| header.iter().any(|found| found == **column);
        let knows =
            |column: &&str| self.required.contains(column) || self.optional.contains(column);
        let missing = self
            .required
            .iter()
            .filter(|column| !has(column))
            .copied()
            .collect();
        let unknown = header
            .iter()
            .map(String::as_str)
            .filter(|column| !knows(column))
            .collect();
        (missing, unknown)
    }
}

impl FileKind {
    const TABLES: [Self; 6] = [
        Self::People,
        Self::Identities,
        Self::Organisations,
        Self::Affiliations,
        Self::Activities,
        Self::Organisers,
    ];

    /// Returns the kind of a register table; `None` for a table of something else.
    pub fn of(columns: &Columns) -> Option<Self> {
        let tables = Self::TABLES.into_iter();
        let mut tables = tables.filter(|kind| kind.name() == columns.name);
        tables.next()
    }

    /// Returns the kind's name, as verdicts print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::People => "people",
            Self::Identities => "identities",
            Self::Organisations => "organisations",
            Self::Affiliations => "affiliations",
            Self::Activities => "activities",
            Self::Organisers => "organisers",
        }
    }

    /// Returns what a line speaks of.
    pub(super) fn thing(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::People | Self::Affiliations => "person",
            Self::Identities => "identifier",
            Self::Organisations => "organisation",
            Self::Activities | Self::Organisers => "activity",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
