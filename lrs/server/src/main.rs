//! The `varde` binary: command line, configuration, wiring, telemetry, lifecycle.
//!
//! - [`cli`], [`config`]: what is asked, and with which settings.
//! - [`wiring`]: the parts of the program; [`server`], [`listener`], [`followers`], [`daily_sweep`], [`retention`], [`background_check`],
//!   [`admin`]: the parts at work; [`traces`]: spans of requests; [`lifecycle`]: their end.
//! - [`store`]: the embedded store or a database; [`leased`]: what one process of a database does for all.
//! - [`oidc`]: bearer tokens of issuers that are trusted; [`handover`]: folders and webhooks that packs are handed
//!   over to; [`alarms`]: what people are told of by mail or a webhook;
//!   [`web`]: how others are asked over HTTPS.
//! - [`kek_file`]: where the key-encryption key is kept.
//! - [`commands`]: a file for each command; [`desk`]: where a command meets the store, in its own
//!   process or in the server's; [`demo`]: the demonstration.
//! - [`ambient`]: the only place that asks the operating system for time and randomness.
//! - [`exit`]: how a command ends when it could not do its work.

mod admin;
mod alarms;
mod ambient;
mod attempts;
mod background_check;
mod cli;
mod commands;
mod config;
mod daily_sweep;
mod demo;
mod deployment;
mod desk;
mod erasure_list;
mod exit;
mod followers;
mod gains;
mod handover;
mod kek_file;
mod leased;
mod lifecycle;
mod listener;
mod metered_attachments;
mod metered_log;
mod metrics;
mod noted;
mod oidc;
mod retention;
mod scratch;
mod server;
mod signer_file;
mod store;
mod telemetry;
mod terminal;
mod traces;
mod web;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::config::Config;
use crate::desk::owner;
use crate::exit::{Exit, Failure};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("varde: {failure}");
            failure.exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let config = cli.command.store().map(Config::of_store).transpose()?;
    // A command that needs a folder and was given none says so itself.
    if let Some(data) = config.and_then(|config| config.store.data) {
        owner::become_owner(&data)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Software, format!("cannot start: {error}")))?;
    let ended = runtime.block_on(commands::run(cli.command));
    // A thread may still wait for standard input, which nobody needs any more.
    runtime.shutdown_background();
    ended
}

/// Prints what is wrong with the command line, or the help or version that was asked for.
fn refuse(error: &clap::Error) -> ExitCode {
    // Nothing can be said when the terminal is gone.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => Exit::Usage.into(),
    }
}
