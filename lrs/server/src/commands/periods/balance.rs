//! `varde report balance`

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::ProjectCode;
use varde_interreg::IndicatorCode;
use varde_interreg::reports::{OpeningBalance, ReportKey};

use super::{amount, code, manager, project, refused, shown};
use crate::cli::StoreArgs;
use crate::commands::day;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// The columns of a list of keys.
const COLUMNS: [&str; 3] = ["unit", "person", "organisation"];

/// The flags of `varde report balance`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportBalanceArgs {
    /// The project's code.
    #[arg(value_name = "PROJECT", value_parser = project)]
    project: ProjectCode,
    /// The indicator whose balance is set or removed; without one all are listed.
    #[arg(value_name = "CODE", value_parser = code)]
    code: Option<IndicatorCode>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// What had been reported.
    #[arg(long, value_name = "N", value_parser = amount, allow_hyphen_values = true,
        requires = "code", requires = "as_of", requires = "source")]
    value: Option<Decimal>,
    /// The last day that it stands for.
    #[arg(long, value_name = "DAY", value_parser = day, requires = "value")]
    as_of: Option<Date>,
    /// The report that it was handed in with, in words.
    #[arg(long, value_name = "TEXT", requires = "value")]
    source: Option<String>,
    /// The document: the SHA-256 of an evidence file.
    #[arg(long, value_name = "SHA256", requires = "value")]
    document: Option<String>,
    /// What it stands for, as CSV with the columns unit, person and organisation; `-` is standard
    /// input [default: everything up to its day].
    #[arg(long, value_name = "FILE", requires = "value")]
    keys: Option<PathBuf>,
    /// Takes the indicator's balance back.
    #[arg(long, requires = "code", conflicts_with = "value")]
    remove: bool,
    /// Prints the balances as JSON.
    #[arg(long)]
    json: bool,
}

#[async_trait]
impl StoreCommand for ReportBalanceArgs {
    fn name(&self) -> &'static str {
        "report balance"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.keys.iter().cloned().collect()
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let keys = match desk.next_file().await? {
            Some(file) => {
                let (name, text) = file.text().await?;
                Some(keys(&name, &text)?)
            }
            None => None,
        };
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let reports = &parts.reports;
        if let (Some(code), Some(opening)) = (&self.code, self.opening(keys)) {
            let set = reports.set_opening(&caller, &self.project, code, Some(opening));
            set.await.map_err(refused)?;
        } else if let (Some(code), true) = (&self.code, self.remove) {
            let removed = reports.set_opening(&caller, &self.project, code, None);
            removed.await.map_err(refused)?;
        }
        let all = reports.openings(&caller, &self.project).await;
        let all = all.map_err(refused)?;
        let said = if self.json {
            format!("{}\n", json!({ "balances": all }))
        } else {
            as_table(&all)
        };
        desk.print(said).await
    }
}

impl ReportBalanceArgs {
    fn opening(&self, keys: Option<BTreeSet<ReportKey>>) -> Option<OpeningBalance> {
        Some(OpeningBalance {
            value: self.value?,
            as_of: self.as_of?,
            source: self.source.clone()?,
            document: self.document.clone(),
            keys,
        })
    }
}

/// Reads a list of keys.
fn keys(name: &str, text: &str) -> Result<BTreeSet<ReportKey>, Failure> {
    let fault = |line: Option<u64>, sentence: &str| {
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        Failure::new(Exit::Data, format!("{name}{line}: {sentence}"))
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().cloned();
    let header = header.map_err(|_| fault(Some(1), "expected a header"))?;
    let known = !header.is_empty() && header.iter().all(|column| COLUMNS.contains(&column.trim()));
    if !known {
        let sentence = "expected the columns unit, person and organisation, or some of them";
        return Err(fault(Some(1), sentence));
    }
    let place = |column: &str| header.iter().position(|found| found.trim() == column);
    let places = COLUMNS.map(place);
    let mut keys = BTreeSet::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map(csv::Position::line);
            fault(line, "expected as many cells as the header has columns")
        })?;
        let cell = |place: Option<usize>| {
            let text = record.get(place?)?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let [unit, person, organisation] = places.map(cell);
        let key = ReportKey {
            unit,
            person,
            organisation,
        };
        if key.is_empty() {
            let line = record.position().map(csv::Position::line);
            return Err(fault(line, "expected a unit, a person or an organisation"));
        }
        keys.insert(key);
    }
    Ok(keys)
}

fn as_table(all: &BTreeMap<IndicatorCode, OpeningBalance>) -> String {
    if all.is_empty() {
        return "  no opening balance\n".to_owned();
    }
    let head = ["Code", "Value", "As of", "Stands for", "Source"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|(code, opening)| {
        let stands_for = match &opening.keys {
            Some(keys) => format!("{} keys", keys.len()),
            None => "all to its day".to_owned(),
        };
        vec![
            code.to_string(),
            shown(opening.value),
            opening.as_of.to_string(),
            stands_for,
            opening.source.clone(),
        ]
    }));
    columns(&rows, &[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_keys_is_read_and_what_is_wrong_is_told_with_its_line() {
        let read = |text: &str| keys("keys.csv", text).map_err(|failure| failure.sentence);
        let found = read("unit,person\nhttps://example.org/a,p-1\nhttps://example.org/a,p-2\n");
        assert_eq!(found.expect("keys").len(), 2);
        let found = read("organisation\nNO-123456785\n").expect("a key");
        let organisation = found.first().and_then(|key| key.organisation.as_deref());
        assert_eq!(organisation, Some("NO-123456785"));
        let cases = [
            ("name\nx\n", "keys.csv line 1: expected the columns"),
            ("unit,person\n,\n", "keys.csv line 2: expected a unit"),
            (
                "unit,person\na\n",
                "keys.csv line 2: expected as many cells",
            ),
        ];
        for (text, expected) in cases {
            let refused = read(text).expect_err("it is refused");
            assert!(refused.starts_with(expected), "{refused}");
        }
    }
}
