//! `varde ledger explain`: what an entry rests on.

use std::fmt::Write as _;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use varde_core::ledger::{Explainer, Explanation, Ledger as LedgerReader, LedgerRow};
use varde_core::registers::{EntityKind, KnownRow};
use varde_xapi::Stored;

use super::report::known_at;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// Work with ledgers.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Ledger {
    /// Shows entries with everything that they rest on.
    Explain(ExplainArgs),
}

/// The flags of `varde ledger explain`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ExplainArgs {
    /// A group's key, or its beginning.
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// Only entries of the definitions with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) definition: Option<String>,
    /// As known at this instant; by default now.
    #[arg(long, value_name = "INSTANT", value_parser = known_at)]
    pub(crate) known_at: Option<Stored>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints the entries as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for ExplainArgs {
    fn name(&self) -> &'static str {
        "ledger explain"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let explainer = Explainer::new(
            LedgerReader::new(parts.log.clone(), parts.records.clone()),
            parts.definitions.clone(),
            parts.registers.clone(),
            parts.adapters.clone(),
        );
        let definition = self.definition.as_deref();
        let entries = explainer.explain(&self.key, definition, self.known_at);
        let entries = entries.await?;
        if entries.is_empty() {
            let sentence = format!("no ledger has a group whose key begins with `{}`", self.key);
            return Err(Failure::new(Exit::NoInput, sentence));
        }
        desk.print(if self.json {
            as_json(&entries)
        } else {
            entries.iter().map(as_text).collect()
        })
        .await
    }
}

fn as_json(entries: &[Explanation]) -> String {
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let registers: Vec<_> = entry.registers.iter().map(register_json).collect();
            json!({
                "row": entry.row,
                "history": entry.history,
                "registers": registers,
                "read": entry.read,
            })
        })
        .collect();
    format!("{}\n", json!({ "entries": entries }))
}

pub(super) fn register_json(known: &KnownRow) -> Value {
    json!({
        "id": known.id.to_string(),
        "known_from": known.known_from.to_string(),
        "of": entity(known),
        "field": known.row.field,
        "value": known.row.value,
        "valid_from": known.row.valid_from,
        "valid_to": known.row.valid_to,
    })
}

/// Names what a register row is about. An identifier names a learner, and is not needed here: the
/// row says which person it leads to.
fn entity(known: &KnownRow) -> String {
    let entity = &known.row.entity;
    match entity.kind {
        EntityKind::Identifier => "identifier".to_owned(),
        EntityKind::Project => format!("project {}", entity.id),
        EntityKind::Person => format!("person {}", entity.id),
        EntityKind::Organisation => format!("organisation {}", entity.id),
        EntityKind::Activity => format!("activity {}", entity.id),
    }
}

fn as_text(entry: &Explanation) -> String {
    let mut text = String::new();
    let Some(first) = entry.history.first() else {
        return text;
    };
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{}  {}", first.group.key, first.entry.key);
    let hash: String = first.hash.to_string().chars().take(12).collect();
    let _ = writeln!(text, "  by {} ({hash})", first.definition);
    match &entry.row {
        None => text.push_str("  not known then\n"),
        Some(row) => {
            let _ = writeln!(text, "  {}", row.entry.body);
            for statement in &row.entry.statements {
                let mark = if row.carried.contains(statement) {
                    " (erased; carried over from an earlier version of the definition)"
                } else {
                    ""
                };
                let _ = writeln!(text, "  statement {statement}{mark}");
            }
        }
    }
    text += &columns(
        &entry.registers.iter().map(register_row).collect::<Vec<_>>(),
        &[],
    );
    for read in &entry.read {
        let _ = writeln!(text, "  read {}: {}", read.group.key, read.entry.body);
    }
    text += &columns(
        &entry.history.iter().map(history_row).collect::<Vec<_>>(),
        &[],
    );
    text.push('\n');
    text
}

pub(super) fn register_row(known: &KnownRow) -> Vec<String> {
    let row = &known.row;
    let value = row.value.as_deref().unwrap_or("taken back");
    let day = |day: Option<jiff::civil::Date>| day.map_or(String::new(), |day| day.to_string());
    vec![
        format!("  row {}", known.id),
        entity(known),
        format!("{} = {value}", row.field),
        format!("{}..{}", day(row.valid_from), day(row.valid_to)),
        format!("known from {}", known.known_from),
    ]
}

fn history_row(row: &LedgerRow) -> Vec<String> {
    let to = row.known_to.map_or("now".to_owned(), |to| to.to_string());
    vec![
        "  known".to_owned(),
        format!("{} to {to}", row.known_from),
        row.entry.body.to_string(),
    ]
}
