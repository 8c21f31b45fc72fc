//! The page of what a project published.

use std::fmt::Write as _;

use super::release::{Dimension, Number, Release, ReleasedIndicator};
use crate::pack::html::escaped;
use crate::pack::messages::Message;
use crate::pack::{Language, Voice};

/// The style sheet of the page, which stands beside it.
pub const STYLE: &str = include_str!("page.css");

/// Writes the releases of a project as a page, the newest first. It has no script and no style of its
/// own: `style.css` is linked beside it.
pub fn page(releases: &[Release], language: Language) -> String {
    let said = |message: Message| message.html(language);
    let name = releases.last().map(|last| name(last, language));
    let name = escaped(&name.unwrap_or_default());
    let title = said(Message::Published);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}: {name}</title>\n\
         <link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n<header>\n<h1>{name}</h1>\n\
         <p>{title}</p>\n<nav>"
    );
    for other in Language::EACH {
        // Writing to a text cannot fail.
        let _ = write!(
            page,
            "<a href=\"?language={other}\" hreflang=\"{other}\">{other}</a> "
        );
    }
    let _ = write!(
        page,
        "</nav>\n</header>\n<main>\n<p>{}</p>\n",
        said(Message::HowPublished)
    );
    for release in releases.iter().rev() {
        page += &one(release, language);
    }
    page + "</main>\n</body>\n</html>\n"
}

fn name(release: &Release, language: Language) -> String {
    match &release.title {
        Some(title) => language.of(title).to_owned(),
        None => release.project.to_string(),
    }
}

fn one(release: &Release, language: Language) -> String {
    let said = |message: Message| message.html(language);
    let facts = [
        (Message::KnownUntil, release.known_at.to_string()),
        (Message::Zone, release.zone.clone()),
        (Message::RuleSet, release.rule_set.clone()),
        (Message::RuleSetHash, release.rule_set_hash.clone()),
        (Message::Snapshot, release.snapshot.to_string()),
    ];
    let mut html = format!(
        "<article>\n<h2>{} {}: {} {}</h2>\n<dl>\n",
        said(Message::Release),
        release.number,
        said(Message::To),
        release.period
    );
    for (name, value) in facts {
        let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", said(name), escaped(&value));
    }
    html += "</dl>\n";
    for indicator in &release.indicators {
        html += &of_indicator(indicator, release, language);
    }
    html + "</article>\n"
}

fn of_indicator(one: &ReleasedIndicator, release: &Release, language: Language) -> String {
    let (name, unit) = (
        escaped(language.of(&one.name)),
        escaped(language.of(&one.unit)),
    );
    let mut html = format!(
        "<section>\n<h3>{} {name}</h3>\n<p>{}: <strong>{}</strong> {unit}</p>\n",
        one.code,
        Message::Total.html(language),
        one.total.value
    );
    for (dimension, cells) in &one.tables {
        let named = escaped(&Voice::In(language).dimension(dimension.name()));
        if cells.is_empty() {
            let nothing = Message::AllHeldBack.html(language);
            let _ = writeln!(html, "<h4>{named}</h4>\n<p>{nothing}</p>");
            continue;
        }
        let number = Message::Number.html(language);
        let _ = write!(
            html,
            "<table>\n<thead><tr><th scope=\"col\">{named}</th><th scope=\"col\">{number}</th></tr>\
             </thead>\n<tbody>\n"
        );
        for (cell, number) in cells {
            let cell = escaped(&category(*dimension, cell, language));
            let number = shown(*number, release, language);
            let _ = writeln!(
                html,
                "<tr><th scope=\"row\">{cell}</th><td>{number}</td></tr>"
            );
        }
        html += "</tbody>\n</table>\n";
    }
    html + "</section>\n"
}

fn category(dimension: Dimension, cell: &str, language: Language) -> String {
    let voice = Voice::In(language);
    // What of a country has no known region: `NO unknown`.
    match cell.split_once(' ') {
        Some((country, rest)) if dimension == Dimension::Nuts3 => {
            format!("{} ({})", voice.value(country), voice.value(rest))
        }
        _ => voice.value(cell),
    }
}

fn shown(number: Option<Number>, release: &Release, language: Language) -> String {
    match number {
        None => Message::HeldBack.html(language).to_owned(),
        Some(number) if number.as_of == release.period => number.value.to_string(),
        Some(Number { value, as_of }) => {
            let as_of_day = Message::AsOf.html(language).to_lowercase();
            format!("{value} ({as_of_day} {as_of})")
        }
    }
}
