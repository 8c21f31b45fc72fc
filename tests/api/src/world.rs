use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use varde_core::keys::{Keys, NewKey};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Records, StatementLog};
use varde_core::statements::Statements;
use varde_core::{Clock, Entropy, Scope};
use varde_http::{Limits, Services};
use varde_test_support::{SeededEntropy, TestClock, space};

use crate::Call;

/// The secret of every key of a world.
pub const SECRET: &str = "a secret for tests";

/// The most statements on a page of a world.
const PAGE_MAX: usize = 100;

/// One server over an empty memory store, with a key `front-end` that may do everything in the
/// space `sing`.
#[derive(Debug)]
pub struct World {
    /// The store's clock, which stands until it is set.
    pub clock: Arc<TestClock>,
    /// The store.
    pub store: Arc<MemoryStore>,
    keys: Arc<Keys>,
    router: Router,
}

impl World {
    /// Makes a world with the default limits.
    pub async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    /// Makes a world with other limits.
    pub async fn with(limits: Limits) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let services = services(&store, &clock);
        let keys = Arc::clone(&services.keys);
        let world = Self {
            clock,
            store,
            keys,
            router: varde_http::router(services, limits),
        };
        world.key("front-end", "sing", &[Scope::All]).await;
        world
    }

    /// Makes one more key, in a space, that may do what the scopes say.
    pub async fn key(&self, name: &str, home: &str, scopes: &[Scope]) {
        let key = NewKey {
            name: name.to_owned(),
            secret: SECRET.to_owned(),
            home_page: "https://varde.example.org".to_owned(),
            space: space(home),
            scopes: scopes.to_vec(),
        };
        self.keys.create(key).await.expect("a test's key is new");
    }

    /// Starts a request by the key `front-end` that speaks 1.0.3.
    pub fn call(&self, method: Method, target: &str) -> Call {
        Call::new(self.router.clone(), method, target)
            .version("1.0.3")
            .by("front-end", SECRET)
    }

    /// Starts a GET.
    pub fn get(&self, target: &str) -> Call {
        self.call(Method::GET, target)
    }

    /// Starts a POST.
    pub fn post(&self, target: &str) -> Call {
        self.call(Method::POST, target)
    }

    /// Starts a PUT.
    pub fn put(&self, target: &str) -> Call {
        self.call(Method::PUT, target)
    }

    /// Starts a DELETE.
    pub fn delete(&self, target: &str) -> Call {
        self.call(Method::DELETE, target)
    }

    /// Stores statements and returns their ids.
    pub async fn stored(&self, statements: &Value) -> Vec<String> {
        let answer = self
            .post("/xapi/statements")
            .json(statements)
            .send()
            .await
            .expect(200);
        let ids = answer.json();
        let ids = ids.as_array().expect("an array of ids");
        ids.iter()
            .map(|id| id.as_str().expect("an id").to_owned())
            .collect()
    }
}

fn services(store: &Arc<MemoryStore>, clock: &Arc<TestClock>) -> Services {
    let log = Arc::clone(store) as Arc<dyn StatementLog>;
    let records = Arc::clone(store) as Arc<dyn Records>;
    let entropy = Arc::new(SeededEntropy::new(7)) as Arc<dyn Entropy>;
    Services {
        keys: Arc::new(Keys::new(Arc::clone(&records), Arc::clone(&entropy))),
        statements: Statements::new(log, records, Arc::clone(&entropy), PAGE_MAX),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy,
    }
}

/// Returns the value of an `Authorization` header.
pub fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

/// Returns a plain valid statement about a learner, told apart by number.
pub fn statement(learner: u32) -> Value {
    json!({
        "actor": { "mbox": format!("mailto:learner-{learner}@example.org") },
        "verb": { "id": "https://example.org/verbs/finished" },
        "object": { "id": "https://example.org/courses/welding" },
    })
}
