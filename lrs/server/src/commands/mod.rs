//! A file for each command, with its flags.
//!
//! To add one that works on a store: write its arguments with their [`StoreCommand`] in a file here,
//! give it a variant below and a line in [`Command::on_store`], and describe it in
//! `docs/commands.md`. Where it runs is not its concern.

mod alarms;
mod audit;
mod backup;
mod check;
mod config;
mod doctor;
mod dry_run;
mod erase;
mod explain;
mod export;
pub(crate) mod files;
mod handover;
pub(crate) mod import;
mod import_from;
mod import_office;
mod import_statements;
mod key;
mod ledger;
mod lineage;
mod migrate;
mod people;
mod periods;
mod person_record;
mod preview;
mod pull;
mod rebuild;
mod report;
mod retention;
mod roster;
pub(crate) mod rules;
mod serve;
mod signing_key;
mod taking;
mod upgrade;
mod user;
mod verify;
mod verify_report;

use clap::Subcommand;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use self::alarms::AlarmsCommand;
use self::audit::Audit;
use self::backup::{BackupArgs, RestoreArgs};
use self::check::CheckArgs;
use self::config::ConfigCommand;
use self::doctor::DoctorArgs;
use self::export::ExportArgs;
use self::handover::Handover;
use self::import::{Import, ImportArgs};
use self::key::Key;
use self::ledger::Ledger;
use self::migrate::MigrateArgs;
use self::people::People;
use self::report::Report;
use self::retention::Retention;
use self::rules::Rules;
use self::signing_key::SigningKey;
use self::upgrade::UpgradeArgs;
use self::user::User;
use self::verify::VerifyArgs;
use self::verify_report::VerifyReportArgs;
use crate::cli::{DemoArgs, ServeArgs, StoreArgs};
use crate::demo;
use crate::desk::{StoreCommand, caller};
use crate::exit::Failure;

/// What to do.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Serves the record store until it is told to stop.
    #[serde(skip)]
    Serve(ServeArgs),
    /// Shows the whole way on a fresh temporary store: statements in, results out.
    #[serde(skip)]
    Demo(DemoArgs),
    /// Makes, lists, rotates and revokes API keys.
    #[command(subcommand)]
    Key(Key),
    /// Makes, lists and disables people's accounts, and changes their passwords.
    #[command(subcommand)]
    User(User),
    /// Takes files of the project office, or statements of another record store, into the store.
    Import(ImportArgs),
    /// Works with the persons of the register.
    #[command(subcommand, visible_alias = "person")]
    People(People),
    /// Erases what is kept no longer.
    #[command(subcommand)]
    Retention(Retention),
    /// Works with definitions: evidence rules, indicator sets.
    #[command(subcommand)]
    Rules(Rules),
    /// Shows what ledgers hold and why.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Writes results as files.
    #[command(subcommand)]
    Report(Report),
    /// Works with the keys that sign packs of reports.
    #[command(subcommand)]
    SigningKey(SigningKey),
    /// Checks a pack of a report: every byte, and who signed. It needs no store and no server.
    #[serde(skip)]
    VerifyReport(VerifyReportArgs),
    /// Shows what was handed over of reports, and has it tried again.
    #[command(subcommand)]
    Handover(Handover),
    /// Shows alarms, and tries whether those who are told of them are reached.
    #[command(subcommand)]
    Alarms(AlarmsCommand),
    /// Reads the trail of who was told what of persons.
    #[command(subcommand)]
    Audit(Audit),
    /// Sends a statement as a front end would, and reads it back. It needs no store.
    #[serde(skip)]
    Check(CheckArgs),
    /// Looks at everything around the store, and says what to do about what is not well.
    Doctor(DoctorArgs),
    /// Checks that everything kept is whole.
    Verify(VerifyArgs),
    /// Writes everything that a store holds as files that other programs read.
    Export(ExportArgs),
    /// Copies the whole store into a folder, while a server works on it.
    #[serde(skip)]
    Backup(BackupArgs),
    /// Brings a backup into a data folder without a store, once every file of it is checked.
    #[serde(skip)]
    Restore(RestoreArgs),
    /// Checks and shows what is set, and tells what may be.
    #[serde(skip)]
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Copies a store into another place: a data folder or a MongoDB database.
    #[serde(skip)]
    Migrate(MigrateArgs),
    /// Brings a store of an earlier version to the format of this one, or says what that takes.
    #[serde(skip)]
    Upgrade(UpgradeArgs),
}

