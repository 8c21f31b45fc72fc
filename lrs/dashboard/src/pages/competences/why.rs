//! Why somebody has a level in a competence, or has none.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_competence::{Basis, ExplainQuery, Explanation, Piece};
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};

use super::super::as_of;
use super::asked::BASES;
use super::{Text, Told, address, competence, spoken, word};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Outcomes, fill};

const KNOWN: &[&str] = &["person", "competence", "basis", "as_of"];

#[derive(Debug, Template)]
#[template(path = "competences/why.html")]
struct WhyPage {
    frame: Frame,
    words: &'static Outcomes,
    name: Text,
    back: String,
    told: String,
    explanations: Vec<Explained>,
}

/// An outcome on one basis, explained.
#[derive(Debug)]
struct Explained {
    basis: &'static str,
    sentence: String,
    evidence: Vec<Shown>,
    near_misses: Vec<Shown>,
    not_told: Option<String>,
}

/// What statements show.
#[derive(Debug)]
struct Shown {
    sentence: String,
    /// The statements with their pages, where the visitor may open those.
    statements: Vec<(String, String)>,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let (language, words) = (visit.language, Outcomes::of(visit.language));
    let query = ExplainQuery {
        person: known.needed("person")?.to_owned(),
        competence: Some(competence(&known)?),
        basis: word::<Basis>(&known, "basis", BASES)?,
        as_of: as_of(&known, &*app.services().clock, language)?,
        known_at: None,
    };
    let told = Told::of(&app, &visit, &competence(&known)?).await?;
    let table = app
        .services()
        .outcomes
        .explain(visit.caller(), &query)
        .await;
    let table = table.map_err(ApiError::from)?;
    if table.explanations.is_empty() {
        return Err(ApiError::Absent("outcome").into());
    }
    let known_through = table.known_at.map(|known_at| {
        let of = [
            format::day(table.as_of, language),
            format::instant(known_at, language),
        ];
        fill(words.told, &of.each_ref().map(String::as_str))
    });
    let (iri, as_of) = (&told.one.competence.uri, table.as_of.to_string());
    let explanations = table.explanations.iter();
    let template = WhyPage {
        frame: visit.frame(fill(words.explain_of, &[&query.person])),
        words,
        name: told.name(language),
        back: address(
            "/competences/outcomes",
            &[("competence", iri), ("as_of", &as_of)],
        ),
        told: known_through.unwrap_or_default(),
        explanations: explanations.map(|one| explained(one, &visit)).collect(),
    };
    Ok(page(StatusCode::OK, language, &template))
}

fn explained(one: &Explanation, visit: &Visit) -> Explained {
    let language = visit.language;
    let pieces = |pieces: &[Piece]| pieces.iter().map(|piece| shown(piece, visit)).collect();
    let not_told = format::number(one.not_told, language);
    Explained {
        basis: one.basis.in_words(spoken(language)),
        sentence: one.sentences.get(spoken(language)).to_owned(),
        evidence: pieces(&one.evidence),
        near_misses: pieces(&one.near_misses),
        not_told: (one.not_told > 0).then(|| fill(Outcomes::of(language).not_told, &[&not_told])),
    }
}

fn shown(piece: &Piece, visit: &Visit) -> Shown {
    let opens = visit.caller().may(Need::ReadStatements).is_ok();
    // What was erased has no page any longer.
    let kept = piece.statements.iter();
    let kept = kept.filter(|id| opens && !piece.carried.contains(id));
    Shown {
        sentence: piece.sentences.get(spoken(visit.language)).to_owned(),
        statements: kept
            .map(|id| (id.to_string(), format!("/statements/{id}")))
            .collect(),
    }
}
