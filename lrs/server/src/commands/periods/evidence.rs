//! `varde report evidence`

use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::{Caller, ProjectCode};
use varde_interreg::reports::{EXHIBITS_MAX, Exhibit, Link, NewEvidence};

use super::{manager, project, refused};
use crate::cli::StoreArgs;
use crate::commands::day;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;
use crate::terminal::columns;
use crate::wiring::Parts;

/// The flags of `varde report evidence`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportEvidenceArgs {
    /// The project's code.
    #[arg(value_name = "PROJECT", value_parser = project)]
    project: ProjectCode,
    /// A file to keep; without one the files are listed.
    #[arg(value_name = "FILE", requires = "title", requires = "media_type")]
    file: Option<PathBuf>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// What the file is, in words.
    #[arg(long, value_name = "TEXT", requires = "file")]
    title: Option<String>,
    /// Its media type, such as application/pdf.
    #[arg(long, value_name = "TYPE", requires = "file")]
    media_type: Option<String>,
    /// The file proves something of the report of the period with this last day.
    #[arg(long, value_name = "DAY", value_parser = day, requires = "file")]
    period: Option<Date>,
    /// Writes out the file with this SHA-256.
    #[arg(
        long,
        value_name = "SHA256",
        requires = "output",
        conflicts_with = "file"
    )]
    save: Option<String>,
    /// Where to write it, or `-` for standard output.
    #[arg(long, value_name = "FILE", requires = "save")]
    output: Option<PathBuf>,
    /// Prints the list as JSON.
    #[arg(long)]
    json: bool,
}

#[async_trait]
impl StoreCommand for ReportEvidenceArgs {
    fn name(&self) -> &'static str {
        "report evidence"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.file.iter().cloned().collect()
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let given = match desk.next_file().await? {
            Some(file) => Some(file.bytes().await?.1),
            None => None,
        };
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        if let (Some(sha256), Some(output)) = (&self.save, &self.output) {
            let found = parts.reports.evidence_file(&caller, &self.project, sha256);
            let (_, bytes) = found.await.map_err(refused)?;
            let written = desk.write_file(output, true).await?;
            written.write(bytes).await?;
            return written.end().await;
        }
        let exhibits = match given {
            Some(bytes) => vec![self.keep(&parts, &caller, bytes).await?],
            None => self.all(&parts, &caller).await?,
        };
        let said = if self.json {
            format!("{}\n", json!({ "evidence": exhibits }))
        } else {
            as_table(&exhibits)
        };
        desk.print(said).await
    }
}

impl ReportEvidenceArgs {
    async fn keep(
        &self,
        parts: &Parts,
        caller: &Caller,
        bytes: Vec<u8>,
    ) -> Result<Exhibit, Failure> {
        let new = NewEvidence {
            project: self.project.clone(),
            title: self.title.clone().unwrap_or_default(),
            media_type: self.media_type.clone().unwrap_or_default(),
            bytes,
        };
        let kept = parts.reports.add_evidence(caller, new).await;
        let kept = kept.map_err(refused)?;
        let Some(period) = self.period else {
            return Ok(kept);
        };
        let link = Link {
            period: Some(period),
            ..Link::default()
        };
        let place = (&self.project, kept.sha256.as_str());
        let linked = parts.reports.link_evidence(caller, place, link).await;
        linked.map_err(refused)
    }

    async fn all(&self, parts: &Parts, caller: &Caller) -> Result<Vec<Exhibit>, Failure> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = (after.as_deref(), EXHIBITS_MAX);
            let page = parts.reports.evidence(caller, &self.project, page).await;
            let page = page.map_err(refused)?;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}

fn as_table(exhibits: &[Exhibit]) -> String {
    if exhibits.is_empty() {
        return "  no evidence file\n".to_owned();
    }
    let head = ["SHA-256", "Bytes", "Media type", "Title"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(exhibits.iter().map(|one| {
        vec![
            one.sha256.clone(),
            one.bytes.to_string(),
            one.media_type.clone(),
            one.title.clone(),
        ]
    }));
    columns(&rows, &[1])
}
