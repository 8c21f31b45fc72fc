//! Bits that flip in the files: of known rows and entries here, anywhere in [`anywhere`].

mod anywhere;
mod pages;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use serde_json::json;

use crate::client::{id, statement};
use crate::preload::Control;
use crate::server::{Server, verify};
use crate::{Outcome, Setting, promise};

const NUMBERS: std::ops::RangeInclusive<u64> = 1..=40;
/// Whose row is damaged.
const DAMAGED: u64 = 17;
/// Whom the index loses.
const LOST: u64 = 23;
/// More than a walk over a few rows takes.
const LONG: Duration = Duration::from_mins(1);

/// A damaged row is refused by its id, the others are served, and the check names its place.
pub(crate) async fn flips(setting: &Setting) -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let control = Control::new(&data)?;
    let server = Server::start(setting, &data, &control, &[])?;
    let statements: Vec<_> = NUMBERS.map(|number| statement(number, None)).collect();
    let status = server.client().post(&statements).await;
    promise!(status == Some(StatusCode::OK), "before: {status:?}");
    server.stop()?;
    flip(&data.join("varde.db"), DAMAGED, true)?;

    let server = Server::start(setting, &data, &control, &[])?;
    let client = server.client();
    for number in NUMBERS {
        let status = client.get(number).await.ok_or("no answer")?.status;
        let expected = if number == DAMAGED {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::OK
        };
        promise!(status == expected, "statement {number}: {status}");
    }
    let named = server.log().iter().any(|line| line.contains(&id(DAMAGED)));
    promise!(
        named,
        "the log does not name the damaged statement: {:?}",
        server.log()
    );
    let status = client.post(&[statement(100, None)]).await;
    promise!(
        status == Some(StatusCode::OK),
        "writing beside it: {status:?}"
    );
    let (_, ready) = server.operator().text("/readyz").await.ok_or("no answer")?;
    promise!(
        ready.contains("damaged: 1 findings"),
        "readiness does not tell: {ready}"
    );
    let findings = verify(setting, &data)?.findings;
    let [finding] = findings.as_slice() else {
        return Err(format!("found {findings:?}").into());
    };
    let place = (&finding["kind"], &finding["statement"]);
    promise!(place == (&json!("row"), &json!(id(DAMAGED))), "{finding}");
    server.stop()?;
    index_damage(setting, &data, &control).await?;
    let rounds = anywhere::flips(setting).await?;
    Ok(format!(
        "a row refused by its id and found by its place, an index made anew; {rounds}"
    ))
}

/// An index that lost an entry is found by the server itself, and made anew.
async fn index_damage(
    setting: &Setting,
    data: &Path,
    control: &Control,
) -> Result<(), Box<dyn Error>> {
    flip(&data.join("varde.db"), LOST, false)?;
    let server = Server::start(setting, data, control, &[])?;
    let client = server.client();
    let began = Instant::now();
    loop {
        let (_, metrics) = server
            .operator()
            .text("/metrics")
            .await
            .ok_or("no answer")?;
        if metrics.contains("varde_index_rebuilds_total 1") {
            break;
        }
        promise!(
            began.elapsed() < LONG,
            "the index was not made anew: {:?}",
            server.log()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let status = client.get(LOST).await.ok_or("no answer")?.status;
    promise!(
        status == StatusCode::OK,
        "the statement that the index had lost: {status}"
    );
    let findings = verify(setting, data)?.findings;
    promise!(findings.len() == 1, "beside the damaged row: {findings:?}");
    server.stop()
}

/// Flips a bit of what stands behind a statement's id, wherever that is in its row, where its version
/// follows; or of the id itself where it is in the index.
fn flip(database: &Path, number: u64, in_row: bool) -> Result<(), Box<dyn Error>> {
    let mut bytes = fs::read(database)?;
    let digits = id(number).replace('-', "");
    let wanted: Vec<u8> = (0..16)
        .filter_map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok())
        .collect();
    let places: Vec<_> = bytes
        .windows(wanted.len() + 4)
        .enumerate()
        .filter(|(_, window)| window.starts_with(&wanted) && window.ends_with(b"1.0.") == in_row)
        .map(|(at, _)| at + wanted.len() - usize::from(!in_row))
        .collect();
    promise!(!places.is_empty(), "the id of {number} is not in the file");
    // Pages that were given up may hold it too.
    for at in places {
        *bytes.get_mut(at).ok_or("the file is too short")? ^= 1;
    }
    fs::write(database, bytes)?;
    Ok(())
}
