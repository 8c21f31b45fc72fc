use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use varde_core::ports::{AttachmentName, Attachments as _, StoreError};
use varde_test_support::{TestClock, space};
use varde_xapi::Stored;
use varde_xapi::attachment::Digester;

use super::file::Label;
use crate::EmbeddedStore;

const LATER: Stored = Stored(i64::MAX);

fn open(folder: &TempDir) -> EmbeddedStore {
    EmbeddedStore::open(folder.path(), Arc::new(TestClock::default())).unwrap()
}

fn named(bytes: &[u8]) -> AttachmentName {
    let mut digester = Digester::of("");
    digester.update(bytes);
    AttachmentName {
        space: space("sing"),
        sha2: digester.finish(),
    }
}

async fn keep(store: &EmbeddedStore, bytes: &[u8]) -> AttachmentName {
    let name = named(bytes);
    let mut writer = store.write(name.clone()).await.unwrap();
    writer.write(bytes).await.unwrap();
    writer.keep().await.unwrap();
    name
}

async fn read(store: &EmbeddedStore, name: &AttachmentName) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(mut reader) = store.read(name).await? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next().await? {
        bytes.extend(chunk);
    }
    Ok(Some(bytes))
}

/// Returns every file below the folder of attachments.
fn files(folder: &TempDir) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for shelf in fs::read_dir(folder.path().join("attachments")).unwrap() {
        for file in fs::read_dir(shelf.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files
}

#[tokio::test]
async fn bytes_are_found_after_reopening() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let name = keep(&store, b"stone").await;
    store.close().await.unwrap();
    let store = open(&folder);
    assert_eq!(read(&store, &name).await.unwrap().unwrap(), b"stone");
    assert_eq!(store.kept_before(LATER, None, 9).await.unwrap(), [name]);
}

#[tokio::test]
async fn what_was_on_its_way_is_removed_at_opening() {
    let folder = TempDir::new().unwrap();
    drop(open(&folder));
    let left = folder.path().join("attachments/incoming/7");
    fs::write(&left, b"half a stone").unwrap();
    let store = open(&folder);
    assert!(!left.exists());
    assert_eq!(store.kept_before(LATER, None, 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_dropped_writer_leaves_no_file() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mut writer = store.write(named(b"stone")).await.unwrap();
    writer.write(b"sto").await.unwrap();
    assert_eq!(files(&folder).len(), 1);
    drop(writer);
    assert_eq!(files(&folder), [] as [PathBuf; 0]);
}

#[tokio::test]
async fn a_closed_store_takes_and_gives_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let writer = store.write(named(b"")).await.unwrap();
    store.close().await.unwrap();
    assert!(writer.keep().await.is_err());
    assert!(store.write(named(b"")).await.is_err());
    assert!(store.read(&named(b"")).await.is_err());
    let store = open(&folder);
    assert_eq!(read(&store, &named(b"")).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_of_another_length_is_refused() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let name = keep(&store, b"stone").await;
    let path = files(&folder).pop().unwrap();
    let whole = fs::read(&path).unwrap();
    let longer = [b"x".as_slice(), &whole].concat();
    let tampered = [&whole[..5], b"\xff", &whole[6..]].concat();
    for damaged in [
        &[],
        &whole[1..],
        &whole[..whole.len() - 1],
        &longer,
        &tampered,
    ] {
        fs::write(&path, damaged).unwrap();
        assert!(read(&store, &name).await.is_err(), "{damaged:?}");
        assert_eq!(store.kept_before(LATER, None, 9).await.unwrap(), []);
    }
    keep(&store, b"stone").await;
    assert_eq!(read(&store, &name).await.unwrap().unwrap(), b"stone");
}

#[tokio::test]
async fn a_file_in_the_place_of_another_is_refused() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let name = keep(&store, b"stone").await;
    let path = files(&folder).pop().unwrap();
    let other = Label {
        name: named(b"pebble"),
        length: 6,
    };
    fs::write(&path, [b"pebble".to_vec(), other.bytes()].concat()).unwrap();
    assert!(read(&store, &name).await.is_err());
}

#[tokio::test]
async fn no_text_of_a_sender_is_in_a_path() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let name = keep(&store, b"stone").await;
    let path = files(&folder).pop().unwrap();
    let path = path.to_str().unwrap();
    assert!(
        !path.contains(&name.sha2[..16]) && !path.contains("sing"),
        "{path}"
    );
}
