//! What came in is counted by key and day: as a naive count of the log says, whatever the steps, on
//! each store.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};
use varde_core::arrivals::{
    Arrivals, Counts, SourceQuery, SourceTable, Sources, SourcesError, Window,
};
use varde_core::keys::{Key, Keys, NewKey};
use varde_core::memory::MemoryStore;
use varde_core::ports::{
    Changes, Erasure, EventKind, Happened, LogEvent, NewEvent, Position, Records, Rewrite,
    StatementLog, StoredStatement,
};
use varde_core::statements::Statements;
use varde_core::{Caller, Clock as _, Role, Scope, StoreError};
use varde_embedded::EmbeddedStore;
use varde_replica_set::Database;
use varde_test_support::{Beforehand, SeededEntropy, TestClock, WatchedLog, caller, space};
use varde_xapi::{Family, Stored};

const HOUR: i64 = 3_600_000_000;
const SILENT_HOURS: u32 = 168;
/// The keys that send, each with its space.
const SENDERS: [(&str, &str); 3] = [
    ("lms", "sing"),
    ("trials", "sing:test"),
    ("course", "merse"),
];

struct World {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    clock: Arc<TestClock>,
    statements: Statements,
    keys: Arc<Keys>,
    senders: Vec<Key>,
}

impl World {
    async fn on<S: StatementLog + Records>(store: &Arc<S>, clock: Arc<TestClock>) -> Self {
        let (log, records) = (Arc::clone(store) as Arc<_>, Arc::clone(store) as Arc<_>);
        Self::of(log, records, clock).await
    }

    async fn of(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        clock: Arc<TestClock>,
    ) -> Self {
        let entropy = Arc::new(SeededEntropy::new(1));
        let statements =
            Statements::new(Arc::clone(&log), Arc::clone(&records), entropy.clone(), 100);
        let keys = Arc::new(Keys::new(Arc::clone(&records), entropy, clock.clone()));
        let mut senders = Vec::new();
        for (name, home) in SENDERS {
            let new = NewKey {
                scopes: vec![Scope::StatementsWrite],
                ..NewKey::new(name, "secret", "https://example.org", space(home))
            };
            senders.push(keys.create(new).await.unwrap());
        }
        Self {
            log,
            records,
            clock,
            statements,
            keys,
            senders,
        }
    }

    async fn in_memory() -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        Self::on(&store, clock).await
    }

    fn arrivals(&self) -> Arrivals {
        Arrivals::new(Arc::clone(&self.log), Arc::clone(&self.records))
    }

    async fn count(&self) {
        let arrivals = self.arrivals();
        while arrivals.step().await.unwrap() {}
    }

    async fn send(&self, sender: usize, statement: &Value) {
        let by = self.keys.caller(&self.senders[sender]);
        let text = statement.to_string();
        let batch = varde_xapi::receive(text.as_bytes(), Family::V1).unwrap();
        let stored = self.statements.store(&by, Family::V1, batch.statements);
        stored.await.unwrap();
    }

    fn sources(&self) -> Sources {
        Sources::new(
            Arc::clone(&self.log),
            Arc::clone(&self.records),
            Arc::clone(&self.keys),
            self.clock.clone(),
            SILENT_HOURS,
        )
    }

    async fn told(&self, reads: &[&str]) -> SourceTable {
        let now = TimeZone::UTC.to_datetime(self.clock.now().instant()).date();
        let window = Window::given(None, Some(now), self.clock.now()).unwrap();
        let query = SourceQuery { name: None, window };
        self.sources().list(&reader(reads), &query).await.unwrap()
    }

    async fn events(&self) -> Vec<LogEvent> {
        self.log.follow(Position(0), 10_000).await.unwrap()
    }
}

/// Somebody who may review what is in some spaces.
fn reader(reads: &[&str]) -> Caller {
    Caller {
        reads: reads.iter().map(|name| space(name)).collect(),
        projects: BTreeSet::new(),
        role: Some(Role::Auditor),
        ..caller("elsewhere", &[Scope::AllRead])
    }
}

const ALL: [&str; 3] = ["sing", "sing:test", "merse"];

