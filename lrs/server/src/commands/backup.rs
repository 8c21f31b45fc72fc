//! `varde backup`, `varde restore`: copies of a whole data folder.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use varde_core::Clock as _;
use varde_core::erasures::{ErasureList as _, ListUnread, ListedErasure};
use varde_embedded::care::{self, About, CareError, Kept, Manifest};
use varde_embedded::{DataFolder, EmbeddedStore};

use super::erase::refused;
use crate::ambient::SystemClock;
use crate::cli::{StoreArgs, VERSION};
use crate::config::{Config, StoreSection};
use crate::erasure_list::ErasureFolder;
use crate::exit::{Exit, Failure, chain};
use crate::noted::Noted;
use crate::terminal::{Bar, print};
use crate::wiring::{Parts, unopened};

/// Says what a restore lacks.
const MISSING_LIST: &str = "the list of erasures is missing: whoever was erased after the backup was \
    made would come back; give the copy of the `erasures` folder that was kept apart with --erasures \
    FOLDER, or say with --no-erasures that nobody was erased since";

/// The flags of `varde backup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArgs {
    /// The folder to write the backup into, empty or absent.
    #[arg(value_name = "FOLDER")]
    pub(crate) to: PathBuf,
    /// Keeps so many backups in the folder that FOLDER lies in, this one among them, and removes those
    /// that were made longest ago; whatever is no complete backup stays.
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<NonZeroUsize>,
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
    /// The list of erasures that was kept apart: a copy of the old store's `erasures` folder. It is
    /// brought along, and what it lists is erased again.
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_erasures")]
    pub(crate) erasures: Option<PathBuf>,
    /// Says that nobody was erased or restricted since the backup was made.
    #[arg(long)]
    pub(crate) no_erasures: bool,
    /// Prints what was restored as JSON.
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
    Noted::Backup.note(data, made.made_at);
    report(args.json, &made, ("backed up", None), &args.to);
    // The new one is whole and told of, whatever becomes of old ones.
    let Some(keep) = args.keep else {
        return Ok(());
    };
    let kept = care::keep_newest(&args.to, keep).map_err(|error| failure(&error))?;
    tell_of_old(&kept, args.json);
    Ok(())
}

/// Says on standard error what became of old backups; with `--json`, standard output has one object only.
fn tell_of_old(kept: &Kept, json: bool) {
    for folder in kept.removed.iter().filter(|_| !json) {
        eprintln!("  removed an old backup: {}", folder.display());
    }
    for folder in &kept.left {
        let folder = folder.display();
        eprintln!("  left an old backup, since something else lies in it: {folder}");
    }
}

/// Brings a backup into a folder without a store, and does the erasures again that it knows nothing
/// of.
pub(crate) async fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let data = config.store.data()?;
    let list = ErasureFolder::of(data);
    let given = listed(args, &list).await?;
    // The list first: what is cut short here is never a store without it.
    for erasure in &given {
        list.add(erasure).await.map_err(|error| unlisted(&error))?;
    }
    let made = with_bar(|watch| care::restore(&args.from, data, watch))?;
    let again = erase_again(&config.store).await.map_err(|failure| {
        let sentence = format!(
            "everything is restored, but nobody is served before the listed erasures are done \
             again, which `varde serve` tries too: {failure}"
        );
        Failure::new(failure.exit, sentence)
    })?;
    let done = format!("restored, with {again} listed erasures done again:");
    report(args.json, &made, (&done, Some(again)), data);
    Ok(())
}

/// Returns the erasures of the list that was given, which need not be in the data folder yet. A
/// backup holds whoever was erased after it: without the list nothing is restored, unless it is said
/// that there is nobody.
async fn listed(args: &RestoreArgs, list: &ErasureFolder) -> Result<Vec<ListedErasure>, Failure> {
    let Some(folder) = &args.erasures else {
        return if args.no_erasures || list.is_there() {
            Ok(Vec::new())
        } else {
            Err(Failure::new(Exit::NoInput, MISSING_LIST))
        };
    };
    if !folder.is_dir() {
        let sentence = format!(
            "there is no folder {} with a list of erasures",
            folder.display()
        );
        return Err(Failure::new(Exit::NoInput, sentence));
    }
    let listed = ErasureFolder::at(folder).all().await;
    listed.map_err(|error| unlisted(&error))
}

/// Does what the list names again in a store that was just restored, and returns how many that were.
async fn erase_again(section: &StoreSection) -> Result<usize, Failure> {
    let parts = Parts::open(section).await?;
    let erasures = parts.erasures();
    let again = erasures.reapply().await.map_err(refused);
    parts.close().await?;
    Ok(again?.len())
}

fn unlisted(error: &ListUnread) -> Failure {
    let sentence = format!("the list of erasures cannot be read or written: {error}");
    Failure::new(Exit::Io, sentence)
}

/// Copies the store of a folder into another, and returns the last position of its log.
pub(super) fn copy_folder(from: &Path, to: &Path) -> Result<u64, Failure> {
    if !from.is_dir() {
        return Err(failure(&CareError::NoStore(from.to_owned())));
    }
    let from = DataFolder::lock(from).map_err(|error| unopened(&error))?;
    let head = with_bar(|watch| care::migrate(&from, to, watch))?;
    open_once(to)?;
    Ok(head)
}

/// Opens a new store, so that what would stand in its way is known at once.
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

fn report(json: bool, made: &Manifest, (what, erased_again): (&str, Option<usize>), folder: &Path) {
    let (head, files, bytes) = (made.head, made.files.len(), made.bytes());
    print(&if json {
        let made_at = made.made_at.to_string();
        let mut described = json!({
            "folder": folder, "head": head, "files": files, "bytes": bytes, "made_at": made_at,
        });
        if let Some(again) = erased_again {
            described["erased_again"] = json!(again);
        }
        format!("{described}\n")
    } else {
        let folder = folder.display();
        format!("  {what} {head} events of the log, {files} files, {bytes} bytes: {folder}\n")
    });
}

pub(super) fn failure(error: &CareError) -> Failure {
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
