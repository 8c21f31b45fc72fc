//! Opening, returning and accepting reports, and what the project office writes into drafts.

use std::collections::BTreeSet;

use jiff::civil::Date;
use varde_core::audit::Told;
use varde_core::{Caller, Need, ProjectCode};

use super::Reports;
use super::book::{Act, Book, Report, Revision, State};
use super::error::ReportError;
use super::keeping::check_project;
use super::key::ReportKey;
use super::opening::OpeningBalance;
use super::text::{bounded, told};
use crate::IndicatorCode;

/// The most characters of a comment, a reason, a source.
const TEXT_MAX: usize = 4_000;
/// The most keys of an opening balance.
const KEYS_MAX: usize = 10_000;

/// A project's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The project.
    pub project: ProjectCode,
    /// The last day of the period.
    pub period: Date,
}

impl Place {
    pub(super) fn told(&self, what: &str) -> Told {
        told(what, &self.project, Some(self.period))
    }
}

impl Revision {
    /// Checks that nobody else has changed it since somebody looked.
    pub(super) fn check_edit(&self, seen: Option<u32>) -> Result<(), ReportError> {
        match seen {
            Some(seen) if seen != self.edit => Err(ReportError::Changed),
            _ => Ok(()),
        }
    }
}

impl Report {
    /// Returns the draft to be changed by somebody who saw it at an edit, and counts the change.
    pub(super) fn draft(&mut self, seen: Option<u32>) -> Result<&mut Revision, ReportError> {
        let revision = self.in_state(State::Draft)?;
        revision.check_edit(seen)?;
        revision.edit = revision.edit.saturating_add(1);
        Ok(revision)
    }
}

impl Reports {
    /// Opens the report of a period as a draft.
    pub async fn open(&self, caller: &Caller, place: &Place) -> Result<(), ReportError> {
        self.begin(caller, place, "report open").await?;
        let ends = self.period_ends(&place.project).await?;
        let deed = self.deed(caller, Act::Opened, None);
        let open = |book: &mut Book| book.open(&ends, place.period, deed.clone());
        self.change(&place.project, open).await
    }

    /// Notes that a submitted report came back, and opens its next revision. The one that was
    /// submitted stays readable.
    pub async fn give_back(
        &self,
        caller: &Caller,
        place: &Place,
        reason: &str,
    ) -> Result<(), ReportError> {
        self.begin(caller, place, "report return").await?;
        let reason = bounded("reason", reason, TEXT_MAX)?;
        let deed = self.deed(caller, Act::Returned, Some(reason));
        self.change(&place.project, |book| {
            book.report_mut(place.period)?.give_back(deed.clone())
        })
        .await
    }

    /// Notes that a submitted report was accepted: those after it go on from its totals.
    pub async fn accept(&self, caller: &Caller, place: &Place) -> Result<(), ReportError> {
        self.begin(caller, place, "report accept").await?;
        let deed = self.deed(caller, Act::Accepted, None);
        self.change(&place.project, |book| {
            book.none_before(place.period, &[State::Draft, State::Submitted])?;
            book.report_mut(place.period)?.accept(deed.clone())
        })
        .await
    }

    /// Writes what the project office says of an indicator into a draft; an empty text takes it
    /// back.
    pub async fn comment(
        &self,
        caller: &Caller,
        place: &Place,
        (code, text): (&IndicatorCode, &str),
        edit: Option<u32>,
    ) -> Result<(), ReportError> {
        self.begin(caller, place, "report comment").await?;
        self.check_code(&place.project, code).await?;
        let text = match text.trim() {
            "" => None,
            text => Some(bounded("comment", text, TEXT_MAX)?),
        };
        self.change(&place.project, |book| {
            let draft = book.report_mut(place.period)?.draft(edit)?;
            match &text {
                Some(text) => draft.comments.insert(code.clone(), text.clone()),
                None => draft.comments.remove(code),
            };
            Ok(())
        })
        .await
    }

    /// Returns the opening balances of a project.
    pub async fn openings(
        &self,
        caller: &Caller,
        project: &ProjectCode,
    ) -> Result<std::collections::BTreeMap<IndicatorCode, OpeningBalance>, ReportError> {
        caller.may(Need::ReadReports)?;
        check_project(caller, project)?;
        let opening = self.book(project).await?.book.opening;
        let keys = opening
            .values()
            .flat_map(|one| &one.keys)
            .map(BTreeSet::len);
        let rows = keys.sum();
        let note = Told::new("report balances", &[("project", true)], rows);
        self.note(caller, &note).await?;
        Ok(opening)
    }

    /// Says what had been reported of an indicator before the first report here; `None` takes it
    /// back. No report that stands may have been made from the balances.
    ///
    /// Persons of keys are named by pseudonym or id.
    pub async fn set_opening(
        &self,
        caller: &Caller,
        project: &ProjectCode,
        code: &IndicatorCode,
        opening: Option<OpeningBalance>,
    ) -> Result<(), ReportError> {
        caller.may(Need::ManageReports)?;
        check_project(caller, project)?;
        self.note(caller, &told("report balance", project, None))
            .await?;
        self.check_code(project, code).await?;
        let opening = match opening {
            Some(opening) => Some(self.checked_opening(project, opening).await?),
            None => None,
        };
        self.change(project, |book| {
            book.opening_is_open()?;
            match &opening {
                Some(opening) => book.opening.insert(code.clone(), opening.clone()),
                None => book.opening.remove(code),
            };
            Ok(())
        })
        .await
    }

    async fn checked_opening(
        &self,
        project: &ProjectCode,
        opening: OpeningBalance,
    ) -> Result<OpeningBalance, ReportError> {
        if let Some(document) = &opening.document {
            self.check_document(project, document).await?;
        }
        let Some(given) = &opening.keys else {
            return Ok(OpeningBalance {
                source: bounded("source", &opening.source, TEXT_MAX)?,
                ..opening
            });
        };
        if given.len() > KEYS_MAX {
            return Err(ReportError::Invalid {
                field: "keys",
                expected: format!("at most {KEYS_MAX}"),
                found: given.len().to_string(),
            });
        }
        let mut keys = BTreeSet::new();
        for key in given {
            let mut key: ReportKey = key.clone();
            if key.is_empty() {
                return Err(ReportError::Invalid {
                    field: "keys",
                    expected: "a unit, a person or an organisation in each".to_owned(),
                    found: "one that names nothing".to_owned(),
                });
            }
            self.resolve(&mut key).await?;
            keys.insert(key);
        }
        Ok(OpeningBalance {
            source: bounded("source", &opening.source, TEXT_MAX)?,
            keys: Some(keys),
            ..opening
        })
    }

    /// Checks that the caller may change a project's reports, and notes that they are about to.
    pub(super) async fn begin(
        &self,
        caller: &Caller,
        place: &Place,
        what: &str,
    ) -> Result<(), ReportError> {
        caller.may(Need::ManageReports)?;
        check_project(caller, &place.project)?;
        Ok(self.note(caller, &place.told(what)).await?)
    }

    /// Checks that the project's indicator set has an indicator.
    pub(super) async fn check_code(
        &self,
        project: &ProjectCode,
        code: &IndicatorCode,
    ) -> Result<(), ReportError> {
        let set = self.ground(project, None).await?.set;
        if set.indicators.iter().any(|one| one.code == *code) {
            return Ok(());
        }
        let codes: Vec<_> = set
            .indicators
            .iter()
            .map(|one| one.code.to_string())
            .collect();
        Err(ReportError::Invalid {
            field: "code",
            expected: format!("one of {}", codes.join(", ")),
            found: code.to_string(),
        })
    }
}
