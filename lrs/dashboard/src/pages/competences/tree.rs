//! The frameworks: areas and competences, each beneath what it is a part of.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_competence::{CatalogueCompetence, CatalogueQuery, FrameworkSummary, sheet};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};

use super::super::from;
use super::{Text, address, file, given};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Competences, fill};

const KNOWN: &[&str] = &["framework", "from"];
/// How many competences a page shows.
const PER_PAGE: usize = 100;
/// What is deeper is shown at this depth.
const DEPTH_MAX: usize = 8;
/// Names the competences that only rules speak of.
const NO_FRAMEWORK: &str = "none";

#[derive(Debug, Template)]
#[template(path = "competences/tree.html")]
struct TreePage {
    frame: Frame,
    words: &'static Competences,
    /// Each framework: what names it in the address, its title, whether it is shown.
    frameworks: Vec<(String, String, bool)>,
    title: Option<Text>,
    told: String,
    notes: Option<String>,
    items: Vec<Item>,
    /// How many lists are still open behind the last item.
    open: usize,
    shown: Option<String>,
    next: Option<String>,
    csv: String,
}

/// A competence in its place.
#[derive(Debug)]
struct Item {
    /// Whether it begins a list beneath the item before.
    opens: bool,
    /// How many lists end before it.
    closes: usize,
    code: String,
    name: Text,
    path: String,
    rules: Option<String>,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let from = from(&known)?;
    let catalogue = &app.services().catalogue;
    let frameworks = catalogue.frameworks(visit.caller()).await;
    let frameworks = frameworks.map_err(ApiError::from)?;
    let all = catalogue
        .competences(visit.caller(), &CatalogueQuery::default())
        .await;
    let all = all.map_err(ApiError::from)?;
    let first = frameworks.first().map_or(NO_FRAMEWORK, |one| &one.uri);
    let asked = given(&known, "framework").unwrap_or(first).to_owned();
    let chosen = frameworks.iter().find(|one| one.uri == asked);
    if chosen.is_none() && asked != NO_FRAMEWORK {
        return Err(ApiError::Absent("framework").into());
    }
    let template = of(&visit, &frameworks, chosen, &all, from);
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Returns the same as a table.
pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["framework"])?;
    let asked = given(&known, "framework");
    let query = CatalogueQuery {
        framework: asked.filter(|uri| *uri != NO_FRAMEWORK).map(str::to_owned),
        ..CatalogueQuery::default()
    };
    let catalogue = &app.services().catalogue;
    let found = catalogue.competences(visit.caller(), &query).await;
    let mut found = found.map_err(ApiError::from)?;
    found.retain(|one| asked != Some(NO_FRAMEWORK) || one.framework.is_none());
    file("competences", |to| sheet::competences(&found, to))
}

fn of(
    visit: &Visit,
    frameworks: &[FrameworkSummary],
    chosen: Option<&FrameworkSummary>,
    all: &[CatalogueCompetence],
    from: usize,
) -> TreePage {
    let (language, words) = (visit.language, Competences::of(visit.language));
    let uri = chosen.map(|one| one.uri.as_str());
    let own = chosen.and_then(|one| one.language.as_deref());
    let inside = all.iter().filter(|one| one.framework.as_deref() == uri);
    let placed = placed(&inside.collect::<Vec<_>>());
    let (items, open) = items(&placed, from, (visit, own));
    let named = uri.unwrap_or(NO_FRAMEWORK);
    let number = |number: usize| format::number(number, language);
    let end = placed.len().min(from.saturating_add(PER_PAGE));
    let told = |one: &FrameworkSummary| {
        let version = one.version.as_deref().unwrap_or(words.no_version);
        let of = [&one.uri, version, &one.creator, &number(one.competences)];
        fill(words.told, &of)
    };
    let is_whole = from == 0 && end == placed.len();
    let shown = [
        number(from.saturating_add(1)),
        number(end),
        number(placed.len()),
    ];
    let mut choices: Vec<_> = frameworks
        .iter()
        .map(|one| (one.uri.clone(), one.title.clone(), Some(&*one.uri) == uri))
        .collect();
    if all.iter().any(|one| one.framework.is_none()) {
        let label = words.no_framework.to_owned();
        choices.push((NO_FRAMEWORK.to_owned(), label, uri.is_none()));
    }
    TreePage {
        frame: visit.frame(words.title),
        words,
        frameworks: choices,
        title: chosen.map(|one| Text::of(&one.title, &[].into(), own, language)),
        told: chosen.map(told).unwrap_or_default(),
        notes: chosen.and_then(|one| one.notes.clone()),
        items,
        open,
        shown: (!is_whole).then(|| fill(words.shown, &shown.each_ref().map(String::as_str))),
        next: (end < placed.len()).then(|| {
            address(
                "/competences",
                &[("framework", named), ("from", &end.to_string())],
            )
        }),
        csv: address("/competences.csv", &[("framework", named)]),
    }
}

