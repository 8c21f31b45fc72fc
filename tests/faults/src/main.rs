//! Faults of disk, clock, process and network, one at a time, against the real server.
//!
//! `tests/run faults` builds everything and runs a small size. The large one is
//! `VARDE_FAULTS=--large tests/run faults`.
//!
//! - [`preload`]: lets the server's calls to the system fail, by a library that is loaded before.
//! - [`server`]: the server as a process; [`client`]: what it is asked; [`world`]: what it knows.
//! - [`kill`], [`steps`], [`disk`], [`clock`], [`damage`], [`network`], [`mongodb`]: the faults.

mod client;
mod clock;
mod damage;
mod disk;
mod kill;
mod mongodb;
mod network;
mod preload;
mod server;
mod steps;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use self::mongodb::What;

/// Lets the server meet faults, and checks that it keeps its promises.
#[derive(Debug, Parser)]
struct Args {
    /// The binary of `varde`.
    #[arg(long, env = "VARDE_BIN")]
    bin: PathBuf,
    /// The program mongod, for faults of a database.
    #[arg(long, env = "VARDE_MONGOD")]
    mongod: Option<PathBuf>,
    /// Which faults; all when none is named.
    faults: Vec<Fault>,
    /// 100 rounds of killing, each step of a commit and 10,000 connections, rather than a few of each.
    #[arg(long)]
    large: bool,
    /// What chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// Killed at random instants while many write.
    Kill,
    /// Killed at each call that opening, each kind of commit, and an orderly end consist of.
    KillSteps,
    /// The disk is full.
    DiskFull,
    /// The disk refuses writes.
    ReadOnly,
    /// A sync fails.
    SyncError,
    /// No fault: each commit syncs what was written, and not when a file was last changed.
    DataSyncs,
    /// The folder may not be written when the server starts.
    ReadOnlyFolder,
    /// The clock goes back an hour.
    ClockBack,
    /// Bits flip in the files.
    BitFlips,
    /// Very many connections.
    Connections,
    /// A body of 100 MB.
    LargeBody,
    /// Clients that send slowly.
    SlowClients,
    /// The primary of a replica set is killed.
    PrimaryKilled,
    /// The primary of a replica set steps down.
    PrimaryStepsDown,
    /// The primary of a replica set falls silent.
    PrimarySilent,
    /// The primary of a replica set is cut off from everybody, by network namespaces.
    PrimaryCutOff,
    /// A secondary of a replica set falls silent.
    SecondarySilent,
    /// One of two servers on a replica set is killed.
    ServerKilled,
}

impl Fault {
    /// Tells whether it takes half a minute and is met in the large size only, unless it is named.
    fn is_long(self) -> bool {
        matches!(
            self,
            Self::PrimaryStepsDown | Self::PrimarySilent | Self::SecondarySilent
        )
    }
}

/// What a run is made with.
#[derive(Debug)]
struct Setting {
    bin: PathBuf,
    mongod: Option<PathBuf>,
    preload: preload::Library,
    large: bool,
    seed: u64,
}

/// Stands between a fault and what was seen of it.
const WITHSTOOD: &str = " withstood: ";

/// Why a fault cannot be met on this system, so that nothing is known of it.
#[derive(Debug)]
struct NotMet(String);

impl std::fmt::Display for NotMet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotMet {}

/// Why a fault was not withstood.
type Outcome = Result<String, Box<dyn std::error::Error>>;

/// Fails with a sentence where a promise does not hold.
#[macro_export]
macro_rules! promise {
    ($holds:expr, $($sentence:tt)*) => {
        if !$holds { return Err(format!($($sentence)*).into()); }
    };
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let preload = match preload::Library::compile() {
        Ok(library) => library,
        Err(error) => return fail("the library that is loaded before", &*error),
    };
    let setting = Setting {
        bin: args.bin,
        mongod: args.mongod,
        preload,
        large: args.large,
        seed: args.seed,
    };
    let all = Fault::value_variants().iter();
    let faults: Vec<Fault> = if args.faults.is_empty() {
        all.filter(|fault| args.large || !fault.is_long())
            .copied()
            .collect()
    } else {
        args.faults
    };
    let mut code = ExitCode::SUCCESS;
    for fault in faults {
        let name = format!("{fault:?}");
        match meet(fault, &setting).await {
            Ok(shown) => eprintln!("  {name:<16}{WITHSTOOD}{shown}"),
            Err(error) if error.is::<NotMet>() => eprintln!("  {name:<16} NOT MET: {error}"),
            Err(error) => code = fail(&name, &*error),
        }
    }
    code
}

fn fail(what: &str, error: &dyn std::error::Error) -> ExitCode {
    eprintln!("  {what:<16} FAILED: {error}");
    ExitCode::FAILURE
}

async fn meet(fault: Fault, setting: &Setting) -> Outcome {
    match fault {
        Fault::Kill => kill::meet(setting).await,
        Fault::KillSteps => steps::meet(setting).await,
        Fault::DiskFull => disk::full(setting).await,
        Fault::ReadOnly => disk::read_only(setting).await,
        Fault::SyncError => disk::sync_error(setting).await,
        Fault::DataSyncs => disk::data_syncs(setting).await,
        Fault::ReadOnlyFolder => disk::read_only_folder(setting),
        Fault::ClockBack => clock::back(setting).await,
        Fault::BitFlips => damage::flips(setting).await,
        Fault::Connections => network::connections(setting).await,
        Fault::LargeBody => network::large_body(setting).await,
        Fault::SlowClients => network::slow_clients(setting).await,
        Fault::PrimaryKilled => mongodb::meet(setting, What::PrimaryKilled).await,
        Fault::PrimaryStepsDown => mongodb::meet(setting, What::PrimaryStepsDown).await,
        Fault::PrimarySilent => mongodb::meet(setting, What::PrimarySilent).await,
        Fault::PrimaryCutOff if std::env::var_os(mongodb::ALONE).is_none() => {
            mongodb::meet_apart(setting)
        }
        Fault::PrimaryCutOff => mongodb::meet(setting, What::PrimaryCutOff).await,
        Fault::SecondarySilent => mongodb::meet(setting, What::SecondarySilent).await,
        Fault::ServerKilled => mongodb::meet(setting, What::ServerKilled).await,
    }
}
