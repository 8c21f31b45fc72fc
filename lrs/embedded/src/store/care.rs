//! What a store offers for its care.

use tokio::sync::oneshot;
use varde_core::ports::{Position, StoreError};

use super::EmbeddedStore;
use crate::attachments::{self, on_disk};
use crate::care::{Checked, CheckedEntries, EntryPlace, Finding, check, entries, pages};
use crate::database::Database;
use crate::error::{Closed, number_of, of_files};
use crate::free_space;
use crate::writer::Job;

impl EmbeddedStore {
    /// Refuses writes from now on while the disk has less room than this; 0 lets all be written.
    pub fn keep_free(&self, bytes: u64) {
        self.0.free_space.keep(bytes);
    }

    /// Returns how many bytes can still be written to the disk.
    pub fn free(&self) -> Result<u64, StoreError> {
        free_space::free(&self.0.path)
    }

    /// Says why nothing can be written for want of room, if so.
    pub fn check_room(&self) -> Result<(), StoreError> {
        self.0.free_space.check(&self.0.path)
    }

    /// Returns the paths of the files of attachments, for [`check_attachment`](Self::check_attachment).
    pub async fn attachment_files(&self) -> Result<Vec<String>, StoreError> {
        let folder = self.attachments()?;
        on_disk(move || attachments::paths(&folder.path).map_err(of_files)).await
    }

    /// Checks that the file of an attachment holds what its name says.
    pub async fn check_attachment(&self, path: &str) -> Result<Option<Finding>, StoreError> {
        let (folder, path) = (self.attachments()?, path.to_owned());
        on_disk(move || {
            let found = attachments::check(&folder.path, &path)?;
            Ok(found.map(|detail| Finding::of_attachment(&path, &detail)))
        })
        .await
    }

    /// Checks the rows behind a position, up to some hundred of them; index and log together, as
    /// of one moment.
    pub async fn check(&self, after: Position) -> Result<Checked, StoreError> {
        let after = number_of(after);
        let check = move |database: &Database| check::rows(database, after);
        self.0.pool.ask(check).await
    }

    /// Checks the entries of the index, and records, behind a place, some hundred of them, as of one
    /// moment.
    pub async fn check_entries(&self, place: EntryPlace) -> Result<CheckedEntries, StoreError> {
        let check = move |database: &Database| entries::check(database, &place);
        self.0.pool.ask(check).await
    }

    /// Checks the counters that earlier processes left.
    pub async fn check_counters(&self) -> Result<Vec<Finding>, StoreError> {
        let check = |database: &Database| Ok(check::counters(database)?);
        self.0.pool.ask(check).await
    }

    /// Makes the index anew from the log, all or nothing, and counters with it. Writes wait meanwhile;
    /// readers go on. Tells whether pages of the file were left behind that no table has, for
    /// [`scrub`](varde_core::ports::StatementLog::scrub) to take back.
    pub async fn make_index_anew(&self) -> Result<bool, StoreError> {
        let (caller, answer) = oneshot::channel();
        self.0.send(Job::Reindex(caller))?;
        answer.await.map_err(|_| StoreError::from(Closed))?
    }

    /// Waits until a reader or the writer meets damage of the index or of the file's pages, or has
    /// met some since this was last waited for.
    pub async fn damage_is_met(&self) {
        self.0.alarm.rung().await;
    }

    /// Lets the database engine check the pages of every table, of which there are
    /// [`TABLES`](crate::care::TABLES).
    pub async fn check_pages(&self) -> Result<Vec<Finding>, StoreError> {
        let check = |database: &Database| Ok(pages::check(&database.connection)?);
        self.0.pool.ask(check).await
    }

    /// Lets the database engine check the pages of what is derived from the log.
    pub async fn check_index_pages(&self) -> Result<Vec<Finding>, StoreError> {
        let check = |database: &Database| Ok(pages::check_index(&database.connection)?);
        self.0.pool.ask(check).await
    }
}
