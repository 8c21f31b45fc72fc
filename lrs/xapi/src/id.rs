//! Statement ids.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a statement; prints in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatementId(pub Uuid);

impl StatementId {
    /// Reads the 8-4-4-4-12 text form in any letter case; `None` for any other form.
    ///
    /// xAPI 1.0.3 Data 4.4. Braces, URNs and the form without dashes are refused.
    pub fn parse(text: &str) -> Option<Self> {
        parse_uuid(text).map(Self)
    }
}

/// Reads a UUID in the 8-4-4-4-12 form only.
pub(crate) fn parse_uuid(text: &str) -> Option<Uuid> {
    // The length rules out every other form that the parser knows.
    (text.len() == 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

impl fmt::Display for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl From<Uuid> for StatementId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}
