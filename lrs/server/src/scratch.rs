//! A store for what lasts no longer than one command.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use varde_core::Clock;
use varde_embedded::EmbeddedStore;

use crate::exit::{Exit, Failure};
use crate::wiring::unopened;

/// Where in the data folder scratch stores are: on the same disk, for the same owner alone.
const SCRATCH: &str = "scratch";

/// A scratch store; its folder goes with it.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// The store.
    pub(crate) store: Arc<EmbeddedStore>,
    _folder: TempDir,
}

impl Scratch {
    /// Opens an empty store within a data folder.
    pub(crate) fn open(data: &Path, clock: &Arc<dyn Clock>) -> Result<Self, Failure> {
        let around = folder(data);
        let made = match DirBuilder::new().mode(0o700).create(&around) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        };
        let folder = made.and_then(|()| TempDir::new_in(&around));
        let folder = folder.map_err(|error| {
            let sentence = format!("cannot make a folder in {}: {error}", around.display());
            Failure::new(Exit::CannotCreate, sentence)
        })?;
        let store = EmbeddedStore::open(folder.path(), Arc::clone(clock));
        let store = Arc::new(store.map_err(|error| unopened(&error))?);
        Ok(Self {
            store,
            _folder: folder,
        })
    }

    /// Closes the store and removes it.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        self.store.close().await.map_err(Failure::from)
    }

    /// Removes what a process that was killed has left in a data folder that this one has locked.
    pub(crate) fn sweep(data: &Path) -> Result<(), Failure> {
        let folder = folder(data);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let sentence = format!("cannot remove {}: {error}", folder.display());
                Err(Failure::new(Exit::Io, sentence))
            }
            _ => Ok(()),
        }
    }
}

fn folder(data: &Path) -> PathBuf {
    data.join(SCRATCH)
}
