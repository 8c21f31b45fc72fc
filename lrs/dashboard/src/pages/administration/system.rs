//! How the server fares.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_http::pages::NotShown;
use varde_http::{App, Parameters};

use super::{AdministrationPage, instant};
use crate::format;
use crate::visit::Visit;
use crate::words::{Administration, fill};

/// Shows how the server fares.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let status = app.services().system.status(visit.caller()).await?;
    let (language, words) = (visit.language, Administration::of(visit.language));
    let behind = match status.behind_since {
        Some(since) => fill(
            words.behind_by,
            &[
                &format::number(status.events_behind, language),
                &format::instant(since, language),
            ],
        ),
        None => words.not_behind.to_owned(),
    };
    let facts = [
        (words.varde, status.version.to_owned()),
        (words.store, status.store.to_owned()),
        (words.log_end, format::number(status.position.0, language)),
        (
            words.complete,
            format::instant(status.consistent_through, language),
        ),
        (words.behind, behind),
        (
            words.signer,
            status.signer.unwrap_or_else(|| words.no_signer.to_owned()),
        ),
        (
            words.backup,
            instant(status.last_backup, words.no_backup, language),
        ),
    ];
    let facts = facts.map(|(label, fact)| (label.to_owned(), fact));
    let template = AdministrationPage {
        lead: Some(words.system_lead.to_owned()),
        facts: facts.into(),
        ..AdministrationPage::new(&visit, words.system)
    };
    Ok(template.answer(StatusCode::OK))
}
