//! `varde key escrow` and `varde key make-kek`

use std::path::PathBuf;

use clap::Args;
use varde_core::Clock as _;
use varde_core::people::{KeyEncryptionKey, KeySource as _};

use crate::ambient::{SystemClock, SystemEntropy};
use crate::cli::StoreArgs;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::kek_file::{self, KekFile};
use crate::noted::Noted;
use crate::terminal::print;

/// The flags of `varde key make-kek`.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyMakeKekArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// The flags of `varde key escrow`.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyEscrowArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Compares this copy with the key in use, and prints neither.
    #[arg(long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
}

/// Prints the key-encryption key, or tells whether a copy is that key. It is read from its file, so
/// that the key never passes through the socket of a server.
pub(crate) fn escrow(args: &KeyEscrowArgs) -> Result<(), Failure> {
    let store = Config::of_store(&args.store)?.store;
    let key = key_in(&store.kek_file()?)?;
    let Some(path) = &args.check else {
        print(&format!("{}\n", key.text()));
        return Ok(());
    };
    let copy = key_in(&KekFile { path: path.clone() })?;
    let (copy, key) = (copy.fingerprint(), key.fingerprint());
    if copy == key {
        if let Some(data) = store.data.as_deref().filter(|data| data.is_dir()) {
            Noted::Escrow.note(data, SystemClock.now());
        }
        print(&format!(
            "  the copy is the key in use, of fingerprint {key}\n"
        ));
        Ok(())
    } else {
        let sentence = format!(
            "{} holds another key, of fingerprint {copy}; the key in use has {key}",
            path.display()
        );
        Err(Failure::new(Exit::Data, sentence))
    }
}

/// Makes the key-encryption key in its file, which must not be there yet.
pub(crate) fn make_kek(args: &KeyMakeKekArgs) -> Result<(), Failure> {
    let file = Config::of_store(&args.store)?.store.kek_file()?;
    if file.path.exists() {
        let sentence = format!(
            "{} is there already; a store is read with one key only, so none is made over it",
            file.path.display()
        );
        return Err(Failure::new(Exit::CannotCreate, sentence));
    }
    file.make(&SystemEntropy)?;
    print(&format!("  {}\n", kek_file::made(&file.path)));
    Ok(())
}

fn key_in(file: &KekFile) -> Result<KeyEncryptionKey, Failure> {
    let key = file.read();
    let key = key.map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    key.ok_or_else(|| {
        let sentence = format!("there is no key-encryption key in {}", file.path.display());
        Failure::new(Exit::NoInput, sentence)
    })
}
