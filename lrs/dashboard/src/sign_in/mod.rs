//! Signing in and out, the account, and the language of pages.

mod providers;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use varde_http::pages::{NotShown, OwnForm, SIGN_IN, SentForm, Visitor};
use varde_http::{ApiError, App, LANGUAGE_COOKIE, PageLanguage, cookie_named};
use varde_interreg::pack::Language;

use crate::visit::{FIXED, Frame, Visit, page};
use crate::words::{Account, fill};

/// The cookie that somebody is signed in by.
const COOKIE: &str = "__Host-varde=";
/// The attributes of a cookie: no script reads it, no other site sends it along with a form, and it
/// is of this host alone.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";
/// Where one sees who is signed in.
const ACCOUNT: &str = "/account";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(SIGN_IN, get(show).post(sign_in))
        .route("/sign-in/{issuer}", get(providers::depart))
        .route("/sign-in/{issuer}/callback", get(providers::arrive))
        .route("/sign-out", post(sign_out))
        .route("/sign-out/everywhere", post(sign_out_everywhere))
        .route(ACCOUNT, get(account))
        .route("/language", post(choose_language))
}

/// The form to sign in by.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    words: &'static Account,
    /// What was wrong the last time.
    wrong: Option<&'static str>,
    /// The issuers to sign in at, each with the words of its link. Those are links and no forms: the policy of the
    /// page holds the redirects of its forms to this origin.
    issuers: Vec<(String, String)>,
}

/// Who is signed in, and the ways out.
#[derive(Debug, Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    words: &'static Account,
    name: String,
    csrf: String,
    role: Option<&'static str>,
    projects: Vec<String>,
}

async fn show(
    State(app): State<App>,
    PageLanguage(language): PageLanguage,
    visitor: Result<Visitor, NotShown>,
) -> Response {
    match visitor {
        Ok(_) => to(ACCOUNT, &[]),
        Err(NotShown::SignedOut) => form(&app, language, StatusCode::OK, None),
        Err(error) => error.into_response(),
    }
}

/// Shows the form, with what was wrong the last time.
fn form(
    app: &App,
    language: Language,
    status: StatusCode,
    wrong: Option<fn(&Account) -> &'static str>,
) -> Response {
    let words = Account::of(language);
    let issuers = app.services().users.issuers().into_iter();
    let issuers = issuers.map(|name| {
        let link = fill(words.sign_in_at, &[&name]);
        (name, link)
    });
    let template = SignInPage {
        frame: Frame::for_anybody(language, words.title, SIGN_IN.to_owned()),
        words,
        wrong: wrong.map(|wrong| wrong(words)),
        issuers: issuers.collect(),
    };
    page(status, language, &template)
}

/// Signs in; unknown, disabled and locked-out users get the answer that a wrong password gets.
async fn sign_in(
    State(app): State<App>,
    PageLanguage(language): PageLanguage,
    headers: HeaderMap,
    OwnForm(fields): OwnForm,
) -> Result<Response, ApiError> {
    let (name, password) = (fields.verbatim("name"), fields.verbatim("password"));
    let Some(token) = app.sign_in(name, password).await? else {
        let wrong = Some((|words| words.wrong) as fn(&Account) -> _);
        return Ok(form(&app, language, StatusCode::UNAUTHORIZED, wrong));
    };
    forget(&app, &headers).await?;
    Ok(to("/", &[signed_in_by(&token)]))
}

/// Ends what this browser was signed in by before, which is of no use to anybody any more.
async fn forget(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    if let Some(before) = cookie_named(headers, COOKIE) {
        app.services().users.sign_out(before).await?;
    }
    Ok(())
}

async fn sign_out(State(app): State<App>, sent: SentForm) -> Result<Response, ApiError> {
    app.services().users.sign_out(&sent.token).await?;
    Ok(to(SIGN_IN, &[over(COOKIE)]))
}

async fn sign_out_everywhere(State(app): State<App>, sent: SentForm) -> Result<Response, ApiError> {
    let users = &app.services().users;
    users.sign_out_everywhere(&sent.signed_in).await?;
    Ok(to(SIGN_IN, &[over(COOKIE)]))
}

async fn account(visit: Visit) -> Response {
    let words = Account::of(visit.language);
    let signed_in = &visit.visitor.0;
    let projects = signed_in.caller.projects.iter();
    let template = AccountPage {
        frame: visit.frame(words.yours),
        words,
        name: signed_in.user.clone(),
        csrf: signed_in.csrf.clone(),
        role: signed_in.caller.role.map(|role| words.role(role)),
        projects: projects.map(ToString::to_string).collect(),
    };
    page(StatusCode::OK, visit.language, &template)
}

/// Keeps the language that somebody chose, and leads back to where they were.
async fn choose_language(OwnForm(fields): OwnForm) -> Response {
    let back = fields.get("back");
    let back = if is_ours(back) { back } else { "/" };
    match fields.get("language").parse::<Language>() {
        Ok(language) => to(
            back,
            &[format!("{LANGUAGE_COOKIE}{language}; {ATTRIBUTES}")],
        ),
        Err(()) => to(back, &[]),
    }
}

/// Tells whether an address is a path of ours, so that no form leads elsewhere: browsers take two slashes for another
/// host, a backslash for a slash, and drop control characters.
fn is_ours(address: &str) -> bool {
    let rest = address.strip_prefix('/');
    rest.is_some_and(|rest| !rest.starts_with('/'))
        && address
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn signed_in_by(token: &str) -> String {
    format!("{COOKIE}{token}; {ATTRIBUTES}")
}

fn over(cookie: &str) -> String {
    format!("{cookie}; Max-Age=0; {ATTRIBUTES}")
}

/// Leads to a page of ours, and sets cookies.
fn to(address: &str, cookies: &[String]) -> Response {
    let mut response = (StatusCode::SEE_OTHER, FIXED).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    let lines = cookies
        .iter()
        .map(|cookie| (header::SET_COOKIE, cookie.as_str()));
    for (name, line) in lines.chain([(header::LOCATION, address)]) {
        if let Ok(line) = line.parse() {
            headers.append(name, line);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn a_form_leads_to_paths_of_ours_alone() {
        for ours in ["/", "/indicators?project=sing&as_of=2025-06-30", "/a/b"] {
            assert!(is_ours(ours), "{ours}");
        }
        let others = [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "evil",
            "/a\r\nb",
            "/å",
        ];
        for other in others {
            assert!(!is_ours(other), "{other:?}");
        }
    }
}
