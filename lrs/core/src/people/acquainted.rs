//! Ids at hand while statements are read.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use super::{Identities, IdentityId, IdentityName};
use crate::ports::{Change, StoreError};

/// Stands for a name without an id, in an answer that is thrown away.
const NOBODY: IdentityId = IdentityId([0; 16]);

/// The ids of those who were met so far, with a note of the names that had none when they were
/// asked for. Who asked for one asks again once it is known.
#[derive(Debug, Default)]
pub struct Acquainted {
    ids: HashMap<IdentityName, IdentityId>,
    missed: Mutex<Missed>,
}

/// Names that had no id.
#[derive(Debug, Default)]
struct Missed {
    names: BTreeSet<IdentityName>,
    /// Whether one was missed since that was last asked.
    lately: bool,
}

impl Acquainted {
    /// Knows some ids from the start.
    pub fn with(ids: HashMap<IdentityName, IdentityId>) -> Self {
        Self {
            ids,
            missed: Mutex::default(),
        }
    }

    /// Returns a name's id; where it is not known, it is noted and the answer means nothing.
    pub(crate) fn id(&self, name: IdentityName) -> IdentityId {
        if let Some(id) = self.ids.get(&name) {
            return *id;
        }
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.names.insert(name);
        missed.lately = true;
        NOBODY
    }

    /// Tells whether every id asked for since this was last asked was known.
    pub(crate) fn knew_all(&self) -> bool {
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::take(&mut missed.lately)
    }

    /// Learns the ids of the names that were missed, and returns what makes new ones last.
    pub(crate) async fn meet(
        &mut self,
        identities: &Identities,
    ) -> Result<Vec<Change>, StoreError> {
        let missed = self
            .missed
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let names = std::mem::take(&mut missed.names);
        let resolved = identities.resolve(names).await?;
        self.ids.extend(resolved.ids);
        Ok(resolved.new)
    }
}
