//! What is typed into portals: a cumulative number and a comment for each indicator, and the shape
//! of Jems.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value, json};

use super::PackError;
use super::html::{self, escaped};
use super::language::Language;
use super::messages::Message;
use super::provenance::Provenance;
use super::tables::shown;
use crate::reports::{ReportBody, ReportedIndicator};

const STYLE: &str = include_str!("annex.css");

/// Writes the sheet to paste from.
pub(super) fn sheet(body: &ReportBody, provenance: &Provenance, language: Language) -> String {
    let said = |message: Message| message.html(language);
    let name = escaped(&provenance.name(language));
    let title = format!("{} · {}", said(Message::PasteSheet), provenance.period.end);
    let mut page = html::head(&title, STYLE, language);
    let _ = write!(
        page,
        "<body>\n<main>\n<h1>{}</h1>\n<p>{name} · {}</p>\n<p>{}</p>\n\
         <table class=\"data\">\n<thead><tr>",
        said(Message::PasteSheet),
        escaped(&provenance.days(language)),
        said(Message::HowPaste),
    );
    for column in [
        Message::Code,
        Message::Name,
        Message::Cumulative,
        Message::Comment,
    ] {
        let _ = write!(page, "<th scope=\"col\">{}</th>", said(column));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for one in &body.indicators {
        let handed_in = one
            .handed_in()
            .map(|number| html::number(shown(number), language));
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td class=\"number cumulative\">{}</td>\
             <td class=\"comment\">{}</td></tr>",
            one.code,
            escaped(language.of(&one.name)),
            handed_in.unwrap_or_default(),
            escaped(&comment(one, language)),
        );
    }
    page.push_str("</tbody>\n</table>\n<table class=\"facts\">\n<tbody>\n");
    for (name, value) in provenance.facts(language) {
        let (name, value) = (name.html(language), escaped(&value));
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>"
        );
    }
    page + "</tbody>\n</table>\n</main>\n</body>\n</html>\n"
}

/// Returns what the office says of an indicator; where it says nothing, the figures in a sentence:
/// portals ask for a comment even when nothing is reported.
fn comment(one: &ReportedIndicator, language: Language) -> String {
    if let Some(comment) = &one.comment {
        return comment.clone();
    }
    let Some(figures) = &one.figures else {
        return Message::AsIs.text(language).to_owned();
    };
    let current = one
        .reported
        .map_or(figures.current, |reported| reported.current);
    if current.is_zero() && figures.new.is_zero() && figures.correction.is_zero() {
        return Message::NothingNew.text(language).to_owned();
    }
    let amount = |amount: Decimal| html::number(shown(amount), language);
    let parts = [
        (Message::New, figures.new),
        (Message::Correction, figures.correction),
        (
            Message::Manual,
            one.manual.map_or(Decimal::ZERO, |manual| manual.current),
        ),
    ];
    let parts = parts.iter().filter(|(_, part)| !part.is_zero());
    let parts = parts.map(|(name, part)| format!("{}: {}", name.text(language), amount(*part)));
    parts.collect::<Vec<_>>().join(". ") + "."
}

/// Writes the shape in which Jems takes figures: outputs by their codes, results by their number
/// in the report. Shares and distributions are not in it, since Jems adds up.
pub(super) fn jems(
    body: &ReportBody,
    provenance: &Provenance,
    language: Language,
) -> Result<Vec<u8>, PackError> {
    let (mut outputs, mut results) = (Vec::new(), Vec::new());
    for one in &body.indicators {
        let Some(reported) = one.reported else {
            continue;
        };
        let current = json!(shown(reported.current).to_f64());
        let said = json!([{
            "language": language.in_jems(),
            "translation": comment(one, language),
        }]);
        if one.code.is_result() {
            results.push(json!({
                "resultNumber": results.len() + 1,
                "code": one.code,
                "achievedInReportingPeriod": current,
                "description": said,
            }));
        } else {
            outputs.push(json!({
                "id": one.code,
                "currentReport": current,
                "progress": said,
            }));
        }
    }
    let names = super::provenance::COLUMNS.map(|(name, _)| name);
    let from = names.into_iter().zip(provenance.cells());
    let from: serde_json::Map<String, Value> = from
        .map(|(name, cell)| (name.to_owned(), cell.into()))
        .collect();
    let whole = json!({ "report": from, "outputs": outputs, "results": results });
    let mut bytes = serde_json::to_vec_pretty(&whole).map_err(|_| PackError::Unwritten("JSON"))?;
    bytes.push(b'\n');
    Ok(bytes)
}
