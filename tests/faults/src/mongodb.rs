//! Two servers on one MongoDB replica set, whose members fail while many write: nothing that was
//! acknowledged is lost, nothing is doubled, clients see success or "try later", and service is
//! back soon.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::{Method, StatusCode};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use varde_replica_set::{ReplicaSet, Shape};

use crate::client::{Client, statement};
use crate::preload::Control;
use crate::server::{Server, varde};
use crate::{NotMet, Outcome, Setting, WITHSTOOD, promise};

/// Tells a process that the network is its own.
pub(crate) const ALONE: &str = "FAULTS_ALONE";
/// How many clients write at once.
const CLIENTS: u64 = 8;
/// How long everybody writes before and after the fault is met.
const AROUND: Duration = Duration::from_secs(3);
/// How long service may be gone.
const GONE_MAX: Duration = Duration::from_secs(15);
/// How long a client waits for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// What happens to a member, or to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The primary is killed, and started again later.
    PrimaryKilled,
    /// The primary steps down in order.
    PrimaryStepsDown,
    /// The primary neither answers nor hangs up, as when the network is cut.
    PrimarySilent,
    /// The network of the primary is cut: it lives, but reaches nobody.
    PrimaryCutOff,
    /// A secondary stands still for a while.
    SecondarySilent,
    /// A server is killed in the middle of a transaction.
    ServerKilled,
}

impl What {
    /// Returns the set that meets it.
    fn shape(self, mongod: &Path) -> Shape {
        let shape = Shape::small(mongod);
        match self {
            Self::PrimarySilent => shape.noticing_soon(),
            Self::PrimaryCutOff => Shape {
                apart: true,
                ..shape.noticing_soon()
            },
            _ => shape,
        }
    }
}

/// Meets the fault that needs a network of its own, in a process of its own, where one can be made.
pub(crate) fn meet_apart(setting: &Setting) -> Outcome {
    if let Some(reason) = varde_replica_set::why_not_apart() {
        return Err(NotMet(format!("no network can be parted here: {reason}")).into());
    }
    let mut command = varde_replica_set::alone(std::env::current_exe()?);
    command.arg("--bin").arg(&setting.bin);
    if let Some(mongod) = &setting.mongod {
        command.arg("--mongod").arg(mongod);
    }
    let output = command.arg("primary-cut-off").env(ALONE, "yes").output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    promise!(output.status.success(), "{said}");
    let shown = said.rsplit_once(WITHSTOOD).map_or(said, |(_, shown)| shown);
    Ok(shown.to_owned())
}

/// What the clients saw.
#[derive(Debug)]
struct Seen {
    next: AtomicU64,
    stop: AtomicBool,
    stored: Mutex<Vec<(u64, Instant)>>,
    odd: Mutex<Vec<StatusCode>>,
    tries_later: AtomicU64,
}

