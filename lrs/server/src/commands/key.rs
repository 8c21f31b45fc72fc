//! `varde key create | list | escrow`

use std::path::PathBuf;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use varde_core::keys::{self, KeyDefaults, KeyError, NewKey};
use varde_core::people::{KeyEncryptionKey, KeySource as _};
use varde_core::registers::files::OrganisationNumber;
use varde_core::{Entropy, ProjectCode, Role, Scope, Space, Tolerance, ToleranceUses};

use crate::ambient::SystemEntropy;
use crate::cli::StoreArgs;
use crate::config::Config;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::kek_file::{self, KekFile};
use crate::terminal::{columns, print};
use crate::wiring::Parts;

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
    /// Prints the key-encryption key for safe keeping, or compares a copy of it.
    #[serde(skip)]
    Escrow(KeyEscrowArgs),
    /// Makes the key-encryption key of a new database, which the processes on it share.
    #[serde(skip)]
    MakeKek(KeyMakeKekArgs),
}

/// The flags of `varde key make-kek`.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyMakeKekArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// The flags of `varde key escrow`.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyEscrowArgs {
    /// Where the store is.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Compares this copy with the key in use, and prints neither.
    #[arg(long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
}

/// The flags of `varde key create`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct KeyCreateArgs {
    /// The key's name: the user of HTTP Basic.
    pub(crate) name: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Where it writes: a project's code, with `:test` behind it for what is never counted.
    #[arg(long, value_name = "SPACE", default_value = "default")]
    pub(crate) space: Space,
    /// Another space that it reads; may be given again.
    #[arg(long, value_name = "SPACE", value_delimiter = ',')]
    pub(crate) reads: Vec<Space>,
    /// A project whose results it reads; may be given again [default: that of its space, none for a test space].
    #[arg(long, value_name = "PROJECT", value_delimiter = ',')]
    pub(crate) project: Vec<ProjectCode>,
    /// The partner that it belongs to, by organisation number such as NO-123456785.
    #[arg(long, value_name = "ORGANISATION")]
    pub(crate) partner: Option<OrganisationNumber>,
    /// What the person behind it is here for; a machine's key has no role.
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<Role>,
    /// What it may do; may be given again [default: what goes with the role, else what the project file says, else statements/write,statements/read/mine].
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    pub(crate) scope: Vec<Scope>,
    /// A rule that its requests are let off; may be given again [default: for a machine, what the project file says].
    #[arg(long, value_name = "TOLERANCE", value_delimiter = ',')]
    pub(crate) tolerate: Vec<Tolerance>,
    /// The address that names this Varde in statements' authority [default: <http://localhost:8080>].
    #[arg(long, env = "VARDE_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Prints the key as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `varde key list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct KeyListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// Prints the list as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How many random bytes a secret has.
const SECRET_BYTES: usize = 32;

#[async_trait]
impl StoreCommand for KeyCreateArgs {
    fn name(&self) -> &'static str {
        "key create"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Makes a key and shows its secret, which nobody can read again.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let mut http = desk.config().http.clone();
        if let Some(url) = &self.public_url {
            http.public_url.clone_from(url);
        }
        http.validate()?;
        let parts = desk.open().await?;
        let (scopes, tolerances) = self.settings(&parts).await?;
        let secret = secret(&*parts.entropy);
        let new = NewKey {
            also_reads: self.reads.clone(),
            scopes,
            tolerances,
            projects: self.project.clone(),
            partner: self.partner.clone(),
            role: self.role,
            ..NewKey::new(&self.name, &secret, &http.public_url, self.space.clone())
        };
        let key = parts.keys.create(new).await.map_err(refused)?;
        let made = if self.json {
            new_as_json(&key, &secret)
        } else {
            new_as_text(&key, &secret)
        };
        desk.print(made).await
    }
}

impl KeyCreateArgs {
    /// Returns the scopes and tolerances given, else those that go with the role, else those that
    /// the project file names.
    async fn settings(&self, parts: &Parts) -> Result<(Vec<Scope>, Vec<Tolerance>), Failure> {
        let defaults = if let Some(role) = self.role {
            KeyDefaults {
                scopes: role.default_scopes().to_vec(),
                tolerances: Vec::new(),
            }
        } else {
            let registers = parts.registers.refresh().await?;
            let now = parts.log.consistent_through().await?;
            KeyDefaults::of(&self.space, &registers, now)
        };
        Ok((
            given(&self.scope, defaults.scopes),
            given(&self.tolerate, defaults.tolerances),
        ))
    }
}

