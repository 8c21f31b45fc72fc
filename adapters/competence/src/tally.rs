//! One more statement of a person without reading all those before it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use varde_core::ledger::{Entry, Group, KnownFact, Tally};
use varde_core::registers::RegisterView;
use varde_xapi::StatementId;

use crate::evidence::{Counter, Ended, Evidence, local};
use crate::fact::{Said, What};
use crate::group::Of;

/// The order in which facts decide.
type Order = (Timestamp, StatementId, u32);

/// Remembers a person's group by what its rule measures.
pub(crate) fn of(
    evidence: &Arc<Evidence>,
    of: Of,
    facts: &[KnownFact],
    registers: &RegisterView<'_>,
) -> Option<Box<dyn Tally>> {
    let mut counter = evidence.counter();
    let mut undone = HashMap::new();
    let mut closed = None;
    for fact in facts {
        let said = Said::read(fact)?;
        match &said.what {
            What::Undone => {
                undone.insert(said.object, fact.order());
            }
            What::Closed(_) => closed = Some(fact.order()),
            What::Measured(_) if matches!(counter, Counter::None) => {}
            What::Measured(measured) => {
                let local = local(fact, registers);
                evidence.judge(&mut counter, fact, &said, measured, &local);
            }
        }
    }
    Some(Box::new(SoFar {
        evidence: Arc::clone(evidence),
        of,
        counter,
        undone,
        closed,
        last: facts.last().map(KnownFact::order),
    }))
}

#[derive(Debug)]
struct SoFar {
    evidence: Arc<Evidence>,
    of: Of,
    counter: Counter,
    /// By object: the last statement that takes its completion back.
    undone: HashMap<Option<String>, Order>,
    /// The last statement that closes the competence.
    closed: Option<Order>,
    last: Option<Order>,
}

impl Tally for SoFar {
    fn add(
        &mut self,
        fact: &KnownFact,
        _read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Option<Vec<Entry>> {
        let said = Said::read(fact)?;
        let order = Some(fact.order());
        // What ends evidence changes the entries of those before it.
        let What::Measured(_) = &said.what else {
            return None;
        };
        let ended = self.closed > order || self.undone.get(&said.object).copied() > order;
        // One that comes late changes the count of those behind it.
        let counts = !matches!(self.counter, Counter::None);
        if ended || (counts && self.last > order) {
            return None;
        }
        self.last = self.last.max(order);
        let known = (fact, &said);
        let entry = self.evidence.entry(
            &self.of,
            &mut self.counter,
            known,
            Ended::default(),
            registers,
        );
        Some(entry.into_iter().collect())
    }
}
