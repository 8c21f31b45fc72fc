//! What every file of a pack says of where its figures are from.

use jiff::civil::Date;
use varde_xapi::Stored;

use super::language::{Language, Voice};
use super::messages::Message;
use crate::reports::{Period, ReportBody, ReportHash};
use crate::set::Names;

/// Where the figures of a pack are from. The snapshot is the frozen report: its id is the hash.
#[derive(Debug, Clone)]
pub(super) struct Provenance {
    pub(super) project: String,
    pub(super) title: Option<Names>,
    pub(super) number: u32,
    pub(super) period: Period,
    pub(super) revision: u32,
    pub(super) hash: ReportHash,
    pub(super) known_at: Stored,
    pub(super) rule_set: String,
    pub(super) rule_set_hash: String,
    pub(super) zone: String,
    pub(super) signer: String,
}

/// The columns with which every line of a CSV file begins.
pub(super) const COLUMNS: [(&str, Message); 7] = [
    ("project", Message::Project),
    ("period", Message::PeriodTo),
    ("snapshot", Message::Snapshot),
    ("known_at", Message::KnownUntil),
    ("rule_set", Message::RuleSet),
    ("rule_set_hash", Message::RuleSetHash),
    ("zone", Message::Zone),
];

impl Provenance {
    pub(super) fn of(body: &ReportBody, hash: ReportHash, signer: String) -> Self {
        Self {
            project: body.project.to_string(),
            title: body.title.clone(),
            number: body.number,
            period: body.period,
            revision: body.revision,
            hash,
            known_at: body.known_at,
            rule_set: body.definition.clone(),
            rule_set_hash: body.definition_hash.clone(),
            zone: body.zone.clone(),
            signer,
        }
    }

    /// Returns what stands under [`COLUMNS`].
    pub(super) fn cells(&self) -> [String; 7] {
        [
            self.project.clone(),
            self.period.end.to_string(),
            self.hash.to_string(),
            self.known_at.to_string(),
            self.rule_set.clone(),
            self.rule_set_hash.clone(),
            self.zone.clone(),
        ]
    }

    /// Names the project: its title with its code, or its code.
    pub(super) fn name(&self, language: Language) -> String {
        match &self.title {
            Some(title) => format!("{} ({})", Voice::In(language).name(title), self.project),
            None => self.project.clone(),
        }
    }

    /// Says which days the report is of.
    pub(super) fn days(&self, language: Language) -> String {
        let (from, to) = (Message::From.text(language), Message::To.text(language));
        let after = |day: Date| format!("{from} {day} ");
        let after = self.period.after.map(after).unwrap_or_default();
        format!("{after}{to} {}", self.period.end)
    }

    /// Returns everything, by name.
    pub(super) fn facts(&self, language: Language) -> Vec<(Message, String)> {
        vec![
            (Message::Project, self.name(language)),
            (Message::Report, format!("{}", self.number)),
            (Message::Period, self.days(language)),
            (Message::Revision, self.revision.to_string()),
            (Message::ReportHash, self.hash.to_string()),
            (Message::KnownUntil, self.known_at.to_string()),
            (Message::RuleSet, self.rule_set.clone()),
            (Message::RuleSetHash, self.rule_set_hash.clone()),
            (Message::Zone, self.zone.clone()),
            (Message::Signer, self.signer.clone()),
        ]
    }
}
