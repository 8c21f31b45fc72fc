//! A note of refused requests: what was wrong, and nothing that the sender wrote.

use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use super::place;

/// The most broken rules that a note tells one by one.
pub const BROKEN_MAX: usize = 5;
/// The most characters of a text in a note.
const TEXT_CHARS_MAX: usize = 300;
/// More digits in a row than any bound of ours has.
const DIGITS_MAX: usize = 9;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The method; `other` for one that no resource has.
    pub method: String,
    /// The path of the endpoint, with `{…}` in the place of what a client chooses.
    pub route: String,
    /// The status of the answer.
    pub status: u16,
    /// The stable code of the error.
    pub code: String,
    /// What would have been accepted, where no single rule was broken.
    pub expected: Option<String>,
    /// The first broken rules, [`BROKEN_MAX`] at most.
    pub broken: Vec<Broken>,
    /// How many rules were broken, told or not.
    pub total: usize,
}

/// A broken rule: where, which, the form of what was found, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The JSON path, or the name of a parameter or header. Names that are no words of the standard or of
    /// this server stand there as their length.
    pub path: String,
    /// The line in the body, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// The rule's stable code.
    pub rule: String,
    /// Where the rule is written.
    pub section: String,
    /// The form of what was found, such as `a text of 12 characters`.
    pub shape: String,
    /// What would have been accepted; `None` where that could quote the sender.
    pub expected: Option<String>,
}

/// Refusals of one key that are alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When the last of them was.
    pub last: Stored,
    /// When the first of them was.
    pub first: Stored,
    /// How many there were.
    pub times: u64,
    /// Why the last of them was.
    #[serde(flatten)]
    pub refusal: Refusal,
}

impl Refusal {
    /// Returns it within the bounds of a note: a few broken rules, short texts, and no name that the
    /// sender chose.
    pub(super) fn bounded(mut self) -> Self {
        self.broken.truncate(BROKEN_MAX);
        for broken in &mut self.broken {
            broken.path = place::told(&broken.path);
            broken.shape = cut(&broken.shape);
            broken.expected = broken.expected.take().and_then(|text| safe(&text));
        }
        self.expected = self.expected.take().and_then(|text| safe(&text));
        self
    }

    /// Tells whether two refusals are of the same mistake: at the same endpoint, of the same rules at the
    /// same places but for the indices of lists.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        fn rules(refusal: &Refusal) -> impl Iterator<Item = (&str, impl Iterator<Item = char>)> {
            let each = refusal.broken.iter();
            each.map(|one| (one.rule.as_str(), without_digits(&one.path)))
        }
        (&self.method, &self.route, &self.code) == (&other.method, &other.route, &other.code)
            && self.broken.len() == other.broken.len()
            && rules(self)
                .zip(rules(other))
                .all(|((rule, path), (other, at))| rule == other && path.eq(at))
    }
}

fn without_digits(path: &str) -> impl Iterator<Item = char> {
    path.chars().filter(|one| !one.is_ascii_digit())
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}

/// Returns an expectation where nothing in it looks like a mail address or a number of somebody. None of
/// ours does, so this holds only what should not have come here.
fn safe(text: &str) -> Option<String> {
    let mut run = 0;
    let is_number = |one: char| {
        run = if one.is_ascii_digit() { run + 1 } else { 0 };
        run > DIGITS_MAX
    };
    let is_safe = !text.contains('@') && !text.chars().any(is_number);
    is_safe.then(|| cut(text))
}

impl Note {
    pub(super) fn of(refusal: Refusal, at: Stored) -> Self {
        Self {
            last: at,
            first: at,
            times: 1,
            refusal,
        }
    }

    /// Takes refusals of the same mistake in; what is told is the last of all.
    pub(super) fn merge(&mut self, other: Self) {
        self.times = self.times.saturating_add(other.times);
        self.first = self.first.min(other.first);
        if other.last >= self.last {
            self.last = other.last;
            self.refusal = other.refusal;
        }
    }
}
