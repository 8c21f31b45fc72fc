//! Evidence from several statements: distinct units inside a window.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::{Timestamp, ZonedDateTime};
use serde::Deserialize;
use varde_xapi::StatementId;

use crate::fact::Said;
use crate::finding::Missing;
use crate::period::Period;

/// How many statements it takes, and which of them.
#[derive(Debug, Clone)]
pub(crate) struct Several {
    /// The least number of units, 1 or more.
    pub(crate) least: usize,
    pub(crate) distinct: Distinct,
    /// The span that all of them lie in; any span where absent.
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
    /// Returns the unit that a statement is counted as, or what it lacks for being counted.
    pub(crate) fn unit(self, statement: StatementId, said: &Said) -> Result<String, Missing> {
        match self {
            Self::Statement => Ok(statement.to_string()),
            Self::Object => said.object.clone().ok_or(Missing::Object),
            Self::Registration => said.registration.clone().ok_or(Missing::Registration),
        }
    }
}

/// The units in the window that ends at the statement taken last, each by its greatest amount.
///
/// A statement leaves when the span, added to its local date and time, has passed, and not before
/// those that happened before it.
#[derive(Debug)]
pub(crate) struct Window {
    span: Option<Period>,
    /// By the order of happening. What an equal or greater amount of its unit came after is not
    /// held: it will never decide again.
    held: BTreeMap<usize, Held>,
    /// By unit, its places in `held`: the first has the greatest amount.
    units: HashMap<String, VecDeque<usize>>,
    sum: i128,
    next: usize,
    leaves_last: Option<Timestamp>,
}

#[derive(Debug)]
struct Held {
    unit: String,
    statement: StatementId,
    leaves: Option<Timestamp>,
    amount: i128,
}

impl Window {
    pub(crate) fn new(span: Option<&Period>) -> Self {
        Self {
            span: span.cloned(),
            held: BTreeMap::new(),
            units: HashMap::new(),
            sum: 0,
            next: 0,
            leaves_last: None,
        }
    }

    /// Takes a statement in; those that happened before it must have been taken before.
    pub(crate) fn add(
        &mut self,
        unit: &str,
        statement: StatementId,
        local: &ZonedDateTime,
        amount: i128,
    ) {
        self.pass(local);
        let leaves = self.span.as_ref().and_then(|span| span.after(local));
        self.leaves_last = self
            .leaves_last
            .max(leaves.map(|leaves| leaves.timestamp()));
        let before = self.amount(unit);
        let places = self.units.entry(unit.to_owned()).or_default();
        while let Some(last) = places.back()
            && self
                .held
                .get(last)
                .is_some_and(|held| held.amount <= amount)
        {
            self.held.remove(last);
            places.pop_back();
        }
        places.push_back(self.next);
        let held = Held {
            unit: unit.to_owned(),
            statement,
            leaves: self.leaves_last,
            amount,
        };
        self.held.insert(self.next, held);
        self.next += 1;
        self.sum += self.amount(unit) - before;
    }

    /// Lets go of what is no longer in the window when it ends at a later instant.
    pub(crate) fn pass(&mut self, now: &ZonedDateTime) {
        let now = now.timestamp();
        while let Some(first) = self.held.first_entry() {
            if first.get().leaves.is_none_or(|leaves| leaves > now) {
                return;
            }
            let Held { unit, amount, .. } = first.remove();
            if let Some(places) = self.units.get_mut(&unit) {
                places.pop_front();
                if places.is_empty() {
                    self.units.remove(&unit);
                }
            }
            self.sum += self.amount(&unit) - amount;
        }
    }

    fn amount(&self, unit: &str) -> i128 {
        let place = self.units.get(unit).and_then(VecDeque::front);
        let held = place.and_then(|place| self.held.get(place));
        held.map_or(0, |held| held.amount)
    }

    /// Returns how many units there are.
    pub(crate) fn number(&self) -> usize {
        self.units.len()
    }

    /// Returns what the amounts of all units are together.
    pub(crate) fn sum(&self) -> i128 {
        self.sum
    }

    /// Returns the latest statements that suffice for so many units and such a sum, the last
    /// first. No more, so that a long history does not repeat itself in each of its entries.
    pub(crate) fn deciding(&self, least: usize, sum: i128) -> Vec<StatementId> {
        let decides = |place: &usize, held: &Held| {
            let places = self.units.get(&held.unit);
            places.and_then(VecDeque::front) == Some(place)
        };
        let latest = self.held.iter().rev();
        let latest = latest.filter(|(place, held)| decides(place, held));
        let (mut found, mut reached) = (Vec::new(), 0);
        for (_, held) in latest {
            if found.len() >= least && reached >= sum {
                break;
            }
            found.push(held.statement);
            reached += held.amount;
        }
        found
    }
}
