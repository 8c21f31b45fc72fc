//! Items of persons, read from the ledgers of the current rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use varde_core::disclosure::Rows;
use varde_core::ledger::{Ledger, LedgerRow, Snapshot};
use varde_core::registers::{PersonId, RegisterBook, RegisterView, Registers};
use varde_core::{Caller, ProjectCode, StoreError};
use varde_xapi::Stored;

use crate::EvidenceRule;
use crate::composite::{ByRule, Composite};
use crate::finding::Basis;
use crate::group::competence_prefix;
use crate::item::Item;
use crate::rule::{Claim, Rule};

/// Whose items are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Everybody,
    One(PersonId),
    /// Of a pseudonym that nobody has.
    Nobody,
}

/// Which items are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Selection<'a> {
    /// Only this person's, by pseudonym or id.
    pub(crate) person: Option<&'a str>,
    /// Only those of this project.
    pub(crate) project: Option<&'a ProjectCode>,
    /// Only those of this competence.
    pub(crate) competence: Option<&'a str>,
    /// Only those on this basis.
    pub(crate) basis: Option<Basis>,
    /// The day on which a merged person is asked for.
    pub(crate) as_of: Date,
    /// As known at this instant; the latest complete one where absent or later than that.
    pub(crate) known_at: Option<Stored>,
}

/// Person, competence and basis.
pub(crate) type Key = (PersonId, String, Basis);

/// Items, all as known at one instant.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) items: BTreeMap<Key, Vec<Item>>,
    pub(crate) asked: Asked,
    pub(crate) registers: Arc<Registers>,
    /// `None` while no rule is current.
    pub(crate) known_at: Option<Stored>,
    /// `None` while no rule is current.
    pub(crate) complete_through: Option<Stored>,
}

impl Found {
    /// Views the registers as known at the same instant.
    pub(crate) fn view(&self) -> RegisterView<'_> {
        RegisterView::new(&self.registers, self.known_at.unwrap_or(Stored(0)))
    }

    /// Returns the persons who were asked for by name.
    pub(crate) fn persons(&self) -> Vec<PersonId> {
        match &self.asked {
            Asked::One(person) => vec![person.clone()],
            Asked::Everybody | Asked::Nobody => Vec::new(),
        }
    }
}

/// Reads items of one store.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) ledger: Ledger,
    pub(crate) registers: Arc<RegisterBook>,
}

/// A current rule with its ledger.
struct Current {
    snapshot: Snapshot,
    claim: Claim,
    /// What it is made of, where it is made of other rules.
    composite: Option<Composite>,
}

impl Current {
    /// Reads a current rule. What one that no longer compiles said of statements stands.
    fn of(snapshot: Snapshot) -> Option<Self> {
        let composite = match Rule::compile(&snapshot.definition) {
            Ok(Rule::Composite(composite)) => Some(composite),
            Ok(Rule::Evidence(_)) | Err(_) => None,
        };
        Some(Self {
            claim: Claim::read(&snapshot.definition)?,
            snapshot,
            composite,
        })
    }
}

impl Reader {
    /// Returns the items of the caller's projects that are among these rows.
    pub(crate) async fn items(
        &self,
        caller: &Caller,
        rows: Rows<'_>,
        selection: &Selection<'_>,
    ) -> Result<Found, StoreError> {
        let snapshots = self.ledger.current(EvidenceRule::KIND, selection.known_at);
        let snapshots = snapshots.await?.into_iter();
        let mut rules: Vec<Current> = snapshots.filter_map(Current::of).collect();
        let known_at = rules.iter().map(|rule| rule.snapshot.known_at).min();
        let through = rules.iter().map(|rule| rule.snapshot.complete_through);
        let complete_through = through.min();
        // Asked for after the snapshots: every row that they know is in it.
        let registers = self.registers.refresh().await?;
        let view = RegisterView::new(&registers, known_at.unwrap_or(Stored(0)));
        let asked = match selection.person {
            None => Asked::Everybody,
            Some(named) => match self.registers.person(named).await? {
                Some(person) => Asked::One(view.merged(&person, selection.as_of)),
                None => Asked::Nobody,
            },
        };
        let mut persons: BTreeMap<PersonId, ByRule> = BTreeMap::new();
        let needed = needed(&rules, selection);
        for Current {
            snapshot, claim, ..
        } in &mut rules
        {
            if !needed.contains(&claim.id) {
                continue;
            }
            snapshot.known_at = known_at.unwrap_or(snapshot.known_at);
            for row in self.rows(caller, snapshot, claim, &asked).await? {
                if selection
                    .project
                    .is_some_and(|asked| *asked != row.entry.project)
                {
                    continue;
                }
                let item = item(snapshot, row)?;
                let finding = &item.finding;
                if rows.include(&view, &finding.person, &finding.units, finding.day) {
                    let of_person = persons.entry(finding.person.clone()).or_default();
                    of_person.entry(claim.id.clone()).or_default().push(item);
                }
            }
        }
        Ok(Found {
            items: by_competence(persons, &rules, selection),
            asked,
            known_at,
            complete_through,
            registers,
        })
    }

