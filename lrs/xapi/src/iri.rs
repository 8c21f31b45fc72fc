//! Absolute IRIs, compared as plain text.

use std::fmt;

/// An absolute IRI (RFC 3987), equal only to the very same characters.
///
/// Simple comparison keeps two documents or filters from being taken for one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iri(String);

impl Iri {
    /// Takes a text that is an absolute IRI; `None` when it is relative or malformed.
    pub fn parse(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        fluent_uri::Iri::parse(text.as_str())
            .is_ok()
            .then_some(Self(text))
    }

    /// Returns the text as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text as sent, by value.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl AsRef<str> for Iri {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Iri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
