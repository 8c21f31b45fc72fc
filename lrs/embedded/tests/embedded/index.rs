//! Index entries that follow the log: whatever part of them is in memory, on disk, or was lost.

use std::path::Path;

use tempfile::TempDir;
use varde_core::ports::{PageQuery, StatementLog, TermKey};
use varde_embedded::EmbeddedStore;
use varde_test_support::Draft;

use crate::{append, audit, everything, get, open};

/// What a crash would leave: the files as they are at this moment.
fn copy(folder: &Path) -> TempDir {
    let copy = TempDir::new().expect("a folder is made");
    for file in ["varde.db", "varde.db-wal"] {
        let from = folder.join(file);
        if from.exists() {
            std::fs::copy(from, copy.path().join(file)).expect("copied");
        }
    }
    copy
}

async fn found(store: &EmbeddedStore, filters: &[&[u64]], ascending: bool) -> Vec<u64> {
    let list = |list: &&[u64]| list.iter().copied().map(TermKey).collect();
    let query = PageQuery {
        filters: filters.iter().map(list).collect(),
        ascending,
        ..everything()
    };
    let page = store.page(&query).await.expect("the page is read");
    let positions = page.statements.iter().map(|found| found.position.0);
    positions.collect()
}

/// After a crash, entries that were in memory alone are made again from the log.
#[tokio::test]
async fn entries_in_memory_are_made_again() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    append(
        &store,
        &[Draft::new(1).terms(&[1, 2]), Draft::new(2).refers_to(3)],
    )
    .await;
    store.close().await.expect("closed");
    let store = open(folder.path());
    append(
        &store,
        &[Draft::new(3).terms(&[1]), Draft::new(4).terms(&[2])],
    )
    .await;
    let crashed = copy(folder.path());
    let store = open(crashed.path());
    assert_eq!(found(&store, &[&[1]], true).await, [1, 2, 3]);
    assert_eq!(found(&store, &[&[2]], false).await, [4, 1]);
    assert!(get(&store, 4).await.expect("read").is_some());
    drop(store);
    assert_eq!(audit::audit(crashed.path()), 4);
}

/// Lists that stand partly on disk and partly in memory are read as one, in both directions.
#[tokio::test]
async fn disk_and_memory_are_read_as_one() {
    let folder = TempDir::new().expect("a folder is made");
    let mut expected = [Vec::new(), Vec::new()];
    for round in 0..4 {
        let store = open(folder.path());
        for batch in 0..10 {
            let first = (round * 10 + batch) * 100;
            let drafts: Vec<_> = (first..first + 100)
                .map(|number| Draft::new(number).terms(&[number % 3, 10 + number % 7]))
                .collect();
            append(&store, &drafts).await;
            for number in first..first + 100 {
                expected[0].extend((number % 3 == 1).then_some(number + 1));
                expected[1].extend((number % 21 == 1).then_some(number + 1));
            }
        }
        assert_eq!(found(&store, &[&[1]], true).await, expected[0]);
        assert_eq!(found(&store, &[&[1], &[11]], true).await, expected[1]);
        let falling: Vec<_> = expected[1].iter().rev().copied().collect();
        assert_eq!(found(&store, &[&[11], &[1]], false).await, falling);
        store.close().await.expect("closed");
    }
    assert_eq!(audit::audit(folder.path()), 4_000);
}

/// One arrival that very many wait for: it is answered before all of them inherit, and what is
/// shown as complete waits for the last.
#[tokio::test]
async fn many_heirs_inherit_behind_the_arrival() {
    const HEIRS: u64 = 25_000;
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    for first in (1..=HEIRS).step_by(1_000) {
        let drafts: Vec<_> = (first..first + 1_000)
            .map(|number| Draft::new(number).refers_to(0))
            .collect();
        append(&store, &drafts).await;
    }
    append(&store, &[Draft::new(0).terms(&[1, 2])]).await;
    let crashed = copy(folder.path());
    let arrived = get(&store, 0).await.expect("read").expect("there").stored;
    while store.consistent_through().await.expect("shown") < arrived {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        found(&store, &[&[1], &[2]], true).await.len() as u64,
        HEIRS + 1
    );
    drop(store);
    audit::audit(folder.path());

    let store = open(crashed.path());
    while store.consistent_through().await.expect("shown") < arrived {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        found(&store, &[&[1], &[2]], true).await.len() as u64,
        HEIRS + 1
    );
    drop(store);
    audit::audit(crashed.path());
}
