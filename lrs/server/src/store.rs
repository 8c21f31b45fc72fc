//! The store of this process: embedded in the data folder, or a MongoDB database.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Mutex;
use varde_core::Clock;
use varde_core::Position;
use varde_core::erasures::ErasureList;
use varde_core::ports::{Attachments, GroupObserver, Record, Records, StatementLog, StoreError};
use varde_embedded::care::{Checked, Finding, What};
use varde_embedded::{DataFolder, EmbeddedStore};
use varde_mongodb::MongoStore;

use crate::config::{StoreKind, StoreSection};
use crate::erasure_list::ErasureFolder;
use crate::exit::{Exit, Failure, chain};
use crate::wiring::unopened;

/// How many events of a database are checked at once.
const CHECKED_AT_ONCE: usize = 500;

/// An open store.
#[derive(Debug)]
pub(crate) enum Store {
    /// In the data folder, which holds everything.
    Embedded(Arc<EmbeddedStore>),
    /// In a database that other processes use too. The data folder is this process's own.
    Database {
        /// The store.
        store: Arc<MongoStore>,
        /// Free for another process once the store is closed.
        folder: Mutex<Option<DataFolder>>,
    },
}

impl Store {
    /// Opens the store that the settings name; the data folder is locked already.
    pub(crate) async fn open(
        section: &StoreSection,
        folder: DataFolder,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        match section.kind {
            StoreKind::Embedded => {
                let store = EmbeddedStore::open_locked(folder, clock);
                let store = store.map_err(|error| unopened(&error))?;
                Ok(Self::Embedded(Arc::new(store)))
            }
            StoreKind::Mongodb => {
                let store = MongoStore::open(section.uri()?, clock).await;
                let store = store.map_err(|error| not_connected(&error))?;
                Ok(Self::Database {
                    store: Arc::new(store),
                    folder: Mutex::new(Some(folder)),
                })
            }
        }
    }

    /// Returns the store as a log.
    pub(crate) fn log(&self) -> Arc<dyn StatementLog> {
        match self {
            Self::Embedded(store) => Arc::clone(store) as _,
            Self::Database { store, .. } => Arc::clone(store) as _,
        }
    }

    /// Returns the store as records.
    pub(crate) fn records(&self) -> Arc<dyn Records> {
        match self {
            Self::Embedded(store) => Arc::clone(store) as _,
            Self::Database { store, .. } => Arc::clone(store) as _,
        }
    }

    /// Returns the store as attachments.
    pub(crate) fn attachments(&self) -> Arc<dyn Attachments> {
        match self {
            Self::Embedded(store) => Arc::clone(store) as _,
            Self::Database { store, .. } => Arc::clone(store) as _,
        }
    }

    /// Returns the list of erasures: in the data folder, or in a database beside the store's.
    pub(crate) fn erasures(&self, data: &Path) -> Arc<dyn ErasureList> {
        match self {
            Self::Embedded(_) => Arc::new(ErasureFolder::of(data)),
            Self::Database { store, .. } => Arc::new(store.erasures()),
        }
    }

    /// Tells somebody of each group of writes from now on.
    pub(crate) fn observe(&self, observer: Arc<dyn GroupObserver>) {
        match self {
            Self::Embedded(store) => store.observe(observer),
            Self::Database { store, .. } => store.observe(observer),
        }
    }

    /// Returns how many connections to a database are open, and how many of those are in use.
    pub(crate) fn connections(&self) -> Option<(i64, i64)> {
        match self {
            Self::Embedded(_) => None,
            Self::Database { store, .. } => Some(store.connections()),
        }
    }

    /// Returns the store in the data folder, where it is that.
    pub(crate) fn embedded(&self) -> Option<&Arc<EmbeddedStore>> {
        match self {
            Self::Embedded(store) => Some(store),
            Self::Database { .. } => None,
        }
    }

    /// Refuses writes from now on while the disk of an embedded store has less room than this. The
    /// room of a database is in the hands of those who run it.
    pub(crate) fn keep_free(&self, bytes: u64) {
        if let Self::Embedded(store) = self {
            store.keep_free(bytes);
        }
    }

    /// Says why nothing can be written now, if so.
    pub(crate) fn check_writable(&self) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.check_room(),
            Self::Database { store, .. } => store.check_clock(),
        }
    }

    /// Names the indexes that a database lacks; those of the data folder are part of its one file.
    pub(crate) async fn lacking_indexes(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Embedded(_) => Ok(Vec::new()),
            Self::Database { store, .. } => store.lacking_indexes().await,
        }
    }

    /// Returns records of all collections behind a place, in an order of the store's own.
    pub(crate) async fn records_behind(
        &self,
        place: Option<(String, Vec<u8>)>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        match self {
            Self::Embedded(store) => store.records_behind(place, limit).await,
            Self::Database { store, .. } => store.records_behind(place, limit).await,
        }
    }

    /// Checks the rows of the log behind a position, up to some hundred of them.
    pub(crate) async fn check(&self, after: Position) -> Result<Checked, StoreError> {
        match self {
            Self::Embedded(store) => store.check(after).await,
            Self::Database { store, .. } => check_rows(store, after).await,
        }
    }

    /// Writes what was handed over, and closes the store.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        match self {
            Self::Embedded(store) => store.close().await,
            Self::Database { store, folder } => {
                store.close().await;
                drop(folder.lock().await.take());
                Ok(())
            }
        }
    }
}

/// Reads rows, which are refused where their checksums do not fit; when some are, one by one.
async fn check_rows(store: &MongoStore, after: Position) -> Result<Checked, StoreError> {
    let head = store.head().await?;
    let mut checked = Checked {
        findings: Vec::new(),
        through: after,
        head,
    };
    match store.follow(after, CHECKED_AT_ONCE).await {
        Ok(events) => match events.last() {
            Some(last) => checked.through = last.position,
            None if after < head => {
                checked.through = Position(after.0 + 1);
                checked.findings.push(finding(What::Gap, checked.through));
            }
            None => checked.through = head,
        },
        Err(StoreError::Damaged { .. }) => {
            checked.through = Position(after.0 + 1);
            match store.follow(after, 1).await {
                Ok(_) => {}
                Err(StoreError::Damaged { id, .. }) => checked.findings.push(Finding {
                    statement: id,
                    ..finding(What::Row, checked.through)
                }),
                Err(error) => return Err(error),
            }
        }
        Err(error) => return Err(error),
    }
    Ok(checked)
}

fn finding(what: What, position: Position) -> Finding {
    Finding {
        what,
        position: Some(position),
        statement: None,
        detail: match what {
            What::Gap => "there is no row".to_owned(),
            _ => "the checksum does not fit what is stored".to_owned(),
        },
    }
}

/// Says why a database was not opened.
pub(crate) fn not_connected(error: &varde_mongodb::OpenError) -> Failure {
    use varde_mongodb::OpenError;
    let exit = match error {
        OpenError::Address { .. } | OpenError::NoDatabase | OpenError::Standalone => Exit::Config,
        OpenError::Old { .. }
        | OpenError::Newer { .. }
        | OpenError::Unfinished
        | OpenError::Index { .. } => Exit::Data,
        OpenError::Outdated { .. } => Exit::Outdated,
        OpenError::Upgrading => Exit::TryLater,
        OpenError::Database(_) => Exit::Unavailable,
    };
    Failure::new(exit, chain(error))
}
