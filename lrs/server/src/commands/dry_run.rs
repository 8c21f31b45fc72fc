//! What an import would do, line by line, beside what the store knows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;
use varde_core::registers::News;
use varde_core::registers::files::{FileFaults, FileKind, RegisterFiles};

use crate::exit::Failure;
use crate::terminal::columns;
use crate::wiring::Parts;

/// What a line would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    New,
    Changed,
    Unchanged,
    Refused,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// One line of a file, without anything that names a person.
#[derive(Debug, Serialize)]
struct Judged {
    file: String,
    line: Option<u64>,
    /// What the file holds; `None` where that could not be told.
    kind: Option<FileKind>,
    verdict: Verdict,
    /// The fields that would change.
    fields: Vec<String>,
    /// Why it is refused.
    why: Vec<String>,
    warnings: Vec<String>,
}

/// The verdicts on a set of files.
#[derive(Debug)]
pub(crate) struct DryRun {
    lines: Vec<Judged>,
}

impl DryRun {
    /// Compares a set of files with a store.
    pub(crate) async fn of(
        parts: &Parts,
        files: &RegisterFiles,
        faults: &FileFaults,
    ) -> Result<Self, Failure> {
        let news = parts.registers.examine(&files.rows).await?;
        let mut rest = files.rows.iter().zip(news);
        let mut lines = refused(faults);
        for verdict in &files.verdicts {
            let rows = rest.by_ref().take(verdict.rows);
            let said: Vec<_> = rows.map(|(row, news)| (row.field.clone(), news)).collect();
            let (judged, fields) = judge(&said);
            lines.push(Judged {
                file: verdict.file.clone(),
                line: verdict.line,
                kind: Some(verdict.kind),
                verdict: judged,
                fields,
                why: Vec::new(),
                warnings: verdict.warnings.clone(),
            });
        }
        lines.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Ok(Self { lines })
    }

    /// Returns the verdicts as JSON.
    pub(crate) fn as_json(&self) -> String {
        let counts: BTreeMap<&str, usize> = (self.counts().into_iter())
            .map(|(verdict, count)| (verdict.name(), count))
            .collect();
        let verdicts = json!({ "dry_run": true, "counts": counts, "verdicts": self.lines });
        format!("{verdicts}\n")
    }

    /// Returns a table of the lines that would do something or be refused, then the counts.
    pub(crate) fn as_text(&self) -> String {
        let header = ["File", "Line", "Verdict", "What"].map(str::to_owned);
        let mut table = vec![header.to_vec()];
        for line in self.lines.iter().filter(|line| line.tells()) {
            let what = [line.fields.as_slice(), &line.why, &line.warnings].concat();
            table.push(vec![
                line.file.clone(),
                line.line.map(|line| line.to_string()).unwrap_or_default(),
                line.verdict.name().to_owned(),
                what.join("; "),
            ]);
        }
        let mut text = if table.len() > 1 {
            columns(&table, &[1])
        } else {
            String::new()
        };
        let counts: Vec<_> = (self.counts().into_iter())
            .map(|(verdict, count)| format!("{count} {}", verdict.name()))
            .collect();
        let _ = writeln!(
            text,
            "  {}; nothing was changed (--dry-run)",
            counts.join(", ")
        );
        text
    }

    fn counts(&self) -> BTreeMap<Verdict, usize> {
        let mut counts = BTreeMap::new();
        for line in &self.lines {
            *counts.entry(line.verdict).or_default() += 1;
        }
        counts
    }
}

impl Judged {
    fn tells(&self) -> bool {
        self.verdict != Verdict::Unchanged || !self.warnings.is_empty()
    }
}

/// A line that brings something where something was known already is a change, and names the
/// fields; one about which nothing was known is new as a whole.
fn judge(said: &[(String, News)]) -> (Verdict, Vec<String>) {
    let is_known = |(_, news): &(String, News)| matches!(news, News::Changed | News::Unchanged);
    let brings = |(_, news): &&(String, News)| matches!(news, News::New | News::Changed);
    let fields = || {
        said.iter()
            .filter(brings)
            .map(|(field, _)| printable(field))
    };
    match (fields().next().is_some(), said.iter().any(is_known)) {
        (false, _) => (Verdict::Unchanged, Vec::new()),
        (true, false) => (Verdict::New, Vec::new()),
        (true, true) => (Verdict::Changed, fields().collect()),
    }
}

/// Leaves out of a field what it is about, which may be a sole trader's number.
fn printable(field: &str) -> String {
    field.split(':').next().unwrap_or_default().to_owned()
}

fn refused(faults: &FileFaults) -> Vec<Judged> {
    let mut lines: BTreeMap<(String, Option<u64>), Vec<String>> = BTreeMap::new();
    for fault in &faults.0 {
        let column = fault.column.iter().map(|column| format!("{column}: "));
        let why = column.chain([fault.sentence.clone()]).collect();
        let place = (fault.file.clone(), fault.line);
        lines.entry(place).or_default().push(why);
    }
    let line = |((file, line), why)| Judged {
        file,
        line,
        kind: None,
        verdict: Verdict::Refused,
        fields: Vec::new(),
        why,
        warnings: Vec::new(),
    };
    lines.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_judged_by_what_its_fields_bring() {
        use News::{Changed, New, Nothing, Unchanged};

        let judged = |news: &[News]| {
            let said: Vec<_> = (news.iter())
                .zip(["gender", "nuts3", "organiser:NO-123456785"])
                .map(|(news, field)| (field.to_owned(), *news))
                .collect();
            judge(&said)
        };
        let changed = |fields: &[&str]| {
            let fields = fields.iter().map(|field| (*field).to_owned()).collect();
            (Verdict::Changed, fields)
        };
        assert_eq!(judged(&[New, Nothing]), (Verdict::New, vec![]));
        assert_eq!(judged(&[Unchanged, Nothing]), (Verdict::Unchanged, vec![]));
        assert_eq!(judged(&[Nothing]), (Verdict::Unchanged, vec![]));
        assert_eq!(judged(&[Unchanged, New]), changed(&["nuts3"]));
        assert_eq!(
            judged(&[Changed, Unchanged, New]),
            changed(&["gender", "organiser"])
        );
    }
}
