//! The configuration: defaults < TOML or JSON file < `VARDE_*` < flags.
//!
//! A struct per section. An unknown key in the file is refused by name.

mod admin;
mod alarm;
mod bootstrap;
mod handover;
mod http;
mod log;
mod oidc;
mod reference;
mod retention;
mod schema;
mod shown;
mod shutdown;
mod sign_in;
mod store;
mod telemetry;

use std::path::Path;

use clap::CommandFactory as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use admin::AdminSection;
pub(crate) use alarm::{AlarmSection, AlarmsSection};
pub(crate) use bootstrap::BootstrapSection;
pub(crate) use handover::HandoverSection;
pub(crate) use http::HttpSection;
pub(crate) use log::LogSection;
pub(crate) use oidc::{IssuerSection, OidcSection};
pub(crate) use reference::page;
pub(crate) use retention::RetentionSection;
pub(crate) use schema::schema;
pub(crate) use shown::{SetBy, Shown, shown};
pub(crate) use shutdown::ShutdownSection;
#[cfg(test)]
pub(crate) use sign_in::SignInRoleSection;
pub(crate) use sign_in::{SignInIssuerSection, SignInSection};
pub(crate) use store::{StoreKind, StoreSection};
pub(crate) use telemetry::TelemetrySection;

use crate::cli::{Cli, ServeArgs, StoreArgs};
use crate::exit::{Exit, Failure};

/// Everything that can be set.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where things are kept.
    pub(crate) store: StoreSection,
    /// The listener of front ends and people.
    pub(crate) http: HttpSection,
    /// The operator's listener.
    pub(crate) admin: AdminSection,
    /// Where people sign in, and for how long they stay signed in.
    pub(crate) sign_in: SignInSection,
    /// Whose bearer tokens are trusted.
    pub(crate) oidc: OidcSection,
    /// Who is handed what is submitted and published.
    pub(crate) handover: Vec<HandoverSection>,
    /// Who is told of what has to be looked at.
    pub(crate) alarm: Vec<AlarmSection>,
    /// From where on something has to be looked at.
    pub(crate) alarms: AlarmsSection,
    /// When what no duty keeps any longer is erased.
    pub(crate) retention: RetentionSection,
    /// What is logged.
    pub(crate) log: LogSection,
    /// What of requests goes to a collector.
    pub(crate) telemetry: TelemetrySection,
    /// How the server ends.
    pub(crate) shutdown: ShutdownSection,
    /// The first key.
    pub(crate) bootstrap: BootstrapSection,
}

/// What `VARDE_*` variables say that have no flag.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// `VARDE_BOOTSTRAP_KEY`, a secret and therefore no flag.
    pub(crate) bootstrap_key: Option<String>,
    /// `VARDE_BOOTSTRAP_SPACE`.
    pub(crate) bootstrap_space: Option<String>,
}

impl Environment {
    /// Reads the process's environment.
    pub(crate) fn read() -> Self {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            bootstrap_key: read("VARDE_BOOTSTRAP_KEY"),
            bootstrap_space: read("VARDE_BOOTSTRAP_SPACE"),
        }
    }
}

/// What is shown of a secret.
const NOT_SHOWN: &str = "(not shown)";

fn as_text<S: serde::Serializer>(value: &impl ToString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.to_string())
}

/// What the variables of settings begin with.
const PREFIX: &str = "VARDE_";
/// The settings that have a variable and no flag.
const WITHOUT_FLAG: [&str; 2] = ["VARDE_BOOTSTRAP_KEY", "VARDE_BOOTSTRAP_SPACE"];

/// Finds variables that are most likely mistyped settings, each with the setting that is meant.
/// Others may begin with `VARDE_` too: container platforms name services so.
pub(crate) fn mistyped(variables: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let cli = Cli::command();
    let commands = std::iter::once(&cli).chain(cli.get_subcommands());
    let flags = commands.flat_map(clap::Command::get_arguments);
    let variables_of_flags = flags.filter_map(|flag| flag.get_env()?.to_str());
    let known: Vec<&str> = variables_of_flags
        .chain(WITHOUT_FLAG)
        .filter_map(|variable| variable.strip_prefix(PREFIX))
        .collect();
    let near = |variable: String| {
        let name = variable
            .strip_prefix(PREFIX)
            .filter(|name| !known.contains(name))?;
        let meant = varde_schemas::nearest(name, &known)?;
        Some((format!("{PREFIX}{name}"), format!("{PREFIX}{meant}")))
    };
    variables.filter_map(near).collect()
}

impl Config {
    /// Gathers the configuration of `varde serve`; `args` hold flags and their variables.
    pub(crate) fn of_server(args: &ServeArgs, environment: Environment) -> Result<Self, Failure> {
        let mut config = Self::of_store(&args.store)?;
        if let Some(bytes) = args.free_bytes_min {
            config.store.free_bytes_min = bytes;
        }
        config.http.overlay(args);
        config.admin.overlay(args);
        config.log.overlay(args);
        config.shutdown.overlay(args);
        config.bootstrap.overlay(environment)?;
        config.http.validate()?;
        config.oidc.validate()?;
        config.sign_in.validate(&config.oidc)?;
        handover::validate(&config.handover)?;
        alarm::validate(&config.alarm)?;
        config.telemetry.validate()?;
        Ok(config)
    }

    /// Gathers the configuration of a command that works on a store.
    pub(crate) fn of_store(args: &StoreArgs) -> Result<Self, Failure> {
        let mut config = match &args.config {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        config.store.overlay(args);
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let sentence = format!("cannot read the config file {}: {error}", path.display());
            Failure::new(Exit::Config, sentence)
        })?;
        let file = path.display().to_string();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            return Self::parse_json(&text, &file);
        }
        Self::parse(&text, &file)
    }

    /// Reads the same as JSON, which is what a chart can write without losing what is a whole number.
    fn parse_json(text: &str, file: &str) -> Result<Self, Failure> {
        serde_json::from_str(text)
            .map_err(|error| Failure::new(Exit::Config, format!("config file {file}: {error}")))
    }

    fn parse(text: &str, file: &str) -> Result<Self, Failure> {
        toml::from_str(text).map_err(|error| {
            let before = error
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or("");
            let line = 1 + before.matches('\n').count();
            let sentence = format!("config file {file}, line {line}: {}", error.message());
            Failure::new(Exit::Config, sentence)
        })
    }
}

#[cfg(test)]
mod tests;
