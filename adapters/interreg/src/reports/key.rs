//! What a key of an indicator is known by from one report to the next.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A key by what makes it one: a person in a scheme, an enterprise, a solution. Persons stand here
/// by their ids, never by pseudonyms: a report is kept for years and must not tell of anybody who
/// was erased since.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReportKey {
    /// The unit: a scheme, an action, a solution, by its IRI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The person, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The organisation, by country and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

impl ReportKey {
    /// Returns what the key is made of, in a fixed order.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        let parts = [&self.unit, &self.person, &self.organisation];
        parts.into_iter().flatten().map(String::as_str)
    }

    /// Tells whether it names nothing at all.
    pub fn is_empty(&self) -> bool {
        self.parts().next().is_none()
    }
}

impl fmt::Display for ReportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().collect::<Vec<_>>().join(" | "))
    }
}
