//! Serving HTTP on a socket, with bounds on what clients may take of it: how many connect, and how
//! long each lets wait for the head of a request.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::lifecycle::Stop;

/// The bound of headers that is kept without room of their own being made for each request.
pub(crate) const HEADERS_MAX: usize = 100;

/// What one connection may take of the server.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_field_names,
    reason = "each is a most, named as in the configuration"
)]
pub(crate) struct Bounds {
    /// How many connections are open at a time.
    pub(crate) connections_max: usize,
    /// How long a connection may take for the head of its next request; then it is closed. So an idle
    /// one makes place for others.
    pub(crate) head_max: Duration,
    /// The most bytes of the head of a request, with its query: 8,192 or more. More is a 431.
    pub(crate) head_bytes_max: usize,
    /// The most headers of a request. More is a 431.
    pub(crate) headers_max: usize,
}

/// How long to wait when the system gives no further connection.
const BREATHER: Duration = Duration::from_millis(100);
/// How many files the process needs beside its connections.
const OTHER_FILES: u64 = 256;

impl Bounds {
    /// Returns how HTTP is spoken within the bounds.
    fn http(&self) -> http1::Builder {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.head_max)
            .max_buf_size(self.head_bytes_max);
        if self.headers_max != HEADERS_MAX {
            http.max_headers(self.headers_max);
        }
        http
    }
}

/// Lets the process open as many files as the system allows, since a connection is one, and
/// returns how many connections it can have beside its own files.
pub(crate) fn raise_open_files() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let soft = limit.current;
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the bound of open files stays as it is");
            limit.current = soft;
        }
    }
    let connections = limit
        .current
        .map(|files| files.saturating_sub(OTHER_FILES).max(1));
    connections.map_or(usize::MAX, |files| files.try_into().unwrap_or(usize::MAX))
}

/// Serves until a stop, then lets the requests under way finish. With as many as may be of them
/// open, the next waits until one is closed.
pub(crate) async fn serve(listener: TcpListener, routes: Router, bounds: Bounds, mut stop: Stop) {
    let connections_max = bounds.connections_max.min(Semaphore::MAX_PERMITS);
    let connections = Connections {
        routes: TowerToHyperService::new(routes),
        free: Arc::new(Semaphore::new(connections_max)),
        bounds,
        graceful: GracefulShutdown::new(),
    };
    tokio::select! {
        () = connections.accept(&listener) => {}
        () = stop.asked() => {}
    }
    drop(listener);
    connections.graceful.shutdown().await;
}

struct Connections {
    routes: TowerToHyperService<Router>,
    free: Arc<Semaphore>,
    bounds: Bounds,
    graceful: GracefulShutdown,
}

impl Connections {
    async fn accept(&self, listener: &TcpListener) {
        let mut refused = false;
        while let Ok(permit) = Arc::clone(&self.free).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, _)) => {
                    refused = false;
                    self.begin(stream, permit);
                }
                Err(error) if is_of_client(&error) => {}
                Err(error) => {
                    if !std::mem::replace(&mut refused, true) {
                        tracing::error!(%error, "the system gives no further connection");
                    }
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
    }

    fn begin(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        // An answer is written whole, so nothing is gained by waiting for more of it.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection waits before it sends");
        }
        let connection = self
            .bounds
            .http()
            .serve_connection(TokioIo::new(stream), self.routes.clone());
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
    }
}

/// Tells of a connection that its client gave up before it was accepted.
fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
