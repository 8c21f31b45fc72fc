//! The record of a person as a page to read and to print. It needs nothing from elsewhere and runs nothing.

use std::fmt::{self, Display, Write};

use serde_json::Value;
use varde_competence::Language;
use varde_interreg::Names;

use super::WholeRecord;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
    padding:0 1rem;color:#1c1c1c}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.5rem}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;\
    padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}\
    pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem}\
    @media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}";

/// The words of the page in one language.
struct Words {
    title: &'static str,
    made: &'static str,
    identifiers: &'static str,
    registers: [&'static str; 5],
    outcomes: &'static str,
    counted: [&'static str; 5],
    statements: [&'static str; 5],
    documents: [&'static str; 4],
    readings: [&'static str; 4],
    none: &'static str,
}

const NB: Words = Words {
    title: "Det som er lagret om deg",
    made: "Satt sammen",
    identifiers: "Navn og kontoer du er funnet under",
    registers: ["Registre", "Felt", "Verdi", "Fra og med", "Til og med"],
    outcomes: "Kompetanser",
    counted: ["Tall du er med i", "Prosjekt", "Indikator", "Av", "Fra"],
    statements: ["Utsagn", "Tid", "Hva", "Om", "Hele utsagnet"],
    documents: ["Dokumenter", "Navn", "Endret", "Innhold"],
    readings: ["Hvem som har lest om deg", "Tid", "Rolle", "Hva"],
    none: "Ingenting.",
};
const SV: Words = Words {
    title: "Det som är sparat om dig",
    made: "Sammanställt",
    identifiers: "Namn och konton som du har hittats under",
    registers: ["Register", "Fält", "Värde", "Från och med", "Till och med"],
    outcomes: "Kompetenser",
    counted: ["Tal som du ingår i", "Projekt", "Indikator", "Av", "Från"],
    statements: ["Utsagor", "Tid", "Vad", "Om", "Hela utsagan"],
    documents: ["Dokument", "Namn", "Ändrat", "Innehåll"],
    readings: ["Vem som har läst om dig", "Tid", "Roll", "Vad"],
    none: "Ingenting.",
};
const EN: Words = Words {
    title: "What is held of you",
    made: "Put together",
    identifiers: "Names and accounts that you were found by",
    registers: ["Registers", "Field", "Value", "From", "To"],
    outcomes: "Competences",
    counted: [
        "Figures that count you",
        "Project",
        "Indicator",
        "Of",
        "From",
    ],
    statements: ["Statements", "Time", "What", "About", "The whole statement"],
    documents: ["Documents", "Name", "Changed", "Content"],
    readings: ["Who has read of you", "Time", "Role", "What"],
    none: "Nothing.",
};

/// A text in which nothing is markup.
struct Escaped<T>(T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.to_string().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl WholeRecord {
    /// Writes the record as a page in HTML.
    pub fn page(&self, language: Language) -> String {
        let mut page = String::new();
        // Writing to a text cannot fail.
        let _ = self.write(language, &mut page);
        page
    }

    fn write(&self, language: Language, page: &mut String) -> fmt::Result {
        let (code, words) = match language {
            Language::Nb => ("nb", NB),
            Language::Sv => ("sv", SV),
            Language::En => ("en", EN),
        };
        let held = &self.held;
        write!(
            page,
            "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title>\
             <style>{STYLE}</style></head><body>\n<h1>{0}</h1>\n<p>{1} {2}</p>\n",
            words.title, words.made, held.made_at
        )?;
        let names = held.pseudonyms.iter().chain(&held.identifiers);
        list(page, words.identifiers, names, words.none)?;
        let [title, columns @ ..] = words.registers;
        let rows = held.registers.iter().map(|row| {
            let day = |day: Option<jiff::civil::Date>| day.map_or(String::new(), |d| d.to_string());
            let value = row.value.clone().unwrap_or_default();
            [
                row.field.clone(),
                value,
                day(row.valid_from),
                day(row.valid_to),
            ]
        });
        table(page, title, columns, rows, words.none)?;
        let sentences = self.outcomes.iter().map(|one| match language {
            Language::Nb => &one.sentences.nb,
            Language::Sv => &one.sentences.sv,
            Language::En => &one.sentences.en,
        });
        list(page, words.outcomes, sentences, words.none)?;
        let [title, columns @ ..] = words.counted;
        let rows = self.counted.iter().map(|one| {
            let name = format!("{} {}", one.code, named(&one.name, language));
            let unit = one.unit.clone().unwrap_or_default();
            [one.project.to_string(), name, unit, one.day.to_string()]
        });
        table(page, title, columns, rows, words.none)?;
        self.write_statements(&words, page)?;
        let [title, columns @ ..] = words.documents;
        let rows = held.documents.iter().map(|one| {
            let content = one.text.as_ref().or(one.base64.as_ref());
            let content = content.cloned().unwrap_or_default();
            [one.id.clone(), one.updated.to_string(), content]
        });
        table(page, title, columns, rows, words.none)?;
        let [title, columns @ ..] = words.readings;
        let rows = held.readings.iter().map(|one| {
            let role = one.role.map_or(String::new(), |role| role.to_string());
            [one.at.to_string(), role, one.query.clone()]
        });
        table(page, title, columns, rows, words.none)?;
        page.write_str("</body></html>\n")
    }

    fn write_statements(&self, words: &Words, page: &mut String) -> fmt::Result {
        let [title, time, what, about, whole] = words.statements;
        let rows = self.held.statements.iter().map(|held| {
            let text = held.statement.get();
            let statement: Value = serde_json::from_str(text).unwrap_or_default();
            let part = |pointer: &str| {
                let found = statement.pointer(pointer).and_then(Value::as_str);
                found.unwrap_or_default().to_owned()
            };
            [part("/timestamp"), part("/verb/id"), part("/object/id")]
        });
        table(page, title, [time, what, about], rows, words.none)?;
        for held in &self.held.statements {
            let text = Escaped(held.statement.get());
            writeln!(
                page,
                "<details><summary>{whole}</summary><pre>{text}</pre></details>"
            )?;
        }
        Ok(())
    }
}

fn named(names: &Names, language: Language) -> &str {
    match language {
        Language::Nb => &names.nb,
        Language::Sv => &names.sv,
        Language::En => &names.en,
    }
}

fn list(
    page: &mut String,
    title: &str,
    items: impl Iterator<Item = impl Display>,
    none: &str,
) -> fmt::Result {
    writeln!(page, "<h2>{title}</h2>")?;
    let mut items = items.peekable();
    if items.peek().is_none() {
        return writeln!(page, "<p>{none}</p>");
    }
    page.write_str("<ul>\n")?;
    for item in items {
        writeln!(page, "<li>{}</li>", Escaped(item))?;
    }
    page.write_str("</ul>\n")
}

fn table<const N: usize>(
    page: &mut String,
    title: &str,
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    none: &str,
) -> fmt::Result {
    writeln!(page, "<h2>{title}</h2>")?;
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return writeln!(page, "<p>{none}</p>");
    }
    page.write_str("<table><thead><tr>")?;
    for cell in head {
        write!(page, "<th scope=\"col\">{cell}</th>")?;
    }
    page.write_str("</tr></thead><tbody>\n")?;
    for row in rows {
        page.write_str("<tr>")?;
        for cell in row {
            write!(page, "<td>{}</td>", Escaped(cell))?;
        }
        page.write_str("</tr>\n")?;
    }
    page.write_str("</tbody></table>\n")
}
