//! Clients that are many, large or slow.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{authorization, statement};
use crate::preload::Control;
use crate::server::Server;
use crate::{Outcome, Setting, promise};

/// More than the server lets a client take, less than anybody waits for in vain.
const LONG: Duration = Duration::from_mins(1);
const MIB: u64 = 1024 * 1024;

fn head(method: &str, more: &str) -> String {
    let authorization = authorization();
    format!(
        "{method} /xapi/statements HTTP/1.1\r\nHost: varde\r\nAuthorization: {authorization}\r\n\
         X-Experience-API-Version: 1.0.3\r\nContent-Type: application/json\r\n{more}\r\n"
    )
}

/// Reads until the other side closes, and returns what came.
async fn answer(stream: &mut TcpStream) -> Result<String, Box<dyn std::error::Error>> {
    let mut bytes = Vec::new();
    // One that is reset after the answer has answered all the same.
    let _ = timeout(LONG, stream.read_to_end(&mut bytes)).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Lets this process open as many files as the system allows.
fn raise_open_files() -> Result<u64, Box<dyn std::error::Error>> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    Ok(limit.current.unwrap_or(u64::MAX))
}

/// Very many open connections: each that fits is served, memory is bounded, and whoever comes when all
/// are taken is served once one is free.
pub(crate) async fn connections(setting: &Setting) -> Outcome {
    let wanted: u64 = if setting.large { 10_000 } else { 500 };
    let files = raise_open_files()?;
    promise!(
        files > wanted + 300,
        "the system lets a process open {files} files"
    );
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let control = Control::new(&data)?;
    let most = wanted.to_string();
    let server = Server::start(setting, &data, &control, &["--connections-max", &most])?;
    let (before, _) = server.memory()?;
    let mut open = Vec::new();
    let about = "GET /xapi/about HTTP/1.1\r\nHost: varde\r\n\r\n";
    let began = Instant::now();
    for number in 0..wanted {
        let mut stream = TcpStream::connect(&server.http).await?;
        // Every tenth has asked something; the others only wait.
        if number % 10 == 0 {
            stream.write_all(about.as_bytes()).await?;
            let mut bytes = [0; 12];
            timeout(LONG, stream.read_exact(&mut bytes)).await??;
            promise!(
                bytes == *b"HTTP/1.1 200",
                "connection {number} was not served"
            );
        }
        open.push(stream);
    }
    let (full, _) = server.memory()?;
    let each = full.saturating_sub(before) / wanted;
    promise!(each < 64 * 1024, "each connection takes {each} bytes");
    let mut late = TcpStream::connect(&server.http).await?;
    late.write_all(about.as_bytes()).await?;
    let mut bytes = [0; 12];
    if began.elapsed() < Duration::from_secs(20) {
        let early = timeout(Duration::from_millis(300), late.read_exact(&mut bytes)).await;
        promise!(early.is_err(), "one more than the bound was served at once");
    }
    drop(open);
    timeout(LONG, late.read_exact(&mut bytes)).await??;
    promise!(bytes == *b"HTTP/1.1 200", "the late one was not served");
    drop(late);
    server.stop()?;
    Ok(format!(
        "{wanted} open, {each} bytes each, one more served when one was free"
    ))
}

/// A body of 100 MB is refused, with a length or without, and little of it is kept in memory.
pub(crate) async fn large_body(setting: &Setting) -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let control = Control::new(&data)?;
    let server = Server::start(setting, &data, &control, &[])?;
    let status = server.client().post(&[statement(1, None)]).await;
    promise!(status == Some(StatusCode::OK), "before: {status:?}");
    let (before, _) = server.memory()?;
    for chunked in [false, true] {
        let more = if chunked {
            "Transfer-Encoding: chunked\r\n"
        } else {
            "Content-Length: 100000000\r\n"
        };
        let mut stream = TcpStream::connect(&server.http).await?;
        stream.write_all(head("POST", more).as_bytes()).await?;
        let mut chunk = vec![b' '; 1_000_000];
        if chunked {
            let line = format!("{:x}\r\n", chunk.len());
            chunk.splice(..0, line.into_bytes());
            chunk.extend(b"\r\n");
        }
        for _ in 0..100 {
            // Once it has answered, it need not read the rest.
            if timeout(LONG, stream.write_all(&chunk)).await?.is_err() {
                break;
            }
        }
        let told = answer(&mut stream).await?;
        // One that reset the connection over what it had not read may have lost the answer.
        promise!(
            told.is_empty() || told.starts_with("HTTP/1.1 413"),
            "{told}"
        );
    }
    let (_, most) = server.memory()?;
    let taken = most.saturating_sub(before) / MIB;
    promise!(taken < 100, "a body of 100 MB took {taken} MiB");
    let status = server.client().post(&[statement(2, None)]).await;
    promise!(status == Some(StatusCode::OK), "afterwards: {status:?}");
    server.stop()?;
    Ok(format!("413, with {taken} MiB more memory at the most"))
}

/// A head or body that does not come is given up, while others are served.
pub(crate) async fn slow_clients(setting: &Setting) -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let control = Control::new(&data)?;
    let server = Server::start(setting, &data, &control, &[])?;
    let mut in_head = TcpStream::connect(&server.http).await?;
    in_head
        .write_all(b"POST /xapi/statements HTTP/1.1\r\nHost:")
        .await?;
    let mut in_body = TcpStream::connect(&server.http).await?;
    let more = "Content-Length: 1000\r\n";
    in_body.write_all(head("POST", more).as_bytes()).await?;
    in_body.write_all(b"[{").await?;
    let began = Instant::now();
    let status = server.client().post(&[statement(1, None)]).await;
    promise!(status == Some(StatusCode::OK), "meanwhile: {status:?}");
    let told = answer(&mut in_body).await?;
    promise!(told.starts_with("HTTP/1.1 408"), "the slow body: {told}");
    answer(&mut in_head).await?;
    let given_up = began.elapsed().as_secs();
    server.stop()?;
    Ok(format!(
        "given up after {given_up} s, others served meanwhile"
    ))
}
