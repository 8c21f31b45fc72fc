//! `varde report export | explain`; what reports of periods are done with is in `periods`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use varde_competence::{OutcomeError, OutcomeQuery};
use varde_core::registers::EntityKind;
use varde_core::{Caller, KeyId, Scope, Space, Tolerances};
use varde_interreg::{IndicatorError, IndicatorQuery, IndicatorReport, export};
use varde_xapi::Stored;

use super::day;
use super::explain::ReportExplainArgs;
use super::periods::Periods;
use super::rules::carry;
use crate::cli::StoreArgs;
use crate::config::Config;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::wiring::Parts;

/// Results as files, and the reports that projects hand in.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Report {
    /// Writes a table as CSV or JSON.
    Export(ReportExportArgs),
    /// Says why a person has a level of competence, or has none; or what an indicator rests on.
    Explain(ReportExplainArgs),
    /// The reports of a project's periods.
    #[command(flatten)]
    Periods(Periods),
}

/// The flags of `varde report export`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportExportArgs {
    /// Which table.
    pub(crate) table: ReportTable,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The last day that counts [default: today in Oslo and Stockholm].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// Only what the store knew at this instant, such as 2026-01-31T12:00:00Z [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = known_at)]
    pub(crate) known_at: Option<Stored>,
    /// How the table is written.
    #[arg(long, value_enum, default_value_t = ReportFormat::Csv)]
    pub(crate) format: ReportFormat,
    /// The folder to write into, or `-` for standard output where the table is one file.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) output: PathBuf,
}

/// A table of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum ReportTable {
    /// Competence outcomes: outcomes.csv.
    Outcomes,
    /// Indicators and the keys they count: indicators.csv and keys.csv.
    Indicators,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum ReportFormat {
    /// As CSV (RFC 4180): outcomes.csv, or indicators.csv and keys.csv.
    Csv,
    /// As one JSON document, which says what the API does: outcomes.json or indicators.json.
    Json,
}

/// Reads an instant as flags give it.
pub(super) fn known_at(text: &str) -> Result<Stored, String> {
    Stored::parse(text)
        .map_err(|error| format!("{error}; expected an instant such as 2026-01-31T12:00:00Z"))
}

/// The zone whose day is "today" where no day is given.
const ZONE: &str = "Europe/Oslo";

/// A file to be written: its name and its bytes.
type Written = (&'static str, Vec<u8>);

#[async_trait]
impl StoreCommand for ReportExportArgs {
    fn name(&self) -> &'static str {
        "report export"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Brings the ledgers to the head of the log and writes a table.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        carry(desk, &parts).await?;
        let caller = operator(&parts, desk.config()).await?;
        let files = match self.table {
            ReportTable::Outcomes => outcomes(&parts, &caller, self).await?,
            ReportTable::Indicators => indicators(&parts, &caller, self).await?,
        };
        deliver(desk, &self.output, files).await
    }
}

/// The caller that stands for whoever may read the data folder: it reads every space that a key,
/// the registers or the configuration name, and the results of each of their projects.
pub(super) async fn operator(parts: &Parts, config: &Config) -> Result<Caller, Failure> {
    let registers = parts.registers.refresh().await?;
    let projects = registers.entities(EntityKind::Project).into_iter();
    let mut spaces: BTreeSet<Space> = projects
        .filter_map(|project| Space::live(&project.id).ok())
        .collect();
    spaces.extend(Space::live("default"));
    let of_keys = parts.keys.all().await?.into_iter().map(|key| key.space);
    spaces.extend(of_keys.filter(|space| !space.is_test()));
    let space = config.bootstrap.space.clone();
    spaces.insert(space.clone());
    let projects = spaces.iter().map(|space| space.project_code().clone());
    Ok(Caller {
        projects: projects.collect(),
        partner: None,
        role: None,
        person: None,
        key: KeyId(Uuid::nil()),
        name: "operator".into(),
        authority: "{}".into(),
        space,
        reads: spaces.into_iter().collect(),
        scopes: vec![Scope::AllRead],
        tolerances: Tolerances::default(),
        ingest: varde_core::Ingest::default(),
        bound: None,
    })
}

