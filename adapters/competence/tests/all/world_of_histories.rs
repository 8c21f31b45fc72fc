//! What only histories do to a world.

use std::sync::Arc;

use async_trait::async_trait;
use varde_competence::{EvidenceRule, Outcomes};
use varde_core::Clock as _;
use varde_core::definitions::{DefinitionBook, DefinitionHash};
use varde_core::erasures::{ErasureError, Manner, Whom};
use varde_core::keys::NewKey;
use varde_core::ledger::{Adapter as _, ErasedFacts, Ledger, Rulebook, Runner, Witness};
use varde_core::memory::MemoryStore;
use varde_core::people::{Acquainted, IdentityName};
use varde_core::ports::{
    Changes, Collection, CommitError, Committed, Erasure, Happened, KeyRange, Position, Record,
    Records, Rewrite, StoreError,
};
use varde_xapi::{Actor, Family, Ifi, Iri, Statement, Stored};

use crate::meaning::{Meaning, PROJECTS, scheme};
use crate::world::{Sent, World, definition, id, is_project, is_unit_of};

/// A rule that can be asked what a statement says to it.
pub(crate) type Compiled = (DefinitionHash, Arc<dyn Rulebook>);

pub(crate) fn compiled(rule: &Meaning) -> Compiled {
    let rule = definition(&rule.file());
    let rulebook = EvidenceRule.compile(&rule).expect("a rule");
    (rule.hash(), rulebook)
}

impl World {
    /// Registers a second project, and a training scheme of each; what the caller writes is of the
    /// first one. Whoever is erased is looked for where keys write.
    pub(crate) async fn has_two_projects(&mut self) {
        let projects = PROJECTS.map(|code| code.parse().expect("a code"));
        self.caller.projects = projects.into();
        let mut rows = vec![is_project(PROJECTS[1])];
        for (number, project) in (0..).zip(PROJECTS) {
            rows.extend(is_unit_of(&scheme(number), project));
        }
        self.import(rows).await;
        let space = self.caller.space.clone();
        let key = NewKey::new("writer", "a secret", "https://lms.example.org", space);
        self.erasures.keys.create(key).await.expect("a new key");
    }

    /// Sends a statement that may be refused.
    pub(crate) async fn send_any(&self, sent: &Sent) {
        let received = varde_xapi::receive(sent.0.to_string().as_bytes(), Family::V1);
        let statements = received.expect("the statement is valid").statements;
        let stored = self.statements.store(&self.caller, Family::V1, statements);
        // One that is there already, or voids what cannot be voided, changes nothing.
        let _ = stored.await;
    }

    /// Merges a person into another, or takes that back, if the register knows them.
    pub(crate) async fn merge(&self, person: u32, into: Option<u32>) {
        let person = format!("p-{person}");
        let _ = match into {
            Some(into) => {
                self.registers
                    .merge(&person, &format!("p-{into}"), None)
                    .await
            }
            None => self.registers.unmerge(&person, None).await,
        };
    }

    /// Erases a learner, as a person of the register or by the identifier.
    pub(crate) async fn erase(&self, learner: u32) {
        let by_identifier = Whom::Identifier(Ifi::Account {
            home_page: Iri::parse("https://lms.example.org").expect("an IRI"),
            name: format!("learner-{learner}"),
        });
        for whom in [Whom::Person(format!("p-{learner}")), by_identifier] {
            match self.erasures.carry_out(&whom, &Manner::Erase).await {
                Ok(_) => return,
                Err(ErasureError::Unknown) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    /// Erases a statement, if it is there: its facts outlive it.
    pub(crate) async fn forget(&self, number: u128, rules: &[Compiled]) {
        let position = self.log.position(&self.caller.space, id(number)).await;
        let Some(position) = position.expect("the store answers") else {
            return;
        };
        let events = self.log.follow(Position(position.0 - 1), 1).await;
        let events = events.expect("the store answers");
        let Happened::Statement(statement) = &events[0].what else {
            return;
        };
        let typed: Statement = varde_xapi::read(&statement.text()).expect("it was stored");
        let acquainted = self.acquainted(&typed).await;
        let happened = statement.happened();
        let witness = Witness {
            statement: &typed,
            id: statement.id,
            stored: statement.stored,
            happened,
            space: &statement.space,
            acquainted: &acquainted,
        };
        let facts = rules.iter();
        let facts = facts.map(|(hash, rulebook)| (*hash, rulebook.facts(&witness)));
        let facts = facts.collect();
        let facts = ErasedFacts { happened, facts }.text();
        let facts = facts.expect("facts are plain data");
        let erasure = Erasure {
            rows: [(position, Rewrite::Erase { facts })].into(),
            ..Erasure::default()
        };
        self.log.erase(erasure).await.expect("it is erased");
    }

    /// Knows the id of whoever acts in a statement, as the runner would give it.
    async fn acquainted(&self, statement: &Statement) -> Acquainted {
        let Actor::Agent(agent) = &statement.actor else {
            panic!("only agents act in histories");
        };
        let name = IdentityName::agent(&agent.ifi);
        let identities = self.registers.identities();
        let resolved = identities.resolve([name].into()).await;
        let resolved = resolved.expect("the store answers");
        let changes = Changes {
            changes: resolved.new,
            ..Changes::default()
        };
        let committed = self.records.commit(changes).await;
        committed.expect("the identity is new");
        Acquainted::with(resolved.ids)
    }

    /// Lets a moment pass, so that whatever was done is known at the instant returned.
    pub(crate) fn now(&self) -> Stored {
        self.clock.advance(500_000);
        self.clock.now()
    }

    /// Carries the whole log again into a store that has nothing of it, by the rules as they are.
    pub(crate) async fn again(&self, rules: &[Meaning]) -> Outcomes {
        let records: Arc<dyn Records> = Arc::new(Beside {
            store: Arc::clone(&self.records),
            ledgers: MemoryStore::new(Arc::clone(&self.clock) as _),
        });
        let book = DefinitionBook::new(Arc::clone(&records));
        for rule in rules {
            let installed = book.install(definition(&rule.file()), &self.adapters).await;
            installed.expect("the rule is installed");
        }
        let (log, registers) = (Arc::clone(&self.log), Arc::clone(&self.registers));
        let runner = Runner::new(
            Arc::clone(&log),
            Arc::clone(&records),
            Arc::clone(&registers),
            self.adapters.clone(),
        );
        let caught_up = runner.catch_up().await;
        caught_up.expect("the ledgers are at the head");
        Outcomes::new(Ledger::new(log, records), registers)
    }
}

/// Where ledgers are filled again beside those of a store. Whoever is met meanwhile is met in the
/// store, as when its own ledgers are built again: whom an erasure left in a person's place.
#[derive(Debug)]
struct Beside {
    store: Arc<dyn Records>,
    ledgers: MemoryStore,
}

#[async_trait]
impl Records for Beside {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.ledgers.get(collection, key).await
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        self.ledgers.range(collection, range).await
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        let (met, own) = (changes.changes.into_iter())
            .partition(|change| change.collection == Collection("identity"));
        let met = Changes {
            changes: met,
            ..Changes::default()
        };
        if !met.changes.is_empty() {
            self.store.commit(met).await?;
        }
        let own = Changes {
            changes: own,
            events: changes.events,
            ..Changes::default()
        };
        self.ledgers.commit(own).await
    }
}
