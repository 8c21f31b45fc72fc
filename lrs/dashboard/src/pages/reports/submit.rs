//! What takes long: submitting a report, and packing it.

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use tokio::task::spawn_blocking;
use varde_core::Need;
use varde_http::pages::SentForm;
use varde_http::{ApiError, App, Finding, ProtocolRule};
use varde_interreg::pack::Inspection;
use varde_interreg::reports::ReportQuery;

use super::acts::edit;
use super::place;
use crate::visit::see;
use crate::work::{Outcome, Packed, What, Works};

/// Begins to freeze a draft, as it was looked at.
pub(super) async fn submit(
    State(app): State<App>,
    Extension(works): Extension<Works>,
    Path((project, period)): Path<(String, String)>,
    sent: SentForm,
) -> Result<Response, ApiError> {
    let (place, edit) = (place(&project, &period)?, edit(&sent.fields)?);
    let caller = sent.signed_in.caller.clone();
    caller.may(Need::ManageReports)?;
    let reports = app.services().reports.clone();
    let of = place.clone();
    let work = async move {
        let view = reports.submit(&caller, &of, edit).await?;
        let hash = view.listed.hash;
        let hash = hash.ok_or(ApiError::Internal("a submitted report has no hash"))?;
        Ok(Outcome::Submitted(of, view.listed.revision, hash))
    };
    let begun = works.begin((&app, &sent.signed_in), What::Submit(place), work);
    Ok(see(&begun?))
}

/// Begins to pack a submitted report, and to look at the pack as at one that somebody was sent.
pub(super) async fn pack(
    State(app): State<App>,
    Extension(works): Extension<Works>,
    Path((project, period)): Path<(String, String)>,
    sent: SentForm,
) -> Result<Response, ApiError> {
    let place = place(&project, &period)?;
    let text = sent.fields.get("revision");
    let expected = "the number of a revision";
    let fault = |_| Finding::new("revision", ProtocolRule::ReportNumber, text, expected);
    let revision: u32 = text.parse().map_err(fault)?;
    let caller = sent.signed_in.caller.clone();
    caller.may(Need::ReadReports)?;
    let packs = app.services().packs.clone();
    let of = place.clone();
    let work = async move {
        let query = ReportQuery {
            project: of.project.clone(),
            period: of.period,
            revision: Some(revision),
            known_at: None,
        };
        let pack = packs.pack(&caller, &query).await?;
        let made = spawn_blocking(move || {
            let zip = pack.zip().ok()?;
            let inspection = Inspection::of(&zip, None).ok()?;
            Some((zip, inspection))
        });
        let unwritten = ApiError::Internal("the pack could not be written");
        let (zip, inspection) = made.await.ok().flatten().ok_or(unwritten)?;
        Ok(Outcome::Packed(Packed {
            place: of,
            revision,
            zip: Bytes::from(zip),
            inspection,
        }))
    };
    let begun = works.begin((&app, &sent.signed_in), What::Pack(place), work);
    Ok(see(&begun?))
}
