//! People's accounts: made, given another password, disabled.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::users::UserView;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};

use super::form::{Field, Form, Kind};
use super::{AdministrationPage, Cell, Table, instant, named, see, told};
use crate::pages::given;
use crate::visit::{Sent, Visit};
use crate::words::{Account, Administration, fill};

/// Shows the accounts of the caller's projects, and the form of a new one.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let words = Administration::of(visit.language);
    let form = Form {
        title: Some(words.new_person),
        action: "/administration/people",
        csrf: visit.visitor.0.csrf.clone(),
        fields: vec![
            Field::text("name", words.name).needed(),
            Field::new("password", words.password, Kind::Input("password")).needed(),
            Field::text("key", words.key).needed(),
        ],
        button: words.new_person,
    };
    let told = (words.people, words.people_lead);
    let csv = "/administration/people.csv";
    let template = AdministrationPage {
        forms: vec![form],
        ..AdministrationPage::listing(&visit, told, all(&app, &visit).await?, csv)
    };
    Ok(template.answer(StatusCode::OK))
}

/// Returns the same as a table.
pub(super) async fn table(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    all(&app, &visit).await?.as_csv("people")
}

async fn all(app: &App, visit: &Visit) -> Result<Table, NotShown> {
    let (language, words) = (visit.language, Administration::of(visit.language));
    let users = app.services().users.managed(visit.caller()).await;
    let users = users.map_err(ApiError::from)?;
    let rows = users.iter().map(|user| {
        vec![
            Cell::link(&user.name, &named("person", &user.name)),
            Cell::text(role(user, visit)),
            Cell::text(user.key.as_str()),
            Cell::text(instant(Some(user.made), "", language)),
            Cell::text(instant(user.disabled, words.stands, language)),
        ]
    });
    Ok(Table {
        head: vec![
            words.name,
            words.role,
            words.key,
            words.made,
            words.disabled,
        ],
        rows: rows.collect(),
    })
}

fn role(user: &UserView, visit: &Visit) -> &'static str {
    let named = user.role.map(|role| Account::of(visit.language).role(role));
    named.unwrap_or(Administration::of(visit.language).none)
}

/// Makes an account.
pub(super) async fn make(
    State(app): State<App>,
    Sent { visit, fields }: Sent,
) -> Result<Response, NotShown> {
    let (name, key) = (fields.get("name"), fields.get("key"));
    let users = &app.services().users;
    let made = users.make(visit.caller(), name, fields.verbatim("password"), key);
    made.await.map_err(ApiError::from)?;
    Ok(see("person", name, "made"))
}

async fn find(app: &App, visit: &Visit, name: &str) -> Result<UserView, ApiError> {
    let users = app.services().users.managed(visit.caller()).await?;
    let found = users.into_iter().find(|user| user.name == name);
    found.ok_or(ApiError::Absent("user"))
}

fn facts(user: &UserView, visit: &Visit) -> Vec<(String, String)> {
    let (language, words) = (visit.language, Administration::of(visit.language));
    told([
        (words.role, role(user, visit).to_owned()),
        (words.key, user.key.clone()),
        (words.made, instant(Some(user.made), "", language)),
        (words.disabled, instant(user.disabled, "", language)),
        (words.locked, instant(user.locked_until, "", language)),
        (
            words.audit_id,
            user.id.map_or_else(String::new, |id| id.to_string()),
        ),
    ])
}

/// Shows one account, with what can be done with it.
pub(super) async fn one(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["name", "done"])?;
    let user = find(&app, &visit, known.needed("name")?).await?;
    let words = Administration::of(visit.language);
    let is_disabled = user.disabled.is_some();
    let password = Form {
        title: Some(words.set_password),
        action: "/administration/person/password",
        csrf: visit.visitor.0.csrf.clone(),
        fields: vec![
            Field::hidden("name", &user.name),
            Field::new("password", words.password, Kind::Input("password")).needed(),
        ],
        button: words.set_password,
    };
    let disable = (!is_disabled).then(|| (named("person/disable", &user.name), words.disable));
    let template = AdministrationPage {
        done: match given(&known, "done") {
            Some("made") => Some(words.was_made),
            Some("password") => Some(words.has_password),
            Some("disabled") if is_disabled => Some(words.was_disabled),
            _ => None,
        },
        facts: facts(&user, &visit),
        forms: (!is_disabled).then_some(password).into_iter().collect(),
        more: disable.into_iter().collect(),
        ..AdministrationPage::new(&visit, user.name.as_str())
    };
    Ok(template.answer(StatusCode::OK))
}

/// Gives an account another password.
pub(super) async fn set_password(
    State(app): State<App>,
    Sent { visit, fields }: Sent,
) -> Result<Response, NotShown> {
    let name = fields.get("name");
    let users = &app.services().users;
    let password = fields.verbatim("password");
    let changed = users.set_password_managed(visit.caller(), name, password);
    changed.await.map_err(ApiError::from)?;
    Ok(see("person", name, "password"))
}

/// Asks whether an account is to be disabled.
pub(super) async fn confirm(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["name"])?;
    let user = find(&app, &visit, known.needed("name")?).await?;
    let words = Administration::of(visit.language);
    let action = "/administration/person/disable";
    let form = Form::confirming(&visit, action, &user.name, words.disable_now);
    let title = fill(words.disable_title, &[&user.name]);
    let template = AdministrationPage {
        lead: Some(words.disable_means.to_owned()),
        facts: facts(&user, &visit),
        forms: vec![form],
        more: vec![(named("person", &user.name), words.people)],
        ..AdministrationPage::new(&visit, title)
    };
    Ok(template.answer(StatusCode::OK))
}

/// Lets an account in no more.
pub(super) async fn disable(
    State(app): State<App>,
    Sent { visit, fields }: Sent,
) -> Result<Response, NotShown> {
    let name = fields.get("name");
    let users = &app.services().users;
    let disabled = users.disable_managed(visit.caller(), name).await;
    disabled.map_err(ApiError::from)?;
    Ok(see("person", name, "disabled"))
}
