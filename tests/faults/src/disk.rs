//! A disk that is full, refuses writes, or does not sync.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use hyper::StatusCode;

use crate::client::statement;
use crate::preload::{Control, Mode};
use crate::server::{Server, varde, verify};
use crate::{Outcome, Setting, promise};

/// Nobody's user and group.
const NOBODY: u32 = 65_534;

/// Writes are refused with 507 and the reason, reading goes on, and writing by itself.
pub(crate) async fn full(setting: &Setting) -> Outcome {
    refused_writes(setting, Mode::NoSpace, "the disk is full").await
}

/// The same for a disk that has become read-only.
pub(crate) async fn read_only(setting: &Setting) -> Outcome {
    refused_writes(setting, Mode::ReadOnly, "507").await
}

/// A sync that fails acknowledges nothing, and what comes later is acknowledged only once synced.
pub(crate) async fn sync_error(setting: &Setting) -> Outcome {
    refused_writes(setting, Mode::NoSync, "writing to the disk failed").await
}

async fn refused_writes(setting: &Setting, mode: Mode, reason: &str) -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let control = Control::new(&data)?;
    let mut server = Server::start(setting, &data, &control, &[])?;
    let client = server.client();
    let status = client.post(&[statement(1, None)]).await;
    promise!(status == Some(StatusCode::OK), "before: {status:?}");
    for round in 0..3 {
        let (refused, taken) = (10 + round, 20 + round);
        control.set(mode)?;
        let body = serde_json::Value::Array(vec![statement(refused, Some(1))]);
        let answer = client
            .send(hyper::Method::POST, "/xapi/statements", &body)
            .await;
        let answer = answer.ok_or("no answer")?;
        let status = answer.status;
        promise!(
            status == StatusCode::INSUFFICIENT_STORAGE,
            "while it lasts: {status}"
        );
        let told = format!("{} {}", status.as_u16(), answer.body);
        promise!(told.contains(reason), "the reason is not told: {told}");
        for (number, expected) in [(1, StatusCode::OK), (refused, StatusCode::NOT_FOUND)] {
            let status = client.get(number).await.ok_or("no answer")?.status;
            promise!(status == expected, "reading {number} meanwhile: {status}");
        }
        control.set(Mode::None)?;
        let status = client.post(&[statement(taken, Some(refused))]).await;
        promise!(status == Some(StatusCode::OK), "afterwards: {status:?}");
    }
    server.kill()?;
    let server = Server::start(setting, &data, &control, &[])?;
    for round in 0..3 {
        for (number, expected) in [(10, StatusCode::NOT_FOUND), (20, StatusCode::OK)] {
            let answer = server.client().get(number + round).await;
            let status = answer.ok_or("no answer")?.status;
            promise!(
                status == expected,
                "{} after a kill: {status}",
                number + round
            );
        }
    }
    let findings = verify(setting, &data)?.findings;
    promise!(findings.is_empty(), "{findings:?}");
    server.stop()?;
    Ok("507 with the reason, reading went on, writing by itself".to_owned())
}

/// A server that may not write its folder ends with the reason, and changes nothing.
pub(crate) fn read_only_folder(setting: &Setting) -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    let data = folder.path().join("data");
    let made = varde(setting)
        .args(["key", "create", "course", "--data"])
        .arg(&data)
        .output()?;
    promise!(made.status.success(), "the store is made");
    let files = [data.join("lock"), data.join("varde.db")];
    for path in &files {
        fs::set_permissions(path, Permissions::from_mode(0o400))?;
    }
    fs::set_permissions(&data, Permissions::from_mode(0o500))?;
    give_to_nobody(&files, &data)?;
    let before = fs::read(data.join("varde.db"))?;
    let refused = varde(setting)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
            "--data",
        ])
        .arg(&data)
        .output()?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    promise!(
        refused.status.code() == Some(77),
        "{}: {said}",
        refused.status
    );
    promise!(
        said.contains("read and write it"),
        "it does not say what to mend: {said}"
    );
    promise!(
        before == fs::read(data.join("varde.db"))?,
        "the database was changed"
    );
    fs::set_permissions(&data, Permissions::from_mode(0o700))?;
    Ok("code 77 with what to mend, nothing changed".to_owned())
}

/// Root may write whatever the mode says, so where root runs this the folder is somebody else's.
fn give_to_nobody(files: &[std::path::PathBuf], data: &Path) -> std::io::Result<()> {
    if fs::metadata(data)?.uid() != 0 {
        return Ok(());
    }
    for path in files.iter().map(AsRef::as_ref).chain([data]) {
        chown(path, Some(NOBODY), Some(NOBODY))?;
    }
    Ok(())
}

/// SQLite is built to sync by `fdatasync` (`.cargo/config.toml`); it does not tell so itself.
pub(crate) async fn data_syncs(setting: &Setting) -> Outcome {
    const COMMITS: u64 = 5;
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let control = Control::new(&data)?;
    let server = Server::start(setting, &data, &control, &[])?;
    let (_, before) = control.syncs()?;
    for number in 1..=COMMITS {
        let status = server.client().post(&[statement(number, None)]).await;
        promise!(status == Some(StatusCode::OK), "{number}: {status:?}");
    }
    server.stop()?;
    let (full, after) = control.syncs()?;
    let data = after - before;
    promise!(
        data >= i64::try_from(COMMITS)?,
        "{data} syncs of data for {COMMITS} commits"
    );
    promise!(
        full == 0,
        "{full} syncs of the database wrote when it was changed too: the build lost `-DHAVE_FDATASYNC=1`"
    );
    Ok(format!(
        "{data} syncs for {COMMITS} commits and an orderly end, all of data alone"
    ))
}
