//! Lays competence outcomes before the indicator of how far participants came: the two adapters do not
//! know each other.

use async_trait::async_trait;
use jiff::civil::Date;
use varde_competence::{Outcome, OutcomeError, OutcomeQuery, Outcomes};
use varde_core::{Caller, StoreError};
use varde_interreg::{Gain, Gains};
use varde_xapi::Stored;

/// The gains that competence outcomes tell of.
#[derive(Debug, Clone)]
pub(crate) struct CompetenceGains(pub(crate) Outcomes);

#[async_trait]
impl Gains for CompetenceGains {
    async fn gains(
        &self,
        caller: &Caller,
        as_of: Date,
        known_at: Stored,
    ) -> Result<Vec<Gain>, StoreError> {
        let query = OutcomeQuery {
            known_at: Some(known_at),
            ..OutcomeQuery::as_of(as_of)
        };
        let table = self
            .0
            .query(caller, query)
            .await
            .map_err(|error| match error {
                OutcomeError::Store(error) => error,
                other => StoreError::failed(other),
            })?;
        Ok(table.outcomes.iter().flat_map(of).collect())
    }
}

fn of(outcome: &Outcome) -> impl Iterator<Item = Gain> {
    outcome.gains.iter().map(|gain| Gain {
        person: outcome.person.clone(),
        competence: outcome.competence.clone(),
        basis: outcome.basis.name(),
        scheme: gain.scheme.clone(),
        pre: gain
            .pre
            .as_ref()
            .map(|at| (at.level, at.statements.clone())),
        post: gain
            .post
            .as_ref()
            .map(|at| (at.level, at.day, at.statements.clone())),
    })
}
