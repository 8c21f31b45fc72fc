//! When a key counts: pure functions over what is known of one person and one scheme.

use jiff::civil::Date;
use varde_core::ledger::KnownFact;

use crate::conclusion::{Reason, Standing};
use crate::fact::{Completion, Said};

/// A built-in way to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountingRule {
    /// Persons who began a joint training scheme, once for each scheme.
    Participations,
    /// Persons who completed one.
    Completions,
}

impl CountingRule {
    /// The names that indicator sets use.
    pub(crate) const NAMES: [&str; 2] = [
        "joint-training-participations",
        "joint-training-completions",
    ];

    /// Returns the rule of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let [participations, completions] = Self::NAMES;
        match name {
            _ if name == participations => Some(Self::Participations),
            _ if name == completions => Some(Self::Completions),
            _ => None,
        }
    }

    /// Returns the common indicator that the rule counts.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Participations => "RCO85",
            Self::Completions => "RCR81",
        }
    }
}

/// A fact with its local day.
#[derive(Debug, Clone)]
pub(crate) struct Seen<'a> {
    pub(crate) known: &'a KnownFact,
    pub(crate) said: Said,
    pub(crate) day: Date,
}

/// Since when a scheme is joint; `None` inside for since always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JointSince(pub(crate) Option<Date>);

/// The last day that counts; `None` inside where no project file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastDay(pub(crate) Option<Date>);

impl LastDay {
    fn standing(self, day: Date) -> Standing {
        if self.0.is_none_or(|last| day <= last) {
            Standing::CountedFrom(day)
        } else {
            Standing::Excluded(Reason::AfterProjectEnd)
        }
    }
}

/// What is concluded, with the facts that decided it, the one that asks to be counted first.
#[derive(Debug, Clone)]
pub(crate) struct Finding<'f, 'a> {
    pub(crate) deciding: Vec<&'f Seen<'a>>,
    pub(crate) standing: Standing,
}

/// Decides on a participation; facts are in the order in which they decide.
pub(crate) fn participation<'f, 'a>(
    facts: &'f [Seen<'a>],
    joint: Option<JointSince>,
    last_day: LastDay,
) -> Option<Finding<'f, 'a>> {
    let first = facts.iter().find(|fact| fact.said.starts)?;
    let standing = match joint {
        None => Standing::Excluded(Reason::NotJoint),
        Some(JointSince(since)) => {
            last_day.standing(since.map_or(first.day, |since| since.max(first.day)))
        }
    };
    Some(Finding {
        deciding: vec![first],
        standing,
    })
}

/// Decides on a completion, given the participation; `own` tells the facts that speak of the
/// completion of the scheme itself.
pub(crate) fn completion<'f, 'a>(
    facts: &'f [Seen<'a>],
    own: impl Fn(&Said) -> bool,
    participation: Option<Finding<'f, 'a>>,
    last_day: LastDay,
) -> Option<Finding<'f, 'a>> {
    let facts: Vec<&Seen<'a>> = facts.iter().filter(|fact| own(&fact.said)).collect();
    let said = |fact: &Seen<'_>, completion| fact.said.completion == Some(completion);
    let done = |fact: &Seen<'_>| said(fact, Completion::Done) || said(fact, Completion::Credential);
    // The latest word on one object holds.
    let undone_later = |n: usize, fact: &Seen<'_>| {
        let later = facts.iter().skip(n);
        later
            .into_iter()
            .any(|f| said(f, Completion::Undone) && f.said.object == fact.said.object)
    };
    let held = facts
        .iter()
        .enumerate()
        .find(|(n, fact)| done(fact) && !undone_later(*n, fact));
    let first = |is: &dyn Fn(&Seen<'_>) -> bool| facts.iter().copied().find(|fact| is(fact));
    let Some((_, completed)) = held else {
        let (denied, undone) = (first(&|fact| said(fact, Completion::Denied)), first(&done));
        let (fact, reason) = match (undone, denied) {
            (Some(fact), _) => (fact, Reason::CompletionUndone),
            (None, Some(fact)) => (fact, Reason::CompletionDenied),
            (None, None) => return None,
        };
        return Some(Finding {
            deciding: vec![fact],
            standing: Standing::Excluded(reason),
        });
    };
    let mut deciding = vec![*completed];
    let standing = match participation {
        None => Standing::Excluded(Reason::NoParticipation),
        Some(participation) => {
            deciding.extend(participation.deciding);
            match participation.standing {
                Standing::CountedFrom(day) => last_day.standing(day.max(completed.day)),
                excluded @ Standing::Excluded(_) => excluded,
            }
        }
    };
    Some(Finding { deciding, standing })
}
