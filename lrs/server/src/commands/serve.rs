//! `varde serve`

use std::time::Duration;

use secrecy::ExposeSecret as _;
use varde_core::keys::NewKey;
use varde_core::{Scope, StoreError};

use super::erase::refused;
use crate::cli::{ServeArgs, VERSION};
use crate::config::{self, Config, Environment};
use crate::exit::Failure;
use crate::kek_file;
use crate::lifecycle::Signals;
use crate::server::{Listeners, Server};
use crate::telemetry;
use crate::wiring::Parts;

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn run(args: &ServeArgs) -> Result<(), Failure> {
    let config = Config::of_server(args, Environment::read())?;
    config.store.data()?;
    telemetry::install(&config.log)?;
    warn_of_mistyped_variables();
    let mut signals = Signals::listen()?;
    // Sockets first: with a port taken, nothing is made in the data folder.
    let listeners = Listeners::bind(config.http.listen, config.admin.listen).await?;
    let mut parts = Parts::open(&config.store).await?;
    parts.store.keep_free(config.store.free_bytes_min);
    say_of_the_vault(&parts);
    erase_again(&parts).await?;
    make_first_key(&parts, &config).await?;
    parts.hand_over(&config).await?;
    parts.raise_alarms(&config)?;
    parts.retain(&config);
    let drain_max = Duration::from_secs(config.shutdown.drain_seconds_max);
    let notice = Duration::from_secs(config.shutdown.notice_seconds);
    let server = Server::start(parts, listeners, config)?;
    tracing::info!(
        version = VERSION,
        http.address = %server.http,
        admin.address = %server.admin,
        "listening"
    );
    signals.first().await;
    tracing::info!("stopping; a second signal ends at once");
    tokio::spawn(signals.end_at_next());
    server.give_notice(notice).await;
    server.shut_down(drain_max).await?;
    tracing::info!("stopped");
    Ok(())
}

fn warn_of_mistyped_variables() {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for (variable, meant) in config::mistyped(names) {
        tracing::warn!(
            variable,
            "this variable is no setting and is ignored; {meant} is one"
        );
    }
}

fn say_of_the_vault(parts: &Parts) {
    if let Some(file) = &parts.kek_made {
        tracing::warn!("{}", kek_file::made(file));
    }
    if parts.identities.vault().is_sealed() {
        tracing::warn!("{}", StoreError::Sealed);
    }
}

/// Does listed erasures again that the store, restored from a backup, knows nothing of. Until that
/// is done nobody is served.
async fn erase_again(parts: &Parts) -> Result<(), Failure> {
    let again = parts.erasures().reapply().await.map_err(refused);
    let again = again.map_err(|failure| {
        let sentence = format!("listed erasures must be done again first: {failure}");
        Failure::new(failure.exit, sentence)
    })?;
    for receipt in again {
        tracing::warn!(erasure = %receipt.erasure, "did a listed erasure again");
    }
    Ok(())
}

/// Makes the key of `VARDE_BOOTSTRAP_KEY` in a store without keys.
async fn make_first_key(parts: &Parts, config: &Config) -> Result<(), Failure> {
    if !parts.keys.is_empty().await? {
        return Ok(());
    }
    let Some(key) = &config.bootstrap.key else {
        tracing::warn!(
            "there is no API key yet, so nobody can connect; start once with \
             VARDE_BOOTSTRAP_KEY=name:secret to make one"
        );
        return Ok(());
    };
    let secret = key.secret.expose_secret();
    let space = config.bootstrap.space.clone();
    let new = NewKey {
        scopes: vec![Scope::All],
        ..NewKey::new(&key.name, secret, &config.http.public_url, space)
    };
    parts.make_key(new).await?;
    tracing::info!(key.name = %key.name, "made the first API key, with scope all");
    Ok(())
}
