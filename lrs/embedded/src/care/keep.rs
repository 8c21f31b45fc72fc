//! Removing old backups that lie beside a new one.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest};
use super::{CareError, files};

/// What became of the backups beside a new one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Those that were removed, the oldest first.
    pub removed: Vec<PathBuf>,
    /// Those that are too old, and were left because something else lies in them.
    pub left: Vec<PathBuf>,
}

/// Keeps so many backups in the folder that holds a new one, which is one of them, and removes those that
/// were made longest ago.
///
/// Only what says of itself that it is a complete backup is counted and removed: a real folder (no link)
/// with a list of files, and nothing in it that is not on the list. Whatever else lies there is not
/// touched.
pub fn keep_newest(new: &Path, keep: NonZeroUsize) -> Result<Kept, CareError> {
    let new = fs::canonicalize(new).map_err(files("find", new))?;
    // The root of the system is no backup, and has no neighbours.
    let Some(parent) = new.parent() else {
        return Ok(Kept::default());
    };
    let mut others = Vec::new();
    for entry in fs::read_dir(parent).map_err(files("read", parent))? {
        let entry = entry.map_err(files("read", parent))?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = entry.path();
        if !is_folder || path == new {
            continue;
        }
        if let Ok(manifest) = Manifest::read(&path) {
            others.push((manifest.made_at, path, manifest));
        }
    }
    others.sort_by(|(one, path, _), (other, other_path, _)| (one, path).cmp(&(other, other_path)));
    let old = others.len().saturating_sub(keep.get() - 1);
    let mut kept = Kept::default();
    for (_, path, manifest) in others.into_iter().take(old) {
        if is_all_listed(&path, &manifest)? {
            remove(&path, &manifest)?;
            kept.removed.push(path);
        } else {
            kept.left.push(path);
        }
    }
    Ok(kept)
}

/// Tells whether everything in a folder is a file of its list, or a folder on the way to one.
fn is_all_listed(folder: &Path, manifest: &Manifest) -> Result<bool, CareError> {
    let mut known: BTreeSet<PathBuf> = listed(folder, manifest).collect();
    known.insert(folder.join(manifest::NAME));
    let on_the_way = folders(folder, manifest);
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).map_err(files("read", &next))? {
            let entry = entry.map_err(files("read", &next))?;
            let kind = entry.file_type().map_err(files("read", &next))?;
            let path = entry.path();
            // A link is neither, wherever it leads.
            match (kind.is_file(), kind.is_dir()) {
                (true, _) if known.contains(&path) => {}
                (_, true) if on_the_way.contains(&path) => waiting.push(path),
                _ => return Ok(false),
            }
        }
    }
    Ok(true)
}

/// Removes the files of a backup and its folders. The list goes last, so that a removal that was cut short
/// is found again and finished.
fn remove(folder: &Path, manifest: &Manifest) -> Result<(), CareError> {
    for file in listed(folder, manifest).filter(|file| file.exists()) {
        fs::remove_file(&file).map_err(files("remove", &file))?;
    }
    // Longer paths first: a folder goes when it is empty.
    for path in folders(folder, manifest).iter().rev() {
        if path.exists() {
            fs::remove_dir(path).map_err(files("remove", path))?;
        }
    }
    let list = folder.join(manifest::NAME);
    fs::remove_file(&list).map_err(files("remove", &list))?;
    fs::remove_dir(folder).map_err(files("remove", folder))
}

fn listed<'a>(folder: &'a Path, manifest: &'a Manifest) -> impl Iterator<Item = PathBuf> + 'a {
    manifest
        .files
        .iter()
        .map(move |file| folder.join(&file.path))
}

