//! The command line. Every flag can also be given as the environment variable named beside it.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use secrecy::SecretString;
use varde_xapi::Family;

use crate::commands::Command;
use crate::exit::EXIT_CODES_HELP;

/// The version and the commit it was built from.
pub(crate) const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("VARDE_COMMIT"), ")");

/// A Learning Record Store that turns xAPI statements into competence outcomes and indicators.
#[derive(Debug, Parser)]
#[command(name = "varde", version = VERSION, after_help = EXIT_CODES_HELP)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the store is. A server that has the store open knows that by itself, so it is not told.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StoreArgs {
    /// The data folder; made when absent.
    #[arg(long, env = "VARDE_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The address of a MongoDB database that keeps everything, instead of the data folder.
    #[arg(
        long,
        env = "VARDE_MONGODB",
        value_name = "URI",
        hide_env_values = true
    )]
    pub(crate) mongodb: Option<SecretString>,
    /// The configuration file.
    #[arg(long, env = "VARDE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The file of the key-encryption key, made when absent [default: secrets/kek in the data folder].
    #[arg(long, env = "VARDE_KEK_FILE", value_name = "FILE")]
    pub(crate) kek_file: Option<PathBuf>,
}

/// The flags of `varde serve`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServeArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Where front ends and people connect [default: 127.0.0.1:8080].
    #[arg(long, env = "VARDE_LISTEN", value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where the operator connects: /livez, /readyz, /metrics [default: 127.0.0.1:8081].
    #[arg(long, env = "VARDE_ADMIN_LISTEN", value_name = "ADDR")]
    pub(crate) admin_listen: Option<SocketAddr>,
    /// The address that names this Varde in statements' authority [default: <http://localhost:8080>].
    #[arg(long, env = "VARDE_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The largest body of a request, in bytes [default: 16777216].
    #[arg(long, env = "VARDE_BODY_BYTES_MAX", value_name = "BYTES")]
    pub(crate) body_bytes_max: Option<usize>,
    /// The most bytes of attachments with one request [default: 268435456].
    #[arg(long, env = "VARDE_ATTACHMENT_BYTES_MAX", value_name = "BYTES")]
    pub(crate) attachment_bytes_max: Option<usize>,
    /// The most statements on a page [default: 100].
    #[arg(long, env = "VARDE_STATEMENTS_PER_PAGE_MAX", value_name = "N")]
    pub(crate) statements_per_page_max: Option<usize>,
    /// How many bytes of the disk are kept free; with less, writes are refused [default: 134217728].
    #[arg(long, env = "VARDE_FREE_BYTES_MIN", value_name = "BYTES")]
    pub(crate) free_bytes_min: Option<u64>,
    /// The most connections at a time [default: 10000].
    #[arg(long, env = "VARDE_CONNECTIONS_MAX", value_name = "N")]
    pub(crate) connections_max: Option<usize>,
    /// How many requests one key may make in a minute [default: any number].
    #[arg(long, env = "VARDE_REQUESTS_PER_MINUTE", value_name = "N")]
    pub(crate) requests_per_minute: Option<NonZeroU32>,
    /// The version named in answers to requests that name none, or none that is known [default: 2.0.0].
    #[arg(long, env = "VARDE_DEFAULT_VERSION", value_name = "VERSION")]
    pub(crate) default_version: Option<DefaultVersion>,
    /// Which log lines are written, such as `info` or `warn,varde=debug` [default: info].
    #[arg(long, env = "VARDE_LOG_FILTER", value_name = "FILTER")]
    pub(crate) log_filter: Option<String>,
    /// How log lines look [default: text on a terminal, else json].
    #[arg(long, env = "VARDE_LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// How long requests under way may take after a stop, in seconds [default: 30].
    #[arg(long, env = "VARDE_DRAIN_SECONDS_MAX", value_name = "SECONDS")]
    pub(crate) drain_seconds_max: Option<u64>,
    /// How many seconds after a stop `/readyz` says so while requests are still taken [default: 0].
    #[arg(long, env = "VARDE_NOTICE_SECONDS", value_name = "SECONDS")]
    pub(crate) notice_seconds: Option<u64>,
}

/// A version of the standard that answers name.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    ValueEnum,
    schemars::JsonSchema,
    serde::Deserialize,
    serde::Serialize,
)]
pub(crate) enum DefaultVersion {
    /// The last of 1.0.x.
    #[value(name = "1.0.3")]
    #[serde(rename = "1.0.3")]
    V1,
    /// The last of 2.0.x.
    #[value(name = "2.0.0")]
    #[serde(rename = "2.0.0")]
    V2,
}

impl DefaultVersion {
    /// Returns the family of the version.
    pub(crate) fn family(self) -> Family {
        match self {
            Self::V1 => Family::V1,
            Self::V2 => Family::V2,
        }
    }
}

/// How log lines look.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    ValueEnum,
    schemars::JsonSchema,
    serde::Deserialize,
    serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The flags of `varde demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// Where the demo's server listens; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Ends as soon as everything is shown.
    #[arg(long)]
    pub(crate) once: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    /// Visits a command and all below it.
    fn visit(command: &clap::Command, visitor: &mut impl FnMut(&clap::Command)) {
        visitor(command);
        for below in command.get_subcommands() {
            visit(below, visitor);
        }
    }

    #[test]
    fn the_page_of_commands_names_every_command_flag_variable_and_exit_code() {
        let page = include_str!("../../../docs/commands.md");
        visit(&Cli::command(), &mut |command| {
            let name = command.get_name();
            assert!(page.contains(name), "the command {name} is missing");
            for flag in command.get_arguments() {
                if let Some(long) = flag.get_long() {
                    assert!(page.contains(&format!("--{long}")), "--{long} is missing");
                }
                if let Some(variable) = flag.get_env().and_then(|name| name.to_str()) {
                    assert!(page.contains(variable), "{variable} is missing");
                }
            }
        });
        let codes = EXIT_CODES_HELP
            .lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().next());
        for code in codes {
            assert!(
                page.contains(&format!("\n| {code} |")),
                "exit code {code} is missing"
            );
        }
    }

    #[test]
    fn the_version_names_the_commit() {
        let version = Cli::command().render_version();
        let (number, commit) = version.trim().split_once(" (").expect("a commit");
        assert_eq!(number, concat!("varde ", env!("CARGO_PKG_VERSION")));
        let commit = commit.strip_suffix(')').expect("a closing parenthesis");
        let hex = commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(hex || commit == "unknown", "{commit}");
    }
}
