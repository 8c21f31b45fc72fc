//! What a load is measured against. `tests/load/run` starts these; see `docs/performance.md`.
//!
//! - `null PORT [BYTES]`: a server that parses a POST's body and stores nothing, and answers a GET
//!   with a fixed body of so many bytes.
//! - `forgetful PORT`: the whole surface over a log that acknowledges and keeps nothing.
//! - `fill FOLDER COUNT small|large`: stores so many statements through the use case, without HTTP.

#![expect(
    clippy::print_stdout,
    reason = "printing the figures is what it is for"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]

mod fill;
mod null;
mod texts;

use std::path::Path;

use anyhow::{Context as _, bail};
use axum::Router;
use tokio::net::TcpListener;
use varde_api_tests::World;

/// That of the real server, so that the figures differ by what is done alone.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["null", port] => serve(port, null::router(0)).await,
        ["null", port, bytes] => serve(port, null::router(bytes.parse()?)).await,
        ["forgetful", port] => {
            let world = World::new().await;
            world.log.forget();
            serve(port, world.router()).await
        }
        ["fill", folder, count, kind] => {
            let text = texts::named(kind).context("the kind is small or large")?;
            fill::fill(Path::new(folder), count.parse()?, text).await
        }
        _ => bail!("expected: null PORT [BYTES], forgetful PORT, or fill FOLDER COUNT small|large"),
    }
}

async fn serve(port: &str, router: Router) -> anyhow::Result<()> {
    let address = format!("127.0.0.1:{port}");
    let listener = TcpListener::bind(&address).await;
    let listener = listener.with_context(|| format!("{address} is taken"))?;
    axum::serve(listener, router).await?;
    Ok(())
}
