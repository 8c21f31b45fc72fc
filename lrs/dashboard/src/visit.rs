//! Who opens a page, and the frame that it stands in.

use askama::Template;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use varde_core::{Caller, Need};
use varde_http::pages::{Fields, NotShown, SentForm, Visitor};
use varde_http::{ApiError, App, PageLanguage};
use varde_interreg::pack::Language;

use crate::assets::STYLE_PATH;
use crate::words;

/// Nothing but our own style and forms: no script, no frame, nothing from elsewhere.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// What every page is sent with.
pub(crate) const FIXED: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    // No cache may keep who is signed in (RFC 9111 5.2.2.5).
    (header::CACHE_CONTROL, "no-store"),
];

/// Somebody signed in who opens a page, and how it is to be written.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) visitor: Visitor,
    pub(crate) language: Language,
    /// The path and the query of the page.
    address: String,
}

impl FromRequestParts<App> for Visit {
    type Rejection = NotShown;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NotShown> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        let Ok(PageLanguage(language)) = PageLanguage::from_request_parts(parts, app).await;
        Ok(Self {
            visitor,
            language,
            address: address(parts),
        })
    }
}

/// A form that somebody signed in sent from a page of ours, with how the answer is to be written.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) visit: Visit,
    pub(crate) fields: Fields,
}

impl FromRequest<App> for Sent {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Ok(PageLanguage(language)) = PageLanguage::from_request_parts(&mut parts, app).await;
        let address = address(&parts);
        let sent = SentForm::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self {
            visit: Visit {
                visitor: Visitor(sent.signed_in),
                language,
                address,
            },
            fields: sent.fields,
        })
    }
}

/// Returns the path and the query of a request.
pub(crate) fn address(parts: &Parts) -> String {
    let address = parts.uri.path_and_query();
    address.map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// What stands around a page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) language: Language,
    pub(crate) words: &'static words::Frame,
    pub(crate) style: &'static str,
    /// The page's title.
    pub(crate) title: String,
    /// Where the page is, to come back to.
    pub(crate) address: String,
    /// Who is signed in, and what they may open; nobody on the pages of signing in.
    pub(crate) user: Option<User>,
}

/// Somebody signed in.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) menu: Vec<MenuItem>,
}

/// A page in the menu.
#[derive(Debug)]
pub(crate) struct MenuItem {
    pub(crate) path: &'static str,
    pub(crate) label: &'static str,
    pub(crate) is_here: bool,
}

/// The pages of the menu, with what each needs.
type Entry = (&'static str, Need, fn(&words::Frame) -> &'static str);
const MENU: [Entry; 12] = [
    ("/", Need::ReadResults, |words| words.overview),
    ("/sources", Need::ReviewStatements, |words| words.sources),
    ("/refusals", Need::ReviewStatements, |words| words.refusals),
    ("/statements", Need::ReadStatements, |words| {
        words.statements
    }),
    ("/learners", Need::ReviewPeople, |words| words.learners),
    ("/competences", Need::ReadResults, |words| words.competences),
    ("/reports", Need::ReadReports, |words| words.reports),
    ("/imports", Need::ImportFacts, |words| words.imports),
    ("/published", Need::ReadReleases, |words| words.published),
    ("/quality", Need::ReviewStatements, |words| words.quality),
    ("/own", Need::ReadOwn, |words| words.own),
    ("/administration", Need::ReadAudit, |words| {
        words.administration
    }),
];
/// Where whoever may open no page of the menu begins.
const ACCOUNT: &str = "/account";

impl Visit {
    /// Returns whom the visitor is let in as.
    pub(crate) fn caller(&self) -> &Caller {
        &self.visitor.0.caller
    }

    /// Returns the pages of the menu that the visitor may open.
    fn menu(&self) -> impl Iterator<Item = &'static Entry> {
        MENU.iter()
            .filter(|(_, need, _)| self.caller().may(*need).is_ok())
    }

    /// Returns where the visitor begins: the first page of the menu that they may open.
    pub(crate) fn home(&self) -> &'static str {
        self.menu().next().map_or(ACCOUNT, |(path, ..)| path)
    }

    /// Returns what a form must bring to prove that it is of a page of ours.
    pub(crate) fn csrf(&self) -> String {
        self.visitor.0.csrf.clone()
    }

    /// Returns the frame of a page with this title.
    pub(crate) fn frame(&self, title: impl Into<String>) -> Frame {
        let words = words::Frame::of(self.language);
        let path = self.address.split('?').next().unwrap_or_default();
        let menu = self.menu().map(|(to, _, label)| MenuItem {
            path: to,
            label: label(words),
            is_here: is_under(path, to),
        });
        Frame {
            language: self.language,
            words,
            style: STYLE_PATH,
            title: title.into(),
            address: self.address.clone(),
            user: Some(User {
                name: self.visitor.0.user.clone(),
                menu: menu.collect(),
            }),
        }
    }
}

/// Tells whether a page is the one of the menu, or below it.
fn is_under(path: &str, menu: &str) -> bool {
    let rest = path.strip_prefix(menu);
    path == menu || menu != "/" && rest.is_some_and(|rest| rest.starts_with('/'))
}

impl Frame {
    /// Returns the frame of a page that anybody may open.
    pub(crate) fn for_anybody(
        language: Language,
        title: impl Into<String>,
        address: String,
    ) -> Self {
        Self {
            language,
            words: words::Frame::of(language),
            style: STYLE_PATH,
            title: title.into(),
            address,
            user: None,
        }
    }

    /// Returns every language, with its own name, and whether it is the page's.
    pub(crate) fn languages(&self) -> [(Language, &'static str, bool); 3] {
        Language::EACH.map(|language| {
            let name = match language {
                Language::Nb => "Norsk",
                Language::Sv => "Svenska",
                Language::En => "English",
            };
            (language, name, language == self.language)
        })
    }
}

/// Leads to another page of ours, once something was done.
pub(crate) fn see(address: &str) -> Response {
    let cache = [(header::CACHE_CONTROL, "no-store")];
    let to = [(header::LOCATION, address)];
    (StatusCode::SEE_OTHER, cache, to).into_response()
}

/// Writes a page.
pub(crate) fn page(status: StatusCode, language: Language, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let of_page = [
                (header::CONTENT_LANGUAGE, language.tag()),
                (header::VARY, "Accept-Language, Cookie"),
            ];
            (status, FIXED, of_page, html).into_response()
        }
        Err(_) => ApiError::Internal("a page could not be written").into_response(),
    }
}
