//! The annex: a page to be printed and signed.

use std::fmt::Write as _;

use super::chart;
use super::html::{self, escaped};
use super::language::{Language, Voice};
use super::messages::Message;
use super::provenance::Provenance;
use super::tables::{Made, Sheet};
use crate::reports::ReportBody;

const STYLE: &str = include_str!("annex.css");

/// Who signs: the project leaders of both countries.
const LEADERS: usize = 2;

/// Writes the annex in a language.
pub(super) fn write(body: &ReportBody, provenance: &Provenance, language: Language) -> String {
    let made = Made {
        body,
        provenance,
        voice: Voice::In(language),
    };
    let said = |message: Message| message.html(language);
    let [
        summary,
        indicators,
        breakdowns,
        _,
        corrections,
        method,
        quality,
    ] = made.sheets();
    let name = escaped(&provenance.name(language));
    let title = format!("{} · {}", said(Message::Annex), provenance.period.end);
    let mut page = html::head(&title, STYLE, language);
    // The one outer table repeats head and foot on every printed page, in every browser.
    let _ = write!(
        page,
        "<body>\n<table class=\"page\">\n<thead><tr><td><div class=\"head\"><span>{name}</span>\
         <span>{}</span></div></td></tr></thead>\n\
         <tfoot><tr><td><div class=\"foot\">{}: <code>{}</code></div></td></tr></tfoot>\n\
         <tbody><tr><td>\n<main>\n<h1>{}</h1>\n",
        escaped(&provenance.days(language)),
        said(Message::ReportHash),
        provenance.hash,
        said(Message::Annex),
    );
    page += &facts(provenance, language);
    let _ = write!(
        page,
        "<h2>{}</h2>\n{}",
        said(Message::Progress),
        chart::progress(body, language)
    );
    page += &section(
        &summary,
        &[
            "code", "name", "unit", "current", "reported", "target", "reached",
        ],
        language,
    );
    let keys = [
        "code",
        "previous",
        "new",
        "correction",
        "current",
        "total",
        "manual",
        "reported",
        "value",
    ];
    page += &section(&indicators, &keys, language);
    page += &comments(body, language);
    page += &section(
        &corrections,
        &["code", "amount", "cause", "key", "reason", "approved"],
        language,
    );
    page += &section(&breakdowns, &[], language);
    page += &section(&quality, &[], language);
    page += &section(&method, &[], language);
    page += &signatures(provenance, language);
    page + "</main>\n</td></tr></tbody>\n</table>\n</body>\n</html>\n"
}

fn facts(provenance: &Provenance, language: Language) -> String {
    let mut html = "<table class=\"facts\">\n<tbody>\n".to_owned();
    for (name, value) in provenance.facts(language) {
        let (name, value) = (name.html(language), escaped(&value));
        // Writing to a text cannot fail.
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>"
        );
    }
    html + "</tbody>\n</table>\n"
}

fn section(sheet: &Sheet, keys: &[&str], language: Language) -> String {
    let mut html = format!("<section>\n<h2>{}</h2>\n", sheet.name.html(language));
    for table in &sheet.tables {
        if sheet.tables.len() > 1 && table.title != sheet.name {
            let _ = writeln!(html, "<h3>{}</h3>", table.title.html(language));
        }
        html += &html::table(table, keys, language);
    }
    for note in &sheet.notes {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", note.html(language));
    }
    html + "</section>\n"
}

fn comments(body: &ReportBody, language: Language) -> String {
    let comments = body
        .indicators
        .iter()
        .filter_map(|one| Some((one, one.comment.as_ref()?)));
    let mut html = String::new();
    for (one, comment) in comments {
        let (name, comment) = (escaped(language.of(&one.name)), escaped(comment));
        let code = &one.code;
        let _ = writeln!(html, "<dt>{code} {name}</dt><dd>{comment}</dd>");
    }
    if html.is_empty() {
        return html;
    }
    format!(
        "<h3>{}</h3>\n<dl>\n{html}</dl>\n",
        Message::Comment.html(language)
    )
}

fn signatures(provenance: &Provenance, language: Language) -> String {
    let said = |message: Message| message.html(language);
    let lines = [
        Message::Name,
        Message::OrganisationAndCountry,
        Message::PlaceAndDate,
        Message::Signature,
    ];
    let lines = lines.map(|line| format!("<div class=\"line\"><span>{}</span></div>", said(line)));
    let block = format!(
        "<div class=\"block\">\n<h3>{}</h3>\n{}\n</div>\n",
        said(Message::Leader),
        lines.join("\n")
    );
    format!(
        "<section class=\"signatures\">\n<h2>{}</h2>\n<p>{}: <code>{}</code></p>\n\
         <p>{}: <code>{}</code></p>\n<div class=\"blocks\">\n{}</div>\n</section>\n",
        said(Message::Signatures),
        said(Message::ReportHash),
        provenance.hash,
        said(Message::Signer),
        provenance.signer,
        block.repeat(LEADERS),
    )
}
