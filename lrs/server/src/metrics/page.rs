//! The page of all metrics, written from what is registered.

use std::fmt::Write as _;

use super::Metrics;
use crate::exit::Failure;

const TOP: &str = "\
# Metrics

`varde config metrics` writes this page from the code; a test fails where they differ. They are served at `/metrics` of the
operator's listener in the text format of Prometheus. No label holds a learner's name or id. `helm/varde/files` has rules that
alert on them and a dashboard for Grafana.

| metric | kind | labels | what it counts |
|---|---|---|---|
";

/// Returns the page, in Markdown.
pub(crate) fn page() -> Result<String, Failure> {
    let described = Metrics::registered().and_then(|metrics| metrics.described());
    let described = described.map_err(|error| Failure::software(&error))?;
    let mut page = TOP.to_owned();
    for (name, (kind, labels, help)) in described {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let _ = writeln!(
            page,
            "| `{name}` | {kind} | {} | {help} |",
            labels.join(", ")
        );
    }
    Ok(page)
}
