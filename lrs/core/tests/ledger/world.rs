//! A world to play histories in: a store with registers, erasures and a runner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use varde_core::definitions::{DefinitionBook, InstallError};
use varde_core::erasures::{
    ErasureError, Erasures, Manner, OpenPeriods, Receipt, RetentionReceipt, Whom,
};
use varde_core::keys::NewKey;
use varde_core::ledger::{Adapter, ErasedFacts, Rulebook, Runner, Witness};
use varde_core::memory::MemoryStore;
use varde_core::people::{Acquainted, IdentityId, IdentityName};
use varde_core::ports::{
    Attachments, Changes, Erasure, Happened, LogEvent, NewStatement, Position, Records, Rewrite,
    StatementLog, StoredStatement, TermKey,
};
use varde_core::registers::{Entity, EntityKind, RegisterBook, Registers, Row};
use varde_core::{KeyId, Scope};
use varde_test_support::{TestClock, erasures};
use varde_xapi::{Family, Ifi, Statement, StatementId};

use crate::history::{
    Act, definition, id, identifier, referring_text, register_row, space, statement_text,
    voiding_text,
};
use crate::naive::FUTURE_MAX;
use crate::rulebook::{Seen, SeenRules};

/// A store with a runner on it.
pub(crate) struct World {
    pub(crate) log: Arc<dyn StatementLog>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) registers: Arc<RegisterBook>,
    pub(crate) runner: Runner,
    pub(crate) erasures: Erasures,
}

/// Returns a statement as a front end's key sends it.
pub(crate) fn new_statement(body: &str, test: bool) -> NewStatement {
    let received = varde_xapi::receive(body.as_bytes(), Family::V1).unwrap();
    let received = received.statements.into_iter().next().unwrap();
    let space = space(test);
    let terms = varde_xapi::match_terms(&received.statement);
    NewStatement {
        id: received.statement.id.unwrap(),
        id_text: received.id_text,
        key: KeyId(uuid::Uuid::nil()),
        authority: r#"{"mbox":"mailto:lrs@example.org"}"#.into(),
        version: "1.0.3".into(),
        timestamp: received
            .statement
            .timestamp
            .as_ref()
            .map(|timestamp| timestamp.instant),
        equality: received.equality,
        body: received.body,
        terms: terms.iter().map(|term| TermKey::of(&space, term)).collect(),
        scope: vec![TermKey::space(&space)],
        refers_to: varde_xapi::refers_to(&received.statement),
        voids: varde_xapi::voids(&received.statement),
        space,
    }
}

/// What was erased in a history.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    pub(crate) persons: BTreeSet<IdentityId>,
    pub(crate) statements: BTreeMap<Position, Original>,
}

/// An erased statement as it was.
#[derive(Debug)]
pub(crate) struct Original {
    pub(crate) statement: StoredStatement,
    /// The newest version of the definition that was installed when it was erased.
    pub(crate) version: u32,
}

/// What is known of people at the end of a history.
pub(crate) struct People {
    pub(crate) registers: Arc<Registers>,
    /// By the canonical text of their identifiers.
    pub(crate) ids: BTreeMap<String, IdentityId>,
}

pub(crate) fn runner(
    log: &Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    registers: &Arc<RegisterBook>,
) -> Runner {
    Runner::new(Arc::clone(log), records, Arc::clone(registers), adapters())
}

pub(crate) fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![Arc::new(Seen)]
}

