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
        let place = match term.place {
            Place::Verb => "v",
            Place::Agent => "a",
            Place::RelatedAgent => "A",
            Place::Activity => "o",
            Place::RelatedActivity => "O",
            Place::Registration => "r",
        };
        Self::hash(&space.to_string(), place, &term.value)
    }

    /// Hashes the term that every statement of a space carries.
    pub fn space(space: &Space) -> Self {
        Self::hash(&space.to_string(), "s", "")
    }

    /// Hashes the term of the credential's authority, for `statements/read/mine`.
    pub fn authority(space: &Space, authority: &str) -> Self {
        Self::hash(&space.to_string(), "m", authority)
    }

    /// Hashes the term of a statement that names an attachment by this digest, in lower case.
    pub fn attachment(space: &Space, sha2: &str) -> Self {
        Self::hash(&space.to_string(), "h", sha2)
    }

    fn hash(space: &str, place: &str, value: &str) -> Self {
        let mut hasher = Sha256::new();
        for part in [space, "\0", place, "\0", value] {
            hasher.update(part.as_bytes());
        }
        let digest = hasher.finalize();
        Self(
            digest
                .iter()
                .take(8)
                .fold(0, |key, byte| key << 8 | u64::from(*byte)),
        )
    }
}
