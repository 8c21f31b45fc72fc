//! A running server: two listeners, the control socket and the runner's loop under one stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use varde_dashboard::Works;
use varde_http::Services;

use crate::admin::{self, Watched};
use crate::config::{Config, HttpSection};
use crate::desk::control::{self, Control};
use crate::exit::{Exit, Failure, chain};
use crate::followers::Followers;
use crate::lifecycle::{self, Stopper};
use crate::listener::{self, Bounds, serve};
use crate::metrics::measure;
use crate::oidc::{Fetch, Issuers, SignInIssuers};
use crate::traces::{Traces, trace};
use crate::web::Web;
use crate::wiring::Parts;

/// The most connections to the operator's listener.
const OPERATOR_CONNECTIONS_MAX: usize = 64;

/// How long spans may be exported at the end, where requests took all the time there was.
const FLUSHED_MIN: Duration = Duration::from_secs(1);

/// The two open sockets.
#[derive(Debug)]
pub(crate) struct Listeners {
    http: TcpListener,
    admin: TcpListener,
}

/// A server at work.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where front ends and people connect.
    pub(crate) http: SocketAddr,
    /// Where the operator connects.
    pub(crate) admin: SocketAddr,
    parts: Arc<Parts>,
    leaver: Stopper,
    stopper: Stopper,
    tasks: Vec<JoinHandle<()>>,
    /// What pages have begun for people.
    works: Works,
    followers: Followers,
    traces: Option<Arc<Traces>>,
}

impl Listeners {
    /// Opens both sockets; port 0 takes any free one.
    pub(crate) async fn bind(http: SocketAddr, admin: SocketAddr) -> Result<Self, Failure> {
        Ok(Self {
            http: bind(http, "--listen").await?,
            admin: bind(admin, "--admin-listen").await?,
        })
    }
}

async fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let (exit, advice) = match error.kind() {
            std::io::ErrorKind::AddrInUse => (
                Exit::Unavailable,
                "another program listens there; stop it or give another port",
            ),
            std::io::ErrorKind::PermissionDenied => (
                Exit::NoPermission,
                "ports below 1024 are for root; give a higher one",
            ),
            _ => (Exit::Unavailable, "give an address of this machine"),
        };
        Failure::new(
            exit,
            format!("cannot listen on {address} ({flag}): {error}; {advice}"),
        )
    })
}

/// Has the issuers of tokens be trusted, and people sign in for as long as it is set and where.
fn trust(services: &mut Services, parts: &Parts, config: &Config) -> Result<(), Failure> {
    let users = parts.users(&config.http);
    let users = users.with_lifetimes(config.sign_in.lifetimes());
    if config.oidc.issuers.is_empty() {
        services.users = Arc::new(users);
        return Ok(());
    }
    let fetch: Arc<dyn Fetch> = Arc::new(Web::new());
    let issuers = Arc::new(Issuers::new(&config.oidc.issuers, &fetch, &parts.clock));
    services.tokens = Arc::clone(&issuers) as _;
    let sections = &config.sign_in.issuers;
    let providers = SignInIssuers::new(sections, issuers, fetch, &config.http.public_url)?;
    services.users = Arc::new(users.with_providers(Arc::new(providers)));
    Ok(())
}

/// Has each request be a span, where a collector is named.
fn traced(
    routes: Router,
    parts: &Parts,
    config: &Config,
) -> Result<(Router, Option<Arc<Traces>>), Failure> {
    let Some(endpoint) = &config.telemetry.otlp_endpoint else {
        return Ok((routes, None));
    };
    let traces = Arc::new(Traces::new(endpoint, Arc::clone(&parts.entropy))?);
    let layer = from_fn_with_state(Arc::clone(&traces), trace);
    Ok((routes.layer(layer), Some(traces)))
}

impl Server {
    /// Starts serving on open sockets.
    pub(crate) fn start(
        parts: Parts,
        listeners: Listeners,
        config: Config,
    ) -> Result<Self, Failure> {
        let addresses = (listeners.http.local_addr(), listeners.admin.local_addr());
        let (Ok(http), Ok(admin)) = addresses else {
            return Err(Failure::new(Exit::Software, "a socket has no address"));
        };
        let parts = Arc::new(parts);
        let operator = control::listen(&parts.data)?;
        let (stopper, stop) = lifecycle::stop();
        let (leaver, leaving) = lifecycle::stop();
        let followers = Followers::start(parts.followers()).map_err(|error| {
            Failure::new(Exit::Software, format!("cannot start a thread: {error}"))
        })?;
        let watched = Watched::new(&parts, followers.alive(), leaving);
        let mut services = parts.services(&config.http);
        services.sources = parts.sources(config.alarms.silent_hours);
        trust(&mut services, &parts, &config)?;
        let works = Works::default();
        let pages = varde_dashboard::pages(&works);
        let routes = varde_http::router(services, config.http.limits(), pages)
            .layer(from_fn_with_state(parts.metrics.clone(), measure));
        let (routes, traces) = traced(routes, &parts, &config)?;
        let control = Control {
            parts: Arc::clone(&parts),
            config,
        };
        let mut bounds = control.config.http.bounds();
        bounds.connections_max = bounds.connections_max.min(listener::raise_open_files());
        let of_operator = Bounds {
            connections_max: OPERATOR_CONNECTIONS_MAX,
            ..HttpSection::default().bounds()
        };
        let mut asked = stop.clone();
        let tasks = vec![
            tokio::spawn(serve(listeners.http, routes, bounds, stop.clone())),
            tokio::spawn(serve(
                listeners.admin,
                admin::router(watched),
                of_operator,
                stop,
            )),
            tokio::spawn(control::serve(operator, control, async move {
                asked.asked().await;
            })),
        ];
        Ok(Self {
            http,
            admin,
            parts,
            leaver,
            stopper,
            tasks,
            works,
            followers,
            traces,
        })
    }

    /// Is not ready from now on, and goes on serving for so long: whoever asks whether it is ready sends
    /// requests elsewhere meanwhile.
    pub(crate) async fn give_notice(&self, notice: Duration) {
        self.leaver.stop();
        tokio::time::sleep(notice).await;
    }

    /// Stops accepting, lets the requests under way finish for so long, lets the followers finish
    /// their steps, and closes the store.
    pub(crate) async fn shut_down(self, drain_max: Duration) -> Result<(), Failure> {
        let begun = Instant::now();
        self.stopper.stop();
        let drained = tokio::time::timeout(drain_max, async {
            for task in self.tasks {
                // A task that panicked has nothing left to drain.
                let _ = task.await;
            }
            // Nobody can begin anything any more; what somebody began is finished.
            self.works.finish().await;
        });
        if drained.await.is_err() {
            tracing::warn!(
                "some requests or works took longer than the drain time and were cut off"
            );
        }
        if let Some(traces) = &self.traces {
            let left = drain_max.saturating_sub(begun.elapsed());
            traces.shut_down(left.max(FLUSHED_MIN)).await;
        }
        self.followers.stop().await;
        // Behind the last request, so that its uses are recorded too.
        let keys = &self.parts.keys;
        let recorded = match keys.record_uses().await {
            Ok(()) => keys.record_last_uses().await,
            failed => failed,
        };
        if let Err(error) = recorded {
            tracing::error!(error = %chain(&error), "the last uses of keys are not recorded");
        }
        if let Err(error) = self.parts.refusals.record().await {
            tracing::error!(error = %chain(&error), "the last refusals are not recorded");
        }
        control::remove(&self.parts.data);
        self.parts.close().await
    }
}
