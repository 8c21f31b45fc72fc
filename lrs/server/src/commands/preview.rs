//! `varde rules preview`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use clap::Args;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_competence::{OutcomeQuery, OutcomeTable, Outcomes, Status};
use varde_core::Caller;
use varde_core::ledger::{Ledger, Preview, PreviewError};
use varde_core::ports::Records;
use varde_interreg::{Amount, IndicatorQuery, IndicatorReport, Indicators};

use super::day;
use super::report::{no_indicators, no_outcomes, operator, today};
use super::rules::{DefinitionFile, carry, not_carried, read_given};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;
use crate::scratch::Scratch;
use crate::terminal::columns;
use crate::wiring::Parts;

/// The flags of `varde rules preview`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct RulesPreviewArgs {
    /// Definition files (YAML or JSON).
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The last day that counts [default: today in Oslo and Stockholm].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// Prints the changes as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for RulesPreviewArgs {
    fn name(&self) -> &'static str {
        "rules preview"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    /// Tells what results would be with these definitions; the store keeps its own.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let files = read_given(desk).await?;
        let parts = desk.open_existing().await?;
        carry(desk, &parts).await?;
        let caller = operator(&parts, desk.config()).await?;
        let as_of = match self.as_of {
            Some(day) => day,
            None => today(&parts)?,
        };
        let scratch = Scratch::open(&parts.data, &parts.clock)?;
        let mut preview = Preview::new(
            Arc::clone(&parts.log),
            Arc::clone(&parts.records),
            Arc::clone(&parts.registers),
            parts.adapters.clone(),
            Arc::clone(&scratch.store) as Arc<dyn Records>,
        );
        let before = Results::read(&parts, preview.ledger(), &caller, as_of).await?;
        for file in files {
            let watch = |done, of| {
                // A bar that cannot be shown stops no preview.
                let _ = desk.progress("working through the log", done, of);
            };
            let activated = preview.activate(file.definition.clone(), watch).await;
            activated.map_err(|error| no_preview(&file, error))?;
        }
        let after = Results::read(&parts, preview.ledger(), &caller, as_of).await?;
        drop(preview);
        scratch.close().await?;
        let changes = Changes::between(&before, &after);
        desk.print(if self.json {
            format!("{}\n", serde_json::json!(changes))
        } else {
            changes.as_text()
        })
        .await
    }
}

fn no_preview(file: &DefinitionFile, error: PreviewError) -> Failure {
    match error {
        PreviewError::Install(error) => file.not_installed(error),
        PreviewError::Runner(error) => not_carried(error),
    }
}

/// Everything that the store says as of a day.
struct Results {
    outcomes: OutcomeTable,
    indicators: IndicatorReport,
}

impl Results {
    async fn read(
        parts: &Parts,
        ledger: Ledger,
        caller: &Caller,
        as_of: Date,
    ) -> Result<Self, Failure> {
        let registers = || Arc::clone(&parts.registers);
        let outcomes = Outcomes::new(ledger.clone(), registers());
        let outcomes = outcomes.query(caller, OutcomeQuery::as_of(as_of)).await;
        let query = IndicatorQuery {
            project: None,
            code: None,
            as_of,
            known_at: None,
        };
        let indicators = Indicators::new(ledger, registers());
        let indicators = indicators.query(caller, &query).await;
        Ok(Self {
            outcomes: outcomes.map_err(no_outcomes)?,
            indicators: indicators.map_err(no_indicators)?,
        })
    }
}

/// How many results would change: counts, never persons.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Changes {
    outcomes: Vec<OutcomeChanges>,
    indicators: Vec<IndicatorChange>,
}

/// By competence and basis, what would become of the levels that persons hold.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct OutcomeChanges {
    competence: String,
    basis: &'static str,
    /// How many would hold a level who hold none.
    new: usize,
    /// How many would hold a higher one.
    higher: usize,
    /// How many would hold a lower one.
    lower: usize,
    /// How many would hold none any more.
    lost: usize,
    /// How many would hold the same.
    same: usize,
}

/// What would become of an indicator's value.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct IndicatorChange {
    project: String,
    code: String,
    before: Option<Amount>,
    after: Option<Amount>,
}

