//! API keys: made, given another secret, revoked.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use varde_core::keys::{KeyError, KeyView};
use varde_core::{NationalIdPolicy, Need, Role, Scope, Space, Tolerance};
use varde_http::pages::{Fields, NotShown};
use varde_http::{ApiError, App, Finding, Parameters, ProtocolRule};

use super::form::{Field, Form, Kind};
use super::{AdministrationPage, Cell, Table, encoded, instant, named, see, told};
use crate::pages::given;
use crate::visit::{Sent, Visit};
use crate::words::{Account, Administration, fill};

/// For how many hours the earlier secret is let in where nobody says otherwise.
const OVERLAP_HOURS: &str = "24";

/// Shows the keys at home in the caller's projects.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let words = Administration::of(visit.language);
    let (told, csv) = ((words.keys, words.keys_lead), "/administration/keys.csv");
    let template = AdministrationPage {
        links: vec![("/administration/keys/new".to_owned(), words.new_key)],
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
    all(&app, &visit).await?.as_csv("keys")
}

async fn all(app: &App, visit: &Visit) -> Result<Table, NotShown> {
    let (language, words) = (visit.language, Administration::of(visit.language));
    let keys = app.services().keys.managed(visit.caller()).await;
    let keys = keys.map_err(ApiError::from)?;
    let rows = keys.iter().map(|key| {
        vec![
            Cell::link(&key.name, &named("key", &key.name)),
            Cell::text(key.space.to_string()),
            Cell::text(role(key.role, visit)),
            Cell::text(state(key, visit)),
            Cell::text(instant(key.last_use, words.never, language)),
            Cell::text(instant(key.expires, words.never, language)),
        ]
    });
    Ok(Table {
        head: vec![
            words.name,
            words.space,
            words.role,
            words.state,
            words.last_use,
            words.expires,
        ],
        rows: rows.collect(),
    })
}

fn role(role: Option<Role>, visit: &Visit) -> String {
    let named = role.map(|role| Account::of(visit.language).role(role));
    named
        .unwrap_or(Administration::of(visit.language).machine)
        .to_owned()
}

fn state(key: &KeyView, visit: &Visit) -> String {
    let words = Administration::of(visit.language);
    match key.revoked {
        Some(_) => format!(
            "{} {}",
            words.revoked,
            instant(key.revoked, "", visit.language)
        ),
        None => words.stands.to_owned(),
    }
}

/// Shows the form of a new key.
pub(super) async fn new(visit: Visit, parameters: Parameters) -> Result<Response, NotShown> {
    parameters.none()?;
    let allowed = visit.caller().may(Need::ManageKeys);
    allowed.map_err(ApiError::Forbidden)?;
    let words = Administration::of(visit.language);
    let form = Form {
        title: None,
        action: "/administration/keys",
        csrf: visit.visitor.0.csrf.clone(),
        fields: fields(&visit),
        button: words.new_key,
    };
    let template = AdministrationPage {
        forms: vec![form],
        ..AdministrationPage::new(&visit, words.new_key)
    };
    Ok(template.answer(StatusCode::OK))
}

fn fields(visit: &Visit) -> Vec<Field> {
    let (words, account) = (
        Administration::of(visit.language),
        Account::of(visit.language),
    );
    let mut roles = vec![("", words.machine)];
    roles.extend(Role::EACH.map(|role| (role.name(), account.role(role))));
    let policies = NationalIdPolicy::EACH.map(|policy| (policy.name(), policy.name()));
    let of_list = |name, label| Field::text(name, label).hinted(words.list_hint);
    vec![
        Field::text("name", words.name).needed(),
        Field::text("space", words.space)
            .of(&visit.caller().space.to_string())
            .needed(),
        Field::new("role", words.role, Kind::Choice(roles)),
        Field::new(
            "scopes",
            words.scopes,
            Kind::Several(Scope::EACH.map(Scope::name).into()),
        )
        .hinted(words.scopes_hint),
        Field::new(
            "tolerances",
            words.tolerances,
            Kind::Several(Tolerance::EACH.map(Tolerance::name).into()),
        ),
        of_list("reads", words.reads),
        of_list("projects", words.projects_read),
        Field::text("partner", words.partner),
        Field::text("person", words.person),
        Field::new(
            "national_ids",
            words.national_ids,
            Kind::Choice(policies.into()),
        ),
        Field::new("pseudonymise", words.pseudonymise, Kind::Check),
        of_list("origins", words.origins),
        Field::new("requests_per_minute", words.rate, Kind::Input("number")),
        Field::new("expires", words.expires, Kind::Input("date")),
    ]
}

/// Returns what the form asks for, as `POST /api/v1/keys` takes it.
fn wish(fields: &Fields) -> Result<Value, ApiError> {
    let list = |name: &str| {
        let words = fields.get(name).split([' ', ',']);
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
    };
    let mut wish = json!({
        "name": fields.get("name"),
        "space": fields.get("space"),
        "scopes": fields.all("scopes").collect::<Vec<_>>(),
        "tolerances": fields.all("tolerances").collect::<Vec<_>>(),
        "reads": list("reads"),
        "projects": list("projects"),
        "origins": list("origins"),
        "pseudonymise": fields.get("pseudonymise") == "yes",
    });
    for name in ["role", "partner", "person", "national_ids"] {
        if !fields.get(name).is_empty() {
            wish[name] = fields.get(name).into();
        }
    }
    let rate = fields.get("requests_per_minute");
    if !rate.is_empty() {
        let expected = "a whole number, 1 or more";
        let fault = || {
            Finding::new(
                "requests_per_minute",
                ProtocolRule::KeyValue,
                rate,
                expected,
            )
        };
        wish["requests_per_minute"] = rate.parse::<u32>().map_err(|_| fault())?.into();
    }
    if !fields.get("expires").is_empty() {
        wish["expires"] = format!("{}T00:00:00Z", fields.get("expires")).into();
    }
    Ok(wish)
}

