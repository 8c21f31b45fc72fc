//! Runs a command beside a MongoDB replica set, which is gone when the command ends.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use varde_replica_set::{MONGOD_VARIABLE, ReplicaSet, Shape, URI_VARIABLE};

/// Starts a MongoDB replica set on loopback and runs a command, which finds its address in
/// `VARDE_TEST_MONGODB_URI` and that of the program in `VARDE_TEST_MONGOD`. Without a command, prints the address and waits to be ended.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program mongod.
    #[arg(long, value_name = "FILE")]
    mongod: PathBuf,
    /// How much memory each member caches pages in, in gigabytes.
    #[arg(long, value_name = "GB", default_value_t = 0.25)]
    cache: f32,
    /// The command and its arguments.
    #[arg(last = true)]
    command: Vec<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut shape = Shape::small(arguments.mongod);
    shape.cache_gigabytes = arguments.cache;
    let (mut ended, mut broken) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let set = tokio::select! {
        set = ReplicaSet::start(&shape) => set?,
        _ = ended.recv() => return Ok(ExitCode::FAILURE),
        _ = broken.recv() => return Ok(ExitCode::FAILURE),
    };
    let Some((program, rest)) = arguments.command.split_first() else {
        eprintln!("{}", set.uri());
        tokio::select! { _ = ended.recv() => {}, _ = broken.recv() => {} }
        return Ok(ExitCode::SUCCESS);
    };
    let mut command = Command::new(program);
    command
        .args(rest)
        .env(URI_VARIABLE, set.uri())
        .env(MONGOD_VARIABLE, &shape.mongod)
        .kill_on_drop(true);
    let mut running = command
        .spawn()
        .with_context(|| format!("{program} is started"))?;
    tokio::select! {
        done = running.wait() => {
            let code = done?.code().and_then(|code| u8::try_from(code).ok());
            Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
        }
        _ = ended.recv() => Ok(ExitCode::FAILURE),
        _ = broken.recv() => Ok(ExitCode::FAILURE),
    }
}
