//! Errors as pages: what happened, and what to try.

use askama::Template;
use axum::http::StatusCode;
use varde_http::ApiError;
use varde_http::pages::SIGN_IN;
use varde_interreg::pack::Language;

use crate::visit::Frame;
use crate::words;

#[derive(Debug, Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    words: &'static words::Trouble,
    what: &'static str,
    advice: &'static str,
    /// What the API tells too, in English.
    detail: String,
    /// The request's id, where the operator can find more by it.
    request: Option<&'a str>,
    way: (&'static str, &'static str),
}

/// Writes an error as a page. The text is the id of the request.
pub(crate) fn page(error: &ApiError, request: &str, language: Language) -> String {
    let words = words::Trouble::of(language);
    let status = error.status().0;
    let (what, advice) = told(error, status, words);
    let to_sign_in = matches!(error, ApiError::SignedOut | ApiError::NoCredentials);
    let page = ErrorPage {
        frame: Frame::for_anybody(language, words.title, "/".to_owned()),
        words,
        what,
        advice,
        detail: error.sentence(),
        request: status.is_server_error().then_some(request),
        way: if to_sign_in {
            (SIGN_IN, words.sign_in)
        } else {
            ("/", words.home)
        },
    };
    // A page that could not be written says at least what happened.
    page.render().unwrap_or_else(|_| what.to_owned())
}

fn told(
    error: &ApiError,
    status: StatusCode,
    words: &'static words::Trouble,
) -> (&'static str, &'static str) {
    match status {
        _ if matches!(error, ApiError::SignedOut | ApiError::NoCredentials) => {
            (words.signed_out, words.signed_out_try)
        }
        StatusCode::NOT_FOUND => (words.absent, words.absent_try),
        StatusCode::FORBIDDEN => (words.forbidden, words.forbidden_try),
        StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::INSUFFICIENT_STORAGE => (words.busy, words.busy_try),
        status if status.is_server_error() => (words.inside, words.inside_try),
        _ => (words.wrong, words.wrong_try),
    }
}
