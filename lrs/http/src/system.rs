//! How this server fares, for who looks after it.

use std::fmt::Debug;
use std::sync::Arc;

use serde::Serialize;
use varde_core::ledger::Runner;
use varde_core::ports::{Position, StatementLog};
use varde_core::{Caller, Need};
use varde_interreg::packs::{SignerError, Signers};
use varde_xapi::Stored;

use crate::error::ApiError;

/// What a process knows of itself.
pub trait Deployment: Debug + Send + Sync + 'static {
    /// Returns the version of the program.
    fn version(&self) -> &'static str;

    /// Names the kind of store.
    fn store(&self) -> &'static str;

    /// Returns when a backup was made last and found whole, as far as that is noted.
    fn last_backup(&self) -> Option<Stored>;
}

/// Tells how a server fares.
#[derive(Debug, Clone)]
pub struct System {
    /// The store's log.
    pub log: Arc<dyn StatementLog>,
    /// Carries the log into the ledgers.
    pub runner: Arc<Runner>,
    /// The keys that sign packs.
    pub signers: Signers,
    /// What the process knows of itself.
    pub deployment: Arc<dyn Deployment>,
}

/// How a server fares.
#[derive(Debug, Clone, Serialize)]
pub struct SystemStatus {
    /// The version of the program.
    pub version: &'static str,
    /// The kind of store.
    pub store: &'static str,
    /// Where the log ends.
    pub position: Position,
    /// Through which instant reading statements is complete.
    pub consistent_through: Stored,
    /// How many events of the log results do not hold yet.
    pub events_behind: u64,
    /// Since when results are behind; `None` where they hold everything.
    pub behind_since: Option<Stored>,
    /// The fingerprint of the key that signs packs of reports; `None` where there is none.
    pub signer: Option<String>,
    /// When a backup was made last and found whole, as far as that is noted.
    pub last_backup: Option<Stored>,
}

impl System {
    /// Tells how the server fares.
    pub async fn status(&self, caller: &Caller) -> Result<SystemStatus, ApiError> {
        caller.may(Need::ReadAudit)?;
        let lag = self.runner.lag().await?;
        Ok(SystemStatus {
            version: self.deployment.version(),
            store: self.deployment.store(),
            position: self.log.head().await?,
            consistent_through: self.log.consistent_through().await?,
            events_behind: lag.events,
            behind_since: lag.since,
            signer: self.signer().await?,
            last_backup: self.deployment.last_backup(),
        })
    }

    async fn signer(&self) -> Result<Option<String>, ApiError> {
        let signers = match self.signers.list().await {
            Ok(signers) => signers,
            Err(SignerError::Store(error)) => return Err(error.into()),
            Err(_) => return Err(ApiError::Internal("the signing key could not be read")),
        };
        let signer = signers.into_iter().find(|signer| signer.in_use);
        Ok(signer.map(|signer| signer.fingerprint.to_string()))
    }
}
