//! The process dies while many write: what was acknowledged is there, what was refused is not, what got
//! no answer is there whole or not at all, and index and ledgers are what the log says.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Client, statement, voiding};
use crate::preload::{Control, Mode};
use crate::server::{Server, verify};
use crate::{Outcome, Setting, promise, world};

/// Statements of one client and round have numbers of their own.
const NUMBERS: u64 = 100_000;
/// The most calls that write or sync after which the process dies.
const CALLS_MAX: u64 = 200;

/// Chance that begins with a seed (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// Returns a number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

/// What became of the statements, by number.
#[derive(Debug, Default)]
struct Known {
    stored: BTreeMap<u64, Value>,
    /// The targets of those that void.
    voided: BTreeSet<u64>,
    refused: Vec<u64>,
    /// Batches without an answer.
    unknown: Vec<Vec<Value>>,
}

impl Known {
    fn store(&mut self, batch: Vec<Value>) {
        for one in batch {
            if one["verb"]["id"]
                .as_str()
                .is_some_and(|id| id.ends_with("/voided"))
            {
                self.voided.insert(number_of(&one["object"]));
            }
            self.stored.insert(number_of(&one), one);
        }
    }
}

type Shared = Arc<Mutex<Known>>;

fn known(shared: &Shared) -> std::sync::MutexGuard<'_, Known> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number_of(statement: &Value) -> u64 {
    let id = statement["id"].as_str().unwrap_or_default();
    let digits = id.rsplit('-').next().unwrap_or_default();
    u64::from_str_radix(digits, 16).unwrap_or_default()
}

/// Kills a server round after round, on one folder that grows.
pub(crate) async fn meet(setting: &Setting) -> Outcome {
    let (rounds, clients) = if setting.large { (100, 32) } else { (6, 8) };
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    world::furnish(setting, &data)?;
    let control = Control::new(&data)?;
    let shared = Shared::default();
    let mut chance = Chance(setting.seed);
    let mut server = Server::start(setting, &data, &control, &[])?;
    let mut found_whole = 0;
    for round in 0..rounds {
        let write = Round {
            first: round * clients * NUMBERS + 1,
            clients,
        };
        write
            .until_death(&mut server, &control, &shared, &mut chance, round)
            .await?;
        if round % 5 == 4 {
            die_at_the_start(setting, &data, &control, &mut chance)?;
        }
        control.set(Mode::None)?;
        server = Server::start(setting, &data, &control, &[])?;
        found_whole += settle(&server.client(), &shared).await?;
        check(&server.client(), &shared, write.first).await?;
        let findings = verify(setting, &data)?.findings;
        promise!(findings.is_empty(), "round {round}: {findings:?}");
    }
    check(&server.client(), &shared, 0).await?;
    promise!(server.ledgers_follow().await?, "the server is gone");
    server.stop()?;
    let verified = verify(setting, &data)?;
    let (findings, ledger_rows) = (verified.findings, verified.ledger_rows);
    promise!(findings.is_empty(), "at the end: {findings:?}");
    promise!(
        ledger_rows > 0,
        "nothing reached a ledger, so nothing was compared"
    );
    promise!(
        control.calls()? > 0,
        "the library saw no call, so nothing can fail"
    );
    let known = known(&shared);
    Ok(format!(
        "{rounds} rounds, {clients} clients, {} statements acknowledged and there, {} of them voided, {} \
         refused and not there, {found_whole} batches without an answer there whole, {ledger_rows} rows of \
         ledgers as a rebuild has them",
        known.stored.len(),
        known.voided.len(),
        known.refused.len(),
    ))
}

/// Lets a server die while it opens the folder that another left.
fn die_at_the_start(
    setting: &Setting,
    data: &Path,
    control: &Control,
    chance: &mut Chance,
) -> Result<(), Box<dyn Error>> {
    let call = i64::try_from(1 + chance.below(12))?;
    control.end_at(Mode::Kill, call)?;
    // Where it opens the folder with fewer calls it lives, and is killed.
    if let Ok(mut server) = Server::start(setting, data, control, &[]) {
        server.kill()?;
    }
    Ok(())
}

/// One round of writing.
struct Round {
    first: u64,
    clients: u64,
}

impl Round {
    async fn until_death(
        &self,
        server: &mut Server,
        control: &Control,
        shared: &Shared,
        chance: &mut Chance,
        round: u64,
    ) -> Result<(), Box<dyn Error>> {
        let acknowledged = Arc::new(AtomicU64::new(0));
        let mut writers = JoinSet::new();
        for client in 0..self.clients {
            let writer = Writer {
                client: server.client(),
                next: self.first + client * NUMBERS,
                chance: Chance(chance.below(u64::MAX)),
                acknowledged: Arc::clone(&acknowledged),
                shared: Arc::clone(shared),
            };
            writers.spawn(writer.write());
        }
        // At some step of a commit, in the middle of one, or at an instant of the outside.
        let call = i64::try_from(1 + chance.below(CALLS_MAX))?;
        match round % 3 {
            0 => control.end_at(Mode::Kill, call)?,
            1 => control.end_at(Mode::Tear, call)?,
            _ => {
                let enough = 1 + chance.below(CALLS_MAX);
                while acknowledged.load(Ordering::Relaxed) < enough && !server.has_ended() {
                    tokio::task::yield_now().await;
                }
                server.kill()?;
            }
        }
        while !server.has_ended() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        while let Some(written) = writers.join_next().await {
            written?;
        }
        Ok(())
    }
}

