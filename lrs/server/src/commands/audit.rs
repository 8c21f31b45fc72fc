//! `varde audit list | verify`

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::audit::{Audit as Trail, AuditLine, AuditReport};
use varde_core::registers::PersonId;

use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// Read the trail of who was told what.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Audit {
    /// Lists who was told what of persons, the oldest first.
    List(AuditListArgs),
    /// Checks that no line of the trail was removed or altered.
    Verify(AuditVerifyArgs),
}

/// The flags of `varde audit list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct AuditListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Only lines behind this number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) after: u64,
    /// Prints each line as a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde audit verify`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct AuditVerifyArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for AuditListArgs {
    fn name(&self) -> &'static str {
        "audit list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Prints the lines, a thousand at a time.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let trail = Trail::new(desk.open_existing().await?.records.clone());
        let mut after = self.after;
        loop {
            let lines = trail.lines(after).await?;
            let Some(last) = lines.last() else {
                return Ok(());
            };
            after = last.number;
            desk.print(self.shown(&lines)).await?;
        }
    }
}

impl AuditListArgs {
    fn shown(&self, lines: &[AuditLine]) -> String {
        if self.json {
            let lines: Vec<String> = lines.iter().map(|line| json!(line).to_string()).collect();
            return lines.join(
                "
",
            ) + "
";
        }
        let header = ["Number", "At", "Key", "Role", "Told", "Persons", "Rows"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        rows.extend(lines.iter().map(|line| {
            let persons: Vec<&str> = line.told.persons.iter().map(PersonId::as_str).collect();
            let role = line.role.map_or("-", |role| role.name());
            vec![
                line.number.to_string(),
                line.at.to_string(),
                line.key.to_string(),
                role.to_owned(),
                line.told.query.clone(),
                persons.join(" "),
                line.told.rows.to_string(),
            ]
        }));
        columns(&rows, &[0, 6])
    }
}

#[async_trait]
impl StoreCommand for AuditVerifyArgs {
    fn name(&self) -> &'static str {
        "audit verify"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Checks every line; ends with code 65 where one was removed or altered.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let trail = Trail::new(desk.open_existing().await?.records.clone());
        let report = trail.verify().await?;
        let shown = if self.json {
            format!("{}\n", json!(report))
        } else {
            as_text(&report)
        };
        desk.print(shown).await?;
        match report.faults.len() {
            0 => Ok(()),
            faults => {
                let sentence =
                    format!("the audit log is not whole: {faults} lines are named above");
                Err(Failure::new(Exit::Data, sentence))
            }
        }
    }
}

fn as_text(report: &AuditReport) -> String {
    let faults = report.faults.iter().map(|fault| format!("  {fault}\n"));
    let faults: String = faults.collect();
    if report.last == 0 {
        return "  the audit log has no lines yet\n".to_owned();
    }
    format!(
        "{faults}  {} lines, the last is {}\n  {}  its hash, to be noted elsewhere\n",
        report.lines, report.last, report.head
    )
}