/// Person by competence and basis.
type Levels<'a> = BTreeMap<(&'a str, &'static str), BTreeMap<&'a str, u32>>;

impl Changes {
    fn between(before: &Results, after: &Results) -> Self {
        let (levels_before, levels_after) = (levels(&before.outcomes), levels(&after.outcomes));
        let mut all: Vec<_> = levels_before.keys().chain(levels_after.keys()).collect();
        all.sort_unstable();
        all.dedup();
        let nobody = BTreeMap::new();
        let outcomes = all.into_iter().map(|key| {
            let before = levels_before.get(key).unwrap_or(&nobody);
            let after = levels_after.get(key).unwrap_or(&nobody);
            outcome_changes(*key, before, after)
        });
        Self {
            outcomes: outcomes.collect(),
            indicators: indicator_changes(&before.indicators, &after.indicators),
        }
    }

    fn as_text(&self) -> String {
        let mut text = String::new();
        if !self.outcomes.is_empty() {
            let head = [
                "competence",
                "basis",
                "new",
                "higher",
                "lower",
                "lost",
                "same",
            ];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(self.outcomes.iter().map(|changes| {
                let numbers = [
                    changes.new,
                    changes.higher,
                    changes.lower,
                    changes.lost,
                    changes.same,
                ];
                let names = [changes.competence.clone(), changes.basis.to_owned()];
                let numbers = numbers.map(|number| number.to_string());
                names.into_iter().chain(numbers).collect()
            }));
            text += &columns(&rows, &[2, 3, 4, 5, 6]);
        }
        if !self.indicators.is_empty() {
            let head = ["project", "indicator", "before", "after"];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(self.indicators.iter().map(|change| {
                let number =
                    |value: Option<Amount>| value.map_or("-".to_owned(), |v| v.to_string());
                let names = [change.project.clone(), change.code.clone()];
                let numbers = [number(change.before), number(change.after)];
                names.into_iter().chain(numbers).collect()
            }));
            text += &columns(&rows, &[2, 3]);
        }
        if text.is_empty() {
            "  no results, before or after\n".clone_into(&mut text);
        }
        text
    }
}

fn levels(table: &OutcomeTable) -> Levels<'_> {
    let mut levels = Levels::new();
    let current = table.outcomes.iter();
    for outcome in current.filter(|outcome| outcome.status == Status::Current) {
        let key = (outcome.competence.as_str(), outcome.basis.name());
        let persons = levels.entry(key).or_default();
        persons.insert(&outcome.person, outcome.level);
    }
    levels
}

fn outcome_changes(
    (competence, basis): (&str, &'static str),
    before: &BTreeMap<&str, u32>,
    after: &BTreeMap<&str, u32>,
) -> OutcomeChanges {
    let mut changes = OutcomeChanges {
        competence: competence.to_owned(),
        basis,
        lost: before
            .keys()
            .filter(|person| !after.contains_key(*person))
            .count(),
        ..OutcomeChanges::default()
    };
    for (person, level) in after {
        match before.get(person) {
            None => changes.new += 1,
            Some(before) if before < level => changes.higher += 1,
            Some(before) if before > level => changes.lower += 1,
            Some(_) => changes.same += 1,
        }
    }
    changes
}

fn indicator_changes(before: &IndicatorReport, after: &IndicatorReport) -> Vec<IndicatorChange> {
    let values = |report: &IndicatorReport| {
        let tables = report.tables.iter();
        let values = tables.flat_map(|table| {
            let project = table.project.to_string();
            let indicators = table.indicators.iter();
            indicators.map(move |value| ((project.clone(), value.code.to_string()), value.value))
        });
        values.collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (values(before), values(after));
    let mut all: Vec<_> = before.keys().chain(after.keys()).collect();
    all.sort_unstable();
    all.dedup();
    let change = |key: &(String, String)| IndicatorChange {
        project: key.0.clone(),
        code: key.1.clone(),
        before: before.get(key).copied(),
        after: after.get(key).copied(),
    };
    all.into_iter().map(change).collect()
}
