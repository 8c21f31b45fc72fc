//! Copies of a folder, and checks of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_core::ports::{
    AttachmentName, Attachments, Change, Changes, Collection, EventKind, Expected, KeyRange,
    LogEvent, NewEvent, Position, Record, Records, StatementLog,
};
use varde_embedded::care::{self, About, CareError, EntryPlace, Finding, What};
use varde_embedded::{DataFolder, EmbeddedStore, OpenError};
use varde_test_support::{Draft, TestClock, space};
use varde_xapi::Stored;
use varde_xapi::attachment::Digester;

use crate::{append, audit, open};

const SHELF: Collection = Collection("shelf");

fn about() -> About {
    About {
        made_by: "a test".to_owned(),
        made_at: Stored(0),
    }
}

fn back_up(data: &Path, to: &Path) -> Result<care::Manifest, CareError> {
    care::back_up(data, to, about(), &mut |_| {})
}

fn restore(from: &Path, data: &Path) -> Result<care::Manifest, CareError> {
    care::restore(from, data, &mut |_| {})
}

/// Keeps the bytes of an attachment.
async fn keep(store: &EmbeddedStore, bytes: &str) {
    let mut digester = Digester::of("");
    digester.update(bytes.as_bytes());
    let name = AttachmentName {
        space: space("sing"),
        sha2: digester.finish(),
    };
    let mut writer = store.write(name).await.expect("a writer");
    writer.write(bytes.as_bytes()).await.expect("written");
    writer.keep().await.expect("kept");
}

/// Makes a store with everything that a store can hold.
async fn furnish(data: &Path) -> EmbeddedStore {
    let store = open(data);
    let statement = |number| Draft::new(number).terms(&[number, 7]);
    append(&store, &[statement(1), statement(2).refers_to(1)]).await;
    append(&store, &[statement(3).refers_to(4), statement(4)]).await;
    let changes = Changes {
        changes: vec![Change {
            collection: SHELF,
            key: b"a".to_vec(),
            value: Some(b"1".to_vec()),
            expected: Expected::Absent,
        }],
        events: vec![NewEvent {
            kind: EventKind::Registers,
            body: "{}".to_owned(),
        }],
        import: false,
    };
    store.commit(changes).await.expect("committed");
    keep(&store, "an attachment").await;
    keep(&store, "another").await;
    store
}

async fn content(store: &EmbeddedStore) -> (Vec<LogEvent>, Vec<Record>) {
    let all = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: 100,
    };
    let log = store.follow(Position(0), 100).await.expect("read");
    (log, store.range(SHELF, &all).await.expect("read"))
}

fn attachments(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for shelf in fs::read_dir(data.join("attachments")).expect("there") {
        for file in fs::read_dir(shelf.expect("a shelf").path()).expect("there") {
            let path = file.expect("a file").path();
            let name = path.file_name().expect("a name").display().to_string();
            found.insert(name, fs::read(path).expect("read"));
        }
    }
    found
}

pub(crate) async fn findings(store: &EmbeddedStore) -> Vec<Finding> {
    let mut findings = store.check_pages().await.expect("checked");
    let (mut after, mut head) = (Position(0), Position(1));
    while after < head {
        let checked = store.check(after).await.expect("checked");
        (after, head) = (checked.through, checked.head);
        findings.extend(checked.findings);
    }
    let mut place = Some(EntryPlace::default());
    while let Some(from) = place {
        let checked = store.check_entries(from).await.expect("checked");
        findings.extend(checked.findings);
        place = checked.next;
    }
    findings.extend(store.check_counters().await.expect("checked"));
    for path in store.attachment_files().await.expect("listed") {
        findings.extend(store.check_attachment(&path).await.expect("checked"));
    }
    findings
}

