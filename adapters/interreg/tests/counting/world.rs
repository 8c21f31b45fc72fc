//! A store with a runner, an indicator set, registers and a clock of its own.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;
use varde_core::definitions::{Definition, DefinitionBook};
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::memory::MemoryStore;
use varde_core::people::IdentityName;
use varde_core::ports::{NewStatement, Records, StatementLog};
use varde_core::registers::files::{self, RegisterFile};
use varde_core::registers::{PersonId, RegisterBook, Row};
use varde_core::{Caller, Scope};
use varde_interreg::{
    Amount, IndicatorCode, IndicatorQuery, IndicatorReport, IndicatorSets, IndicatorValue,
    Indicators,
};
use varde_test_support::{TestClock, registers};
use varde_xapi::{Ifi, Stored};

/// The set that tests count by, unless they say otherwise.
pub(crate) const SET: &str = r#"
indicator-set: sing
version: 1
project: sing
certificates:
  - { scheme: "https://example.org/a", credentials: ["https://example.org/badges/a"] }
indicators:
  - code: RCO85
    name: { nb: Deltakelser, sv: Deltaganden, en: Participations }
    unit: { nb: deltakelser, sv: deltaganden, en: participations }
    measure: count
    milestone: 2
    target: 6
    source: =example
    counting: { rule: joint-training-participations }
  - code: RCR81
    name: { nb: Fullføringer, sv: Slutföranden, en: Completions }
    unit: { nb: deltakere, sv: deltagare, en: participants }
    measure: count
    baseline: { value: 0, year: 2023, source: example }
    target: 4
    source: example
    counting: { rule: joint-training-completions }
"#;

/// A second of the test's clock, in microseconds.
const SECOND: i64 = 1_000_000;

/// One store in one test.
#[derive(Debug)]
pub(crate) struct World {
    log: Arc<dyn StatementLog>,
    clock: Arc<TestClock>,
    registers: Arc<RegisterBook>,
    runner: Runner,
    ledger: Ledger,
    indicators: Indicators,
}

impl World {
    /// Opens a store that counts by a set.
    pub(crate) async fn counting_by(set: &str) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        Self::on(&store, clock, set).await
    }

    /// Has a store count by a set.
    pub(crate) async fn on<S: StatementLog + Records + 'static>(
        store: &Arc<S>,
        clock: Arc<TestClock>,
        set: &str,
    ) -> Self {
        let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(IndicatorSets)];
        let book = DefinitionBook::new(store.clone());
        book.install(definition(set), &adapters).await.unwrap();
        let registers = registers(store.clone(), store.clone()).await;
        let ledger = Ledger::new(store.clone(), store.clone());
        let world = Self {
            runner: Runner::new(store.clone(), store.clone(), registers.clone(), adapters),
            indicators: Indicators::new(ledger.clone(), registers.clone()),
            ledger,
            log: store.clone(),
            clock,
            registers,
        };
        world.runner.catch_up().await.unwrap();
        world
    }

    /// Opens a store with the usual set.
    pub(crate) async fn new() -> Self {
        Self::counting_by(SET).await
    }

    /// Moves the clock on, and returns what it shows.
    fn tick(&self) -> Stored {
        self.clock.advance(SECOND);
        varde_core::Clock::now(&*self.clock)
    }

    /// Appends a statement and returns its `stored`.
    pub(crate) async fn append(&self, statement: NewStatement) -> Stored {
        let now = self.tick();
        self.log.append(vec![statement]).await.unwrap();
        self.runner.catch_up().await.unwrap();
        now
    }

    /// Imports register rows and returns the instant of it.
    pub(crate) async fn rows(&self, rows: Vec<Row>) -> Stored {
        let now = self.tick();
        self.registers.import(rows).await.unwrap();
        self.runner.catch_up().await.unwrap();
        now
    }

    /// Returns by which learner's identifier a person is known whom no register row explains.
    pub(crate) async fn unresolved(&self, learner: u64) -> Option<String> {
        let ifi = Ifi::Mbox(format!("mailto:learner-{learner}@example.org"));
        let identities = self.registers.identities();
        let id = identities.find(&IdentityName::agent(&ifi)).await.unwrap()?;
        Some(PersonId::unresolved(id).to_string())
    }

    /// Imports tables, each a text.
    pub(crate) async fn tables(&self, tables: &[&str]) -> Stored {
        let file = |text: &&str| RegisterFile {
            name: "file".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let files: Vec<_> = tables.iter().map(file).collect();
        self.rows(files::read(&files).unwrap().rows).await
    }

    /// Asks for everything as of a day.
    pub(crate) async fn report(&self, as_of: Date, known_at: Option<Stored>) -> IndicatorReport {
        self.tick();
        let query = IndicatorQuery {
            project: None,
            code: None,
            as_of,
            known_at,
        };
        self.indicators
            .query(&caller(&[Scope::AllRead]), &query)
            .await
            .unwrap()
    }

    /// Asks for one indicator as of a day.
    pub(crate) async fn value(&self, code: &str, as_of: Date) -> IndicatorValue {
        let code: IndicatorCode = code.parse().unwrap();
        let report = self.report(as_of, None).await;
        let mut values = report.tables.into_iter().flat_map(|table| table.indicators);
        Arc::unwrap_or_clone(values.find(|value| value.code == code).unwrap())
    }

    pub(crate) fn use_case(&self) -> &Indicators {
        &self.indicators
    }

    /// Returns the use case as it is when nothing was asked yet.
    pub(crate) fn fresh_use_case(&self) -> Indicators {
        Indicators::new(self.ledger.clone(), self.registers.clone())
    }
}

/// Reads a set as the definition it is.
pub(crate) fn definition(set: &str) -> Definition {
    let document = varde_schemas::read(set).unwrap();
    let (id, version, body): (_, _, Value) = (document.id, document.version, document.value);
    Definition {
        kind: document.kind.name().to_owned(),
        id,
        version,
        body: body.into(),
    }
}

/// Returns a whole amount.
pub(crate) fn amount(whole: u64) -> Amount {
    whole.into()
}

pub(crate) fn caller(scopes: &[Scope]) -> Caller {
    varde_test_support::caller("sing", scopes)
}
