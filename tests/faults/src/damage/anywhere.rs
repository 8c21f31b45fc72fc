//! One bit anywhere in the pages of the index, of the log, or of records.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::pages::File;
use crate::client::{Client, statement};
use crate::kill::Chance;
use crate::preload::Control;
use crate::server::{Server, verify};
use crate::{Setting, promise};

const NUMBERS: std::ops::RangeInclusive<u64> = 1..=400;
const DOCUMENTS: u64 = 60;
/// Is in each document, and in no other record.
const MARK: &str = "what-a-document-says";
/// How often each kind of page is damaged.
const ROUNDS_SMALL: usize = 2;
const ROUNDS_LARGE: usize = 40;
/// More than a walk over a few hundred rows and their entries takes.
const LONG: Duration = Duration::from_mins(2);

/// What a page is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Index,
    Log,
    Records,
}

/// Flips one bit at a time, each in a copy of one folder, and says what came of it.
pub(crate) async fn flips(setting: &Setting) -> Result<String, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let whole = folder.path().join("whole");
    furnish(setting, &whole).await?;
    let rounds = if setting.large {
        ROUNDS_LARGE
    } else {
        ROUNDS_SMALL
    };
    let mut chance = Chance(setting.seed);
    let (mut mattered, mut flipped) = (0, 0);
    for round in 0..rounds {
        for kind in [Kind::Index, Kind::Log, Kind::Records] {
            let data = folder.path().join(format!("{kind:?}-{round}"));
            copy(&whole, &data)?;
            let place = damage(&data.join("varde.db"), kind, &mut chance)?;
            let met = meet(setting, &data, kind).await;
            let met = met.map_err(|error| format!("{place}; then: {error}"))?;
            (mattered, flipped) = (mattered + usize::from(met), flipped + 1);
            fs::remove_dir_all(&data)?;
        }
    }
    Ok(format!(
        "{flipped} bits anywhere in the index, the log and records, {mattered} of which mattered"
    ))
}

async fn furnish(setting: &Setting, data: &Path) -> Result<(), Box<dyn Error>> {
    let server = Server::start(setting, data, &Control::new(data)?, &[])?;
    let client = server.client();
    let statements: Vec<_> = NUMBERS
        .map(|number| statement(number, (number % 5 == 0).then(|| number - 3)))
        .collect();
    for batch in statements.chunks(50) {
        let status = client.post(batch).await;
        promise!(status == Some(StatusCode::OK), "before: {status:?}");
    }
    for number in 0..DOCUMENTS {
        let said = json!({ "says": MARK.repeat(20), "number": number });
        let answer = client.send(Method::PUT, &document(number), &said).await;
        let status = answer.ok_or("no answer")?.status;
        promise!(status.is_success(), "a document: {status}");
    }
    server.stop()
}

fn document(number: u64) -> String {
    format!(
        "/xapi/activities/state?activityId=https://course.example.org/1&stateId=place-{number}\
         &agent=%7B%22mbox%22:%22mailto:learner-1@example.org%22%7D"
    )
}

/// Damages a page of a kind, and says where. Records have no checksums, so of theirs the page is made one
/// that cannot be read.
fn damage(database: &Path, kind: Kind, chance: &mut Chance) -> Result<String, Box<dyn Error>> {
    let (pages, size) = pages(database, kind)?;
    let mut bytes = fs::read(database)?;
    let of = |page: &usize| (page - 1) * size..page * size;
    let holds = |page: &&usize| {
        let page = bytes.get(of(page)).unwrap_or_default();
        page.windows(MARK.len())
            .any(|window| window == MARK.as_bytes())
    };
    let pages: Vec<usize> = match kind {
        // Leaves that hold documents.
        Kind::Records => pages.iter().filter(holds).copied().collect(),
        Kind::Index | Kind::Log => pages,
    };
    let below = |bound: usize, chance: &mut Chance| -> Result<usize, Box<dyn Error>> {
        Ok(usize::try_from(chance.below(u64::try_from(bound)?))?)
    };
    let page = *pages.get(below(pages.len(), chance)?).ok_or("no page")?;
    let (at, bit) = match kind {
        Kind::Records => (0, 7),
        Kind::Index | Kind::Log => (below(size, chance)?, below(8, chance)?),
    };
    let byte = bytes
        .get_mut((page - 1) * size + at)
        .ok_or("the file is too short")?;
    *byte ^= 1 << bit;
    fs::write(database, bytes)?;
    Ok(format!("{kind:?}: bit {bit} of byte {at} of page {page}"))
}

