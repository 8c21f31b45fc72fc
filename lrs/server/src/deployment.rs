//! What this process knows of itself.

use std::path::PathBuf;

use varde_http::Deployment;
use varde_xapi::Stored;

use crate::noted::Noted;

/// This process, on the store in a folder or in a database.
#[derive(Debug)]
pub(crate) struct ThisProcess {
    /// The folder, where backups are noted.
    pub(crate) data: PathBuf,
    /// Whether the store is in it.
    pub(crate) is_embedded: bool,
}

impl Deployment for ThisProcess {
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn store(&self) -> &'static str {
        if self.is_embedded {
            "embedded"
        } else {
            "mongodb"
        }
    }

    fn last_backup(&self) -> Option<Stored> {
        Noted::Backup.last(&self.data)
    }
}
