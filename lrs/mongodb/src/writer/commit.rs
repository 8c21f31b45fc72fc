//! Commits of records.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::TryStreamExt;
use mongodb::ClientSession;
use mongodb::bson::{Document, RawArrayBuf, RawDocumentBuf, cstr, doc};
use varde_core::ports::{Change, Changes, Collection, CommitError, Committed, Expected};
use varde_xapi::Stored;

use super::Job;
use super::group::{Attempt, Plan};
use crate::error::Fault;
use crate::layout::{id, record};

/// The most records, and bytes of them, that one command writes.
const COMMAND_RECORDS_MAX: usize = 5_000;
const COMMAND_BYTES_MAX: usize = 12 * 1024 * 1024;

impl<'j> Plan<'j> {
    /// Commits changes and events, or nothing of it.
    pub(super) fn commit(&mut self, changes: &'j Changes) -> Result<Committed, CommitError> {
        changes.check()?;
        self.commit_checked(changes)
    }

    /// Commits changes that are within their bounds.
    pub(super) fn commit_checked(
        &mut self,
        changes: &'j Changes,
    ) -> Result<Committed, CommitError> {
        self.check_expected(&changes.changes)
            .map_err(|(collection, key)| CommitError::Conflict { collection, key })?;
        self.apply_all(&changes.changes);
        let mut events = Vec::with_capacity(changes.events.len());
        for event in &changes.events {
            let place = self.add_event(event);
            events.push((id::position(place.position), Stored(place.stored)));
        }
        Ok(Committed {
            number: u64::try_from(self.head.commits).unwrap_or(0),
            events,
        })
    }

    /// Applies changes that find what they expect, as one commit.
    pub(super) fn apply_all(&mut self, changes: &'j [Change]) {
        self.head.commits += 1;
        for change in changes {
            self.apply(change);
        }
    }

    /// Checks that changes find what they expect, or names the record of the first that does not.
    pub(super) fn check_expected(&self, changes: &[Change]) -> Result<(), (Collection, Vec<u8>)> {
        let mut named = HashSet::new();
        for change in changes {
            let key = (change.collection, change.key.as_slice());
            let found = self.versions.get(&key).copied().flatten();
            let fits = match change.expected {
                Expected::Anything => true,
                Expected::Absent => found.is_none(),
                Expected::Version(version) => found == i64::try_from(version).ok(),
            };
            if !fits || !named.insert(key) {
                let (collection, key) = (change.collection, change.key.clone());
                return Err((collection, key));
            }
        }
        Ok(())
    }

    fn apply(&mut self, change: &'j Change) {
        let (key, version) = (change.key.as_slice(), self.head.commits);
        let value = change.value.as_deref();
        let put = value.map(|value| (value, version));
        self.records.insert(record::id(change.collection, key), put);
        let version = value.map(|_| version);
        self.versions.insert((change.collection, key), version);
    }
}

impl Attempt<'_> {
    /// Returns the versions of the records that some change expects something of.
    pub(super) async fn versions<'j>(
        &self,
        session: &mut ClientSession,
        jobs: &'j [Job],
    ) -> Result<HashMap<(Collection, &'j [u8]), Option<i64>>, Fault> {
        let changes = jobs.iter().flat_map(|job| match job {
            Job::Inherit(_) => &[],
            Job::Append(_, beside, _) => beside.as_slice(),
            Job::Commit(changes, _) => changes.changes.as_slice(),
            Job::Erase(erasure, _) => erasure.changes.changes.as_slice(),
        });
        let mut asked = HashMap::new();
        for change in changes.filter(|change| change.expected != Expected::Anything) {
            let (collection, key) = (change.collection, change.key.as_slice());
            asked.insert(record::id(collection, key), (collection, key));
        }
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = id::list(asked.keys().cloned());
        let mut rows = self
            .collections
            .records
            .find(doc! { "_id": { "$in": ids } })
            .projection(doc! { "version": 1 })
            .session(&mut *session)
            .await?;
        let mut versions = HashMap::new();
        let mut rows = rows.stream(session);
        while let Some(row) = rows.try_next().await? {
            let found = (row.get_str("_id"), row.get_i64("version"));
            let (Ok(id), Ok(version)) = found else {
                return Err(Fault::Foreign("a record has no version".to_owned()));
            };
            versions.extend(asked.get(id).map(|key| (*key, Some(version))));
        }
        Ok(versions)
    }

    /// Puts and deletes records.
    pub(super) async fn write_records(
        &self,
        session: &mut ClientSession,
        records: &BTreeMap<String, Option<(&[u8], i64)>>,
    ) -> Result<(), Fault> {
        let puts = records.iter().filter_map(|(id, put)| {
            let (value, version) = (*put)?;
            let mut update = RawDocumentBuf::new();
            update.append(cstr!("q"), by_id(id));
            update.append(cstr!("u"), record::write(id, value, version));
            update.append(cstr!("upsert"), true);
            Some(update)
        });
        self.command(session, ("update", "updates"), puts).await?;
        let deletes = records.iter().filter(|(_, put)| put.is_none());
        let deletes = deletes.map(|(id, _)| {
            let mut delete = RawDocumentBuf::new();
            delete.append(cstr!("q"), by_id(id));
            delete.append(cstr!("limit"), 1_i32);
            delete
        });
        self.command(session, ("delete", "deletes"), deletes).await
    }

    /// Runs a command over many records; the driver itself would run one for each.
    async fn command(
        &self,
        session: &mut ClientSession,
        names: (&str, &str),
        each: impl Iterator<Item = RawDocumentBuf>,
    ) -> Result<(), Fault> {
        let (mut list, mut count, mut bytes) = (RawArrayBuf::new(), 0, 0);
        for one in each {
            count += 1;
            bytes += one.as_bytes().len();
            list.push(one);
            if count >= COMMAND_RECORDS_MAX || bytes >= COMMAND_BYTES_MAX {
                let full = std::mem::replace(&mut list, RawArrayBuf::new());
                self.run(session, "records", names, full).await?;
                (count, bytes) = (0, 0);
            }
        }
        if count > 0 {
            self.run(session, "records", names, list).await?;
        }
        Ok(())
    }

    /// Runs a command of many writes on a collection.
    pub(super) async fn run(
        &self,
        session: &mut ClientSession,
        collection: &str,
        (name, member): (&str, &str),
        list: RawArrayBuf,
    ) -> Result<(), Fault> {
        let key = |name: &str| mongodb::bson::raw::CString::try_from(name.to_owned());
        let (Ok(name), Ok(member)) = (key(name), key(member)) else {
            return Err(Fault::Foreign("a command's name holds a NUL".to_owned()));
        };
        let mut command = RawDocumentBuf::new();
        command.append(&name, collection);
        command.append(&member, list);
        let database = &self.collections.database;
        let answer = database.run_raw_command(command).session(session).await?;
        all_written(&answer)
    }
}

fn by_id(id: &str) -> RawDocumentBuf {
    let mut query = RawDocumentBuf::new();
    query.append(cstr!("_id"), id);
    query
}

/// A command succeeds also when some of its writes fail.
fn all_written(answer: &Document) -> Result<(), Fault> {
    let Ok(errors) = answer.get_array("writeErrors") else {
        return Ok(());
    };
    let first = errors.first().and_then(mongodb::bson::Bson::as_document);
    let code = first.and_then(|error| error.get_i32("code").ok());
    let said = first.and_then(|error| error.get_str("errmsg").ok());
    Err(Fault::Write(
        code.unwrap_or(0),
        said.unwrap_or("a write failed").to_owned(),
    ))
}
