//! A store in memory with rules at work, and statements to send to it.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;
use varde_competence::{
    CohortQuery, CohortTable, EvidenceRule, ExplainQuery, ExplanationTable, Outcome, OutcomeError,
    OutcomeQuery, OutcomeTable, Outcomes,
};
use varde_core::definitions::{Definition, DefinitionBook};
use varde_core::erasures::Erasures;
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Attachments, Records, StatementLog};
use varde_core::registers::{Entity, EntityKind, RegisterBook, Row};
use varde_core::statements::Statements;
use varde_core::{Caller, Scope};
use varde_test_support::{SeededEntropy, TestClock, caller, erasures, registers};
use varde_xapi::{Family, StatementId, Stored};

pub(crate) const QUIZ: &str =
    include_str!("../../../../schemas/examples/competence/planning-quiz.yaml");
pub(crate) const ASSESSMENT: &str =
    include_str!("../../../../schemas/examples/competence/opportunities-assessment.yaml");
pub(crate) const REFLECTION: &str =
    include_str!("../../../../schemas/examples/competence/reflection-completed.yaml");
pub(crate) const WORKSHOPS: &str =
    include_str!("../../../../schemas/examples/competence/workshops-attended.yaml");

/// Reads a rule's file as the definition that is installed.
pub(crate) fn definition(text: &str) -> Definition {
    let document = varde_schemas::read(text).expect("the rule fits its schema");
    let varde_schemas::Document {
        kind,
        id,
        version,
        value,
        ..
    } = document;
    Definition {
        kind: kind.name().to_owned(),
        id,
        version,
        body: value.into(),
    }
}

/// Returns the id that statements of this number have.
pub(crate) fn id(number: u128) -> StatementId {
    StatementId(Uuid::from_u128(
        0x5a4d_0000_0000_4000_8000_0000_0000_0000 | number,
    ))
}

/// A statement under way: agent `learner-N` of the learning platform, at an instant.
#[derive(Debug, Clone)]
pub(crate) struct Sent(pub(crate) Value);

impl Sent {
    pub(crate) fn new(number: u128, learner: u32, verb: &str, object: &str, at: &str) -> Self {
        Self(json!({
            "id": id(number).to_string(),
            "actor": {"account": {"homePage": "https://lms.example.org", "name": format!("learner-{learner}")}},
            "verb": {"id": verb},
            "object": {"id": object},
            "timestamp": at,
        }))
    }

    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.0[key] = value;
        self
    }

    /// A quiz attempt as a learning platform tells it, with a scaled score.
    pub(crate) fn quiz(number: u128, learner: u32, scaled: &str, at: &str) -> Self {
        let scaled: Value = serde_json::from_str(scaled).expect("a number");
        let attempt =
            format!("https://lms.example.org/mod/quiz/attempt.php?attempt={number}&cmid=42");
        Self::new(
            number,
            learner,
            "http://adlnet.gov/expapi/verbs/completed",
            &attempt,
            at,
        )
        .with(
            "result",
            json!({"score": {"scaled": scaled}, "completion": true}),
        )
        .with(
            "context",
            json!({"contextActivities": {"parent": [
                {"id": "https://lms.example.org/mod/quiz/view.php?id=42"},
                {"id": "https://lms.example.org/course/view.php?id=5"},
            ]}}),
        )
    }

    pub(crate) fn voiding(number: u128, target: u128) -> Self {
        Self(json!({
            "id": id(number).to_string(),
            "actor": {"mbox": "mailto:office@example.org"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
            "object": {"objectType": "StatementRef", "id": id(target).to_string()},
        }))
    }
}

/// Makes the register row that says which person an agent of the learning platform is.
pub(crate) fn is_person(learner: u32, person: &str) -> Row {
    let identifier = format!("account:https://lms.example.org learner-{learner}");
    Row {
        entity: Entity::new(EntityKind::Identifier, identifier),
        field: "person".to_owned(),
        value: Some(person.to_owned()),
        valid_from: None,
        valid_to: None,
    }
}

/// Makes a register row that introduces a project.
pub(crate) fn is_project(code: &str) -> Row {
    Row {
        entity: Entity::new(EntityKind::Project, code),
        field: "title:en".to_owned(),
        value: Some("A project".to_owned()),
        valid_from: None,
        valid_to: None,
    }
}

/// Makes the register rows of a programme activity of a project.
pub(crate) fn is_unit_of(activity: &str, project: &str) -> Vec<Row> {
    let rows = [
        ("kind".to_owned(), "training-scheme"),
        (format!("project:{project}"), "yes"),
    ];
    let row = |(field, value): (String, &str)| Row {
        entity: Entity::new(EntityKind::Activity, activity),
        field,
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    };
    rows.map(row).to_vec()
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) caller: Caller,
    definitions: DefinitionBook,
    pub(crate) adapters: Vec<Arc<dyn Adapter>>,
    runner: Runner,
    pub(crate) log: Arc<dyn StatementLog>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) erasures: Erasures,
    pub(crate) registers: Arc<RegisterBook>,
    pub(crate) statements: Statements,
    pub(crate) outcomes: Outcomes,
}

