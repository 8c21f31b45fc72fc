//! `varde backup`, `varde restore`, `varde migrate`: copies of a whole data folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use varde_core::Clock as _;
use varde_embedded::care::{self, About, CareError, Manifest};
use varde_embedded::{DataFolder, EmbeddedStore};

use crate::ambient::SystemClock;
use crate::cli::{StoreArgs, VERSION};
use crate::config::Config;
use crate::exit::{Exit, Failure, chain};
use crate::terminal::{Bar, print};
use crate::wiring::unopened;

/// The flags of `varde backup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArgs {
    /// The folder to write the backup into, empty or absent.
    #[arg(value_name = "FOLDER")]
    pub(crate) to: PathBuf,
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Prints what was written as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde restore`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreArgs {
    /// The folder of a backup.
    #[arg(value_name = "FOLDER")]
    pub(crate) from: PathBuf,
    /// Where the store is to be.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Prints what was restored as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde migrate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MigrateArgs {
    /// The data folder of a store that no server has open.
    #[arg(value_name = "FROM")]
    pub(crate) from: PathBuf,
    /// The data folder of the new store, without one so far.
    #[arg(value_name = "TO")]
    pub(crate) to: PathBuf,
    /// Prints what was copied as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Copies a store into a folder, beside a server that works in it.
pub(crate) fn back_up(args: &BackupArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let about = About {
        made_by: VERSION.to_owned(),
        made_at: SystemClock.now(),
    };
    let data = config.store.data()?;
    let made = with_bar(|watch| care::back_up(data, &args.to, about, watch))?;
    report(args.json, &made, "backed up", &args.to);
    Ok(())
}

/// Brings a backup into a folder without a store.
pub(crate) fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let data = config.store.data()?;
    let made = with_bar(|watch| care::restore(&args.from, data, watch))?;
    open_once(data)?;
    report(args.json, &made, "restored", data);
    Ok(())
}

/// Copies a store into another folder.
pub(crate) fn migrate(args: &MigrateArgs) -> Result<(), Failure> {
    if !args.from.is_dir() {
        return Err(failure(&CareError::NoStore(args.from.clone())));
    }
    let from = DataFolder::lock(&args.from).map_err(|error| unopened(&error))?;
    let head = with_bar(|watch| care::migrate(&from, &args.to, watch))?;
    open_once(&args.to)?;
    let to = args.to.display();
    print(&if args.json {
        format!("{}\n", json!({ "folder": args.to, "head": head }))
    } else {
        format!("  {head} events of the log are in {to}; the keys in `secrets` were not copied\n")
    });
    Ok(())
}

/// Opens a new store, which brings it to the format of this version, so that what would stand in
/// its way is known at once.
fn open_once(data: &Path) -> Result<(), Failure> {
    let opened = EmbeddedStore::open(data, Arc::new(SystemClock));
    opened.map(drop).map_err(|error| unopened(&error))
}

fn with_bar<T>(work: impl FnOnce(care::Watch<'_>) -> Result<T, CareError>) -> Result<T, Failure> {
    let mut bar = Bar::default();
    let done = work(&mut |progress| bar.show(progress.what, progress.done, progress.of));
    bar.clear();
    done.map_err(|error| failure(&error))
}

fn report(json: bool, made: &Manifest, what: &str, folder: &Path) {
    let (head, files, bytes) = (made.head, made.files.len(), made.bytes());
    print(&if json {
        let made_at = made.made_at.to_string();
        let described = json!({
            "folder": folder, "head": head, "files": files, "bytes": bytes, "made_at": made_at,
        });
        format!("{described}\n")
    } else {
        let folder = folder.display();
        format!("  {what} {head} events of the log, {files} files, {bytes} bytes: {folder}\n")
    });
}

fn failure(error: &CareError) -> Failure {
    let exit = match error {
        CareError::NoStore(_) => Exit::NoInput,
        CareError::NotEmpty(_) => Exit::CannotCreate,
        CareError::NoBackup { .. } | CareError::Altered { .. } | CareError::Damaged { .. } => {
            Exit::Data
        }
        CareError::Open(error) => return unopened(error),
        CareError::Files { .. } | CareError::Database(_) => Exit::Io,
    };
    // What the system said of a file stands in the sentence already.
    let sentence = match error {
        CareError::Files { .. } => error.to_string(),
        error => chain(error),
    };
    Failure::new(exit, sentence)
}
