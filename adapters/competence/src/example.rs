//! What an example of a rule expects of a learner, and what was found.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use varde_core::StoreError;
use varde_core::examples::{Answer, Trial};
use varde_core::registers::RegisterView;
use varde_xapi::Stored;

use crate::finding::{Finding, Verdict};
use crate::outcomes::{OutcomeQuery, Outcomes};
use crate::table::{Outcome, Status};

/// One thing that an example of an evidence rule expects, as the schema has it.
#[derive(Debug, Deserialize)]
struct Expected {
    learner: String,
    level: Level,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    because: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Level {
    Shown(u32),
    /// The word `none`.
    None(NoLevel),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NoLevel {
    None,
}

/// What a learner has come to.
#[derive(Debug, Default)]
struct Found {
    level: Option<u32>,
    status: Option<Status>,
    because: Option<String>,
}

/// Lays what the example expects of a learner beside the outcome, read as outcomes always are.
pub(crate) async fn answer(trial: &Trial, expected: &Value) -> Result<Answer, StoreError> {
    let expected: Expected =
        serde_json::from_value(expected.clone()).map_err(StoreError::failed)?;
    let found = match trial.shown(&expected.learner).await? {
        Some(person) => found(trial, &person).await?,
        None => Found::default(),
    };
    Ok(Answer {
        holds: expected.is(&found),
        expected: expected.text(),
        found: found.text(),
        what: expected.learner,
    })
}

async fn found(trial: &Trial, person: &str) -> Result<Found, StoreError> {
    let outcomes = Outcomes::new(trial.ledger.clone(), Arc::clone(&trial.registers));
    let query = OutcomeQuery::as_of(trial.as_of);
    let table = outcomes.query(&trial.caller, query).await;
    let table = table.map_err(StoreError::failed)?;
    let member = |key: &str| trial.definition.body.get(key).and_then(Value::as_str);
    let (competence, basis) = (member("competence"), member("basis"));
    let is_asked = |outcome: &&Outcome| {
        outcome.person == person
            && Some(outcome.competence.as_str()) == competence
            && Some(outcome.basis.name()) == basis
    };
    match table.outcomes.iter().find(is_asked) {
        Some(outcome) => Ok(Found {
            level: Some(outcome.level),
            status: Some(outcome.status),
            because: Some(outcome.comparison.clone()),
        }),
        None => Ok(Found {
            because: near_miss(trial, person).await?,
            ..Found::default()
        }),
    }
}

/// Returns what decided that the person's last matching statement shows nothing.
async fn near_miss(trial: &Trial, person: &str) -> Result<Option<String>, StoreError> {
    let registers = trial.registers.refresh().await?;
    let view = RegisterView::new(&registers, Stored(i64::MAX));
    let mut last: Option<Finding> = None;
    for snapshot in trial
        .ledger
        .current(crate::EvidenceRule::KIND, None)
        .await?
    {
        if snapshot.definition != trial.definition {
            continue;
        }
        for row in trial.ledger.rows(&trial.caller, &snapshot, 0, "").await? {
            let finding: Finding =
                serde_json::from_value(row.entry.body).map_err(StoreError::failed)?;
            let is_nearer = last
                .as_ref()
                .is_none_or(|last| last.instant <= finding.instant);
            let is_theirs = view.shown(&finding.person) == person && finding.day <= trial.as_of;
            if matches!(finding.verdict, Verdict::NearMiss) && is_theirs && is_nearer {
                last = Some(finding);
            }
        }
    }
    Ok(last.map(|finding| finding.comparison.to_string()))
}

impl Expected {
    /// The status is that of a level which holds, unless the example says another one.
    fn status(&self) -> Option<Status> {
        match self.level {
            Level::Shown(_) => Some(self.status.unwrap_or(Status::Current)),
            Level::None(_) => None,
        }
    }

    fn level(&self) -> Option<u32> {
        match self.level {
            Level::Shown(level) => Some(level),
            Level::None(NoLevel::None) => None,
        }
    }

    fn is(&self, found: &Found) -> bool {
        let because = self.because.as_ref();
        (self.level(), self.status()) == (found.level, found.status)
            && because.is_none_or(|because| Some(because) == found.because.as_ref())
    }

    fn text(&self) -> String {
        text(self.level(), self.status(), self.because.as_deref())
    }
}

impl Found {
    fn text(&self) -> String {
        let nothing = "no statement of theirs is looked at";
        let because = self.because.as_deref().or(Some(nothing));
        text(self.level, self.status, because)
    }
}

fn text(level: Option<u32>, status: Option<Status>, because: Option<&str>) -> String {
    let level = level.map_or_else(|| "no level".to_owned(), |level| format!("level {level}"));
    let status = status.filter(|status| *status != Status::Current);
    let status = status.map_or_else(String::new, |status| format!(" ({})", status.name()));
    let because = because.map_or_else(String::new, |because| format!(", because {because}"));
    format!("{level}{status}{because}")
}
