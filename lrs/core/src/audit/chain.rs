//! The lines of the audit log and how each hangs on the one before.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use varde_xapi::Stored;

use super::Told;
use crate::{KeyId, Role};

/// SHA-256 over a line and the hash before it, as 64 hex digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChainHash(String);

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When.
    pub at: Stored,
    /// Who: the key. The operator at the data folder has the nil id.
    pub key: KeyId,
    /// What the person behind the key is here for, which is the purpose of the reading; `None`
    /// for a machine.
    pub role: Option<Role>,
    /// What the caller was told.
    pub told: Told,
    /// The hash of the line before, empty for the first.
    pub before: ChainHash,
    /// The hash of this line.
    pub hash: ChainHash,
}

impl AuditLine {
    /// Returns the hash that the line must have.
    pub(super) fn reckoned(&self) -> ChainHash {
        let content = (self.number, self.at, self.key, self.role, &self.told);
        let mut hasher = Sha256::new();
        hasher.update(self.before.0.as_bytes());
        // Plain data with text keys always has a JSON form.
        hasher.update(serde_json::to_vec(&content).unwrap_or_default());
        let mut text = String::new();
        for byte in hasher.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        ChainHash(text)
    }
}

/// The end of the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Linked {
    /// The number of the last line, 0 while there is none.
    pub(super) number: u64,
    /// The hash of the last line.
    pub(super) hash: ChainHash,
}

impl Linked {
    pub(super) fn to(line: &AuditLine) -> Self {
        Self {
            number: line.number,
            hash: line.hash.clone(),
        }
    }

    /// Makes the line that comes next.
    pub(super) fn line(&self, at: Stored, who: (KeyId, Option<Role>), told: Told) -> AuditLine {
        let (key, role) = who;
        let mut line = AuditLine {
            number: self.number + 1,
            at,
            key,
            role,
            told,
            before: self.hash.clone(),
            hash: ChainHash::default(),
        };
        line.hash = line.reckoned();
        line
    }
}
