//! The command line. Every flag can also be given as the environment variable named beside it.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use varde_core::{Scope, Space, Tolerance};
use varde_xapi::{Family, Stored};

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

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves the record store until it is told to stop.
    Serve(ServeArgs),
    /// Shows the whole way on a fresh temporary store: statements in, results out.
    Demo(DemoArgs),
    /// Makes and lists API keys.
    #[command(subcommand)]
    Key(Key),
    /// Takes files of the project office into the store.
    #[command(subcommand)]
    Import(Import),
    /// Works with definitions: evidence rules, indicator sets.
    #[command(subcommand)]
    Rules(Rules),
    /// Writes results as files.
    #[command(subcommand)]
    Report(Report),
}

/// Work with API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Makes a key and shows its secret, once.
    Create(KeyCreateArgs),
    /// Lists the keys of a store, without their secrets.
    List(KeyListArgs),
}

/// Files of the project office.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Adds projects, people, organisations and programme activities from YAML and CSV files.
    Registers(ImportRegistersArgs),
}

/// Work with definitions.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Checks definition files without a store.
    Check(RulesCheckArgs),
    /// Installs definitions, works through the whole log and makes them current.
    Activate(RulesActivateArgs),
    /// Lists the definitions of a store.
    List(RulesListArgs),
}

/// Results as files.
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// Writes a table as CSV.
    Export(ReportExportArgs),
}

/// Where the store is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StoreArgs {
    /// The data folder; made when absent.
    #[arg(long, env = "VARDE_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The configuration file.
    #[arg(long, env = "VARDE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
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
}

/// A version of the standard that answers name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
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

/// The flags of `varde key create`.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyCreateArgs {
    /// The key's name: the user of HTTP Basic.
    pub(crate) name: String,
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Where it writes: a project's code, with `:test` behind it for what is never counted.
    #[arg(long, value_name = "SPACE", default_value = "default")]
    pub(crate) space: Space,
    /// Another space that it reads; may be given again.
    #[arg(long, value_name = "SPACE", value_delimiter = ',')]
    pub(crate) reads: Vec<Space>,
    /// What it may do; may be given again.
    #[arg(
        long,
        value_name = "SCOPE",
        value_delimiter = ',',
        default_values = ["statements/write", "statements/read/mine"]
    )]
    pub(crate) scope: Vec<Scope>,
    /// A rule that its requests are let off; may be given again.
    #[arg(long, value_name = "TOLERANCE", value_delimiter = ',')]
    pub(crate) tolerate: Vec<Tolerance>,
    /// The address that names this Varde in statements' authority [default: <http://localhost:8080>].
    #[arg(long, env = "VARDE_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Prints the key as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde key list`.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyListArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Prints the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde import registers`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportRegistersArgs {
    /// One project file (YAML or JSON) and any number of CSV files, told apart by their headers.
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Checks the files and shows the verdicts, and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Prints the verdicts as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde rules check`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RulesCheckArgs {
    /// Definition files (YAML or JSON).
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
}

/// The flags of `varde rules activate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RulesActivateArgs {
    /// Definition files (YAML or JSON).
    #[arg(required = true, value_name = "FILES")]
    pub(crate) files: Vec<PathBuf>,
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// The flags of `varde rules list`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RulesListArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Prints the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde report export`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportExportArgs {
    /// Which table.
    pub(crate) table: ReportTable,
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The last day that counts [default: today in Oslo and Stockholm].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// Only what the store knew at this instant, such as 2026-01-31T12:00:00Z [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = known_at)]
    pub(crate) known_at: Option<Stored>,
    /// The folder to write into, or `-` for standard output where the table is one file.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) output: PathBuf,
}

/// A table of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportTable {
    /// Competence outcomes: outcomes.csv.
    Outcomes,
    /// Indicators and the keys they count: indicators.csv and keys.csv.
    Indicators,
}

fn day(text: &str) -> Result<Date, String> {
    // The library also reads longer texts that begin with a day; those would hide a mistake.
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    day.ok_or_else(|| "expected a day such as 2026-01-31".to_owned())
}

fn known_at(text: &str) -> Result<Stored, String> {
    Stored::parse(text)
        .map_err(|error| format!("{error}; expected an instant such as 2026-01-31T12:00:00Z"))
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
