//! Where things are kept.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::NOT_SHOWN;
use crate::cli::StoreArgs;
use crate::exit::{Exit, Failure};
use crate::kek_file::KekFile;
use crate::signer_file::{self, SigningKeyFile};

/// Where the key-encryption key is kept in a data folder unless it is said otherwise.
const KEK_FILE: &str = "secrets/kek";

/// What keeps everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// A database engine in this process, in the data folder.
    #[default]
    Embedded,
    /// A MongoDB replica set, which many processes may use.
    Mongodb,
}

/// `[store]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoreSection {
    /// What keeps everything.
    pub(crate) kind: StoreKind,
    /// The address of the database, for kind `mongodb`. It may hold a password.
    #[schemars(with = "Option<String>", extend("x-variable" = "VARDE_MONGODB"))]
    #[serde(deserialize_with = "secret", serialize_with = "not_shown")]
    pub(crate) uri: Option<SecretString>,
    /// The data folder. No default: a record store does not pick a place by itself. With a
    /// database, it is this process's own, for what is not kept in the database.
    #[schemars(extend("x-variable" = "VARDE_DATA"))]
    pub(crate) data: Option<PathBuf>,
    /// The file of the key-encryption key; `secrets/kek` in the data folder where absent.
    #[schemars(extend("x-variable" = "VARDE_KEK_FILE"))]
    pub(crate) kek_file: Option<PathBuf>,
    /// How many bytes of the disk are kept free: with less, writes are refused; 0 to use them all.
    #[schemars(extend("x-variable" = "VARDE_FREE_BYTES_MIN"))]
    pub(crate) free_bytes_min: u64,
}

fn secret<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Some(String::deserialize(value)?.into()))
}

#[expect(clippy::ref_option, reason = "serde calls it with the field")]
fn not_shown<S: Serializer>(value: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(|_| NOT_SHOWN).serialize(to)
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            kind: StoreKind::default(),
            uri: None,
            data: None,
            kek_file: None,
            free_bytes_min: 128 * 1024 * 1024,
        }
    }
}

impl StoreSection {
    pub(super) fn overlay(&mut self, args: &StoreArgs) {
        if let Some(uri) = &args.mongodb {
            self.kind = StoreKind::Mongodb;
            self.uri = Some(uri.clone());
        }
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

    /// Returns the address of the database, or says how to give one.
    pub(crate) fn uri(&self) -> Result<&str, Failure> {
        let uri = self.uri.as_ref().map(SecretString::expose_secret);
        uri.ok_or_else(|| {
            let sentence = "the store is of kind mongodb, and no address is given: set \
                            VARDE_MONGODB, or write `uri` under [store] in the config file";
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

    /// Returns the file of the key that signs packs, which lies beside the key-encryption key.
    pub(crate) fn signing_key_file(&self) -> Result<SigningKeyFile, Failure> {
        let path = self.kek_file()?.path.with_file_name(signer_file::NAME);
        Ok(SigningKeyFile { path })
    }
}
