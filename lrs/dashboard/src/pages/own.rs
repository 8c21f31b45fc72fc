//! What somebody is shown of themselves.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::registers::PersonCard;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters, PersonHistory};
use varde_interreg::pack::Language;

use super::learners::shape::{Shape, kinds, value};
use super::learners::{events_before, today};
use crate::visit::{Frame, Visit, page};
use crate::words::{Learners, Own, fill};

const KNOWN: &[&str] = &["from"];

#[derive(Debug, Template)]
#[template(path = "own.html")]
struct OwnPage {
    frame: Frame,
    own: &'static Own,
    words: &'static Learners,
    /// What is held, in sentences.
    held: Vec<String>,
    shape: Shape,
    next: Option<String>,
    rights: String,
}

/// What whoever is bound to nobody is shown.
#[derive(Debug, Template)]
#[template(path = "own_nobody.html")]
struct NobodyPage {
    frame: Frame,
    own: &'static Own,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let from = events_before(&parameters.only(KNOWN)?)?;
    let records = &app.services().person_records;
    let today = today(&app, &visit);
    let history = records.own_history(visit.caller(), today).await;
    match history.map_err(ApiError::from) {
        Ok(history) => Ok(page(
            StatusCode::OK,
            visit.language,
            &of(&visit, &history, from),
        )),
        Err(ApiError::Absent(_)) => {
            let own = Own::of(visit.language);
            let template = NobodyPage {
                frame: visit.frame(own.title),
                own,
            };
            Ok(page(StatusCode::NOT_FOUND, visit.language, &template))
        }
        Err(error) => Err(error.into()),
    }
}

fn of(visit: &Visit, history: &PersonHistory, from: usize) -> OwnPage {
    let (own, words) = (Own::of(visit.language), Learners::of(visit.language));
    let shape = Shape::of(history, visit, from);
    OwnPage {
        frame: visit.frame(own.title),
        own,
        words,
        held: held(&history.card, visit.language),
        next: shape.next.map(|next| format!("/own?from={next}#timeline")),
        shape,
        rights: fill(own.rights_lead, &[&history.card.listed.person]),
    }
}

/// Says what is held of somebody.
fn held(card: &PersonCard, language: Language) -> Vec<String> {
    let (own, words) = (Own::of(language), Learners::of(language));
    let values: Vec<String> = card
        .values
        .keys()
        .map(|field| value(card, field, language))
        .collect();
    let joined = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let mut held = vec![fill(own.known_as, &[&card.listed.person])];
    let kinds = kinds(card, words);
    held.push(if kinds.is_empty() {
        own.found_by_none.to_owned()
    } else {
        fill(own.found_by, &[&kinds])
    });
    let said = [
        (own.belongs, joined(&mut card.listed.organisations.iter())),
        (own.values, joined(&mut values.iter())),
        (own.one_person, joined(&mut card.merged_from.iter())),
    ];
    let said = said.into_iter().filter(|(_, what)| !what.is_empty());
    held.extend(said.map(|(words, what)| fill(words, &[&what])));
    held.push(own.also.to_owned());
    held
}
