//! Projects, as the registers have them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};
use varde_interreg::{DirectoryQuery, Readings};

use super::{AdministrationPage, Cell, Table};
use crate::format;
use crate::pages::as_of;
use crate::visit::Visit;
use crate::words::{Administration, fill};

async fn readings(app: &App, visit: &Visit, parameters: Parameters) -> Result<Readings, NotShown> {
    let known = parameters.only(&["as_of"])?;
    let query = DirectoryQuery {
        project: None,
        as_of: as_of(&known, &*app.services().clock, visit.language)?,
        known_at: None,
    };
    let directory = &app.services().directory;
    let readings = directory.projects(visit.caller(), &query).await;
    Ok(readings.map_err(ApiError::from)?)
}

/// Shows each project with its fields.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let readings = readings(&app, &visit, parameters).await?;
    let (language, words) = (visit.language, Administration::of(visit.language));
    let told = [
        format::day(readings.as_of, language),
        format::instant(readings.complete_through, language),
    ];
    let lead = fill(words.projects_lead, &told.each_ref().map(String::as_str));
    let (told, csv) = ((words.projects, lead), "/administration/projects.csv");
    let template = AdministrationPage::listing(&visit, told, as_table(&readings, words), csv);
    Ok(template.answer(StatusCode::OK))
}

/// Returns the same as a table.
pub(super) async fn table(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let readings = readings(&app, &visit, parameters).await?;
    as_table(&readings, Administration::of(visit.language)).as_csv("projects")
}

fn as_table(readings: &Readings, words: &Administration) -> Table {
    let rows = readings.items.iter().flat_map(|reading| {
        reading.fields.iter().map(|(field, value)| {
            vec![
                Cell::text(reading.id.as_str()),
                Cell::code(field.as_str()),
                Cell::text(value.as_str()),
            ]
        })
    });
    Table {
        head: vec![words.project, words.field, words.value],
        rows: rows.collect(),
    }
}