fn statement(content: u8, timestamp: Option<Stored>) -> Value {
    let mut statement = json!({
        "actor": { "mbox": format!("mailto:learner{content}@example.org") },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/attended" },
        "object": { "id": "https://example.org/gathering" },
    });
    if let Some(timestamp) = timestamp {
        statement["timestamp"] = json!(timestamp);
    }
    statement
}

/// Something that happens to a log.
#[derive(Debug, Clone)]
enum Act {
    /// Time goes by, in hours.
    Wait(i64),
    /// A sender sends something, which happened so many seconds from now where that is said.
    Send(usize, u8, Option<i64>),
    /// Something else becomes known.
    Event,
    /// One of two processes takes a step.
    Step(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let day = 86_400;
    let offset = prop::sample::select(vec![
        -30 * day,
        -7 * day - 1,
        -7 * day,
        -day,
        -1,
        0,
        300,
        301,
        3 * day,
    ]);
    let act = prop_oneof![
        2 => (1i64..30).prop_map(Act::Wait),
        6 => (0..SENDERS.len(), 0u8..4, prop::option::weighted(0.8, offset))
            .prop_map(|(sender, content, at)| Act::Send(sender, content, at)),
        1 => Just(Act::Event),
        2 => (0..2usize).prop_map(Act::Step),
    ];
    prop::collection::vec(act, 1..40)
}

async fn play(world: &World, acts: &[Act]) {
    let processes = [world.arrivals(), world.arrivals()];
    for act in acts {
        match act {
            Act::Wait(hours) => world.clock.advance(hours * HOUR),
            Act::Send(sender, content, at) => {
                let now = world.clock.now();
                let at = at.map(|seconds| Stored(now.0 + seconds * 1_000_000));
                world.send(*sender, &statement(*content, at)).await;
            }
            Act::Event => {
                let event = NewEvent {
                    kind: EventKind::Registers,
                    body: "{}".to_owned(),
                };
                let changes = Changes {
                    events: vec![event],
                    ..Changes::default()
                };
                world.records.commit(changes).await.unwrap();
            }
            Act::Step(process) => {
                processes[*process].step().await.unwrap();
            }
        }
    }
}

type ByDay = BTreeMap<(String, String, Date), Counts>;

/// Counts as somebody would who reads the whole log at once.
fn naive(events: &[LogEvent], world: &World) -> ByDay {
    let mut said = BTreeSet::new();
    let mut counts = ByDay::new();
    for event in events {
        let Happened::Statement(statement) = &event.what else {
            continue;
        };
        let key = world.senders.iter().find(|key| key.id == statement.key);
        let utc = TimeZone::UTC.to_datetime(statement.stored.instant());
        let at = (
            key.unwrap().name.clone(),
            statement.space.to_string(),
            utc.date(),
        );
        let counted = counts.entry(at).or_default();
        let is_first = said.insert((statement.space.to_string(), statement.body.clone()));
        counted.statements += 1;
        counted.repeats += u64::from(!is_first);
        match &statement.timestamp {
            None => counted.without_timestamp += 1,
            Some(at) => {
                let ahead = at.as_microsecond() - statement.stored.0;
                counted.late += u64::from(ahead < -7 * 24 * HOUR);
                if ahead > HOUR / 12 {
                    counted.future += 1;
                    let seconds = u64::try_from(ahead / 1_000_000).unwrap();
                    counted.skew_max_seconds = counted.skew_max_seconds.max(seconds);
                }
            }
        }
    }
    counts
}

fn by_day(table: &SourceTable) -> ByDay {
    let sources = table.sources.iter();
    let days = sources.flat_map(|source| {
        let of = |day: Date| (source.name.clone(), source.space.to_string(), day);
        source.days.iter().map(move |day| (of(day.day), day.counts))
    });
    days.collect()
}

async fn check(world: &World, acts: &[Act]) {
    play(world, acts).await;
    world.count().await;
    // Days before the window are in a naive count too.
    let table = world.told(&ALL).await;
    let mut expected = naive(&world.events().await, world);
    expected.retain(|(_, _, day), _| (table.from..=table.to).contains(day));
    assert_eq!(by_day(&table), expected);
    let mut totals = Counts::default();
    for counts in expected.values() {
        totals += *counts;
    }
    assert_eq!(table.totals, totals);
    assert!(table.complete_through >= world.events().await.last().map(|event| event.stored));
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_counted_is_what_a_naive_count_says(acts in acts()) {
        run(async { check(&World::in_memory().await, &acts).await; });
    }
}

/// A history of every kind of act, the same on each store.
fn some_of_each() -> Vec<Act> {
    let mut acts = Vec::new();
    for number in 0..200u8 {
        let sender = usize::from(number) % SENDERS.len();
        let at = match number % 5 {
            0 => None,
            1 => Some(-8 * 86_400),
            2 => Some(3_600),
            _ => Some(-60),
        };
        acts.push(Act::Send(sender, number % 4, at));
        acts.push(match number % 4 {
            0 => Act::Wait(1),
            1 => Act::Step(usize::from(number) % 2),
            2 => Act::Event,
            _ => Act::Send(sender, number % 4, at),
        });
    }
    acts
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_counts_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let store = Arc::new(EmbeddedStore::open(folder.path(), clock.clone()).unwrap());
    check(&World::on(&store, clock).await, &some_of_each()).await;
    store.close().await.unwrap();
}

#[test]
fn mongodb_counts_the_same() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = Arc::new(database.open(&clock));
    run(async {
        check(&World::on(&store, clock).await, &some_of_each()).await;
        store.close().await;
    });
}

