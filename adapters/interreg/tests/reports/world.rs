//! A project with periods, an indicator set and a clock of its own.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;
use varde_core::definitions::{Definition, DefinitionBook};
use varde_core::keys::Keys;
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Collection, KeyRange, Records, StatementLog, TermKey};
use varde_core::registers::RegisterBook;
use varde_core::registers::files::{self, RegisterFile};
use varde_core::{Caller, Clock, KeyId, Role, Scope};
use varde_interreg::reports::{
    Correction, NewEvidence, Place, ReportError, ReportQuery, ReportView, ReportedIndicator,
    Reports,
};
use varde_interreg::{IndicatorCode, IndicatorSets, Indicators};
use varde_test_support::{Draft, SeededEntropy, TestClock, registers, space};
use varde_xapi::{StatementId, Stored, Term};

pub(crate) const SCHEME: &str = "https://example.org/a";
const SET: &str = r"
indicator-set: sing
version: 1
project: sing
indicators:
  - code: RCO85
    name: { nb: Deltakelser, sv: Deltaganden, en: Participations }
    unit: { nb: deltakelser, sv: deltaganden, en: participations }
    measure: count
    target: 6
    source: example
    counting: { rule: joint-training-participations }
  - code: RCR81
    name: { nb: Fullføringer, sv: Slutföranden, en: Completions }
    unit: { nb: deltakere, sv: deltagare, en: participants }
    measure: count
    baseline: { value: 0, year: 2023, source: example }
    target: 4
    source: example
    counting: { rule: joint-training-completions }
";
const PROJECT: &str = "project: sing\ntitle: { nb: S, sv: S, en: S }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\nperiods: [2025-06-30, 2025-12-31, 2026-06-30]\n\
    partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
const ACTIVITIES: &str = "iri,kind,title,project\nhttps://example.org/a,training-scheme,A,sing\n";
const ORGANISERS: &str =
    "iri,orgnr\nhttps://example.org/a,123456785\nhttps://example.org/a,402000-0008\n";
/// The first second of 2025, UTC.
const NEW_YEAR: i64 = 1_735_689_600_000_000;
const DAY: i64 = 86_400_000_000;
pub(crate) const FIRST: &str = "2025-06-30";
pub(crate) const SECOND: &str = "2025-12-31";

/// One store in one test.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) registers: Arc<RegisterBook>,
    runner: Runner,
    pub(crate) reports: Reports,
}

/// The use case on a store, whose records may be others' to watch.
pub(crate) fn reports(
    store: &Arc<MemoryStore>,
    records: Arc<dyn Records>,
    registers: &Arc<RegisterBook>,
    clock: &Arc<TestClock>,
) -> Reports {
    let log = Arc::clone(store) as Arc<dyn StatementLog>;
    let ledger = Ledger::new(Arc::clone(&log), Arc::clone(&records));
    let indicators = Indicators::new(ledger, Arc::clone(registers));
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let entropy = Arc::new(SeededEntropy::new(3));
    let keys = Keys::new(Arc::clone(&records), entropy, Arc::clone(&clock));
    Reports::new(indicators, log, records, Arc::new(keys), clock)
}

