//! How the reports of a project are kept.

use jiff::civil::Date;
use varde_core::audit::Told;
use varde_core::ports::{
    CHANGE_BYTES_MAX, Change, Changes, Collection, Expected, StoreError, was_done,
};
use varde_core::registers::RegisterView;
use varde_core::{Caller, ProjectCode};
use varde_xapi::Stored;

use super::Reports;
use super::body::{ReportBody, ReportHash, sha256};
use super::book::{Act, Book, Deed};
use super::error::ReportError;
use super::key::ReportKey;
use super::pieces::Pieces;

/// project → [`Book`].
const BOOK: Collection = Collection("report");
/// project, hash, number → a piece of a frozen body.
const BODY: Collection = Collection("report-body");
/// How often a change is tried again because of somebody else's.
const TRIES: usize = 5;
/// The most bytes of a project's book.
const BOOK_BYTES_MAX: usize = CHANGE_BYTES_MAX - 64 * 1024;

/// The last day of a report's period, the number of the revision or release, the report's hash, and
/// when it was submitted or published.
pub(crate) type Happening = (Date, u32, ReportHash, Stored);

/// A project's book with what the next change of it must find.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) book: Book,
    pub(super) expected: Expected,
}

/// Checks that the caller reads a project's results. To others it is not there.
pub(super) fn check_project(caller: &Caller, project: &ProjectCode) -> Result<(), ReportError> {
    if caller.projects.contains(project) {
        Ok(())
    } else {
        Err(ReportError::Absent("project"))
    }
}

impl Reports {
    pub(super) async fn book(&self, project: &ProjectCode) -> Result<Opened, StoreError> {
        let record = self.records.get(BOOK, project.as_str().as_bytes()).await?;
        Ok(match record {
            Some(record) => Opened {
                book: serde_json::from_slice(&record.value).map_err(StoreError::failed)?,
                expected: Expected::Version(record.version),
            },
            None => Opened {
                book: Book::default(),
                expected: Expected::Absent,
            },
        })
    }

    /// Returns every revision of a project that was submitted, with the version of the record that
    /// tells of them; `None` where it is the one that was seen, or there is none.
    pub(crate) async fn submissions(
        &self,
        project: &ProjectCode,
        seen: Option<u64>,
    ) -> Result<Option<(u64, Vec<Happening>)>, StoreError> {
        let record = self.records.get(BOOK, project.as_str().as_bytes()).await?;
        let Some(record) = record.filter(|record| seen != Some(record.version)) else {
            return Ok(None);
        };
        let book: Book = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
        let submitted = book.reports.iter().flat_map(|report| {
            let revisions = (1..).zip(&report.revisions);
            revisions.filter_map(|(number, revision)| {
                let hash = revision.frozen.as_ref()?.hash.clone();
                let mut deeds = revision.deeds.iter();
                let submitted = deeds.find(|deed| deed.what == Act::Submitted)?;
                Some((report.period, number, hash, submitted.at))
            })
        });
        Ok(Some((record.version, submitted.collect())))
    }

    /// Puts a book there, unless somebody else has changed it meanwhile; tells whether it did.
    pub(super) async fn put_book(
        &self,
        project: &ProjectCode,
        Opened { book, expected }: &Opened,
    ) -> Result<bool, ReportError> {
        let value = serde_json::to_vec(book).map_err(StoreError::failed)?;
        if value.len() > BOOK_BYTES_MAX {
            return Err(ReportError::TooLarge {
                what: "the drafts, lines and opening balances of a project",
                found: value.len(),
                max: BOOK_BYTES_MAX,
            });
        }
        let change = Change {
            collection: BOOK,
            key: project.as_str().as_bytes().to_vec(),
            value: Some(value),
            expected: *expected,
        };
        Ok(self.commit_one(change).await?)
    }

    /// Changes a book, and starts over when somebody else changed it meanwhile.
    pub(super) async fn change<T>(
        &self,
        project: &ProjectCode,
        change: impl Fn(&mut Book) -> Result<T, ReportError> + Send,
    ) -> Result<T, ReportError>
    where
        T: Send,
    {
        for _ in 0..TRIES {
            let mut opened = self.book(project).await?;
            let done = change(&mut opened.book)?;
            if self.put_book(project, &opened).await? {
                return Ok(done);
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Makes one change; tells whether the record was as expected.
    pub(super) async fn commit_one(&self, change: Change) -> Result<bool, StoreError> {
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        was_done(self.records.commit(changes).await)
    }

    /// Names the pieces of a frozen body.
    pub(super) fn pieces(&self, project: &ProjectCode, hash: &ReportHash) -> Pieces {
        Pieces::of(&self.records, BODY, project.as_str(), &hash.0)
    }

    /// Returns `report.json` as it was frozen.
    pub(super) async fn frozen_bytes(
        &self,
        project: &ProjectCode,
        hash: &ReportHash,
    ) -> Result<Vec<u8>, StoreError> {
        let bytes = self.pieces(project, hash).read().await?;
        if sha256(&bytes) == hash.0 {
            return Ok(bytes);
        }
        let fault = format!("the report {hash} has other bytes than its hash says");
        Err(StoreError::failed(fault))
    }

    /// Returns a report as it was frozen; `None` where its bytes are not those of its hash any more.
    pub(crate) async fn intact(
        &self,
        project: &ProjectCode,
        hash: &ReportHash,
    ) -> Result<Option<ReportBody>, StoreError> {
        let bytes = self.pieces(project, hash).read().await?;
        if sha256(&bytes) != hash.0 {
            return Ok(None);
        }
        let body = serde_json::from_slice(&bytes);
        body.map(Some).map_err(StoreError::failed)
    }

    pub(super) async fn frozen(
        &self,
        project: &ProjectCode,
        hash: &ReportHash,
    ) -> Result<ReportBody, StoreError> {
        let bytes = self.frozen_bytes(project, hash).await?;
        serde_json::from_slice(&bytes).map_err(StoreError::failed)
    }

    /// Returns the last days of a project's periods, in order.
    pub(super) async fn period_ends(&self, project: &ProjectCode) -> Result<Vec<Date>, StoreError> {
        let registers = self.indicators.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        Ok(view.period_ends(project.as_str()))
    }

    /// Puts the person's id in the place of a pseudonym.
    pub(super) async fn resolve(&self, key: &mut ReportKey) -> Result<(), ReportError> {
        let Some(named) = &key.person else {
            return Ok(());
        };
        let registers = &self.indicators.registers;
        let person = registers.person(named).await?;
        let person = person.ok_or_else(|| ReportError::Invalid {
            field: "person",
            expected: "a pseudonym or an id of the register".to_owned(),
            found: "another text".to_owned(),
        })?;
        key.person = Some(person.to_string());
        Ok(())
    }

    /// Notes in the audit log what a caller is about to do or to be told.
    pub(super) async fn note(&self, caller: &Caller, told: &Told) -> Result<(), StoreError> {
        self.audit.add(self.clock.now(), caller, told).await
    }

    /// Describes what a caller does now.
    pub(super) fn deed(&self, caller: &Caller, what: Act, reason: Option<String>) -> Deed {
        Deed {
            what,
            at: self.clock.now(),
            by: caller.key,
            reason,
        }
    }
}
