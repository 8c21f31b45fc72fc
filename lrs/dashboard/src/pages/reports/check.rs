//! What stands in the way of submitting a report, what it warns of, and what becomes final.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};
use varde_interreg::reports::{Obstacle, Warning};

use super::figures::Figure;
use super::{path, place};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Reports, fill};

#[derive(Debug, Template)]
#[template(path = "report_check.html")]
struct CheckPage {
    frame: Frame,
    words: &'static Reports,
    csrf: String,
    path: String,
    edit: u32,
    told: String,
    obstacles: Vec<String>,
    warnings: Vec<String>,
    figures: Vec<Figure>,
    may_submit: bool,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path((project, period)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let place = place(&project, &period)?;
    let check = app.services().reports.check(visit.caller(), &place).await;
    let check = check.map_err(ApiError::from)?;
    let words = Reports::of(visit.language);
    let number = check.view.listed.number.to_string();
    let until = format::instant(check.view.complete_through, visit.language);
    let may_manage = visit.caller().may(Need::ManageReports).is_ok();
    let template = CheckPage {
        frame: visit.frame(fill(words.check_title, &[&number, place.project.as_str()])),
        words,
        csrf: visit.csrf(),
        path: path(&place),
        edit: check.edit,
        told: fill(words.as_now, &[&until]),
        may_submit: may_manage && check.obstacles.is_empty(),
        obstacles: check
            .obstacles
            .iter()
            .map(|one| obstacle(*one, &visit))
            .collect(),
        warnings: check
            .warnings
            .iter()
            .map(|one| warning(one, &visit))
            .collect(),
        figures: Figure::each(&check.view.report, visit.language),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

fn obstacle(obstacle: Obstacle, visit: &Visit) -> String {
    let words = Reports::of(visit.language);
    match obstacle {
        Obstacle::State { found } => fill(words.in_state, &[words.state(found)]),
        Obstacle::Earlier { earlier, found } => {
            let day = format::day(earlier, visit.language);
            fill(words.earlier, &[&day, words.state(found)])
        }
        Obstacle::NotOver { complete } => fill(
            words.not_over,
            &[&format::instant(complete, visit.language)],
        ),
    }
}

fn warning(warning: &Warning, visit: &Visit) -> String {
    let words = Reports::of(visit.language);
    let told = |sentence: &str, code: &dyn ToString, count: u64| {
        let count = format::number(count, visit.language);
        fill(sentence, &[&code.to_string(), &count])
    };
    match warning {
        Warning::Unresolved { code, count } => told(words.unresolved, code, *count),
        Warning::Provisional { code, count } => told(words.provisional, code, *count),
        Warning::Corrected { code, count } => {
            let count = u64::try_from(*count).unwrap_or(u64::MAX);
            told(words.corrected, code, count)
        }
        Warning::LeftOut { code, count } => told(words.left_out_count, code, *count),
        Warning::Unapproved { code, line } => told(words.unapproved, code, u64::from(*line)),
        Warning::Breach { code, sentence } => format!("{code}: {sentence}"),
    }
}
