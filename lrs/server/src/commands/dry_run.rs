//! What an import would do, line by line, beside what the store knows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;
use varde_core::registers::files::{FileFaults, FileKind, RegisterFiles};
use varde_core::registers::{LineNews, judge};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
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
            let (news, fields) = judge(&said);
            let judged = match news {
                LineNews::New => Verdict::New,
                LineNews::Changed => Verdict::Changed,
                LineNews::Unchanged => Verdict::Unchanged,
            };
            lines.push(Judged {
                file: verdict.file.clone(),
                sheet: verdict.sheet.clone(),
                line: verdict.line,
                kind: Some(verdict.kind),
                verdict: judged,
                fields,
                why: Vec::new(),
                warnings: verdict.warnings.clone(),
            });
        }
        lines.sort_by(|a, b| (&a.file, &a.sheet, a.line).cmp(&(&b.file, &b.sheet, b.line)));
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
                place(&line.file, line.sheet.as_deref()),
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

/// Names a file, or a sheet of it.
pub(super) fn place(file: &str, sheet: Option<&str>) -> String {
    match sheet {
        Some(sheet) => format!("{file}, {sheet}"),
        None => file.to_owned(),
    }
}

fn refused(faults: &FileFaults) -> Vec<Judged> {
    type Place = (String, Option<String>, Option<u64>);
    let mut lines: BTreeMap<Place, Vec<String>> = BTreeMap::new();
    for fault in &faults.0 {
        let column = fault.column.iter().map(|column| format!("{column}: "));
        let why = column.chain([fault.sentence.clone()]).collect();
        let place = (fault.file.clone(), fault.sheet.clone(), fault.line);
        lines.entry(place).or_default().push(why);
    }
    let line = |((file, sheet, line), why)| Judged {
        file,
        sheet,
        line,
        kind: None,
        verdict: Verdict::Refused,
        fields: Vec::new(),
        why,
        warnings: Vec::new(),
    };
    lines.into_iter().map(line).collect()
}
