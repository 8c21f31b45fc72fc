//! Outcomes as a table: which item decides, and how it is written.

use std::io::Write;

use jiff::civil::Date;
use serde::Serialize;
use varde_core::definitions::DefinitionHash;
use varde_xapi::{StatementId, Stored};

use crate::finding::{Basis, Finding, Phase, Verdict};

/// Whether an outcome holds on the day asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Current,
    /// It held, and its evidence has expired; the level is the last one held.
    Lapsed,
}

/// What a person has attained in a competence, on one basis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The person: the register's pseudonym, or the random id of an identifier not in it.
    pub person: String,
    /// The competence's IRI.
    pub competence: String,
    /// Who says so.
    pub basis: Basis,
    /// The level attained, from 1; it implies all lower ones.
    pub level: u32,
    /// The level's name, where the rule has one.
    pub level_name: Option<String>,
    /// Whether it holds on the day asked for.
    pub status: Status,
    /// Whether the deciding evidence is from before or after the learning.
    pub phase: Phase,
    /// The deciding rule, `id@version`.
    pub rule: String,
    /// The comparison that decided, in words: `0.72 is at least 0.60`.
    pub comparison: String,
    /// The statements that it rests on.
    pub statements: Vec<StatementId>,
    /// The day of the deciding statement.
    pub day: Date,
    /// The day from which on it has lapsed.
    pub expires: Option<Date>,
    /// The deciding rule's hash.
    pub definition: DefinitionHash,
}

/// Outcomes in the order of person, competence and basis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeTable {
    /// The day, at whose end they are as told.
    pub as_of: Date,
    /// The instant as known at which they are told; `None` while no rule is current.
    pub known_at: Option<Stored>,
    /// Everything stored up to this instant is taken in; `None` while no rule is current.
    pub complete_through: Option<Stored>,
    /// The outcomes.
    pub outcomes: Vec<Outcome>,
}

/// A finding with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) finding: Finding,
    pub(crate) statements: Vec<StatementId>,
    pub(crate) definition: DefinitionHash,
}

/// Evidence on some day.
struct Evidence {
    level: u32,
    level_name: Option<String>,
    expires: Option<Date>,
    item: Item,
}

/// Returns what items of one person, shown by this name, competence and basis amount to at the end of a day: the
/// highest level that holds, shown by its earliest evidence; else the level that lapsed last.
pub(crate) fn attained(person: String, items: Vec<Item>, as_of: Date) -> Option<Outcome> {
    let (lapsed, current): (Vec<_>, Vec<_>) = items
        .into_iter()
        .filter_map(|item| evidence(item, as_of))
        .partition(|evidence| evidence.expires.is_some_and(|expires| expires <= as_of));
    let earliest = |e: &Evidence| (e.item.finding.instant, e.item.statements.clone());
    if let Some(best) = current
        .into_iter()
        .min_by_key(|e| (std::cmp::Reverse(e.level), earliest(e)))
    {
        return Some(best.outcome(person, Status::Current));
    }
    let last = lapsed
        .into_iter()
        .min_by_key(|e| (std::cmp::Reverse((e.expires, e.level)), earliest(e)))?;
    Some(last.outcome(person, Status::Lapsed))
}

/// Returns an item as evidence if it is some by the end of a day and was not taken back.
fn evidence(item: Item, as_of: Date) -> Option<Evidence> {
    let Verdict::Evidence {
        level,
        level_name,
        expires,
        undone,
    } = item.finding.verdict.clone()
    else {
        return None;
    };
    let stands = item.finding.day <= as_of && undone.is_none_or(|undone| as_of < undone);
    stands.then_some(Evidence {
        level,
        level_name,
        expires,
        item,
    })
}

impl Evidence {
    fn outcome(self, person: String, status: Status) -> Outcome {
        let Item {
            finding,
            statements,
            definition,
        } = self.item;
        Outcome {
            person,
            competence: finding.competence,
            basis: finding.basis,
            level: self.level,
            level_name: self.level_name,
            status,
            phase: finding.phase,
            rule: finding.rule,
            comparison: finding.comparison.to_string(),
            statements,
            day: finding.day,
            expires: self.expires,
            definition,
        }
    }
}

const COLUMNS: [&str; 16] = [
    "person",
    "competence",
    "basis",
    "level",
    "level_name",
    "status",
    "phase",
    "rule",
    "comparison",
    "statements",
    "day",
    "expires",
    "definition",
    "as_of",
    "known_at",
    "complete_through",
];

impl OutcomeTable {
    /// Writes the table as CSV (RFC 4180): a header, then one record per outcome.
    ///
    /// A text that a spreadsheet would take for a formula is preceded by an apostrophe.
    pub fn write_csv(&self, out: impl Write) -> Result<(), csv::Error> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        writer.write_record(COLUMNS)?;
        for outcome in &self.outcomes {
            writer.write_record(self.record(outcome).iter().map(|cell| guarded(cell)))?;
        }
        writer.flush()?;
        Ok(())
    }

    fn record(&self, outcome: &Outcome) -> [String; 16] {
        let statements: Vec<_> = outcome.statements.iter().map(ToString::to_string).collect();
        let status = match outcome.status {
            Status::Current => "current",
            Status::Lapsed => "lapsed",
        };
        let phase = match outcome.phase {
            Phase::Pre => "pre",
            Phase::Post => "post",
            Phase::Any => "any",
        };
        [
            outcome.person.clone(),
            outcome.competence.clone(),
            outcome.basis.name().to_owned(),
            outcome.level.to_string(),
            outcome.level_name.clone().unwrap_or_default(),
            status.to_owned(),
            phase.to_owned(),
            outcome.rule.clone(),
            outcome.comparison.clone(),
            statements.join(" "),
            outcome.day.to_string(),
            outcome
                .expires
                .map(|day| day.to_string())
                .unwrap_or_default(),
            outcome.definition.to_string(),
            self.as_of.to_string(),
            self.known_at
                .map(|instant| instant.to_string())
                .unwrap_or_default(),
            self.complete_through
                .map(|instant| instant.to_string())
                .unwrap_or_default(),
        ]
    }
}

/// Keeps a spreadsheet from taking a text for a formula.
fn guarded(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky && varde_xapi::Number::parse(cell).is_none() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_formula_is_disarmed_and_a_number_is_left_alone() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+47 000", "'+47 000"),
            ("-cmd", "'-cmd"),
            ("@sum", "'@sum"),
            ("\tx", "'\tx"),
            ("-0.5", "-0.5"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(guarded(cell), written);
        }
    }
}
