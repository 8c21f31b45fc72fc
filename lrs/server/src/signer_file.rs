//! The file of the key that signs packs.

use std::io;
use std::path::PathBuf;

use varde_interreg::packs::{SignerFile, SignerUnread};

use crate::kek_file;

/// Beside the key-encryption key.
pub(crate) const NAME: &str = "signing-key.pem";

/// Where the signing key is kept, as PEM. It lies beside the key-encryption key, in no backup.
#[derive(Debug, Clone)]
pub(crate) struct SigningKeyFile {
    /// The file.
    pub(crate) path: PathBuf,
}

impl SigningKeyFile {
    fn unread(&self, error: &io::Error) -> SignerUnread {
        SignerUnread(format!("{}: {error}", self.path.display()))
    }
}

impl SignerFile for SigningKeyFile {
    fn read(&self) -> Result<Option<String>, SignerUnread> {
        match std::fs::read_to_string(&self.path) {
            Ok(pem) => Ok(Some(pem)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unread(&error)),
        }
    }

    fn write(&self, pem: &str) -> Result<(), SignerUnread> {
        kek_file::write(&self.path, pem.trim_end()).map_err(|error| self.unread(&error))
    }
}