#[tokio::test]
async fn a_restored_backup_holds_all_that_the_store_held() {
    let folder = TempDir::new().expect("a folder");
    let [data, backup, new] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    let store = furnish(&data).await;
    let manifest = back_up(&data, &backup).expect("backed up beside the open store");
    assert_eq!((manifest.head, manifest.files.len()), (5, 3));
    append(&store, &[Draft::new(9)]).await;
    restore(&backup, &new).expect("restored");
    let restored = open(&new);
    let (log, records) = content(&store).await;
    assert_eq!(content(&restored).await, (log[..5].to_vec(), records));
    assert_eq!(attachments(&new), attachments(&data));
    assert_eq!(findings(&restored).await, []);
    append(&restored, &[Draft::new(10)]).await;
    restored.close().await.expect("closed");
    assert_eq!(audit::audit(&new), 6);
}

#[tokio::test]
async fn a_backup_made_while_others_write_is_of_one_moment() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let store = open(&data);
    // References in both directions, so that a torn copy would show in the indexes.
    let batch = |number: u64| {
        let forward = Draft::new(number).terms(&[1]).refers_to(number + 1);
        let backward = Draft::new(number + 1)
            .terms(&[2])
            .refers_to(number.saturating_sub(2));
        vec![forward.build(), backward.build()]
    };
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            for number in (2..400).step_by(2) {
                store.append(batch(number)).await.expect("appended");
            }
        }
    });
    let mut heads = Vec::new();
    for number in 0.. {
        let done = writing.is_finished();
        let (data, to) = (data.clone(), folder.path().join(number.to_string()));
        let copied = tokio::task::spawn_blocking(move || back_up(&data, &to)).await;
        heads.push(copied.expect("no panic").expect("backed up").head);
        if done {
            break;
        }
    }
    writing.await.expect("written");
    assert!(heads.len() > 1 && heads.is_sorted(), "{heads:?}");
    for (number, head) in heads.into_iter().enumerate() {
        let new = folder.path().join(format!("new-{number}"));
        restore(&folder.path().join(number.to_string()), &new).expect("restored");
        open(&new).close().await.expect("closed");
        assert_eq!(audit::audit(&new) as u64, head);
    }
}

#[tokio::test]
async fn an_altered_backup_is_refused_and_nothing_is_made() {
    let folder = TempDir::new().expect("a folder");
    let [data, backup, new] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    furnish(&data).await.close().await.expect("closed");
    let manifest = back_up(&data, &backup).expect("backed up");
    for file in &manifest.files {
        let path = backup.join(&file.path);
        let whole = fs::read(&path).expect("read");
        let mut bytes = whole.clone();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(&path, bytes).expect("written");
        let refused = restore(&backup, &new).expect_err("refused");
        assert!(matches!(&refused, CareError::Altered { file: named, .. } if *named == file.path));
        fs::write(&path, whole).expect("written");
        assert!(!new.exists());
    }
    fs::remove_file(backup.join("backup.json")).expect("removed");
    let refused = restore(&backup, &new).expect_err("refused");
    assert!(matches!(refused, CareError::NoBackup { .. }), "{refused}");
    assert!(!new.exists());
}

#[tokio::test]
async fn a_list_of_files_that_leads_out_of_the_backup_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let [data, backup, new] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    furnish(&data).await.close().await.expect("closed");
    back_up(&data, &backup).expect("backed up");
    let list = backup.join("backup.json");
    let text = fs::read_to_string(&list).expect("read");
    for path in ["../varde.db", "/etc/passwd", "a/../../b"] {
        fs::write(&list, text.replace("\"varde.db\"", &format!("\"{path}\""))).expect("written");
        let refused = restore(&backup, &new).expect_err("refused");
        assert!(matches!(refused, CareError::NoBackup { .. }), "{refused}");
        assert!(!new.exists());
    }
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let folder = TempDir::new().expect("a folder");
    let [data, backup] = ["data", "backup"].map(|name| folder.path().join(name));
    furnish(&data).await.close().await.expect("closed");
    back_up(&data, &backup).expect("backed up");
    let again = back_up(&data, &backup).expect_err("refused");
    assert!(matches!(again, CareError::NotEmpty(_)), "{again}");
    let over = restore(&backup, &data).expect_err("refused");
    assert!(matches!(over, CareError::NotEmpty(_)), "{over}");
    assert_eq!(audit::audit(&data), 5);
}

