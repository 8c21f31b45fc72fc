//! The server that the tests use, each with a database of its own.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mongodb::Client;
use tokio::runtime::Runtime;
use varde_mongodb::{MongoStore, Tuning};
use varde_store_suite::{Fixture, tokio};
use varde_test_support::TestClock;

/// Where the server is, as `tests/run` says it.
const URI_VARIABLE: &str = "VARDE_TEST_MONGODB_URI";

/// How stores work whose clock a test moves: nothing is shown twice, no time compared.
pub(crate) const TUNING: Tuning = Tuning {
    shown_again: Duration::ZERO,
    skew_max: None,
};

/// A database that is dropped with this.
#[derive(Debug)]
pub(crate) struct Database {
    name: String,
}

impl Database {
    /// Names a database that no other test has.
    pub(crate) fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("varde-test-{}-{number}", process::id());
        Self { name }
    }

    /// Returns the address of the database.
    pub(crate) fn uri(&self) -> String {
        let server = server();
        let (hosts, options) = server.split_once("/?").unwrap_or((&server, ""));
        format!("{}/{}?{options}", hosts.trim_end_matches('/'), self.name)
    }

    /// Opens a store on it.
    pub(crate) fn open(&self, clock: &Arc<TestClock>) -> MongoStore {
        let (uri, clock) = (self.uri(), Arc::clone(clock));
        wait(async move {
            let opened = MongoStore::open_tuned(&uri, clock, TUNING).await;
            opened.expect("the store is opened")
        })
    }

    /// Returns the driver's own view of the database.
    pub(crate) fn plain(&self) -> mongodb::Database {
        let (uri, name) = (server(), self.name.clone());
        wait(async move {
            let client = Client::with_uri_str(uri).await.expect("an address");
            client.database(&name)
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let database = self.plain();
        let erasures = format!("{}-erasures", self.name);
        let erasures = database.client().database(&erasures);
        wait(async move {
            database.drop().await?;
            erasures.drop().await
        })
        .expect("the databases are dropped");
    }
}

fn server() -> String {
    std::env::var(URI_VARIABLE).unwrap_or_else(|_| {
        panic!(
            "this test needs a MongoDB replica set: run tests/run test, which starts one, or name \
             one in {URI_VARIABLE}, such as mongodb://127.0.0.1:27017/?replicaSet=rs0"
        )
    })
}

/// The runtime that stores live on, longer than that of any test.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime is made"))
}

/// Waits for a task of that runtime, also within another.
pub(crate) fn wait<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    let (sender, answer) = std::sync::mpsc::channel();
    runtime().spawn(async move {
        // Nobody waits any more where the test has failed.
        let _ = sender.send(task.await);
    });
    answer.recv().expect("the task ended")
}

/// Returns a fixture with a fresh, empty store.
pub(crate) fn fresh() -> Fixture {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = database.open(&clock);
    Fixture::new(store, clock, database)
}
