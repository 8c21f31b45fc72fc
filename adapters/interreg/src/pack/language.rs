//! The languages of a pack.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::set::Names;

/// A language of the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Norwegian bokmål.
    Nb,
    /// Swedish.
    Sv,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const EACH: [Self; 3] = [Self::Nb, Self::Sv, Self::En];

    /// Returns its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Nb => "nb",
            Self::Sv => "sv",
            Self::En => "en",
        }
    }

    /// Returns the code by which Jems names it.
    pub(super) fn in_jems(self) -> &'static str {
        match self {
            Self::Nb => "NO",
            Self::Sv => "SV",
            Self::En => "EN",
        }
    }

    /// Returns a name in this language.
    pub fn of(self, names: &Names) -> &str {
        match self {
            Self::Nb => &names.nb,
            Self::Sv => &names.sv,
            Self::En => &names.en,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = ();

    fn from_str(tag: &str) -> Result<Self, ()> {
        let mut each = Self::EACH.into_iter();
        each.find(|language| language.tag() == tag).ok_or(())
    }
}

/// How a table speaks: to programs in the codes of `report.json`, or to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The codes themselves.
    Codes,
    /// Words of a language.
    In(Language),
}

impl Voice {
    /// Returns a name; programs are given the English one.
    pub(crate) fn name(self, names: &Names) -> &str {
        match self {
            Self::Codes => &names.en,
            Self::In(language) => language.of(names),
        }
    }
}
