//! Values that were worked out and still hold.
//!
//! A project with many keys takes a while to lay out, and between two questions mostly nothing of it
//! has changed. What was laid out is kept and answers again as long as no entry of the ledger came or
//! went ([`Snapshot::shows_the_same`]) and the registers are the very same ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use jiff::civil::Date;
use varde_core::disclosure::Rows;
use varde_core::ledger::Snapshot;
use varde_core::registers::Registers;
use varde_core::registers::files::OrganisationNumber;

use crate::IndicatorCode;
use crate::table::IndicatorValue;

/// The most keys and exclusions that are kept, some 1 KiB each. The answer that was asked for last is kept
/// whatever its size.
const ROWS_MAX: usize = 100_000;
/// The most answers that are kept.
const ANSWERS_MAX: usize = 64;

/// What was asked: everything that makes an answer what it is, beside the ledger and the registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) as_of: Date,
    pub(crate) code: Option<IndicatorCode>,
    seen: Seen,
}

/// Whose rows were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    All,
    OfPartner(OrganisationNumber),
    None,
}

impl Question {
    pub(crate) fn new(as_of: Date, code: Option<&IndicatorCode>, seen: Rows<'_>) -> Self {
        Self {
            as_of,
            code: code.cloned(),
            seen: match seen {
                Rows::All => Seen::All,
                Rows::OfPartner(partner) => Seen::OfPartner(partner.clone()),
                Rows::None => Seen::None,
            },
        }
    }
}

/// An answer, and what it rests on.
#[derive(Debug)]
struct Answer {
    question: Question,
    snapshot: Snapshot,
    /// Registers that changed since are not these any more.
    registers: Weak<Registers>,
    values: Vec<Arc<IndicatorValue>>,
}

impl Answer {
    /// Tells whether nothing that it rests on is another since. Registers may be ahead of what was known:
    /// their rows that were not known yet come to be so without a change.
    fn holds(&self, snapshot: &Snapshot, registers: &Arc<Registers>) -> bool {
        let (then, now) = (self.snapshot.known_at, snapshot.known_at);
        self.snapshot.shows_the_same(snapshot)
            && std::ptr::eq(self.registers.as_ptr(), Arc::as_ptr(registers))
            && (then == now || registers.newest() <= Some(then.min(now)))
    }

    fn rows(&self) -> usize {
        let rows = self.values.iter();
        rows.map(|value| value.keys.len() + value.exclusions.len())
            .sum()
    }
}

/// The answers that are kept, the one asked for last at the end.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<VecDeque<Answer>>);

impl Remembered {
    /// Returns the answer to a question where it still holds.
    pub(crate) fn get(
        &self,
        question: &Question,
        snapshot: &Snapshot,
        registers: &Arc<Registers>,
    ) -> Option<Vec<Arc<IndicatorValue>>> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |answer: &Answer| answer.holds(snapshot, registers);
        let asked = |answer: &Answer| answer.question == *question && holds(answer);
        let place = answers.iter().position(asked)?;
        let answer = answers.remove(place)?;
        let values = answer.values.clone();
        answers.push_back(answer);
        Some(values)
    }

    /// Keeps an answer in the place of an earlier one to the same question of the same set.
    pub(crate) fn put(
        &self,
        question: Question,
        snapshot: &Snapshot,
        registers: &Arc<Registers>,
        values: Vec<Arc<IndicatorValue>>,
    ) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .retain(|answer| answer.question != question || answer.snapshot.hash != snapshot.hash);
        answers.push_back(Answer {
            question,
            snapshot: snapshot.clone(),
            registers: Arc::downgrade(registers),
            values,
        });
        let mut rows: usize = answers.iter().map(Answer::rows).sum();
        while answers.len() > 1 && (rows > ROWS_MAX || answers.len() > ANSWERS_MAX) {
            let dropped = answers.pop_front();
            rows -= dropped.map_or(0, |dropped| dropped.rows());
        }
    }
}