#[tokio::test]
async fn a_copy_that_was_cut_short_is_no_store() {
    let folder = TempDir::new().expect("a folder");
    let [data, backup, new] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    furnish(&data).await.close().await.expect("closed");
    let manifest = back_up(&data, &backup).expect("backed up");
    let cut = std::panic::catch_unwind(|| {
        care::restore(&backup, &new, &mut |progress| {
            assert!(!progress.what.starts_with("copying"), "cut");
        })
    });
    assert!(cut.is_err() && new.exists());
    let refused = EmbeddedStore::open(&new, Arc::new(TestClock::default())).expect_err("refused");
    assert!(matches!(refused, OpenError::Unfinished(_)), "{refused}");
    let again = restore(&backup, &new).expect_err("refused");
    assert!(matches!(again, CareError::NotEmpty(_)), "{again}");
    fs::remove_dir_all(&new).expect("emptied");
    assert_eq!(restore(&backup, &new).expect("restored"), manifest);
}

#[tokio::test]
async fn a_migrated_store_goes_on_where_the_other_stood() {
    let folder = TempDir::new().expect("a folder");
    let [data, new] = ["data", "new"].map(|name| folder.path().join(name));
    let store = furnish(&data).await;
    let before = content(&store).await;
    store.close().await.expect("closed");
    let from = DataFolder::lock(&data).expect("locked");
    assert_eq!(
        care::migrate(&from, &new, &mut |_| {}).expect("migrated"),
        5
    );
    let migrated = open(&new);
    assert_eq!(content(&migrated).await, before);
    assert_eq!(attachments(&new), attachments(&data));
    assert_eq!(append(&migrated, &[Draft::new(9)]).await, Position(6));
}

#[tokio::test]
async fn what_is_damaged_is_found_by_its_place_and_kept_out_of_a_backup() {
    let folder = TempDir::new().expect("a folder");
    let [data, backup] = ["data", "backup"].map(|name| folder.path().join(name));
    furnish(&data).await.close().await.expect("closed");
    let change = |sql: &str| {
        let database = Connection::open(data.join("varde.db")).expect("opened");
        database.execute_batch(sql).expect("changed");
    };
    change("UPDATE log SET version = '9.9.9' WHERE position = 2");
    let store = open(&data);
    let found = findings(&store).await;
    let [row] = found.as_slice() else {
        panic!("{found:?}");
    };
    let place = (row.what, row.position, row.statement);
    assert_eq!(place, (What::Row, Some(Position(2)), Some(Draft::id(2))));
    store.close().await.expect("closed");
    let refused = back_up(&data, &backup).expect_err("refused");
    assert!(matches!(&refused, CareError::Damaged { first } if first.contains("position 2")));
    assert!(!backup.join("backup.json").exists());

    change("DELETE FROM log WHERE position = 2;");
    let store = open(&data);
    let gap = findings(&store).await.into_iter().next();
    let gap = gap.map(|finding| (finding.what, finding.position));
    assert_eq!(gap, Some((What::Gap, Some(Position(2)))));
}

/// Each way in which the index may lack something or have what no row brings, as SQL.
const LACKING: [&str; 15] = [
    "DELETE FROM statement WHERE position = 3",
    "UPDATE statement SET position = 1 WHERE position = 4",
    "UPDATE posting SET distances = x'7f' WHERE length(distances) > 0",
    "DELETE FROM posting WHERE scope = 1",
    "DELETE FROM reference",
    "DELETE FROM inherited WHERE position = 2",
    "DELETE FROM voided",
    "INSERT INTO statement VALUES (x'00000000000000000000000000000001', 0, 2)",
    "INSERT INTO posting VALUES (20, 0, 3, 3, x'')",
    "UPDATE posting SET last = last + 1 WHERE term = 7 AND scope = 0",
    "INSERT INTO inherited VALUES (20, 2)",
    "UPDATE reference SET origin = origin + 1",
    "INSERT INTO voided VALUES (3)",
    "INSERT INTO backlog VALUES (5)",
    "UPDATE meta SET value = 99 WHERE name = 'indexed'",
];

