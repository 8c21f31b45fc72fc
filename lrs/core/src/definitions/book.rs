//! The definitions of a store: installed, current, superseded.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::install::examine;
use super::shelf::{self, Shelf, Versioned};
use super::{
    Definition, DefinitionHash, DefinitionRecord, InstallError, Installed, RefusedDefinition, State,
};
use crate::ledger::Adapter;
use crate::ports::{Change, Changes, CommitError, EventKind, NewEvent, Records, StoreError};

/// How often an installation is tried while others install too.
const TRIES: usize = 5;

/// The body of an activation event.
#[derive(Debug, Serialize, Deserialize)]
struct Activation {
    kind: String,
    id: String,
    version: u32,
    hash: DefinitionHash,
}

/// Reads and changes the definitions of a store.
#[derive(Debug, Clone)]
pub struct DefinitionBook {
    shelf: Shelf,
}

impl DefinitionBook {
    /// Opens the definitions of a store.
    pub fn new(records: Arc<dyn Records>) -> Self {
        let shelf = Shelf::of(records);
        Self { shelf }
    }

    /// Returns all definitions, in the order of kind, id and version.
    pub async fn all(&self) -> Result<Vec<DefinitionRecord>, StoreError> {
        Ok(in_order(self.shelf.all(|_| true).await?))
    }

    /// Returns the current definitions of a kind, in the order of their ids.
    pub async fn current(&self, kind: &str) -> Result<Vec<DefinitionRecord>, StoreError> {
        let wanted = |record: &DefinitionRecord| {
            record.state == State::Current && record.definition.kind == kind
        };
        Ok(in_order(self.shelf.all(wanted).await?))
    }

    /// Installs a definition that one of the adapters can carry out and whose examples hold.
    pub async fn install(
        &self,
        definition: Definition,
        adapters: &[Arc<dyn Adapter>],
    ) -> Result<Installed, InstallError> {
        let installed = self.install_all(vec![definition], adapters).await;
        let installed = installed.map_err(|refused| refused.why)?;
        Ok(installed.first().copied().unwrap_or(Installed::Already))
    }

    /// Installs all of some definitions, in one commit, or none when one of them cannot be. One may
    /// rest on those before it.
    pub async fn install_all(
        &self,
        definitions: Vec<Definition>,
        adapters: &[Arc<dyn Adapter>],
    ) -> Result<Vec<Installed>, RefusedDefinition> {
        let refused = |index| move |why| RefusedDefinition { index, why };
        let store = |error| refused(0)(InstallError::Store(error));
        for _ in 0..TRIES {
            let known = self.all().await.map_err(store)?;
            let mut known: Vec<_> = known.into_iter().map(|record| record.definition).collect();
            let (mut installed, mut new) = (Vec::new(), Vec::new());
            for (index, definition) in definitions.iter().enumerate() {
                let done = examine(definition, &known, adapters).await;
                let done = done.map_err(refused(index))?;
                if done == Installed::New {
                    new.push(DefinitionRecord::new(definition.clone(), &known));
                    known.push(definition.clone());
                }
                installed.push(done);
            }
            if self.add(new).await.map_err(store)? {
                return Ok(installed);
            }
        }
        Err(store(StoreError::Busy))
    }

    /// Installs definitions without looking at them, in a store where none is.
    pub(crate) async fn found(&self, definitions: Vec<Definition>) -> Result<(), StoreError> {
        let new = definitions.into_iter();
        let new = new.map(|definition| DefinitionRecord::new(definition, &[]));
        self.add(new.collect()).await?;
        Ok(())
    }

