//! `varde report open | list | show | submit | return | accept | comment | line | balance | evidence | pack | publish
//! | releases`:
//! the reports of a project's periods.

mod balance;
mod changing;
mod evidence;
mod line;
mod pack;
mod publish;
mod show;

use clap::Subcommand;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use varde_core::{Caller, ProjectCode, Scope};
use varde_interreg::IndicatorCode;
use varde_interreg::reports::ReportError;

use self::balance::ReportBalanceArgs;
use self::changing::{
    ReportAcceptArgs, ReportCommentArgs, ReportOpenArgs, ReportReturnArgs, ReportSubmitArgs,
};
use self::evidence::ReportEvidenceArgs;
use self::line::ReportLineArgs;
use self::pack::ReportPackArgs;
use self::publish::{ReportPublishArgs, ReportReleasesArgs};
use self::show::{ReportListArgs, ReportShowArgs};
use super::report::operator;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::wiring::Parts;

/// The reports of a project's periods.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Periods {
    /// Opens the report of a period as a draft.
    Open(ReportOpenArgs),
    /// Lists the reports of all projects and where they stand.
    List(ReportListArgs),
    /// Shows a report: a draft with the figures of now, or one as it was submitted.
    Show(ReportShowArgs),
    /// Freezes the draft of a period that is over, under a hash.
    Submit(ReportSubmitArgs),
    /// Notes that a submitted report came back, and opens its next revision.
    Return(ReportReturnArgs),
    /// Notes that a submitted report was accepted.
    Accept(ReportAcceptArgs),
    /// Writes what the project office says of an indicator into a draft.
    Comment(ReportCommentArgs),
    /// Writes, approves or withdraws a manual line of a draft.
    Line(ReportLineArgs),
    /// Lists opening balances, or says what had been reported before the first report here.
    Balance(ReportBalanceArgs),
    /// Lists evidence files, keeps one, or writes one out.
    Evidence(ReportEvidenceArgs),
    /// Writes everything that is handed in with a submitted report: workbook, annex, CSV, signed.
    Pack(ReportPackArgs),
    /// Publishes tables of a submitted report, suppressed once, for everybody.
    Publish(ReportPublishArgs),
    /// Lists what was published of a project.
    Releases(ReportReleasesArgs),
}

impl Periods {
    /// Returns the command as one that works on an open store.
    pub(crate) fn on_store(&self) -> &dyn StoreCommand {
        match self {
            Self::Open(command) => command,
            Self::List(command) => command,
            Self::Show(command) => command,
            Self::Submit(command) => command,
            Self::Return(command) => command,
            Self::Accept(command) => command,
            Self::Comment(command) => command,
            Self::Line(command) => command,
            Self::Balance(command) => command,
            Self::Evidence(command) => command,
            Self::Pack(command) => command,
            Self::Publish(command) => command,
            Self::Releases(command) => command,
        }
    }
}

/// The operator as one who may change reports too.
async fn manager(parts: &Parts, desk: &Desk) -> Result<Caller, Failure> {
    Ok(Caller {
        scopes: vec![Scope::All],
        ..operator(parts, desk.config()).await?
    })
}

/// Says why nothing was done to a report.
fn refused(error: ReportError) -> Failure {
    match error {
        ReportError::Store(error) => error.into(),
        ReportError::Changed => Failure::new(Exit::TryLater, error.to_string()),
        ReportError::Forbidden(_) => Failure::new(Exit::NoPermission, error.to_string()),
        refused => Failure::new(Exit::Data, refused.to_string()),
    }
}

/// Reads a project's code on the command line.
pub(super) fn project(text: &str) -> Result<ProjectCode, String> {
    text.parse()
        .map_err(|_| "expected a project's code such as sing".to_owned())
}

/// Reads an indicator's code on the command line.
fn code(text: &str) -> Result<IndicatorCode, String> {
    text.parse()
        .map_err(|_| "expected an indicator's code such as RCO85".to_owned())
}

/// Reads an amount on the command line.
fn amount(text: &str) -> Result<Decimal, String> {
    let amount = varde_interreg::reports::amount("amount", text);
    amount.map_err(|error| error.to_string())
}

/// Writes an amount for people: at most two decimals, half away from zero.
fn shown(amount: Decimal) -> String {
    let away = RoundingStrategy::MidpointAwayFromZero;
    let rounded = amount.round_dp_with_strategy(2, away);
    rounded.normalize().to_string()
}
