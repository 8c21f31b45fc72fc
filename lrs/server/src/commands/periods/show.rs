//! `varde report list | show`

use std::fmt::Write as _;
use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::ProjectCode;
use varde_interreg::reports::{
    Listed, ManualLine, ReportQuery, ReportView, ReportedIndicator, State,
};
use varde_xapi::Stored;

use super::changing::PlaceArgs;
use super::{manager, project, refused, shown};
use crate::cli::StoreArgs;
use crate::commands::report::{known_at, operator};
use crate::commands::rules::carry;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;
use crate::terminal::columns;

/// The flags of `varde report list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportListArgs {
    /// Only this project's.
    #[arg(long, value_name = "PROJECT", value_parser = project)]
    project: Option<ProjectCode>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Prints the list as JSON.
    #[arg(long)]
    json: bool,
}

/// The flags of `varde report show`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportShowArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// The revision [default: the last].
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
    /// A draft with what the store knew at this instant [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = known_at)]
    known_at: Option<Stored>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
    /// Writes report.json of a submitted report, byte for byte as it was hashed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "known_at"])]
    output: Option<PathBuf>,
}

#[async_trait]
impl StoreCommand for ReportListArgs {
    fn name(&self) -> &'static str {
        "report list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = operator(&parts, desk.config()).await?;
        let listed = parts.reports.list(&caller, self.project.as_ref()).await;
        let listed = listed.map_err(refused)?;
        let said = if self.json {
            format!("{}\n", json!({ "reports": listed }))
        } else {
            as_list(&listed)
        };
        desk.print(said).await
    }
}

fn as_list(listed: &[Listed]) -> String {
    if listed.is_empty() {
        return "  no report was opened yet\n".to_owned();
    }
    let head = ["Project", "Period", "Number", "Revision", "State", "Hash"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(listed.iter().map(|one| {
        let hash = one.hash.as_ref().map(ToString::to_string);
        vec![
            one.project.to_string(),
            one.period.to_string(),
            one.number.to_string(),
            one.revision.to_string(),
            one.state.name().to_owned(),
            hash.unwrap_or_default(),
        ]
    }));
    columns(&rows, &[2, 3])
}

#[async_trait]
impl StoreCommand for ReportShowArgs {
    fn name(&self) -> &'static str {
        "report show"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Brings the ledgers to the head of the log and shows a report.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        carry(desk, &parts).await?;
        let caller = manager(&parts, desk).await?;
        let query = ReportQuery {
            project: self.of.project.clone(),
            period: self.of.period,
            revision: self.revision,
            known_at: self.known_at,
        };
        if let Some(path) = &self.output {
            let file = parts.reports.file(&caller, &query).await;
            let (bytes, hash) = file.map_err(refused)?;
            let written = desk.write_file(path, false).await?;
            written.write(bytes).await?;
            written.end().await?;
            if path.as_os_str() == "-" {
                return Ok(());
            }
            let said = format!("  wrote {}, SHA-256 {hash}\n", path.display());
            return desk.print(said).await;
        }
        let view = parts.reports.show(&caller, &query).await;
        let view = view.map_err(refused)?;
        let said = if self.json {
            as_json(&view)?
        } else {
            summary(&view)
        };
        desk.print(said).await
    }
}

pub(super) fn as_json(view: &ReportView) -> Result<String, Failure> {
    let json = serde_json::to_string(view);
    json.map(|json| json + "\n")
        .map_err(|error| Failure::software(&error))
}

/// Lays a report out for the terminal.
pub(super) fn summary(view: &ReportView) -> String {
    let (listed, body) = (&view.listed, &view.report);
    let mut text = String::new();
    let after = listed.after.map(|day| format!("from after {day} "));
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "  {} report {} {}to {}, revision {}: {}",
        listed.project,
        listed.number,
        after.unwrap_or_default(),
        listed.period,
        listed.revision,
        listed.state.name()
    );
    let _ = writeln!(
        text,
        "  by {} as known at {}",
        body.definition, body.known_at
    );
    match &listed.hash {
        Some(hash) => {
            let _ = writeln!(text, "  SHA-256 {hash}");
        }
        None if listed.state == State::Draft => {
            text.push_str("  a draft: the figures are those of now\n");
        }
        None => {}
    }
    text += &figures(&body.indicators);
    for indicator in &body.indicators {
        corrections(&mut text, view, indicator);
    }
    if !body.lines.is_empty() {
        text.push_str("  manual lines, apart from what is counted:\n");
        text += &columns(&body.lines.iter().map(line).collect::<Vec<_>>(), &[2]);
    }
    for exhibit in &body.evidence {
        let _ = writeln!(text, "  evidence {}  {}", exhibit.sha256, exhibit.title);
    }
    text
}

fn figures(indicators: &[ReportedIndicator]) -> String {
    let head = [
        "Code",
        "Name",
        "Previous",
        "New",
        "Correction",
        "Current",
        "Total",
        "Manual",
        "Target",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(indicators.iter().map(|one| {
        let cells = if let Some(figures) = &one.figures {
            [
                shown(figures.previous),
                shown(figures.new),
                shown(figures.correction),
                shown(figures.current),
                shown(figures.total),
            ]
        } else {
            // A share or a distribution stands as of the day and adds nothing up.
            let value = one.standing.get("value").map(ToString::to_string);
            let none = String::new;
            [none(), none(), none(), none(), value.unwrap_or_default()]
        };
        let manual = one.manual.filter(|manual| !manual.total.is_zero());
        let target = one.standing.get("target").map(ToString::to_string);
        let mut row = vec![one.code.to_string(), one.name.en.clone()];
        row.extend(cells);
        row.push(manual.map(|manual| shown(manual.total)).unwrap_or_default());
        row.push(target.unwrap_or_default());
        row
    }));
    columns(&rows, &[2, 3, 4, 5, 6, 7, 8])
}

fn corrections(text: &mut String, view: &ReportView, indicator: &ReportedIndicator) {
    if let Some(opening) = &indicator.opening {
        let _ = writeln!(
            text,
            "  {} opened at {} as of {} ({}), which stands for {} keys here",
            indicator.code,
            shown(opening.value),
            opening.as_of,
            opening.source,
            opening.covered
        );
    }
    for one in &indicator.corrections {
        let person = one.key.person.as_ref().and_then(|id| view.persons.get(id));
        let named = [one.key.unit.as_ref(), one.key.organisation.as_ref(), person];
        let named: Vec<_> = named.into_iter().flatten().map(String::as_str).collect();
        let sign = if one.amount.is_sign_negative() {
            ""
        } else {
            "+"
        };
        let _ = writeln!(
            text,
            "  {} {sign}{}  {}: {}",
            indicator.code,
            shown(one.amount),
            named.join(", "),
            one.sentence
        );
    }
    if let Some(comment) = &indicator.comment {
        let _ = writeln!(text, "  {}: {comment}", indicator.code);
    }
}

fn line(line: &ManualLine) -> Vec<String> {
    let approved = match line.approver {
        Some(approver) => format!("approved by {approver}"),
        None => "not approved: adds nothing yet".to_owned(),
    };
    vec![
        format!("  {}", line.number),
        line.code.to_string(),
        shown(line.amount),
        approved,
        line.reason.clone(),
    ]
}
