//! Log lines on standard error: for people on a terminal, one JSON object a line otherwise.
//!
//! No learner's name or identifier is ever a message or a field.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;
use crate::config::LogSection;
use crate::exit::{Exit, Failure};
use crate::terminal;

/// Installs the log of this process.
pub(crate) fn install(log: &LogSection) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|error| {
        Failure::new(
            Exit::Config,
            format!("the log filter `{}` is faulty: {error}", log.filter),
        )
    })?;
    let on_terminal = stderr().is_terminal();
    let by_default = if on_terminal {
        LogFormat::Text
    } else {
        LogFormat::Json
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    match log.format.unwrap_or(by_default) {
        LogFormat::Text => lines
            .with_ansi(on_terminal && terminal::may_colour())
            .init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}
