//! Statements of another record store, taken in one by one under a key of this one.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use varde_core::ports::{CommitError, StatementLog};
use varde_core::statements::{Provenance, RefusedStatements, Statements};
use varde_core::{Caller, Need};
use varde_xapi::{Family, Faults, Received, StatementId, Stored};

use crate::config::HttpSection;
use crate::exit::{Exit, Failure};
use crate::wiring::Parts;

/// Returns the caller that a key stands for, who may do what is needed.
pub(super) async fn caller(parts: &Parts, name: &str, need: Need) -> Result<Caller, Failure> {
    let Some(key) = parts.keys.find(name).await? else {
        let sentence = format!("no key is called {name}; `varde key create` makes one");
        return Err(Failure::new(Exit::NoInput, sentence));
    };
    let caller = parts.keys.caller(&key);
    match caller.may(need) {
        Ok(()) => Ok(caller),
        Err(forbidden) => Err(Failure::new(Exit::NoPermission, forbidden.to_string())),
    }
}

/// Why a statement is not taken.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It breaks rules of the standard, or of the key.
    Faults(Faults),
    /// Something else, under a name of its own.
    Other {
        /// The name.
        rule: &'static str,
        /// What is so.
        why: String,
    },
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faults(faults) => faults.fmt(f),
            Self::Other { why, .. } => f.write_str(why),
        }
    }
}

/// What became of a statement.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is stored now.
    New,
    /// It stood here already, and is equal.
    Known,
    /// Another statement has its id.
    Conflicting(String),
    /// It is not stored.
    Refused(Unfit),
}

/// What is told of a statement before it is read in full.
#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    id: Option<&'a str>,
    version: Option<String>,
    stored: Option<String>,
    /// A line of `varde export` holds the statement within.
    #[serde(borrow)]
    statement: Option<&'a RawValue>,
    kind: Option<String>,
}

/// A statement that is ready to be stored.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) id: StatementId,
    pub(super) received: Received,
    pub(super) family: Family,
    /// When the other record store had stored it.
    pub(super) original: Option<Stored>,
}

/// Reads a statement, `None` for a line of an export that holds none.
pub(super) fn read(text: &[u8]) -> Result<Option<Ready>, Unfit> {
    let envelope: Envelope<'_> = serde_json::from_slice(text).map_err(|error| Unfit::Other {
        rule: "json",
        why: format!("no JSON object: {error}"),
    })?;
    match (envelope.statement, envelope.kind) {
        (Some(statement), Some(_)) => return read(statement.get().as_bytes()),
        (None, Some(_)) => return Ok(None),
        _ => {}
    }
    let is_old = envelope
        .version
        .is_none_or(|version| version.starts_with("1."));
    let family = if is_old { Family::V1 } else { Family::V2 };
    let no_id = || Unfit::Other {
        rule: "id",
        why: "it has no id, so importing it again would store it again".to_owned(),
    };
    envelope.id.ok_or_else(no_id)?;
    let received = varde_xapi::receive_one(text, family).map_err(Unfit::Faults)?;
    let original = envelope
        .stored
        .and_then(|stored| Stored::parse(&stored).ok());
    Ok(Some(Ready {
        id: received.statement.id.ok_or_else(no_id)?,
        received,
        family,
        original,
    }))
}

/// Stores statements under a key, and notes when they were stored elsewhere.
#[derive(Debug)]
pub(super) struct Taker {
    statements: Statements,
    provenance: Provenance,
    log: Arc<dyn StatementLog>,
    pub(super) caller: Caller,
}

impl Taker {
    pub(super) fn new(parts: &Parts, caller: Caller) -> Self {
        Self {
            statements: parts.services(&HttpSection::default()).statements,
            provenance: Provenance::new(Arc::clone(&parts.records)),
            log: Arc::clone(&parts.log),
            caller,
        }
    }

    /// Tells whether a statement of that id stands in the key's space, voided and erased ones too.
    pub(super) async fn knows(&self, id: StatementId) -> Result<bool, Failure> {
        let found = self.log.position(&self.caller.space, id).await?;
        Ok(found.is_some())
    }

    /// Stores up to 1,000 statements, or where they are refused together each by itself, and
    /// returns what became of each.
    pub(super) async fn take(&self, batch: &[Ready]) -> Result<Vec<Fate>, Failure> {
        let originals: BTreeSet<(StatementId, Stored)> = batch
            .iter()
            .filter_map(|ready| Some((ready.id, ready.original?)))
            .collect();
        let originals: Vec<_> = originals.into_iter().collect();
        let noted = self.provenance.note(&self.caller.space, &originals).await;
        noted.map_err(|error| match error {
            CommitError::Store(error) => error.into(),
            other => Failure::software(&other),
        })?;
        let mut fates = Vec::with_capacity(batch.len());
        for of_family in batch.chunk_by(|one, other| one.family == other.family) {
            fates.extend(self.take_of_family(of_family).await?);
        }
        Ok(fates)
    }

    async fn take_of_family(&self, batch: &[Ready]) -> Result<Vec<Fate>, Failure> {
        let mut fates = Vec::with_capacity(batch.len());
        for ready in batch {
            let known = self.knows(ready.id).await?;
            fates.push(if known { Fate::Known } else { Fate::New });
        }
        match self.append(batch).await {
            Ok(()) => return Ok(fates),
            Err(RefusedStatements::Store(error)) => return Err(error.into()),
            Err(_) => {}
        }
        for (ready, fate) in batch.iter().zip(&mut fates) {
            match self.append(std::slice::from_ref(ready)).await {
                Ok(()) => {}
                Err(RefusedStatements::Store(error)) => return Err(error.into()),
                Err(refused) => *fate = unfit(refused),
            }
        }
        Ok(fates)
    }

    async fn append(&self, batch: &[Ready]) -> Result<(), RefusedStatements> {
        let Some(first) = batch.first() else {
            return Ok(());
        };
        let received = batch.iter().map(|ready| ready.received.clone()).collect();
        let stored = self.statements.store(&self.caller, first.family, received);
        stored.await.map(drop)
    }
}

fn unfit(refused: RefusedStatements) -> Fate {
    let why = refused.to_string();
    let rule = match refused {
        RefusedStatements::Conflict { .. } => return Fate::Conflicting(why),
        RefusedStatements::Invalid(faults) => return Fate::Refused(Unfit::Faults(faults)),
        RefusedStatements::Erased { .. } => "erased",
        RefusedStatements::Forbidden(_) => "forbidden",
        RefusedStatements::Overtaken | RefusedStatements::Store(_) => "busy",
    };
    Fate::Refused(Unfit::Other { rule, why })
}