/// A competence with how many it is beneath.
type Placed<'a> = (&'a CatalogueCompetence, usize);

/// Puts each competence behind the first of its parents that is there, in their order.
fn placed<'a>(all: &[&'a CatalogueCompetence]) -> Vec<Placed<'a>> {
    let places = all.iter().zip(0..);
    let places: HashMap<&str, usize> = places
        .map(|(one, place)| (one.competence.uri.as_str(), place))
        .collect();
    let mut beneath: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut waiting = Vec::new();
    for (one, place) in all.iter().zip(0..) {
        let mut parents = one.competence.parents.iter();
        match parents.find_map(|parent| places.get(parent.as_str())) {
            Some(parent) => beneath.entry(*parent).or_default().push(place),
            None => waiting.push((place, 0)),
        }
    }
    waiting.reverse();
    let mut rows = Vec::with_capacity(all.len());
    while let Some((place, depth)) = waiting.pop() {
        rows.extend(all.get(place).map(|one| (*one, depth)));
        let children = beneath.remove(&place).unwrap_or_default();
        let deeper = (depth + 1).min(DEPTH_MAX);
        waiting.extend(children.into_iter().rev().map(|child| (child, deeper)));
    }
    rows
}

/// Returns the items of a page, behind those that the first is beneath, and how many lists stay open.
fn items(
    placed: &[Placed<'_>],
    from: usize,
    (visit, own): (&Visit, Option<&str>),
) -> (Vec<Item>, usize) {
    let mut above: Vec<Placed<'_>> = Vec::new();
    let (before, rest) = placed.split_at(from.min(placed.len()));
    let mut least = rest.first().map_or(0, |(_, depth)| *depth);
    for (one, depth) in before.iter().rev() {
        if *depth < least {
            above.push((one, *depth));
            least = *depth;
        }
    }
    above.reverse();
    let shown = above.iter().chain(rest.iter().take(PER_PAGE));
    let mut open: Option<usize> = None;
    let items = shown.map(|(one, depth)| {
        let item = Item {
            opens: open.is_none_or(|open| open < *depth),
            closes: open.map_or(0, |open| open.saturating_sub(*depth)),
            code: one.competence.code.clone().unwrap_or_default(),
            name: Text::named(&one.competence, own, visit.language),
            path: address("/competences/one", &[("competence", &one.competence.uri)]),
            rules: (!one.rules.is_empty()).then(|| {
                let words = Competences::of(visit.language);
                fill(words.rules, &[&one.rules.join(", ")])
            }),
        };
        open = Some(*depth);
        item
    });
    let items = items.collect();
    (items, open.map_or(0, |open| open + 1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use varde_competence::Competence;

    use super::*;

    fn competence(uri: &str, parents: &[&str]) -> CatalogueCompetence {
        let competence = Competence {
            uri: uri.to_owned(),
            code: None,
            kind: None,
            name: uri.to_owned(),
            translations: [].into(),
            parents: parents.iter().map(|&parent| parent.to_owned()).collect(),
            levels: Vec::new(),
            alignments: Vec::new(),
        };
        CatalogueCompetence {
            framework: None,
            competence,
            rules: Vec::new(),
        }
    }

    fn depths(all: &[CatalogueCompetence]) -> serde_json::Value {
        let placed = placed(&all.iter().collect::<Vec<_>>());
        let each = placed
            .iter()
            .map(|(one, depth)| json!([one.competence.uri, depth]));
        each.collect()
    }

    #[test]
    fn each_competence_stands_behind_its_first_parent_in_the_order_of_the_package() {
        let all = [
            competence("b1", &["the-document", "b", "a"]),
            competence("a", &["the-document"]),
            competence("a1", &["a"]),
            competence("b", &[]),
            competence("a2", &["a", "b"]),
            competence("a1x", &["a1"]),
        ];
        let expected = json!([
            ["a", 0],
            ["a1", 1],
            ["a1x", 2],
            ["a2", 1],
            ["b", 0],
            ["b1", 1]
        ]);
        assert_eq!(depths(&all), expected);
    }

    #[test]
    fn what_is_very_deep_is_shown_no_deeper_than_some_depth() {
        let uris: Vec<_> = (0..30).map(|n| n.to_string()).collect();
        let mut all = vec![competence("0", &[])];
        for pair in uris.windows(2) {
            all.push(competence(&pair[1], &[&pair[0]]));
        }
        let depths = depths(&all);
        assert_eq!(depths[8], json!(["8", 8]));
        assert_eq!(depths[29], json!(["29", 8]));
    }
}
