//! Everything that is held of a person and what was concluded from it, for the person who asks (GDPR
//! Art. 15 and 20).

mod history;
mod page;

pub use self::history::{
    CompetenceName, MergePreview, PersonEvent, PersonHistory, SharedKey, Side, What,
};

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;
use varde_competence::{
    Catalogue, ExplainQuery, Explanation, ExplanationTable, OutcomeError, Outcomes,
};
use varde_core::erasures::{ErasureError, Erasures, PersonRecord, Whom};
use varde_core::people::IdentityId;
use varde_core::registers::{PersonId, Roster, RosterError};
use varde_core::{Caller, ProjectCode, Scope};
use varde_interreg::{IndicatorCode, IndicatorError, Indicators, Names};
use varde_xapi::{StatementId, Stored};

/// What is held of a person, and what was concluded.
#[derive(Debug, Serialize)]
pub struct WholeRecord {
    /// What is held.
    #[serde(flatten)]
    pub held: PersonRecord,
    /// The day that conclusions are as of.
    pub as_of: Date,
    /// Levels of competences, with the reasons.
    pub outcomes: Vec<Explanation>,
    /// The indicators that count the person.
    pub counted: Vec<CountedIn>,
}

/// An indicator that counts the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountedIn {
    /// The project.
    pub project: ProjectCode,
    /// The indicator.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// Of what: a scheme or an action; none where the person counts once in all.
    pub unit: Option<String>,
    /// What the register calls that on the day that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Since which day.
    pub day: Date,
    /// The statements that it rests on.
    pub statements: Vec<StatementId>,
}

/// Why there is no record of a person.
#[derive(Debug, Error)]
pub enum PersonRecordError {
    /// Nobody is meant, or nothing may be told.
    #[error(transparent)]
    Person(#[from] ErasureError),
    /// Nothing may be told of the register.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// Outcomes could not be read.
    #[error(transparent)]
    Outcomes(#[from] OutcomeError),
    /// Indicators could not be read.
    #[error(transparent)]
    Indicators(#[from] IndicatorError),
}

/// Puts together what is held of persons.
#[derive(Debug, Clone)]
pub struct PersonRecords {
    /// Finds what an erasure would.
    pub erasures: Erasures,
    /// Tells of persons of the register.
    pub roster: Roster,
    /// What learners attained.
    pub outcomes: Outcomes,
    /// How competences are named.
    pub catalogue: Catalogue,
    /// What projects achieved.
    pub indicators: Indicators,
}

impl PersonRecords {
    /// Returns everything of a person in the spaces and projects that the caller reads, as of the end
    /// of a day.
    pub async fn of(
        &self,
        caller: &Caller,
        whom: &Whom,
        as_of: Date,
    ) -> Result<WholeRecord, PersonRecordError> {
        let held = self.erasures.record(caller, whom).await?;
        Ok(WholeRecord {
            outcomes: self.outcomes_of(caller, &held.ids, as_of).await?,
            counted: self.counted(caller, &held.ids, as_of).await?,
            as_of,
            held,
        })
    }

    /// Returns the id of a person of the register, by pseudonym or id, to whom a key is to be bound.
    pub async fn person(&self, text: &str) -> Result<IdentityId, PersonRecordError> {
        Ok(self.erasures.person(text).await?)
    }

    /// Returns to somebody what is their own in the spaces and projects of their credential.
    pub async fn own(
        &self,
        caller: &Caller,
        as_of: Date,
    ) -> Result<WholeRecord, PersonRecordError> {
        let held = self.erasures.own_record(caller).await?;
        let reader = reading(caller);
        Ok(WholeRecord {
            outcomes: self.outcomes_of(&reader, &held.ids, as_of).await?,
            counted: self.counted(&reader, &held.ids, as_of).await?,
            as_of,
            held,
        })
    }

    /// Returns to somebody the levels that they have, with the reasons.
    pub async fn own_outcomes(
        &self,
        caller: &Caller,
        as_of: Date,
    ) -> Result<ExplanationTable, PersonRecordError> {
        let own = self.erasures.own(caller).await?;
        let query = ExplainQuery {
            person: own.to_string(),
            competence: None,
            basis: None,
            as_of,
            known_at: None,
        };
        Ok(self.outcomes.explain(&reading(caller), &query).await?)
    }

    async fn outcomes_of(
        &self,
        caller: &Caller,
        ids: &[PersonId],
        as_of: Date,
    ) -> Result<Vec<Explanation>, OutcomeError> {
        let mut all = Vec::new();
        for id in ids {
            let query = ExplainQuery {
                person: id.as_str().to_owned(),
                competence: None,
                basis: None,
                as_of,
                known_at: None,
            };
            let told = self.outcomes.explain(caller, &query).await?.explanations;
            // Whoever was merged is told as the one they were merged into.
            let news: Vec<_> = told.into_iter().filter(|one| !all.contains(one)).collect();
            all.extend(news);
        }
        Ok(all)
    }

    async fn counted(
        &self,
        caller: &Caller,
        ids: &[PersonId],
        as_of: Date,
    ) -> Result<Vec<CountedIn>, IndicatorError> {
        Ok(self.counted_through(caller, ids, as_of).await?.0)
    }

    /// Returns what counts some persons, and the instant through which all of it is complete.
    async fn counted_through(
        &self,
        caller: &Caller,
        ids: &[PersonId],
        as_of: Date,
    ) -> Result<(Vec<CountedIn>, Option<Stored>), IndicatorError> {
        let mut counted = Vec::new();
        let report = self.indicators.of_persons(caller, ids, as_of).await?;
        let titles = self.indicators.titles(&report).await?;
        let through = report.tables.iter().map(|table| table.complete_through);
        let through = through.min();
        for table in &report.tables {
            for indicator in &table.indicators {
                counted.extend(indicator.keys.iter().map(|key| {
                    CountedIn {
                        project: table.project.clone(),
                        code: indicator.code.clone(),
                        name: indicator.name.clone(),
                        title: key
                            .unit
                            .as_deref()
                            .and_then(|unit| titles.get(unit))
                            .cloned(),
                        unit: key.unit.clone(),
                        day: key.day,
                        statements: key.statements.clone(),
                    }
                }));
            }
        }
        Ok((counted, through))
    }
}

/// Returns who reads results for a learner: of them only what is the learner's own goes on.
fn reading(caller: &Caller) -> Caller {
    Caller {
        role: None,
        scopes: vec![Scope::AllRead],
        ..caller.clone()
    }
}
