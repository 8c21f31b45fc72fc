//! Statements by which people try whether what is sent arrives.

use std::sync::Arc;

use serde_json::{Value, json};
use varde_xapi::{Batch, Family, StatementId};

use super::{RefusedStatements, Statements, UnreadStatements};
use crate::ports::{Standing, StoreError, StoredStatement};
use crate::{Caller, Clock, Need, Space};

/// Sends test statements, and reads them back.
#[derive(Debug, Clone)]
pub struct TestStatements {
    statements: Statements,
    clock: Arc<dyn Clock>,
}

/// Returns a statement of nobody in particular, which counts for nothing.
pub fn test_statement() -> Value {
    json!({
        "actor": { "account": { "homePage": "https://varde.invalid", "name": "varde-check" } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/experienced" },
        "object": { "id": "https://varde.invalid/check" },
    })
}

impl TestStatements {
    /// Sends by the use case that front ends send by.
    pub fn new(statements: Statements, clock: Arc<dyn Clock>) -> Self {
        Self { statements, clock }
    }

    /// Stores a test statement as the caller's, in the test space of the project that the caller writes
    /// for, where nothing is counted. No two of them say the same: each tells its instant.
    pub async fn send(&self, caller: &Caller) -> Result<StatementId, RefusedStatements> {
        caller.may(Need::ReviewStatements)?;
        let mut statement = test_statement();
        statement["timestamp"] = json!(self.clock.now());
        let text = statement.to_string();
        let Batch { statements, .. } = varde_xapi::receive(text.as_bytes(), Family::V1)?;
        let caller = in_test_space(caller)?;
        let stored = self.statements.store(&caller, Family::V1, statements);
        let first = stored.await?.into_iter().next();
        first.ok_or_else(|| StoreError::failed("a statement that was stored has no id").into())
    }

    /// Returns a test statement that the caller sent; of the test space nothing else is told.
    pub async fn sent(
        &self,
        caller: &Caller,
        id: StatementId,
    ) -> Result<Option<StoredStatement>, UnreadStatements> {
        caller.may(Need::ReviewStatements)?;
        let tester = in_test_space(caller)?;
        let found = self.statements.get(&tester, id, Standing::Valid).await?;
        let own = |found: &StoredStatement| {
            found.space == tester.space && found.authority == caller.authority
        };
        Ok(found.filter(own))
    }
}

/// Returns the caller as one who writes into the test space and reads nothing else.
fn in_test_space(caller: &Caller) -> Result<Caller, StoreError> {
    let space = Space::test(caller.space.project()).map_err(StoreError::failed)?;
    Ok(Caller {
        reads: vec![space.clone()],
        space,
        ..caller.clone()
    })
}
