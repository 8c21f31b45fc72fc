//! Databases for tests, one each, on the server that `tests/run` starts.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mongodb::Client;
use tokio::runtime::Runtime;
use varde_core::Clock;
use varde_mongodb::{MongoStore, Tuning};

use crate::URI_VARIABLE;

/// How stores work whose clock a test moves: nothing is shown twice, no time compared.
pub const TUNING: Tuning = Tuning {
    shown_again: Duration::ZERO,
    skew_max: None,
};

/// A database that is dropped with this.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// Names a database that no other test has.
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("varde-test-{}-{number}", process::id());
        Self { name }
    }

    /// Returns the address of the database.
    ///
    /// # Panics
    ///
    /// When no server is named in [`URI_VARIABLE`].
    pub fn uri(&self) -> String {
        let server = server();
        let (hosts, options) = server.split_once("/?").unwrap_or((&server, ""));
        format!("{}/{}?{options}", hosts.trim_end_matches('/'), self.name)
    }

    /// Opens a store on it whose clock the test moves.
    ///
    /// # Panics
    ///
    /// When it cannot be opened.
    pub fn open<C: Clock + 'static>(&self, clock: &Arc<C>) -> MongoStore {
        let (uri, clock) = (self.uri(), Arc::clone(clock));
        wait(async move {
            let opened = MongoStore::open_tuned(&uri, clock, TUNING).await;
            opened.expect("the store is opened")
        })
    }

    /// Returns the driver's own view of the database.
    ///
    /// # Panics
    ///
    /// When no server is named in [`URI_VARIABLE`].
    pub fn plain(&self) -> mongodb::Database {
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
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime is made"))
}

/// Waits for a task of that runtime, also within another runtime.
///
/// # Panics
///
/// When the task does.
pub fn wait<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    let (sender, answer) = std::sync::mpsc::channel();
    runtime().spawn(async move {
        // Nobody waits any more where the test has failed.
        let _ = sender.send(task.await);
    });
    answer.recv().expect("the task ended")
}
