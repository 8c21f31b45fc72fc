//! The process dies at each step in turn: one run of a server makes every kind of commit once, and it is
//! run again and again, each time to die one call later.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, attaching, statement, voiding};
use crate::preload::{Control, Mode};
use crate::server::{Server, varde, verify};
use crate::{Outcome, Setting, promise, world};

/// A small run dies at one of so many calls.
const STRIDE_SMALL: usize = 43;
/// And in the middle of one of so many that an orderly end consists of; before each of them, as there are
/// few, and the database itself is synced by one.
const STRIDE_CLOSING_SMALL: usize = 5;
const STATE: &str = "/xapi/activities/state?activityId=https://course.example.org/1&stateId=place\
                     &agent=%7B%22mbox%22:%22mailto:learner-1@example.org%22%7D";
/// What a server that runs registers learns of one person more.
const PEOPLE: &str = "pseudonym,gender,birth_year_band,nuts3\np-new,female,1980-1989,NO060\n";
const IDENTITIES: &str = "ifi,pseudonym\nmailto:learner-new@example.org,p-new\n";

/// Something that a front end or an operator asks for once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// Statements that refer back and forth: within the batch, to one that comes later.
    Post(&'static [(u64, Option<u64>)]),
    /// A statement that voids one.
    Void(u64, u64),
    /// A statement with the data of an attachment.
    Attach(u64),
    /// A document.
    Document,
    /// Rows of registers.
    Registers,
}

const ACTS: [Act; 6] = [
    Act::Post(&[(1, Some(2)), (2, None), (3, Some(9))]),
    Act::Attach(4),
    Act::Registers,
    Act::Post(&[(9, Some(1)), (10, None)]),
    Act::Void(11, 10),
    Act::Document,
];

/// Kills a server at each of its calls, before and in the middle of it.
pub(crate) async fn meet(setting: &Setting) -> Outcome {
    let furnished = tempfile::tempdir()?;
    world::furnish(setting, &furnished.path().join("data"))?;
    let stride = if setting.large { 1 } else { STRIDE_SMALL };
    let (mut deaths, mut ledger_rows) = (BTreeMap::<String, usize>::new(), 0);
    for mode in [Mode::Kill, Mode::Tear] {
        for call in (1..).step_by(stride) {
            let one = Run::in_copy_of(&furnished.path().join("data"))?;
            let (acknowledged, ended) = one.until_death(setting, mode, call).await?;
            if ended {
                break;
            }
            let died_at = one.control.died_at()?;
            let kept = one.keeps_its_promises(setting, &acknowledged).await;
            ledger_rows +=
                kept.map_err(|error| format!("{mode:?} at call {call}, {died_at}; then: {error}"))?;
            *deaths.entry(died_at).or_default() += 1;
        }
    }
    for mode in [Mode::Kill, Mode::Tear] {
        let stride = match mode {
            Mode::Tear if !setting.large => STRIDE_CLOSING_SMALL,
            _ => 1,
        };
        for call in (1..).step_by(stride) {
            let one = Run::in_copy_of(&furnished.path().join("data"))?;
            if one.until_death_at_the_end(setting, mode, call).await? {
                break;
            }
            let died_at = one.control.died_at()?;
            let kept = one.keeps_its_promises(setting, &ACTS).await;
            ledger_rows += kept.map_err(|error| {
                format!("{mode:?} at call {call} of the end, {died_at}; then: {error}")
            })?;
            *deaths.entry(format!("{died_at} at the end")).or_default() += 1;
        }
    }
    promise!(
        deaths
            .keys()
            .any(|step| step.starts_with("syncing the database")),
        "the database itself was never synced: {deaths:?}"
    );
    promise!(
        ledger_rows > 0,
        "nothing reached a ledger, so nothing was compared"
    );
    let number: usize = deaths.values().sum();
    let each = deaths.iter().map(|(step, count)| format!("{count} {step}"));
    let each = each.collect::<Vec<_>>().join(", ");
    Ok(format!(
        "{number} deaths: {each}; {ledger_rows} rows of ledgers as rebuilds have them"
    ))
}

/// One server on a folder of its own.
struct Run {
    _folder: TempDir,
    data: PathBuf,
    control: Control,
}

impl Run {
    fn in_copy_of(furnished: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        copy(furnished, &data)?;
        Ok(Self {
            control: Control::new(&data)?,
            _folder: folder,
            data,
        })
    }

    /// Opens the folder, does every act and ends in order, unless the process dies before. Returns the
    /// acts that were acknowledged, and whether it came to its end.
    async fn until_death(
        &self,
        setting: &Setting,
        mode: Mode,
        call: usize,
    ) -> Result<(Vec<Act>, bool), Box<dyn Error>> {
        let mut acknowledged = Vec::new();
        self.control.end_at(mode, i64::try_from(call)?)?;
        let Ok(server) = Server::start(setting, &self.data, &self.control, &[]) else {
            return Ok((acknowledged, false));
        };
        for act in ACTS {
            if !self.ask_for(setting, act, &server.client()).await? {
                break;
            }
            acknowledged.push(act);
        }
        server.ledgers_follow().await?;
        Ok((acknowledged, server.end()?.success()))
    }

