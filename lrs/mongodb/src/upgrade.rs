//! From an earlier format to this one, by numbered migrations.
//!
//! `format` of the head is the number of the last migration that was done. While the next is on its way
//! it is that one's number, negative: no store is opened, and who has one open writes nothing more. Each
//! migration may be done again from its beginning, to the same end, so one that was cut short is. A
//! document beside the head says which process is at it; it lapses when that one is killed.

use std::pin::Pin;
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Error;
use mongodb::options::ReturnDocument;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use varde_xapi::Stored;

use crate::error::{DUPLICATE_KEY, OpenError, code};
use crate::layout::head;
use crate::options;
use crate::schema::Collections;
use crate::store::some_number;

/// The `_id` of the document that says who is at it.
const LOCK: &str = "upgrade";
/// How long who is at it may be silent, in milliseconds of the database's clock.
const LAPSES_AFTER_MILLIS: i64 = 30_000;
/// How often who is at it says so.
const EVERY: Duration = Duration::from_secs(5);

type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, OpenError>> + Send + 'a>>;

/// A change of format.
struct Migration {
    /// The format that it brings about.
    to: i64,
    /// What it does, for the operator.
    what: &'static str,
    /// Estimates how many documents it goes through.
    documents: fn(&Collections) -> Work<'_, u64>,
    /// Does it, or the rest of it.
    run: fn(&Collections) -> Work<'_, ()>,
}

/// Every migration, each to the format behind the one before it.
const MIGRATIONS: &[Migration] = &[Migration {
    to: 2,
    what: "an index tells which attachments some bytes are of",
    documents: |collections| {
        Box::pin(async { Ok(collections.attachments.estimated_document_count().await?) })
    },
    run: |collections| Box::pin(collections.index_contents()),
}];

/// What stands between a database and the format of this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The format that the store has; the one that it had, where a migration is on its way.
    pub found: i64,
    /// The format that this version needs.
    pub needed: i64,
    /// Whether the first of the migrations was begun, and not finished.
    pub begun: bool,
    /// The migrations to be done, in this order.
    pub migrations: Vec<Planned>,
    /// When the last event of the log was stored, or later.
    pub last_event: Stored,
}

/// A migration to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The format that it brings about, which is its number.
    pub to: i64,
    /// What it does.
    pub what: &'static str,
    /// How many documents it goes through, about.
    pub documents: u64,
}

/// Tells what is to be done to the database that an address names. It may be in use: it is only read.
/// `None` where there is no store.
pub async fn plan(uri: &str) -> Result<Option<Plan>, OpenError> {
    let collections = connect(uri).await?;
    let Some(head) = find_head(&collections).await? else {
        return Ok(None);
    };
    let format = known(&head)?;
    let found = if format < 0 { -format - 1 } else { format };
    let mut migrations = Vec::new();
    for migration in MIGRATIONS.iter().filter(|migration| migration.to > found) {
        migrations.push(Planned {
            to: migration.to,
            what: migration.what,
            documents: (migration.documents)(&collections).await?,
        });
    }
    Ok(Some(Plan {
        found,
        needed: head::FORMAT,
        begun: format < 0,
        migrations,
        last_event: Stored(head.get_i64("stored").unwrap_or_default()),
    }))
}

/// Carries out the migrations that are to be done to a database, and returns how many those were. Other
/// processes may be at work on it: they write nothing from the moment on at which the first begins.
pub async fn upgrade(uri: &str) -> Result<usize, OpenError> {
    let collections = connect(uri).await?;
    let Some(head) = find_head(&collections).await? else {
        return Ok(0);
    };
    if known(&head)? == head::FORMAT {
        return Ok(0);
    }
    let lock = Lock::take(&collections).await?;
    let done = carry_out(&collections).await;
    lock.give_up(&collections).await?;
    done
}

