//! Checking a pack that somebody was sent. It is kept nowhere.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tokio::task::spawn_blocking;
use varde_core::Need;
use varde_http::pages::{NotShown, SentFile};
use varde_http::{ApiError, App, Parameters};
use varde_interreg::pack::{Fingerprint, Inspection, Trusted};

use super::{Found, found_in};
use crate::visit::{Frame, Visit, page};
use crate::words::Packs;

#[derive(Debug, Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    frame: Frame,
    words: &'static Packs,
    csrf: String,
    /// What was wrong with what was sent.
    wrong: Option<(&'static str, String)>,
    found: Option<Found>,
}

/// Whoever reads what was published may be handed the pack of a report.
fn allowed(visit: &Visit) -> Result<(), ApiError> {
    Ok(visit.caller().may(Need::ReadReleases)?)
}

pub(super) async fn get(visit: Visit, parameters: Parameters) -> Result<Response, NotShown> {
    parameters.none()?;
    allowed(&visit)?;
    Ok(shown(&visit, StatusCode::OK, None, None))
}

pub(super) async fn post(
    State(app): State<App>,
    visit: Visit,
    sent: SentFile,
) -> Result<Response, NotShown> {
    allowed(&visit)?;
    let words = Packs::of(visit.language);
    let expected = sent.fields.get("fingerprint");
    let trusted = match expected.parse::<Fingerprint>() {
        Ok(fingerprint) => Some(Trusted::Fingerprint(fingerprint)),
        Err(_) if expected.is_empty() => None,
        Err(_) => {
            let wrong = Some((words.no_fingerprint, String::new()));
            return Ok(shown(&visit, StatusCode::BAD_REQUEST, wrong, None));
        }
    };
    let bytes = sent.file.bytes;
    let looked = spawn_blocking(move || Inspection::of(&bytes, trusted.as_ref())).await;
    let looked = looked.map_err(|_| ApiError::Internal("a pack could not be looked at"))?;
    match looked {
        Ok(inspection) => {
            let found = found_in(&app, &visit, &inspection).await?;
            Ok(shown(&visit, StatusCode::OK, None, Some(found)))
        }
        Err(error) => {
            let wrong = Some((words.no_pack, error.to_string()));
            Ok(shown(&visit, StatusCode::BAD_REQUEST, wrong, None))
        }
    }
}

fn shown(
    visit: &Visit,
    status: StatusCode,
    wrong: Option<(&'static str, String)>,
    found: Option<Found>,
) -> Response {
    let words = Packs::of(visit.language);
    let template = VerifyPage {
        frame: visit.frame(words.title),
        words,
        csrf: visit.csrf(),
        wrong,
        found,
    };
    page(status, visit.language, &template)
}
