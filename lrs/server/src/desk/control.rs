//! `DIR/control.sock`: the operator's way to the process that holds the data folder.
//!
//! Only the folder's owner (and root) may connect, which the file's mode sees to; there are no
//! other credentials. One request is one command: its body is the call and the caller's files, the
//! answer's body is what the command says.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::IncomingStream;
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::caller::{WAITING_PIECES_MAX, work_at};
use super::piece::{self, Pieces};
use super::{Desk, Given, Host, Piece, Said};
use crate::cli::VERSION;
use crate::commands::Command;
use crate::config::Config;
use crate::exit::{Exit, Failure, chain};
use crate::terminal::Look;
use crate::wiring::Parts;

const SOCKET: &str = "control.sock";
/// The path of the one resource.
const PATH: &str = "/commands";

/// A command as it is called.
#[derive(Debug, Serialize, Deserialize)]
struct Call<C> {
    command: C,
    look: Look,
}

/// What the socket's route works with.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    /// The parts of the open store.
    pub(crate) parts: Arc<Parts>,
    /// The server's settings.
    pub(crate) config: Config,
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
struct Peer(Option<u32>);

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self(stream.io().peer_cred().map(|peer| peer.uid()).ok())
    }
}

/// A folder held open, so that the socket in it has a short path however long the folder's is.
struct Held(File);

impl Held {
    fn open(data: &Path) -> io::Result<Self> {
        File::open(data).map(Self)
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd())).join(name)
    }
}

/// Opens the socket of a data folder that this process has locked; what stands there is stale.
pub(crate) fn listen(data: &Path) -> Result<UnixListener, Failure> {
    let bound = Held::open(data).and_then(|held| {
        let (new, socket) = (held.path("control.sock.new"), held.path(SOCKET));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&new)?;
        // It has its name only once nobody else can connect.
        fs::set_permissions(&new, Permissions::from_mode(0o600))?;
        fs::rename(&new, &socket)?;
        Ok(listener)
    });
    bound.map_err(|error| {
        let sentence = format!("cannot listen on {}/{SOCKET}: {error}", data.display());
        Failure::new(Exit::CannotCreate, sentence)
    })
}

/// Removes the socket of a data folder that this process has locked.
pub(crate) fn remove(data: &Path) {
    match fs::remove_file(data.join(SOCKET)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the control socket was not removed; the next server does");
        }
        _ => {}
    }
}

/// Serves commands until a stop.
pub(crate) async fn serve(
    listener: UnixListener,
    control: Control,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let routes = Router::new()
        .route(PATH, post(take))
        .with_state(control)
        .into_make_service_with_connect_info::<Peer>();
    if let Err(error) = axum::serve(listener, routes)
        .with_graceful_shutdown(stop)
        .await
    {
        tracing::error!(%error, "the control socket ended");
    }
}

async fn take(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let spoken = headers.get(header::USER_AGENT);
    if spoken.and_then(|spoken| spoken.to_str().ok()) != Some(&*user_agent()) {
        let sentence = format!("the server is varde {VERSION}; call the same one");
        return (StatusCode::CONFLICT, sentence).into_response();
    }
    let mut pieces = Pieces::new(body);
    match pieces.next::<Call<Command>>().await {
        Ok(Some(Piece::Word(call))) if call.command.on_store().is_some() => {
            begin(control, peer, call, pieces)
        }
        _ => (StatusCode::BAD_REQUEST, "expected a command on a store").into_response(),
    }
}

/// Sets a command to work, and answers with what it says as it says it.
fn begin(control: Control, peer: Peer, call: Call<Command>, pieces: Pieces) -> Response {
    let (taker, given) = channel(WAITING_PIECES_MAX);
    let (sayer, said) = channel(WAITING_PIECES_MAX);
    tokio::spawn(forward::<Given>(pieces, taker));
    let host = (Host::Server(control.parts), control.config);
    let desk = Desk::new(host, call.look, given, sayer);
    tokio::spawn(async move {
        if let Some(work) = call.command.on_store() {
            tracing::info!(
                peer.uid = peer.0,
                command = work.name(),
                "the operator calls"
            );
            work_at(desk, work).await;
        }
    });
    Response::new(piece::body(None::<&()>, said))
}

/// Passes on what comes until it ends or nobody takes it; an end within a word is an end.
async fn forward<W: serde::de::DeserializeOwned>(mut pieces: Pieces, to: Sender<Piece<W>>) {
    while let Ok(Some(piece)) = pieces.next().await {
        if to.send(piece).await.is_err() {
            return;
        }
    }
}

fn user_agent() -> String {
    format!("varde/{VERSION}")
}

/// Has a command done by the process that holds a data folder.
pub(super) async fn ask(
    data: PathBuf,
    (command, look): (&Command, Look),
    given: Receiver<Piece<Given>>,
    said: Sender<Piece<Said>>,
) {
    let call = Call { command, look };
    let asked = match request(&data, piece::body(Some(&call), given)).await {
        Ok(answer) => answered(answer, &data).await,
        Err(failure) => Err(failure),
    };
    match asked {
        Ok(pieces) => forward(pieces, said).await,
        Err(failure) => {
            let _ = said.send(Piece::Word(Said::Ended(Some(failure)))).await;
        }
    }
}

async fn request(data: &Path, body: Body) -> Result<hyper::Response<Body>, Failure> {
    let no_answer = |error: &dyn std::error::Error| {
        let sentence = format!("the server on {} does not answer: {error}", data.display());
        Failure::new(Exit::Unavailable, sentence)
    };
    let stream = connect(data).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| no_answer(&error))?;
    tokio::spawn(connection);
    let request = Request::post(PATH)
        .header(header::HOST, "control")
        .header(header::USER_AGENT, user_agent())
        .body(body)
        .map_err(|error| Failure::software(&error))?;
    let answer = sender.send_request(request).await;
    let answer = answer.map_err(|error| no_answer(&error))?;
    Ok(answer.map(Body::new))
}

async fn connect(data: &Path) -> Result<UnixStream, Failure> {
    let held = Held::open(data).map_err(|error| {
        let sentence = format!("cannot open the data folder {}: {error}", data.display());
        Failure::new(Exit::NoPermission, sentence)
    })?;
    UnixStream::connect(held.path(SOCKET))
        .await
        .map_err(|error| {
            let (exit, why) = match error.kind() {
                io::ErrorKind::PermissionDenied => (
                    Exit::NoPermission,
                    "its control socket is for the folder's owner alone",
                ),
                _ => (
                    Exit::TryLater,
                    "it has no control socket: it is another command, or a server that starts or \
                 stops; wait for it and try again",
                ),
            };
            let data = data.display();
            Failure::new(
                exit,
                format!("another process works in {data}, and {why} ({error})"),
            )
        })
}

async fn answered(answer: hyper::Response<Body>, data: &Path) -> Result<Pieces, Failure> {
    let (head, body) = answer.into_parts();
    if head.status == StatusCode::OK {
        return Ok(Pieces::new(body));
    }
    let said = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let said = match &said {
        Ok(said) => String::from_utf8_lossy(said).into_owned(),
        Err(error) => chain(error),
    };
    let data = data.display();
    let sentence = format!("the server on {data} did not take the command: {said}");
    Err(Failure::new(Exit::Unavailable, sentence))
}
