//! What the runner keeps of a ledger between two steps. All of it is in the store too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use varde_xapi::StatementId;

use super::entry::{Current, Row};
use super::keys::{self, Key, LedgerId};
use super::workspace::{Workspace, parse};
use super::{Group, KnownFact, Tally};
use crate::ports::{Position, Record, StoreError};
use crate::registers::NaturalKey;
use crate::space::Space;

/// Groups are let go of once facts, rows and groups together number more than this, in all ledgers
/// that move on together.
pub(super) const WEIGHT_MAX: usize = 120_000;
/// How many groups without a settlement are remembered.
const UNPLACED_MAX: usize = 100_000;
/// How many natural keys that a group asked for stand with it.
pub(super) const ASKED_MAX: usize = 64;
/// Facts and open rows of a group are kept only while there are no more of them.
pub(super) const KEPT_MAX: usize = 1_000;

/// One ledger at hand.
#[derive(Debug)]
pub(super) struct Memory {
    /// The event up to which this is what the ledger says.
    pub(super) at: Position,
    groups: HashMap<Group, Held>,
    /// Groups of which the store was found to know nothing when the step began.
    pub(super) absent: HashSet<Group>,
    /// Natural keys that nothing has asked for, of those that the step's events are about.
    pub(super) unasked: HashSet<NaturalKey>,
    /// At most how much the groups weigh.
    weight: usize,
    /// Groups are let go of once they weigh more than this.
    pub(super) weight_max: usize,
    /// Counts the uses of groups.
    uses: u64,
    /// Statements that were voided before they arrived.
    pub(super) voided: HashSet<(Space, StatementId)>,
    /// Groups whose mark is in the store.
    pub(super) marked: BTreeSet<Group>,
    /// Groups of facts that belong nowhere, whose natural keys are in the index.
    pub(super) unplaced: HashSet<Group>,
}

/// One group at hand.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Its facts in their order, where they are at hand.
    pub(super) facts: Option<Vec<KnownFact>>,
    /// What settles one more fact, where that can be done.
    pub(super) tally: Option<Box<dyn Tally>>,
    /// Its rows that hold now, by entry key, where they are at hand.
    pub(super) open: Option<BTreeMap<String, Row>>,
    /// Statements of its facts that are carried over from an earlier version of the definition;
    /// complete where its facts or a tally are at hand.
    pub(super) carried: BTreeSet<StatementId>,
    /// Natural keys under which the index is known to have it.
    pub(super) asked: HashSet<NaturalKey>,
    used: u64,
}

impl Held {
    /// A group that the store knows nothing of.
    pub(super) fn new() -> Self {
        Self {
            facts: Some(Vec::new()),
            open: Some(BTreeMap::new()),
            ..Self::default()
        }
    }

    /// Reads a group from its record, and from its facts and rows where these are all of them.
    pub(super) fn read(
        value: &[u8],
        facts: Option<Vec<Record>>,
        rows: Option<Vec<Record>>,
    ) -> Result<Self, StoreError> {
        let values = |records: Vec<Record>| records.into_iter().map(|record| record.value);
        let pairs = |records: Vec<Record>| {
            let records = records.into_iter();
            records.map(|record| (record.key, record.value))
        };
        let mut held = Self {
            open: rows.map(|rows| open_of(pairs(rows))).transpose()?,
            asked: keys::asked_of(value).collect(),
            ..Self::default()
        };
        if let Some(facts) = facts {
            held.take_facts(facts_of(values(facts))?);
        }
        Ok(held)
    }

    /// Has all of the group's facts at hand.
    pub(super) fn take_facts(&mut self, facts: Vec<KnownFact>) {
        for fact in &facts {
            self.note(fact);
        }
        self.facts = Some(facts);
    }

    /// Notes a fact that came to hand.
    pub(super) fn note(&mut self, fact: &KnownFact) {
        if fact.carried {
            self.carried.insert(fact.statement);
        }
    }

    fn weight(&self) -> usize {
        let facts = self.facts.as_ref().map_or(0, Vec::len);
        let remembered = self.tally.as_ref().map_or(0, |tally| tally.weight());
        1 + facts + remembered + self.open.as_ref().map_or(0, BTreeMap::len)
    }

