//! Whether the audit log is whole.

use serde::Serialize;
use thiserror::Error;

use super::chain::{AuditLine, ChainHash, Linked};
use super::{Audit, StoreError};

/// The most faults that a report lists.
const FAULTS_MAX: usize = 1_000;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AuditFault {
    /// It is not there.
    #[error("line {number} was removed")]
    Removed {
        /// Its number.
        number: u64,
    },
    /// It does not say what it said when it was written.
    #[error("line {number} was altered")]
    Altered {
        /// Its number.
        number: u64,
    },
}

/// What a check of the whole audit log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// How many lines are there.
    pub lines: u64,
    /// The number of the last line that was written.
    pub last: u64,
    /// That line's hash, to be noted elsewhere.
    pub head: ChainHash,
    /// What is wrong, in the order of the lines; the first 1,000.
    pub faults: Vec<AuditFault>,
}

/// The check, line by line.
#[derive(Debug, Default)]
struct Check {
    lines: u64,
    /// The last line that was there.
    last: Linked,
    faults: Vec<AuditFault>,
}

impl Audit {
    /// Checks every line, and names those that were removed or altered.
    pub async fn verify(&self) -> Result<AuditReport, StoreError> {
        // Read first: lines that come while the check runs lie behind it.
        let (head, _) = self.head().await?;
        let mut check = Check::default();
        loop {
            let lines = self.lines(check.last.number).await?;
            let known = lines.iter().take_while(|line| line.number <= head.number);
            let before = check.lines;
            known.for_each(|line| check.line(line));
            if check.lines == before {
                break;
            }
        }
        check.end(&head);
        Ok(AuditReport {
            lines: check.lines,
            last: head.number,
            head: head.hash,
            faults: check.faults,
        })
    }
}

impl Check {
    fn line(&mut self, line: &AuditLine) {
        let follows = line.number == self.last.number + 1;
        self.removed(self.last.number + 1, line.number);
        // What the line before was said to be when this one was written.
        if follows && line.before != self.last.hash {
            self.altered(self.last.number);
        }
        if line.hash != line.reckoned() {
            self.altered(line.number);
        }
        self.last = Linked::to(line);
        self.lines += 1;
    }

    fn end(&mut self, head: &Linked) {
        self.removed(self.last.number + 1, head.number + 1);
        if self.last.number == head.number && self.last.hash != head.hash {
            self.altered(head.number);
        }
    }

    fn removed(&mut self, from: u64, to: u64) {
        let room = FAULTS_MAX.saturating_sub(self.faults.len());
        let missing = (from..to).take(room);
        self.faults
            .extend(missing.map(|number| AuditFault::Removed { number }));
    }

    fn altered(&mut self, number: u64) {
        let fault = AuditFault::Altered { number };
        if number > 0 && self.faults.len() < FAULTS_MAX && self.faults.last() != Some(&fault) {
            self.faults.push(fault);
        }
    }
}
