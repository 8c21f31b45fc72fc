//! `varde handover list | log | retry`

use std::fmt::Write as _;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_interreg::handover::{Attempt, Delivery, DeliveryId, State};
use varde_interreg::reports::ReportError;

use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// Shows what was handed over of reports, and has it tried again.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Handover {
    /// Lists what was, is and will be handed over, in the order in which it happened.
    List(HandoverListArgs),
    /// Shows every attempt, the oldest first.
    Log(HandoverLogArgs),
    /// Has deliveries attempted now, wherever they stand.
    Retry(HandoverRetryArgs),
}

/// The flags of `varde handover list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct HandoverListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Prints the list as JSON.
    #[arg(long)]
    json: bool,
}

/// The flags of `varde handover log`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct HandoverLogArgs {
    /// Only this delivery, by its id.
    #[arg(value_name = "DELIVERY", value_parser = delivery)]
    delivery: Option<DeliveryId>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// Prints the log as JSON.
    #[arg(long)]
    json: bool,
}

/// The flags of `varde handover retry`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct HandoverRetryArgs {
    /// The deliveries, by their ids.
    #[arg(value_name = "DELIVERY", value_parser = delivery, required_unless_present = "given_up")]
    deliveries: Vec<DeliveryId>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    store: StoreArgs,
    /// All that were given up.
    #[arg(long, conflicts_with = "deliveries")]
    given_up: bool,
}

/// Reads the id of a delivery on the command line.
fn delivery(text: &str) -> Result<DeliveryId, String> {
    let id = text.parse();
    id.map_err(|_| "expected the id of a delivery, as `varde handover list` has it".to_owned())
}

#[async_trait]
impl StoreCommand for HandoverListArgs {
    fn name(&self) -> &'static str {
        "handover list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let all = parts.deliveries().all().await?;
        let said = if self.json {
            format!("{}\n", json!({ "deliveries": all }))
        } else {
            as_table(&all)
        };
        desk.print(said).await
    }
}

fn as_table(all: &[Delivery]) -> String {
    if all.is_empty() {
        return "  nothing was handed over yet; targets stand under [[handover]] in the config file\n"
            .to_owned();
    }
    let head = [
        "Delivery", "Target", "What", "Happened", "State", "Attempts", "Next",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|one| {
        vec![
            one.id.to_string(),
            one.target.clone(),
            one.what(),
            one.happened.to_string(),
            one.state.name().to_owned(),
            one.attempts.to_string(),
            one.next.map(|next| next.to_string()).unwrap_or_default(),
        ]
    }));
    columns(&rows, &[5])
}

#[async_trait]
impl StoreCommand for HandoverLogArgs {
    fn name(&self) -> &'static str {
        "handover log"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let log = parts.deliveries().log(self.delivery).await?;
        let said = if self.json {
            format!("{}\n", json!({ "attempts": log }))
        } else {
            as_log(&log)
        };
        desk.print(said).await
    }
}

fn as_log(log: &[Attempt]) -> String {
    if log.is_empty() {
        return "  nothing was attempted yet\n".to_owned();
    }
    let head = [
        "At", "Delivery", "Target", "What", "Attempt", "Outcome", "Status", "Next", "Detail",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(log.iter().map(|line| {
        vec![
            line.at.to_string(),
            line.delivery.to_string(),
            line.target.clone(),
            line.what.clone(),
            line.number.to_string(),
            line.outcome.name().to_owned(),
            line.status
                .map(|status| status.to_string())
                .unwrap_or_default(),
            line.next.map(|next| next.to_string()).unwrap_or_default(),
            line.detail.clone(),
        ]
    }));
    columns(&rows, &[4, 6])
}

#[async_trait]
impl StoreCommand for HandoverRetryArgs {
    fn name(&self) -> &'static str {
        "handover retry"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let deliveries = parts.deliveries();
        let mut ids = self.deliveries.clone();
        if self.given_up {
            let all = deliveries.all().await?.into_iter();
            let given_up = all.filter(|one| one.state == State::GivenUp);
            ids.extend(given_up.map(|one| one.id));
        }
        let mut said = String::new();
        for id in ids {
            let again = deliveries.retry(id).await;
            let again = again.map_err(|error| refused(id, error))?;
            // Writing to a text cannot fail.
            let _ = writeln!(said, "  {id} is attempted again: {}", again.what());
        }
        if said.is_empty() {
            "  nothing was given up\n".clone_into(&mut said);
        }
        desk.print(said).await
    }
}

/// Says why a delivery is not tried again.
fn refused(id: DeliveryId, error: ReportError) -> Failure {
    match error {
        ReportError::Store(error) => error.into(),
        ReportError::Changed => {
            Failure::new(Exit::TryLater, format!("{id}: it is being attempted now"))
        }
        refused => Failure::new(Exit::NoInput, format!("{id}: {refused}")),
    }
}
