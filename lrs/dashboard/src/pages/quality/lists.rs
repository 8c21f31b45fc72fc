//! Statements that somebody should look at: those that count for no project, probable repeats, and those that came
//! with national identity numbers.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::statements::{
    NOTED_PER_PAGE_MAX, Noted, REPEATS_PER_PAGE_MAX, Repeat, UncountedReason, UncountedStatement,
};
use varde_core::{NationalIdPolicy, Position};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};
use varde_interreg::pack::Language;

use super::{List, allowed};
use crate::export;
use crate::format;
use crate::pages::given;
use crate::visit::{Frame, Visit, page};
use crate::words::{Quality, fill};

const KNOWN: &[&str] = &["after", "from"];
const PER_PAGE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "quality/list.html")]
struct ListPage {
    frame: Frame,
    words: &'static Quality,
    why: &'static str,
    none: &'static str,
    /// The columns behind the statement's own.
    head: Vec<&'static str>,
    rows: Vec<Row>,
    next: Option<String>,
    table: String,
}

/// A statement with what is said of it.
#[derive(Debug)]
struct Row {
    statement: String,
    cells: Vec<String>,
    /// Another statement that it is about.
    other: Option<String>,
}

/// What of one of the lists is shown.
struct Part {
    after: Option<String>,
    from: usize,
}

impl Part {
    fn of(known: &Known) -> Result<Self, ApiError> {
        let from = given(known, "from").map_or(Ok(0), |text| {
            let expected = "the number of statements before the page";
            text.parse()
                .map_err(|_| Finding::new("from", ProtocolRule::PageCursor, text, expected))
        });
        Ok(Self {
            after: given(known, "after").map(str::to_owned),
            from: from?,
        })
    }

    fn position(&self) -> Result<Option<Position>, ApiError> {
        let position = self.after.as_deref().map(|text| {
            let expected = "a position in the log, as a page gave it";
            let position = text.parse().map(Position);
            position.map_err(|_| Finding::new("after", ProtocolRule::Position, text, expected))
        });
        Ok(position.transpose()?)
    }

    /// Cuts the page out of what one question gave, and tells where the next one begins: within the same, or
    /// behind it.
    fn cut<T>(&self, path: &str, all: Vec<T>, behind: Option<String>) -> (Vec<T>, Option<String>) {
        let end = self.from.saturating_add(PER_PAGE);
        let next = if end < all.len() {
            let after = self.after.as_ref();
            let after = after.map_or_else(String::new, |after| format!("after={after}&"));
            Some(format!("{path}?{after}from={end}"))
        } else {
            behind.map(|behind| format!("{path}?after={behind}"))
        };
        let shown = all.into_iter().skip(self.from).take(PER_PAGE);
        (shown.collect(), next)
    }

    fn table(&self, path: &str) -> String {
        match &self.after {
            Some(after) => format!("{path}.csv?after={after}"),
            None => format!("{path}.csv"),
        }
    }
}

/// Returns the lists that there are, with how many are on them where that takes no walk through the log.
pub(super) async fn all(app: &App, visit: &Visit) -> Result<Vec<List>, ApiError> {
    let words = Quality::of(visit.language);
    let services = app.services();
    let repeats = services.repeats.list(visit.caller(), None).await?;
    let notes = services.national_ids.list(visit.caller(), None).await?;
    let count = |count: usize, max: usize| {
        let number = format::number(count, visit.language);
        if count >= max {
            fill(words.count, &[&fill(words.many, &[&number])])
        } else {
            fill(words.count, &[&number])
        }
    };
    Ok(vec![
        List {
            title: words.uncounted,
            why: words.uncounted_why,
            path: "/quality/uncounted",
            link: words.uncounted_look.to_owned(),
        },
        List {
            title: words.repeats,
            why: words.repeats_why,
            path: "/quality/repeats",
            link: count(repeats.len(), REPEATS_PER_PAGE_MAX),
        },
        List {
            title: words.national_ids,
            why: words.national_ids_why,
            path: "/quality/national-ids",
            link: count(notes.statements.len(), NOTED_PER_PAGE_MAX),
        },
    ])
}

