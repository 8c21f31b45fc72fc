//! A file for each command.

mod files;
pub(crate) mod import;
mod key;
mod report;
pub(crate) mod rules;
mod serve;

use crate::cli::{Command, Import, Key, Report, Rules};
use crate::demo;
use crate::exit::Failure;

/// Runs a command to its end.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::run(&args).await,
        Command::Demo(args) => demo::run(&args).await,
        Command::Key(Key::Create(args)) => key::create(&args).await,
        Command::Key(Key::List(args)) => key::list(&args).await,
        Command::Import(Import::Registers(args)) => import::registers(&args).await,
        Command::Rules(Rules::Check(args)) => rules::check(&args),
        Command::Rules(Rules::Activate(args)) => rules::activate(&args).await,
        Command::Rules(Rules::List(args)) => rules::list(&args).await,
        Command::Report(Report::Export(args)) => report::export(&args).await,
    }
}
