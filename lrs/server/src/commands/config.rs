//! `varde config`: what is set, and what may be.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;

use crate::cli::ServeArgs;
use crate::config::{self, Config, Environment, SetBy, Shown};
use crate::exit::Failure;
use crate::metrics;
use crate::terminal::{Look, columns, print};

/// The commands around the configuration. None of them opens a store.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Checks the configuration of a server, with its flags and variables, and the files that it
    /// names secrets by.
    Check(ServeArgs),
    /// Shows every setting of a server and what set it; secrets are not shown.
    Show(ShowArgs),
    /// Prints the JSON Schema of configuration files.
    Schema,
    /// Prints the page of all settings.
    Reference,
    /// Prints the page of all metrics.
    Metrics,
}

/// The flags of `varde config show`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// Prints the settings as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl ConfigCommand {
    /// Does what is asked.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let text = match self {
            Self::Check(args) => check(args)?,
            Self::Show(args) => show(args)?,
            Self::Schema => json(&config::schema())?,
            Self::Reference => config::page(),
            Self::Metrics => metrics::page()?,
        };
        print(&text);
        Ok(())
    }
}

/// Reads everything that a server reads before it opens its store.
fn check(args: &ServeArgs) -> Result<String, Failure> {
    let config = Config::of_server(args, Environment::read())?;
    config.store.data()?;
    if config.store.kind == config::StoreKind::Mongodb {
        config.store.uri()?;
    }
    for target in &config.handover {
        target.way()?;
    }
    for issuer in &config.sign_in.issuers {
        issuer.secret()?;
    }
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let ignored = config::mistyped(names)
        .into_iter()
        .map(|(variable, meant)| {
            format!("  {variable} is no setting and is ignored; {meant} is one\n")
        });
    let whole = "  the configuration is whole\n".to_owned();
    Ok(ignored.chain([whole]).collect())
}

fn show(args: &ShowArgs) -> Result<String, Failure> {
    let settings = config::shown(&args.serve, Environment::read())?;
    if args.json {
        return json(&settings);
    }
    let look = Look::of_stdout();
    let head = ["Setting", "Value", "Set by"].map(str::to_owned).to_vec();
    let rows = settings.into_iter().map(|Shown { name, value, by }| {
        let value = match value {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        let by = match by {
            SetBy::Default => look.quiet(by.words()),
            SetBy::File | SetBy::FlagOrVariable => by.words().to_owned(),
        };
        vec![name, value, by]
    });
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    Ok(columns(&rows, &[]))
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::software(&error))?;
    Ok(text + "\n")
}
