//! What a run of retention did, without a name.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use super::scan::Scan;
use crate::ProjectCode;
use crate::erasures::whom::Named;
use crate::erasures::{ErasureId, Held, Left, Receipt, RecordClass};
use crate::people::IdentityId;

/// What was done, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionReceipt {
    /// The run.
    pub retention: ErasureId,
    /// Whether this is only what would be done.
    pub dry_run: bool,
    /// When it was decided.
    pub at: Stored,
    /// The day by which it was decided what has passed.
    pub today: Date,
    /// The statements that went, by the rule that kept them.
    pub records: Vec<ReleasedRecords>,
    /// How many restrictions on request ended.
    pub restrictions: usize,
    /// How many statements are released and wait for an open report.
    pub waiting: usize,
    /// The projects whose open reports they wait for.
    pub waiting_for: Vec<ProjectCode>,
    /// The persons of whom nothing else is held, by the ids that ledgers go on to hold.
    pub persons: Vec<IdentityId>,
    /// How many identifiers went with them.
    pub identifiers: usize,
    /// How many documents went with them.
    pub documents: usize,
    /// The erasures that it was done by; none of a dry run.
    pub erasures: Vec<ErasureId>,
    /// What was left, and why.
    pub left: Vec<Left>,
}

/// Statements that one rule kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedRecords {
    /// The class of record; `None` where everything was restricted on request.
    pub class: Option<RecordClass>,
    /// The last day on which they were kept.
    pub until: Option<Date>,
    /// The rule.
    pub rule: String,
    /// Whether they were held apart already, since their person was erased or restricted.
    pub held: bool,
    /// How many.
    pub statements: usize,
}

impl RetentionReceipt {
    pub(super) fn new(retention: ErasureId, at: Stored, today: Date, dry_run: bool) -> Self {
        Self {
            retention,
            dry_run,
            at,
            today,
            records: Vec::new(),
            restrictions: 0,
            waiting: 0,
            waiting_for: Vec::new(),
            persons: Vec::new(),
            identifiers: 0,
            documents: 0,
            erasures: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Notes what a look through the log found.
    pub(super) fn note(&mut self, scan: &Scan) {
        for kept in scan.rules.values() {
            self.records.push(kept.clone());
        }
        self.waiting = scan.waiting;
        let projects = scan.waiting_for.iter();
        self.waiting_for = projects.filter_map(|code| code.parse().ok()).collect();
    }

    /// Notes something that is held and over.
    pub(super) fn note_held(&mut self, held: &Held) {
        let (class, until) = (held.class, &held.until);
        let is_same = |kept: &&mut ReleasedRecords| {
            (kept.class, kept.until, &kept.rule) == (class, until.day, &until.rule)
        };
        match self.records.iter_mut().find(is_same) {
            Some(kept) => kept.statements += 1,
            None => self.records.push(ReleasedRecords {
                class,
                until: until.day,
                rule: until.rule.clone(),
                held: true,
                statements: 1,
            }),
        }
    }

    /// Notes somebody of whom nothing else is held.
    pub(super) fn leaves(&mut self, named: &Named) {
        self.persons.extend(&named.persons);
        self.identifiers += named.keyed.len();
    }

    /// Notes what one erasure did.
    pub(super) fn took(&mut self, receipt: &Receipt) {
        self.erasures.push(receipt.erasure);
        self.documents += receipt.documents;
        for left in &receipt.left {
            if !self.left.contains(left) {
                self.left.push(left.clone());
            }
        }
    }

    /// Tells whether nothing was erased, or would be.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.restrictions == 0 && self.identifiers == 0
    }

    /// Returns the receipt as lines to read.
    pub fn text(&self) -> String {
        let today = self.today;
        let mut lines = vec![if self.dry_run {
            format!("Would be erased on {today}; nothing was changed.")
        } else {
            format!("Retention {} of {today} done.", self.retention)
        }];
        for kept in &self.records {
            let class = kept.class.map_or("all", RecordClass::name);
            let until = kept
                .until
                .map_or(String::new(), |day| format!(" through {day}"));
            let held = if kept.held { ", held apart" } else { "" };
            let (count, rule) = (kept.statements, &kept.rule);
            lines.push(format!(
                "{class}, kept{until}{held}: {count} statements ({rule})"
            ));
        }
        if self.restrictions > 0 {
            lines.push(format!("restrictions that ended: {}", self.restrictions));
        }
        let persons: Vec<_> = self.persons.iter().map(ToString::to_string).collect();
        if !persons.is_empty() {
            lines.push(format!("persons: {}", persons.join(", ")));
        }
        lines.push(format!("identifiers: {}", self.identifiers));
        if self.waiting > 0 {
            let projects = self.waiting_for.iter().map(ProjectCode::as_str);
            let projects: Vec<_> = projects.collect();
            lines.push(format!(
                "wait until the reports of {} are submitted: {} statements",
                projects.join(", "),
                self.waiting
            ));
        }
        for left in &self.left {
            lines.push(format!("left: {}: {}", left.what, left.why));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}
