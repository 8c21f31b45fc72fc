//! Writing: beside the driver alone, and by two processes.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use mongodb::bson::{RawDocumentBuf, doc};
use mongodb::options::{Acknowledgment, WriteConcern};
use mongodb::{Collection, IndexModel};
use tokio::process::Command;
use varde_core::ports::StatementLog;

use crate::{Database, batch, open};

/// The sizes of groups.
const GROUPS: [u64; 4] = [50, 200, 1_000, 2_000];
/// How large the groups of two processes are.
const GROUP: u64 = 200;

/// Alternates appends with inserts of the same documents, for so long each.
pub(crate) async fn beside_the_driver(server: &str, each: Duration) -> anyhow::Result<()> {
    println!(
        "{:>6} {:>14} {:>14} {:>7}",
        "group", "append/s", "insertMany/s", "ratio"
    );
    for group in GROUPS {
        let (ours, theirs) = (
            Database::new(server, "append"),
            Database::new(server, "insert"),
        );
        let store = ours.open().await?;
        // Made by a store too, so with the same collection and the same indexes.
        theirs.open().await?.close().await;
        let log: Collection<RawDocumentBuf> = ours.plain().await?.collection("log");
        let copy: Collection<RawDocumentBuf> = theirs.plain().await?.collection("log");
        let (mut first, mut appending, mut inserting) = (0, Duration::ZERO, Duration::ZERO);
        while appending + inserting < each * 2 {
            let batch = batch(first, group);
            let begun = Instant::now();
            store.append(batch).await?;
            appending += begun.elapsed();
            let behind = i64::try_from(first)?;
            let stored = log.find(doc! { "position": { "$gt": behind } });
            let documents: Vec<_> = stored
                .sort(doc! { "position": 1 })
                .await?
                .try_collect()
                .await?;
            anyhow::ensure!(
                documents.len() as u64 == group,
                "what was appended is found"
            );
            let durable = WriteConcern::builder()
                .w(Acknowledgment::Majority)
                .journal(true)
                .build();
            let begun = Instant::now();
            copy.insert_many(&documents).write_concern(durable).await?;
            inserting += begun.elapsed();
            first += group;
        }
        same_indexes(&log, &copy).await?;
        let rate = |time: Duration| first as f64 / time.as_secs_f64();
        let (ours_s, theirs_s) = (rate(appending), rate(inserting));
        println!(
            "{group:>6} {ours_s:>14.0} {theirs_s:>14.0} {:>7.2}",
            ours_s / theirs_s
        );
        store.close().await;
        ours.drop().await?;
        theirs.drop().await?;
    }
    Ok(())
}

async fn same_indexes(
    one: &Collection<RawDocumentBuf>,
    other: &Collection<RawDocumentBuf>,
) -> anyhow::Result<()> {
    let keys = |index: IndexModel| index.keys;
    let one: Vec<_> = one.list_indexes().await?.map_ok(keys).try_collect().await?;
    let other: Vec<_> = other
        .list_indexes()
        .await?
        .map_ok(keys)
        .try_collect()
        .await?;
    anyhow::ensure!(one == other, "the indexes differ: {one:?} {other:?}");
    Ok(())
}

/// Lets one process write, then two at a time, on a fresh database each.
pub(crate) async fn by_two_processes(server: &str, seconds: u64) -> anyhow::Result<()> {
    let mut rates = Vec::new();
    for processes in 1..=2_u64 {
        let database = Database::new(server, "processes");
        database.open().await?.close().await;
        let uri = database.uri();
        let running = (0..processes).map(|number| {
            let words = [
                "write",
                &uri,
                &number.to_string(),
                &seconds.to_string(),
                &GROUP.to_string(),
            ]
            .map(str::to_owned);
            Ok(Command::new(std::env::current_exe()?).args(words).output())
        });
        let running: Vec<_> = running.collect::<anyhow::Result<_>>()?;
        let mut written = 0.0;
        for output in running {
            // All were started already.
            let output = output.await?;
            let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            anyhow::ensure!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            written += said.parse::<f64>()?;
        }
        rates.push(written);
        database.drop().await?;
    }
    if let [one, two] = rates.as_slice() {
        println!(
            "one process {one:.0}/s, two together {two:.0}/s: {:.2} (groups of {GROUP}, 4 writers each)",
            two / one
        );
    }
    Ok(())
}

/// Writes for so long with four writers, and prints how many statements that were in a second.
pub(crate) async fn as_a_process(
    uri: &str,
    seed: u64,
    seconds: u64,
    group: u64,
) -> anyhow::Result<()> {
    let store = std::sync::Arc::new(open(uri).await?);
    let begun = Instant::now();
    let time = Duration::from_secs(seconds);
    let writers: Vec<_> = (0..4_u64)
        .map(|writer| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                let mut first = (seed * 4 + writer) << 32;
                let mut written = 0;
                while begun.elapsed() < time {
                    store.append(batch(first, group)).await?;
                    first += group;
                    written += group;
                }
                Ok::<_, varde_core::ports::AppendError>(written)
            })
        })
        .collect();
    let mut written = 0;
    for writer in writers {
        written += writer.await??;
    }
    println!("{}", written as f64 / begun.elapsed().as_secs_f64());
    store.close().await;
    Ok(())
}
