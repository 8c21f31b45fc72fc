//! The few facts of a key that can still decide, so that a person of many statements costs no more
//! than one of few.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use varde_core::ledger::{Entry, Group, KnownFact, Tally};
use varde_core::registers::RegisterView;
use varde_xapi::StatementId;

use crate::conclusion::DROPPED_AFTER_DAYS;
use crate::counting_rule::CountingRule;
use crate::fact::{Completion, Said, Told as _};
use crate::group::GroupKey;
use crate::rulebook::{Counted, Rules};

/// No zone's day begins within a quarter of an hour, so facts of one quarter are of one day.
const QUARTER_SECONDS: i64 = 900;
/// A participation is not dropped between two starts this far apart, in whichever zone: two days less
/// than it takes.
const UNBROKEN_SECONDS: i64 = (DROPPED_AFTER_DAYS as i64 - 2) * 24 * 60 * 60;

/// A key's group, remembered by the facts that can still decide.
#[derive(Debug)]
pub(crate) struct Deciding {
    rules: Arc<Rules>,
    group: Group,
    facts: Vec<KnownFact>,
    /// The last of all facts, forgotten or not.
    last: Option<(Timestamp, StatementId, u32)>,
}

impl Deciding {
    /// Remembers a person's group; `None` for others, which are small.
    pub(crate) fn of(rules: Arc<Rules>, group: &Group, facts: &[KnownFact]) -> Option<Self> {
        match GroupKey::parse(&group.key)? {
            GroupKey::Ambiguous(..)
            | GroupKey::Scheme(..)
            | GroupKey::AmbiguousAction(..)
            | GroupKey::Action(..)
            | GroupKey::Participant(_) => {}
            _ => return None,
        }
        let mut deciding = Self {
            rules,
            group: group.clone(),
            facts: facts.to_vec(),
            last: facts.last().map(KnownFact::order),
        };
        deciding.forget();
        Some(deciding)
    }

    /// Forgets the facts that decide nothing, now or after any other fact.
    fn forget(&mut self) {
        let deciding = self.deciding();
        let mut place = 0..;
        self.facts
            .retain(|_| place.next().is_some_and(|place| deciding.contains(&place)));
    }

    /// Returns the places of: the first fact; the first that begins; where the course of a participation
    /// is followed those that begin and are the last before a break or the first behind it; of a joint action
    /// the first of each quarter of an hour that attends; and of those that speak of the scheme's
    /// completion the first that says so, the first that denies it, and for each object the last that takes it back and the
    /// first that says so again.
    fn deciding(&self) -> BTreeSet<usize> {
        let (in_action, has_course) = self.follows();
        let mut first = Firsts::default();
        let mut objects: BTreeMap<String, Firsts> = BTreeMap::new();
        let mut attended: BTreeMap<i64, usize> = BTreeMap::new();
        let mut course = Starts::default();
        for (place, fact) in self.facts.iter().enumerate() {
            first.any.get_or_insert(place);
            let Some(said) = Said::of(fact) else { continue };
            if said.starts {
                first.start.get_or_insert(place);
            }
            let second = fact.happened.as_second();
            if in_action && said.attended {
                let quarter = second.div_euclid(QUARTER_SECONDS);
                attended.entry(quarter).or_insert(place);
            }
            if has_course && said.starts {
                course.add(second, place);
            }
            if !self.completes(&said) {
                continue;
            }
            let object = objects.entry(said.object).or_default();
            match said.completion {
                Some(Completion::Done | Completion::Credential) => {
                    first.done.get_or_insert(place);
                    object.done.get_or_insert(place);
                }
                Some(Completion::Denied) => {
                    first.denied.get_or_insert(place);
                }
                Some(Completion::Undone) => (object.undone, object.done) = (Some(place), None),
                None => {}
            }
        }
        objects
            .values()
            .flat_map(Firsts::places)
            .chain(first.places())
            .chain(attended.into_values())
            .chain(course.0.into_iter().map(|(_, place)| place))
            .collect()
    }

    /// Tells whether the group is a person's in an action, and whether the course of a participation is
    /// followed in it.
    fn follows(&self) -> (bool, bool) {
        let mut indicators = self.rules.indicators.iter();
        match GroupKey::parse(&self.group.key) {
            Some(GroupKey::Action(..)) => (true, false),
            Some(GroupKey::Scheme(..)) => {
                let is_rate = |counted: &Counted| counted.rule == CountingRule::CompletionRate;
                (false, indicators.any(is_rate))
            }
            _ => (false, false),
        }
    }

    fn completes(&self, said: &Said) -> bool {
        let Some(GroupKey::Scheme(scheme, _)) = GroupKey::parse(&self.group.key) else {
            return false;
        };
        self.rules.completes(said, scheme)
    }
}

impl Tally for Deciding {
    fn weight(&self) -> usize {
        self.facts.len()
    }

    fn add(
        &mut self,
        fact: &KnownFact,
        read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Option<Vec<Entry>> {
        let order = fact.order();
        let said = Said::of(fact)?;
        let takes_back = said.completion == Some(Completion::Undone) && self.completes(&said);
        // One that comes late may let a forgotten one decide.
        if takes_back && Some(order) < self.last {
            return None;
        }
        self.last = self.last.max(Some(order));
        let place = self.facts.partition_point(|known| known.order() < order);
        let before = self.facts.len();
        self.facts.insert(place, fact.clone());
        self.forget();
        let decides = self.facts.iter().any(|known| known.order() == order);
        if !decides && self.facts.len() == before {
            // Those that decide are the same as before, and so is what follows from them.
            return Some(Vec::new());
        }
        let (group, facts) = (&self.group, &self.facts);
        Some(self.rules.conclude(group, facts, read, registers))
    }
}

/// Starts of a participation by their seconds, without those between two that are unbroken: whatever
/// comes later, there is no break between these.
#[derive(Debug, Default)]
struct Starts(Vec<(i64, usize)>);

impl Starts {
    /// Adds a start that is no earlier than the others.
    fn add(&mut self, second: i64, place: usize) {
        if let [.., (before, _), last] = self.0.as_mut_slice()
            && second - *before <= UNBROKEN_SECONDS
        {
            *last = (second, place);
        } else {
            self.0.push((second, place));
        }
    }
}

/// Places of facts.
#[derive(Debug, Default)]
struct Firsts {
    any: Option<usize>,
    start: Option<usize>,
    done: Option<usize>,
    denied: Option<usize>,
    undone: Option<usize>,
}

impl Firsts {
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let all = [self.any, self.start, self.done, self.denied, self.undone];
        all.into_iter().flatten()
    }
}