    /// Lets go of what the next fact will not need.
    pub(super) fn slim(&mut self) {
        if self.tally.is_some() || self.facts.as_ref().is_some_and(|f| f.len() > KEPT_MAX) {
            self.facts = None;
        }
        if self.open.as_ref().is_some_and(|open| open.len() > KEPT_MAX) {
            self.open = None;
        }
    }
}

impl Memory {
    /// Begins with what cannot be asked for one by one.
    pub(super) async fn load(
        ledger: LedgerId,
        at: Position,
        workspace: &Workspace,
    ) -> Result<Self, StoreError> {
        let prefix = Key::of(ledger).bytes();
        let mut voided = HashSet::new();
        for (_, value) in workspace.all(keys::VOIDED, prefix.clone()).await? {
            voided.insert(parse(&value)?);
        }
        let mut marked = BTreeSet::new();
        for (_, value) in workspace.all(keys::DIRTY, prefix).await? {
            marked.insert(parse(&value)?);
        }
        Ok(Self {
            at,
            groups: HashMap::new(),
            absent: HashSet::new(),
            unasked: HashSet::new(),
            weight: 0,
            weight_max: WEIGHT_MAX,
            uses: 0,
            voided,
            marked,
            unplaced: HashSet::new(),
        })
    }

    pub(super) fn has(&self, group: &Group) -> bool {
        self.groups.contains_key(group)
    }

    /// Returns a group at hand; an empty one that knows nothing where there is none.
    pub(super) fn held(&mut self, group: &Group) -> &mut Held {
        self.uses += 1;
        if !self.groups.contains_key(group) {
            self.groups.insert(group.clone(), Held::default());
            self.weight += 1;
        }
        let held = self.groups.get_mut(group).expect("it was put there");
        held.used = self.uses;
        held
    }

    pub(super) fn insert(&mut self, group: &Group, held: Held) {
        self.weight += held.weight();
        *self.held(group) = held;
    }

    /// Notes that groups may weigh so much more.
    pub(super) fn grow(&mut self, weight: usize) {
        self.weight += weight;
    }

    /// Tells whether a statement was voided before it arrived.
    pub(super) fn is_voided(&self, space: &Space, id: StatementId) -> bool {
        !self.voided.is_empty() && self.voided.contains(&(space.clone(), id))
    }

    /// Lets go of what only the step needed.
    pub(super) fn end_step(&mut self) {
        self.absent.clear();
        self.unasked.clear();
        self.trim();
    }

    /// Lets go of groups that were not used lately, when there are too many.
    pub(super) fn trim(&mut self) {
        if self.unplaced.len() > UNPLACED_MAX {
            self.unplaced.clear();
        }
        if self.weight <= self.weight_max {
            return;
        }
        self.weight = self.weigh();
        if self.weight <= self.weight_max / 4 * 3 {
            return;
        }
        let mut uses: Vec<u64> = self.groups.values().map(|held| held.used).collect();
        let middle = uses.len() / 2;
        let (_, median, _) = uses.select_nth_unstable(middle);
        let median = *median;
        self.groups.retain(|_, held| held.used > median);
        self.weight = self.weigh();
    }

    fn weigh(&self) -> usize {
        self.groups.values().map(Held::weight).sum()
    }
}

/// Reads a group's facts, in their order.
pub(super) fn facts_of(
    values: impl Iterator<Item = Vec<u8>>,
) -> Result<Vec<KnownFact>, StoreError> {
    let facts = values.map(|value| parse::<KnownFact>(&value));
    let mut facts: Vec<KnownFact> = facts.collect::<Result<_, _>>()?;
    facts.sort_by_key(KnownFact::order);
    Ok(facts)
}

/// Reads those of a group's rows that hold now, by entry key, from the keys and values of their records.
pub(super) fn open_of(
    records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
) -> Result<BTreeMap<String, Row>, StoreError> {
    let mut open = BTreeMap::new();
    for (key, value) in records {
        if let Current::Row(row) = Current::read(&key, &value)? {
            open.insert(row.entry.key.clone(), row);
        }
    }
    Ok(open)
}
