//! Freezing a draft.

use varde_core::{Caller, Need};

use super::Reports;
use super::book::{Act, Frozen, State};
use super::changing::Place;
use super::checking::obstacles;
use super::error::ReportError;
use super::keeping::Opened;
use super::keeping::check_project;
use super::reading::{ReportQuery, ReportView};

impl Reports {
    /// Freezes the draft of a period as known now, under the hash of its canonical JSON.
    ///
    /// Everything that happened in the period must be over and carried into the ledger, and no draft
    /// of an earlier period may wait. A submit that is cut short leaves the draft.
    pub async fn submit(
        &self,
        caller: &Caller,
        place: &Place,
        edit: Option<u32>,
    ) -> Result<ReportView, ReportError> {
        caller.may(Need::ManageReports)?;
        check_project(caller, &place.project)?;
        self.note(caller, &place.told("report submit")).await?;
        let mut opened = self.book(&place.project).await?;
        let ground = {
            let report = opened.book.report_mut(place.period)?;
            report.in_state(State::Draft)?.check_edit(edit)?;
            self.ground(&place.project, None).await?
        };
        if let Some(first) = obstacles(&opened.book, &ground, place)?.first() {
            return Err(first.error(place.period));
        }
        let report = opened.book.report(place.period)?;
        let (number, revision) = report.revision(None)?;
        let part = (report, number, revision);
        let body = self.compute(caller, &ground, &opened.book, part).await?;
        let (bytes, hash) = body.canonical()?;
        let frozen = Frozen {
            bytes: bytes.len(),
            known_at: body.known_at,
            hash,
        };
        self.freeze(caller, place, opened, (frozen, &bytes)).await?;
        let query = ReportQuery {
            project: place.project.clone(),
            period: place.period,
            revision: Some(number),
            known_at: None,
        };
        self.show(caller, &query).await
    }

    /// Writes the body, then names it. Who began to write another one meanwhile finds the record
    /// changed, and nobody's pieces are ever named half.
    async fn freeze(
        &self,
        caller: &Caller,
        place: &Place,
        mut opened: Opened,
        (frozen, bytes): (Frozen, &[u8]),
    ) -> Result<(), ReportError> {
        let project = &place.project;
        let left = std::mem::replace(&mut opened.book.unfinished, vec![frozen.hash.clone()]);
        if !self.put_book(project, &opened).await? {
            return Err(ReportError::Changed);
        }
        for hash in left.iter().filter(|hash| **hash != frozen.hash) {
            self.pieces(project, hash).remove().await?;
        }
        self.pieces(project, &frozen.hash).write(bytes).await?;
        let begun = opened.book;
        let mut opened = self.book(project).await?;
        if opened.book != begun {
            return Err(ReportError::Changed);
        }
        opened.book.unfinished.clear();
        let deed = self.deed(caller, Act::Submitted, None);
        let report = opened.book.report_mut(place.period)?;
        let revision = report.in_state(State::Draft)?;
        revision.state = State::Submitted;
        revision.frozen = Some(frozen);
        revision.deeds.push(deed);
        if self.put_book(project, &opened).await? {
            Ok(())
        } else {
            Err(ReportError::Changed)
        }
    }
}
