//! What a line of a register table says as a whole, beside what is known.

use serde::Serialize;

use super::News;

/// What a line would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineNews {
    /// It speaks of something of which nothing was known.
    New,
    /// It says something else than was known, or more.
    Changed,
    /// It says what was known.
    Unchanged,
}

/// Judges a line by its fields and what each of them brings. A line that brings something where
/// something was known already is a change, and names the fields; one about which nothing was known
/// is new as a whole. What a field is about is left out: it may be a sole trader's number.
pub fn judge(said: &[(String, News)]) -> (LineNews, Vec<String>) {
    let is_known = |(_, news): &(String, News)| matches!(news, News::Changed | News::Unchanged);
    let brings = |(_, news): &&(String, News)| matches!(news, News::New | News::Changed);
    let printable = |field: &str| field.split(':').next().unwrap_or_default().to_owned();
    let fields = || {
        let new = said.iter().filter(brings);
        new.map(|(field, _)| printable(field))
    };
    match (fields().next().is_some(), said.iter().any(is_known)) {
        (false, _) => (LineNews::Unchanged, Vec::new()),
        (true, false) => (LineNews::New, Vec::new()),
        (true, true) => (LineNews::Changed, fields().collect()),
    }
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
            (LineNews::Changed, fields)
        };
        assert_eq!(judged(&[New, Nothing]), (LineNews::New, vec![]));
        assert_eq!(judged(&[Unchanged, Nothing]), (LineNews::Unchanged, vec![]));
        assert_eq!(judged(&[Nothing]), (LineNews::Unchanged, vec![]));
        assert_eq!(judged(&[Unchanged, New]), changed(&["nuts3"]));
        assert_eq!(
            judged(&[Changed, Unchanged, New]),
            changed(&["gender", "organiser"])
        );
    }
}
