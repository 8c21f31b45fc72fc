//! A store that a project office imports into.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::memory::MemoryStore;
use varde_core::ports::{PageQuery, Position, StatementLog, StoredStatement, TermKey};
use varde_core::registers::RegisterBook;
use varde_core::registers::files::RegisterFile;
use varde_core::statements::Statements;
use varde_core::{Caller, Scope};
use varde_interreg::imports::{ImportError, ImportReport, Imports};
use varde_test_support::{SeededEntropy, TestClock, caller, registers, space};
use varde_xapi::{Family, StatementId, receive_one};

/// One store in one test, at noon of 1 March 2026.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) registers: Arc<RegisterBook>,
    pub(crate) statements: Statements,
    pub(crate) imports: Imports,
}

/// Returns a file of a name and a text.
pub(crate) fn file(name: &str, text: &str) -> RegisterFile {
    RegisterFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

/// Returns the office's caller in the project `sing`.
pub(crate) fn office() -> Caller {
    caller("sing", &[Scope::All])
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let registers = registers(store.clone(), store.clone()).await;
        let entropy = Arc::new(SeededEntropy::new(3));
        let statements = Statements::new(store.clone(), store.clone(), entropy, 100);
        let imports = Imports::new(statements.clone(), registers.clone(), clock.clone());
        Self {
            store,
            clock,
            registers,
            statements,
            imports,
        }
    }

    pub(crate) async fn import(
        &self,
        files: &[RegisterFile],
        replace: bool,
    ) -> Result<ImportReport, ImportError> {
        self.clock.advance(1_000_000);
        self.imports.import(&office(), files, replace).await
    }

    /// Imports one table and returns how many lines had each verdict.
    pub(crate) async fn table(&self, text: &str, replace: bool) -> BTreeMap<&'static str, usize> {
        let files = [file("table.csv", text)];
        let foreseen = self
            .imports
            .examine(&office(), &files, replace)
            .await
            .unwrap();
        let report = self.import(&files, replace).await.unwrap();
        assert_eq!(foreseen.counts, report.counts, "a dry run says the same");
        report.counts
    }

    pub(crate) async fn head(&self) -> Position {
        self.store.head().await.unwrap()
    }

    /// Returns the valid statements of the project that void none, oldest first.
    pub(crate) async fn valid(&self) -> Vec<StoredStatement> {
        let home = space("sing");
        let query = PageQuery {
            scope: vec![vec![TermKey::space(&home)]],
            spaces: vec![home],
            filters: Vec::new(),
            since: None,
            until: None,
            ascending: true,
            limit: 100_000,
            after: None,
            through: None,
            voided: false,
        };
        let page = self.store.page(&query).await.unwrap();
        let statements = page.statements.into_iter();
        statements.filter(|one| one.voids.is_none()).collect()
    }

    /// Returns the only valid statement.
    pub(crate) async fn only(&self) -> Value {
        let valid = self.valid().await;
        let [only] = valid.as_slice() else {
            panic!("{} statements", valid.len());
        };
        serde_json::from_str(&only.body).unwrap()
    }

    /// Voids a statement as somebody does who is no import.
    pub(crate) async fn void_by_hand(&self, target: StatementId) {
        let voiding = json!({
            "actor": { "mbox": "mailto:office@example.org" },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
            "object": { "objectType": "StatementRef", "id": target.to_string() },
        });
        let received = receive_one(voiding.to_string().as_bytes(), Family::V2).unwrap();
        let office = office();
        let stored = self.statements.store(&office, Family::V2, vec![received]);
        stored.await.unwrap();
    }
}
