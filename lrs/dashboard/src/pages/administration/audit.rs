//! The audit log: who was told what of persons in the caller's projects.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::audit::{AuditLine, AuditPage};
use varde_core::registers::PersonId;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};

use super::{AdministrationPage, Cell, Table, csv_file};
use crate::format;
use crate::pages::given;
use crate::visit::Visit;
use crate::words::{Account, Administration, fill};

/// How many lines a page shows.
const PER_PAGE: usize = 50;
/// How many lines an export has at most.
const EXPORTED_MAX: usize = 5_000;

async fn read(
    app: &App,
    visit: &Visit,
    known: &Known,
    limit: usize,
) -> Result<AuditPage, NotShown> {
    let before = given(known, "before").map(|text| {
        let expected = "the page that an answer leads to";
        let fault = || Finding::new("before", ProtocolRule::PageCursor, text, expected);
        text.parse::<u64>().map_err(|_| ApiError::from(fault()))
    });
    let audit = &app.services().audit;
    let read = audit.read(visit.caller(), before.transpose()?, limit).await;
    Ok(read.map_err(ApiError::from)?)
}

/// Shows lines, the newest first, with the hash of the last of all.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["before"])?;
    let audit = read(&app, &visit, &known, PER_PAGE).await?;
    let words = Administration::of(visit.language);
    let rows = audit.lines.iter().map(|line| row(line, &visit));
    let number = format::number(audit.last, visit.language);
    let next = audit.next;
    let next = next.map(|next| (format!("/administration/audit?before={next}"), words.next));
    let newest =
        given(&known, "before").map(|_| ("/administration/audit".to_owned(), words.first_page));
    let template = AdministrationPage {
        lead: Some(words.audit_lead.to_owned()),
        facts: vec![(fill(words.head, &[&number]), audit.head.to_string())],
        note: Some(words.head_means),
        table: Some(Table {
            head: vec![
                words.number,
                words.at,
                words.who,
                words.role,
                words.told,
                words.persons,
                words.rows,
            ],
            rows: rows.collect(),
        }),
        csv: Some("/administration/audit.csv"),
        more: next.into_iter().chain(newest).collect(),
        ..AdministrationPage::new(&visit, words.audit)
    };
    Ok(template.answer(StatusCode::OK))
}

fn row(line: &AuditLine, visit: &Visit) -> Vec<Cell> {
    let language = visit.language;
    let persons: Vec<_> = line.told.persons.iter().map(PersonId::as_str).collect();
    let role = line.role.map(|role| Account::of(language).role(role));
    vec![
        Cell::text(format::number(line.number, language)),
        Cell::text(format::instant(line.at, language)),
        Cell::code(line.key.to_string()),
        Cell::text(role.unwrap_or_default()),
        Cell::text(line.told.query.as_str()),
        Cell::code(persons.join(" ")),
        Cell::text(format::number(line.told.rows, language)),
    ]
}

/// Returns the newest lines as a table, with the hash of each.
pub(super) async fn table(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["before"])?;
    let audit = read(&app, &visit, &known, EXPORTED_MAX).await?;
    let mut csv = Vec::new();
    audit
        .write_csv(&mut csv)
        .map_err(|_| ApiError::Internal("a table could not be written"))?;
    Ok(csv_file("audit", csv))
}