impl World {
    pub(crate) async fn with(rules: &[&str]) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as _));
        Self::on(&store, clock, rules).await
    }

    /// Begins on a store.
    pub(crate) async fn on<S: StatementLog + Records + Attachments>(
        store: &Arc<S>,
        clock: Arc<TestClock>,
        rules: &[&str],
    ) -> Self {
        let log = Arc::clone(store) as Arc<dyn StatementLog>;
        let records = Arc::clone(store) as Arc<dyn Records>;
        let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(EvidenceRule)];
        let definitions = DefinitionBook::new(Arc::clone(&records));
        let entropy = Arc::new(SeededEntropy::new(7));
        let registers = registers(Arc::clone(&log), Arc::clone(&records)).await;
        let project = registers.import(vec![is_project("sing")]).await;
        project.expect("the project is registered");
        let register_book = || Arc::clone(&registers);
        let world = Self {
            log: Arc::clone(&log),
            records: Arc::clone(&records),
            erasures: erasures(store, &clock, &registers, adapters.clone()),
            definitions,
            adapters: adapters.clone(),
            runner: Runner::new(
                Arc::clone(&log),
                Arc::clone(&records),
                register_book(),
                adapters,
            ),
            statements: Statements::new(Arc::clone(&log), Arc::clone(&records), entropy, 100),
            outcomes: Outcomes::new(Ledger::new(log, records), register_book()),
            registers,
            clock,
            caller: Caller {
                authority: r#"{"objectType":"Agent","account":{"homePage":"https://lms.example.org","name":"writer"}}"#.into(),
                ..caller("sing", &[Scope::All])
            },
        };
        world.install(rules).await;
        world
    }

    /// Installs rules.
    pub(crate) async fn install(&self, rules: &[&str]) {
        for rule in rules {
            let mut definition = definition(rule);
            // Tests have rules do what their examples do not expect.
            let mut body = definition.body.into_value();
            if let Some(body) = body.as_object_mut() {
                body.remove("examples");
            }
            definition.body = body.into();
            let installed = self.definitions.install(definition, &self.adapters);
            installed.await.expect("the rule is installed");
        }
    }

    /// Carries up to 1,000 events of the log into the ledgers.
    pub(crate) async fn step(&self) {
        self.runner.step().await.expect("the runner works");
    }

    /// Stores a statement and returns when it became known.
    pub(crate) async fn send(&self, sent: &Sent) -> Stored {
        self.clock.advance(1_000_000);
        let received = varde_xapi::receive(sent.0.to_string().as_bytes(), Family::V1);
        let statements = received.expect("the statement is valid").statements;
        let stored = self
            .statements
            .store(&self.caller, Family::V1, statements)
            .await;
        stored.expect("the statement is stored");
        varde_core::Clock::now(&*self.clock)
    }

    pub(crate) async fn import(&self, rows: Vec<Row>) -> Stored {
        self.clock.advance(1_000_000);
        let imported = self
            .registers
            .import(rows)
            .await
            .expect("the rows are taken in");
        imported.stored.expect("some were new")
    }

    /// Takes in rows that may all be known already.
    pub(crate) async fn import_any(&self, rows: Vec<Row>) -> Stored {
        self.clock.advance(1_000_000);
        let imported = self.registers.import(rows).await;
        let stored = imported.expect("the rows are taken in").stored;
        stored.unwrap_or_else(|| varde_core::Clock::now(&*self.clock))
    }

    /// Returns a use case that has read nothing yet.
    pub(crate) fn anew(&self) -> Outcomes {
        let ledger = Ledger::new(Arc::clone(&self.log), Arc::clone(&self.records));
        Outcomes::new(ledger, Arc::clone(&self.registers))
    }

    pub(crate) async fn query(&self, query: OutcomeQuery) -> Result<OutcomeTable, OutcomeError> {
        self.runner
            .catch_up()
            .await
            .expect("the ledger is at the head");
        self.outcomes.query(&self.caller, query).await
    }

    pub(crate) async fn cohorts(&self, query: &CohortQuery) -> Result<CohortTable, OutcomeError> {
        let caught_up = self.runner.catch_up().await;
        caught_up.expect("the ledger is at the head");
        self.outcomes.cohorts(&self.caller, query).await
    }

    /// Lets time pass in which nothing happens.
    pub(crate) async fn pass_days(&self, days: i64) {
        self.clock.advance(days * 86_400_000_000);
        self.import(vec![is_project(&format!("passed-{days}"))])
            .await;
    }

    pub(crate) async fn explain(&self, query: &ExplainQuery) -> ExplanationTable {
        let caught_up = self.runner.catch_up().await;
        caught_up.expect("the ledger is at the head");
        let explained = self.outcomes.explain(&self.caller, query).await;
        explained.expect("the caller may read")
    }

    pub(crate) async fn table(&self, query: OutcomeQuery) -> OutcomeTable {
        self.query(query).await.expect("the caller may read")
    }

    pub(crate) async fn as_of(&self, as_of: Date) -> Vec<Outcome> {
        self.table(OutcomeQuery::as_of(as_of)).await.outcomes
    }

    /// Returns the outcomes as of a day in short: person, level and status.
    pub(crate) async fn levels(&self, as_of: Date) -> Vec<String> {
        let outcomes = self.as_of(as_of).await;
        let short = outcomes
            .iter()
            .map(|o| format!("{} {} {:?}", o.person, o.level, o.status));
        short.collect()
    }
}
