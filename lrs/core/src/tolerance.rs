//! Tolerances: rules that one key's front end is let off, since it cannot be mended.
//!
//! A tolerance mends the shape of a request. None lets a statement in that breaks a rule.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A rule that the requests of a key may break; each is off unless a key is given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tolerance {
    /// Query parameters that no resource of the standard has are ignored, where xAPI 1.0.3
    /// Communication 3.2 refuses them.
    ///
    /// For content on `TinCanJS`, which adds the parameters of its launch link that it does not
    /// know to every request, and for pages that add one of their own against caches, such as
    /// the `cachebuster` of `@xapi/xapi`. A name that the standard has, out of place or in other
    /// letter case, is still refused: without it the request would mean something else.
    UnknownParameters,
    /// A state or profile document that says to be JSON and is not is kept as mere bytes
    /// (`application/octet-stream`), where xAPI 1.0.3 Communication 1.5 refuses it.
    ///
    /// For Captivate and Articulate Rise, which send bare text as `application/json`.
    MislabelledDocuments,
    /// A new profile is stored without `If-Match` or `If-None-Match` under 1.0.x, where xAPI
    /// 1.0.3 Communication 3.1 asks for one of them. Nothing that is there is replaced so.
    ///
    /// For older releases of `TinCanPHP`, Moodle's launch plugin with it, and `TinCan.NET`.
    UnconditionalProfiles,
}

impl Tolerance {
    /// Every tolerance.
    pub const EACH: [Self; 3] = [
        Self::UnknownParameters,
        Self::MislabelledDocuments,
        Self::UnconditionalProfiles,
    ];

    /// Returns the name by which a key is given it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownParameters => "unknown-parameters",
            Self::MislabelledDocuments => "mislabelled-documents",
            Self::UnconditionalProfiles => "unconditional-profiles",
        }
    }
}

/// A text that names no tolerance.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{found}` is no tolerance: expected one of {}", names())]
pub struct ToleranceError {
    /// The text as given.
    pub found: String,
}

fn names() -> String {
    Tolerance::EACH.map(Tolerance::name).join(", ")
}

impl FromStr for Tolerance {
    type Err = ToleranceError;

    fn from_str(text: &str) -> Result<Self, ToleranceError> {
        Self::EACH
            .into_iter()
            .find(|tolerance| tolerance.name() == text)
            .ok_or_else(|| ToleranceError {
                found: text.to_owned(),
            })
    }
}

/// How often tolerances were used; one that never was is left out.
pub type ToleranceUses = BTreeMap<Tolerance, u64>;

/// What a caller's requests are let off, and a count of its uses that all requests of the key
/// share.
#[derive(Debug, Clone, Default)]
pub struct Tolerances {
    granted: Arc<[Tolerance]>,
    counts: Arc<Counts>,
}

impl Tolerances {
    pub(crate) fn new(granted: &[Tolerance], counts: Arc<Counts>) -> Self {
        Self {
            granted: granted.into(),
            counts,
        }
    }

    /// Tells whether a request may break the rule.
    pub fn include(&self, tolerance: Tolerance) -> bool {
        self.granted.contains(&tolerance)
    }

    /// Counts a request that broke the rule and was let off.
    pub fn used(&self, tolerance: Tolerance) {
        for count in [&self.counts.since_start, &self.counts.unrecorded] {
            count.of(tolerance).fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl PartialEq for Tolerances {
    /// Tells whether both are let off the same rules.
    fn eq(&self, other: &Self) -> bool {
        self.granted == other.granted
    }
}

impl Eq for Tolerances {}

/// The uses of one key's tolerances in this process.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    since_start: Count,
    unrecorded: Count,
}

impl Counts {
    pub(crate) fn since_start(&self, tolerance: Tolerance) -> u64 {
        self.since_start.of(tolerance).load(Ordering::Relaxed)
    }

    /// Takes out the uses that are in no record yet.
    pub(crate) fn take_unrecorded(&self) -> ToleranceUses {
        let taken = Tolerance::EACH.map(|tolerance| {
            let count = self.unrecorded.of(tolerance).swap(0, Ordering::Relaxed);
            (tolerance, count)
        });
        taken.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// Puts uses back that could not be recorded.
    pub(crate) fn put_back(&self, uses: &ToleranceUses) {
        for (tolerance, count) in uses {
            self.unrecorded
                .of(*tolerance)
                .fetch_add(*count, Ordering::Relaxed);
        }
    }
}

/// One count of each tolerance.
#[derive(Debug, Default)]
struct Count {
    unknown_parameters: AtomicU64,
    mislabelled_documents: AtomicU64,
    unconditional_profiles: AtomicU64,
}

impl Count {
    fn of(&self, tolerance: Tolerance) -> &AtomicU64 {
        match tolerance {
            Tolerance::UnknownParameters => &self.unknown_parameters,
            Tolerance::MislabelledDocuments => &self.mislabelled_documents,
            Tolerance::UnconditionalProfiles => &self.unconditional_profiles,
        }
    }
}
