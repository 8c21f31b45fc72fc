//! Notes of refused requests: what happened, where, by which rule, and the mend.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use varde_core::refusals::{Broken, NoteOfKey, UntoldRefusals, write_csv};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};

use super::given;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Refusals, fill};

const KNOWN: &[&str] = &["key", "from"];
/// How many notes a page shows.
const PER_PAGE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "refusals.html")]
struct RefusalsPage {
    frame: Frame,
    words: &'static Refusals,
    key: String,
    /// Whether none of the caller's projects has a key of this name.
    no_key: bool,
    /// How many there are, in a sentence.
    noted: String,
    notes: Vec<Shown>,
    csv: String,
    next: Option<String>,
}

/// A note as it is shown.
#[derive(Debug)]
struct Shown {
    key: String,
    what: String,
    status: u16,
    code: String,
    when: String,
    since: Option<String>,
    expected: Option<String>,
    broken: Vec<Fault>,
    of_these: Option<String>,
    /// Where no single rule was broken.
    mend: Option<&'static str>,
}

/// A broken rule as it is shown.
#[derive(Debug)]
struct Fault {
    broken: Broken,
    line: Option<String>,
    /// The mend, under the last of those in a row that have the same.
    mend: Option<&'static str>,
}

/// Shows the notes of a key, or of all of the caller's projects, the newest first.
pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let words = Refusals::of(visit.language);
    let key = given(&known, "key");
    let from = from(&known)?;
    let (notes, no_key) = match app.services().refusals.list(visit.caller(), key).await {
        Err(UntoldRefusals::NoKey) => (Vec::new(), true),
        notes => (notes.map_err(ApiError::from)?, false),
    };
    let total = format::number(notes.len(), visit.language);
    let end = from.saturating_add(PER_PAGE);
    let key = key.unwrap_or_default();
    let filter = if key.is_empty() {
        String::new()
    } else {
        format!("key={}&", utf8_percent_encode(key, NON_ALPHANUMERIC))
    };
    let template = RefusalsPage {
        frame: visit.frame(words.title),
        words,
        key: key.to_owned(),
        no_key,
        noted: fill(words.noted, &[&total]),
        next: (end < notes.len()).then(|| format!("/refusals?{filter}from={end}")),
        csv: format!("/refusals.csv?{}", filter.trim_end_matches('&')),
        notes: notes
            .into_iter()
            .skip(from)
            .take(PER_PAGE)
            .map(|note| Shown::of(note, &visit))
            .collect(),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Returns the same as a table.
pub(super) async fn table(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["key"])?;
    let refusals = &app.services().refusals;
    let notes = refusals.list(visit.caller(), given(&known, "key")).await;
    let mut csv = Vec::new();
    write_csv(&notes.map_err(ApiError::from)?, &mut csv)
        .map_err(|_| ApiError::Internal("a table could not be written"))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"refusals.csv\"",
        ),
    ];
    Ok((headers, csv).into_response())
}

/// Reads with which note the page begins.
fn from(known: &Known) -> Result<usize, ApiError> {
    let from = given(known, "from").map_or(Ok(0), |text| {
        let expected = "the page that an answer leads to";
        let fault = || Finding::new("from", ProtocolRule::PageCursor, text, expected);
        text.parse().map_err(|_| fault())
    });
    Ok(from?)
}

impl Shown {
    fn of(NoteOfKey { key, note }: NoteOfKey, visit: &Visit) -> Self {
        let (language, words) = (visit.language, Refusals::of(visit.language));
        let last = format::instant(note.last, language);
        let refusal = note.refusal;
        let told = refusal.broken.len();
        let number = |number: usize| format::number(number, language);
        let is_one = note.times == 1;
        Self {
            key,
            what: format!("{} {}", refusal.method, refusal.route),
            status: refusal.status,
            mend: refusal
                .broken
                .is_empty()
                .then(|| words.mend(None, &refusal.code)),
            when: if is_one {
                fill(words.once, &[&last])
            } else {
                fill(words.times, &[&format::number(note.times, language), &last])
            },
            since: (!is_one).then(|| fill(words.since, &[&format::instant(note.first, language)])),
            of_these: (told > 0 && refusal.total > told)
                .then(|| fill(words.of_these, &[&number(told), &number(refusal.total)])),
            expected: refusal.expected,
            broken: Fault::each(refusal.broken, &refusal.code, words),
            code: refusal.code,
        }
    }
}

impl Fault {
    fn each(broken: Vec<Broken>, code: &str, words: &'static Refusals) -> Vec<Self> {
        let mend = |broken: &Broken| words.mend(Some(&broken.rule), code);
        let mends: Vec<_> = broken.iter().map(mend).collect();
        let shown = broken.into_iter().enumerate().map(|(at, broken)| {
            let line = broken.line.zip(broken.column);
            Self {
                line: line.map(|(line, column)| {
                    fill(words.in_line, &[&line.to_string(), &column.to_string()])
                }),
                mend: (mends.get(at) != mends.get(at + 1)).then(|| mend(&broken)),
                broken,
            }
        });
        shown.collect()
    }
}
