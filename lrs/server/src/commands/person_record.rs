//! `varde people export`

use std::path::PathBuf;

use async_trait::async_trait;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use varde_competence::Language;
use varde_http::PersonRecordError;

use super::day;
use super::erase::{files_beside, refused, whom};
use super::people::today;
use super::report::operator;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure, chain};

/// The form of a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum RecordForm {
    /// For programs.
    #[default]
    Json,
    /// A page to read and to print.
    Html,
}

/// The flags of `varde people export`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct PeopleExportArgs {
    /// The person's pseudonym or id; without it, standard input holds an identifier as identities
    /// files do, such as `mailto:learner@example.org`.
    pub(crate) person: Option<String>,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// JSON, or a page to read and to print.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RecordForm,
    /// The language of the page: nb, sv or en.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(crate) language: Language,
    /// The day that levels and figures are as of [default: today in Oslo and Stockholm].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
}

#[async_trait]
impl StoreCommand for PeopleExportArgs {
    fn name(&self) -> &'static str {
        "people export"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        files_beside(self.person.as_ref())
    }

    /// Prints everything that is held of a person and was concluded.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let whom = whom(desk, self.person.as_ref()).await?;
        let parts = desk.open_existing().await?;
        let caller = operator(&parts, desk.config()).await?;
        let as_of = self.as_of.unwrap_or_else(|| today(&parts));
        let record = parts.person_records().of(&caller, &whom, as_of).await;
        let record = record.map_err(failed)?;
        let shown = match self.format {
            RecordForm::Json => format!("{}\n", json!(record)),
            RecordForm::Html => record.page(self.language),
        };
        desk.print(shown).await
    }
}

fn failed(error: PersonRecordError) -> Failure {
    match error {
        PersonRecordError::Person(error) => refused(error),
        error => Failure::new(Exit::Software, chain(&error)),
    }
}
