//! Where things are kept.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::StoreArgs;
use crate::exit::{Exit, Failure};

/// `[store]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoreSection {
    /// The data folder. No default: a record store does not pick a place by itself.
    pub(crate) data: Option<PathBuf>,
    /// How many bytes of the disk are kept free: with less, writes are refused; 0 to use them all.
    pub(crate) free_bytes_min: u64,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            data: None,
            free_bytes_min: 128 * 1024 * 1024,
        }
    }
}

impl StoreSection {
    pub(super) fn overlay(&mut self, args: &StoreArgs) {
        if let Some(data) = &args.data {
            self.data = Some(data.clone());
        }
    }

    /// Returns the data folder, or says how to name one.
    pub(crate) fn data(&self) -> Result<&Path, Failure> {
        self.data.as_deref().ok_or_else(|| {
            let sentence = "no data folder is named; give --data DIR, set VARDE_DATA, or write \
                            `data` under [store] in the config file";
            Failure::new(Exit::Config, sentence)
        })
    }
}
