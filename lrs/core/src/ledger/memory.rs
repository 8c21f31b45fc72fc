//! What the runner keeps of a ledger between two steps. All of it is in the store too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use varde_xapi::StatementId;

use super::entry::Row;
use super::keys::{self, Key, LedgerId};
use super::workspace::{Workspace, parse};
use super::{Group, KnownFact, Tally};
use crate::ports::{Position, StoreError};
use crate::registers::NaturalKey;
use crate::space::Space;

/// Groups are let go of once facts, rows and groups together number more than this.
const WEIGHT_MAX: usize = 120_000;
/// How many groups without a settlement are remembered.
const UNPLACED_MAX: usize = 100_000;
/// Facts and open rows of a group are kept only while there are no more of them.
pub(super) const KEPT_MAX: usize = 1_000;

/// One ledger at hand.
#[derive(Debug)]
pub(super) struct Memory {
    /// The event up to which this is what the ledger says.
    pub(super) at: Position,
    groups: HashMap<Group, Held>,
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

    fn weight(&self) -> usize {
        let facts = self.facts.as_ref().map_or(0, Vec::len);
        1 + facts + self.open.as_ref().map_or(0, BTreeMap::len)
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
        let held = self.groups.entry(group.clone()).or_default();
        held.used = self.uses;
        held
    }

    pub(super) fn insert(&mut self, group: &Group, held: Held) {
        *self.held(group) = held;
    }

    /// Lets go of groups that were not used lately, when there are too many.
    pub(super) fn trim(&mut self) {
        if self.unplaced.len() > UNPLACED_MAX {
            self.unplaced.clear();
        }
        let weight: usize = self.groups.values().map(Held::weight).sum();
        if weight <= WEIGHT_MAX {
            return;
        }
        let mut uses: Vec<u64> = self.groups.values().map(|held| held.used).collect();
        let middle = uses.len() / 2;
        let (_, median, _) = uses.select_nth_unstable(middle);
        let median = *median;
        self.groups.retain(|_, held| held.used > median);
    }
}
