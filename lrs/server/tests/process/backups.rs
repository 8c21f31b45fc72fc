//! Old backups, as an operator has them removed.

use std::fs;
use std::path::Path;

use crate::binary::{run, said, varde};

fn back_up(data: &Path, to: &Path, keep: &str) -> (Option<i32>, String) {
    let mut command = varde();
    command.arg("backup").arg(to).env("VARDE_DATA", data);
    let output = run(command.args(["--keep", keep]));
    (output.status.code(), said(&output))
}

#[test]
fn with_keep_the_newest_backups_stay_and_nothing_else_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, backups) = (folder.path().join("data"), folder.path().join("backups"));
    let made = run(varde()
        .args(["key", "create", "course"])
        .env("VARDE_DATA", &data));
    assert!(made.status.success(), "{}", said(&made));
    fs::create_dir_all(backups.join("photos")).expect("a folder");
    let [first, second, third] = ["first", "second", "third"].map(|name| backups.join(name));

    assert_eq!(back_up(&data, &first, "2").0, Some(0));
    assert_eq!(back_up(&data, &second, "2").0, Some(0));
    assert!(first.exists() && second.exists(), "two are kept");
    let (code, told) = back_up(&data, &third, "2");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("removed an old backup"), "{told}");
    assert!(!first.exists() && second.exists() && third.exists());

    fs::write(second.join("mine.txt"), "x").expect("a file");
    let (code, told) = back_up(&data, &first, "1");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("left an old backup"), "{told}");
    assert!(!third.exists() && second.join("backup.json").exists());
    assert!(backups.join("photos").exists() && data.exists());

    assert_eq!(
        back_up(&data, &third, "0").0,
        Some(64),
        "none is not a number of backups"
    );
    assert!(!third.exists());
}
