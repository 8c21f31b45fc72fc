//! `varde report line`

use async_trait::async_trait;
use clap::{ArgGroup, Args};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use varde_interreg::IndicatorCode;
use varde_interreg::reports::NewLine;

use super::changing::PlaceArgs;
use super::{amount, code, manager, refused};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};

/// The flags of `varde report line`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[command(group(ArgGroup::new("deed").required(true).args(["code", "approve", "withdraw"])))]
pub(crate) struct ReportLineArgs {
    #[command(flatten)]
    of: PlaceArgs,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Writes a line for this indicator.
    #[arg(long, value_name = "CODE", value_parser = code, requires = "amount", requires = "reason",
        requires = "document")]
    code: Option<IndicatorCode>,
    /// How much the line adds, or takes away where negative.
    #[arg(long, value_name = "N", value_parser = amount, allow_hyphen_values = true,
        requires = "code")]
    amount: Option<Decimal>,
    /// Why.
    #[arg(long, value_name = "TEXT", requires = "code")]
    reason: Option<String>,
    /// The document that proves it: the SHA-256 of an evidence file.
    #[arg(long, value_name = "SHA256", requires = "code")]
    document: Option<String>,
    /// Approves the line of this number, which somebody else wrote.
    #[arg(long, value_name = "N")]
    approve: Option<u32>,
    /// Takes the line of this number out of the draft.
    #[arg(long, value_name = "N")]
    withdraw: Option<u32>,
}

#[async_trait]
impl StoreCommand for ReportLineArgs {
    fn name(&self) -> &'static str {
        "report line"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = manager(&parts, desk).await?;
        let (place, reports) = (self.of.place(), &parts.reports);
        let said = match (self.new_line(), self.approve, self.withdraw) {
            (Some(new), _, _) => {
                let number = reports.add_line(&caller, &place, new, None).await;
                let number = number.map_err(refused)?;
                format!("  line {number} adds nothing before somebody else has approved it\n")
            }
            (None, Some(number), _) => {
                let approved = reports.approve_line(&caller, &place, number, None).await;
                approved.map_err(refused)?;
                format!("  line {number} is approved\n")
            }
            (None, None, Some(number)) => {
                let withdrawn = reports.withdraw_line(&caller, &place, number, None).await;
                withdrawn.map_err(refused)?;
                format!("  line {number} is withdrawn\n")
            }
            (None, None, None) => {
                let sentence = "expected --code with --amount, --reason and --document, or \
                                --approve, or --withdraw";
                return Err(Failure::new(Exit::Usage, sentence));
            }
        };
        desk.print(said).await
    }
}

impl ReportLineArgs {
    fn new_line(&self) -> Option<NewLine> {
        Some(NewLine {
            code: self.code.clone()?,
            amount: self.amount?,
            reason: self.reason.clone()?,
            document: self.document.clone()?,
        })
    }
}
