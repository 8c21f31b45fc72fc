//! `varde migrate`: a store in another place, everything in it where it was.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use varde_core::Position;
use varde_core::erasures::ErasureList;
use varde_core::ports::{AttachmentName, Attachments, KeepError, Marks, StatementLog as _};
use varde_embedded::care::{CareError, Filling};
use varde_embedded::{DataFolder, EmbeddedStore};
use varde_mongodb::MongoStore;
use varde_xapi::Stored;

use super::backup::{copy_folder, failure};
use crate::ambient::SystemClock;
use crate::erasure_list::ErasureFolder;
use crate::exit::{Exit, Failure};
use crate::store::not_connected;
use crate::terminal::{Bar, print};
use crate::wiring::unopened;

/// How many rows, records or names are read at once.
const PAGE: usize = 500;
/// Stands for the address that is in the variable.
const DATABASE: &str = "mongodb";
/// Where the address is.
const URI_VARIABLE: &str = "VARDE_MONGODB";
/// What only the processes of one database have among themselves.
const LEASE: &str = "lease";

/// The flags of `varde migrate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MigrateArgs {
    /// The data folder of a store that no server has open, or `mongodb` for the database whose
    /// address is in `VARDE_MONGODB`.
    #[arg(value_name = "FROM")]
    pub(crate) from: PathBuf,
    /// The data folder of the new store, without one so far, or `mongodb` for an empty database.
    #[arg(value_name = "TO")]
    pub(crate) to: PathBuf,
    /// Prints what was copied as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Copies a store to another place.
pub(crate) async fn migrate(args: &MigrateArgs) -> Result<(), Failure> {
    let is_database = |path: &Path| path == Path::new(DATABASE);
    let (head, rest) = match (is_database(&args.from), is_database(&args.to)) {
        (false, false) => (copy_folder(&args.from, &args.to)?, FOLDERS),
        (false, true) => (to_database(&args.from).await?, SECRETS),
        (true, false) => (to_folder(&args.to).await?, SECRETS),
        (true, true) => {
            let sentence = "one of FROM and TO must be a data folder: between databases, MongoDB's own \
                            tools copy";
            return Err(Failure::new(Exit::Usage, sentence));
        }
    };
    let to = args.to.display();
    print(&if args.json {
        format!("{}\n", json!({ "folder": args.to, "head": head }))
    } else {
        format!("  {head} events of the log are in {to}; {rest}\n")
    });
    Ok(())
}

const FOLDERS: &str = "the keys in `secrets` and the list in `erasures` were not copied";
const SECRETS: &str = "the keys in `secrets` were not copied";

async fn connect() -> Result<MongoStore, Failure> {
    let uri = env::var(URI_VARIABLE).map_err(|_| {
        let sentence = format!("{URI_VARIABLE} holds no address of a database");
        Failure::new(Exit::Config, sentence)
    })?;
    let store = MongoStore::open(&uri, Arc::new(SystemClock)).await;
    store.map_err(|error| not_connected(&error))
}

fn open(folder: &Path) -> Result<EmbeddedStore, Failure> {
    let opened = EmbeddedStore::open(folder, Arc::new(SystemClock));
    opened.map_err(|error| unopened(&error))
}

async fn to_database(folder: &Path) -> Result<u64, Failure> {
    if !folder.is_dir() {
        return Err(failure(&CareError::NoStore(folder.to_owned())));
    }
    let (from, to) = (open(folder)?, connect().await?);
    if !to.begin_filling().await? {
        let sentence = "the database holds something already: name an empty one";
        return Err(Failure::new(Exit::CannotCreate, sentence));
    }
    let (mut bar, head) = (Bar::default(), from.head().await?);
    let mut after = Position(0);
    loop {
        let rows = from.rows_behind(after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.event.position;
        to.take_rows(rows).await?;
        bar.show("copying the log", after.0, head.0);
    }
    let mut place = None;
    loop {
        let records = from.records_behind(place, PAGE).await?;
        let Some((collection, last)) = records.last() else {
            break;
        };
        place = Some((collection.clone(), last.key.clone()));
        to.take_records(records).await?;
    }
    copy_attachments(&from, &to).await?;
    copy_erasures(&ErasureFolder::of(folder), &to.erasures()).await?;
    to.finish_filling(from.marks().await?).await?;
    bar.clear();
    to.close().await;
    from.close().await?;
    Ok(head.0)
}

async fn to_folder(folder: &Path) -> Result<u64, Failure> {
    let locked = DataFolder::lock(folder).map_err(|error| unopened(&error))?;
    let from = connect().await?;
    let to = Filling::begin(locked).map_err(|error| failure(&error))?;
    let before = from.marks().await?;
    let (mut bar, head) = (Bar::default(), from.head().await?);
    let mut after = Position(0);
    loop {
        let rows = from.rows_behind(after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.event.position;
        to.take_rows(rows).map_err(|error| failure(&error))?;
        bar.show("copying the log", after.0, head.0);
    }
    let mut place = None;
    loop {
        let mut records = from.records_behind(place, PAGE).await?;
        let Some((collection, last)) = records.last() else {
            break;
        };
        place = Some((collection.clone(), last.key.clone()));
        records.retain(|(collection, _)| collection != LEASE);
        to.take_records(&records).map_err(|error| failure(&error))?;
    }
    unchanged(before, from.marks().await?)?;
    to.finish(before).map_err(|error| failure(&error))?;
    let opened = open(folder)?;
    copy_attachments(&from, &opened).await?;
    copy_erasures(&from.erasures(), &ErasureFolder::of(folder)).await?;
    bar.clear();
    opened.close().await?;
    from.close().await;
    Ok(head.0)
}

/// A database cannot be locked, so it is looked whether somebody wrote.
fn unchanged(before: Marks, after: Marks) -> Result<(), Failure> {
    if before == after {
        return Ok(());
    }
    let sentence = "something was written to the database meanwhile, which the copy lacks: stop every \
                    server on it, remove the folder, and migrate again";
    Err(Failure::new(Exit::TryLater, sentence))
}

async fn copy_attachments(from: &dyn Attachments, to: &dyn Attachments) -> Result<(), Failure> {
    let mut after: Option<AttachmentName> = None;
    loop {
        let names = from
            .kept_before(Stored(i64::MAX), after.as_ref(), PAGE)
            .await?;
        for name in &names {
            let Some(mut reader) = from.read(name).await? else {
                continue;
            };
            let mut writer = to.write(name.clone()).await?;
            while let Some(bytes) = reader.next().await? {
                writer.write(&bytes).await?;
            }
            writer.keep().await.map_err(|error| match error {
                KeepError::Store(error) => error.into(),
                KeepError::Digest { .. } => {
                    let sentence = format!("the attachment {} is damaged: {error}", name.sha2);
                    Failure::new(Exit::Data, sentence)
                }
            })?;
        }
        after = match names.into_iter().next_back() {
            None => return Ok(()),
            last => last,
        };
    }
}

async fn copy_erasures(from: &dyn ErasureList, to: &dyn ErasureList) -> Result<(), Failure> {
    let unlisted = |error| {
        let sentence = format!("the list of erasures cannot be copied: {error}");
        Failure::new(Exit::Io, sentence)
    };
    for erasure in from.all().await.map_err(unlisted)? {
        to.add(&erasure).await.map_err(unlisted)?;
    }
    Ok(())
}