async fn carry_out(collections: &Collections) -> Result<usize, OpenError> {
    let mut count = 0;
    for migration in MIGRATIONS {
        // Where another process was faster, it is done.
        set_format(collections, migration.to - 1, -migration.to).await?;
        let Some(head) = find_head(collections).await? else {
            break;
        };
        if known(&head)? != -migration.to {
            continue;
        }
        tracing::info!(to = migration.to, "a migration begins: {}", migration.what);
        (migration.run)(collections).await?;
        set_format(collections, -migration.to, migration.to).await?;
        count += 1;
    }
    Ok(count)
}

async fn connect(uri: &str) -> Result<Collections, OpenError> {
    let (options, name) = options::parse(uri).await?;
    let collections = Collections::of(Client::with_options(options)?, &name);
    collections.check_server().await?;
    Ok(collections)
}

async fn find_head(collections: &Collections) -> Result<Option<Document>, Error> {
    collections.head.find_one(doc! { "_id": head::ID }).await
}

async fn set_format(collections: &Collections, from: i64, to: i64) -> Result<(), Error> {
    let query = doc! { "_id": head::ID, "format": from };
    let update = doc! { "$set": { "format": to } };
    collections.head.update_one(query, update).await.map(drop)
}

/// Returns the format that a head tells of, where this version knows it.
fn known(head: &Document) -> Result<i64, OpenError> {
    match head.get_i64("format").unwrap_or(head::UNFINISHED) {
        head::UNFINISHED => Err(OpenError::Unfinished),
        format if format.abs() <= head::FORMAT => Ok(format),
        format => Err(OpenError::Newer {
            found: format.abs(),
            known: head::FORMAT,
        }),
    }
}

/// Checks that a head tells of the format of this version.
pub(crate) fn check(head: &Document) -> Result<(), OpenError> {
    match known(head)? {
        head::FORMAT => Ok(()),
        found => Err(OpenError::Outdated {
            found,
            needed: head::FORMAT,
        }),
    }
}

/// Says of this process that it is at it, until it gives that up or is killed.
struct Lock {
    by: i64,
    renewed: JoinHandle<()>,
}

impl Lock {
    async fn take(collections: &Collections) -> Result<Self, OpenError> {
        let by = some_number().map_err(Error::custom)?;
        match renew(collections, by).await {
            Ok(true) => {}
            Ok(false) => return Err(OpenError::Upgrading),
            // Another was faster in making the document.
            Err(error) if code(&error) == Some(DUPLICATE_KEY) => return Err(OpenError::Upgrading),
            Err(error) => return Err(error.into()),
        }
        let collections = collections.clone();
        let renewed = tokio::spawn(async move {
            loop {
                sleep(EVERY).await;
                if let Err(error) = renew(&collections, by).await {
                    tracing::warn!(%error, "it was not said that this process upgrades");
                }
            }
        });
        Ok(Self { by, renewed })
    }

    async fn give_up(self, collections: &Collections) -> Result<(), Error> {
        self.renewed.abort();
        let own = doc! { "_id": LOCK, "by": self.by };
        collections.head.delete_one(own).await.map(drop)
    }
}

/// Tells whether the lock is this process's, which it takes where it is free.
async fn renew(collections: &Collections, by: i64) -> Result<bool, Error> {
    let free = doc! { "$or": [{ "$eq": ["$by", by] }, { "$lt": ["$until", "$$NOW"] }] };
    let until = doc! { "$add": ["$$NOW", LAPSES_AFTER_MILLIS] };
    let where_free = |value: Bson, field: &str| doc! { "$cond": [&free, value, field] };
    let update = vec![doc! { "$set": {
        "by": where_free(by.into(), "$by"),
        "until": where_free(until.into(), "$until"),
    } }];
    let found = collections
        .head
        .find_one_and_update(doc! { "_id": LOCK }, update)
        .upsert(true)
        .return_document(ReturnDocument::After)
        .await?;
    Ok(found.is_some_and(|lock| lock.get_i64("by").ok() == Some(by)))
}
