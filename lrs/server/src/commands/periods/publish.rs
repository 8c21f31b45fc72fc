//! `varde report publish | releases`

use std::collections::BTreeSet;
use std::fmt::Write as _;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::ProjectCode;
use varde_interreg::publication::{
    Choice, Dimension, NewRelease, PublicationError, Release, ReleasedIndicator,
};
use varde_interreg::reports::ReportQuery;

use super::changing::PlaceArgs;
use super::{manager, project, refused};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// The flags of `varde report publish`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportPublishArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// The revision [default: the last].
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
    /// A table: an indicator and a dimension; may be given again [default: all that may be published].
    #[arg(long = "table", value_name = "CODE:DIMENSION", value_parser = table)]
    tables: Vec<Choice>,
    /// Tells what would be shown or revealed, and publishes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints the release as JSON.
    #[arg(long)]
    json: bool,
}

/// The flags of `varde report releases`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportReleasesArgs {
    /// The project's code.
    #[arg(value_name = "PROJECT", value_parser = project)]
    project: ProjectCode,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Prints the releases as JSON.
    #[arg(long)]
    json: bool,
}

/// Reads a table such as RCO85:gender.
fn table(text: &str) -> Result<Choice, String> {
    let names = Dimension::EACH.map(Dimension::name).join(", ");
    let expected = || format!("expected a table such as RCO85:gender, with one of {names}");
    let (code, dimension) = text.split_once(':').ok_or_else(expected)?;
    Ok(Choice {
        code: code.parse().map_err(|_| expected())?,
        dimension: Dimension::of(dimension).ok_or_else(expected)?,
    })
}

#[async_trait]
impl StoreCommand for ReportPublishArgs {
    fn name(&self) -> &'static str {
        "report publish"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let new = NewRelease {
            report: ReportQuery {
                project: self.of.project.clone(),
                period: self.of.period,
                revision: self.revision,
                known_at: None,
            },
            tables: self.tables.iter().cloned().collect::<BTreeSet<_>>(),
        };
        let release = if self.dry_run {
            parts.publication().preview(&caller, &new).await
        } else {
            parts.publication().publish(&caller, &new).await
        };
        let release = release.map_err(not_published)?;
        let said = if self.json {
            format!("{}\n", json!(release))
        } else {
            let done = if self.dry_run {
                "would publish"
            } else {
                "published"
            };
            format!(
                "  {done} release {}:\n{}",
                release.number,
                as_text(&release)
            )
        };
        desk.print(said).await
    }
}

#[async_trait]
impl StoreCommand for ReportReleasesArgs {
    fn name(&self) -> &'static str {
        "report releases"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let releases = parts.publication().releases(&caller, &self.project).await;
        let releases = releases.map_err(not_published)?;
        let said = if self.json {
            format!("{}\n", json!({ "releases": releases }))
        } else if releases.is_empty() {
            "  nothing was published yet\n".to_owned()
        } else {
            let each = releases.iter().map(|release| {
                let (number, period) = (release.number, release.period);
                format!("  release {number}, to {period}:\n{}", as_text(release))
            });
            each.collect()
        };
        desk.print(said).await
    }
}

/// Says why nothing was published.
fn not_published(error: PublicationError) -> Failure {
    match error {
        PublicationError::Report(error) => refused(error),
        PublicationError::Store(error) => error.into(),
        PublicationError::Changed => Failure::new(Exit::TryLater, error.to_string()),
        PublicationError::Forbidden(_) => Failure::new(Exit::NoPermission, error.to_string()),
        PublicationError::Reveals(_) | PublicationError::TooLarge { .. } => {
            Failure::new(Exit::Data, error.to_string())
        }
    }
}

fn as_text(release: &Release) -> String {
    let head = ["Code", "Dimension", "Group", "Number", "As of"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in &release.indicators {
        rows.extend(lines(one));
    }
    let mut text = columns(&rows, &[3]);
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "  of the report {}; no number below {} is told",
        release.snapshot, release.threshold
    );
    text
}

fn lines(one: &ReleasedIndicator) -> Vec<Vec<String>> {
    let line =
        |dimension: &str, cell: &str, number: Option<varde_interreg::publication::Number>| {
            let as_of = number.map(|number| number.as_of.to_string());
            let number =
                number.map_or_else(|| "held back".to_owned(), |number| number.value.to_string());
            vec![
                one.code.to_string(),
                dimension.to_owned(),
                cell.to_owned(),
                number,
                as_of.unwrap_or_default(),
            ]
        };
    let mut lines = vec![line("", "", Some(one.total))];
    for (dimension, cells) in &one.tables {
        if cells.is_empty() {
            lines.push(line(dimension.name(), "", None));
        }
        let cells = cells.iter();
        lines.extend(cells.map(|(cell, number)| line(dimension.name(), cell, *number)));
    }
    lines
}
