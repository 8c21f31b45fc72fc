//! Pieces of HTML. Everything that is not the program's own text comes in through [`escaped`].

use std::fmt::Write as _;

use super::language::Language;
use super::messages::Message;
use super::tables::{Cell, Table};

/// How long a word may be before it may be broken anywhere.
const WORD_MAX: usize = 20;

/// Returns a text as it stands in HTML, within an element or an attribute in double quotes. Control
/// characters, which no page may hold, are left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other if other.is_control() && !other.is_whitespace() => {}
            other => html.push(other),
        }
    }
    html
}

/// Returns a number as people of a language write it.
pub(crate) fn number(number: rust_decimal::Decimal, language: Language) -> String {
    match language {
        Language::En => number.to_string(),
        Language::Nb | Language::Sv => number.to_string().replace('.', ","),
    }
}

/// Begins a page: nothing from elsewhere is loaded, and no script runs.
pub(crate) fn head(title: &str, style: &str, language: Language) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n\
         <style>\n{style}</style>\n</head>\n",
        escaped(title)
    )
}

/// Writes the columns of a table of those keys, all where there are none.
pub(crate) fn table(table: &Table, keys: &[&str], language: Language) -> String {
    if table.rows.is_empty() {
        return format!("<p>{}</p>\n", Message::NothingHere.html(language));
    }
    let is_shown = |key: &str| keys.is_empty() || keys.contains(&key);
    let shown: Vec<usize> = (0..)
        .zip(table.columns)
        .filter(|(_, column)| is_shown(column.key))
        .map(|(at, _)| at)
        .collect();
    let mut html = "<table class=\"data\">\n<thead><tr>".to_owned();
    for column in shown.iter().filter_map(|at| table.columns.get(*at)) {
        // Writing to a text cannot fail.
        let _ = write!(
            html,
            "<th scope=\"col\">{}</th>",
            column.title.html(language)
        );
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        html.push_str("<tr>");
        for cell in shown.iter().filter_map(|at| row.get(*at)) {
            html.push_str(&self::cell(cell, language));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n");
    html
}

fn cell(cell: &Cell, language: Language) -> String {
    match cell {
        Cell::Empty => "<td></td>".to_owned(),
        Cell::Text(text) => {
            let mut words = text.split_whitespace();
            let is_long = words.any(|word| word.chars().count() > WORD_MAX);
            let class = if is_long { " class=\"long\"" } else { "" };
            format!("<td{class}>{}</td>", escaped(text))
        }
        Cell::Number(number) => {
            format!(
                "<td class=\"number\">{}</td>",
                self::number(*number, language)
            )
        }
        Cell::Day(day) => format!("<td>{day}</td>"),
    }
}