#[tokio::test]
async fn an_index_that_lacks_something_is_found_and_made_anew() {
    for lacking in LACKING {
        let folder = TempDir::new().expect("a folder");
        let store = furnish(folder.path()).await;
        append(&store, &[Draft::new(8).voids(1)]).await;
        let before = content(&store).await;
        store.close().await.expect("closed");
        let database = Connection::open(folder.path().join("varde.db")).expect("opened");
        assert!(
            database.execute(lacking, []).expect("changed") > 0,
            "{lacking}"
        );
        drop(database);
        let store = open(folder.path());
        let found = findings(&store).await;
        assert!(!found.is_empty(), "{lacking}");
        let derived = [What::Index, What::Counter];
        assert!(
            found.iter().all(|one| derived.contains(&one.what)),
            "{lacking}: {found:?}"
        );
        append(&store, &[Draft::new(9).refers_to(8)]).await;
        store.make_index_anew().await.expect("made anew");
        assert_eq!(findings(&store).await, [], "{lacking}");
        append(&store, &[Draft::new(10).refers_to(9)]).await;
        let (log, records) = content(&store).await;
        assert_eq!(
            (log[..6].to_vec(), records),
            before,
            "the record is as it was"
        );
        store.close().await.expect("closed");
        assert_eq!(audit::audit(folder.path()), 8, "{lacking}");
    }
}

#[tokio::test]
async fn an_attachment_that_was_altered_is_found() {
    let folder = TempDir::new().expect("a folder");
    let store = furnish(folder.path()).await;
    let [first, second] = &store.attachment_files().await.expect("listed")[..] else {
        panic!("two attachments are kept");
    };
    let [first, second] = [first, second].map(|path| folder.path().join("attachments").join(path));
    let mut bytes = fs::read(&first).expect("read");
    bytes[0] ^= 1;
    fs::write(&first, bytes).expect("written");
    fs::copy(&second, second.with_extension("copy")).expect("copied");
    let found = findings(&store).await;
    let details: Vec<_> = found
        .iter()
        .map(|finding| finding.detail.as_str())
        .collect();
    assert!(
        found.iter().all(|finding| finding.what == What::Attachment),
        "{found:?}"
    );
    assert_eq!(details.len(), 2, "{details:?}");
    assert!(
        details.iter().any(|detail| detail.contains("digest")),
        "{details:?}"
    );
    assert!(
        details
            .iter()
            .any(|detail| detail.contains("another belongs")),
        "{details:?}"
    );
}

/// The bound stands for a disk that is nearly full.
#[tokio::test]
async fn below_the_free_space_to_be_kept_nothing_is_written_until_there_is_room() {
    let folder = TempDir::new().expect("a folder");
    let store = furnish(folder.path()).await;
    let before = content(&store).await;
    store.keep_free(u64::MAX);
    let refused = store.append(vec![Draft::new(9).build()]).await;
    let reason = refused.expect_err("refused").to_string();
    assert!(reason.contains("bytes free"), "{reason}");
    let name = AttachmentName {
        space: space("sing"),
        sha2: "0".repeat(64),
    };
    assert!(Attachments::write(&store, name).await.is_err());
    let changes = Changes {
        events: vec![NewEvent {
            kind: EventKind::Registers,
            body: "{}".to_owned(),
        }],
        ..Changes::default()
    };
    assert!(store.commit(changes).await.is_err());
    assert_eq!(
        content(&store).await,
        before,
        "reading goes on, nothing was changed"
    );
    store
        .consistent_through()
        .await
        .expect("readers are told an instant");
    store.keep_free(1);
    append(&store, &[Draft::new(9)]).await;
}
