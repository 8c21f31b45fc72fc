//! The tables of a release.

use varde_interreg::pack::{Language, Voice};
use varde_interreg::publication::{Dimension, Number, Release, ReleasedIndicator};

use crate::format;
use crate::visit::Visit;
use crate::words::{Published, fill};

/// The tables of an indicator.
#[derive(Debug)]
pub(super) struct OfIndicator {
    /// Its code and name.
    pub(super) title: String,
    pub(super) total: String,
    pub(super) tables: Vec<Of>,
}

/// A table; without rows where it is held back as a whole.
#[derive(Debug)]
pub(super) struct Of {
    /// What makes its id unique on the page.
    pub(super) id: String,
    pub(super) dimension: String,
    pub(super) rows: Vec<(String, String)>,
}

impl OfIndicator {
    /// Returns those of each indicator of a release.
    pub(super) fn each(release: &Release, visit: &Visit) -> Vec<Self> {
        let indicators = release.indicators.iter();
        indicators
            .map(|one| Self::of(one, release, visit))
            .collect()
    }

    fn of(one: &ReleasedIndicator, release: &Release, visit: &Visit) -> Self {
        let (words, language) = (Published::of(visit.language), visit.language);
        let shown = |number: Option<Number>| shown(number, release, visit);
        let tables = one.tables.iter().map(|(dimension, cells)| Of {
            id: format!("r{}-{}-{}", release.number, one.code, dimension.name()),
            dimension: Voice::In(language).dimension(dimension.name()),
            rows: cells
                .iter()
                .map(|(cell, number)| (cell_name(*dimension, cell, language), shown(*number)))
                .collect(),
        });
        Self {
            title: format!("{} {}", one.code, language.of(&one.name)),
            total: fill(
                words.total,
                &[&shown(Some(one.total)), language.of(&one.unit)],
            ),
            tables: tables.collect(),
        }
    }
}

fn shown(number: Option<Number>, release: &Release, visit: &Visit) -> String {
    let words = Published::of(visit.language);
    let Some(number) = number else {
        return words.held_back.to_owned();
    };
    let value = format::number(number.value, visit.language);
    if number.as_of == release.period {
        return value;
    }
    fill(
        words.as_of,
        &[&value, &format::day(number.as_of, visit.language)],
    )
}

/// Names the value of a dimension.
pub(super) fn cell_name(dimension: Dimension, cell: &str, language: Language) -> String {
    let voice = Voice::In(language);
    // What of a country has no known region: `NO unknown`.
    match cell.split_once(' ') {
        Some((country, rest)) if dimension == Dimension::Nuts3 => {
            format!("{} ({})", voice.value(country), voice.value(rest))
        }
        _ => voice.value(cell),
    }
}
