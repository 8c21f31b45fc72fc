//! A folder drop: a folder of files that is found whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use varde_interreg::handover::{Answer, Parcel};

/// Puts a parcel into a folder, and says how it went.
pub(super) async fn carry(folder: &Path, parcel: &Parcel) -> Result<Answer, Answer> {
    let (folder, parcel) = (folder.to_owned(), parcel.clone());
    let dropped = tokio::task::spawn_blocking(move || put(&folder, &parcel)).await;
    let said = |detail: String| Answer {
        status: None,
        detail,
    };
    match dropped {
        Ok(done) => done.map(said).map_err(said),
        Err(error) => Err(said(format!("the work at the folder ended: {error}"))),
    }
}

/// Writes all files into a folder beside the one to be, which then gets its name in one act. One
/// that is there is never overwritten. Nothing that is said names the folder: others than the
/// operator read it.
fn put(folder: &Path, parcel: &Parcel) -> Result<String, String> {
    let Parcel { name, main, .. } = parcel;
    // It is not made: where a disk is not mounted, files would lie in its place.
    if !folder.is_dir() {
        return Err("the folder is not there".to_owned());
    }
    let place = folder.join(name);
    if place.symlink_metadata().is_ok() {
        let found = fs::read(place.join(main)).ok();
        if found.as_ref() != parcel.files.get(*main) {
            return Err(format!("another {name} is there and is not overwritten"));
        }
        sync(folder).map_err(|error| unwritten(&error))?;
        return Ok(format!("{name} was there already"));
    }
    let written = sweep(folder, name).and_then(|()| write(folder, &place, parcel));
    written.map_err(|error| unwritten(&error))?;
    Ok(format!("put there as {name}"))
}

fn unwritten(error: &io::Error) -> String {
    // Only the kind: the text of some errors names paths.
    format!("the folder cannot be written: {}", error.kind())
}

fn write(folder: &Path, place: &Path, parcel: &Parcel) -> io::Result<()> {
    let beside = tempfile::Builder::new()
        .prefix(&beginning(&parcel.name))
        .tempdir_in(folder)?;
    for (name, bytes) in &parcel.files {
        let path = beside.path().join(name);
        if let Some(parent) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(parent)?;
        }
        // It names organisations and keys.
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    for entry in fs::read_dir(beside.path())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        }
    }
    sync(beside.path())?;
    fs::rename(beside.path(), place)?;
    // There is nothing left to remove under the name that it had.
    let _ = beside.keep();
    sync(folder)
}

/// How the name of a folder begins while files are written into it.
fn beginning(name: &str) -> String {
    format!(".{name}.")
}

/// Removes what a process that was killed left half written.
fn sweep(folder: &Path, name: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.file_name();
        if found.to_string_lossy().starts_with(&beginning(name)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Makes the names of files in a folder last.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::os::unix::fs::PermissionsExt as _;

    use varde_interreg::handover::DeliveryId;
    use varde_xapi::Stored;

    use super::*;

    fn parcel(report: &str) -> Parcel {
        let files = [("report.json", report), ("sv/annex.html", "<p>")];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        Parcel {
            delivery: DeliveryId(
                "5a4d0000-0000-5000-8000-000000000001"
                    .parse()
                    .expect("an id"),
            ),
            sent: Stored(0),
            name: "sing-2025-06-30-revision-1-5a4d00000000".to_owned(),
            main: "report.json",
            files: files.into(),
            message: Vec::new(),
        }
    }

    /// Returns the paths below a folder with what they hold.
    fn found(folder: &Path) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                let below = found(&path).into_iter();
                all.extend(below.map(|(below, text)| (format!("{name}/{below}"), text)));
            } else {
                all.insert(name, fs::read_to_string(&path).expect("a text"));
            }
        }
        all
    }

    #[test]
    fn a_drop_is_whole_for_its_owner_alone_and_a_repeat_finds_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let parcel = parcel("{}");
        let said = put(folder.path(), &parcel).expect("dropped");
        assert!(said.starts_with("put there as sing-"), "{said}");
        let names = found(folder.path()).into_keys().collect::<BTreeSet<_>>();
        let expected = ["report.json", "sv/annex.html"];
        let expected = expected.map(|name| format!("{}/{name}", parcel.name));
        assert_eq!(names, expected.into());
        let report = folder.path().join(&parcel.name).join("report.json");
        let mode = report.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let said = put(folder.path(), &parcel).expect("there");
        assert!(said.ends_with("was there already"), "{said}");
    }

    #[test]
    fn what_is_there_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), &parcel("{}")).expect("dropped");
        let before = found(folder.path());
        let refused = put(folder.path(), &parcel("{ }")).expect_err("another");
        assert!(refused.contains("is not overwritten"), "{refused}");
        assert_eq!(found(folder.path()), before);
    }

    #[test]
    fn what_cannot_be_written_whole_is_absent_and_what_was_left_half_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let parcel = parcel("{}");
        let half = folder.path().join(format!(".{}.abcdef", parcel.name));
        fs::create_dir(&half).expect("a folder");
        fs::write(half.join("report.json"), "{").expect("written");
        // No file can be written below a file.
        let mut clashing = parcel.clone();
        clashing.files.insert("sv".to_owned(), Vec::new());
        let refused = put(folder.path(), &clashing).expect_err("unwritten");
        assert!(
            !refused.contains(&folder.path().display().to_string()),
            "{refused}"
        );
        assert_eq!(found(folder.path()), BTreeMap::new(), "nothing is left");
        put(folder.path(), &parcel).expect("dropped");

        let absent = folder.path().join("unmounted");
        let refused = put(&absent, &parcel).expect_err("no folder");
        assert_eq!(refused, "the folder is not there");
        assert!(!absent.exists());
    }
}
