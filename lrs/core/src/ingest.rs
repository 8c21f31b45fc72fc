//! What becomes of what a key sends, before it is stored.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What becomes of national identity numbers in statements of a key.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum NationalIdPolicy {
    /// The statement is stored as it was sent, and noted for whoever looks after the data.
    #[default]
    Flag,
    /// An asterisk stands for each digit of the number from then on, and the statement is noted.
    Mask,
    /// The statement is not stored.
    Refuse,
}

impl NationalIdPolicy {
    /// Every policy.
    pub const EACH: [Self; 3] = [Self::Flag, Self::Mask, Self::Refuse];

    /// Returns the name by which a key is given it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Mask => "mask",
            Self::Refuse => "refuse",
        }
    }
}

impl fmt::Display for NationalIdPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no such policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{found}` is nothing that becomes of national identity numbers: expected flag, mask or refuse"
)]
pub struct NationalIdPolicyError {
    /// The text as given.
    pub found: String,
}

impl FromStr for NationalIdPolicy {
    type Err = NationalIdPolicyError;

    fn from_str(text: &str) -> Result<Self, NationalIdPolicyError> {
        let mut policies = Self::EACH.into_iter();
        let named = policies.find(|policy| policy.name() == text);
        named.ok_or_else(|| NationalIdPolicyError {
            found: text.to_owned(),
        })
    }
}

/// What is laid down for a key of what it sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestPolicy {
    /// What becomes of national identity numbers.
    #[serde(default)]
    pub national_ids: NationalIdPolicy,
    /// Whether a pseudonym stands for everybody who is identified in them.
    #[serde(default)]
    pub pseudonymise: bool,
}

/// The policy that a caller's statements are stored under, and a count that all callers share.
#[derive(Debug, Clone, Default)]
pub struct Ingest {
    /// The policy.
    pub policy: IngestPolicy,
    pub(crate) counts: Arc<IngestCounts>,
}

impl Ingest {
    /// Returns the same with a policy that changes and refuses nothing.
    #[must_use]
    pub fn flagging(&self) -> Self {
        Self {
            policy: IngestPolicy::default(),
            counts: Arc::clone(&self.counts),
        }
    }
}

impl PartialEq for Ingest {
    /// Tells whether both are of the same policy.
    fn eq(&self, other: &Self) -> bool {
        self.policy == other.policy
    }
}

impl Eq for Ingest {}

/// How many statements had national identity numbers, by what became of them.
#[derive(Debug, Default)]
pub struct IngestCounts {
    flagged: AtomicU64,
    masked: AtomicU64,
    refused: AtomicU64,
}

impl IngestCounts {
    /// Returns the count since this process began.
    pub fn of(&self, policy: NationalIdPolicy) -> u64 {
        self.count(policy).load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, policy: NationalIdPolicy, statements: usize) {
        let count = self.count(policy);
        count.fetch_add(statements as u64, Ordering::Relaxed);
    }

    fn count(&self, policy: NationalIdPolicy) -> &AtomicU64 {
        match policy {
            NationalIdPolicy::Flag => &self.flagged,
            NationalIdPolicy::Mask => &self.masked,
            NationalIdPolicy::Refuse => &self.refused,
        }
    }
}