    async fn rows(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        claim: &Claim,
        asked: &Asked,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let prefix = match asked {
            Asked::Nobody => return Ok(Vec::new()),
            Asked::One(person) => competence_prefix(person, &claim.competence),
            Asked::Everybody => String::new(),
        };
        self.ledger.rows(caller, snapshot, 0, &prefix).await
    }
}

fn item(snapshot: &Snapshot, row: LedgerRow) -> Result<Item, StoreError> {
    let finding = serde_json::from_value(row.entry.body).map_err(StoreError::failed)?;
    Ok(Item {
        finding,
        statements: row.entry.statements,
        definition: snapshot.hash,
    })
}

fn is_asked_for(claim: &Claim, selection: &Selection<'_>) -> bool {
    let competence = selection.competence;
    let basis = selection.basis;
    competence.is_none_or(|asked| asked == claim.competence)
        && basis.is_none_or(|asked| asked == claim.basis)
}

/// Returns the ids of the rules that are asked for, and of those that they are made of.
fn needed(rules: &[Current], selection: &Selection<'_>) -> BTreeSet<String> {
    let asked = rules.iter().map(|current| &current.claim);
    let asked = asked.filter(|claim| is_asked_for(claim, selection));
    let mut needed: BTreeSet<String> = BTreeSet::new();
    let mut new: Vec<String> = asked.map(|claim| claim.id.clone()).collect();
    while let Some(id) = new.pop() {
        if !needed.insert(id.clone()) {
            continue;
        }
        let of_id = rules.iter().filter(|current| current.claim.id == id);
        for composite in of_id.filter_map(|current| current.composite.as_ref()) {
            new.extend(composite.rules().cloned());
        }
    }
    needed
}

/// Adds what rules made of other rules say, and sorts what is asked for by competence and basis.
fn by_competence(
    persons: BTreeMap<PersonId, ByRule>,
    rules: &[Current],
    selection: &Selection<'_>,
) -> BTreeMap<Key, Vec<Item>> {
    let order = in_order(rules);
    let mut items: BTreeMap<Key, Vec<Item>> = BTreeMap::new();
    for (person, mut by_rule) in persons {
        for (composite, snapshot) in &order {
            let shown = composite.items(&by_rule, snapshot.hash);
            by_rule.insert(composite.claim.id.clone(), shown);
        }
        for Current { claim, .. } in rules {
            let shown = by_rule.remove(&claim.id).unwrap_or_default();
            if is_asked_for(claim, selection) && !shown.is_empty() {
                let key = (person.clone(), claim.competence.clone(), claim.basis);
                items.entry(key).or_default().extend(shown);
            }
        }
    }
    items
}

/// Returns the composite rules, each behind those that it is made of. One that is made of itself,
/// over whatever detour, has no place and shows nothing.
fn in_order(rules: &[Current]) -> Vec<(&Composite, &Snapshot)> {
    let composites = rules
        .iter()
        .filter_map(|current| Some((current.composite.as_ref()?, &current.snapshot)));
    let mut waiting: Vec<_> = composites.collect();
    let mut order = Vec::new();
    loop {
        let ids: BTreeSet<_> = waiting.iter().map(|(c, _)| c.claim.id.clone()).collect();
        let is_ready = |(c, _): &(&Composite, &Snapshot)| !c.rules().any(|id| ids.contains(id));
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            return order;
        }
        order.extend(ready);
        waiting = rest;
    }
}
