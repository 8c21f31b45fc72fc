//! `varde key create`

use std::num::NonZeroU32;

use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};
use varde_core::keys::{KeyDefaults, NewKey, Origin};
use varde_core::people::IdentityId;
use varde_core::registers::files::OrganisationNumber;
use varde_core::{IngestPolicy, NationalIdPolicy, ProjectCode, Role, Scope, Space, Tolerance};
use varde_xapi::Stored;

use super::{refused, shown_as_json, shown_as_text};
use crate::cli::StoreArgs;
use crate::commands::erase;
use crate::desk::{Desk, StoreCommand};
use crate::exit::Failure;
use crate::wiring::Parts;

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
    /// The person of the register behind a learner's key, by pseudonym or id.
    #[arg(long, value_name = "PERSON")]
    pub(crate) person: Option<String>,
    /// What it may do; may be given again [default: what goes with the role, else what the project file says, else statements/write,statements/read/mine].
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    pub(crate) scope: Vec<Scope>,
    /// A rule that its requests are let off; may be given again [default: for a machine, what the project file says].
    #[arg(long, value_name = "TOLERANCE", value_delimiter = ',')]
    pub(crate) tolerate: Vec<Tolerance>,
    /// What becomes of statements with Norwegian or Swedish national identity numbers: flag, mask or refuse.
    #[arg(long, value_name = "POLICY", default_value_t)]
    pub(crate) national_ids: NationalIdPolicy,
    /// Puts a random account in the place of everybody who is identified in its statements and documents.
    #[arg(long)]
    pub(crate) pseudonymise: bool,
    /// The Agent that its statements get as their authority, as JSON [default: an account of its name on this Varde].
    #[arg(long, value_name = "AGENT")]
    pub(crate) authority: Option<String>,
    /// An origin of pages that may use it, such as <https://course.example.org>; may be given again [default: any].
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    pub(crate) origin: Vec<Origin>,
    /// How many requests it may make in a minute [default: what the server says of all].
    #[arg(long, value_name = "N")]
    pub(crate) rate: Option<NonZeroU32>,
    /// The instant from which on it is let in no more, such as 2027-01-01T00:00:00Z [default: never].
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) expires: Option<Stored>,
    /// The address that names this Varde in statements' authority [default: <http://localhost:8080>].
    #[arg(long, env = "VARDE_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Prints the key as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn instant(text: &str) -> Result<Stored, String> {
    let expected = "expected an instant such as 2027-01-01T00:00:00Z";
    Stored::parse(text).map_err(|_| expected.to_owned())
}

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
        let secret = parts.keys.new_secret();
        let new = NewKey {
            authority: self.authority.clone(),
            also_reads: self.reads.clone(),
            scopes,
            tolerances,
            ingest: IngestPolicy {
                national_ids: self.national_ids,
                pseudonymise: self.pseudonymise,
            },
            projects: self.project.clone(),
            partner: self.partner.clone(),
            role: self.role,
            person: self.person(&parts).await?,
            origins: self.origin.clone(),
            requests_per_minute: self.rate,
            expires: self.expires,
            ..NewKey::new(&self.name, &secret, &http.public_url, self.space.clone())
        };
        let key = parts.keys.create(new).await.map_err(refused)?;
        let key = parts.keys.view(&key).await?;
        let made = if self.json {
            shown_as_json(&key, &secret)?
        } else {
            shown_as_text(&key, &secret)
        };
        desk.print(made).await
    }
}

impl KeyCreateArgs {
    /// Returns the id of the person who is named.
    async fn person(&self, parts: &Parts) -> Result<Option<IdentityId>, Failure> {
        let Some(person) = &self.person else {
            return Ok(None);
        };
        let person = parts.erasures().person(person).await;
        Ok(Some(person.map_err(erase::refused)?))
    }

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
