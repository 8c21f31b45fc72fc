//! Competences: the frameworks as trees, how people did in one competence, and what that rests on.

mod asked;
mod cohorts;
mod disclosed;
mod one;
mod outcomes;
mod tree;
mod why;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use varde_competence::{CatalogueCompetence, CatalogueQuery, Competence, FrameworkSummary};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, ProtocolRule};
use varde_interreg::pack::Language;
use varde_xapi::{Fault, parameter};

use super::given;
use crate::visit::Visit;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/competences", get(tree::get))
        .route("/competences.csv", get(tree::csv))
        .route("/competences/one", get(one::get))
        .route("/competences/one.csv", get(one::csv))
        .route("/competences/outcomes", get(outcomes::get))
        .route("/competences/outcomes.csv", get(outcomes::csv))
        .route("/competences/why", get(why::get))
}

/// A text with the language that it is in, where that is not the page's.
#[derive(Debug)]
struct Text {
    text: String,
    lang: Option<String>,
}

impl Text {
    /// Chooses the translation into the page's language, or the text itself, which is in `own`.
    fn of(
        text: &str,
        translations: &std::collections::BTreeMap<String, String>,
        own: Option<&str>,
        language: Language,
    ) -> Self {
        let tags: &[&str] = match language {
            Language::Nb => &["nb", "no"],
            Language::Sv => &["sv"],
            Language::En => &["en"],
        };
        let fits = |tag: &str| tags.contains(&primary(tag));
        let translated = translations.iter().find(|(tag, _)| fits(tag));
        match translated {
            Some((_, text)) => Self {
                text: text.clone(),
                lang: None,
            },
            None => Self {
                text: text.to_owned(),
                lang: own
                    .filter(|own| is_tag(own) && !fits(own))
                    .map(str::to_owned),
            },
        }
    }

    fn named(competence: &Competence, own: Option<&str>, language: Language) -> Self {
        Self::of(&competence.name, &competence.translations, own, language)
    }
}

/// Returns the language of a tag (BCP 47).
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

/// Tells whether a document's language may stand in a page as one.
fn is_tag(tag: &str) -> bool {
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    matches!(primary(tag).len(), 2 | 3) && tag.split('-').all(is_word)
}

/// Returns the words of explanations in the page's language.
fn spoken(language: Language) -> varde_competence::Language {
    match language {
        Language::Nb => varde_competence::Language::Nb,
        Language::Sv => varde_competence::Language::Sv,
        Language::En => varde_competence::Language::En,
    }
}

/// Returns an address with the parameters that have a value.
fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let given = parameters.iter().filter(|(_, value)| !value.is_empty());
    let pairs = given.map(|(name, value)| {
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        format!("{name}={value}")
    });
    let pairs: Vec<_> = pairs.collect();
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

/// Reads one of a few words; a field that was left empty is none.
fn word<T: std::str::FromStr>(
    known: &Known,
    name: &str,
    expected: &str,
) -> Result<Option<T>, ApiError> {
    let Some(text) = given(known, name) else {
        return Ok(None);
    };
    let fault = |_| Finding::new(name, ProtocolRule::Choice, text, expected);
    Ok(Some(text.parse().map_err(fault)?))
}

/// Reads the competence, an IRI that must be given.
fn competence(known: &Known) -> Result<String, ApiError> {
    let iri = known.required::<_, Fault>("competence", parameter::iri)?;
    Ok(iri.to_string())
}

/// What the catalogue says of a competence.
#[derive(Debug)]
struct Told {
    one: CatalogueCompetence,
    framework: Option<FrameworkSummary>,
}

impl Told {
    async fn of(app: &App, visit: &Visit, competence: &str) -> Result<Self, NotShown> {
        let catalogue = &app.services().catalogue;
        let query = CatalogueQuery {
            competence: Some(competence.to_owned()),
            ..CatalogueQuery::default()
        };
        let found = catalogue.competences(visit.caller(), &query).await;
        let found = found.map_err(ApiError::from)?.into_iter().next();
        let one = found.ok_or(ApiError::Absent("competence"))?;
        let frameworks = catalogue.frameworks(visit.caller()).await;
        let frameworks = frameworks.map_err(ApiError::from)?.into_iter();
        let mut own = frameworks.filter(|known| one.framework.as_ref() == Some(&known.uri));
        let framework = own.next();
        Ok(Self { one, framework })
    }

    /// Returns the language of the framework's texts.
    fn own_language(&self) -> Option<&str> {
        self.framework.as_ref()?.language.as_deref()
    }

    fn name(&self, language: Language) -> Text {
        Text::named(&self.one.competence, self.own_language(), language)
    }
}

/// Answers with a table as a file.
fn file<E>(
    name: &str,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Response, NotShown> {
    let mut bytes = Vec::new();
    write(&mut bytes).map_err(|_| ApiError::Internal("a table could not be written"))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_text_is_in_the_language_of_the_page_or_says_in_which() {
        let no = BTreeMap::from([("no".to_owned(), "Mot".to_owned())]);
        let told = |own, language| {
            let text = Text::of("Courage", &no, own, language);
            (text.text, text.lang)
        };
        let english = Some("en-GB".to_owned());
        assert_eq!(told(Some("en-GB"), Language::Nb), ("Mot".to_owned(), None));
        assert_eq!(
            told(Some("en-GB"), Language::Sv),
            ("Courage".to_owned(), english)
        );
        assert_eq!(
            told(Some("en-GB"), Language::En),
            ("Courage".to_owned(), None)
        );
        for none in [None, Some("English"), Some("en\" x")] {
            assert_eq!(told(none, Language::Sv).1, None, "{none:?}");
        }
    }

    #[test]
    fn an_address_has_what_was_given() {
        assert_eq!(address("/a", &[("b", ""), ("c", "")]), "/a");
        let all = address("/a", &[("b", "https://x"), ("c", ""), ("d", "1")]);
        assert_eq!(all, "/a?b=https%3A%2F%2Fx&d=1");
    }
}
