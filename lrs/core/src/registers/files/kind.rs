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
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) kind: FileKind,
    /// Columns that the header must have.
    pub(super) required: &'static [&'static str],
    /// Columns that it may have.
    pub(super) optional: &'static [&'static str],
}

/// Every kind of table.
pub(super) const TABLES: [Columns; 6] = [
    Columns {
        kind: FileKind::People,
        required: &["pseudonym", "gender", "birth_year_band", "nuts3"],
        optional: &[],
    },
    Columns {
        kind: FileKind::Identities,
        required: &["ifi", "pseudonym"],
        optional: &["valid_from", "valid_to"],
    },
    Columns {
        kind: FileKind::Organisations,
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
    },
    Columns {
        kind: FileKind::Affiliations,
        required: &["pseudonym", "orgnr"],
        optional: &["from", "to"],
    },
    Columns {
        kind: FileKind::Activities,
        required: &["iri", "kind", "title", "project"],
        optional: &["start", "end", "public", "cancelled", "inclusion", "nuts3"],
    },
    Columns {
        kind: FileKind::Organisers,
        required: &["iri", "orgnr"],
        optional: &["country", "from"],
    },
];

impl Columns {
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

    /// Tells whether a column's values may be quoted in an error: nothing that could name a
    /// person, even when cells have slipped into a neighbouring column.
    pub(super) fn may_quote(self, column: &str) -> bool {
        match self {
            Self::People | Self::Identities | Self::Affiliations => false,
            _ => !matches!(column, "name" | "orgnr"),
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
