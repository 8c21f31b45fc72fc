//! Evidence from several statements: how many distinct units match, inside a window.

use std::collections::{BTreeMap, HashMap};

use jiff::ZonedDateTime;
use serde::Deserialize;
use varde_xapi::{Statement, StatementId};

use crate::finding::Missing;
use crate::matching::activity;
use crate::measure::{Measured, Threshold};
use crate::period::Period;

/// What is counted, and from how many on it shows a level.
#[derive(Debug, Clone)]
pub(crate) struct Count {
    /// Whole numbers, the least first, never empty.
    pub(crate) thresholds: Vec<Threshold>,
    pub(crate) distinct: Distinct,
    /// The span that all counted statements lie in; any span where absent.
    pub(crate) window: Option<Period>,
}

/// What counts once however often it matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Distinct {
    /// The activity that a statement is about.
    Object,
    /// The statement itself.
    #[default]
    Statement,
    /// `context.registration`.
    Registration,
}

impl Distinct {
    /// Returns the unit that a statement is counted as.
    pub(crate) fn of(self, statement: &Statement) -> Measured {
        match self {
            Self::Statement => Measured::Statement,
            Self::Object => activity(statement)
                .map_or(Measured::Missing(Missing::Object), |activity| {
                    Measured::Unit(activity.id.as_str().to_owned())
                }),
            Self::Registration => statement
                .context
                .as_ref()
                .and_then(|context| context.registration)
                .map_or(Measured::Missing(Missing::Registration), |id| {
                    Measured::Unit(id.to_string())
                }),
        }
    }
}

/// The units in the window that ends at the statement counted last.
#[derive(Debug)]
pub(crate) struct Counter {
    count: Count,
    /// The latest statement of each unit, by its number in the order of counting.
    latest: BTreeMap<usize, Counted>,
    numbers: HashMap<String, usize>,
    next: usize,
}

#[derive(Debug)]
struct Counted {
    unit: String,
    statement: StatementId,
    /// When it leaves the window.
    leaves: Option<ZonedDateTime>,
}

impl Counter {
    pub(crate) fn new(count: &Count) -> Self {
        Self {
            count: count.clone(),
            latest: BTreeMap::new(),
            numbers: HashMap::new(),
            next: 0,
        }
    }

    /// Counts a statement; those before it must have been counted before.
    pub(crate) fn add(&mut self, unit: String, statement: StatementId, local: &ZonedDateTime) {
        let window = self.count.window.as_ref();
        let leaves = window.and_then(|window| window.after(local));
        if let Some(before) = self.numbers.insert(unit.clone(), self.next) {
            self.latest.remove(&before);
        }
        let counted = Counted {
            unit,
            statement,
            leaves,
        };
        self.latest.insert(self.next, counted);
        self.next += 1;
        self.leave(local);
    }

    /// Lets go of what is no longer in the window: the oldest leaves first.
    fn leave(&mut self, now: &ZonedDateTime) {
        while let Some(first) = self.latest.first_entry() {
            if first
                .get()
                .leaves
                .as_ref()
                .is_none_or(|leaves| leaves > now)
            {
                return;
            }
            self.numbers.remove(&first.remove().unit);
        }
    }

    /// Returns how many units there are.
    pub(crate) fn number(&self) -> usize {
        self.latest.len()
    }

    /// Returns the latest statements that suffice for the level reached, the last first; only the
    /// last where none is reached. No more, so that a long history does not repeat itself in
    /// each of its entries.
    pub(crate) fn deciding(&self) -> Vec<StatementId> {
        let leasts = self.count.thresholds.iter();
        let leasts = leasts.filter_map(|threshold| threshold.text.parse::<usize>().ok());
        let reached = leasts.filter(|least| *least <= self.number()).max();
        let latest = self.latest.values().rev().take(reached.unwrap_or(1));
        latest.map(|counted| counted.statement).collect()
    }
}