    /// Installs definitions that were looked at; tells whether nobody else installed one of them
    /// meanwhile.
    async fn add(&self, new: Vec<DefinitionRecord>) -> Result<bool, StoreError> {
        let mut changes = Vec::new();
        for record in new {
            changes.extend(shelf::add(record)?);
        }
        if changes.is_empty() {
            return Ok(true);
        }
        let changes = Changes {
            changes,
            // Each is as large as its file may be.
            import: true,
            ..Changes::default()
        };
        match self.shelf.records.commit(changes).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict { .. }) => Ok(false),
            Err(error) => Err(StoreError::failed(error)),
        }
    }

    /// Returns a definition with where it stands.
    pub async fn get(&self, hash: DefinitionHash) -> Result<Option<DefinitionRecord>, StoreError> {
        Ok(self.shelf.get(hash).await?.map(|(record, _)| record))
    }

    /// Returns several definitions with where they stand, in the order asked for.
    pub async fn each(
        &self,
        hashes: &[DefinitionHash],
    ) -> Result<Vec<Option<DefinitionRecord>>, StoreError> {
        self.shelf.each(hashes).await
    }

    /// Has a definition's ledger built again: the runner fills a new generation beside the one that
    /// is read, has it take that one's place in one commit, and then removes the old one. Tells
    /// whether there is such a definition.
    pub async fn rebuild(&self, hash: DefinitionHash) -> Result<bool, StoreError> {
        let again = |record: &mut DefinitionRecord| {
            // One that was begun is gone on with.
            let next = record.next_generation();
            record.rebuilding.get_or_insert(next);
        };
        for _ in 0..TRIES {
            match self.change(hash, again, Vec::new()).await {
                Err(CommitError::Conflict { .. }) => {}
                done => return done.map_err(StoreError::failed),
            }
        }
        Err(StoreError::Busy)
    }

    /// Has the generation that was built be read in the place of the one before it.
    pub(crate) async fn renew(
        &self,
        hash: DefinitionHash,
        guard: Change,
    ) -> Result<(), CommitError> {
        let renew = |record: &mut DefinitionRecord| {
            if let Some(new) = record.rebuilding.take() {
                record.left.push(record.generation);
                record.generation = new;
            }
        };
        self.change(hash, renew, vec![guard]).await?;
        Ok(())
    }

    /// Notes that nothing is left of a generation.
    pub(crate) async fn removed(
        &self,
        hash: DefinitionHash,
        generation: u32,
    ) -> Result<(), CommitError> {
        let forget = |record: &mut DefinitionRecord| record.left.retain(|left| *left != generation);
        self.change(hash, forget, Vec::new()).await?;
        Ok(())
    }

    /// Changes what is noted of a definition, with other changes in the same commit.
    async fn change(
        &self,
        hash: DefinitionHash,
        change: impl FnOnce(&mut DefinitionRecord),
        mut changes: Vec<Change>,
    ) -> Result<bool, CommitError> {
        let Some((mut record, version)) = self.shelf.get(hash).await? else {
            return Ok(false);
        };
        change(&mut record);
        changes.push(shelf::change(record, version)?);
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        self.shelf.records.commit(changes).await?;
        Ok(true)
    }

    /// Makes an installed definition current and the one of its kind and id before it superseded,
    /// in one commit with the log event that says so.
    pub(crate) async fn activate(&self, hash: DefinitionHash) -> Result<(), CommitError> {
        let known = self.shelf.all(|_| true).await?;
        let mut all = known.iter().map(|(record, _)| &record.definition);
        let Some(new) = all.find(|one| one.hash() == hash).cloned() else {
            return Ok(());
        };
        let mut changes = Vec::new();
        for (mut record, version) in known {
            let definition = &record.definition;
            record.state = match record.state {
                _ if *definition == new => State::Current,
                State::Current if (&definition.kind, &definition.id) == (&new.kind, &new.id) => {
                    State::Superseded
                }
                _ => continue,
            };
            changes.push(shelf::change(record, version)?);
        }
        let changes = Changes {
            changes,
            events: vec![activation(&new)?],
            import: false,
        };
        self.shelf.records.commit(changes).await?;
        Ok(())
    }
}

fn order(record: &DefinitionRecord) -> (&String, &String, u32) {
    let Definition {
        kind, id, version, ..
    } = &record.definition;
    (kind, id, *version)
}

fn in_order(records: Vec<Versioned>) -> Vec<DefinitionRecord> {
    let records = records.into_iter();
    let mut records: Vec<_> = records.map(|(record, _)| record).collect();
    records.sort_by(|a, b| order(a).cmp(&order(b)));
    records
}

fn activation(definition: &Definition) -> Result<NewEvent, StoreError> {
    let body = serde_json::to_string(&Activation {
        kind: definition.kind.clone(),
        id: definition.id.clone(),
        version: definition.version,
        hash: definition.hash(),
    });
    Ok(NewEvent {
        kind: EventKind::Activation,
        body: body.map_err(StoreError::failed)?,
    })
}
