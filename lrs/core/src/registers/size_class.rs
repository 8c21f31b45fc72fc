//! The size class of an enterprise, by Commission Recommendation 2003/361/EC, Annex, Article 2.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_xapi::Number;

use super::{EntityKind, RegisterView};

/// How large an enterprise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeClass {
    /// Fewer than 10 persons, and turnover or balance of at most 2 million euro.
    Micro,
    /// Fewer than 50 persons, and turnover or balance of at most 10 million euro.
    Small,
    /// Fewer than 250 persons, and turnover of at most 50 or balance of at most 43 million euro.
    Medium,
    /// None of the others.
    Large,
    /// The registers do not say enough to decide.
    Unknown,
}

/// Each class with its ceilings: headcount below, turnover and balance in million euro up to.
const CEILINGS: [(SizeClass, u16, u16, u16); 3] = [
    (SizeClass::Micro, 10, 2, 2),
    (SizeClass::Small, 50, 10, 10),
    (SizeClass::Medium, 250, 50, 43),
];

impl SizeClass {
    /// Returns the size class of an organisation on a day: the smallest whose headcount is under
    /// its ceiling and of whose turnover and balance one is.
    ///
    /// What the registers leave open counts as open: the class is decided where every value that is
    /// missing would give the same one.
    pub fn of(organisation: &str, registers: &RegisterView<'_>, day: Date) -> Self {
        let number = |field: &str| {
            let value = registers.value(EntityKind::Organisation, organisation, field, day)?;
            Number::parse(value)
        };
        let figures = Figures {
            headcount: number("headcount"),
            turnover: number("turnover-meur"),
            balance: number("balance-meur"),
        };
        for (class, headcount, turnover, balance) in CEILINGS {
            match figures.fit(headcount, turnover, balance) {
                Some(true) => return class,
                Some(false) => {}
                None => return Self::Unknown,
            }
        }
        Self::Large
    }

    /// Returns the class's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Micro => "micro",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for SizeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of an enterprise, to the digit.
struct Figures {
    headcount: Option<Number>,
    turnover: Option<Number>,
    balance: Option<Number>,
}

impl Figures {
    /// Tells whether they are under the ceilings of a class; `None` where what is missing decides.
    fn fit(&self, headcount: u16, turnover: u16, balance: u16) -> Option<bool> {
        let below = under(self.headcount.as_ref(), headcount, false);
        let turnover = under(self.turnover.as_ref(), turnover, true);
        let balance = under(self.balance.as_ref(), balance, true);
        let money = match (turnover, balance) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        match (below, money) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

/// Tells whether a figure is below a ceiling, or also at it where `inclusive`.
fn under(figure: Option<&Number>, ceiling: u16, inclusive: bool) -> Option<bool> {
    let ceiling = Number::parse(&ceiling.to_string())?;
    let figure = figure?;
    Some(*figure < ceiling || (inclusive && *figure == ceiling))
}
