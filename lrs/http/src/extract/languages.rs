//! Which languages the client prefers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use varde_interreg::pack::Language;
use varde_xapi::{LanguageRange, accept_language};

use super::cookie_named;

/// The cookie that holds the language that somebody chose; by its prefix browsers take it only from
/// this host, over a safe connection.
pub const LANGUAGE_COOKIE: &str = "__Host-varde-language=";

/// The languages of `Accept-Language`, the most wanted first; none where nothing is said.
#[derive(Debug)]
pub(crate) struct Languages(pub(crate) Vec<LanguageRange>);

impl<S: Sync> FromRequestParts<S> for Languages {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(wanted(&parts.headers)))
    }
}

/// The language that a page is written in: the one that was chosen, else the first of
/// `Accept-Language` that there is, else English.
#[derive(Debug, Clone, Copy)]
pub struct PageLanguage(pub Language);

impl<S: Sync> FromRequestParts<S> for PageLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(page_language(&parts.headers)))
    }
}

/// Returns the language of a page that is asked for with these headers.
pub(crate) fn page_language(headers: &HeaderMap) -> Language {
    let chosen = cookie_named(headers, LANGUAGE_COOKIE);
    let chosen = chosen.and_then(|tag| tag.parse().ok());
    let mut wanted = wanted(headers).into_iter().filter_map(|range| {
        let tag = range.range.as_str().to_ascii_lowercase();
        match tag.split('-').next()? {
            // Norwegian without more is bokmål here.
            "no" | "nn" => Some(Language::Nb),
            tag => tag.parse().ok(),
        }
    });
    chosen.or_else(|| wanted.next()).unwrap_or(Language::En)
}

fn wanted(headers: &HeaderMap) -> Vec<LanguageRange> {
    let header = headers.get(ACCEPT_LANGUAGE);
    let text = header.and_then(|value| value.to_str().ok());
    accept_language(text.unwrap_or_default())
}
