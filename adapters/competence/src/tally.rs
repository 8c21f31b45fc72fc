//! One more statement of a person without reading all those before it.

use std::collections::HashMap;

use jiff::Timestamp;
use varde_core::ledger::{Entry, Group, KnownFact, Tally};
use varde_core::registers::RegisterView;
use varde_xapi::StatementId;

use crate::counting::Counter;
use crate::measure::Measure;
use crate::rulebook::{EvidenceBook, Of, What, read};

/// The order in which facts decide.
type Order = (Timestamp, StatementId, u32);

/// Remembers a person's group by what its rule measures.
pub(crate) fn of(
    book: &EvidenceBook,
    of: Of,
    facts: &[KnownFact],
    registers: &RegisterView<'_>,
) -> Option<Box<dyn Tally>> {
    let book = book.clone();
    let rule = book.rule.clone();
    if let Measure::Count(count) = &rule.measure {
        let mut counter = Counter::new(count);
        for fact in facts {
            book.count(&mut counter, &of, fact, registers);
        }
        return Some(Box::new(Counted {
            book,
            of,
            counter,
            last: facts.last().map(KnownFact::order),
        }));
    }
    let mut undone = HashMap::new();
    for fact in facts {
        let said = read(fact)?;
        if let What::Undone = said.what {
            undone.insert(said.object, fact.order());
        }
    }
    Some(Box::new(Single { book, of, undone }))
}

/// Statements that speak for themselves, until one takes a completion back.
#[derive(Debug)]
struct Single {
    book: EvidenceBook,
    of: Of,
    /// By object: the last statement that takes its completion back.
    undone: HashMap<Option<String>, Order>,
}

impl Tally for Single {
    fn add(
        &mut self,
        fact: &KnownFact,
        _read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Option<Vec<Entry>> {
        let said = read(fact)?;
        let What::Measured(measured) = &said.what else {
            return None;
        };
        if self.undone.get(&said.object) > Some(&fact.order()) {
            return None;
        }
        let (known, statements) = ((fact, &said), vec![fact.statement]);
        let entry = self
            .book
            .entry(&self.of, known, measured, statements, None, registers);
        Some(vec![entry])
    }
}

/// Statements that are counted in their order.
#[derive(Debug)]
struct Counted {
    book: EvidenceBook,
    of: Of,
    counter: Counter,
    last: Option<Order>,
}

impl Tally for Counted {
    fn add(
        &mut self,
        fact: &KnownFact,
        _read: &[(Group, Entry)],
        registers: &RegisterView<'_>,
    ) -> Option<Vec<Entry>> {
        // One that comes late changes the count of those behind it.
        if self.last > Some(fact.order()) {
            return None;
        }
        self.last = Some(fact.order());
        let entry = self
            .book
            .count(&mut self.counter, &self.of, fact, registers);
        Some(entry.into_iter().collect())
    }
}