/// Makes a key and shows its secret, once.
pub(super) async fn make(
    State(app): State<App>,
    Sent { visit, fields }: Sent,
) -> Result<Response, NotShown> {
    let made = app.make_key(visit.caller(), &wish(&fields)?).await?;
    Ok(shown(StatusCode::CREATED, &visit, &made))
}

/// Shows a key with its secret.
fn shown(status: StatusCode, visit: &Visit, (key, secret): &(KeyView, String)) -> Response {
    let words = Administration::of(visit.language);
    let told = fill(words.secret, &[&key.name]);
    let template = AdministrationPage {
        secret: Some((told, secret.clone())),
        facts: facts(key, visit),
        more: vec![("/administration/keys".to_owned(), words.keys)],
        ..AdministrationPage::new(visit, key.name.as_str())
    };
    template.answer(status)
}

fn facts(key: &KeyView, visit: &Visit) -> Vec<(String, String)> {
    let (language, words) = (visit.language, Administration::of(visit.language));
    let spaces = |spaces: &[Space]| {
        let names: Vec<_> = spaces.iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.name()).collect();
    let projects: Vec<_> = key.projects.iter().map(ToString::to_string).collect();
    let tolerances: Vec<_> = key
        .tolerances
        .iter()
        .map(|(name, uses)| format!("{name} ({uses})"))
        .collect();
    told([
        (words.space, key.space.to_string()),
        (words.role, role(key.role, visit)),
        (words.scopes, scopes.join(", ")),
        (words.reads, spaces(&key.reads)),
        (words.projects_read, projects.join(", ")),
        (words.tolerances, tolerances.join(", ")),
        (words.state, state(key, visit)),
        (words.made, instant(key.made, "", language)),
        (words.last_use, instant(key.last_use, words.never, language)),
        (words.expires, instant(key.expires, words.never, language)),
        (
            words.earlier_until,
            instant(key.earlier_secret_until, "", language),
        ),
    ])
}

/// Finds the key that a page is of.
async fn find(app: &App, visit: &Visit, name: &str) -> Result<KeyView, ApiError> {
    let keys = app.services().keys.managed(visit.caller()).await?;
    let found = keys.into_iter().find(|key| key.name == name);
    found.ok_or(ApiError::Absent("API key"))
}

/// Shows one key, with what can be done with it.
pub(super) async fn one(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["name", "done"])?;
    let key = find(&app, &visit, known.needed("name")?).await?;
    let words = Administration::of(visit.language);
    let rotate = Form {
        title: Some(words.rotate),
        action: "/administration/key/rotate",
        csrf: visit.visitor.0.csrf.clone(),
        fields: vec![
            Field::hidden("name", &key.name),
            Field::new("overlap_hours", words.overlap, Kind::Input("number")).of(OVERLAP_HOURS),
        ],
        button: words.rotate,
    };
    let stands = key.revoked.is_none();
    let revoke = stands.then(|| (named("key/revoke", &key.name), words.revoke));
    let refused = format!("/refusals?key={}", encoded(&key.name));
    let template = AdministrationPage {
        done: (given(&known, "done") == Some("revoked") && !stands).then_some(words.was_revoked),
        facts: facts(&key, &visit),
        links: vec![(refused, words.refusals_of)],
        forms: stands.then_some(rotate).into_iter().collect(),
        more: revoke.into_iter().collect(),
        ..AdministrationPage::new(&visit, key.name.as_str())
    };
    Ok(template.answer(StatusCode::OK))
}

/// Gives a key another secret and shows it, once.
pub(super) async fn rotate(
    State(app): State<App>,
    Sent { visit, fields }: Sent,
) -> Result<Response, NotShown> {
    let hours = fields.get("overlap_hours");
    let expected = "a whole number of hours from 0 to 720";
    let fault = || Finding::new("overlap_hours", ProtocolRule::KeyValue, hours, expected);
    let hours = hours.parse().map_err(|_| ApiError::from(fault()))?;
    let keys = &app.services().keys;
    let rotated = keys.rotate_managed(visit.caller(), fields.get("name"), hours);
    let rotated = rotated.await.map_err(ApiError::from)?;
    Ok(shown(StatusCode::OK, &visit, &rotated))
}

/// Asks whether a key is to be revoked.
pub(super) async fn confirm(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["name"])?;
    let key = find(&app, &visit, known.needed("name")?).await?;
    if key.revoked.is_some() {
        return Err(ApiError::from(KeyError::Revoked).into());
    }
    let words = Administration::of(visit.language);
    let action = "/administration/key/revoke";
    let form = Form::confirming(&visit, action, &key.name, words.revoke_now);
    let title = fill(words.revoke_title, &[&key.name]);
    let template = AdministrationPage {
        lead: Some(words.revoke_means.to_owned()),
        facts: facts(&key, &visit),
        forms: vec![form],
        more: vec![(named("key", &key.name), words.keys)],
        ..AdministrationPage::new(&visit, title)
    };
    Ok(template.answer(StatusCode::OK))
}

/// Revokes a key.
pub(super) async fn revoke(
    State(app): State<App>,
    Sent { visit, fields }: Sent,
) -> Result<Response, NotShown> {
    let name = fields.get("name");
    let revoked = app
        .services()
        .keys
        .revoke_managed(visit.caller(), name)
        .await;
    revoked.map_err(ApiError::from)?;
    Ok(see("key", name, "revoked"))
}
