//! A store in memory in which one example takes place.

use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use varde_xapi::{Family, Faults, Ifi, Stored};

use super::registers::introduce;
use super::statement::{ExampleStatement, mailbox};
use super::{Example, UnplayedExamples, fault};
use crate::definitions::{Definition, DefinitionBook};
use crate::ledger::{Adapter, Ledger, Runner};
use crate::memory::MemoryStore;
use crate::people::{Identities, IdentityName, KeyEncryptionKey, KeySource, KeyUnread, Vault};
use crate::ports::{Records, StatementLog};
use crate::registers::{Entity, EntityKind, RegisterBook, RegisterView, Row};
use crate::statements::Statements;
use crate::{Caller, Clock, Entropy, KeyId, ProjectCode, Scope, Space, StoreError, Tolerances};

/// The project that examples are of where the definition names none.
const PROJECT: &str = "example";
/// More statements than an example has.
const PAGE_MAX: usize = 1_000;

/// What an example comes to: a ledger that stands at the head of its log.
#[derive(Debug)]
pub struct Trial {
    /// The definition whose example it is.
    pub definition: Definition,
    /// The ledger.
    pub ledger: Ledger,
    /// The registers.
    pub registers: Arc<RegisterBook>,
    /// Who asks: a machine that reads the results of the example's project.
    pub caller: Caller,
    /// The day as of which the example expects.
    pub as_of: Date,
}

impl Trial {
    /// Plays an example of a definition to its end, with what it needs beside it.
    pub(super) async fn of(
        (definition, needed): (&Definition, &[Definition]),
        adapter: &Arc<dyn Adapter>,
        example: &Example,
        path: &str,
    ) -> Result<Self, UnplayedExamples> {
        let caller = caller(definition)?;
        let entropy: Arc<dyn Entropy> = Arc::new(Counted::default());
        let store = Arc::new(MemoryStore::new(Arc::new(Still(after(example)))));
        let log = Arc::clone(&store) as Arc<dyn StatementLog>;
        let records = store as Arc<dyn Records>;
        let book = DefinitionBook::new(Arc::clone(&records));
        book.found([slice::from_ref(definition), needed].concat())
            .await?;
        let registers = registers(&log, &records, &entropy).await?;
        let rows = rows(example, &caller, path)?;
        registers.import(rows).await.map_err(StoreError::failed)?;
        let statements = Statements::new(Arc::clone(&log), Arc::clone(&records), entropy, PAGE_MAX);
        for (n, statement) in example.statements.iter().enumerate() {
            let path = format!("{path}.statements[{n}]");
            send(&statements, &caller, statement, example.as_of, &path).await?;
        }
        let runner = Runner::new(
            Arc::clone(&log),
            Arc::clone(&records),
            Arc::clone(&registers),
            vec![Arc::clone(adapter)],
        );
        runner.catch_up().await.map_err(StoreError::failed)?;
        Ok(Self {
            definition: definition.clone(),
            ledger: Ledger::new(log, records),
            registers,
            caller,
            as_of: example.as_of,
        })
    }

    /// Returns how answers name a learner of the example; `None` for one of whom nothing is known.
    pub async fn shown(&self, learner: &str) -> Result<Option<String>, StoreError> {
        let name = IdentityName::agent(&Ifi::Mbox(mailbox(learner)));
        let Some(id) = self.registers.identities().find(&name).await? else {
            return Ok(None);
        };
        let registers = self.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        Ok(Some(view.shown(&view.person(id, self.as_of))))
    }
}

/// Everything becomes known after all days that the example speaks of: what happened is told by
/// the statements' own days.
fn after(example: &Example) -> Stored {
    let days = example.statements.iter().filter_map(ExampleStatement::day);
    let last = days.chain([example.as_of]).max().unwrap_or(example.as_of);
    let next = last.saturating_add(jiff::Span::new().days(2));
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(next.at(0, 0, 0, 0));
    Stored(midnight.map_or(i64::MAX, jiff::Timestamp::as_microsecond))
}

