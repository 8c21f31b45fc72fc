//! Definitions: what counts, and where each stands.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::definitions::State as Standing;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};

use super::{AdministrationPage, Cell, Table};
use crate::format;
use crate::visit::Visit;
use crate::words::Administration;

/// Shows every definition.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let words = Administration::of(visit.language);
    let told = (words.definitions, words.definitions_lead);
    let csv = "/administration/definitions.csv";
    let template = AdministrationPage::listing(&visit, told, all(&app, &visit).await?, csv);
    Ok(template.answer(StatusCode::OK))
}

/// Returns the same as a table.
pub(super) async fn table(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    all(&app, &visit).await?.as_csv("definitions")
}

async fn all(app: &App, visit: &Visit) -> Result<Table, NotShown> {
    let words = Administration::of(visit.language);
    let listed = app.services().definitions.listed(visit.caller()).await;
    let listed = listed.map_err(ApiError::from)?;
    let rows = listed.iter().map(|one| {
        vec![
            Cell::text(one.kind.as_str()),
            Cell::text(format!("{}@{}", one.id, one.version)),
            Cell::text(match one.state {
                Standing::Installed => words.installed,
                Standing::Current => words.current,
                Standing::Superseded => words.superseded,
            }),
            Cell::text(format::number(one.examples, visit.language)),
            Cell::code(one.hash.to_string()),
        ]
    });
    Ok(Table {
        head: vec![
            words.kind,
            words.version,
            words.state,
            words.examples,
            words.hash,
        ],
        rows: rows.collect(),
    })
}
