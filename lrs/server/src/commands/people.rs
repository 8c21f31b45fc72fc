//! `varde people find | merge | unmerge`; `list` and `show` are in `roster.rs`

use std::path::PathBuf;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::people::IdentityName;
use varde_core::registers::{MergeError, Merged, PersonId, RegisterView, files};
use varde_xapi::Stored;

use super::day;
use super::erase::{PeopleEraseArgs, PeopleHeldArgs, PeopleRestrictArgs};
use super::person_record::PeopleExportArgs;
use super::roster::{PeopleListArgs, PeopleShowArgs};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::wiring::Parts;

/// The zone whose day is "today" where no day is given.
const ZONE: &str = "Europe/Oslo";

/// Returns today in the zone of the programme.
pub(super) fn today(parts: &Parts) -> Date {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    zone.to_datetime(parts.clock.now().instant()).date()
}

/// Work with the persons of the register.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum People {
    /// Lists the persons of the register by their pseudonyms.
    List(PeopleListArgs),
    /// Shows what the register holds of a person, without names and identifiers.
    Show(PeopleShowArgs),
    /// Finds the person behind an identifier, which is read from standard input.
    Find(PeopleFindArgs),
    /// Lets what one person did count for another: the two are one.
    Merge(PeopleMergeArgs),
    /// Takes a merge back.
    Unmerge(PeopleUnmergeArgs),
    /// Erases what is held of a person, save what must be kept.
    Erase(PeopleEraseArgs),
    /// Takes what is held of a person out of use and keeps it apart, or puts it back.
    Restrict(PeopleRestrictArgs),
    /// Lists what is kept apart, for administrators and auditors.
    Held(PeopleHeldArgs),
    /// Prints everything that is held of a person, for the person who asks.
    Export(PeopleExportArgs),
}

/// The flags of `varde people find`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleFindArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The day on which the identifier is the person's [default: today in Oslo and Stockholm].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// Prints the answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde people merge`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleMergeArgs {
    /// The person whose statements are to count for another: pseudonym or id.
    pub(crate) person: String,
    /// The person for whom they are to count: pseudonym or id.
    pub(crate) into: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The first day on which they are one [default: since always].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// Prints what was done as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde people unmerge`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleUnmergeArgs {
    /// The person whose statements are to count for itself again: pseudonym or id.
    pub(crate) person: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The first day on which they are two again [default: since always].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// Prints what was done as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for PeopleFindArgs {
    fn name(&self) -> &'static str {
        "people find"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// The identifier comes by standard input, so that no shell history and no list of processes
    /// holds it.
    fn files(&self) -> Vec<PathBuf> {
        vec![PathBuf::from("-")]
    }

    /// Finds the person behind an identifier.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let text = match desk.next_file().await? {
            Some(file) => file.text().await?.1,
            None => String::new(),
        };
        let ifi = files::identifier(text.trim()).map_err(|fault| {
            let sentence = format!("standard input: {fault}");
            Failure::new(Exit::Data, sentence)
        })?;
        let parts = desk.open_existing().await?;
        let found = person(&parts, &IdentityName::agent(&ifi), self.as_of).await?;
        let answer = match found {
            Some((person, shown)) if self.json => {
                let registered = person.is_registered();
                let answer = json!({ "person": shown, "id": person, "registered": registered });
                format!("{answer}\n")
            }
            None if self.json => format!("{}\n", json!({ "person": null })),
            Some((person, _)) if !person.is_registered() => {
                format!("  {person}\n  no register row says on that day whose this identifier is\n")
            }
            Some((person, shown)) => format!("  {shown}\n  id {person}\n"),
            None => "  no statement that counts and no register names this identifier\n".to_owned(),
        };
        desk.print(answer).await
    }
}

async fn person(
    parts: &Parts,
    name: &IdentityName,
    as_of: Option<Date>,
) -> Result<Option<(PersonId, String)>, Failure> {
    let Some(identity) = parts.identities.find(name).await? else {
        return Ok(None);
    };
    let registers = parts.registers.refresh().await?;
    let day = as_of.unwrap_or_else(|| today(parts));
    let view = RegisterView::new(&registers, Stored(i64::MAX));
    let person = view.person(identity, day);
    let shown = view.shown(&person);
    Ok(Some((person, shown)))
}

#[async_trait]
impl StoreCommand for PeopleMergeArgs {
    fn name(&self) -> &'static str {
        "people merge"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Merges a person into another.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let registers = &parts.registers;
        let merged = registers.merge(&self.person, &self.into, self.from).await;
        say(
            desk,
            &merged.map_err(refused)?,
            self.json,
            "the two are one",
        )
        .await
    }
}

#[async_trait]
impl StoreCommand for PeopleUnmergeArgs {
    fn name(&self) -> &'static str {
        "people unmerge"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Takes a merge back.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let merged = parts.registers.unmerge(&self.person, self.from).await;
        say(
            desk,
            &merged.map_err(refused)?,
            self.json,
            "the two are two again",
        )
        .await
    }
}

fn refused(error: MergeError) -> Failure {
    match error {
        MergeError::Store(error) => error.into(),
        MergeError::Busy => Failure::new(Exit::TryLater, error.to_string()),
        refused => Failure::new(Exit::Data, refused.to_string()),
    }
}

async fn say(desk: &Desk, merged: &Merged, as_json: bool, done: &str) -> Result<(), Failure> {
    let said = match merged.stored {
        _ if as_json => format!("{}\n", json!(merged)),
        Some(stored) => format!("  {done}, as known from {stored} on; the ledgers follow\n"),
        None => "  that was known already; nothing was changed\n".to_owned(),
    };
    desk.print(said).await
}
