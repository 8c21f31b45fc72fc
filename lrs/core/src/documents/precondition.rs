//! Conditions on what is there already (RFC 9110 13.1, xAPI 1.0.3 Communication 3.1).

use super::{Document, RefusedDocument};

/// The entity tags that a condition names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// Any document at all (`*`).
    Any,
    /// A document with one of these tags, given without quotes.
    Of(Vec<String>),
}

impl Tags {
    fn include(&self, document: &Document) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => tags.contains(&document.etag),
        }
    }
}

/// What must hold of the present document for a change to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// One that has one of these tags is there.
    pub if_match: Option<Tags>,
    /// None that has one of these tags is there.
    pub if_none_match: Option<Tags>,
}

impl Preconditions {
    /// Tells whether nothing is demanded.
    pub fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    pub(super) fn check(&self, existing: Option<&Document>) -> Result<(), RefusedDocument> {
        let among = |tags: &Tags| existing.is_some_and(|document| tags.include(document));
        let matches = self.if_match.as_ref().is_none_or(among);
        if matches && !self.if_none_match.as_ref().is_some_and(among) {
            Ok(())
        } else {
            Err(RefusedDocument::Precondition {
                etag: existing.map(|document| document.etag.clone()),
            })
        }
    }
}