/// Returns what was given, else what goes without saying.
fn given<T: Clone>(given: &[T], defaults: Vec<T>) -> Vec<T> {
    if given.is_empty() {
        defaults
    } else {
        given.to_vec()
    }
}

/// Prints the key-encryption key, or tells whether a copy is that key. It is read from its file, so
/// that the key never passes through the socket of a server.
pub(crate) fn escrow(args: &KeyEscrowArgs) -> Result<(), Failure> {
    let file = Config::of_store(&args.store)?.store.kek_file()?;
    let key = key_in(&file)?;
    let Some(path) = &args.check else {
        print(&format!("{}\n", key.text()));
        return Ok(());
    };
    let copy = key_in(&KekFile { path: path.clone() })?;
    let (copy, key) = (copy.fingerprint(), key.fingerprint());
    if copy == key {
        print(&format!(
            "  the copy is the key in use, of fingerprint {key}\n"
        ));
        Ok(())
    } else {
        let sentence = format!(
            "{} holds another key, of fingerprint {copy}; the key in use has {key}",
            path.display()
        );
        Err(Failure::new(Exit::Data, sentence))
    }
}

/// Makes the key-encryption key in its file, which must not be there yet.
pub(crate) fn make_kek(args: &KeyMakeKekArgs) -> Result<(), Failure> {
    let file = Config::of_store(&args.store)?.store.kek_file()?;
    if file.path.exists() {
        let sentence = format!(
            "{} is there already; a store is read with one key only, so none is made over it",
            file.path.display()
        );
        return Err(Failure::new(Exit::CannotCreate, sentence));
    }
    file.make(&SystemEntropy)?;
    print(&format!("  {}\n", kek_file::made(&file.path)));
    Ok(())
}

fn key_in(file: &KekFile) -> Result<KeyEncryptionKey, Failure> {
    let key = file.read();
    let key = key.map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    key.ok_or_else(|| {
        let sentence = format!("there is no key-encryption key in {}", file.path.display());
        Failure::new(Exit::NoInput, sentence)
    })
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

fn new_as_json(key: &keys::Key, secret: &str) -> String {
    let mut described = described(key, &ToleranceUses::new());
    described.insert("secret".to_owned(), json!(secret));
    format!("{}\n", Value::Object(described))
}

fn new_as_text(key: &keys::Key, secret: &str) -> String {
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
    rows.push(("projects", listed(key.reads_projects())));
    if let Some(partner) = &key.partner {
        rows.push(("partner", partner.to_string()));
    }
    if let Some(role) = key.role {
        rows.push(("role", role.to_string()));
    }
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

#[async_trait]
impl StoreCommand for KeyListArgs {
    fn name(&self) -> &'static str {
        "key list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Lists the keys with what they may do, and never a secret.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let keys = with_uses(&*desk.open_existing().await?).await?;
        let list = if self.json {
            as_json(&keys)
        } else {
            as_text(&keys)
        };
        desk.print(list).await
    }
}

async fn with_uses(parts: &Parts) -> Result<Vec<(keys::Key, ToleranceUses)>, Failure> {
    let mut keys = Vec::new();
    for key in parts.keys.all().await? {
        let uses = parts.keys.recorded_uses(key.id).await?;
        keys.push((key, uses));
    }
    Ok(keys)
}

fn as_json(keys: &[(keys::Key, ToleranceUses)]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(key, uses)| described(key, uses))
        .collect();
    format!("{}\n", json!({ "keys": keys }))
}

/// Returns everything of a key but its secret's hash.
fn described(key: &keys::Key, uses: &ToleranceUses) -> Map<String, Value> {
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
        ("projects", json!(key.reads_projects())),
        ("partner", json!(key.partner)),
        ("role", json!(key.role)),
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

fn as_text(keys: &[(keys::Key, ToleranceUses)]) -> String {
    if keys.is_empty() {
        return "  no keys yet; make one with `varde key create NAME`\n".to_owned();
    }
    let header = [
        "Name",
        "Id",
        "Space",
        "Reads",
        "Projects",
        "Partner",
        "Role",
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
            listed(key.reads_projects()),
            listed(&key.partner),
            listed(key.role),
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
