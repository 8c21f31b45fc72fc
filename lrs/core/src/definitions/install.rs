//! Whether a definition can be installed.

use std::sync::Arc;

use thiserror::Error;

use super::{Definition, DefinitionFaults};
use crate::examples::{self, FailedExamples, UnplayedExamples};
use crate::ledger::Adapter;
use crate::ports::StoreError;

/// What an installation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installed {
    /// The definition is new; the runner fills its ledger and then makes it current.
    New,
    /// The very same definition was there already.
    Already,
}

/// Why a definition was not installed. Nothing changed.
#[derive(Debug, Error)]
pub enum InstallError {
    /// It says something that cannot be carried out.
    #[error(transparent)]
    Faults(#[from] DefinitionFaults),
    /// It does not do what its own examples expect.
    #[error(transparent)]
    Examples(#[from] FailedExamples),
    /// No adapter compiles its kind.
    #[error("nothing here works with definitions of the kind {0}")]
    Kind(String),
    /// Its id and version are taken by other content.
    #[error("{name} is known with other content; give the changed file a higher version")]
    Taken {
        /// `id@version`.
        name: String,
    },
    /// A later version of it is known.
    #[error("version {known} of {id} is known already; give the changed file a higher version")]
    Older {
        /// The definition's id.
        id: String,
        /// The version that is known.
        known: u32,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UnplayedExamples> for InstallError {
    fn from(error: UnplayedExamples) -> Self {
        match error {
            UnplayedExamples::Faults(faults) => Self::Faults(faults),
            UnplayedExamples::Store(error) => Self::Store(error),
        }
    }
}

/// Why none of some definitions was installed.
#[derive(Debug, Error)]
#[error("{why}")]
pub struct RefusedDefinition {
    /// Which of them was refused, from 0.
    pub index: usize,
    /// Why.
    #[source]
    pub why: InstallError,
}

/// Tells whether a definition is new, where it can be installed among those that are known.
pub(super) async fn examine(
    definition: &Definition,
    known: &[Definition],
    adapters: &[Arc<dyn Adapter>],
) -> Result<Installed, InstallError> {
    let adapter = adapters
        .iter()
        .find(|adapter| adapter.kinds().contains(&definition.kind.as_str()))
        .ok_or_else(|| InstallError::Kind(definition.kind.clone()))?;
    adapter.compile(definition)?;
    adapter.fits(definition, known)?;
    if known.iter().any(|known| known.hash() == definition.hash()) {
        return Ok(Installed::Already);
    }
    let same = known
        .iter()
        .filter(|known| (&known.kind, &known.id) == (&definition.kind, &definition.id));
    match same.map(|known| known.version).max() {
        Some(known) if known > definition.version => {
            return Err(InstallError::Older {
                id: definition.id.clone(),
                known,
            });
        }
        Some(known) if known == definition.version => {
            return Err(InstallError::Taken {
                name: definition.name(),
            });
        }
        _ => {}
    }
    let shown = examples::play(definition, adapter, known).await?;
    match examples::failed(&shown) {
        Some(failed) => Err(failed.into()),
        None => Ok(Installed::New),
    }
}
