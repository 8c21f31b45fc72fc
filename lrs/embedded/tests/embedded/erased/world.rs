//! A store to plant a name in.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::documents::{Documents, NewDocument, Preconditions, Subject};
use varde_core::erasures::Erasures;
use varde_core::keys::NewKey;
use varde_core::ports::{AttachmentName, Attachments as _};
use varde_core::statements::Statements;
use varde_core::{Caller, KeyId, Scope};
use varde_embedded::EmbeddedStore;
use varde_test_support::{SeededEntropy, TestClock, caller, erasures, registers, space};
use varde_xapi::attachment::Digester;
use varde_xapi::{Family, Ifi, StatementId};

use super::{ACTIVITY, MBOX, NAME};

/// A store with everything that works on it.
pub(super) struct World {
    pub(super) store: Arc<EmbeddedStore>,
    pub(super) erasures: Erasures,
    pub(super) statements: Statements,
    pub(super) documents: Documents,
    pub(super) caller: Caller,
}

pub(super) fn ifi() -> Ifi {
    Ifi::Mbox(MBOX.to_owned())
}

pub(super) fn person() -> Value {
    json!({ "objectType": "Agent", "name": NAME, "mbox": MBOX })
}

pub(super) fn other() -> Value {
    json!({ "objectType": "Agent", "mbox": "mailto:other@example.org" })
}

pub(super) fn said(actor: &Value, more: &Value) -> Value {
    let mut said = json!({
        "actor": actor,
        "verb": { "id": "http://adlnet.gov/expapi/verbs/experienced" },
        "object": { "id": ACTIVITY },
    });
    let members = more.as_object().expect("members");
    said.as_object_mut()
        .expect("an object")
        .extend(members.clone());
    said
}

impl World {
    pub(super) async fn open(folder: &Path, clock: &Arc<TestClock>, key: Option<KeyId>) -> Self {
        let store = Arc::new(crate::open_with(folder, clock));
        let registers = registers(store.clone(), store.clone()).await;
        let erasures = erasures(&store, clock, &registers, Vec::new());
        let key = match key {
            Some(key) => key,
            None => made_key(&erasures).await,
        };
        Self {
            statements: Statements::new(
                store.clone(),
                store.clone(),
                Arc::new(SeededEntropy::new(9)),
                100,
            ),
            documents: Documents::new(store.clone(), clock.clone()),
            erasures,
            caller: Caller {
                key,
                ..caller("sing", &[Scope::All])
            },
            store,
        }
    }

    pub(super) async fn send(&self, statement: &Value) -> StatementId {
        self.send_as(&self.caller, statement).await
    }

    pub(super) async fn send_as(&self, caller: &Caller, statement: &Value) -> StatementId {
        let text = statement.to_string();
        let batch = varde_xapi::receive(text.as_bytes(), Family::V2).expect("it is valid");
        let stored = self.statements.store(caller, Family::V2, batch.statements);
        stored.await.expect("it is stored")[0]
    }

    pub(super) async fn put(&self, subject: &Subject, id: &str, text: &str) {
        let new = NewDocument {
            content_type: "text/plain".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let conditions = Preconditions::default();
        // Only there state is replaced without a condition.
        let family = match subject {
            Subject::State { .. } => Family::V1,
            _ => Family::V2,
        };
        let put = (self.documents).put(&self.caller, family, (subject, id), new, &conditions);
        put.await.expect("it is put");
    }

    pub(super) async fn keep(&self, data: &str) -> AttachmentName {
        let mut digester = Digester::of("");
        digester.update(data.as_bytes());
        let name = AttachmentName {
            space: space("sing"),
            sha2: digester.finish(),
        };
        let mut writer = self.store.write(name.clone()).await.expect("a writer");
        writer.write(data.as_bytes()).await.expect("written");
        writer.keep().await.expect("kept");
        name
    }
}

async fn made_key(erasures: &Erasures) -> KeyId {
    let home_page = "https://example.org";
    let key = NewKey {
        scopes: vec![Scope::All],
        ..NewKey::new("front-end", "a secret", home_page, space("sing"))
    };
    erasures.keys.create(key).await.expect("a key").id
}
