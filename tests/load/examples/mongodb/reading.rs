//! Reading: by id, and newest pages by filters.

use std::time::{Duration, Instant};

use varde_core::ports::{PageQuery, Standing, StatementLog, TermKey};
use varde_test_support::{SeededEntropy, space};
use varde_xapi::StatementId;

use crate::{ACTIVITY, AGENT, COURSE, Kind, VERB, batch, statement_id};

/// How many statements a page has.
const PAGE: usize = 100;

/// Fills a store with so many statements and reads from it, for so long each.
pub(crate) async fn measure(
    store: &dyn StatementLog,
    name: &str,
    count: u64,
    each: Duration,
) -> anyhow::Result<()> {
    for first in (0..count).step_by(1_000) {
        store.append(batch(first, 1_000.min(count - first))).await?;
    }
    println!(
        "{:<24} {:>9} {:>9} {:>9}",
        format!("{name}, {count}"),
        "rows",
        "p50 ms",
        "p99 ms"
    );
    let chance = SeededEntropy::new(7);
    let spaces = [space("sing")];
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < each {
        let id = StatementId(statement_id(chance.below(count)));
        let asked = Instant::now();
        let found = store.get(&spaces, id, Standing::Valid).await?;
        times.push(asked.elapsed());
        anyhow::ensure!(found.is_some(), "the statement is there");
    }
    print("by id", 1.0, times);
    let filters: [(&str, &[Kind]); 6] = [
        ("newest", &[]),
        ("verb", &[VERB]),
        ("agent", &[AGENT]),
        ("agent and verb", &[AGENT, VERB]),
        ("agent and activity", &[AGENT, ACTIVITY]),
        ("course and activity", &[COURSE, ACTIVITY]),
    ];
    for (name, kinds) in filters {
        let (begun, mut times, mut rows) = (Instant::now(), Vec::new(), 0);
        while begun.elapsed() < each {
            let filters = kinds.iter().map(|kind| vec![TermKey(kind.any(&chance))]);
            let query = PageQuery {
                spaces: spaces.to_vec(),
                scope: Vec::new(),
                filters: filters.collect(),
                since: None,
                until: None,
                ascending: false,
                limit: PAGE,
                after: None,
                through: None,
                voided: false,
            };
            let asked = Instant::now();
            rows += store.page(&query).await?.statements.len();
            times.push(asked.elapsed());
        }
        print(name, rows as f64 / times.len() as f64, times);
    }
    Ok(())
}

fn print(name: &str, rows: f64, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| {
        let time = times.get((times.len() - 1) * part / 100).copied();
        time.unwrap_or_default().as_secs_f64() * 1_000.0
    };
    println!("{name:<24} {rows:>9.1} {:>9.2} {:>9.2}", at(50), at(99));
}