/// Returns the folders below a backup's own that its files lie in.
fn folders(folder: &Path, manifest: &Manifest) -> BTreeSet<PathBuf> {
    let each = listed(folder, manifest);
    each.flat_map(|file| {
        let above = file.ancestors().skip(1).take_while(|path| *path != folder);
        above.map(Path::to_owned).collect::<Vec<_>>()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::care::copy::Copied;
    use crate::care::manifest::FileEntry;

    const FILE: &str = "attachments/north/ab/cdef";

    /// Makes a folder that says of itself to be a backup of some instant.
    fn backup(parent: &Path, name: &str, made_at: i64) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir_all(folder.join("attachments/north/ab")).expect("folders");
        fs::write(folder.join(FILE), "x").expect("a file");
        let copied = Copied {
            bytes: 1,
            sha256: String::new(),
        };
        let at = varde_xapi::Stored(made_at);
        let mut manifest = Manifest::new("test".to_owned(), at, (1, 1));
        manifest.files.push(FileEntry::new(FILE.to_owned(), copied));
        manifest.write(&folder).expect("a list");
        folder
    }

    fn keep(new: &Path, count: usize) -> Kept {
        keep_newest(new, NonZeroUsize::new(count).expect("one or more")).expect("it works")
    }

    #[test]
    fn the_oldest_backups_go_whatever_they_are_called_and_the_new_one_stays() {
        let parent = tempfile::tempdir().expect("a folder");
        let parent = fs::canonicalize(parent.path()).expect("a path");
        let names = ["-rf", "z", "..a", "b\nc", "*"];
        let made: Vec<PathBuf> = (1..)
            .zip(names)
            .map(|(at, name)| backup(&parent, name, at))
            .collect();
        // By its own word it is the oldest, and it is the one that was just made.
        let new = backup(&parent, "new", 0);
        let kept = keep(&new, 3);
        assert_eq!(kept.removed, made[..3]);
        assert_eq!(kept.left, Vec::<PathBuf>::new());
        let there: Vec<bool> = made
            .iter()
            .chain([&new])
            .map(|path| path.exists())
            .collect();
        assert_eq!(there, [false, false, false, true, true, true]);
    }

    #[test]
    fn what_is_no_complete_backup_or_holds_something_else_is_not_touched() {
        let parent = tempfile::tempdir().expect("a folder");
        let parent = fs::canonicalize(parent.path()).expect("a path");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let outside = backup(elsewhere.path(), "outside", 1);
        symlink(&outside, parent.join("link")).expect("a link");
        fs::create_dir(parent.join("photos")).expect("a folder");
        fs::write(parent.join("photos/one.jpg"), "x").expect("a file");
        fs::write(parent.join("notes.txt"), "x").expect("a file");
        let unfinished = backup(&parent, "unfinished", 1);
        fs::remove_file(unfinished.join(manifest::NAME)).expect("no list");
        let with_more = backup(&parent, "with more", 2);
        fs::write(with_more.join("attachments/kek"), "x").expect("a file");
        let with_link = backup(&parent, "with a link", 3);
        fs::remove_file(with_link.join(FILE)).expect("no file");
        symlink(outside.join(FILE), with_link.join(FILE)).expect("a link");
        let leading_out = backup(&parent, "leading out", 4);
        let list = leading_out.join(manifest::NAME);
        let text = fs::read_to_string(&list).expect("a list");
        fs::write(&list, text.replace(FILE, "../notes.txt")).expect("a list");

        let new = backup(&parent, "new", 9);
        let kept = keep(&new, 1);
        assert_eq!(kept.removed, Vec::<PathBuf>::new());
        assert_eq!(kept.left, [with_more.clone(), with_link.clone()]);
        for there in [
            outside.join(FILE),
            parent.join("link"),
            parent.join("photos/one.jpg"),
            parent.join("notes.txt"),
            unfinished.join(FILE),
            with_more.join("attachments/kek"),
            with_more.join(FILE),
            with_link.join(FILE),
            leading_out.join(FILE),
            new.join(FILE),
        ] {
            assert!(there.exists(), "{}", there.display());
        }
    }

    #[test]
    fn a_removal_that_was_cut_short_is_finished_by_the_next() {
        let parent = tempfile::tempdir().expect("a folder");
        let old = backup(parent.path(), "old", 1);
        fs::remove_file(old.join(FILE)).expect("begun");
        let new = backup(parent.path(), "new", 2);
        assert_eq!(keep(&new, 1).removed.len(), 1);
        assert!(!old.exists());
    }
}
