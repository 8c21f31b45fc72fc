use std::collections::{BTreeMap, BTreeSet};

use varde_core::Position;
use varde_core::ledger::{Entry, Group, KnownFact, Rulebook, Tally, Witness};
use varde_core::registers::{RegisterView, Registers};
use varde_xapi::Stored;

use crate::{Draft, acquainted_with};

/// Returns the facts of drafts as they would come out of a log with nothing else in it.
///
/// # Panics
/// When a draft is no statement.
pub fn facts_of(rulebook: &dyn Rulebook, drafts: Vec<Draft>) -> Vec<KnownFact> {
    let each = (1..).zip(drafts).flat_map(|(place, draft)| {
        let new = draft.build();
        let statement = varde_xapi::read(&new.body).expect("the draft is a statement");
        let stored = Stored(place);
        let members = statement.actor.members().iter().map(|member| &member.ifi);
        let acquainted = acquainted_with(statement.actor.ifi().into_iter().chain(members));
        let witness = Witness {
            acquainted: &acquainted,
            statement: &statement,
            id: new.id,
            stored,
            happened: new.timestamp.unwrap_or_else(|| stored.instant()),
            space: &new.space,
        };
        let facts = rulebook.facts(&witness).into_iter().zip(0..);
        let known = facts.map(|(fact, number)| KnownFact {
            statement: witness.id,
            position: Position(place.unsigned_abs()),
            number,
            stored,
            happened: witness.happened,
            space: new.space.clone(),
            carried: false,
            fact,
        });
        known.collect::<Vec<_>>()
    });
    each.collect()
}

/// Checks the law of [`Tally`] on facts in the order in which they arrive, and returns how many
/// were settled without the others.
///
/// # Panics
/// When the law is broken.
pub fn assert_tally_law(
    rulebook: &dyn Rulebook,
    arrivals: &[KnownFact],
    registers: &Registers,
) -> usize {
    let view = RegisterView::new(registers, Stored(i64::MAX));
    let groups = arrivals.iter().map(|fact| rulebook.groups(fact, &view));
    let groups: BTreeSet<Group> = groups.flatten().collect();
    let of_group = |group: &Group| {
        let mut law = Law {
            rulebook,
            group,
            view: &view,
            facts: Vec::new(),
            tally: None,
            shown: BTreeMap::new(),
        };
        let own = arrivals
            .iter()
            .filter(|fact| rulebook.groups(fact, &view).contains(group));
        own.filter(|fact| law.take(fact)).count()
    };
    groups.iter().map(of_group).sum()
}

struct Law<'a> {
    rulebook: &'a dyn Rulebook,
    group: &'a Group,
    view: &'a RegisterView<'a>,
    facts: Vec<KnownFact>,
    tally: Option<Box<dyn Tally>>,
    shown: BTreeMap<String, Entry>,
}

impl Law<'_> {
    /// Takes a fact in both ways, and tells whether the tally could.
    fn take(&mut self, fact: &KnownFact) -> bool {
        let read = self.read();
        let place = self.facts.partition_point(|f| f.order() < fact.order());
        self.facts.insert(place, fact.clone());
        let plain = self.settle(self.group, &self.facts, &read);
        let tally = self.tally.as_mut();
        let added = tally.and_then(|tally| tally.add(fact, &read, self.view));
        let could = added.is_some();
        if let Some(entries) = added {
            let keyed = entries.into_iter().map(|entry| (entry.key.clone(), entry));
            self.shown.extend(keyed);
        } else {
            self.shown.clone_from(&plain);
            self.tally = self.rulebook.tally(self.group, &self.facts, self.view);
        }
        assert_eq!(self.shown, plain, "with {fact:?}");
        could
    }

    fn read(&self) -> Vec<(Group, Entry)> {
        let groups = self.rulebook.reads(self.group).into_iter();
        groups
            .flat_map(|group| {
                let entries = self.settle(&group, &[], &[]).into_values();
                entries
                    .map(|entry| (group.clone(), entry))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn settle(
        &self,
        group: &Group,
        facts: &[KnownFact],
        read: &[(Group, Entry)],
    ) -> BTreeMap<String, Entry> {
        let entries = self.rulebook.settle(group, facts, read, self.view);
        entries
            .into_iter()
            .map(|entry| (entry.key.clone(), entry))
            .collect()
    }
}