impl Command {
    /// Returns the command as one that works on an open store; `None` for those that need none, or
    /// open one in a way of their own.
    pub(crate) fn on_store(&self) -> Option<&dyn StoreCommand> {
        Some(match self {
            Self::Audit(Audit::List(command)) => command,
            Self::Audit(Audit::Verify(command)) => command,
            Self::Key(Key::Create(command)) => command,
            Self::Key(Key::List(command)) => command,
            Self::Key(Key::Rotate(command)) => command,
            Self::Key(Key::Revoke(command)) => command,
            Self::User(User::Create(command)) => command,
            Self::User(User::List(command)) => command,
            Self::User(User::Password(command)) => command,
            Self::User(User::Disable(command)) => command,
            Self::Import(import) => return import.on_store(),
            Self::People(People::List(command)) => command,
            Self::People(People::Show(command)) => command,
            Self::People(People::Find(command)) => command,
            Self::People(People::Merge(command)) => command,
            Self::People(People::Unmerge(command)) => command,
            Self::People(People::Erase(command)) => command,
            Self::People(People::Restrict(command)) => command,
            Self::People(People::Held(command)) => command,
            Self::People(People::Export(command)) => command,
            Self::Retention(Retention::Run(command)) => command,
            Self::Rules(Rules::Activate(command)) => command,
            Self::Rules(Rules::List(command)) => command,
            Self::Rules(Rules::Preview(command)) => command,
            Self::Report(Report::Explain(command)) => command,
            Self::Report(Report::Export(command)) => command,
            Self::Report(Report::Periods(periods)) => periods.on_store(),
            Self::Ledger(Ledger::Explain(command)) => command,
            Self::SigningKey(SigningKey::Make(command)) => command,
            Self::SigningKey(SigningKey::Rotate(command)) => command,
            Self::SigningKey(SigningKey::List(command)) => command,
            Self::SigningKey(SigningKey::Public(command)) => command,
            Self::Handover(Handover::List(command)) => command,
            Self::Handover(Handover::Log(command)) => command,
            Self::Handover(Handover::Retry(command)) => command,
            Self::Alarms(AlarmsCommand::List(command)) => command,
            Self::Alarms(AlarmsCommand::Test(command)) => command,
            Self::Doctor(command) => command,
            Self::Verify(command) => command,
            Self::Export(command) => command,
            Self::Serve(_)
            | Self::Demo(_)
            | Self::Key(Key::Escrow(_) | Key::MakeKek(_))
            | Self::Rules(Rules::Check(_))
            | Self::VerifyReport(_)
            | Self::Check(_)
            | Self::Config(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Migrate(_)
            | Self::Upgrade(_) => return None,
        })
    }

    /// Tells where the store is that the command has to do with, if it has to do with one.
    pub(crate) fn store(&self) -> Option<&StoreArgs> {
        match self {
            Self::Serve(args) => Some(&args.store),
            Self::Backup(args) => Some(&args.store),
            Self::Restore(args) => Some(&args.store),
            Self::Upgrade(args) => Some(&args.store),
            Self::Key(Key::Escrow(args)) => Some(&args.store),
            Self::Key(Key::MakeKek(args)) => Some(&args.store),
            command => command.on_store().map(StoreCommand::store),
        }
    }
}

/// Runs a command to its end.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    if let Some(work) = command.on_store() {
        return caller::call(&command, work).await;
    }
    match command {
        Command::Serve(args) => serve::run(&args).await,
        Command::Demo(args) => demo::run(&args).await,
        Command::Import(ImportArgs {
            files: Some(Import::Templates(args)),
            ..
        }) => import_office::write_templates(&args),
        Command::Key(Key::Escrow(args)) => key::escrow(&args),
        Command::Key(Key::MakeKek(args)) => key::make_kek(&args),
        Command::Rules(Rules::Check(args)) => rules::check(&args).await,
        Command::Check(args) => check::check(&args).await,
        Command::VerifyReport(args) => verify_report::verify_report(&args),
        Command::Config(command) => command.run(),
        Command::Backup(args) => backup::back_up(&args),
        Command::Restore(args) => backup::restore(&args).await,
        Command::Migrate(args) => migrate::migrate(&args).await,
        Command::Upgrade(args) => upgrade::upgrade(&args).await,
        _ => Ok(()),
    }
}

/// Reads a day on the command line.
fn day(text: &str) -> Result<Date, String> {
    // The library also reads longer texts that begin with a day; those would hide a mistake.
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    day.ok_or_else(|| "expected a day such as 2026-01-31".to_owned())
}
