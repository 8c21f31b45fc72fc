//! `varde people erase | restrict | held`

use std::fmt::Write as _;
use std::path::PathBuf;

use async_trait::async_trait;
use clap::Args;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use varde_core::erasures::{ErasureError, ErasureId, HeldStatement, Manner, Receipt, Until, Whom};
use varde_core::registers::files;
use varde_core::{Caller, Scope};

use super::day;
use super::report::operator;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure, chain};
use crate::terminal::columns;

/// Who is meant.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct WhomArgs {
    /// The person's pseudonym or id; without it, standard input holds an identifier as identities
    /// files do, such as `mailto:learner@example.org`.
    pub(crate) person: Option<String>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Tells what would be done and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Prints the receipt as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde people erase`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleEraseArgs {
    #[command(flatten)]
    pub(crate) whom: WhomArgs,
}

/// The flags of `varde people restrict`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleRestrictArgs {
    #[command(flatten)]
    pub(crate) whom: WhomArgs,
    /// Why: the rule or the request, without a name.
    #[arg(long, value_name = "TEXT", required_unless_present = "lift")]
    pub(crate) reason: Option<String>,
    /// Lifts the restriction of this id, which `varde people held` tells.
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["person", "reason", "until", "dry_run"]
    )]
    pub(crate) lift: Option<Uuid>,
    /// The last day; without it, until further notice.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) until: Option<Date>,
}

/// The flags of `varde people held`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleHeldArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Shows the statements too, a line of JSON each.
    #[arg(long)]
    pub(crate) statements: bool,
    /// Prints the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for PeopleEraseArgs {
    fn name(&self) -> &'static str {
        "people erase"
    }

    fn store(&self) -> &StoreArgs {
        &self.whom.store
    }

    fn files(&self) -> Vec<PathBuf> {
        self.whom.files()
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        self.whom.run(desk, &Manner::Erase).await
    }
}

#[async_trait]
impl StoreCommand for PeopleRestrictArgs {
    fn name(&self) -> &'static str {
        "people restrict"
    }

    fn store(&self) -> &StoreArgs {
        &self.whom.store
    }

    fn files(&self) -> Vec<PathBuf> {
        match self.lift {
            Some(_) => Vec::new(),
            None => self.whom.files(),
        }
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        if let Some(restriction) = self.lift {
            return self.lift(desk, ErasureId(restriction)).await;
        }
        let until = Until {
            day: self.until,
            rule: self.reason.clone().unwrap_or_default(),
        };
        self.whom.run(desk, &Manner::Restrict(until)).await
    }
}

impl PeopleRestrictArgs {
    async fn lift(&self, desk: &mut Desk, restriction: ErasureId) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = operator(&parts, desk.config()).await?;
        let caller = Caller {
            scopes: vec![Scope::All],
            ..caller
        };
        let erasures = parts.erasures();
        // Whatever a statement counts as, it counts as it before and after.
        let _turn = parts.hold().await?;
        let lifted = erasures.lift(&caller, restriction).await.map_err(refused)?;
        let shown = if self.whom.json {
            format!("{}\n", json!(lifted))
        } else {
            lifted.text()
        };
        desk.print(shown).await
    }
}

/// Returns standard input where no person is named.
pub(super) fn files_beside(person: Option<&String>) -> Vec<PathBuf> {
    match person {
        Some(_) => Vec::new(),
        None => vec![PathBuf::from("-")],
    }
}

/// Returns the person who is named, or reads an identifier.
pub(super) async fn whom(desk: &mut Desk, person: Option<&String>) -> Result<Whom, Failure> {
    if let Some(person) = person {
        return Ok(Whom::Person(person.clone()));
    }
    let Some(file) = desk.next_file().await? else {
        let sentence = "expected a person, or an identifier on standard input";
        return Err(Failure::new(Exit::Usage, sentence));
    };
    let (_, text) = file.text().await?;
    let ifi = files::identifier(text.trim());
    let refused = |fault| Failure::new(Exit::Data, format!("standard input: {fault}"));
    ifi.map(Whom::Identifier).map_err(refused)
}

impl WhomArgs {
    fn files(&self) -> Vec<PathBuf> {
        files_beside(self.person.as_ref())
    }

    async fn run(&self, desk: &mut Desk, manner: &Manner) -> Result<(), Failure> {
        let whom = whom(desk, self.person.as_ref()).await?;
        let parts = desk.open_existing().await?;
        let erasures = parts.erasures();
        // Whatever a statement counts as, it counts as it before and after.
        let _turn = parts.hold().await?;
        let receipt = if self.dry_run {
            erasures.plan(&whom, manner).await
        } else {
            erasures.carry_out(&whom, manner).await
        };
        let receipt = receipt.map_err(refused)?;
        desk.print(self.shown(&receipt)).await
    }

    fn shown(&self, receipt: &Receipt) -> String {
        if self.json {
            format!("{}\n", json!(receipt))
        } else {
            receipt.text()
        }
    }
}

#[async_trait]
impl StoreCommand for PeopleHeldArgs {
    fn name(&self) -> &'static str {
        "people held"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = operator(&parts, desk.config()).await?;
        let held = parts.erasures().held(&caller).await.map_err(refused)?;
        let shown = match (self.json, self.statements) {
            (true, statements) => as_json(&held, statements),
            (false, true) => as_lines(&held),
            (false, false) => as_text(&held),
        };
        desk.print(shown).await
    }
}

fn as_json(held: &[HeldStatement], statements: bool) -> String {
    let list: Vec<_> = held
        .iter()
        .map(|one| {
            let mut shown = json!({
                "erasure": one.held.erasure,
                "position": one.held.position,
                "statement": one.held.statement,
                "space": one.held.space,
                "class": one.held.class,
                "until": one.held.until.day,
                "rule": one.held.until.rule,
            });
            if statements {
                let text = one.text.as_deref().map(serde_json::from_str);
                let value: Option<serde_json::Value> = text.and_then(Result::ok);
                shown["content"] = json!(value);
            }
            shown
        })
        .collect();
    format!("{}\n", json!(list))
}

fn as_lines(held: &[HeldStatement]) -> String {
    let mut lines = String::new();
    for text in held.iter().filter_map(|one| one.text.as_ref()) {
        let _ = writeln!(lines, "{text}");
    }
    lines
}

fn as_text(all: &[HeldStatement]) -> String {
    let head = ["erasure", "position", "class", "until", "rule"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in all.iter().map(|one| &one.held) {
        rows.push(vec![
            one.erasure.to_string(),
            one.position.to_string(),
            one.class
                .map_or("all".to_owned(), |class| class.to_string()),
            one.until
                .day
                .map_or("further notice".to_owned(), |day| day.to_string()),
            one.until.rule.clone(),
        ]);
    }
    columns(&rows, &[1])
}

pub(crate) fn refused(error: ErasureError) -> Failure {
    let exit = match error {
        ErasureError::Store(error) => return error.into(),
        ErasureError::Unknown
        | ErasureError::Ambiguous
        | ErasureError::Restricted
        | ErasureError::NotRestricted { .. } => Exit::Data,
        ErasureError::Forbidden(_) => Exit::NoPermission,
        ErasureError::Busy => Exit::TryLater,
        ErasureError::List(_) => Exit::Io,
        ErasureError::Facts(_) => Exit::Software,
    };
    Failure::new(exit, chain(&error))
}