    /// Does every act, and ends in order, unless the process dies on the way out. Tells whether it came
    /// to its end.
    async fn until_death_at_the_end(
        &self,
        setting: &Setting,
        mode: Mode,
        call: usize,
    ) -> Result<bool, Box<dyn Error>> {
        let server = Server::start(setting, &self.data, &self.control, &[])?;
        for act in ACTS {
            promise!(
                self.ask_for(setting, act, &server.client()).await?,
                "{act:?} is refused"
            );
        }
        promise!(server.ledgers_follow().await?, "the server is gone");
        self.control.end_at(mode, i64::try_from(call)?)?;
        Ok(server.end()?.success())
    }

    /// Asks for an act, and tells whether it was acknowledged.
    async fn ask_for(
        &self,
        setting: &Setting,
        act: Act,
        client: &Client,
    ) -> Result<bool, Box<dyn Error>> {
        const STATEMENTS: &str = "/xapi/statements";
        let answer = match act {
            Act::Registers => return self.import(setting),
            Act::Document => client.send(Method::PUT, STATE, &json!({ "page": 7 })).await,
            Act::Attach(number) => {
                client
                    .send_text(Method::POST, STATEMENTS, attaching(number))
                    .await
            }
            Act::Post(_) | Act::Void(..) => {
                let batch = Value::Array(statements(act));
                client.send(Method::POST, STATEMENTS, &batch).await
            }
        };
        let Some(answer) = answer else {
            return Ok(false);
        };
        promise!(
            answer.status.is_success(),
            "{act:?}: {} {}",
            answer.status,
            answer.body
        );
        Ok(true)
    }

    /// Has the server take registers in; what it says when it dies is left open.
    fn import(&self, setting: &Setting) -> Result<bool, Box<dyn Error>> {
        let files = [("people.csv", PEOPLE), ("identities.csv", IDENTITIES)];
        let mut import = varde(setting);
        import
            .args(["import", "registers", "--data"])
            .arg(&self.data);
        let beside = self.data.with_extension("registers");
        fs::create_dir_all(&beside)?;
        for (name, text) in files {
            fs::write(beside.join(name), text)?;
            import.arg(beside.join(name));
        }
        Ok(import.output()?.status.success())
    }

    /// Opens the folder again, and returns how many rows of ledgers were compared.
    async fn keeps_its_promises(
        &self,
        setting: &Setting,
        acknowledged: &[Act],
    ) -> Result<u64, Box<dyn Error>> {
        self.control.set(Mode::None)?;
        let server = Server::start(setting, &self.data, &self.control, &[])?;
        let client = server.client();
        let next = ACTS.get(acknowledged.len());
        for act in acknowledged {
            promise!(
                is_done(&client, *act).await? == Some(true),
                "{act:?} is lost"
            );
        }
        if let Some(act) = next {
            promise!(
                is_done(&client, *act).await?.is_some(),
                "{act:?} is there in part"
            );
        }
        for act in ACTS.iter().skip(acknowledged.len() + 1) {
            let done = is_done(&client, *act).await?;
            promise!(
                *act == Act::Registers || done == Some(false),
                "{act:?} was never asked for"
            );
        }
        // What is there already is left as it is, and all of it follows.
        for act in ACTS {
            promise!(
                self.ask_for(setting, act, &client).await?,
                "{act:?} is refused afterwards"
            );
        }
        promise!(server.ledgers_follow().await?, "the server is gone");
        server.stop()?;
        let verified = verify(setting, &self.data)?;
        promise!(verified.findings.is_empty(), "{:?}", verified.findings);
        Ok(verified.ledger_rows)
    }
}

/// Returns the statements that an act brings, by number.
fn statements(act: Act) -> Vec<Value> {
    match act {
        Act::Post(numbers) => {
            let statements = numbers
                .iter()
                .map(|(number, target)| statement(*number, *target));
            statements.collect()
        }
        Act::Void(number, target) => vec![voiding(number, target)],
        Act::Attach(number) => vec![statement(number, None)],
        Act::Document | Act::Registers => Vec::new(),
    }
}

/// Tells whether an act is done; `None` when it is there in part. Registers are looked at by `verify`.
async fn is_done(client: &Client, act: Act) -> Result<Option<bool>, Box<dyn Error>> {
    let numbers: Vec<u64> = match act {
        Act::Post(numbers) => numbers.iter().map(|(number, _)| *number).collect(),
        Act::Void(number, _) | Act::Attach(number) => vec![number],
        Act::Registers => return Ok(Some(true)),
        Act::Document => {
            let answer = client.send(Method::GET, STATE, &Value::Null).await;
            return Ok(Some(answer.ok_or("no answer")?.status == StatusCode::OK));
        }
    };
    let mut there = 0;
    for number in &numbers {
        let valid = client.get(*number).await.ok_or("no answer")?;
        let voided = client.get_voided(*number).await.ok_or("no answer")?;
        there += usize::from(valid.status == StatusCode::OK || voided.status == StatusCode::OK);
    }
    Ok(match there {
        0 => Some(false),
        all if all == numbers.len() => Some(true),
        _ => None,
    })
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
