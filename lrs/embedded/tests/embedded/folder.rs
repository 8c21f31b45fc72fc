//! The data folder: whose it is, and what is said when it cannot be used.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_embedded::{EmbeddedStore, OpenError};
use varde_test_support::{Draft, TestClock};

use crate::{append, open};

fn refused(folder: &Path) -> OpenError {
    let clock = Arc::new(TestClock::default());
    EmbeddedStore::open(folder, clock).expect_err("the folder is refused")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("the file is there")
        .permissions()
        .mode()
        & 0o777
}

/// Learners' data is nobody else's business.
#[tokio::test]
async fn a_new_folder_is_its_owners_alone() {
    let parent = TempDir::new().expect("a folder is made");
    let folder = parent.path().join("new/store");
    let store = open(&folder);
    append(&store, &[Draft::new(1)]).await;
    assert_eq!(mode(&folder), 0o700);
    for file in fs::read_dir(&folder).expect("the folder is read") {
        let path = file.expect("the folder is read").path();
        let own = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), own, "{}", path.display());
    }
}

/// Two writers would tear the log.
#[tokio::test]
async fn a_second_opener_is_refused() {
    let folder = TempDir::new().expect("a folder is made");
    let first = open(folder.path());
    let error = refused(folder.path());
    assert!(matches!(error, OpenError::Locked(_)));
    let told = format!(
        "the data folder {} is in use by another process: stop that one, or name another folder",
        folder.path().display()
    );
    assert_eq!(error.to_string(), told);
    append(&first, &[Draft::new(1)]).await;
    drop(first);
    open(folder.path());
}

/// A closed store gives its folder free, even while handles to it are left.
#[tokio::test]
async fn a_closed_store_gives_its_folder_free() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    let handle = store.clone();
    append(&store, &[Draft::new(1)]).await;
    store.close().await.expect("the store is closed");
    let files = fs::read_dir(folder.path()).expect("the folder is read");
    let names = files.map(|file| file.expect("listed").file_name());
    assert_eq!(
        names.collect::<BTreeSet<_>>(),
        BTreeSet::from(["attachments", "lock", "varde.db"].map(Into::into)),
        "a closed store is one file, beside the lock and the attachments"
    );
    append(&open(folder.path()), &[Draft::new(2)]).await;
    drop(handle);
}

/// A file where the folder should be.
#[test]
fn a_file_in_place_of_the_folder_is_named() {
    let parent = TempDir::new().expect("a folder is made");
    let path = parent.path().join("store");
    fs::write(&path, "notes").expect("the file is written");
    let error = refused(&path);
    assert!(matches!(error, OpenError::NotAFolder(_)));
    assert!(
        error
            .to_string()
            .contains(&format!("{} is not a folder", path.display()))
    );
    assert_eq!(fs::read(&path).expect("still there"), b"notes");
}

/// A folder that cannot be made, and one that cannot be read.
#[test]
fn an_unusable_folder_is_named_with_the_reason() {
    let parent = TempDir::new().expect("a folder is made");
    fs::write(parent.path().join("file"), "").expect("the file is written");
    let blocked = parent.path().join("blocked");
    fs::create_dir_all(blocked.join("lock")).expect("the folder is made");
    for path in [
        parent.path().join("file/store"),
        Path::new("/proc/store").to_owned(),
        blocked,
    ] {
        let error = refused(&path);
        assert!(matches!(error, OpenError::Inaccessible { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.contains(&path.display().to_string()), "{told}");
        assert!(
            told.ends_with("let the user that runs this read and write it"),
            "{told}"
        );
    }
}

/// Neither a text, nor a database of another program, nor something that is no file.
#[test]
fn a_foreign_file_is_refused_and_left_alone() {
    let folder = TempDir::new().expect("a folder is made");
    let path = folder.path().join("varde.db");
    fs::write(
        &path,
        "a text that is long enough to be more than a header ".repeat(40),
    )
    .expect("the file is written");
    let before = fs::read(&path).expect("read");
    assert!(matches!(refused(folder.path()), OpenError::Foreign(_)));
    assert_eq!(fs::read(&path).expect("read"), before);

    fs::remove_file(&path).expect("removed");
    let other = Connection::open(&path).expect("made");
    other
        .execute_batch("CREATE TABLE songs(title)")
        .expect("made");
    drop(other);
    let before = fs::read(&path).expect("read");
    let error = refused(folder.path());
    assert!(matches!(error, OpenError::Foreign(_)));
    assert!(
        error.to_string().contains("is not a Varde database"),
        "{error}"
    );
    assert_eq!(fs::read(&path).expect("read"), before);

    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("made");
    assert!(matches!(refused(folder.path()), OpenError::Database { .. }));
}

/// A store made by a later version is left to that version.
#[test]
fn a_newer_format_is_refused() {
    let folder = TempDir::new().expect("a folder is made");
    drop(open(folder.path()));
    let database = Connection::open(folder.path().join("varde.db")).expect("opened");
    database
        .execute("UPDATE meta SET value = 99 WHERE name = 'format'", [])
        .expect("changed");
    drop(database);
    let error = refused(folder.path());
    assert!(
        matches!(
            error,
            OpenError::Newer {
                found: 99,
                known: 2,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("has format 99"), "{error}");
}

/// A process that ended before it had made its tables left nothing to mend.
#[tokio::test]
async fn a_folder_that_was_hardly_begun_is_begun_again() {
    let folder = TempDir::new().expect("a folder is made");
    fs::write(folder.path().join("varde.db"), "").expect("the file is written");
    append(&open(folder.path()), &[Draft::new(1)]).await;
}