/// Another process takes the same step, between what this one reads and what it writes.
#[derive(Debug)]
struct Faster(Arrivals);

#[async_trait]
impl Beforehand for Faster {
    async fn follow(&self, _: &dyn StatementLog) -> Result<(), StoreError> {
        self.0.step().await.map(drop)
    }
}

async fn doubled(world: &World) {
    for number in 0..20 {
        world.send(0, &statement(number % 2, None)).await;
    }
    let watched = WatchedLog::new(Arc::clone(&world.log), Faster(world.arrivals()));
    let slower = Arrivals::new(Arc::new(watched), Arc::clone(&world.records));
    while slower.step().await.unwrap() {}
    let table = world.told(&ALL).await;
    assert_eq!((table.totals.statements, table.totals.repeats), (20, 18));
}

#[tokio::test]
async fn what_two_processes_count_at_once_is_counted_once() {
    doubled(&World::in_memory().await).await;
}

#[test]
fn what_two_processes_count_at_once_on_one_database_is_counted_once() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let stores = [(); 2].map(|()| Arc::new(database.open(&clock)));
    run(async {
        let world = World::on(&stores[0], clock).await;
        for number in 0..20 {
            world.send(0, &statement(number % 2, None)).await;
        }
        let of = |at: usize| Arrivals::new(stores[at].clone(), stores[at].clone());
        let (one, other) = (of(0), of(1));
        tokio::join!(async { while one.step().await.unwrap() {} }, async {
            while other.step().await.unwrap() {}
        },);
        let table = world.told(&ALL).await;
        assert_eq!((table.totals.statements, table.totals.repeats), (20, 18));
        for store in &stores {
            store.close().await;
        }
    });
}

/// Erases the statement at a position, and nothing else.
async fn erase(world: &World, position: u64) {
    let rewrite = Rewrite::Erase {
        facts: "{}".to_owned(),
    };
    let erasure = Erasure {
        rows: [(Position(position), rewrite)].into(),
        changes: Changes::default(),
    };
    world.log.erase(erasure).await.unwrap();
}

#[tokio::test]
async fn what_came_in_stays_counted_when_it_is_erased() {
    let world = World::in_memory().await;
    world.send(0, &statement(1, None)).await;
    world.count().await;
    erase(&world, 1).await;
    world.send(0, &statement(2, None)).await;
    // This one is erased before anybody counted it: nothing is left that says whose it was.
    world.send(0, &statement(3, None)).await;
    erase(&world, 3).await;
    world.count().await;
    assert_eq!(world.told(&ALL).await.totals.statements, 2);
}