/// A client that writes until nobody answers.
struct Writer {
    client: Client,
    next: u64,
    chance: Chance,
    acknowledged: Arc<AtomicU64>,
    shared: Shared,
}

impl Writer {
    async fn write(mut self) {
        loop {
            let (batch, is_good) = self.batch();
            let answer = self.client.post(&batch).await;
            let nobody_answers = answer.is_none();
            let mut known = known(&self.shared);
            match answer {
                Some(StatusCode::OK) if is_good => {
                    self.acknowledged.fetch_add(1, Ordering::Relaxed);
                    known.store(batch);
                }
                // Looked at once the server is there again.
                _ if is_good => known.unknown.push(batch),
                // The first is new, and must not be stored for the second's sake, answer or not.
                _ => known.refused.extend(batch.first().map(number_of)),
            }
            if nobody_answers {
                return;
            }
        }
    }

    /// Returns a batch with references back and forth; now and then one that voids an earlier
    /// statement, or one that is in conflict.
    fn batch(&mut self) -> (Vec<Value>, bool) {
        let first = self.next;
        if let (Some(earlier), kind @ 0..2) = (self.earlier(), self.chance.below(12)) {
            self.next += 1;
            if kind == 0 {
                return (vec![voiding(first, earlier)], true);
            }
            let mut other = statement(earlier, None);
            other["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/failed");
            return (vec![statement(first, None), other], false);
        }
        let length = 1 + self.chance.below(4);
        self.next += length;
        let batch = (first..first + length).map(|number| {
            let refers_to = match self.chance.below(4) {
                0 => Some(number + 1 + self.chance.below(6)),
                1 => number.checked_sub(1 + self.chance.below(6)),
                _ => None,
            };
            statement(number, refers_to)
        });
        (batch.collect(), true)
    }

    /// Returns the last statement of this client that is there, unless it voids one or is voided.
    fn earlier(&self) -> Option<u64> {
        let known = known(&self.shared);
        let own = self.next / NUMBERS * NUMBERS..self.next;
        let (number, earlier) = known.stored.range(own).next_back()?;
        let voids = earlier["verb"] == voiding(0, 0)["verb"];
        Some(*number).filter(|number| !voids && !known.voided.contains(number))
    }
}

/// Finds out what became of batches without an answer, and returns how many are there.
async fn settle(client: &Client, shared: &Shared) -> Result<u64, Box<dyn Error>> {
    let unknown = std::mem::take(&mut known(shared).unknown);
    let mut whole = 0;
    for batch in unknown {
        let mut there = 0;
        for one in &batch {
            let answer = client.get(number_of(one)).await.ok_or("no answer")?;
            there += usize::from(answer.status == StatusCode::OK);
        }
        let length = batch.len();
        promise!(
            there == 0 || there == length,
            "{there} of a batch of {length} are there"
        );
        let mut known = known(shared);
        if there == 0 {
            known.refused.extend(batch.iter().map(number_of));
        } else {
            whole += 1;
            known.store(batch);
        }
    }
    Ok(whole)
}

/// Checks everything known from a number on.
async fn check(client: &Client, shared: &Shared, from: u64) -> Result<(), Box<dyn Error>> {
    let (stored, voided, refused) = {
        let known = known(shared);
        let stored = known.stored.range(from..);
        let stored: Vec<_> = stored.map(|(n, one)| (*n, one.clone())).collect();
        let refused = known.refused.iter().copied().filter(|n| *n >= from);
        (stored, known.voided.clone(), refused.collect::<Vec<_>>())
    };
    for (number, sent) in stored {
        let answer = if voided.contains(&number) {
            is_not_there(client, number, "voided").await?;
            client.get_voided(number).await
        } else {
            client.get(number).await
        };
        let answer = answer.ok_or("no answer")?;
        let status = answer.status;
        promise!(
            status == StatusCode::OK,
            "acknowledged statement {number}: {status}"
        );
        let same = answer.body["object"] == sent["object"] && answer.body["actor"] == sent["actor"];
        promise!(same, "statement {number} is another: {}", answer.body);
    }
    for number in refused {
        is_not_there(client, number, "refused").await?;
    }
    Ok(())
}

async fn is_not_there(client: &Client, number: u64, why: &str) -> Result<(), Box<dyn Error>> {
    let status = client.get(number).await.ok_or("no answer")?.status;
    promise!(
        status == StatusCode::NOT_FOUND,
        "{why} statement {number}: {status}"
    );
    Ok(())
}
