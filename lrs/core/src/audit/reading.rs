//! The audit log as an administrator and an auditor read it: what was told of their own projects.

use std::io::Write;

use serde::Serialize;
use thiserror::Error;

use super::{Audit, AuditLine, ChainHash, LINES_MAX, StoreError};
use crate::registers::PersonId;
use crate::{Caller, Forbidden, Need, sheet};

/// How many stretches of [`LINES_MAX`] lines are looked through for one page.
const STRETCHES_MAX: u64 = 5;
const HEAD: [&str; 9] = [
    "number", "at", "key", "role", "told", "persons", "projects", "rows", "hash",
];

/// A page of lines, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditPage {
    /// The lines of which a project is the caller's. They name no other project.
    pub lines: Vec<AuditLine>,
    /// Before which number the next page goes on; `None` on the last. A page may hold fewer lines than asked for
    /// and lead on.
    pub next: Option<u64>,
    /// The number of the last line of all, whosever it is.
    pub last: u64,
    /// That line's hash, to be noted elsewhere.
    pub head: ChainHash,
}

/// Why the audit log was not told.
#[derive(Debug, Error)]
pub enum UntoldAudit {
    /// The caller may not read it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Audit {
    /// Returns up to so many lines before a number, or the newest, that tell of the caller's projects.
    pub async fn read(
        &self,
        caller: &Caller,
        before: Option<u64>,
        limit: usize,
    ) -> Result<AuditPage, UntoldAudit> {
        caller.may(Need::ReadAudit)?;
        let (head, _) = self.head().await?;
        let mut end = head
            .number
            .saturating_add(1)
            .min(before.unwrap_or(u64::MAX));
        let stretch = u64::try_from(LINES_MAX).unwrap_or(u64::MAX);
        let mut lines = Vec::new();
        for _ in 0..STRETCHES_MAX {
            if end <= 1 {
                break;
            }
            let after = end.saturating_sub(stretch.saturating_add(1));
            let mut some = self.lines(after).await?;
            some.retain(|line| line.number < end);
            for line in some.into_iter().rev() {
                end = line.number;
                lines.extend(of_caller(line, caller));
                if lines.len() >= limit {
                    return Ok(page(lines, end, head.number, head.hash));
                }
            }
            // Lines that were removed are no reason to stop.
            end = after.saturating_add(1);
        }
        Ok(page(lines, end, head.number, head.hash))
    }
}

fn page(lines: Vec<AuditLine>, end: u64, last: u64, head: ChainHash) -> AuditPage {
    AuditPage {
        lines,
        next: (end > 1).then_some(end),
        last,
        head,
    }
}

/// Returns a line where one of its projects is the caller's, with those of its projects alone.
fn of_caller(mut line: AuditLine, caller: &Caller) -> Option<AuditLine> {
    line.told
        .projects
        .retain(|project| caller.projects.contains(project));
    (!line.told.projects.is_empty()).then_some(line)
}

impl AuditPage {
    /// Writes the lines as CSV, in their order.
    pub fn write_csv(&self, out: impl Write) -> Result<(), csv::Error> {
        sheet::write(out, &HEAD, self.lines.iter().map(row))
    }
}

fn row(line: &AuditLine) -> [String; 9] {
    let told = &line.told;
    let persons: Vec<&str> = told.persons.iter().map(PersonId::as_str).collect();
    let projects: Vec<String> = told.projects.iter().map(ToString::to_string).collect();
    [
        line.number.to_string(),
        line.at.to_string(),
        line.key.to_string(),
        line.role
            .map_or_else(String::new, |role| role.name().to_owned()),
        told.query.clone(),
        persons.join(" "),
        projects.join(" "),
        told.rows.to_string(),
        line.hash.to_string(),
    ]
}
