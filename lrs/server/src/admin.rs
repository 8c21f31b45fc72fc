//! The operator's listener: `/livez`, `/readyz`, `/metrics`.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use varde_core::ledger::{Runner, Stopped};
use varde_core::people::Vault;
use varde_core::ports::StatementLog;
use varde_core::{Clock, Position};

use crate::background_check::Damage;
use crate::exit::chain;
use crate::followers::Alive;
use crate::lifecycle::Stop;
use crate::metrics::{Metrics, Sampled};
use crate::store::Store;
use crate::wiring::Parts;

/// What the operator's listener looks at.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    /// Whether the server is about to stop.
    pub(crate) leaving: Stop,
    /// The store itself, for whether it can be written.
    pub(crate) store: Arc<Store>,
    /// What the background check has found.
    pub(crate) damage: Arc<Damage>,
    /// The store, by its log.
    pub(crate) log: Arc<dyn StatementLog>,
    /// The runner, for the ledger's lag.
    pub(crate) runner: Arc<Runner>,
    /// The vault of persons' keys.
    pub(crate) vault: Arc<Vault>,
    /// Whether each follower's loop runs.
    pub(crate) alive: Vec<Alive>,
    /// The metrics.
    pub(crate) metrics: Metrics,
    /// What is looked up now and then.
    pub(crate) sampled: Sampled,
    /// Tells how old what waits is.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Watched {
    /// Looks at the parts of a server, at whether its followers are alive and whether it is about to stop.
    pub(crate) fn new(parts: &Parts, alive: Vec<Alive>, leaving: Stop) -> Self {
        Self {
            leaving,
            store: Arc::clone(&parts.store),
            damage: Arc::clone(&parts.damage),
            log: Arc::clone(&parts.log),
            runner: Arc::clone(&parts.runner),
            vault: Arc::clone(parts.identities.vault()),
            alive,
            metrics: parts.metrics.clone(),
            sampled: Sampled::new(
                Arc::clone(&parts.keys),
                parts.data.clone(),
                Arc::clone(&parts.clock),
            ),
            clock: Arc::clone(&parts.clock),
        }
    }
}

/// Returns the operator's routes.
pub(crate) fn router(watched: Watched) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(watched)
}

/// Ready means: no stop was asked for, the store answers, and everything that follows the log is at work. That the disk is
/// nearly full, or something is damaged, is said beside.
async fn readyz(State(watched): State<Watched>) -> Response {
    let unready = |why: String| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if watched.leaving.is_asked() {
        return unready("stopping\n".to_owned());
    }
    // A read from the database itself, which the head alone would not need.
    if let Err(error) = watched.log.follow(Position(0), 1).await {
        return unready(format!("the store does not answer: {}\n", chain(&error)));
    }
    if let Some(ended) = watched.alive.iter().find(|one| !one.is_alive()) {
        return unready(format!("{} has ended\n", ended.name));
    }
    // What was sent is still stored and everything else counted, so this refuses no request.
    let stopped = watched.runner.stopped().await.unwrap_or_default();
    let lines: Vec<String> = stopped
        .iter()
        .map(|Stopped { name, .. }| {
            format!("the definition {name} no longer compiles; its ledger stands still\n")
        })
        .collect();
    let notes = lines.concat();
    // Ready to read at least, so no reason to send readers elsewhere.
    let mut ready = match watched.store.check_writable() {
        Ok(()) => "ready\n".to_owned(),
        Err(error) => format!("ready to read only: {}\n", chain(&error)),
    };
    if watched.damage.found() > 0 {
        let found = watched.damage.found();
        let _ = writeln!(
            ready,
            "damaged: {found} findings, which the log and `varde verify` name"
        );
    }
    ready.push_str(&notes);
    // Statements go on without the key, so a sealed store is ready; how much waits for it is said.
    if watched.vault.is_sealed() {
        let persons = watched.vault.persons().await;
        let sealed = persons.map_or_else(|error| chain(&error), |persons| persons.to_string());
        let _ = writeln!(ready, "sealed: {sealed}");
    }
    ready.into_response()
}

async fn metrics(State(watched): State<Watched>) -> Response {
    let runner = &watched.runner;
    if let (Ok(lag), Ok(stopped)) = (runner.lag().await, runner.stopped().await) {
        let now = watched.clock.now();
        watched.metrics.observe_ledgers(lag, &stopped, now);
    }
    if let Ok(through) = watched.log.consistent_through().await {
        let now = watched.clock.now();
        watched.metrics.observe_consistent(through, now);
    }
    watched.sampled.observe(&watched.metrics).await;
    if let Some((open, in_use)) = watched.store.connections() {
        let connections = &watched.metrics.store.connections;
        connections.with_label_values(&["open"]).set(open);
        connections.with_label_values(&["in use"]).set(in_use);
    }
    let damaged = i64::try_from(watched.damage.found()).unwrap_or(i64::MAX);
    watched.metrics.store_damaged.set(damaged);
    if let Some(Ok(free)) = watched.store.embedded().map(|store| store.free()) {
        let free = i64::try_from(free).unwrap_or(i64::MAX);
        watched.metrics.store.free.set(free);
    }
    match watched.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
