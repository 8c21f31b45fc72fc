//! The use case: what each person has attained, as of a day and as known at an instant.

use std::sync::Arc;

use jiff::civil::Date;
use thiserror::Error;
use varde_core::audit::Told;
use varde_core::ledger::Ledger;
use varde_core::registers::RegisterBook;
use varde_core::{Caller, Forbidden, Need, StoreError};
use varde_xapi::Stored;

use crate::finding::Basis;
use crate::gain::Post;
use crate::reading::{Reader, Selection, Whose};
use crate::table::{Cursor, Outcome, OutcomeTable, Status, attained};

/// Which outcomes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeQuery {
    /// Only this person's, by pseudonym or id.
    pub person: Option<String>,
    /// Only those of this competence (its IRI).
    pub competence: Option<String>,
    /// Only those on this basis.
    pub basis: Option<Basis>,
    /// Only those of this status.
    pub status: Option<Status>,
    /// Which evidence from after the learning a gain compares.
    pub post: Post,
    /// As of the end of this day.
    pub as_of: Date,
    /// As known at this instant; the latest complete one where absent or later than that. A cursor
    /// brings its own.
    pub known_at: Option<Stored>,
    /// Where the page begins; at the first outcome where absent.
    pub cursor: Option<Cursor>,
    /// The most outcomes of the page; all where absent.
    pub limit: Option<usize>,
}

impl OutcomeQuery {
    /// Asks for everything as of a day and as known at the latest complete instant.
    pub fn as_of(as_of: Date) -> Self {
        Self {
            person: None,
            competence: None,
            basis: None,
            status: None,
            post: Post::default(),
            as_of,
            known_at: None,
            cursor: None,
            limit: None,
        }
    }

    fn selection(&self) -> Selection<'_> {
        Selection {
            whose: self
                .person
                .as_deref()
                .map_or(Whose::Everybody, Whose::Person),
            project: None,
            competence: self.competence.as_deref(),
            basis: self.basis,
            as_of: self.as_of,
            known_at: self.cursor.map(|cursor| cursor.known_at).or(self.known_at),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum OutcomeError {
    /// The caller may not read results.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The day is not the end of a period of the project that has passed.
    #[error("this is not the last day of a period that has passed; those are: {ends}", ends = listed(.ends))]
    NoPeriod {
        /// The ends that there are.
        ends: Vec<Date>,
    },
    /// One cohort is asked for by a caller who is shown whole tables only.
    #[error("one cohort by itself is for who sees persons one by one; ask for the whole table")]
    WholeTables,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn listed(days: &[Date]) -> String {
    let days: Vec<_> = days.iter().map(ToString::to_string).collect();
    if days.is_empty() {
        "none".to_owned()
    } else {
        days.join(", ")
    }
}

/// Answers from the ledgers of the current evidence rules.
#[derive(Debug, Clone)]
pub struct Outcomes {
    pub(crate) reader: Reader,
}

impl Outcomes {
    /// Answers from one store's ledger and registers.
    pub fn new(ledger: Ledger, registers: Arc<RegisterBook>) -> Self {
        let reader = Reader::of(ledger, registers);
        Self { reader }
    }

    /// Returns the outcomes that the caller may see: those of the projects that it reads, and for
    /// an evaluator of persons who belonged to the own partner on the day of their evidence, or of
    /// schemes that it organised. All rules are read as known at one instant.
    pub async fn query(
        &self,
        caller: &Caller,
        query: OutcomeQuery,
    ) -> Result<OutcomeTable, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let found = self
            .reader
            .items(caller, caller.rows(), &query.selection())
            .await?;
        let view = found.view();
        let each = found.items.iter();
        let mut outcomes: Vec<Outcome> = each
            .filter_map(|((person, ..), items)| {
                attained(view.shown(person), items, query.as_of, query.post)
            })
            .filter(|outcome| query.status.is_none_or(|status| outcome.status == status))
            .collect();
        outcomes.sort_by(|a, b| order(a).cmp(&order(b)));
        let (outcomes, next) = page(outcomes, found.known_at, &query);
        let given = [
            ("person", query.person.is_some()),
            ("competence", query.competence.is_some()),
            ("basis", query.basis.is_some()),
            ("status", query.status.is_some()),
            ("known_at", query.known_at.is_some()),
        ];
        let told = Told {
            known_at: found.known_at,
            persons: found.person.into_iter().collect(),
            ..Told::new("outcomes", &given, outcomes.len())
        };
        self.reader.ledger.told(caller, &told).await?;
        Ok(OutcomeTable {
            as_of: query.as_of,
            known_at: found.known_at,
            complete_through: found.complete_through,
            outcomes,
            next,
        })
    }
}

/// Returns the outcomes of the page that is asked for, and where the next one begins.
fn page(
    outcomes: Vec<Outcome>,
    known_at: Option<Stored>,
    query: &OutcomeQuery,
) -> (Vec<Outcome>, Option<Cursor>) {
    let offset = query.cursor.map_or(0, |cursor| cursor.offset);
    let limit = query.limit.unwrap_or(usize::MAX);
    let end = offset.saturating_add(limit);
    let more = known_at.filter(|_| end < outcomes.len());
    let next = more.map(|known_at| Cursor {
        known_at,
        offset: end,
    });
    let page = outcomes.into_iter().skip(offset).take(limit);
    (page.collect(), next)
}

fn order(outcome: &Outcome) -> (&str, &str, Basis) {
    (&outcome.person, &outcome.competence, outcome.basis)
}
