//! `varde report export`

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;
use varde_competence::{OutcomeError, OutcomeQuery};
use varde_core::registers::EntityKind;
use varde_core::{Caller, KeyId, Scope, Space, Tolerances};
use varde_interreg::{IndicatorError, IndicatorQuery, IndicatorReport, export};

use super::rules::carry;
use crate::cli::{ReportExportArgs, ReportTable};
use crate::config::Config;
use crate::exit::{Exit, Failure, chain};
use crate::terminal::print;
use crate::wiring::Parts;

/// The zone whose day is "today" where no day is given.
const ZONE: &str = "Europe/Oslo";

/// A file to be written: its name and its bytes.
type Written = (&'static str, Vec<u8>);

/// Brings the ledgers to the head of the log and writes a table as CSV.
pub(crate) async fn export(args: &ReportExportArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let parts = Parts::open_existing(config.store.data()?)?;
    let files = async {
        carry(&parts).await?;
        let caller = operator(&parts, &config).await?;
        match args.table {
            ReportTable::Outcomes => outcomes(&parts, &caller, args).await,
            ReportTable::Indicators => indicators(&parts, &caller, args).await,
        }
    };
    let files: Result<Vec<Written>, Failure> = files.await;
    parts.close().await?;
    deliver(&args.output, files?)
}

/// The caller that stands for whoever may read the data folder: it reads every space that a key,
/// the registers or the configuration name.
async fn operator(parts: &Parts, config: &Config) -> Result<Caller, Failure> {
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
    Ok(Caller {
        key: KeyId(Uuid::nil()),
        name: "operator".into(),
        authority: "{}".into(),
        space,
        reads: spaces.into_iter().collect(),
        scopes: vec![Scope::AllRead],
        tolerances: Tolerances::default(),
    })
}

fn as_of(parts: &Parts, args: &ReportExportArgs) -> Result<Date, Failure> {
    let zone = TimeZone::get(ZONE).map_err(|error| Failure::software(&error))?;
    let today = || zone.to_datetime(parts.clock.now().instant()).date();
    Ok(args.as_of.unwrap_or_else(today))
}

async fn outcomes(
    parts: &Parts,
    caller: &Caller,
    args: &ReportExportArgs,
) -> Result<Vec<Written>, Failure> {
    let as_of = as_of(parts, args)?;
    let query = OutcomeQuery {
        person: None,
        competence: None,
        as_of,
        known_at: args.known_at,
    };
    let table = parts
        .outcomes
        .query(caller, query)
        .await
        .map_err(|error| match error {
            OutcomeError::Store(error) => error.into(),
            OutcomeError::Forbidden(_) => Failure::software(&error),
        })?;
    let mut csv = Vec::new();
    table
        .write_csv(&mut csv)
        .map_err(|error| Failure::software(&error))?;
    Ok(vec![("outcomes.csv", csv)])
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
        .map_err(|error| match error {
            IndicatorError::Store(error) => error.into(),
            IndicatorError::Forbidden(_) => Failure::software(&error),
        })?;
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
fn deliver(output: &Path, files: Vec<Written>) -> Result<(), Failure> {
    if output == Path::new("-") {
        let [(_, csv)] = files.as_slice() else {
            let sentence = "this table is several files; give a folder with --output";
            return Err(Failure::new(Exit::Usage, sentence));
        };
        let written = std::io::stdout().write_all(csv);
        return written.map_err(|error| Failure::new(Exit::Io, chain(&error)));
    }
    std::fs::create_dir_all(output).map_err(|error| {
        let sentence = format!("cannot make the folder {}: {error}", output.display());
        Failure::new(Exit::CannotCreate, sentence)
    })?;
    for (name, csv) in files {
        let path = output.join(name);
        std::fs::write(&path, csv).map_err(|error| {
            let sentence = format!("cannot write {}: {error}", path.display());
            Failure::new(Exit::CannotCreate, sentence)
        })?;
        print(&format!("  wrote {}\n", path.display()));
    }
    Ok(())
}