fn key() -> NewKey {
    let home_page = "https://example.org";
    NewKey {
        also_reads: vec![space(true)],
        scopes: vec![Scope::All],
        ..NewKey::new("front-end", "a secret", home_page, space(false))
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        Self::on(&store, clock).await
    }

    pub(crate) async fn on<S: StatementLog + Records + Attachments>(
        store: &Arc<S>,
        clock: Arc<TestClock>,
    ) -> Self {
        let (log, records) = (store.clone(), store.clone());
        let registers = varde_test_support::registers(log.clone(), records.clone()).await;
        let erasures = erasures(store, &clock, &registers, adapters());
        // The spaces of keys are all there are.
        erasures.keys.create(key()).await.unwrap();
        let log: Arc<dyn StatementLog> = log;
        Self {
            runner: runner(&log, records.clone(), &registers),
            registers,
            log,
            records,
            clock,
            erasures,
        }
    }

    /// Plays a history and returns what was erased in it.
    pub(crate) async fn play(&self, acts: &[Act]) -> Gone {
        let mut gone = Gone::default();
        for act in acts {
            match act {
                Act::Erase { target } => {
                    self.clock.advance(1_000_000);
                    let erased = self.erase(id(*target)).await;
                    self.note_gone(&mut gone, erased).await;
                }
                Act::ErasePerson {
                    whom,
                    by_identifier,
                } => {
                    self.clock.advance(1_000_000);
                    let before = self.statements().await;
                    let receipt = self.erase_person(*whom, *by_identifier).await;
                    let persons = receipt.into_iter().flat_map(|receipt| receipt.persons);
                    gone.persons.extend(persons);
                    self.note_missing(&mut gone, before).await;
                }
                Act::Retain => {
                    self.clock.advance(1_000_000);
                    let before = self.statements().await;
                    gone.persons.extend(self.retain().await.persons);
                    self.note_missing(&mut gone, before).await;
                }
                act => self.act(act).await,
            }
        }
        gone
    }

    async fn note_missing(&self, gone: &mut Gone, before: Vec<StoredStatement>) {
        let left = self.statements().await;
        let left: BTreeSet<_> = left.iter().map(|one| one.position).collect();
        let is_gone = |one: &StoredStatement| !left.contains(&one.position);
        let erased = before.into_iter().filter(is_gone);
        self.note_gone(gone, erased).await;
    }

    async fn note_gone(&self, gone: &mut Gone, erased: impl IntoIterator<Item = StoredStatement>) {
        let version = self.newest().await;
        for statement in erased {
            let original = Original { statement, version };
            gone.statements
                .insert(original.statement.position, original);
        }
    }

    /// Returns the statements that stand in the log.
    async fn statements(&self) -> Vec<StoredStatement> {
        let events = self.log.follow(Position(0), usize::MAX).await.unwrap();
        let statements = events.into_iter().filter_map(|event| match event.what {
            Happened::Statement(statement) => Some(*statement),
            _ => None,
        });
        statements.collect()
    }

    /// Returns the versions of the definition that are installed.
    async fn versions(&self) -> Vec<u32> {
        let all = DefinitionBook::new(self.records.clone()).all().await;
        let versions = all.unwrap().into_iter();
        versions.map(|record| record.definition.version).collect()
    }

    async fn newest(&self) -> u32 {
        self.versions().await.into_iter().max().unwrap_or_default()
    }

    async fn install(&self, version: u32) {
        let book = DefinitionBook::new(self.records.clone());
        match book.install(definition(version), &adapters()).await {
            // A version below the newest is refused, and nothing changes.
            Ok(_) | Err(InstallError::Older { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn rebuild(&self, which: u8) {
        let versions = self.versions().await;
        if let Some(which) = usize::from(which).checked_rem(versions.len()) {
            let book = DefinitionBook::new(self.records.clone());
            let hash = definition(versions[which]).hash();
            assert!(book.rebuild(hash).await.unwrap());
        }
    }

    /// Erases what no duty keeps any longer: all duties ended before the clock began.
    pub(crate) async fn retain(&self) -> RetentionReceipt {
        let duties = r#"[
            {"class":"audit","years":1,"after":"2020-12-31","source":"a rule"},
            {"class":"learning","years":0,"after":"2020-12-31","source":"a rule"}
        ]"#;
        let rows = ["sing", "merse"].map(|project| Row {
            entity: Entity::new(EntityKind::Project, project),
            field: "keep".to_owned(),
            value: Some(duties.to_owned()),
            valid_from: None,
            valid_to: None,
        });
        self.registers.import(rows.into()).await.unwrap();
        let receipt = self.erasures.run_retention(&OpenPeriods::new()).await;
        receipt.unwrap()
    }

    /// Erases whoever is meant, if anybody is.
    pub(crate) async fn erase_person(&self, n: u8, by_identifier: bool) -> Option<Receipt> {
        let whom = if by_identifier {
            Whom::Identifier(Ifi::Mbox(identifier(n)))
        } else {
            Whom::Person(format!("p-{n}"))
        };
        match self.erasures.carry_out(&whom, &Manner::Erase).await {
            Ok(receipt) => Some(receipt),
            Err(ErasureError::Unknown | ErasureError::Ambiguous) => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(crate) async fn act(&self, act: &Act) {
        self.clock.advance(1_000_000);
        match act {
            Act::Statement {
                n,
                who,
                what,
                day,
                test,
            } => {
                let body = statement_text(*n, *who, *what, *day);
                self.append(&body, *test).await;
            }
            Act::Refer {
                n,
                who,
                target,
                what,
                day,
            } => {
                let body = referring_text(*n, *who, *target, *what, *day);
                self.append(&body, false).await;
            }
            Act::Again { n } => {
                // A resend of whatever has that id, else nothing.
                let spaces = [space(false)];
                let standing = varde_core::ports::Standing::Valid;
                if let Some(old) = self.log.get(&spaces, id(*n), standing).await.unwrap() {
                    self.append(&old.text(), false).await;
                }
            }
            Act::Void { target } => self.append(&voiding_text(*target), false).await,
            Act::Erase { target } => drop(self.erase(id(*target)).await),
            Act::Install { version } => self.install(*version).await,
            Act::Replace => self.install(self.newest().await + 1).await,
            Act::Rebuild { which } => self.rebuild(*which).await,
            Act::Step => {
                // Half of the steps remember nothing of those before.
                let fresh = runner(&self.log, self.records.clone(), &self.registers);
                let head = self.log.head().await.unwrap();
                let is_fresh = head.0.is_multiple_of(2);
                let runner = if is_fresh { &fresh } else { &self.runner };
                runner.step().await.unwrap();
            }
            rows => {
                self.registers
                    .import(vec![register_row(rows)])
                    .await
                    .unwrap();
            }
        }
    }

    /// Returns what is known of people: their registers, and the ids of all who act in the events.
    pub(crate) async fn people(&self, events: &[LogEvent]) -> People {
        let mut ids = BTreeMap::new();
        for event in events {
            if let Happened::Statement(statement) = &event.what {
                let typed: Statement = varde_xapi::read(&statement.text()).unwrap();
                let name = IdentityName::agent(typed.actor.ifi().unwrap());
                if let Some(id) = self.registers.identities().find(&name).await.unwrap() {
                    ids.insert(name.text, id);
                }
            }
        }
        let registers = self.registers.refresh().await.unwrap();
        People { registers, ids }
    }

    pub(crate) async fn append(&self, body: &str, test: bool) {
        // A conflict stores nothing, which is as good a part of a history as any.
        let _ = self.log.append(vec![new_statement(body, test)]).await;
    }

    /// Knows the id of whoever acts in a statement, as the runner would give it.
    async fn acquainted(&self, statement: &Statement) -> Acquainted {
        let name = IdentityName::agent(statement.actor.ifi().unwrap());
        let identities = self.registers.identities();
        let resolved = identities.resolve([name].into()).await.unwrap();
        let changes = resolved.new;
        self.records
            .commit(Changes {
                changes,
                ..Changes::default()
            })
            .await
            .unwrap();
        Acquainted::with(resolved.ids)
    }

    /// Erases a statement, if it is there, and returns it: its facts outlive it, for each version
    /// that is installed.
    async fn erase(&self, target: StatementId) -> Option<StoredStatement> {
        let position = self.log.position(&space(false), target).await.unwrap()?;
        let before = Position(position.0 - 1);
        let event = self.log.follow(before, 1).await.unwrap().pop()?;
        let Happened::Statement(statement) = event.what else {
            return None;
        };
        let happened = statement.happened();
        let counts = happened.duration_since(statement.stored.instant()) <= FUTURE_MAX;
        let typed = varde_xapi::read(&statement.text()).unwrap();
        let acquainted = self.acquainted(&typed).await;
        let witness = Witness {
            statement: &typed,
            id: statement.id,
            stored: statement.stored,
            happened,
            space: &statement.space,
            acquainted: &acquainted,
        };
        let of = |version| {
            let facts = SeenRules { version }.facts(&witness);
            (definition(version).hash(), facts)
        };
        let versions = self.versions().await.into_iter();
        let facts = versions.filter(|_| counts).map(of).collect();
        let facts = ErasedFacts { happened, facts }.text().unwrap();
        let erasure = Erasure {
            rows: [(position, Rewrite::Erase { facts })].into(),
            ..Erasure::default()
        };
        self.log.erase(erasure).await.unwrap();
        Some(*statement)
    }
}
