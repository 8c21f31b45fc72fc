//! `varde report open | submit | return | accept | comment`

use async_trait::async_trait;
use clap::Args;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;
use varde_interreg::IndicatorCode;
use varde_interreg::reports::Place;

use super::show::{as_json, summary};
use super::{code, manager, project, refused};
use crate::cli::StoreArgs;
use crate::commands::day;
use crate::commands::rules::carry;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;

/// Which report.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PlaceArgs {
    /// The project's code.
    #[arg(value_name = "PROJECT", value_parser = project)]
    pub(crate) project: ProjectCode,
    /// The last day of the period.
    #[arg(value_name = "PERIOD", value_parser = day)]
    pub(crate) period: Date,
}

impl PlaceArgs {
    pub(crate) fn place(&self) -> Place {
        Place {
            project: self.project.clone(),
            period: self.period,
        }
    }
}

/// The flags of `varde report open`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportOpenArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
}

/// The flags of `varde report submit`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportSubmitArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

/// The flags of `varde report return`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportReturnArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Why it came back.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// The flags of `varde report accept`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportAcceptArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
}

/// The flags of `varde report comment`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportCommentArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// The indicator.
    #[arg(value_name = "CODE", value_parser = code)]
    code: IndicatorCode,
    /// What to say of it; an empty text takes the comment back.
    #[arg(value_name = "TEXT")]
    text: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
}

#[async_trait]
impl StoreCommand for ReportOpenArgs {
    fn name(&self) -> &'static str {
        "report open"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let opened = parts.reports.open(&caller, &self.of.place()).await;
        opened.map_err(refused)?;
        let said = format!(
            "  the report of the period to {} is a draft\n",
            self.of.period
        );
        desk.print(said).await
    }
}

#[async_trait]
impl StoreCommand for ReportSubmitArgs {
    fn name(&self) -> &'static str {
        "report submit"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Brings the ledgers to the head of the log and freezes what they say.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        carry(desk, &parts).await?;
        let caller = manager(&parts, desk).await?;
        let submitted = parts.reports.submit(&caller, &self.of.place(), None).await;
        let view = submitted.map_err(refused)?;
        let said = if self.json {
            as_json(&view)?
        } else {
            summary(&view)
        };
        desk.print(said).await
    }
}

#[async_trait]
impl StoreCommand for ReportReturnArgs {
    fn name(&self) -> &'static str {
        "report return"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let place = self.of.place();
        let returned = parts.reports.give_back(&caller, &place, &self.reason).await;
        returned.map_err(refused)?;
        let said = "  the report came back; its next revision is a draft, and what was submitted \
                    stays readable by --revision\n";
        desk.print(said).await
    }
}

#[async_trait]
impl StoreCommand for ReportAcceptArgs {
    fn name(&self) -> &'static str {
        "report accept"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let accepted = parts.reports.accept(&caller, &self.of.place()).await;
        accepted.map_err(refused)?;
        let said = format!(
            "  the report of the period to {} is accepted\n",
            self.of.period
        );
        desk.print(said).await
    }
}

#[async_trait]
impl StoreCommand for ReportCommentArgs {
    fn name(&self) -> &'static str {
        "report comment"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let (place, said) = (self.of.place(), (&self.code, self.text.as_str()));
        let noted = parts.reports.comment(&caller, &place, said, None).await;
        noted.map_err(refused)?;
        desk.print(format!("  noted for {}\n", self.code)).await
    }
}
