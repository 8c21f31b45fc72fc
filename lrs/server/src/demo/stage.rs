//! The demonstration's server: the real one, on a temporary store, with a key of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tempfile::TempDir;
use varde_core::keys::NewKey;
use varde_core::registers::files::RegisterFile;
use varde_core::{Entropy as _, Role, Scope, Space};

use super::client::Client;
use super::material::{DEFINITIONS, REGISTERS};
use crate::ambient::SystemEntropy;
use crate::commands::{import, rules};
use crate::config::Config;
use crate::config::StoreSection;
use crate::exit::{Exit, Failure};
use crate::server::{Listeners, Server};
use crate::wiring::Parts;

/// The user of HTTP Basic.
const KEY_NAME: &str = "demo";
/// Who signs in in a browser, and the key that they act through.
const ACCOUNT: &str = "office";
const ACCOUNT_KEY: &str = "project-office";
/// How long requests under way may take at the end.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// A running server with everything on it that the programme needs.
#[derive(Debug)]
pub(crate) struct Stage {
    server: Server,
    secret: String,
    /// The account's.
    password: String,
    /// Goes with the stage.
    _folder: TempDir,
}

impl Stage {
    /// Makes a store, takes in registers and definitions, and starts the server.
    pub(crate) async fn set_up(listen: SocketAddr) -> Result<Self, Failure> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listeners = Listeners::bind(listen, anywhere).await?;
        let folder = TempDir::with_prefix("varde-demo-").map_err(|error| {
            Failure::new(
                Exit::CannotCreate,
                format!("cannot make a temporary folder: {error}"),
            )
        })?;
        let section = StoreSection {
            data: Some(folder.path().to_owned()),
            ..StoreSection::default()
        };
        let parts = Parts::open(&section).await?;
        let secret = SystemEntropy.uuid().simple().to_string();
        make_key(&parts, &secret).await?;
        let config = Config::default();
        let password = SystemEntropy.uuid().simple().to_string();
        make_account(&parts, &config, &password).await?;
        let signer = parts.signers.make().await;
        signer.map_err(|error| Failure::software(&error))?;
        take_in(&parts).await?;
        let server = Server::start(parts, listeners, config)?;
        Ok(Self {
            server,
            secret,
            password,
            _folder: folder,
        })
    }

    /// Returns a client with the stage's key.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.server.http, KEY_NAME, &self.secret)
    }

    /// Returns the server's address as a URL without a path.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.server.http)
    }

    /// Returns the key as `name:secret`.
    pub(crate) fn key(&self) -> String {
        format!("{KEY_NAME}:{}", self.secret)
    }

    /// Returns the name and the password to sign in by.
    pub(crate) fn account(&self) -> (&'static str, &str) {
        (ACCOUNT, &self.password)
    }

    /// Stops the server and removes the folder.
    pub(crate) async fn tear_down(self) -> Result<(), Failure> {
        self.server.shut_down(DRAIN_MAX).await
    }
}

async fn make_key(parts: &Parts, secret: &str) -> Result<(), Failure> {
    let space = Space::live(KEY_NAME).map_err(|error| Failure::software(&error))?;
    let new = NewKey {
        scopes: vec![Scope::All],
        ..NewKey::new(KEY_NAME, secret, "https://varde.example.org", space)
    };
    parts.make_key(new).await
}

/// Makes the account of the made-up project's office.
async fn make_account(parts: &Parts, config: &Config, password: &str) -> Result<(), Failure> {
    let space = Space::live(KEY_NAME).map_err(|error| Failure::software(&error))?;
    let secret = SystemEntropy.uuid().simple().to_string();
    let role = Role::Administrator;
    let new = NewKey {
        role: Some(role),
        scopes: role.default_scopes().to_vec(),
        ..NewKey::new(ACCOUNT_KEY, &secret, "https://varde.example.org", space)
    };
    parts.make_key(new).await?;
    let users = parts.users(&config.http);
    let made = users.create(ACCOUNT, password, ACCOUNT_KEY).await;
    made.map_err(|error| Failure::software(&error))?;
    Ok(())
}

/// Takes registers and definitions in as the commands do.
async fn take_in(parts: &Parts) -> Result<(), Failure> {
    let file = |(name, text): (&str, &str)| RegisterFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let files = import::read(&REGISTERS.map(file))?;
    import::add(parts, files.rows).await?;
    let definitions = DEFINITIONS
        .iter()
        .map(|(name, text)| rules::read(name, text))
        .collect::<Result<Vec<_>, _>>()?;
    rules::install(parts, definitions).await?;
    parts.runner.catch_up().await.map_err(rules::not_carried)
}