/// Shows what one share of the log holds of statements that count for no project.
pub(super) async fn uncounted(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let part = Part::of(&parameters.only(KNOWN)?)?;
    let (found, behind) = uncounted_in(&app, &visit, &part).await?;
    let (words, path) = (Quality::of(visit.language), "/quality/uncounted");
    let (shown, next) = part.cut(path, found, behind.map(|next| next.0.to_string()));
    let rows = shown.iter().map(|one| Row {
        statement: one.statement.to_string(),
        cells: vec![
            format::instant(one.stored, visit.language),
            one.space.to_string(),
            reason(one.reason, words).to_owned(),
        ],
        other: None,
    });
    let template = ListPage {
        frame: visit.frame(words.uncounted),
        words,
        why: words.uncounted_why,
        none: words.uncounted_none,
        head: vec![words.stored, words.space, words.reason],
        rows: rows.collect(),
        next,
        table: part.table(path),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

async fn uncounted_in(
    app: &App,
    visit: &Visit,
    part: &Part,
) -> Result<(Vec<UncountedStatement>, Option<Position>), ApiError> {
    allowed(visit)?;
    let uncounted = &app.services().uncounted;
    let found = uncounted.list(visit.caller(), part.position()?).await?;
    Ok((found.statements, found.next))
}

fn reason(reason: UncountedReason, words: &Quality) -> &'static str {
    match reason {
        UncountedReason::NoProject => words.no_project,
        UncountedReason::Future => words.future,
    }
}

pub(super) async fn uncounted_csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let part = Part::of(&parameters.only(KNOWN)?)?;
    let (found, _) = uncounted_in(&app, &visit, &part).await?;
    let head = ["statement", "stored", "space", "reason"];
    let mut rows = Vec::new();
    for one in found {
        rows.push([
            one.statement.to_string(),
            one.stored.to_string(),
            one.space.to_string(),
            reason(one.reason, Quality::of(Language::En)).to_owned(),
        ]);
    }
    Ok(export::csv("uncounted", &head, rows.into_iter())?)
}

/// Shows statements that probably repeat others.
pub(super) async fn repeats(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let part = Part::of(&parameters.only(KNOWN)?)?;
    let found = repeats_in(&app, &visit, &part).await?;
    let last = found.last().map(|last| last.position.0.to_string());
    let last = last.filter(|_| found.len() >= REPEATS_PER_PAGE_MAX);
    let (words, path) = (Quality::of(visit.language), "/quality/repeats");
    let (shown, next) = part.cut(path, found, last);
    let rows = shown.iter().map(|one| Row {
        statement: one.statement.to_string(),
        cells: vec![
            format::instant(one.stored, visit.language),
            one.space.to_string(),
        ],
        other: Some(one.repeats.to_string()),
    });
    let template = ListPage {
        frame: visit.frame(words.repeats),
        words,
        why: words.repeats_why,
        none: words.repeats_none,
        head: vec![words.stored, words.space, words.repeat_of],
        rows: rows.collect(),
        next,
        table: part.table(path),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

async fn repeats_in(app: &App, visit: &Visit, part: &Part) -> Result<Vec<Repeat>, ApiError> {
    allowed(visit)?;
    let repeats = &app.services().repeats;
    Ok(repeats.list(visit.caller(), part.position()?).await?)
}

pub(super) async fn repeats_csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let part = Part::of(&parameters.only(KNOWN)?)?;
    let head = ["statement", "stored", "space", "repeats"];
    let mut rows = Vec::new();
    for one in repeats_in(&app, &visit, &part).await? {
        rows.push([
            one.statement.to_string(),
            one.stored.to_string(),
            one.space.to_string(),
            one.repeats.to_string(),
        ]);
    }
    Ok(export::csv("repeats", &head, rows.into_iter())?)
}

/// Shows statements that came with national identity numbers: where those stood, never what they are.
pub(super) async fn national_ids(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let part = Part::of(&parameters.only(KNOWN)?)?;
    let (found, behind) = noted_in(&app, &visit, &part).await?;
    let (words, path) = (Quality::of(visit.language), "/quality/national-ids");
    let (shown, next) = part.cut(path, found, behind);
    let rows = shown.iter().map(|one| Row {
        statement: one.statement.to_string(),
        cells: vec![
            one.space.to_string(),
            became(one.policy, words).to_owned(),
            one.paths.join(", "),
        ],
        other: None,
    });
    let template = ListPage {
        frame: visit.frame(words.national_ids),
        words,
        why: words.national_ids_why,
        none: words.national_ids_none,
        head: vec![words.space, words.became, words.places],
        rows: rows.collect(),
        next,
        table: part.table(path),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

async fn noted_in(
    app: &App,
    visit: &Visit,
    part: &Part,
) -> Result<(Vec<Noted>, Option<String>), ApiError> {
    allowed(visit)?;
    let notes = &app.services().national_ids;
    let found = notes.list(visit.caller(), part.after.as_deref()).await?;
    Ok((found.statements, found.next))
}

fn became(policy: NationalIdPolicy, words: &Quality) -> &'static str {
    match policy {
        NationalIdPolicy::Flag => words.flag,
        NationalIdPolicy::Mask => words.mask,
        NationalIdPolicy::Refuse => words.refuse,
    }
}

pub(super) async fn national_ids_csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let part = Part::of(&parameters.only(KNOWN)?)?;
    let head = ["statement", "space", "became", "paths"];
    let mut rows = Vec::new();
    for one in noted_in(&app, &visit, &part).await?.0 {
        rows.push([
            one.statement.to_string(),
            one.space.to_string(),
            became(one.policy, Quality::of(Language::En)).to_owned(),
            one.paths.join(" "),
        ]);
    }
    Ok(export::csv("national-ids", &head, rows.into_iter())?)
}
