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

use crate::texts::Text;

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

/// Stores so many statements of a kind, in the space `load`, and prints how fast, chunk by chunk.
pub(crate) async fn fill(folder: &Path, count: u64, text: Text) -> anyhow::Result<()> {
    let store = EmbeddedStore::open(folder, Arc::new(Ticking::default()))?;
    let log = Arc::new(store.clone()) as Arc<dyn StatementLog>;
    let records = Arc::new(store.clone()) as Arc<dyn Records>;
    let entropy = Arc::new(SeededEntropy::new(11)) as Arc<dyn Entropy>;
    let statements = Statements::new(log, records, entropy, 100);
    let caller = Arc::new(caller("load", &[Scope::All]));
    let mut from = 0;
    while from < count {
        let to = count.min(from + CHUNK);
        let began = Instant::now();
        write(&statements, &caller, from..to, text).await?;
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
    text: Text,
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
