//! Index terms: what a filter asks for, hashed so that memory does not grow with their number.

use sha2::{Digest, Sha256};
use varde_xapi::{Place, Term};

use crate::Space;

/// A hashed index term: the first 64 bits of SHA-256 over space, place and value.
///
/// Two different terms may collide; a store therefore also bounds every page by the space of the
/// row itself, so a collision can never cross spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermKey(pub u64);

impl TermKey {
    /// Hashes a term of the standard's filters within its space.
    pub fn of(space: &Space, term: &Term) -> Self {
        TermHasher::of(space).term(term)
    }

    /// Hashes the term that every statement of a space carries.
    pub fn space(space: &Space) -> Self {
        TermHasher::of(space).hash("s", "")
    }

    /// Hashes the term of the credential's authority, for `statements/read/mine`.
    pub fn authority(space: &Space, authority: &str) -> Self {
        TermHasher::of(space).hash("m", authority)
    }

    /// Hashes the term of a statement that names an attachment by this digest, in lower case.
    pub fn attachment(space: &Space, sha2: &str) -> Self {
        TermHasher::of(space).attachment(sha2)
    }
}

/// Hashes many terms of one space.
#[derive(Debug, Clone)]
pub(crate) struct TermHasher(Sha256);

impl TermHasher {
    /// Begins with the space.
    pub(crate) fn of(space: &Space) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(space.to_string().as_bytes());
        Self(hasher)
    }

    /// Does the same as [`TermKey::of`].
    pub(crate) fn term(&self, term: &Term) -> TermKey {
        let place = match term.place {
            Place::Verb => "v",
            Place::Agent => "a",
            Place::RelatedAgent => "A",
            Place::Activity => "o",
            Place::RelatedActivity => "O",
            Place::Registration => "r",
        };
        self.hash(place, &term.value)
    }

    /// Does the same as [`TermKey::attachment`].
    pub(crate) fn attachment(&self, sha2: &str) -> TermKey {
        self.hash("h", sha2)
    }

    fn hash(&self, place: &str, value: &str) -> TermKey {
        let mut hasher = self.0.clone();
        for part in ["\0", place, "\0", value] {
            hasher.update(part.as_bytes());
        }
        let digest = hasher.finalize();
        let key = digest
            .iter()
            .take(8)
            .fold(0, |key, byte| key << 8 | u64::from(*byte));
        TermKey(key)
    }
}
