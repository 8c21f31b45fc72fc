//! A delivery, and the log of its attempts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use varde_xapi::Stored;

use super::Subject;

/// How often a delivery is attempted before it is given up: with the rests between, for two days and
/// a half, so that a target may be away over a weekend.
pub const ATTEMPTS_MAX: u32 = 16;
/// How long the first rest is, in microseconds; each is twice as long as the one before.
const REST_MIN_MICROS: i64 = 60_000_000;
/// How long the longest is, in microseconds.
const REST_MAX_MICROS: i64 = 8 * 3_600_000_000;
/// The names that ids of deliveries are made in.
const NAMES: Uuid = Uuid::from_u128(0x9f0c_7a52_5d3e_4c1b_8a64_2e1d_70b9_c3f5);

/// Names a delivery: made of what is delivered and to whom, so a repeat has the same one, even after
/// a backup was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub Uuid);

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for DeliveryId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is attempted, now or later.
    Waiting,
    /// It arrived.
    Delivered,
    /// It was attempted as often as may be.
    GivenUp,
    /// It happened before the target was named, and is not delivered unless somebody says so.
    Earlier,
}

impl State {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::GivenUp => "given-up",
            Self::Earlier => "earlier",
        }
    }
}

/// What is, was or will be brought to a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery<S> {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub target: String,
    /// What.
    #[serde(flatten)]
    pub subject: S,
    /// When it happened.
    pub happened: Stored,
    /// Where it stands.
    pub state: State,
    /// How many attempts were begun, since it was last said to be tried again.
    pub attempts: u32,
    /// When the next attempt is due, while it waits.
    pub next: Option<Stored>,
    /// When the attempt began whose outcome is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Stored>,
}

impl<S: Subject> Delivery<S> {
    /// Makes the delivery of what happened to a target: to be attempted at an instant, or of what was
    /// earlier than the target.
    pub fn of(subject: S, happened: Stored, target: &str, next: Option<Stored>) -> Self {
        let name = format!("{target}/{}/{happened}", subject.name());
        let state = if next.is_some() {
            State::Waiting
        } else {
            State::Earlier
        };
        Self {
            id: DeliveryId(Uuid::new_v5(&NAMES, name.as_bytes())),
            target: target.to_owned(),
            subject,
            happened,
            state,
            attempts: 0,
            next,
            begun: None,
        }
    }

    /// Tells what is delivered, for people.
    pub fn what(&self) -> String {
        self.subject.what()
    }

    /// Says that it is tried again from an instant on, as often as a new one.
    pub(super) fn again(&mut self, now: Stored) {
        self.state = State::Waiting;
        self.attempts = 0;
        self.next = Some(now);
    }

    /// Notes that the attempt under way failed: another one follows, or none any more.
    pub(super) fn failed(&mut self, now: Stored) {
        self.begun = None;
        if self.attempts >= ATTEMPTS_MAX {
            self.state = State::GivenUp;
            self.next = None;
        } else {
            self.next = Some(Stored(now.0.saturating_add(rest(self.attempts))));
        }
    }

    /// Notes that it arrived.
    pub(super) fn arrived(&mut self) {
        self.begun = None;
        self.state = State::Delivered;
        self.next = None;
    }

    /// Makes the line of the log of the last attempt, which began at an instant.
    pub(super) fn line(&self, at: Stored, outcome: Outcome) -> Attempt {
        Attempt {
            delivery: self.id,
            target: self.target.clone(),
            what: self.what(),
            number: self.attempts,
            at,
            outcome,
            status: None,
            detail: String::new(),
            next: self.next,
        }
    }
}

/// Returns how long nothing is attempted after so many attempts.
fn rest(attempts: u32) -> i64 {
    let doubled = attempts.saturating_sub(1).min(32);
    REST_MIN_MICROS
        .saturating_mul(1 << doubled)
        .min(REST_MAX_MICROS)
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It arrived.
    Delivered,
    /// It did not.
    Failed,
    /// The process ended before the outcome was known.
    CutShort,
}

impl Outcome {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::CutShort => "cut-short",
        }
    }
}

/// An attempt to deliver: a line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// To whom.
    pub target: String,
    /// What, in words.
    pub what: String,
    /// Which attempt, from 1.
    pub number: u32,
    /// When it began.
    pub at: Stored,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What happened, in words.
    pub detail: String,
    /// When the next attempt is due; none follows where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Stored>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_the_longest_and_last_over_a_weekend() {
        let rests: Vec<i64> = (1..ATTEMPTS_MAX).map(rest).collect();
        assert_eq!(rests[..3], [60_000_000, 120_000_000, 240_000_000]);
        assert_eq!(rests.last(), Some(&REST_MAX_MICROS));
        assert!(rests.iter().sum::<i64>() > 54 * 3_600_000_000, "{rests:?}");
        assert_eq!(rest(u32::MAX), REST_MAX_MICROS);
    }
}