async fn registers(
    log: &Arc<dyn StatementLog>,
    records: &Arc<dyn Records>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Arc<RegisterBook>, StoreError> {
    let (log, records) = (Arc::clone(log), Arc::clone(records));
    let vault = Vault::open(Arc::clone(&records), Arc::clone(entropy), Arc::new(OneKey));
    let vault = vault.await.map_err(StoreError::failed)?;
    let identities = Arc::new(Identities::new(Arc::new(vault)));
    Ok(Arc::new(RegisterBook::new(log, records, identities)))
}

fn caller(definition: &Definition) -> Result<Caller, UnplayedExamples> {
    let named = definition
        .body
        .get("project")
        .and_then(|code| code.as_str());
    let project = named.unwrap_or(PROJECT);
    let space = Space::live(project).map_err(|error| fault("project", error.to_string()))?;
    let code: ProjectCode = space.project_code().clone();
    Ok(Caller {
        key: KeyId(uuid::Uuid::nil()),
        name: Arc::from("example"),
        authority: Arc::from("{}"),
        reads: vec![space.clone()],
        space,
        projects: [code].into(),
        partner: None,
        role: None,
        person: None,
        scopes: vec![Scope::All],
        tolerances: Tolerances::default(),
        ingest: crate::Ingest::default(),
        bound: None,
    })
}

/// Returns the example's rows; those of its project introduce it where no other ones do.
fn rows(example: &Example, caller: &Caller, path: &str) -> Result<Vec<Row>, UnplayedExamples> {
    let mut rows = example.registers.rows(&format!("{path}.registers"))?;
    let project = caller.space.project_code().to_string();
    if !introduce(&rows, &project) {
        rows.push(Row {
            entity: Entity::new(EntityKind::Project, project.clone()),
            field: "title:en".to_owned(),
            value: Some(project),
            valid_from: None,
            valid_to: None,
        });
    }
    Ok(rows)
}

async fn send(
    statements: &Statements,
    caller: &Caller,
    statement: &ExampleStatement,
    as_of: Date,
    path: &str,
) -> Result<(), UnplayedExamples> {
    let text = statement.value(as_of).to_string();
    let refused = |faults: Faults| fault(path, sentence(&faults));
    let received = varde_xapi::receive_one(text.as_bytes(), Family::V2).map_err(refused)?;
    let caller = Caller {
        authority: Arc::from(statement.authority()),
        ..caller.clone()
    };
    let stored = statements.store(&caller, Family::V2, vec![received]).await;
    stored.map_err(|error| fault(path, error.to_string()))?;
    Ok(())
}

fn sentence(faults: &Faults) -> String {
    let told = faults.iter().map(|fault| {
        let place = fault.path.strip_prefix("$.").unwrap_or(&fault.path);
        format!(
            "{place}: found {}, expected {}",
            fault.found, fault.expected
        )
    });
    format!(
        "no valid statement: {}",
        told.collect::<Vec<_>>().join("; ")
    )
}

/// A clock that always shows the same instant; the store keeps what happens apart.
#[derive(Debug)]
struct Still(Stored);

impl Clock for Still {
    fn now(&self) -> Stored {
        self.0
    }
}

/// Numbers that look random and are the same each time, so that an example always gives the same
/// answer. They keep no secret.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let digest = Sha256::digest(number.to_be_bytes());
            chunk
                .iter_mut()
                .zip(digest)
                .for_each(|(to, from)| *to = from);
        }
    }
}

/// The key of a store that lasts for one example.
#[derive(Debug)]
struct OneKey;

impl KeySource for OneKey {
    fn read(&self) -> Result<Option<KeyEncryptionKey>, KeyUnread> {
        Ok(Some(KeyEncryptionKey::generate(&Counted::default())))
    }
}
