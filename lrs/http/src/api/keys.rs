//! `keys`: API keys of the projects that an administrator looks after.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use varde_core::keys::{KeyView, Keys, NewKey, Origin};
use varde_core::registers::files::OrganisationNumber;
use varde_core::{
    Caller, IngestPolicy, NationalIdPolicy, Need, ProjectCode, Role, Scope, Space, Tolerance,
};
use varde_xapi::Stored;

use crate::error::ApiError;
use crate::extract::{Authenticated, JsonBody, Parameters, shape};
use crate::finding::Finding;
use crate::rule::ProtocolRule;
use crate::state::App;

/// What `keys` knows.
pub(super) const KNOWN: &[&str] = &["name"];
/// What `keys/rotate` knows.
pub(super) const ROTATE: &[&str] = &["name", "overlap_hours"];

/// For how many hours the earlier secret is let in where nobody says otherwise.
const OVERLAP_HOURS: u32 = 24;

/// What a new key is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    name: String,
    space: Space,
    #[serde(default)]
    scopes: Vec<Scope>,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    authority: Option<Box<RawValue>>,
    #[serde(default)]
    reads: Vec<Space>,
    #[serde(default)]
    projects: Vec<ProjectCode>,
    #[serde(default)]
    partner: Option<OrganisationNumber>,
    #[serde(default)]
    tolerances: Vec<Tolerance>,
    #[serde(default)]
    national_ids: NationalIdPolicy,
    #[serde(default)]
    pseudonymise: bool,
    #[serde(default)]
    origins: Vec<Origin>,
    #[serde(default)]
    requests_per_minute: Option<NonZeroU32>,
    #[serde(default)]
    expires: Option<Stored>,
}

/// The keys of the caller's projects.
#[derive(Debug, Serialize)]
pub(super) struct List {
    keys: Vec<KeyView>,
}

/// A key with its secret, which is shown this once.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    key: KeyView,
    secret: String,
}

/// Returns the keys, without their secrets.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(keys): State<Arc<Keys>>,
    parameters: Parameters,
) -> Result<Json<List>, ApiError> {
    parameters.none()?;
    let keys = keys.managed(&caller).await?;
    Ok(Json(List { keys }))
}

/// Makes a key.
pub(super) async fn create(
    Authenticated(caller): Authenticated,
    State(app): State<App>,
    parameters: Parameters,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<Response, ApiError> {
    parameters.none()?;
    let (key, secret) = make(&app, &caller, wish).await?;
    Ok(shown(StatusCode::CREATED, key, secret))
}

async fn make(app: &App, caller: &Caller, wish: Wish) -> Result<(KeyView, String), ApiError> {
    // Who may not make keys is not told either whether the register has a person.
    caller.may(Need::ManageKeys)?;
    let services = app.services();
    let secret = services.keys.new_secret();
    let person = match &wish.person {
        Some(person) => Some(services.person_records.person(person).await?),
        None => None,
    };
    let new = NewKey {
        person,
        ..wish.into_new(&secret, &services.public_url)?
    };
    Ok((services.keys.make(caller, new).await?, secret))
}

impl App {
    /// Makes a key by what `POST /api/v1/keys` takes, and returns it with its secret.
    pub async fn make_key(
        &self,
        caller: &Caller,
        wish: &Value,
    ) -> Result<(KeyView, String), ApiError> {
        // From the text, since an authority is taken to the letter.
        let wish = serde_json::from_str(&wish.to_string());
        make(self, caller, wish.map_err(|error| shape(&error))?).await
    }
}

/// Gives a key a new secret.
pub(super) async fn rotate(
    Authenticated(caller): Authenticated,
    State(keys): State<Arc<Keys>>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(ROTATE)?;
    let hours = known.read("overlap_hours", |name, text| {
        let rule = ProtocolRule::KeyValue;
        let expected = "a whole number of hours from 0 to 720";
        (text.parse::<u32>()).map_err(|_| Finding::new(name, rule, text, expected))
    })?;
    let hours = hours.unwrap_or(OVERLAP_HOURS);
    let rotated = keys.rotate_managed(&caller, known.needed("name")?, hours);
    let (key, secret) = rotated.await?;
    Ok(shown(StatusCode::OK, key, secret))
}

/// Lets a key in no more.
pub(super) async fn revoke(
    Authenticated(caller): Authenticated,
    State(keys): State<Arc<Keys>>,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(KNOWN)?;
    keys.revoke_managed(&caller, known.needed("name")?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(status: StatusCode, key: KeyView, secret: String) -> Response {
    // No cache may keep a secret (RFC 9111 5.2.2.5).
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    (status, unkept, Json(Shown { key, secret })).into_response()
}

impl Wish {
    fn into_new(self, secret: &str, home_page: &str) -> Result<NewKey, Finding> {
        let scopes = match self.role {
            _ if !self.scopes.is_empty() => self.scopes,
            Some(role) => role.default_scopes().to_vec(),
            None => {
                let expected = "one scope or more, or a role, which has its own";
                let rule = ProtocolRule::KeyValue;
                return Err(Finding::told("scopes", rule, "nothing", expected));
            }
        };
        Ok(NewKey {
            authority: self.authority.map(|agent| agent.get().to_owned()),
            also_reads: self.reads,
            scopes,
            tolerances: self.tolerances,
            ingest: IngestPolicy {
                national_ids: self.national_ids,
                pseudonymise: self.pseudonymise,
            },
            projects: self.projects,
            partner: self.partner,
            role: self.role,
            origins: self.origins,
            requests_per_minute: self.requests_per_minute,
            expires: self.expires,
            ..NewKey::new(&self.name, secret, home_page, self.space)
        })
    }
}