#[tokio::test]
async fn only_sources_of_the_own_projects_and_spaces_are_told() {
    let world = World::in_memory().await;
    for sender in 0..SENDERS.len() {
        world.send(sender, &statement(1, None)).await;
    }
    world.count().await;
    let names = |table: &SourceTable| -> Vec<String> {
        let sources = table.sources.iter();
        sources.map(|source| source.name.clone()).collect()
    };
    assert_eq!(names(&world.told(&["sing"]).await), ["lms"]);
    assert_eq!(names(&world.told(&["merse"]).await), ["course"]);
    let of_project = Caller {
        projects: ["sing".parse().unwrap()].into(),
        ..reader(&[])
    };
    let window = Window::given(None, None, world.clock.now()).unwrap();
    let query = |name: Option<&str>| SourceQuery {
        name: name.map(str::to_owned),
        window,
    };
    let sources = world.sources();
    let told = sources.list(&of_project, &query(None)).await.unwrap();
    assert_eq!(names(&told), ["lms", "trials"]);
    let told = sources.list(&of_project, &query(Some("course"))).await;
    assert_eq!(told.unwrap().sources, []);
    let absent = sources.repeats(&of_project, "course", None).await;
    assert!(matches!(absent, Err(SourcesError::Absent)));
    for role in [Role::Evaluator, Role::Funder, Role::Learner] {
        let caller = Caller {
            role: Some(role),
            ..reader(&ALL)
        };
        let refused = sources.list(&caller, &query(None)).await;
        assert!(matches!(refused, Err(SourcesError::Forbidden(_))), "{role}");
    }
}

#[tokio::test]
async fn repeats_of_a_source_are_told_newest_first_and_page_by_page() {
    let world = World::in_memory().await;
    for number in 0..121 {
        world.send(0, &statement(1, None)).await;
        if number % 2 == 0 {
            world.send(2, &statement(1, None)).await;
        }
    }
    world.count().await;
    let sources = world.sources();
    let reader = reader(&["sing"]);
    let (mut after, mut pages, mut found) = (None, Vec::new(), Vec::new());
    loop {
        let page = sources.repeats(&reader, "lms", after).await.unwrap();
        pages.push(page.repeats.len());
        found.extend(page.repeats.into_iter().map(|repeat| repeat.position));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [50, 50, 20]);
    assert!(found.is_sorted_by(|one, next| one > next), "{found:?}");
    let lms: Vec<Position> = world
        .events()
        .await
        .into_iter()
        .filter_map(|event| match event.what {
            Happened::Statement(one) if by(&one, &world.senders[0]) => Some(one.position),
            _ => None,
        })
        .collect();
    assert!(found.iter().rev().eq(&lms[1..]), "all but the first");
}

fn by(statement: &StoredStatement, key: &Key) -> bool {
    statement.key == key.id
}

#[tokio::test]
async fn a_source_is_silent_when_its_alarm_says_so_and_past_its_rhythm_before() {
    let world = World::in_memory().await;
    let lms = &world.senders[0];
    for number in 0..5 {
        let _ = world.keys.check(Some(lms), "secret").unwrap();
        world.keys.record_last_uses().await.unwrap();
        world.send(0, &statement(number, None)).await;
        world.clock.advance(24 * HOUR);
    }
    world.count().await;
    let of = |table: &SourceTable| table.sources[0].clone();
    let told = of(&world.told(&["sing"]).await);
    assert!(!told.is_silent(), "{told:?}");
    assert_eq!((told.rhythm.days, told.rhythm.usual_gap_days), (5, Some(1)));
    world.clock.advance(24 * HOUR);
    let told = of(&world.told(&["sing"]).await);
    assert!(
        told.rhythm.overdue && told.silent_since.is_none(),
        "{told:?}"
    );
    world.clock.advance(7 * 24 * HOUR);
    let told = of(&world.told(&["sing"]).await);
    assert_eq!(told.silent_since, told.last_use);
    assert!(told.silent_since.is_some());
    world.keys.revoke("lms").await.unwrap();
    let told = of(&world.told(&["sing"]).await);
    assert_eq!(told.silent_since, None, "it is let in no more");
}

#[test]
fn a_window_has_a_day_to_366_of_them() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let made = |from: &str, to: &str| Window::new(day(from), day(to)).is_some();
    assert!(made("2026-03-01", "2026-03-01"));
    assert!(made("2026-03-01", "2027-03-01"));
    assert!(!made("2026-03-01", "2027-03-02"));
    assert!(!made("2026-03-02", "2026-03-01"));
    let now = Stored::parse("2026-03-31T23:00:00Z").unwrap();
    let window = Window::given(None, None, now).unwrap();
    assert_eq!(
        (window.first(), window.last()),
        (day("2026-03-02"), day("2026-03-31"))
    );
}
