//! Answers that were worked out from the ledger and still hold.
//!
//! Reading a project's entries takes a while, and between two questions mostly none of them has changed.
//! An answer is kept and given again as long as no entry came or went ([`Snapshot::shows_the_same`]) and
//! the registers, where it looks at them, are the very same ones.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Snapshot;
use crate::registers::Registers;

/// The most answers that are kept.
const ANSWERS_MAX: usize = 64;

/// What an answer rests on: ledgers, all read as known at one instant, and the registers.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The ledgers, always in the same order.
    pub snapshots: &'a [&'a Snapshot],
    /// The registers with everything that the ledgers know; `None` where the answer does not look at them.
    pub registers: Option<&'a Arc<Registers>>,
}

impl Grounds<'_> {
    /// Tells whether nothing later was known.
    fn are_the_latest(&self) -> bool {
        let through = self.snapshots.iter().map(|one| one.complete_through);
        let through = through.min();
        let known = self.snapshots.iter().map(|one| one.known_at);
        known.min() == through
    }
}

/// An answer, and what it rests on.
#[derive(Debug)]
struct Kept<Q, A> {
    question: Q,
    snapshots: Vec<Snapshot>,
    /// Registers that changed since are not these any more.
    registers: Option<Weak<Registers>>,
    /// Whether nothing later was known: then a later answer takes its place.
    was_the_latest: bool,
    answer: A,
    rows: usize,
}

impl<Q: PartialEq, A> Kept<Q, A> {
    /// Tells whether it answers a question, and nothing that it rests on is another since.
    fn answers(&self, question: &Q, grounds: Grounds<'_>) -> bool {
        self.question == *question
            && self.is_of(grounds, Snapshot::shows_the_same)
            && match (&self.registers, grounds.registers) {
                (Some(then), Some(now)) => self.shows_the_same(then, now, grounds),
                (then, now) => then.is_none() && now.is_none(),
            }
    }

    /// Tells whether the registers are the same as known then and now. They may be ahead of what was known:
    /// their rows that were not known yet come to be so without a change.
    fn shows_the_same(
        &self,
        then: &Weak<Registers>,
        now: &Arc<Registers>,
        grounds: Grounds<'_>,
    ) -> bool {
        let newest = now.newest();
        let is_known = |one: &Snapshot, other: &Snapshot| {
            one.known_at == other.known_at || newest <= Some(one.known_at.min(other.known_at))
        };
        std::ptr::eq(then.as_ptr(), Arc::as_ptr(now)) && self.is_of(grounds, is_known)
    }

    fn is_of(&self, grounds: Grounds<'_>, alike: impl Fn(&Snapshot, &Snapshot) -> bool) -> bool {
        let (then, now) = (&self.snapshots, grounds.snapshots);
        then.len() == now.len() && then.iter().zip(now).all(|(then, now)| alike(then, now))
    }
}

/// The answers `A` to questions `Q` that are kept, the one asked for last at the end. A question says
/// everything that makes an answer what it is, beside its grounds.
#[derive(Debug)]
pub struct Remembered<Q, A> {
    /// The most rows that are kept. The answer that was asked for last is kept whatever its size.
    rows_max: usize,
    answers: Mutex<VecDeque<Kept<Q, A>>>,
}

impl<Q: PartialEq, A: Clone> Remembered<Q, A> {
    /// Keeps answers of at most so many rows together.
    pub fn new(rows_max: usize) -> Self {
        Self {
            rows_max,
            answers: Mutex::default(),
        }
    }

    /// Returns the answer to a question where it still holds.
    pub fn get(&self, question: &Q, grounds: Grounds<'_>) -> Option<A> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = answers
            .iter()
            .position(|answer| answer.answers(question, grounds))?;
        let found = answers.remove(place)?;
        let answer = found.answer.clone();
        answers.push_back(found);
        Some(answer)
    }

    /// Keeps an answer of so many rows. One of the latest takes the place of an earlier one of the latest to
    /// the same question by the same definitions.
    pub fn put(&self, question: Q, grounds: Grounds<'_>, answer: A, rows: usize) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let is_the_latest = grounds.are_the_latest();
        let is_followed = |earlier: &Kept<Q, A>| {
            let of_the_latest = earlier.was_the_latest && is_the_latest;
            let is_asked = of_the_latest && earlier.question == question;
            is_asked && earlier.is_of(grounds, |then, now| then.hash == now.hash)
        };
        answers.retain(|earlier| !is_followed(earlier));
        answers.push_back(Kept {
            question,
            snapshots: grounds.snapshots.iter().copied().cloned().collect(),
            registers: grounds.registers.map(Arc::downgrade),
            was_the_latest: is_the_latest,
            answer,
            rows,
        });
        let mut rows: usize = answers.iter().map(|answer| answer.rows).sum();
        while answers.len() > 1 && (rows > self.rows_max || answers.len() > ANSWERS_MAX) {
            rows -= answers.pop_front().map_or(0, |dropped| dropped.rows);
        }
    }
}
