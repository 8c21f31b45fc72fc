//! `If-Match` and `If-None-Match` (RFC 9110 13.1.1 and 13.1.2, xAPI 1.0.3 Communication 3.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use varde_core::documents::{Preconditions, Tags};

/// The conditions of a request.
#[derive(Debug)]
pub(crate) struct Conditions(pub(crate) Preconditions);

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(Preconditions {
            if_match: tags(parts, &IF_MATCH),
            if_none_match: tags(parts, &IF_NONE_MATCH),
        }))
    }
}

/// Reads the tags of a header, which may stand on several lines. What is no tag matches nothing.
fn tags(parts: &Parts, name: &HeaderName) -> Option<Tags> {
    let lines: Vec<_> = parts.headers.get_all(name).iter().collect();
    let text: Vec<_> = lines
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    match (text.join(","), lines.is_empty()) {
        (_, true) => None,
        (text, _) if text.trim() == "*" => Some(Tags::Any),
        (text, _) => Some(Tags::Of(split(&text))),
    }
}

/// Takes tags apart. The mark of a weak tag is dropped, since proxies that compress add it, and
/// quotes may be missing, since older clients leave them out.
fn split(text: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let bare = rest.strip_prefix("W/").unwrap_or(rest);
        let (tag, after) = match bare.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => bare.split_once(',').unwrap_or((bare, "")),
        };
        tags.push(tag.trim().to_owned());
        rest = after.trim_start_matches([' ', '\t', ',']);
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn lists_weak_tags_and_bare_tags_are_read() {
        for (text, tags) in [
            (r#""abc""#, vec!["abc"]),
            (r#"W/"abc""#, vec!["abc"]),
            ("abc", vec!["abc"]),
            (r#" "a", W/"b" ,c,"d,e" "#, vec!["a", "b", "c", "d,e"]),
            (r#""open"#, vec!["open"]),
            (r#""""#, vec![""]),
            (" , ,", vec![]),
        ] {
            assert_eq!(split(text), tags, "{text}");
        }
    }
}
