//! What the server answers once it has taken everything in.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::client::Client;
use super::material::{AS_OF, PLANNING};
use crate::exit::{Exit, Failure};

/// How long to wait between two looks at a ledger that is not complete yet.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How often to look before giving up.
const LOOKS_MAX: usize = 3_000;

/// The answers of `/api/v1/outcomes`, `/api/v1/cohorts` and `/api/v1/indicators`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Results {
    /// Who has attained what.
    pub(crate) outcomes: Vec<Outcome>,
    /// How far those came who showed planning before the course and after.
    pub(crate) change: Change,
    /// The indicators of the project.
    pub(crate) indicators: Vec<Indicator>,
}

/// What a learner has attained in a competence.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Outcome {
    /// The learner's pseudonym.
    pub(crate) person: String,
    /// The competence's IRI.
    pub(crate) competence: String,
    /// The level attained.
    pub(crate) level: u32,
    /// The level's name.
    pub(crate) level_name: Option<String>,
    /// What decided, in words.
    pub(crate) comparison: String,
    /// The statements that it rests on.
    pub(crate) statements: Vec<String>,
}

/// What was gained between before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Change {
    /// How many showed something both times.
    pub(crate) paired: u64,
    /// Their mean level before, to four decimals.
    pub(crate) mean_pre: Option<String>,
    /// Their mean level after, to four decimals.
    pub(crate) mean_post: Option<String>,
}

/// An indicator with its value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Indicator {
    /// Its code.
    pub(crate) code: String,
    /// Its name, by language.
    pub(crate) name: BTreeMap<String, String>,
    /// What it counts, by language.
    pub(crate) unit: BTreeMap<String, String>,
    /// Where it stood before.
    pub(crate) baseline: Option<Baseline>,
    /// What is to be reached.
    pub(crate) target: u64,
    /// What is reached.
    pub(crate) value: u64,
    /// The value by dimension and cell.
    pub(crate) breakdowns: BTreeMap<String, BTreeMap<String, u64>>,
    /// What was counted.
    pub(crate) keys: Vec<Key>,
    /// How many things were left out, by reason.
    pub(crate) excluded: BTreeMap<String, u64>,
}

/// Where an indicator stood before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Baseline {
    /// The value then.
    pub(crate) value: u64,
}

/// Something that was counted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Key {
    /// The learner's pseudonym, where it is a learner's.
    pub(crate) person: Option<String>,
    /// The IRI of the scheme, or of what else was counted.
    pub(crate) unit: Option<String>,
    /// The statements that it rests on.
    pub(crate) statements: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct OutcomeAnswer {
    complete_through: Option<String>,
    outcomes: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct CohortAnswer {
    cohorts: Vec<Cohort>,
}

#[derive(Debug, Deserialize)]
struct Cohort {
    change: Change,
}

#[derive(Debug, Deserialize)]
struct IndicatorAnswer {
    tables: Vec<IndicatorTable>,
}

#[derive(Debug, Deserialize)]
struct IndicatorTable {
    complete_through: String,
    indicators: Vec<Indicator>,
}

/// Waits until everything stored through an instant is in the ledgers, and reads the results.
pub(crate) async fn read(client: &Client, through: &str) -> Result<Results, Failure> {
    for _ in 0..LOOKS_MAX {
        let outcomes: OutcomeAnswer = ask(client, "outcomes?").await?;
        let indicators: IndicatorAnswer = ask(client, "indicators?").await?;
        // Instants are written alike, with six fraction digits, so their texts can be compared.
        let complete = outcomes
            .complete_through
            .is_some_and(|known| known.as_str() >= through)
            && indicators
                .tables
                .iter()
                .all(|table| table.complete_through.as_str() >= through);
        if complete {
            let indicators = indicators
                .tables
                .into_iter()
                .flat_map(|table| table.indicators);
            return Ok(Results {
                outcomes: outcomes.outcomes,
                change: change(client).await?,
                indicators: indicators.collect(),
            });
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Err(Failure::new(
        Exit::Software,
        "the ledger did not catch up with the log within a minute",
    ))
}

/// Asks for the change in the one scheme that teaches planning.
async fn change(client: &Client) -> Result<Change, Failure> {
    let of = format!("cohorts?project=demo&competence={PLANNING}&by=scheme&basis=assessed&");
    let CohortAnswer { cohorts } = ask(client, &of).await?;
    let first = cohorts.into_iter().next();
    Ok(first.map_or_else(Change::default, |cohort| cohort.change))
}

async fn ask<T: DeserializeOwned>(client: &Client, what: &str) -> Result<T, Failure> {
    let answer = client.get(&format!("/api/v1/{what}as_of={AS_OF}")).await?;
    serde_json::from_value(answer.body).map_err(|error| Failure::software(&error))
}
