//! The kinds of document that there are.

use std::fmt;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::tree::BYTES_MAX;

/// What a document is. Its first identifying key says so: `rule:`, `indicator-set:`,
/// `CFDocument:`, `project:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Which statements are evidence of a competence, and of which level.
    EvidenceRule,
    /// Which indicators a project reports, and by which rules they count.
    IndicatorSet,
    /// A competence framework: a CASE package.
    Framework,
    /// A project: its code, dates, zone and partners.
    Project,
}

/// A schema as text and compiled.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) source: Value,
    pub(crate) validator: Validator,
}

static EVIDENCE_RULE: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../schemas/evidence-rule.json")));
static INDICATOR_SET: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../schemas/indicator-set.json")));
static FRAMEWORK: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../schemas/framework.json")));
static PROJECT: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../schemas/project.json")));

impl Kind {
    /// Every kind.
    pub const EACH: [Self; 4] = [
        Self::EvidenceRule,
        Self::IndicatorSet,
        Self::Framework,
        Self::Project,
    ];

    /// Returns the kind's name, as definitions carry it.
    pub fn name(self) -> &'static str {
        match self {
            Self::EvidenceRule => "evidence-rule",
            Self::IndicatorSet => "indicator-set",
            Self::Framework => "framework",
            Self::Project => "project",
        }
    }

    /// Returns the key that tells the kind. It holds the document's id; that of a framework is the
    /// document's `uri`.
    pub fn key(self) -> &'static str {
        match self {
            Self::EvidenceRule => "rule",
            Self::IndicatorSet => "indicator-set",
            Self::Framework => "CFDocument",
            Self::Project => "project",
        }
    }

    /// Returns how many bytes a document of the kind has at most. National curricula are frameworks
    /// of several mebibytes; whoever writes anything else writes it by hand.
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Framework => BYTES_MAX,
            Self::EvidenceRule | Self::IndicatorSet | Self::Project => 1024 * 1024,
        }
    }

    /// Returns the kind that a key tells.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        Self::EACH.into_iter().find(|kind| kind.key() == key)
    }

    pub(crate) fn schema(self) -> &'static Schema {
        match self {
            Self::EvidenceRule => &EVIDENCE_RULE,
            Self::IndicatorSet => &INDICATOR_SET,
            Self::Framework => &FRAMEWORK,
            Self::Project => &PROJECT,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Schema {
    fn of(text: &str) -> Self {
        let source = serde_json::from_str(text).expect("the schemas are JSON, as a test shows");
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&source)
            .expect("the schemas are valid, as a test shows");
        Self { source, validator }
    }
}
