//! A store in a folder, as the program opens it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;
use varde_core::definitions::DefinitionBook;
use varde_core::ledger::{Ledger, Runner};
use varde_core::ports::{Changes, NewStatement, Records, StatementLog, TermKey};
use varde_core::registers::{RegisterBook, Row};
use varde_core::{Caller, Clock, Scope};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, caller, registers};
use varde_xapi::{Family, Stored};

use crate::course;

/// A clock that moves by a microsecond whenever it is asked.
#[derive(Debug, Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Stored {
        Stored(1_798_761_600_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// How many records, and how many bytes of keys and values they have.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

pub(crate) struct Store {
    pub(crate) embedded: EmbeddedStore,
    registers: Arc<RegisterBook>,
    folder: TempDir,
}

impl Store {
    pub(crate) async fn new(parent: &Path) -> Self {
        let folder = TempDir::new_in(parent).expect("the folder takes files");
        let path = folder.path().join("store");
        let store = EmbeddedStore::open(&path, Arc::new(Ticking::default()));
        let store = store.expect("the store is opened");
        let registers = registers(Arc::new(store.clone()), Arc::new(store.clone())).await;
        Self {
            embedded: store,
            registers,
            folder,
        }
    }

    pub(crate) fn log(&self) -> Arc<dyn StatementLog> {
        Arc::new(self.embedded.clone())
    }

    fn records(&self) -> Arc<dyn Records> {
        Arc::new(self.embedded.clone())
    }

    pub(crate) fn runner(&self) -> Runner {
        let registers = Arc::clone(&self.registers);
        Runner::new(self.log(), self.records(), registers, course::adapters())
    }

    pub(crate) async fn import(&self, rows: Vec<Row>) {
        let imported = self.registers.import(rows);
        imported.await.expect("the rows are imported");
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::new(self.log(), self.records())
    }

    /// Returns the number of the last commit, which is an empty one of this call.
    pub(crate) async fn commits(&self) -> u64 {
        let committed = self.embedded.commit(Changes::default()).await;
        committed.expect("nothing is committed").number
    }

    /// Returns what the records of ledgers hold.
    pub(crate) async fn ledgers(&self) -> Size {
        let (mut size, mut place) = (Size::default(), None);
        loop {
            let page = self.embedded.records_behind(place, 5_000).await;
            let page = page.expect("the records are read");
            let ledgers = page.iter().filter(|(of, _)| of.starts_with("ledger-"));
            for (_, record) in ledgers {
                size.records += 1;
                size.bytes += (record.key.len() + record.value.len()) as u64;
            }
            match page.into_iter().next_back() {
                Some((collection, record)) => place = Some((collection, record.key)),
                None => return size,
            }
        }
    }

    pub(crate) async fn install(&self) {
        let book = DefinitionBook::new(self.records());
        for definition in course::definitions() {
            let installed = book.install(definition, &course::adapters()).await;
            installed.expect("the definition is installed");
        }
    }

    pub(crate) async fn append(&self, texts: Vec<String>) {
        let batch = texts
            .iter()
            .zip(0..)
            .map(|(text, n)| ready(n, text))
            .collect();
        self.embedded
            .append(batch)
            .await
            .expect("the batch is appended");
    }

    /// Returns the size of the database in bytes, with all that is written folded in.
    pub(crate) async fn close(self) -> u64 {
        self.embedded.close().await.expect("the store is closed");
        let file = self.folder.path().join("store/varde.db");
        std::fs::metadata(file).expect("the file is there").len()
    }
}

/// Returns a caller who reads the results of the project.
pub(crate) fn everybody() -> Caller {
    caller("sing", &[Scope::AllRead])
}

/// Does with a statement's text what the record store does before it is stored.
pub(crate) fn ready(number: u64, text: &str) -> NewStatement {
    let batch = varde_xapi::receive(text.as_bytes(), Family::V1).expect("a valid statement");
    let received = batch.statements.into_iter().next().expect("one statement");
    Draft::new(number)
        .with(|new| {
            let terms = varde_xapi::match_terms(&received.statement);
            new.id = received.statement.id.expect("an id");
            new.terms = terms
                .iter()
                .map(|term| TermKey::of(&new.space, term))
                .collect();
            let timestamp = received.statement.timestamp.as_ref();
            new.timestamp = timestamp.map(|timestamp| timestamp.instant);
            new.equality = received.equality;
            new.body.clone_from(&received.body);
        })
        .build()
}
