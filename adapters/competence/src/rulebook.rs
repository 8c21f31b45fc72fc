//! Evidence rules as rulebooks of the ledger.

use std::sync::Arc;

use varde_core::ledger::{Entry, Fact, Group, KnownFact, Rulebook, Tally, Witness};
use varde_core::registers::RegisterView;

use crate::evidence::{Evidence, counts_for, local, unit};
use crate::fact::Said;
use crate::group::{Of, group_key};
use crate::tally;

/// A rule over statements at work.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceBook(pub(crate) Arc<Evidence>);

impl Rulebook for EvidenceBook {
    fn wants(&self, verb: &str) -> bool {
        self.0.wants(verb)
    }

    fn facts(&self, witness: &Witness<'_>) -> Vec<Fact> {
        let said = self.0.said(witness);
        let body = said.map(|said| serde_json::to_value(said).expect("a fact is plain data"));
        body.map(|body| Fact { body }).into_iter().collect()
    }

    fn groups(&self, fact: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group> {
        let Some(said) = Said::read(fact) else {
            return Vec::new();
        };
        let day = local(fact, registers).date();
        let person = registers.person(said.learner, day);
        let competence = &self.0.claim.competence;
        let group = |project| Group {
            stage: 0,
            key: group_key(&person, competence, &project),
        };
        let unit = unit(&said, day, registers);
        counts_for(fact, &said, (&unit, day), registers)
            .into_iter()
            .map(group)
            .collect()
    }

    fn last_stage(&self) -> u8 {
        0
    }

    fn settle(
        &self,
        group: &Group,
        facts: &[KnownFact],
        _read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        Of::group(group).map_or_else(Vec::new, |of| self.0.settle(&of, facts, registers))
    }

    fn tally(
        &self,
        group: &Group,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Option<Box<dyn Tally>> {
        tally::of(&self.0, Of::group(group)?, facts, registers)
    }
}

/// A definition without a ledger of its own: a framework, or a rule over other rules, since all that
/// it says follows from their entries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoLedger;

impl Rulebook for NoLedger {
    fn wants(&self, _verb: &str) -> bool {
        false
    }

    fn facts(&self, _witness: &Witness<'_>) -> Vec<Fact> {
        Vec::new()
    }

    fn groups(&self, _fact: &KnownFact, _registers: &RegisterView<'_>) -> Vec<Group> {
        Vec::new()
    }

    fn last_stage(&self) -> u8 {
        0
    }

    fn settle(
        &self,
        _group: &Group,
        _facts: &[KnownFact],
        _read: &[(Group, Entry)],
        _registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        Vec::new()
    }
}
