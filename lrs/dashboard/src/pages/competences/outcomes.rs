//! The outcomes behind the numbers of a competence, person by person, as far as the visitor sees them.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_competence::{Basis, Cursor, Outcome, OutcomeQuery, OutcomeTable, Status};
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};

use super::super::learners::path;
use super::super::{as_of, given};
use super::asked::BASES;
use super::{Told, address, competence, file, spoken, word};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Outcomes, fill};

const KNOWN: &[&str] = &["competence", "basis", "status", "post", "as_of", "cursor"];
const STATUSES: [Status; 3] = [Status::Current, Status::Lapsed, Status::Revoked];
/// How many outcomes a page shows.
const PER_PAGE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "competences/outcomes.html")]
struct OutcomesPage {
    frame: Frame,
    words: &'static Outcomes,
    back: String,
    competence: String,
    post: String,
    as_of: String,
    basis: Vec<(String, String, bool)>,
    status: Vec<(String, String, bool)>,
    told: String,
    rows: Vec<Row>,
    next: Option<String>,
    csv: String,
}

/// What somebody attained.
#[derive(Debug)]
struct Row {
    person: String,
    /// The person's page, where the visitor may open it.
    path: Option<String>,
    level: String,
    basis: &'static str,
    status: &'static str,
    day: String,
    rule: String,
    gain: String,
    why: String,
    why_label: String,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let query = query(&app, &visit, &known, Some(PER_PAGE))?;
    let told = Told::of(&app, &visit, &competence(&known)?).await?;
    let table = app.services().outcomes.query(visit.caller(), query.clone());
    let table = table.await.map_err(ApiError::from)?;
    let template = of(&visit, &known, (&query, &table), &told);
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Returns all of them as a table.
pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let query = query(&app, &visit, &known, None)?;
    let table = app.services().outcomes.query(visit.caller(), query).await;
    let table = table.map_err(ApiError::from)?;
    file(&format!("outcomes-{}", table.as_of), |to| {
        table.write_csv(to)
    })
}

fn query(
    app: &App,
    visit: &Visit,
    known: &Known,
    limit: Option<usize>,
) -> Result<OutcomeQuery, ApiError> {
    let cursor = given(known, "cursor").map(|text| {
        let expected = "the address of a next page, as a page gave it";
        let fault = |_| Finding::new("cursor", ProtocolRule::PageCursor, text, expected);
        text.parse::<Cursor>().map_err(fault)
    });
    let as_of = as_of(known, &*app.services().clock, visit.language)?;
    Ok(OutcomeQuery {
        competence: Some(competence(known)?),
        basis: word::<Basis>(known, "basis", BASES)?,
        status: word::<Status>(known, "status", "current, lapsed or revoked")?,
        post: word(known, "post", "best, first or last")?.unwrap_or_default(),
        cursor: cursor.transpose()?,
        limit,
        ..OutcomeQuery::as_of(as_of)
    })
}

fn of(
    visit: &Visit,
    known: &Known,
    (query, table): (&OutcomeQuery, &OutcomeTable),
    told: &Told,
) -> OutcomesPage {
    let (language, words) = (visit.language, Outcomes::of(visit.language));
    let name = told.name(language);
    let (iri, as_of) = (&told.one.competence.uri, query.as_of.to_string());
    let of = |name| given(known, name).unwrap_or_default();
    let filters = [
        ("competence", iri.as_str()),
        ("basis", of("basis")),
        ("status", of("status")),
        ("post", of("post")),
        ("as_of", &as_of),
    ];
    let any = |is_chosen| (String::new(), words.any.to_owned(), is_chosen);
    let bases = [Basis::Assessed, Basis::Observed, Basis::Own].map(|basis| {
        let said = basis.in_words(spoken(language)).to_owned();
        (basis.name().to_owned(), said, query.basis == Some(basis))
    });
    let statuses = STATUSES.map(|status| {
        let said = status.in_words(spoken(language)).to_owned();
        (status.name().to_owned(), said, query.status == Some(status))
    });
    let next = table.next.map(|next| {
        let next = next.to_string();
        let with_next: Vec<_> = filters.into_iter().chain([("cursor", &*next)]).collect();
        address("/competences/outcomes", &with_next)
    });
    let known_through = table.known_at.map(|known_at| {
        let of = [
            format::day(table.as_of, language),
            format::instant(known_at, language),
        ];
        fill(words.told, &of.each_ref().map(String::as_str))
    });
    let back = [
        ("competence", iri.as_str()),
        ("basis", of("basis")),
        ("post", of("post")),
    ];
    OutcomesPage {
        frame: visit.frame(fill(words.title, &[&name.text])),
        words,
        back: address("/competences/one", &back),
        competence: iri.clone(),
        post: of("post").to_owned(),
        basis: [any(query.basis.is_none())]
            .into_iter()
            .chain(bases)
            .collect(),
        status: [any(query.status.is_none())]
            .into_iter()
            .chain(statuses)
            .collect(),
        told: known_through.unwrap_or_default(),
        rows: table
            .outcomes
            .iter()
            .map(|one| row(one, (told, &as_of), visit))
            .collect(),
        next,
        csv: address("/competences/outcomes.csv", &filters),
        as_of,
    }
}

fn row(outcome: &Outcome, (told, as_of): (&Told, &str), visit: &Visit) -> Row {
    let language = visit.language;
    let reviews = visit.caller().may(Need::ReviewPeople).is_ok();
    let name = told.level_name(outcome.level, language);
    let level = match name.or_else(|| outcome.level_name.clone()) {
        Some(name) => format!("{} {name}", outcome.level),
        None => outcome.level.to_string(),
    };
    let gains = outcome.gains.iter().filter_map(|gain| gain.gain);
    let gains = gains.map(|gain| {
        let text = format::number(gain, language);
        if gain > 0 { format!("+{text}") } else { text }
    });
    let why = [
        ("person", outcome.person.as_str()),
        ("competence", &outcome.competence),
        ("basis", outcome.basis.name()),
        ("as_of", as_of),
    ];
    Row {
        person: outcome.person.clone(),
        path: reviews.then(|| path(&outcome.person)),
        level,
        basis: outcome.basis.in_words(spoken(language)),
        status: outcome.status.in_words(spoken(language)),
        day: format::day(outcome.day, language),
        rule: outcome.rule.clone(),
        gain: gains.collect::<Vec<_>>().join(", "),
        why: address("/competences/why", &why),
        why_label: fill(Outcomes::of(language).explain_of, &[&outcome.person]),
    }
}
