//! The head: one document that every write of the log or of records updates, so that writes of
//! all processes stand in one order, without a gap.

use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReturnDocument;
use varde_xapi::Stored;

use crate::error::Fault;

/// The `_id` of the one document.
pub(crate) const ID: &str = "head";
/// The field of what waits for index entries.
pub(crate) const WAITING: &str = "waiting";
/// The format of the documents that this version writes.
pub(crate) const FORMAT: i64 = 2;

/// Stands for the format while a database is being filled from another store.
pub(crate) const UNFINISHED: i64 = 0;

/// An arrival whose terms not all have inherited yet who refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Its position.
    pub(crate) position: i64,
    /// Its instant: nothing from it on is shown as complete.
    pub(crate) stored: i64,
    /// How many transactions have gone on with it.
    pub(crate) steps: i64,
    /// The process that does.
    pub(crate) by: i64,
}

/// How far the store has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The last position of the log, 0 when it is empty.
    pub(crate) position: i64,
    /// The latest instant that was given to an event or shown to a reader.
    pub(crate) stored: i64,
    /// How many commits of records happened.
    pub(crate) commits: i64,
    /// What waits for index entries, in the order of positions. Whatever changes it moves
    /// `stored` on.
    pub(crate) waiting: Vec<Waiting>,
}

impl Waiting {
    fn read(document: &Document) -> Option<Self> {
        let number = |name| document.get_i64(name).ok();
        Some(Self {
            position: number("position")?,
            stored: number("stored")?,
            steps: number("steps")?,
            by: number("by")?,
        })
    }

    fn write(self) -> Document {
        let Self {
            position,
            stored,
            steps,
            by,
        } = self;
        doc! { "position": position, "stored": stored, "steps": steps, "by": by }
    }
}

impl Head {
    /// Reads the document.
    pub(crate) fn read(document: &Document) -> Result<Self, Fault> {
        let number = |name| match document.get_i64(name) {
            Ok(number) => Ok(number),
            Err(_) => Err(Fault::Foreign(format!("the head has no number `{name}`"))),
        };
        Ok(Self {
            position: number("position")?,
            stored: number("stored")?,
            commits: number("commits")?,
            waiting: waiting(document)?,
        })
    }

    /// Returns the instant through which everything is found: before whatever waits.
    pub(crate) fn complete_through(&self) -> Stored {
        let waiting = self.waiting.iter().map(|waiting| waiting.stored - 1);
        Stored(waiting.fold(self.stored, i64::min))
    }

    /// Returns where the head is moved by so many events and commits.
    pub(crate) fn moved(&self, now: Stored, (events, commits): (i64, i64)) -> Self {
        let stored = match events {
            0 => self.stored,
            _ => self.next_stored(now).saturating_add(events - 1),
        };
        Self {
            position: self.position + events,
            stored,
            commits: self.commits + commits,
            waiting: self.waiting.clone(),
        }
    }

    /// Returns the instant that the next event is stored at.
    pub(crate) fn next_stored(&self, now: Stored) -> i64 {
        now.0.max(self.stored.saturating_add(1))
    }
}

fn waiting(head: &Document) -> Result<Vec<Waiting>, Fault> {
    let Ok(waiting) = head.get_array(WAITING) else {
        return Ok(Vec::new());
    };
    let each = waiting.iter().map(|one| Waiting::read(one.as_document()?));
    let read: Option<Vec<_>> = each.collect();
    read.ok_or_else(|| Fault::Foreign("the head tells not what waits".to_owned()))
}

/// The document of a store in which nothing has happened.
pub(crate) fn first() -> Document {
    doc! { "format": FORMAT, "position": 0_i64, "stored": 0_i64, "commits": 0_i64 }
}

/// Moves the head on by so many events and commits, in a transaction, and returns where it was.
/// From here on the transaction is the only one that writes. A head of another format is not moved.
pub(crate) async fn advance(
    heads: &mongodb::Collection<Document>,
    session: &mut ClientSession,
    now: Stored,
    (events, commits): (i64, i64),
) -> Result<Head, Fault> {
    let stored = if events == 0 {
        Bson::from("$stored")
    } else {
        let first = doc! { "$max": [now.0, { "$add": ["$stored", 1_i64] }] };
        Bson::from(doc! { "$add": [first, events - 1] })
    };
    let update = vec![doc! { "$set": {
        "stored": stored,
        "position": { "$add": ["$position", events] },
        "commits": { "$add": ["$commits", commits] },
    } }];
    let before = heads
        .find_one_and_update(doc! { "_id": ID, "format": FORMAT }, update)
        .return_document(ReturnDocument::Before)
        .session(session)
        .await?;
    Head::read(&before.ok_or(Fault::OtherFormat)?)
}

/// Puts the head where it really came, when that is not as far as it was moved.
pub(crate) async fn correct(
    heads: &mongodb::Collection<Document>,
    session: &mut ClientSession,
    head: Head,
) -> Result<(), Fault> {
    let Head {
        position,
        stored,
        commits,
        waiting,
    } = head;
    let waiting: Vec<_> = waiting.into_iter().map(Waiting::write).collect();
    let mut set = doc! { "position": position, "stored": stored, "commits": commits };
    set.insert(WAITING, waiting);
    let update = doc! { "$set": set };
    heads
        .update_one(doc! { "_id": ID }, update)
        .session(session)
        .await?;
    Ok(())
}

/// Says that there is no head, which opening had made.
pub(crate) fn missing() -> Fault {
    Fault::Foreign("the document `head` of the collection `head` is gone".to_owned())
}
