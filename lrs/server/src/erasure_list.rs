//! The list of erasures: a file for each in `DIR/erasures`, which no backup takes along.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use varde_core::erasures::{ErasureList, ListUnread, ListedErasure};

/// The folder of the list.
#[derive(Debug)]
pub(crate) struct ErasureFolder {
    path: PathBuf,
}

impl ErasureFolder {
    /// Names the list of a data folder.
    pub(crate) fn of(data: &Path) -> Self {
        Self {
            path: data.join("erasures"),
        }
    }

    /// Names a list that is elsewhere, such as a copy that was kept apart.
    pub(crate) fn at(path: &Path) -> Self {
        let path = path.to_owned();
        Self { path }
    }

    /// Tells whether there is a list, be it an empty one.
    pub(crate) fn is_there(&self) -> bool {
        self.path.is_dir()
    }

    fn unread(&self, error: &dyn std::fmt::Display) -> ListUnread {
        ListUnread(format!("{}: {error}", self.path.display()))
    }

    /// Writes a file that is whole or not there, for its owner alone.
    fn write(&self, erasure: &ListedErasure) -> io::Result<()> {
        if !self.path.is_dir() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.path)?;
            sync(self.path.parent().unwrap_or(Path::new(".")))?;
        }
        let path = self.path.join(format!("{}.json", erasure.erasure));
        let new = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        serde_json::to_writer(&mut file, erasure)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&new, &path)?;
        sync(&self.path)
    }

    fn read(&self) -> io::Result<Vec<ListedErasure>> {
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut list: Vec<ListedErasure> = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "json") {
                list.push(serde_json::from_slice(&std::fs::read(path)?)?);
            }
        }
        list.sort_by_key(|erasure| (erasure.at, erasure.erasure));
        Ok(list)
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[async_trait]
impl ErasureList for ErasureFolder {
    async fn add(&self, erasure: &ListedErasure) -> Result<(), ListUnread> {
        self.write(erasure).map_err(|error| self.unread(&error))
    }

    async fn all(&self) -> Result<Vec<ListedErasure>, ListUnread> {
        self.read().map_err(|error| self.unread(&error))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use varde_core::erasures::ErasureId;
    use varde_xapi::Stored;

    use super::*;

    fn listed(at: i64, id: u128) -> ListedErasure {
        ListedErasure {
            erasure: ErasureId(uuid::Uuid::from_u128(id)),
            at: Stored(at),
            names: vec!["00ff".to_owned()],
            restricted: None,
            lifted: false,
        }
    }

    #[tokio::test]
    async fn erasures_are_listed_in_the_order_of_time_for_the_owner_alone() {
        let data = tempfile::TempDir::new().expect("a folder");
        let list = ErasureFolder::of(data.path());
        assert_eq!(list.all().await, Ok(vec![]));
        for erasure in [listed(2, 1), listed(1, 2), listed(2, 1)] {
            list.add(&erasure).await.expect("it is listed");
        }
        assert_eq!(list.all().await, Ok(vec![listed(1, 2), listed(2, 1)]));
        let mode = |path: &Path| {
            let metadata = path.metadata().expect("it is there");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&list.path), 0o700);
        for entry in std::fs::read_dir(&list.path).expect("it is read") {
            assert_eq!(mode(&entry.expect("an entry").path()), 0o600);
        }
    }

    #[tokio::test]
    async fn a_list_that_cannot_be_read_is_no_empty_list() {
        let data = tempfile::TempDir::new().expect("a folder");
        let list = ErasureFolder::of(data.path());
        list.add(&listed(1, 1)).await.expect("it is listed");
        std::fs::write(list.path.join("other.json"), "{").expect("it is written");
        assert!(list.all().await.is_err());
    }
}