/// Returns the day that it is in the zone.
pub(super) fn today(parts: &Parts) -> Result<Date, Failure> {
    let zone = TimeZone::get(ZONE).map_err(|error| Failure::software(&error))?;
    Ok(zone.to_datetime(parts.clock.now().instant()).date())
}

fn as_of(parts: &Parts, args: &ReportExportArgs) -> Result<Date, Failure> {
    args.as_of.map_or_else(|| today(parts), Ok)
}

/// Says why there are no outcomes.
pub(super) fn no_outcomes(error: OutcomeError) -> Failure {
    match error {
        OutcomeError::Store(error) => error.into(),
        OutcomeError::Forbidden(_) | OutcomeError::NoPeriod { .. } | OutcomeError::WholeTables => {
            Failure::software(&error)
        }
    }
}

/// Says why there are no indicators.
pub(super) fn no_indicators(error: IndicatorError) -> Failure {
    match error {
        IndicatorError::Store(error) => error.into(),
        IndicatorError::Forbidden(_) | IndicatorError::NoPeriod { .. } => Failure::software(&error),
    }
}

async fn outcomes(
    parts: &Parts,
    caller: &Caller,
    args: &ReportExportArgs,
) -> Result<Vec<Written>, Failure> {
    let as_of = as_of(parts, args)?;
    let query = OutcomeQuery {
        known_at: args.known_at,
        ..OutcomeQuery::as_of(as_of)
    };
    let table = parts
        .outcomes
        .query(caller, query)
        .await
        .map_err(no_outcomes)?;
    if args.format == ReportFormat::Json {
        return Ok(vec![("outcomes.json", json(&table)?)]);
    }
    let mut csv = Vec::new();
    table
        .write_csv(&mut csv)
        .map_err(|error| Failure::software(&error))?;
    Ok(vec![("outcomes.csv", csv)])
}

fn json(table: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let text = serde_json::to_string_pretty(table);
    let text = text.map_err(|error| Failure::software(&error))?;
    Ok((text + "\n").into_bytes())
}

async fn indicators(
    parts: &Parts,
    caller: &Caller,
    args: &ReportExportArgs,
) -> Result<Vec<Written>, Failure> {
    let as_of = as_of(parts, args)?;
    let query = IndicatorQuery {
        project: None,
        code: None,
        as_of,
        known_at: args.known_at,
    };
    let report = parts
        .indicators
        .query(caller, &query)
        .await
        .map_err(no_indicators)?;
    if args.format == ReportFormat::Json {
        return Ok(vec![("indicators.json", json(&report)?)]);
    }
    let write = |to: fn(&IndicatorReport, &mut Vec<u8>) -> std::io::Result<()>| {
        let mut csv = Vec::new();
        to(&report, &mut csv).map_err(|error| Failure::software(&error))?;
        Ok::<_, Failure>(csv)
    };
    Ok(vec![
        (
            "indicators.csv",
            write(|report, csv| export::indicators(report, csv))?,
        ),
        ("keys.csv", write(|report, csv| export::keys(report, csv))?),
    ])
}

/// Writes the files into a folder, or a single one to standard output.
async fn deliver(desk: &Desk, output: &Path, files: Vec<Written>) -> Result<(), Failure> {
    let to_stdout = output == Path::new("-");
    if to_stdout && files.len() != 1 {
        let sentence = "this table is several files; give a folder with --output";
        return Err(Failure::new(Exit::Usage, sentence));
    }
    for (name, csv) in files {
        let path = if to_stdout {
            output.to_owned()
        } else {
            output.join(name)
        };
        let file = desk.write_file(&path, false).await?;
        file.write(csv).await?;
        file.end().await?;
        if !to_stdout {
            desk.print(format!("  wrote {}\n", path.display())).await?;
        }
    }
    Ok(())
}
