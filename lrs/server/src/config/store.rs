//! Where things are kept.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::StoreArgs;
use crate::exit::{Exit, Failure};
use crate::kek_file::KekFile;

/// Where the key-encryption key is kept in a data folder unless it is said otherwise.
const KEK_FILE: &str = "secrets/kek";

/// `[store]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoreSection {
    /// The data folder. No default: a record store does not pick a place by itself.
    pub(crate) data: Option<PathBuf>,
    /// The file of the key-encryption key; `secrets/kek` in the data folder where absent.
    pub(crate) kek_file: Option<PathBuf>,
    /// How many bytes of the disk are kept free: with less, writes are refused; 0 to use them all.
    pub(crate) free_bytes_min: u64,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            data: None,
            kek_file: None,
            free_bytes_min: 128 * 1024 * 1024,
        }
    }
}

impl StoreSection {
    pub(super) fn overlay(&mut self, args: &StoreArgs) {
        if let Some(data) = &args.data {
            self.data = Some(data.clone());
        }
        if let Some(file) = &args.kek_file {
            self.kek_file = Some(file.clone());
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

    /// Returns the file of the key-encryption key.
    pub(crate) fn kek_file(&self) -> Result<KekFile, Failure> {
        let path = match &self.kek_file {
            Some(path) => path.clone(),
            None => self.data()?.join(KEK_FILE),
        };
        Ok(KekFile { path })
    }
}
