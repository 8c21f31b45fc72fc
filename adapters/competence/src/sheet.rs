//! Tables as CSV (RFC 4180).

use std::io::Write;

use varde_core::disclosure::Shown;

use crate::catalogue::{CatalogueCompetence, FrameworkSummary, RuleSummary};
use crate::cohorts::{Cohort, CohortTable, DisclosedCohorts, ShownCohorts};

/// Writes records of cells. A text that a spreadsheet would take for a formula is preceded by an
/// apostrophe.
pub(crate) struct Sheet<W: Write>(csv::Writer<W>);

impl<W: Write> Sheet<W> {
    /// Begins with a header.
    pub(crate) fn new(out: W, columns: &[&str]) -> Result<Self, csv::Error> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        writer.write_record(columns)?;
        Ok(Self(writer))
    }

    pub(crate) fn record<'a>(
        &mut self,
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), csv::Error> {
        self.0.write_record(cells.into_iter().map(guarded))
    }

    pub(crate) fn end(mut self) -> Result<(), csv::Error> {
        self.0.flush()?;
        Ok(())
    }
}

/// Keeps a spreadsheet from taking a text for a formula.
fn guarded(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky && cell != "-" && varde_xapi::Number::parse(cell).is_none() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Writes frameworks as CSV: a header, then one record each.
pub fn frameworks(frameworks: &[FrameworkSummary], out: impl Write) -> Result<(), csv::Error> {
    let columns = [
        "uri",
        "title",
        "creator",
        "version",
        "changed",
        "language",
        "competences",
    ];
    let mut sheet = Sheet::new(out, &columns)?;
    for framework in frameworks {
        let number = framework.competences.to_string();
        sheet.record([
            framework.uri.as_str(),
            &framework.title,
            &framework.creator,
            framework.version.as_deref().unwrap_or_default(),
            &framework.changed,
            framework.language.as_deref().unwrap_or_default(),
            &number,
        ])?;
    }
    sheet.end()
}

/// Writes competences as CSV: a header, then one record each; lists are parted by spaces.
pub fn competences(competences: &[CatalogueCompetence], out: impl Write) -> Result<(), csv::Error> {
    let columns = [
        "uri",
        "framework",
        "code",
        "kind",
        "name",
        "parents",
        "alignments",
        "rules",
    ];
    let mut sheet = Sheet::new(out, &columns)?;
    for CatalogueCompetence {
        framework,
        competence,
        rules,
    } in competences
    {
        let alignments = competence.alignments.iter();
        let alignments: Vec<&str> = alignments.map(|alignment| alignment.uri.as_str()).collect();
        sheet.record([
            competence.uri.as_str(),
            framework.as_deref().unwrap_or_default(),
            competence.code.as_deref().unwrap_or_default(),
            competence.kind.as_deref().unwrap_or_default(),
            &competence.name,
            &competence.parents.join(" "),
            &alignments.join(" "),
            &rules.join(" "),
        ])?;
    }
    sheet.end()
}

/// Writes rules as CSV: a header, then one record each.
pub fn rules(rules: &[RuleSummary], out: impl Write) -> Result<(), csv::Error> {
    let columns = [
        "rule",
        "version",
        "title",
        "framework",
        "competence",
        "basis",
        "phase",
        "hash",
    ];
    let mut sheet = Sheet::new(out, &columns)?;
    for rule in rules {
        sheet.record([
            rule.rule.as_str(),
            &rule.version.to_string(),
            rule.title.as_deref().unwrap_or_default(),
            rule.framework.as_deref().unwrap_or_default(),
            &rule.competence,
            rule.basis.name(),
            rule.phase.name(),
            &rule.hash.to_string(),
        ])?;
    }
    sheet.end()
}

impl CohortTable {
    /// Writes cohorts as CSV: a header, then one record for each number.
    pub fn write_csv(&self, out: impl Write) -> Result<(), csv::Error> {
        let columns = [
            "project",
            "competence",
            "basis",
            "by",
            "cohort",
            "number",
            "value",
            "as_of",
        ];
        let mut sheet = Sheet::new(out, &columns)?;
        let as_of = self.as_of.to_string();
        let numbers = match &self.shown {
            ShownCohorts::Cohorts(cohorts) => cohorts
                .iter()
                .flat_map(|cohort| numbers(cohort, &as_of))
                .collect(),
            ShownCohorts::Disclosed(tables) => disclosed(tables),
        };
        for [cohort, number, value, as_of] in numbers {
            let head = [
                self.project.as_str(),
                &self.competence,
                self.basis.name(),
                self.by.name(),
            ];
            let cells = [cohort.as_str(), &number, &value, &as_of];
            sheet.record(head.into_iter().chain(cells))?;
        }
        sheet.end()
    }
}

/// Cohort, name of the number, the number, and the day that it is of.
type Numbered = [String; 4];

fn numbers(cohort: &Cohort, as_of: &str) -> Vec<Numbered> {
    let (change, drop_out) = (&cohort.change, &cohort.drop_out);
    let levels = cohort.levels.iter();
    let levels = levels.map(|(level, number)| (format!("level {level}"), Some(number.to_string())));
    let counted = [
        ("persons", cohort.persons),
        ("paired", change.paired),
        ("pre_only", change.pre_only),
        ("post_only", change.post_only),
        ("began", drop_out.began),
        ("finished", drop_out.finished),
        ("left", drop_out.left),
        ("under_way", drop_out.under_way),
    ];
    let counted = counted.map(|(name, number)| (name.to_owned(), Some(number.to_string())));
    let difference = cohort.difference.as_ref();
    let shares = [
        ("against", difference.map(|d| d.against.clone())),
        ("mean_pre", change.mean_pre.clone()),
        ("mean_post", change.mean_post.clone()),
        ("mean", change.mean.clone()),
        ("median", change.median.clone()),
        ("share_gained", change.share_gained.clone()),
        ("share_at_target", change.share_at_target.clone()),
        (
            "difference of mean",
            difference.and_then(|d| d.mean.clone()),
        ),
        (
            "difference of share_gained",
            difference.and_then(|d| d.share_gained.clone()),
        ),
        (
            "difference of share_at_target",
            difference.and_then(|d| d.share_at_target.clone()),
        ),
    ];
    let shares = shares.map(|(name, share)| (name.to_owned(), share));
    let all = counted.into_iter().chain(levels).chain(shares);
    all.filter_map(|(name, value)| Some([cohort.value.clone(), name, value?, as_of.to_owned()]))
        .collect()
}

/// What is not shown is an empty value; what is of the whole project has no cohort.
fn disclosed(tables: &DisclosedCohorts) -> Vec<Numbered> {
    let mut numbers = Vec::new();
    let mut add = |cohort: &str, number: String, shown: Option<&Shown>| {
        let value = shown.map(|shown| shown.value.to_string());
        let as_of = shown.map(|shown| shown.as_of.to_string());
        let [value, as_of] = [value, as_of].map(Option::unwrap_or_default);
        numbers.push([cohort.to_owned(), number, value, as_of]);
    };
    add("", "persons".to_owned(), tables.persons.total.as_ref());
    for (value, shown) in &tables.persons.cells {
        add(value, "persons".to_owned(), shown.as_ref());
    }
    add("", "levels".to_owned(), tables.levels.total.as_ref());
    for (level, shown) in &tables.levels.cells {
        add("", format!("level {level}"), shown.as_ref());
    }
    if let Some(change) = &tables.change {
        let mean = change.mean.clone().unwrap_or_default();
        for (number, value) in [("paired", change.paired.to_string()), ("mean", mean)] {
            let as_of = change.as_of.to_string();
            numbers.push([String::new(), number.to_owned(), value, as_of]);
        }
    }
    numbers
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
            ("-", "-"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(guarded(cell), written);
        }
    }
}
