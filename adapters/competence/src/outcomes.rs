//! The use case: what each person has attained, as of a day and as known at an instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use thiserror::Error;
use varde_core::audit::Told;
use varde_core::ledger::{Ledger, LedgerRow, Snapshot};
use varde_core::registers::{PersonId, RegisterBook, RegisterView};
use varde_core::{Caller, Forbidden, Need, StoreError};
use varde_xapi::Stored;

use crate::EvidenceRule;
use crate::finding::{Basis, Finding};
use crate::rulebook::{competence_prefix, group_prefix};
use crate::table::{Item, Outcome, OutcomeTable, attained};

/// Which outcomes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeQuery {
    /// Only this person's, by pseudonym or id.
    pub person: Option<String>,
    /// Only those of this competence (its IRI).
    pub competence: Option<String>,
    /// As of the end of this day.
    pub as_of: Date,
    /// As known at this instant; the latest complete one where absent or later than that.
    pub known_at: Option<Stored>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum OutcomeError {
    /// The caller may not read results.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Answers from the ledgers of the current evidence rules.
#[derive(Debug, Clone)]
pub struct Outcomes {
    ledger: Ledger,
    registers: Arc<RegisterBook>,
}

impl Outcomes {
    /// Answers from one store's ledger and registers.
    pub fn new(ledger: Ledger, registers: Arc<RegisterBook>) -> Self {
        Self { ledger, registers }
    }

    /// Returns the outcomes that the caller may see: those of the projects that it reads, and for
    /// an evaluator those that rest on evidence of persons who belonged to the own partner on its
    /// day, or on evidence for activities that it organised then. All rules are read as known at
    /// one instant.
    pub async fn query(
        &self,
        caller: &Caller,
        query: OutcomeQuery,
    ) -> Result<OutcomeTable, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let mut snapshots = self
            .ledger
            .current(EvidenceRule::KIND, query.known_at)
            .await?;
        let known_at = snapshots.iter().map(|snapshot| snapshot.known_at).min();
        let complete_through = snapshots
            .iter()
            .map(|snapshot| snapshot.complete_through)
            .min();
        // Asked for after the snapshots: every row that they know is in it.
        let registers = self.registers.refresh().await?;
        let view = RegisterView::new(&registers, known_at.unwrap_or(Stored(0)));
        let asked = match &query.person {
            None => Asked::Everybody,
            Some(named) => match self.registers.person(named).await? {
                Some(person) => Asked::One(view.merged(&person, query.as_of)),
                None => Asked::Nobody,
            },
        };
        let mut items: BTreeMap<(PersonId, String, Basis), Vec<Item>> = BTreeMap::new();
        for snapshot in &mut snapshots {
            snapshot.known_at = known_at.unwrap_or(snapshot.known_at);
            for row in self.rows(caller, snapshot, &asked, &query).await? {
                let item = item(snapshot, row)?;
                let Finding {
                    person,
                    competence,
                    basis,
                    day,
                    units,
                    ..
                } = &item.finding;
                let view = RegisterView::new(&registers, snapshot.known_at);
                if caller.rows().include(&view, person, units, *day) {
                    let key = (person.clone(), competence.clone(), *basis);
                    items.entry(key).or_default().push(item);
                }
            }
        }
        let mut outcomes: Vec<Outcome> = items
            .into_iter()
            .filter_map(|((person, ..), items)| attained(view.shown(&person), items, query.as_of))
            .collect();
        let given = [
            ("person", query.person.is_some()),
            ("competence", query.competence.is_some()),
            ("known_at", query.known_at.is_some()),
        ];
        let persons = match asked {
            Asked::One(person) => vec![person],
            Asked::Everybody | Asked::Nobody => Vec::new(),
        };
        let told = Told {
            known_at,
            persons,
            ..Told::new("outcomes", &given, outcomes.len())
        };
        self.ledger.told(caller, &told).await?;
        outcomes.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(OutcomeTable {
            as_of: query.as_of,
            known_at,
            complete_through,
            outcomes,
        })
    }

    async fn rows(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        asked: &Asked,
        query: &OutcomeQuery,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let competence = snapshot
            .definition
            .body
            .get("competence")
            .and_then(|c| c.as_str());
        let prefix = match (asked, &query.competence) {
            (Asked::Nobody, _) => return Ok(Vec::new()),
            (_, Some(asked)) if competence != Some(asked) => return Ok(Vec::new()),
            (Asked::One(person), Some(competence)) => competence_prefix(person, competence),
            (Asked::One(person), None) => group_prefix(person),
            (Asked::Everybody, _) => String::new(),
        };
        self.ledger.rows(caller, snapshot, 0, &prefix).await
    }
}

/// Whose outcomes are asked for.
enum Asked {
    Everybody,
    One(PersonId),
    /// Of a pseudonym that nobody has.
    Nobody,
}

fn order(outcome: &Outcome) -> (&str, &str, Basis) {
    (&outcome.person, &outcome.competence, outcome.basis)
}

fn item(snapshot: &Snapshot, row: LedgerRow) -> Result<Item, StoreError> {
    let finding = serde_json::from_value(row.entry.body).map_err(StoreError::failed)?;
    Ok(Item {
        finding,
        statements: row.entry.statements,
        definition: snapshot.hash,
    })
}
