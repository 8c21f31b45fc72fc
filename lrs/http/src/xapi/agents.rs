//! `agents`: the person behind an agent (xAPI 1.0.3 Communication 2.4, IEEE 9274.1.1 4.1.6.3).

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use varde_core::agents::{Agents, Person};
use varde_xapi::{Faults, Ifi, parameter};

use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters, Version};

/// Returns the person, for an unknown agent too.
pub(super) async fn get(
    Version(_): Version,
    Authenticated(caller): Authenticated,
    State(agents): State<Agents>,
    parameters: Parameters,
) -> Result<Json<Value>, ApiError> {
    let known = parameters.of(&caller).only(&["agent"])?;
    let agent = known.required::<_, Faults>("agent", parameter::agent)?;
    Ok(Json(written(&agents.person(&caller, &agent).await?)))
}

/// Writes a person: every member but `objectType` is an array.
fn written(person: &Person) -> Value {
    let mut body = json!({ "objectType": "Person" });
    match &person.ifi {
        Ifi::Mbox(mbox) => body["mbox"] = json!([mbox]),
        Ifi::MboxSha1Sum(digest) => body["mbox_sha1sum"] = json!([digest]),
        Ifi::OpenId(uri) => body["openid"] = json!([uri]),
        Ifi::Account { home_page, name } => {
            body["account"] = json!([{ "homePage": home_page.as_str(), "name": name }]);
        }
    }
    if !person.names.is_empty() {
        body["name"] = json!(person.names);
    }
    body
}
