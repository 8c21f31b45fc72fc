//! What a store would say by other definitions.

use std::fmt::Debug;
use std::sync::Arc;

use thiserror::Error;

use super::shadow::Shadow;
use super::{Adapter, Ledger, LedgerId, Runner, RunnerError};
use crate::definitions::{Definition, DefinitionBook, InstallError, State};
use crate::ports::{Position, Records, StatementLog, StoreError};
use crate::registers::RegisterBook;

/// A store with other definitions, without a change to it: what would be written stands in a scratch
/// store.
///
/// The definitions are filled from the whole log and made current as they would be, by the same
/// code, and are then read by the same use cases.
#[derive(Debug)]
pub struct Preview {
    log: Arc<dyn StatementLog>,
    store: Arc<dyn Records>,
    scratch: Arc<dyn Records>,
    registers: Arc<RegisterBook>,
    adapters: Vec<Arc<dyn Adapter>>,
    /// The ledgers of the definitions that were made current here.
    ledgers: Vec<LedgerId>,
}

/// Why there is no preview.
#[derive(Debug, Error)]
pub enum PreviewError {
    /// A definition cannot be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The log could not be carried into its ledger.
    #[error(transparent)]
    Runner(#[from] RunnerError),
}

impl From<StoreError> for PreviewError {
    fn from(error: StoreError) -> Self {
        Self::Runner(error.into())
    }
}

impl Preview {
    /// Begins with the store as it is. The scratch holds records that nobody else uses, and none
    /// yet.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        registers: Arc<RegisterBook>,
        adapters: Vec<Arc<dyn Adapter>>,
        scratch: Arc<dyn Records>,
    ) -> Self {
        Self {
            log,
            store: records,
            scratch,
            registers,
            adapters,
            ledgers: Vec::new(),
        }
    }

    /// Makes a definition current here, in the place of its version before; `watch` is told how
    /// many events of the log are done, and of how many.
    pub async fn activate(
        &mut self,
        definition: Definition,
        mut watch: impl FnMut(u64, u64) + Send,
    ) -> Result<(), PreviewError> {
        let hash = definition.hash();
        let book = self.definitions();
        book.install(definition, &self.adapters).await?;
        let record = book.get(hash).await?;
        let Some(record) = record.filter(|record| record.state == State::Installed) else {
            return Ok(());
        };
        self.ledgers.push(record.ledger());
        let runner = Runner::new(
            Arc::clone(&self.log),
            self.records(),
            Arc::clone(&self.registers),
            self.adapters.clone(),
        );
        let head = self.log.head().await?;
        let mut at = Position(0);
        while at < head {
            let Some(reached) = runner.carry_one(&record, head).await? else {
                break;
            };
            at = reached;
            watch(at.0, head.0);
        }
        let activated = book.activate(hash).await;
        activated.map_err(|error| StoreError::failed(error).into())
    }

    /// Reads the ledgers as they would be by what was made current so far.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(Arc::clone(&self.log), self.records())
    }

    fn definitions(&self) -> DefinitionBook {
        DefinitionBook::new(self.records())
    }

    fn records(&self) -> Arc<dyn Records> {
        Arc::new(Shadow {
            store: Arc::clone(&self.store),
            scratch: Arc::clone(&self.scratch),
            ledgers: self.ledgers.clone(),
        })
    }
}
