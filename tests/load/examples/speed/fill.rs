//! A store that is full.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use tokio::task::JoinSet;
use varde_core::ports::{Records, StatementLog};
use varde_core::statements::Statements;
use varde_core::{Caller, Clock, Entropy, Scope};
use varde_embedded::EmbeddedStore;
use varde_test_support::{SeededEntropy, caller};
use varde_xapi::{Family, Stored};

/// How many statements are stored at once, and by how many at the same time.
const BATCH: u64 = 500;
const WRITERS: u64 = 4;
/// After how many statements a line is printed.
const CHUNK: u64 = 500_000;

/// A clock that moves by a microsecond whenever it is asked.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Stored {
        Stored(1_772_366_400_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Stores so many statements of about 1,467 bytes, and prints how fast, chunk by chunk.
pub(crate) async fn fill(folder: &Path, count: u64) -> anyhow::Result<()> {
    let store = EmbeddedStore::open(folder, Arc::new(Ticking::default()))?;
    let log = Arc::new(store.clone()) as Arc<dyn StatementLog>;
    let records = Arc::new(store.clone()) as Arc<dyn Records>;
    let entropy = Arc::new(SeededEntropy::new(11)) as Arc<dyn Entropy>;
    let statements = Statements::new(log, records, entropy, 100);
    let caller = Arc::new(caller("sing", &[Scope::All]));
    let mut from = 0;
    while from < count {
        let to = count.min(from + CHUNK);
        let began = Instant::now();
        write(&statements, &caller, from..to).await?;
        let seconds = began.elapsed().as_secs_f64();
        println!("{to} {:.0}", (to - from) as f64 / seconds);
        from = to;
    }
    let began = Instant::now();
    store.close().await?;
    println!("closed {:.2}", began.elapsed().as_secs_f64());
    Ok(())
}

async fn write(
    statements: &Statements,
    caller: &Arc<Caller>,
    range: std::ops::Range<u64>,
) -> anyhow::Result<()> {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (statements, caller, range) = (statements.clone(), Arc::clone(caller), range.clone());
        writers.spawn(async move {
            let mut first = range.start + writer * BATCH;
            while first < range.end {
                let texts: Vec<_> = (first..range.end.min(first + BATCH)).map(text).collect();
                let body = format!("[{}]", texts.join(","));
                let batch = varde_xapi::receive(body.as_bytes(), Family::V1)
                    .map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
                statements
                    .store(&caller, Family::V1, batch.statements)
                    .await?;
                first += BATCH * WRITERS;
            }
            anyhow::Ok(())
        });
    }
    for written in writers.join_all().await {
        written?;
    }
    Ok(())
}

/// Returns a statement of some 1,467 bytes: 10 verbs, 10,000 agents, 2,000 activities, 200
/// courses, 20 programmes, a registration for some twenty statements, nine terms in all.
fn text(number: u64) -> String {
    let chance = SeededEntropy::new(number);
    let (agent, activity) = (chance.below(100) * chance.below(100), chance.below(2_000));
    let (verb, score) = (chance.below(10), chance.below(90) + 10);
    let (course, programme) = (activity % 200, activity % 20);
    let (second, teacher) = (number / 50 % 86_400, chance.below(200));
    let registration = format!("{:08x}-0000-4000-8000-{:012x}", number / 20, agent);
    let time = format!(
        "2026-02-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        1 + number / 4_320_000 % 28,
        second / 3_600,
        second / 60 % 60,
        second % 60,
        number % 1_000,
    );
    format!(
        r#"{{"actor":{{"objectType":"Agent","name":"Learner Number {agent:05}","account":{{"homePage":"https://id.programme.example.org/people","name":"learner-{agent:05}"}}}},"verb":{{"id":"http://adlnet.gov/expapi/verbs/v{verb:02}","display":{{"en-US":"did thing {verb:02}","nb":"gjorde ting {verb:02}"}}}},"object":{{"objectType":"Activity","id":"https://courses.example.org/course/{course:03}/activity/{activity:04}","definition":{{"name":{{"en-US":"Activity {activity:04} of the course","nb":"Aktivitet {activity:04} i kurset"}},"description":{{"en-US":"A task in which learners apply what the unit before it was about."}},"type":"http://adlnet.gov/expapi/activities/assessment"}}}},"result":{{"score":{{"scaled":0.{score},"raw":{score},"min":0,"max":100}},"success":true,"completion":true,"duration":"PT{score}M{verb}S"}},"context":{{"registration":"{registration}","instructor":{{"objectType":"Agent","account":{{"homePage":"https://id.programme.example.org/people","name":"teacher-{teacher:03}"}}}},"platform":"learning platform","language":"nb-NO","contextActivities":{{"parent":[{{"objectType":"Activity","id":"https://courses.example.org/course/{course:03}"}}],"grouping":[{{"objectType":"Activity","id":"https://courses.example.org/programme/{programme:02}"}}],"category":[{{"objectType":"Activity","id":"https://profiles.example.org/2026/cross-border"}}]}},"extensions":{{"https://profiles.example.org/extensions/session":"session-{number:010}"}}}},"timestamp":"{time}"}}"#
    )
}
