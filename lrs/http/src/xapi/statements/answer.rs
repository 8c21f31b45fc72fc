//! Statements as an answer holds them.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use varde_core::ports::StoredStatement;
use varde_core::statements::{Format, StatementPage};
use varde_xapi::{LanguageRange, Stored, format};

use super::canonical::Definitions;
use super::parts::Parts;
use super::query::Form;
use crate::error::ApiError;
use crate::xapi::{BASE, http_date};

/// The form in which statements are wanted.
pub(super) struct Rendering {
    pub(super) format: Format,
    /// The languages of the canonical form, the most wanted first.
    pub(super) languages: Vec<LanguageRange>,
    /// The definitions of the canonical form, by the activity's IRI.
    pub(super) definitions: Definitions,
}

impl Rendering {
    fn text(&self, statement: &StoredStatement) -> Result<String, ApiError> {
        let text = statement.text();
        let rendered = match self.format {
            Format::Exact => return Ok(text),
            Format::Ids => format::ids(&text),
            Format::Canonical => {
                let definition = |activity: &str| self.definitions.get(activity).cloned();
                format::canonical(&text, &self.languages, &definition)
            }
        };
        rendered.map_err(|_| ApiError::Internal("a stored statement could not be rendered"))
    }
}

/// What was asked for, as it was found.
pub(super) enum Found {
    One(StoredStatement, Form),
    Page(StatementPage),
}

impl Found {
    pub(super) fn form(&self) -> Form {
        match self {
            Self::One(_, form) => *form,
            Self::Page(page) => Form {
                format: page.selection.format,
                attachments: page.selection.attachments,
            },
        }
    }

    pub(super) fn statements(&self) -> &[StoredStatement] {
        match self {
            Self::One(statement, _) => std::slice::from_ref(statement),
            Self::Page(page) => &page.statements,
        }
    }
}

/// Returns the statement, or a `StatementResult`: the statements and the link to the next page,
/// empty on the last. Behind it follow the parts, where attachments are wanted.
pub(super) fn of(
    found: &Found,
    rendering: &Rendering,
    parts: Option<Parts>,
) -> Result<Response, ApiError> {
    let statements = found.statements();
    let texts = statements.iter().map(|statement| rendering.text(statement));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let latest = statements.iter().map(|statement| statement.stored).max();
    let body = match found {
        Found::One(..) => texts.concat(),
        Found::Page(page) => result(&texts, page.more.as_deref()),
    };
    Ok(whole(body, parts, latest))
}

/// Writes a `StatementResult`.
fn result(texts: &[String], more: Option<&str>) -> String {
    let length: usize = texts.iter().map(|text| text.len() + 1).sum();
    let mut result = String::with_capacity(length + more.map_or(0, str::len) + 64);
    result.push_str(r#"{"statements":["#);
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            result.push(',');
        }
        result.push_str(text);
    }
    result.push_str(r#"],"more":""#);
    if let Some(more) = more {
        // The sealed text is base64url, so the link needs no JSON escape.
        for part in [BASE, "/statements?more=", more] {
            result.push_str(part);
        }
    }
    result.push_str(r#""}"#);
    result
}

/// Returns the answer as JSON, or as the JSON part of a body of several parts.
fn whole(json: String, parts: Option<Parts>, modified: Option<Stored>) -> Response {
    let (content_type, body) = match parts {
        None => ("application/json".to_owned(), Body::from(json)),
        Some(parts) => (parts.content_type(), parts.behind(&json)),
    };
    let mut response = Response::new(body);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_str(&content_type).ok(),
        ),
        (header::LAST_MODIFIED, modified.and_then(http_date)),
    ];
    for (name, value) in headers {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
