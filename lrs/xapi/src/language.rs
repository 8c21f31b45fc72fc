//! Language tags and texts in several languages.

use std::fmt;

use oxilangtag::LanguageTag as Syntax;

/// A language tag (RFC 5646), kept as sent and compared without regard to letter case.
#[derive(Debug, Clone)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// Takes a well-formed tag without repeated singletons; `None` otherwise.
    pub fn parse(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let well_formed = Syntax::parse(text.as_str()).is_ok() && !repeats_a_singleton(&text);
        well_formed.then_some(Self(text))
    }

    /// Returns the tag as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Tells whether an extension singleton occurs twice before any private use part.
fn repeats_a_singleton(tag: &str) -> bool {
    let mut seen = Vec::new();
    let subtags = tag
        .split('-')
        .take_while(|part| !part.eq_ignore_ascii_case("x"));
    for subtag in subtags.filter(|part| part.len() == 1) {
        let singleton = subtag.to_ascii_lowercase();
        if seen.contains(&singleton) {
            return true;
        }
        seen.push(singleton);
    }
    false
}

impl PartialEq for LanguageTag {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for LanguageTag {}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Texts by language, in the sender's order; may be empty (xAPI 1.0.3 Data 4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LanguageMap(pub Vec<(LanguageTag, String)>);

impl LanguageMap {
    /// Returns the text of exactly this tag, letter case aside.
    pub fn get(&self, tag: &str) -> Option<&str> {
        let entry = self
            .0
            .iter()
            .find(|(key, _)| key.as_str().eq_ignore_ascii_case(tag))?;
        Some(&entry.1)
    }

    /// Tells whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
