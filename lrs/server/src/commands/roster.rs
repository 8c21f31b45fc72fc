//! `varde people list | show`

use std::fmt::Write as _;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_core::registers::{
    ListedPerson, PERSONS_MAX, PersonCard, PersonState, RosterError, RosterQuery,
};

use super::people::today;
use super::report::operator;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// The flags of `varde people list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Only persons behind this one, as the page before says.
    #[arg(long, value_name = "PERSON")]
    pub(crate) after: Option<String>,
    /// How many persons, at most 1000.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = limit)]
    pub(crate) limit: usize,
    /// Prints the page as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde people show`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleShowArgs {
    /// The person: pseudonym or id.
    pub(crate) person: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints the person as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn limit(text: &str) -> Result<usize, String> {
    let limit: Option<usize> = text.parse().ok();
    let limit = limit.filter(|limit| (1..=PERSONS_MAX).contains(limit));
    limit.ok_or_else(|| format!("expected a number from 1 to {PERSONS_MAX}"))
}

fn refused(error: RosterError) -> Failure {
    match error {
        RosterError::Store(error) => error.into(),
        RosterError::Forbidden(refused) => Failure::new(Exit::NoPermission, refused.to_string()),
        RosterError::Merge(refused) => Failure::new(Exit::Data, refused.to_string()),
    }
}

#[async_trait]
impl StoreCommand for PeopleListArgs {
    fn name(&self) -> &'static str {
        "people list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Prints one page of persons.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = operator(&parts, desk.config()).await?;
        let query = RosterQuery {
            after: self.after.clone(),
            begins: None,
            limit: self.limit,
            today: today(&parts),
        };
        let page = parts.roster().list(&caller, &query).await;
        let page = page.map_err(refused)?;
        if self.json {
            return desk.print(format!("{}\n", json!(page))).await;
        }
        let mut shown = as_table(&page.persons);
        if let Some(next) = &page.next {
            let _ = writeln!(shown, "  more: --after {next}");
        }
        desk.print(shown).await
    }
}

fn as_table(persons: &[ListedPerson]) -> String {
    let head = ["Person", "Country", "Organisations", "Identifiers", "State"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let joined = |texts: &std::collections::BTreeSet<String>| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        texts.join(" ")
    };
    rows.extend(persons.iter().map(|person| {
        vec![
            person.person.clone(),
            joined(&person.countries),
            joined(&person.organisations),
            person.identifiers.to_string(),
            state(&person.state),
        ]
    }));
    columns(&rows, &[3])
}

fn state(state: &PersonState) -> String {
    match state {
        PersonState::Active => "active".to_owned(),
        PersonState::MergedInto(into) => format!("merged into {into}"),
        PersonState::Restricted => "restricted".to_owned(),
        PersonState::Sealed => "sealed".to_owned(),
        PersonState::Erased => "erased".to_owned(),
    }
}

#[async_trait]
impl StoreCommand for PeopleShowArgs {
    fn name(&self) -> &'static str {
        "people show"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Prints what the register holds of one person.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let caller = operator(&parts, desk.config()).await?;
        let card = parts
            .roster()
            .show(&caller, &self.person, today(&parts))
            .await;
        let Some(card) = card.map_err(refused)? else {
            let sentence = "found no person of the register by this name; expected a pseudonym or an \
                            id as `varde people list` prints them";
            return Err(Failure::new(Exit::Data, sentence));
        };
        let shown = if self.json {
            format!("{}\n", json!(card))
        } else {
            as_text(&card)
        };
        desk.print(shown).await
    }
}

fn as_text(card: &PersonCard) -> String {
    let listed = &card.listed;
    let mut lines = vec![
        listed.person.clone(),
        format!("id {}", listed.id),
        format!("state: {}", state(&listed.state)),
    ];
    let values = card.values.iter();
    lines.extend(values.map(|(field, value)| format!("{field}: {value}")));
    for affiliation in &card.affiliations {
        let from = affiliation
            .from
            .map_or("always".to_owned(), |day| day.to_string());
        let to = affiliation
            .to
            .map_or(String::new(), |day| format!(" through {day}"));
        lines.push(format!(
            "organisation: {} since {from}{to}",
            affiliation.organisation
        ));
    }
    let kinds = card.identifier_kinds.iter();
    lines.extend(kinds.map(|kind| format!("identifier: {kind}")));
    let others = card.merged_from.iter();
    lines.extend(others.map(|other| format!("counts also for: {other}")));
    format!("  {}\n", lines.join("\n  "))
}