impl Seen {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            next: AtomicU64::new(1),
            stop: AtomicBool::new(false),
            stored: Mutex::default(),
            odd: Mutex::default(),
            tries_later: AtomicU64::new(0),
        })
    }

    /// Sends statements one after the other, each until it is acknowledged, to one server or the
    /// other.
    async fn write(&self, clients: [Client; 2], mut turn: usize) {
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let body = [statement(number, None)];
            loop {
                turn += 1;
                let answer = clients[turn % 2].post(&body);
                match timeout(ANSWER_MAX, answer).await {
                    Ok(Some(StatusCode::OK)) => break self.is_stored(number),
                    Ok(Some(StatusCode::SERVICE_UNAVAILABLE)) => {
                        self.tries_later.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(Some(odd)) => {
                        let mut all = self.odd.lock().unwrap_or_else(PoisonError::into_inner);
                        return all.push(odd);
                    }
                    // The server is gone, or a long time silent.
                    Ok(None) | Err(_) => {}
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    fn is_stored(&self, number: u64) {
        let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        stored.push((number, Instant::now()));
    }

    /// Returns the longest time in which nothing was stored.
    fn gone(&self) -> Duration {
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        let between = |two: &[(u64, Instant)]| two[1].1.duration_since(two[0].1);
        stored.windows(2).map(between).max().unwrap_or(GONE_MAX)
    }

    fn numbers(&self) -> Vec<u64> {
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        stored.iter().map(|(number, _)| *number).collect()
    }
}

/// Meets the fault on a replica set of its own.
pub(crate) async fn meet(setting: &Setting, what: What) -> Outcome {
    let mongod = setting.mongod.as_ref();
    let mongod = mongod.ok_or("this needs the program mongod: name it with --mongod FILE")?;
    let mut set = ReplicaSet::start(&what.shape(mongod)).await?;
    let folder = tempfile::tempdir()?;
    let control = Control::new(&folder.path().join("data"))?;
    let (hosts, options) = set
        .uri()
        .split_once("/?")
        .map(|(h, o)| (h.to_owned(), o.to_owned()))
        .unwrap_or_default();
    let uri = format!("{hosts}/varde?{options}");
    let kek = folder.path().join("kek");
    make_kek(setting, folder.path(), &kek)?;
    let serve = |name: &str| {
        let kek = kek.to_string_lossy().into_owned();
        let flags = ["--mongodb", &uri, "--kek-file", &kek];
        Server::start(setting, &folder.path().join(name), &control, &flags)
    };
    let [mut first, second] = [serve("a")?, serve("b")?];

    let (seen, mut writers) = (Seen::new(), JoinSet::new());
    for number in 0..CLIENTS {
        let (seen, clients) = (Arc::clone(&seen), [first.client(), second.client()]);
        let turn = usize::try_from(number)?;
        writers.spawn(async move { seen.write(clients, turn).await });
    }
    sleep(AROUND).await;
    let begun = Instant::now();
    happen(what, &mut set, &mut first).await?;
    // Service must be back before it is looked at.
    while begun.elapsed() < GONE_MAX + AROUND {
        sleep(Duration::from_millis(100)).await;
    }
    seen.stop.store(true, Ordering::Relaxed);
    while let Some(writer) = writers.join_next().await {
        writer?;
    }
    check(&seen, &second).await?;
    let (gone, stored) = (seen.gone(), seen.numbers().len());
    promise!(gone < GONE_MAX, "nothing was stored for {gone:?}");
    Ok(format!(
        "{stored} statements, none lost or doubled; nothing was stored for {:.1} s, {} were told to try later",
        gone.as_secs_f64(),
        seen.tries_later.load(Ordering::Relaxed)
    ))
}

fn make_kek(setting: &Setting, data: &Path, kek: &Path) -> Result<(), Box<dyn Error>> {
    let mut command: Command = varde(setting);
    command.args(["key", "make-kek", "--data"]).arg(data);
    let made = command.arg("--kek-file").arg(kek).output()?;
    promise!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    Ok(())
}

async fn happen(
    what: What,
    set: &mut ReplicaSet,
    server: &mut Server,
) -> Result<(), Box<dyn Error>> {
    let primary = set.primary().await?;
    let secondary = (primary + 1) % set.members().len();
    match what {
        What::PrimaryKilled => {
            set.members()[primary].kill()?;
            sleep(GONE_MAX).await;
            set.members()[primary].start_again()?;
        }
        What::PrimaryStepsDown => set.step_down(primary).await?,
        What::PrimarySilent => {
            set.members()[primary].freeze()?;
            sleep(GONE_MAX).await;
            set.members()[primary].go_on()?;
        }
        What::PrimaryCutOff => {
            set.members()[primary].cut_off()?;
            sleep(GONE_MAX).await;
            set.members()[primary].heal()?;
        }
        What::SecondarySilent => {
            set.members()[secondary].freeze()?;
            sleep(GONE_MAX).await;
            set.members()[secondary].go_on()?;
        }
        What::ServerKilled => {
            // Whatever it had asked for last, it is killed before it is answered.
            set.members()[primary].freeze()?;
            sleep(Duration::from_millis(100)).await;
            server.kill()?;
            set.members()[primary].go_on()?;
        }
    }
    Ok(())
}

/// Each acknowledged statement is there, and each id once.
async fn check(seen: &Seen, server: &Server) -> Result<(), Box<dyn Error>> {
    let odd = seen
        .odd
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    promise!(odd.is_empty(), "clients were answered with {odd:?}");
    let client = server.client();
    let (mut page, mut ids) = ("/xapi/statements?limit=100".to_owned(), Vec::new());
    loop {
        let answer = client.send(Method::GET, &page, &Value::Null).await;
        let answer = answer.ok_or("no answer")?;
        promise!(answer.status == StatusCode::OK, "a page: {}", answer.status);
        let statements = answer.body["statements"]
            .as_array()
            .ok_or("no statements")?;
        ids.extend(
            statements
                .iter()
                .filter_map(|one| Some(one["id"].as_str()?.to_owned())),
        );
        match answer.body["more"].as_str() {
            Some(more) if !more.is_empty() => more.clone_into(&mut page),
            _ => break,
        }
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    promise!(
        ids.len() == all,
        "{} statements are doubled",
        all - ids.len()
    );
    for number in seen.numbers() {
        let id = crate::client::id(number);
        promise!(
            ids.binary_search(&id).is_ok(),
            "statement {number} was acknowledged and is lost"
        );
    }
    Ok(())
}
