//! A clock that goes back.

use hyper::StatusCode;

use crate::client::statement;
use crate::preload::Control;
use crate::server::{Server, verify};
use crate::{Outcome, Setting, promise};

/// `stored` and what is said to be complete never go back, neither while the server runs nor over a
/// kill.
pub(crate) async fn back(setting: &Setting) -> Outcome {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let control = Control::new(&data)?;
    let mut server = Server::start(setting, &data, &control, &[])?;
    let (mut stored, mut through) = (String::new(), String::new());
    for number in 1..=30 {
        match number {
            10 => control.move_clock(-3_600)?,
            20 => {
                server.kill()?;
                control.move_clock(-7_200)?;
                server = Server::start(setting, &data, &control, &[])?;
            }
            _ => {}
        }
        let client = server.client();
        let status = client.post(&[statement(number, None)]).await;
        promise!(status == Some(StatusCode::OK), "{number}: {status:?}");
        let answer = client.get(number).await.ok_or("no answer")?;
        let now = answer.body["stored"]
            .as_str()
            .ok_or("no stored")?
            .to_owned();
        promise!(now > stored, "stored {now} after {stored}");
        let complete = answer.through.ok_or("no Consistent-Through")?;
        promise!(
            complete >= through,
            "complete through {complete} after {through}"
        );
        (stored, through) = (now, complete);
    }
    server.stop()?;
    let findings = verify(setting, &data)?.findings;
    promise!(findings.is_empty(), "{findings:?}");
    Ok("stored and Consistent-Through rose through it and over a kill".to_owned())
}
