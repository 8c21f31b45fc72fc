//! Activities and their definitions.

use super::statement::Extensions;
use crate::iri::Iri;
use crate::language::LanguageMap;

/// Something that can be done (xAPI 1.0.3 Data 2.4.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The activity's identifier.
    pub id: Iri,
    /// What the sender said of it; boxed, since most statements name many activities barely.
    pub definition: Option<Box<ActivityDefinition>>,
}

/// What a sender says of an activity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityDefinition {
    /// The name by language.
    pub name: LanguageMap,
    /// The description by language.
    pub description: LanguageMap,
    /// The `type` member.
    pub activity_type: Option<Iri>,
    /// Where a person can read more.
    pub more_info: Option<Iri>,
    /// The interaction members, when there is an `interactionType`.
    pub interaction: Option<Interaction>,
    /// Further members.
    pub extensions: Extensions,
}

/// The interaction members of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// The `interactionType`.
    pub interaction_type: InteractionType,
    /// The `correctResponsesPattern`, uninterpreted.
    pub correct_responses_pattern: Vec<String>,
    /// `choices`, for choice and sequencing.
    pub choices: Vec<InteractionComponent>,
    /// `scale`, for likert.
    pub scale: Vec<InteractionComponent>,
    /// `source`, for matching.
    pub source: Vec<InteractionComponent>,
    /// `target`, for matching.
    pub target: Vec<InteractionComponent>,
    /// `steps`, for performance.
    pub steps: Vec<InteractionComponent>,
}

/// One entry of an interaction's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InteractionComponent {
    /// The id, unique within its list.
    pub id: String,
    /// The description by language.
    pub description: LanguageMap,
}

/// The ten kinds of interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InteractionType {
    /// `true-false`
    TrueFalse,
    /// `choice`
    Choice,
    /// `fill-in`
    FillIn,
    /// `long-fill-in`
    LongFillIn,
    /// `matching`
    Matching,
    /// `performance`
    Performance,
    /// `sequencing`
    Sequencing,
    /// `likert`
    Likert,
    /// `numeric`
    Numeric,
    /// `other`
    Other,
}

impl InteractionType {
    /// Every kind with its name in the standard.
    pub const NAMES: [(Self, &'static str); 10] = [
        (Self::TrueFalse, "true-false"),
        (Self::Choice, "choice"),
        (Self::FillIn, "fill-in"),
        (Self::LongFillIn, "long-fill-in"),
        (Self::Matching, "matching"),
        (Self::Performance, "performance"),
        (Self::Sequencing, "sequencing"),
        (Self::Likert, "likert"),
        (Self::Numeric, "numeric"),
        (Self::Other, "other"),
    ];

    /// Returns the kind of this exact name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(kind, _)| *kind)
    }

    /// Returns the component lists that belong to the kind.
    pub fn lists(self) -> &'static [&'static str] {
        match self {
            Self::Choice | Self::Sequencing => &["choices"],
            Self::Likert => &["scale"],
            Self::Matching => &["source", "target"],
            Self::Performance => &["steps"],
            Self::TrueFalse | Self::FillIn | Self::LongFillIn | Self::Numeric | Self::Other => &[],
        }
    }
}