impl World {
    /// A project that reports by a set, on the second day of 2025.
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(TestClock::at(NEW_YEAR + DAY));
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let registers = registers(store.clone(), store.clone()).await;
        let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(IndicatorSets)];
        let world = Self {
            runner: Runner::new(store.clone(), store.clone(), registers.clone(), adapters),
            reports: reports(&store, store.clone(), &registers, &clock),
            store,
            clock,
            registers,
        };
        world.activate(SET).await;
        world.import("sing.yaml", PROJECT).await;
        world.import("activities.csv", ACTIVITIES).await;
        world.import("organisers.csv", ORGANISERS).await;
        world
    }

    /// Makes another version of the set current.
    pub(crate) async fn activate(&self, set: &str) {
        let document = varde_schemas::read(set).unwrap();
        let definition = Definition {
            kind: document.kind.name().to_owned(),
            id: document.id,
            version: document.version,
            body: document.value.into(),
        };
        let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(IndicatorSets)];
        let book = DefinitionBook::new(self.store.clone());
        book.install(definition, &adapters).await.unwrap();
        self.settle().await;
    }

    pub(crate) async fn second_version(&self) {
        let without = SET.replace(
            "joint-training-participations }",
            "joint-training-participations, months_after_end: 1 }",
        );
        self.activate(&without.replace("version: 1", "version: 2"))
            .await;
    }

    pub(crate) async fn settle(&self) {
        self.runner.catch_up().await.unwrap();
        self.clock.advance(1_000_000);
    }

    /// Takes a register file in.
    pub(crate) async fn import(&self, name: &str, text: &str) {
        let file = RegisterFile {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let rows = files::read(&[file]).unwrap().rows;
        self.registers.import(rows).await.unwrap();
        self.settle().await;
    }

    /// Moves the clock to noon of the day behind a day.
    pub(crate) fn after(&self, day: &str) {
        let day: Date = day.parse().unwrap();
        self.clock.set(noon(day.tomorrow().unwrap()));
    }

    /// A learner begins the scheme on a day, as the statement of that number tells.
    pub(crate) async fn begins(&self, number: u64, learner: u64, day: &str) -> StatementId {
        let verb = "http://adlnet.gov/expapi/verbs/initialized";
        let body = json!({
            "actor": { "objectType": "Agent", "mbox": format!("mailto:learner-{learner}@example.org") },
            "verb": { "id": verb },
            "object": { "id": SCHEME },
        });
        self.append(number, &body, Some(day), None).await
    }

    /// The statement of a number voids another.
    pub(crate) async fn voids(&self, number: u64, target: u64) -> StatementId {
        let body = json!({
            "actor": { "objectType": "Agent", "mbox": "mailto:office@example.org" },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
            "object": { "objectType": "StatementRef", "id": Draft::id(target) },
        });
        self.append(number, &body, None, Some(target)).await
    }

    async fn append(
        &self,
        number: u64,
        body: &Value,
        day: Option<&str>,
        voids: Option<u64>,
    ) -> StatementId {
        let home = space("sing");
        let statement = varde_xapi::read(&body.to_string()).unwrap();
        let terms: Vec<Term> = varde_xapi::match_terms(&statement);
        let terms: Vec<u64> = terms
            .iter()
            .map(|term| TermKey::of(&home, term).0)
            .collect();
        let mut draft = Draft::new(number).terms(&terms).with(|new| {
            new.body = body.to_string();
            new.timestamp = day.map(|day| format!("{day}T12:00:00Z").parse().unwrap());
        });
        if let Some(target) = voids {
            draft = draft.voids(target);
        }
        self.clock.advance(1_000_000);
        // A statement of the future would never count.
        if let Some(told) = day.map(|day| noon(day.parse().unwrap()))
            && self.clock.now() < told
        {
            self.clock.set(told);
        }
        self.store.append(vec![draft.build()]).await.unwrap();
        self.settle().await;
        Draft::id(number)
    }

    pub(crate) async fn open(&self, period: &str) {
        self.reports
            .open(&steward(1), &place(period))
            .await
            .unwrap();
    }

    pub(crate) async fn submit(&self, period: &str) -> ReportView {
        let (caller, place) = (steward(1), place(period));
        self.reports.submit(&caller, &place, None).await.unwrap()
    }

    pub(crate) async fn accept(&self, period: &str) {
        self.reports
            .accept(&steward(1), &place(period))
            .await
            .unwrap();
    }

    /// Opens, submits and accepts the report of a period behind its end.
    pub(crate) async fn reported(&self, period: &str) -> ReportView {
        self.after(period);
        self.open(period).await;
        let view = self.submit(period).await;
        self.accept(period).await;
        view
    }

    pub(crate) async fn show(&self, period: &str) -> ReportView {
        self.tried(period, None).await.unwrap()
    }

    pub(crate) async fn tried(
        &self,
        period: &str,
        revision: Option<u32>,
    ) -> Result<ReportView, ReportError> {
        let query = query(period, revision);
        self.reports.show(&steward(1), &query).await
    }

    /// Returns the keys of all pieces of frozen bodies.
    pub(crate) async fn bodies(&self) -> Vec<Vec<u8>> {
        let all = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: 1_000,
        };
        let pieces = self.store.range(Collection("report-body"), &all).await;
        pieces.unwrap().into_iter().map(|piece| piece.key).collect()
    }

    /// Keeps an evidence file and returns its hash.
    pub(crate) async fn document(&self, text: &str) -> String {
        let new = NewEvidence {
            project: "sing".parse().unwrap(),
            title: "Attendance list".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let kept = self.reports.add_evidence(&steward(1), new).await;
        kept.unwrap().sha256
    }
}

fn noon(day: Date) -> Stored {
    let noon = jiff::tz::TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0));
    Stored(noon.unwrap().as_microsecond())
}

pub(crate) fn query(period: &str, revision: Option<u32>) -> ReportQuery {
    ReportQuery {
        project: "sing".parse().unwrap(),
        period: period.parse().unwrap(),
        revision,
        known_at: None,
    }
}

pub(crate) fn place(period: &str) -> Place {
    Place {
        project: "sing".parse().unwrap(),
        period: period.parse().unwrap(),
    }
}

pub(crate) fn code(text: &str) -> IndicatorCode {
    text.parse().unwrap()
}

/// A data steward, told from others by number.
pub(crate) fn steward(number: u128) -> Caller {
    Caller {
        key: KeyId(Uuid::from_u128(number)),
        role: Some(Role::DataSteward),
        ..varde_test_support::caller("sing", &[Scope::All])
    }
}

pub(crate) fn as_role(role: Role) -> Caller {
    Caller {
        role: Some(role),
        ..varde_test_support::caller("sing", role.default_scopes())
    }
}

/// Returns an indicator of a report.
pub(crate) fn indicator<'v>(view: &'v ReportView, code: &str) -> &'v ReportedIndicator {
    let code = code.parse().unwrap();
    view.report.indicator(&code).unwrap()
}

/// Returns previous, new, correction, current and total of the participations.
pub(crate) fn figures(view: &ReportView) -> [i64; 5] {
    let figures = indicator(view, "RCO85").figures.unwrap();
    let all = [
        figures.previous,
        figures.new,
        figures.correction,
        figures.current,
        figures.total,
    ];
    all.map(|amount: Decimal| i64::try_from(amount).unwrap())
}

/// Returns the corrections of the participations.
pub(crate) fn corrections(view: &ReportView) -> &[Correction] {
    &indicator(view, "RCO85").corrections
}
