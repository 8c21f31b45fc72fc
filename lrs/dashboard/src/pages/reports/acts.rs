//! What the project office does to a report: each is a form, and leads back to the report.

use axum::extract::{Path, State};
use axum::response::Response;
use varde_http::pages::{Fields, SentForm};
use varde_http::{ApiError, App, Finding, ProtocolRule};
use varde_interreg::IndicatorCode;
use varde_interreg::reports::{NewLine, Place, amount};

use super::{path, place};
use crate::visit::see;

type Of = Path<(String, String)>;
type Done = Result<Response, ApiError>;

/// Leads back to a report, which says what was done.
fn back(place: &Place, done: &str) -> Response {
    see(&format!("{}?done={done}", path(place)))
}

/// Reads at which edit of the report the sender saw it.
pub(super) fn edit(fields: &Fields) -> Result<Option<u32>, ApiError> {
    number("edit", fields).map(Some)
}

fn number(name: &str, fields: &Fields) -> Result<u32, ApiError> {
    let text = fields.get(name);
    let expected = "the number that the form came with";
    let fault = |_| Finding::new(name, ProtocolRule::ReportNumber, text, expected);
    Ok(text.parse().map_err(fault)?)
}

pub(super) fn code(fields: &Fields) -> Result<IndicatorCode, ApiError> {
    let text = fields.get("code");
    let expected = "the code of an indicator, such as RCO85";
    let fault = |_| Finding::new("code", ProtocolRule::IndicatorCode, text, expected);
    Ok(text.parse().map_err(fault)?)
}

pub(super) async fn open(
    State(app): State<App>,
    Path((project, period)): Of,
    sent: SentForm,
) -> Done {
    let place = place(&project, &period)?;
    let caller = &sent.signed_in.caller;
    app.services().reports.open(caller, &place).await?;
    Ok(back(&place, "opened"))
}

pub(super) async fn give_back(
    State(app): State<App>,
    Path((project, period)): Of,
    sent: SentForm,
) -> Done {
    let place = place(&project, &period)?;
    let (caller, reason) = (&sent.signed_in.caller, sent.fields.get("reason"));
    let reports = &app.services().reports;
    reports.give_back(caller, &place, reason).await?;
    Ok(back(&place, "returned"))
}

pub(super) async fn accept(
    State(app): State<App>,
    Path((project, period)): Of,
    sent: SentForm,
) -> Done {
    let place = place(&project, &period)?;
    let caller = &sent.signed_in.caller;
    app.services().reports.accept(caller, &place).await?;
    Ok(back(&place, "accepted"))
}

pub(super) async fn comment(
    State(app): State<App>,
    Path((project, period)): Of,
    sent: SentForm,
) -> Done {
    let (place, edit) = (place(&project, &period)?, edit(&sent.fields)?);
    let code = code(&sent.fields)?;
    let said = (&code, sent.fields.get("text"));
    let (reports, caller) = (&app.services().reports, &sent.signed_in.caller);
    reports.comment(caller, &place, said, edit).await?;
    Ok(back(&place, "comment"))
}

pub(super) async fn add_line(
    State(app): State<App>,
    Path((project, period)): Of,
    sent: SentForm,
) -> Done {
    let (place, edit) = (place(&project, &period)?, edit(&sent.fields)?);
    let fields = &sent.fields;
    let new = NewLine {
        code: code(fields)?,
        amount: amount("amount", fields.get("amount"))?,
        reason: fields.get("reason").to_owned(),
        document: fields.get("document").to_owned(),
    };
    let (reports, caller) = (&app.services().reports, &sent.signed_in.caller);
    reports.add_line(caller, &place, new, edit).await?;
    Ok(back(&place, "line"))
}

pub(super) async fn approve_line(
    State(app): State<App>,
    Path((project, period)): Of,
    sent: SentForm,
) -> Done {
    let (place, edit) = (place(&project, &period)?, edit(&sent.fields)?);
    let line = number("line", &sent.fields)?;
    let (reports, caller) = (&app.services().reports, &sent.signed_in.caller);
    reports.approve_line(caller, &place, line, edit).await?;
    Ok(back(&place, "approved"))
}

pub(super) async fn withdraw_line(
    State(app): State<App>,
    Path((project, period)): Of,
    sent: SentForm,
) -> Done {
    let (place, edit) = (place(&project, &period)?, edit(&sent.fields)?);
    let line = number("line", &sent.fields)?;
    let (reports, caller) = (&app.services().reports, &sent.signed_in.caller);
    reports.withdraw_line(caller, &place, line, edit).await?;
    Ok(back(&place, "withdrawn"))
}
