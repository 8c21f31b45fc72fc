//! A world to erase persons in.

use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::documents::Documents;
use varde_core::erasures::{Erasures, Manner, Receipt, Whom};
use varde_core::keys::NewKey;
use varde_core::memory::MemoryStore;
use varde_core::ports::Standing;
use varde_core::registers::{Entity, EntityKind, RegisterBook, Row};
use varde_core::statements::{RefusedStatements, Selection, Statements};
use varde_core::{Caller, Scope};
use varde_test_support::{SeededEntropy, TestClock, caller, erasures, registers, space};
use varde_xapi::{Family, Ifi, StatementId};

pub(crate) const KARI: &str = "mailto:kari@example.org";
pub(crate) const OLA: &str = "mailto:ola@example.org";
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1_000_000;

pub(crate) struct World {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) registers: Arc<RegisterBook>,
    pub(crate) statements: Statements,
    pub(crate) documents: Documents,
    pub(crate) erasures: Erasures,
    pub(crate) caller: Caller,
}

pub(crate) fn row(kind: EntityKind, id: &str, field: &str, value: &str) -> Row {
    Row {
        entity: Entity::new(kind, id),
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    }
}

pub(crate) fn kari() -> Whom {
    Whom::Identifier(Ifi::Mbox(KARI.to_owned()))
}

pub(crate) fn agent(mbox: &str) -> Value {
    json!({ "mbox": mbox, "name": "A Name" })
}

pub(crate) fn statement(actor: &Value, verb: &str) -> Value {
    json!({
        "actor": actor,
        "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}") },
        "object": { "id": "https://example.org/course" },
    })
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let registers = registers(store.clone(), store.clone()).await;
        let erasures = erasures(&store, &clock, &registers, Vec::new());
        let home_page = "https://example.org";
        let key = NewKey {
            scopes: vec![Scope::All],
            ..NewKey::new("front-end", "a secret", home_page, space("sing"))
        };
        let key = erasures.keys.create(key).await.unwrap();
        let entropy = Arc::new(SeededEntropy::new(1));
        Self {
            statements: Statements::new(store.clone(), store.clone(), entropy, 100),
            documents: Documents::new(store.clone(), clock.clone()),
            erasures,
            caller: Caller {
                key: key.id,
                ..caller("sing", &[Scope::All])
            },
            clock,
            store,
            registers,
        }
    }

    pub(crate) async fn send(&self, statement: &Value) -> Result<StatementId, RefusedStatements> {
        let text = statement.to_string();
        let batch = varde_xapi::receive(text.as_bytes(), Family::V2).unwrap();
        let stored = self
            .statements
            .store(&self.caller, Family::V2, batch.statements);
        Ok(stored.await?[0])
    }

    pub(crate) async fn sent(&self, statement: &Value) -> StatementId {
        self.send(statement).await.unwrap()
    }

    pub(crate) async fn get(&self, id: StatementId) -> Option<String> {
        let found = self.statements.get(&self.caller, id, Standing::Valid).await;
        found.unwrap().map(|statement| statement.text())
    }

    pub(crate) async fn found(&self, mbox: &str) -> Vec<StatementId> {
        let selection = Selection {
            agent: Some(Ifi::Mbox(mbox.to_owned()).canonical()),
            related_agents: true,
            ..Selection::default()
        };
        let page = self
            .statements
            .select(&self.caller, selection)
            .await
            .unwrap();
        page.statements
            .iter()
            .map(|statement| statement.id)
            .collect()
    }

    /// Says which records of the project must be kept.
    pub(crate) async fn keep(&self, duties: &Value) {
        let duties = duties.to_string();
        let row = row(EntityKind::Project, "sing", "keep", &duties);
        self.registers.import(vec![row]).await.unwrap();
    }

    pub(crate) async fn erase(&self, whom: &Whom) -> Receipt {
        let receipt = self.erasures.carry_out(whom, &Manner::Erase).await;
        receipt.unwrap()
    }
}

pub(crate) async fn register(world: &World) {
    use EntityKind as K;
    let mut rows = vec![
        row(K::Person, "p-kari", "gender", "f"),
        row(K::Person, "p-kari", "nuts3", "NO060"),
        row(
            K::Identifier,
            &Ifi::Mbox(KARI.to_owned()).canonical(),
            "person",
            "p-kari",
        ),
    ];
    for n in 0..5 {
        rows.push(row(K::Person, &format!("p-{n}"), "gender", "f"));
    }
    world.registers.import(rows).await.unwrap();
}