/// Returns the pages of a kind, and the bytes of one.
fn pages(database: &Path, kind: Kind) -> Result<(Vec<usize>, usize), Box<dyn Error>> {
    let file = File::read(database)?;
    let names: &[&str] = match kind {
        Kind::Index => &["statement", "posting", "reference", "inherited", "event"],
        Kind::Log => &["log"],
        Kind::Records => &["record"],
    };
    let mut pages = Vec::new();
    for name in names {
        pages.extend(file.pages_of(name)?);
    }
    Ok((pages, file.page_bytes))
}

/// Lets a server meet the damage, and tells whether it mattered.
async fn meet(setting: &Setting, data: &Path, kind: Kind) -> Result<bool, Box<dyn Error>> {
    let control = Control::new(data)?;
    let server = match Server::start(setting, data, &control, &[]) {
        // A page of what a server cannot start without, its keys for one, may be hit.
        Err(error) if kind == Kind::Records => return refuses_to_start(setting, data, &*error),
        server => server?,
    };
    let client = server.client();
    let refused = ask_for_all(&client).await?;
    let mattered = match kind {
        Kind::Index => {
            let mended = until_all_are_there(&server, &client).await?;
            let findings = verify(setting, data)?.findings;
            promise!(findings.is_empty(), "the index is not as new: {findings:?}");
            mended
        }
        Kind::Log => {
            let findings = verify(setting, data)?.findings;
            let named = findings.iter().any(|one| one["kind"] != "index");
            promise!(
                refused.is_empty() || named,
                "{refused:?} are refused, and: {findings:?}"
            );
            named
        }
        Kind::Records => {
            promise!(refused.is_empty(), "statements {refused:?} are refused");
            let mut unread = 0;
            for number in 0..DOCUMENTS {
                let answer = client
                    .send(Method::GET, &document(number), &Value::Null)
                    .await;
                unread += usize::from(!answer.ok_or("no answer")?.status.is_success());
            }
            promise!(unread > 0, "every document is there");
            names_the_records(setting, data)?;
            true
        }
    };
    let status = client.post(&[statement(1_000, None)]).await;
    promise!(
        status == Some(StatusCode::OK),
        "writing beside it: {status:?}"
    );
    server.stop()?;
    Ok(mattered)
}

/// Who cannot start says what mends it.
fn refuses_to_start(
    setting: &Setting,
    data: &Path,
    error: &dyn Error,
) -> Result<bool, Box<dyn Error>> {
    let said = error.to_string();
    promise!(
        said.contains("varde verify") && said.contains("backup"),
        "it does not say what mends it: {said}"
    );
    names_the_records(setting, data)?;
    Ok(true)
}

/// The check names the table whose page is malformed.
fn names_the_records(setting: &Setting, data: &Path) -> Result<(), Box<dyn Error>> {
    let findings = verify(setting, data)?.findings;
    let named = |one: &Value| {
        let sentence = one["sentence"].as_str().unwrap_or_default();
        one["kind"] == "pages" && sentence.contains("record")
    };
    promise!(findings.iter().any(named), "{findings:?}");
    Ok(())
}

/// Asks for every statement, and returns whom it did not get: each is as it was sent, or refused.
async fn ask_for_all(client: &Client) -> Result<Vec<u64>, Box<dyn Error>> {
    let mut refused = Vec::new();
    for number in NUMBERS {
        let answer = client.get(number).await.ok_or("no answer")?;
        if answer.status == StatusCode::OK {
            let sent = statement(number, (number % 5 == 0).then(|| number - 3));
            let same = ["id", "actor", "verb", "object"];
            let same = same
                .iter()
                .all(|member| answer.body[*member] == sent[*member]);
            promise!(same, "statement {number} is another: {}", answer.body);
        } else {
            refused.push(number);
        }
    }
    Ok(refused)
}

/// Waits until every statement is there and a walk has gone over the index, and tells whether the index was
/// made anew.
async fn until_all_are_there(server: &Server, client: &Client) -> Result<bool, Box<dyn Error>> {
    let began = Instant::now();
    loop {
        let refused = ask_for_all(client).await?;
        let (_, metrics) = server
            .operator()
            .text("/metrics")
            .await
            .ok_or("no answer")?;
        let value = |name: &str| {
            let line = metrics.lines().find(|line| line.starts_with(name));
            line.is_some_and(|line| !line.ends_with(" 0"))
        };
        let rebuilt = value("varde_index_rebuilds_total ");
        if refused.is_empty() && (rebuilt || value("varde_store_checks_total ")) {
            return Ok(rebuilt);
        }
        promise!(
            began.elapsed() < LONG,
            "statements {refused:?} are not there: {:?}",
            server.log()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
