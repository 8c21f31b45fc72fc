//! `varde key create | list | rotate | revoke | escrow | make-kek`

mod change;
mod create;
mod escrow;
mod list;

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_core::keys::{KeyError, KeyView};

pub(super) use self::change::{KeyRevokeArgs, KeyRotateArgs};
pub(super) use self::create::KeyCreateArgs;
pub(super) use self::escrow::{KeyEscrowArgs, KeyMakeKekArgs, escrow, make_kek};
pub(super) use self::list::KeyListArgs;
use crate::exit::{Exit, Failure};
use crate::terminal::columns;

/// Work with API keys.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "a process holds one of them, and not for long"
)]
pub(crate) enum Key {
    /// Makes a key and shows its secret, once.
    Create(KeyCreateArgs),
    /// Lists the keys of a store, without their secrets.
    List(KeyListArgs),
    /// Gives a key a new secret and shows it, once; the earlier one is let in for a while.
    Rotate(KeyRotateArgs),
    /// Lets a key in no more.
    Revoke(KeyRevokeArgs),
    /// Prints the key-encryption key for safe keeping, or compares a copy of it.
    #[serde(skip)]
    Escrow(KeyEscrowArgs),
    /// Makes the key-encryption key of a new database, which the processes on it share.
    #[serde(skip)]
    MakeKek(KeyMakeKekArgs),
}

fn refused(error: KeyError) -> Failure {
    match error {
        KeyError::Name
        | KeyError::Secret
        | KeyError::TooMany
        | KeyError::Authority(_)
        | KeyError::Expired(_)
        | KeyError::Person
        | KeyError::Overlap => Failure::new(Exit::Usage, error.to_string()),
        KeyError::Taken => {
            let sentence = format!("{error}; `varde key list` names them");
            Failure::new(Exit::CannotCreate, sentence)
        }
        KeyError::Absent => {
            let sentence = format!("{error}; `varde key list` names them");
            Failure::new(Exit::NoInput, sentence)
        }
        KeyError::Revoked => Failure::new(Exit::CannotCreate, error.to_string()),
        KeyError::Store(error) => error.into(),
    }
}

/// Returns a key with its new secret, as JSON.
fn shown_as_json(key: &KeyView, secret: &str) -> Result<String, Failure> {
    let mut shown = serde_json::to_value(key).map_err(|error| Failure::software(&error))?;
    shown["secret"] = Value::from(secret);
    Ok(format!("{shown}\n"))
}

/// Returns a key with its new secret, for people: what it has, and nothing of what it has not.
fn shown_as_text(key: &KeyView, secret: &str) -> String {
    let mut rows = vec![
        ("name", key.name.clone()),
        ("secret", secret.to_owned()),
        ("id", key.id.to_string()),
        ("authority", key.authority.to_string()),
        ("space", key.space.to_string()),
        (
            "scopes",
            listed(key.scopes.iter().map(|scope| scope.name())),
        ),
        ("projects", listed(&key.projects)),
    ];
    let more = [
        ("partner", listed(&key.partner)),
        ("role", listed(key.role)),
        ("person", listed(key.person)),
        ("reads", listed(&key.reads)),
        ("tolerances", listed(key.tolerances.keys())),
        ("national ids", key.national_ids.to_string()),
        ("pseudonymises", listed(key.pseudonymise.then_some("yes"))),
        ("origins", listed(&key.origins)),
        ("requests a minute", listed(key.requests_per_minute)),
        ("expires", listed(key.expires)),
        ("earlier secret until", listed(key.earlier_secret_until)),
    ];
    rows.extend(more.into_iter().filter(|(_, value)| value != NONE));
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(what, value)| vec![what.to_owned(), value])
        .collect();
    columns(&rows, &[]) + "  keep the secret now: it is not shown again\n"
}

const NONE: &str = "-";

/// Returns texts with commas between them, a dash where there is none.
fn listed(texts: impl IntoIterator<Item = impl ToString>) -> String {
    let texts: Vec<_> = texts.into_iter().map(|text| text.to_string()).collect();
    if texts.is_empty() {
        NONE.to_owned()
    } else {
        texts.join(", ")
    }
}
