//! A store that an earlier version made.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{Server, run, said, varde};

/// The database that a build of the first format left.
fn old() -> TempDir {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../embedded/tests/fixtures");
    let data = tempfile::tempdir().expect("a folder");
    let to = data.path().join("varde.db");
    std::fs::copy(fixtures.join("format-1/varde.db"), to).expect("copied");
    data
}

fn on(data: &Path, words: &[&str]) -> Output {
    run(varde().args(words).env("VARDE_DATA", data))
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

fn files(data: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(data).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|kind| kind == "db"))
        .map(|path| (path.clone(), std::fs::read(path).expect("read")))
        .collect();
    files.sort();
    files
}

#[test]
fn a_store_of_an_earlier_version_is_served_once_it_is_upgraded() {
    let data = old();
    let before = files(data.path());
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "127.0.0.1:0",
    ];
    for words in [&serve[..], &["key", "list"], &["verify"]] {
        let refused = on(data.path(), words);
        assert_eq!(refused.status.code(), Some(79), "{}", said(&refused));
        assert!(
            said(&refused).contains("`varde upgrade`"),
            "{}",
            said(&refused)
        );
    }
    let check = on(data.path(), &["upgrade", "--check", "--json"]);
    assert_eq!(check.status.code(), Some(79), "{}", said(&check));
    let told = json(&check);
    assert_eq!(
        (&told["format"], &told["needed"], &told["backed_up"]),
        (&1.into(), &2.into(), &false.into())
    );
    assert_eq!(told["migrations"][0]["number"], 2);
    assert!(told["migrations"][0]["rows"].as_u64().expect("a number") > 612);
    assert_eq!(files(data.path()), before, "nothing was changed");

    // A backup that was made since the last event.
    std::fs::create_dir(data.path().join("noted")).expect("made");
    std::fs::write(data.path().join("noted/backup"), "2126-01-01T00:00:00Z").expect("written");
    let check = on(data.path(), &["upgrade", "--check"]);
    let text = String::from_utf8(check.stdout).expect("UTF-8");
    assert!(text.contains("the backup of 2126-01-01"), "{text}");

    let upgraded = on(data.path(), &["upgrade", "--json"]);
    assert!(upgraded.status.success(), "{}", said(&upgraded));
    assert_eq!(json(&upgraded)["done"], 1);
    assert_eq!(json(&upgraded)["format"], 2);
    let check = on(data.path(), &["upgrade", "--check"]);
    assert!(check.status.success(), "{}", said(&check));
    let server = Server::start(data.path());
    let beside = on(data.path(), &["upgrade"]);
    assert!(beside.status.success(), "nothing to do: {}", said(&beside));
    server.terminate();
}

#[test]
fn a_folder_in_use_or_of_a_later_version_is_not_upgraded() {
    let data = old();
    let lock = std::fs::File::create(data.path().join("lock")).expect("made");
    lock.try_lock().expect("nobody has it");
    let refused = on(data.path(), &["upgrade"]);
    assert_eq!(refused.status.code(), Some(75), "{}", said(&refused));
    let check = on(data.path(), &["upgrade", "--check"]);
    assert_eq!(check.status.code(), Some(79), "it only reads");
    drop(lock);

    let database = rusqlite::Connection::open(data.path().join("varde.db")).expect("opened");
    let set = "UPDATE meta SET value = 7 WHERE name = 'format'";
    database.execute(set, []).expect("set");
    drop(database);
    for words in [&["upgrade"][..], &["upgrade", "--check"]] {
        let refused = on(data.path(), words);
        assert_eq!(refused.status.code(), Some(65), "{}", said(&refused));
        assert!(
            said(&refused).contains("run the version that made it, or a later one"),
            "{}",
            said(&refused)
        );
    }
}

#[test]
fn where_there_is_no_store_nothing_is_to_be_done() {
    let data = tempfile::tempdir().expect("a folder");
    for words in [&["upgrade"][..], &["upgrade", "--check"]] {
        let output = on(&data.path().join("absent"), words);
        assert!(output.status.success(), "{}", said(&output));
    }
    assert!(!data.path().join("absent").exists());
}

#[test]
fn a_store_of_an_earlier_version_is_copied_by_that_version_alone() {
    let (data, to) = (old(), tempfile::tempdir().expect("a folder"));
    let backup = to.path().join("backup");
    let (from, to) = (data.path(), to.path().join("copy"));
    let [mut copying, mut migrate] = [varde(), varde()];
    copying.arg("backup").arg(backup).arg("--data").arg(from);
    migrate.arg("migrate").arg(from).arg(to);
    for mut command in [copying, migrate] {
        let refused = run(&mut command);
        assert_eq!(refused.status.code(), Some(79), "{}", said(&refused));
    }
}

/// A backup that an earlier version made is brought back, and upgraded like its store.
#[test]
fn a_backup_of_an_earlier_version_is_restored_and_then_upgraded() {
    let (before, folder) = (old(), tempfile::tempdir().expect("a folder"));
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
    let path = |path: &Path| path.to_str().expect("a path").to_owned();
    assert!(on(&data, &["key", "create", "office"]).status.success());
    let made = on(&data, &["backup", &path(&backup)]);
    assert!(made.status.success(), "{}", said(&made));

    // As that version listed it.
    let database = std::fs::read(before.path().join("varde.db")).expect("read");
    let mut digester = varde_xapi::attachment::Digester::of("");
    digester.update(&database);
    let list = std::fs::read_dir(&backup).expect("listed");
    let mut list = list.map(|entry| entry.expect("an entry").path());
    let list = list.find(|path| path.extension().is_some_and(|kind| kind == "json"));
    let list = list.expect("a manifest");
    let mut manifest: Value =
        serde_json::from_slice(&std::fs::read(&list).expect("read")).expect("JSON");
    manifest["format"] = 1.into();
    manifest["files"][0]["bytes"] = database.len().into();
    manifest["files"][0]["sha256"] = digester.finish().into();
    std::fs::write(&list, manifest.to_string()).expect("written");
    std::fs::write(backup.join("varde.db"), &database).expect("written");

    let restored = folder.path().join("restored");
    let restore = on(&restored, &["restore", &path(&backup), "--no-erasures"]);
    assert_eq!(restore.status.code(), Some(79), "{}", said(&restore));
    assert!(
        said(&restore).contains("everything is restored"),
        "{}",
        said(&restore)
    );
    let upgraded = on(&restored, &["upgrade"]);
    assert!(upgraded.status.success(), "{}", said(&upgraded));
    let verified = on(&restored, &["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}
