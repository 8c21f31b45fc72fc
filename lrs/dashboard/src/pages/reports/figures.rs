//! The figures of a report as tables show them.

use varde_interreg::pack::{Language, shown};
use varde_interreg::reports::{ReportBody, ReportedIndicator};

use crate::format;
use crate::pages::indicator_path;
use crate::words::{Reports, fill};

/// The figures of one indicator.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) unit: String,
    /// Previous, new, correction, total and manual; empty for what does not add up over periods.
    pub(super) parts: [String; 5],
    pub(super) handed_in: String,
    pub(super) target: String,
    /// The opening balance that they begin from.
    pub(super) opening: Option<String>,
}

impl Figure {
    /// Returns those of every indicator of a report.
    pub(super) fn each(body: &ReportBody, language: Language) -> Vec<Self> {
        let indicators = body.indicators.iter();
        indicators
            .map(|one| Self::of(one, body, language))
            .collect()
    }

    fn of(one: &ReportedIndicator, body: &ReportBody, language: Language) -> Self {
        let figures = one.figures;
        let number = |number| format::number(shown(number), language);
        let part = |of: fn(&varde_interreg::reports::Figures) -> _| {
            figures
                .as_ref()
                .map_or_else(String::new, |all| number(of(all)))
        };
        Self {
            code: one.code.to_string(),
            name: language.of(&one.name).to_owned(),
            path: indicator_path(&body.project, &one.code, body.period.end),
            unit: language.of(&one.unit).to_owned(),
            parts: [
                part(|all| all.previous),
                part(|all| all.new),
                part(|all| all.correction),
                part(|all| all.total),
                one.manual.map_or_else(String::new, |all| number(all.total)),
            ],
            handed_in: one.handed_in().map_or_else(String::new, number),
            target: one.aim().map_or_else(String::new, number),
            opening: one.opening.as_ref().map(|opening| {
                let told = [
                    number(opening.value),
                    format::day(opening.as_of, language),
                    opening.source.clone(),
                ];
                let words = Reports::of(language);
                fill(words.opening, &told.each_ref().map(String::as_str))
            }),
        }
    }
}
