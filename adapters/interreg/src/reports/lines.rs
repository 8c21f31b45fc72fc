//! Manual lines: what people decided beside what is counted.

use rust_decimal::Decimal;
use varde_core::Caller;

use super::Reports;
use super::body::ManualLine;
use super::changing::Place;
use super::error::ReportError;
use super::text::bounded;
use crate::IndicatorCode;

/// The most characters of a reason.
const REASON_MAX: usize = 2_000;
/// The most lines of a report.
const LINES_MAX: usize = 500;

/// A manual line as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// The indicator.
    pub code: IndicatorCode,
    /// How much it adds, or takes away where negative.
    pub amount: Decimal,
    /// Why.
    pub reason: String,
    /// The document that proves it, by the SHA-256 of an evidence file.
    pub document: String,
}

impl Reports {
    /// Writes a manual line into a draft, and returns its number. It adds nothing before somebody
    /// else has approved it.
    pub async fn add_line(
        &self,
        caller: &Caller,
        place: &Place,
        new: NewLine,
        edit: Option<u32>,
    ) -> Result<u32, ReportError> {
        self.begin(caller, place, "report line").await?;
        self.check_code(&place.project, &new.code).await?;
        self.check_document(&place.project, &new.document).await?;
        let reason = bounded("reason", &new.reason, REASON_MAX)?;
        if new.amount.is_zero() {
            return Err(ReportError::Invalid {
                field: "amount",
                expected: "another number than 0".to_owned(),
                found: "0".to_owned(),
            });
        }
        let written = self.clock.now();
        self.change(&place.project, |book| {
            let draft = book.report_mut(place.period)?.draft(edit)?;
            if draft.lines.len() >= LINES_MAX {
                return Err(ReportError::Invalid {
                    field: "lines",
                    expected: format!("at most {LINES_MAX}"),
                    found: "one more".to_owned(),
                });
            }
            let last = draft.lines.iter().map(|line| line.number).max();
            let number = last.unwrap_or(0).saturating_add(1);
            draft.lines.push(ManualLine {
                number,
                code: new.code.clone(),
                amount: new.amount.normalize(),
                reason: reason.clone(),
                document: new.document.clone(),
                author: caller.key,
                written,
                approver: None,
                approved: None,
            });
            Ok(number)
        })
        .await
    }

    /// Approves a manual line of a draft. Its author cannot.
    pub async fn approve_line(
        &self,
        caller: &Caller,
        place: &Place,
        number: u32,
        edit: Option<u32>,
    ) -> Result<(), ReportError> {
        self.begin(caller, place, "report line approve").await?;
        let now = self.clock.now();
        self.change(&place.project, |book| {
            let line = book.report_mut(place.period)?.draft(edit)?.line(number)?;
            if line.author == caller.key {
                return Err(ReportError::OwnLine);
            }
            if line.approver.is_some() {
                return Err(ReportError::Approved(number));
            }
            (line.approver, line.approved) = (Some(caller.key), Some(now));
            Ok(())
        })
        .await
    }

    /// Takes a manual line out of a draft.
    pub async fn withdraw_line(
        &self,
        caller: &Caller,
        place: &Place,
        number: u32,
        edit: Option<u32>,
    ) -> Result<(), ReportError> {
        self.begin(caller, place, "report line withdraw").await?;
        self.change(&place.project, |book| {
            let draft = book.report_mut(place.period)?.draft(edit)?;
            draft.line(number)?;
            draft.lines.retain(|line| line.number != number);
            Ok(())
        })
        .await
    }
}
