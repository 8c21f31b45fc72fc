//! A disk that is full: writing stops with the reason, reading goes on, and writing resumes.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use varde_core::ports::{AppendError, StatementLog, StoreError};
use varde_test_support::Draft;

use crate::{audit, everything, get, open, process};

/// Statements of about 10 kB each, so that the bound is met soon.
fn large(number: u64) -> Draft {
    Draft::new(number)
        .terms(&[1, 2])
        .with(|new| new.body = "x".repeat(10_000))
}

/// Runs a process whose files may not grow beyond 2 MB, then lifts that bound while it runs.
#[tokio::test]
async fn a_full_disk_stops_writing_until_there_is_room() {
    if let Some(folder) = process::part() {
        return fill(&folder).await;
    }
    let folder = TempDir::new().expect("a folder is made");
    let test = "disk_full::a_full_disk_stops_writing_until_there_is_room";
    // The signal that goes with the bound would end the process, where a full disk does not.
    let bounded = [
        "sh",
        "-c",
        "trap '' XFSZ; ulimit -S -f 4096; exec \"$@\"",
        "sh",
    ];
    let mut child = process::play(test, folder.path(), &bounded);
    let told = BufReader::new(child.stderr.take().expect("the standard error is piped"));
    let mut told = told.lines().map(|line| line.expect("a line is told"));

    let full = told
        .next()
        .expect("the process tells that the disk is full");
    assert!(full.starts_with("full: "), "{full}");
    let freed = Command::new("prlimit")
        .args([
            "--pid",
            &child.id().to_string(),
            "--fsize=unlimited:unlimited",
        ])
        .status()
        .expect("prlimit runs");
    assert!(freed.success());
    drop(child.stdin.take());
    let stored: u64 = told
        .next()
        .and_then(|line| line.parse().ok())
        .expect("a number is told");
    assert!(child.wait().expect("the process ends").success());

    assert!(stored > 20, "the bound came too early");
    assert_eq!(audit::audit(folder.path()) as u64, stored);
    let store = open(folder.path());
    assert_eq!(
        store
            .page(&everything())
            .await
            .expect("read")
            .statements
            .len() as u64,
        stored
    );
}

/// The part of the process: fills the disk, reads, and goes on once its input ends.
async fn fill(folder: &Path) {
    let store = open(folder);
    let mut next = 0;
    let reason = loop {
        match store
            .append(vec![large(next).build(), large(next + 1).build()])
            .await
        {
            Ok(_) => next += 2,
            Err(AppendError::Store(StoreError::Unwritable { reason })) => break reason,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert!(
        get(&store, next).await.expect("read").is_none(),
        "half of a batch was stored"
    );
    assert!(get(&store, next - 1).await.expect("read").is_some());
    assert_eq!(
        store
            .page(&everything())
            .await
            .expect("read")
            .statements
            .len() as u64,
        next
    );
    store
        .consistent_through()
        .await
        .expect("readers are told an instant all the same");
    let again = store.append(vec![large(next).build()]).await;
    assert!(
        matches!(
            again,
            Err(AppendError::Store(StoreError::Unwritable { .. }))
        ),
        "{again:?}"
    );

    writeln!(io::stderr(), "full: {reason}").expect("somebody listens");
    io::copy(&mut io::stdin(), &mut io::sink()).expect("the input ends");
    store
        .append(vec![large(next).build()])
        .await
        .expect("there is room again");
    writeln!(io::stderr(), "{}", next + 1).expect("somebody listens");
    store.close().await.expect("the store is closed");
}
