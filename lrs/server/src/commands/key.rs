//! `varde key create | list`

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use varde_core::keys::{Key, KeyError, NewKey};
use varde_core::{Entropy, Tolerance, ToleranceUses};

use crate::cli::{KeyCreateArgs, KeyListArgs};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::terminal::{columns, print};
use crate::wiring::Parts;

/// How many random bytes a secret has.
const SECRET_BYTES: usize = 32;

/// Makes a key and shows its secret, which nobody can read again.
pub(crate) async fn create(args: &KeyCreateArgs) -> Result<(), Failure> {
    let mut config = Config::of_store(&args.store)?;
    if let Some(url) = &args.public_url {
        config.http.public_url.clone_from(url);
    }
    config.http.validate()?;
    let parts = Parts::open(config.store.data()?)?;
    let secret = secret(&*parts.entropy);
    let new = NewKey {
        name: args.name.clone(),
        secret: secret.clone(),
        home_page: config.http.public_url,
        space: args.space.clone(),
        also_reads: args.reads.clone(),
        scopes: args.scope.clone(),
        tolerances: args.tolerate.clone(),
    };
    let key = parts.keys.create(new).await.map_err(refused);
    parts.close().await?;
    print(&if args.json {
        new_as_json(&key?, &secret)
    } else {
        new_as_text(&key?, &secret)
    });
    Ok(())
}

fn secret(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; SECRET_BYTES];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn refused(error: KeyError) -> Failure {
    match error {
        KeyError::Name | KeyError::Secret => Failure::new(Exit::Usage, error.to_string()),
        KeyError::Taken => {
            let sentence = format!("{error}; `varde key list` names them");
            Failure::new(Exit::CannotCreate, sentence)
        }
        KeyError::Store(error) => error.into(),
    }
}

fn new_as_json(key: &Key, secret: &str) -> String {
    let mut described = described(key, &ToleranceUses::new());
    described.insert("secret".to_owned(), json!(secret));
    format!("{}\n", Value::Object(described))
}

fn new_as_text(key: &Key, secret: &str) -> String {
    let mut rows = vec![
        ("name", key.name.clone()),
        ("secret", secret.to_owned()),
        ("id", key.id.to_string()),
        ("space", key.space.to_string()),
        (
            "scopes",
            listed(key.scopes.iter().map(|scope| scope.name())),
        ),
    ];
    if !key.also_reads.is_empty() {
        rows.push(("reads", listed(&key.also_reads)));
    }
    if !key.tolerances.is_empty() {
        let names = key.tolerances.iter().map(|tolerance| tolerance.name());
        rows.push(("tolerances", listed(names)));
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(what, value)| vec![what.to_owned(), value])
        .collect();
    columns(&rows, &[]) + "  keep the secret now: it is not shown again\n"
}

/// Lists the keys with what they may do, and never a secret.
pub(crate) async fn list(args: &KeyListArgs) -> Result<(), Failure> {
    let config = Config::of_store(&args.store)?;
    let parts = Parts::open_existing(config.store.data()?)?;
    let keys = with_uses(&parts).await;
    parts.close().await?;
    let keys = keys?;
    print(&if args.json {
        as_json(&keys)
    } else {
        as_text(&keys)
    });
    Ok(())
}

async fn with_uses(parts: &Parts) -> Result<Vec<(Key, ToleranceUses)>, Failure> {
    let mut keys = Vec::new();
    for key in parts.keys.all().await? {
        let uses = parts.keys.recorded_uses(key.id).await?;
        keys.push((key, uses));
    }
    Ok(keys)
}

fn as_json(keys: &[(Key, ToleranceUses)]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(key, uses)| described(key, uses))
        .collect();
    format!("{}\n", json!({ "keys": keys }))
}

/// Returns everything of a key but its secret's hash.
fn described(key: &Key, uses: &ToleranceUses) -> Map<String, Value> {
    let tolerances: Map<_, _> = key
        .tolerances
        .iter()
        .map(|tolerance| (tolerance.name().to_owned(), json!(used(*tolerance, uses))))
        .collect();
    let members = [
        ("name", json!(key.name)),
        ("id", json!(key.id)),
        ("space", json!(key.space)),
        ("reads", json!(key.also_reads)),
        ("scopes", json!(key.scopes)),
        ("tolerances", Value::Object(tolerances)),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn used(tolerance: Tolerance, uses: &ToleranceUses) -> u64 {
    uses.get(&tolerance).copied().unwrap_or_default()
}

fn as_text(keys: &[(Key, ToleranceUses)]) -> String {
    if keys.is_empty() {
        return "  no keys yet; make one with `varde key create NAME`\n".to_owned();
    }
    let header = [
        "Name",
        "Id",
        "Space",
        "Reads",
        "Scopes",
        "Tolerances (uses)",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(keys.iter().map(|(key, uses)| {
        let tolerances = key
            .tolerances
            .iter()
            .map(|one| format!("{} ({})", one.name(), used(*one, uses)));
        vec![
            key.name.clone(),
            key.id.to_string(),
            key.space.to_string(),
            listed(&key.also_reads),
            listed(key.scopes.iter().map(|scope| scope.name())),
            listed(tolerances),
        ]
    }));
    columns(&rows, &[])
}

/// Returns texts with commas between them, a dash where there is none.
fn listed(texts: impl IntoIterator<Item = impl ToString>) -> String {
    let texts: Vec<_> = texts.into_iter().map(|text| text.to_string()).collect();
    if texts.is_empty() {
        "-".to_owned()
    } else {
        texts.join(", ")
    }
}
