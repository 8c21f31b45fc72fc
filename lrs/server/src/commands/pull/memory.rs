//! What is remembered of a source in the store: from when on to ask it, and what of it was refused.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use varde_core::Space;
use varde_core::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Record, Records,
};
use varde_xapi::{Fault, Stored};

use crate::commands::taking::Unfit;
use crate::exit::{Exit, Failure};

/// From when on sources are asked: one record for each source and space.
const PULL: Collection = Collection("pull");
/// What was refused: a record for each statement, behind the key of its source.
const REFUSED: Collection = Collection("pull-refused");
/// How many records are written or read at once.
const AT_ONCE: usize = 500;
/// The most characters of what was expected.
const EXPECTED_CHARS_MAX: usize = 300;
/// The most broken rules of one statement.
const BROKEN_MAX: usize = 20;

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    source: String,
    from: Stored,
}

/// A statement that was refused. It names no value of the statement, which may be of a learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// Its id, or where it stood when it has none.
    pub(super) id: String,
    broken: Vec<Broken>,
}

/// A rule that a statement breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Broken {
    path: String,
    rule: String,
    expected: String,
}

impl Broken {
    fn of(fault: &Fault) -> Self {
        Self {
            path: fault.path.clone(),
            rule: fault.rule.code().to_owned(),
            expected: fault.expected.chars().take(EXPECTED_CHARS_MAX).collect(),
        }
    }
}

impl Refusal {
    pub(super) fn new(id: String, unfit: &Unfit) -> Self {
        let broken = match unfit {
            Unfit::Faults(faults) => faults.iter().take(BROKEN_MAX).map(Broken::of).collect(),
            Unfit::Other { rule, why } => vec![Broken {
                path: "$".to_owned(),
                rule: (*rule).to_owned(),
                expected: why.chars().take(EXPECTED_CHARS_MAX).collect(),
            }],
        };
        Self { id, broken }
    }
}

/// What the store remembers of one source.
#[derive(Debug)]
pub(super) struct Memory {
    records: Arc<dyn Records>,
    source: String,
    key: Vec<u8>,
}

impl Memory {
    pub(super) fn new(records: Arc<dyn Records>, space: &Space, source: &str) -> Self {
        let key = Sha256::digest(format!("{space}\0{source}")).to_vec();
        let source = source.to_owned();
        Self {
            records,
            source,
            key,
        }
    }

    /// Returns from when on the source is to be asked, if it was pulled from before.
    pub(super) async fn from(&self) -> Result<Option<Stored>, Failure> {
        let found = self.records.get(PULL, &self.key).await?;
        let Some(record) = found else { return Ok(None) };
        let kept: Kept = read(&record)?;
        Ok(Some(kept.from))
    }

    /// Notes what was refused, and from when on the source is to be asked should it be asked anew. What
    /// is noted is never earlier than before.
    pub(super) async fn note(
        &self,
        from: Option<Stored>,
        refusals: &[Refusal],
    ) -> Result<(), Failure> {
        let mut changes: Vec<Change> = Vec::new();
        for refusal in refusals {
            let key = [&self.key[..], &Sha256::digest(&refusal.id)[..]].concat();
            changes.push(put(REFUSED, key, refusal)?);
        }
        for some in changes.chunks(AT_ONCE) {
            self.commit(some.to_vec()).await?;
        }
        // Last: what is behind this instant is not asked for again.
        match from {
            Some(from) if self.from().await?.is_none_or(|known| known < from) => {
                let source = self.source.clone();
                let kept = put(PULL, self.key.clone(), &Kept { source, from })?;
                self.commit(vec![kept]).await
            }
            _ => Ok(()),
        }
    }

    /// Returns some of what was refused, behind a key, and the key to go on behind.
    pub(super) async fn refused(
        &self,
        after: Option<Vec<u8>>,
    ) -> Result<(Vec<Refusal>, Option<Vec<u8>>), Failure> {
        let range = KeyRange {
            prefix: self.key.clone(),
            after,
            limit: AT_ONCE,
        };
        let records = self.records.range(REFUSED, &range).await?;
        let next = records.last().map(|record| record.key.clone());
        let refused = records.iter().map(read).collect::<Result<_, _>>()?;
        Ok((refused, next))
    }

    /// Forgets everything of the source.
    pub(super) async fn forget(&self) -> Result<(), Failure> {
        let gone = |collection, key| Change {
            collection,
            key,
            value: None,
            expected: Expected::Anything,
        };
        self.commit(vec![gone(PULL, self.key.clone())]).await?;
        loop {
            let range = KeyRange {
                prefix: self.key.clone(),
                after: None,
                limit: AT_ONCE,
            };
            let records = self.records.range(REFUSED, &range).await?;
            if records.is_empty() {
                return Ok(());
            }
            let keys = records.into_iter().map(|record| gone(REFUSED, record.key));
            self.commit(keys.collect()).await?;
        }
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), Failure> {
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            Ok(_) => Ok(()),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(other) => Err(Failure::software(&other)),
        }
    }
}

fn put(collection: Collection, key: Vec<u8>, value: &impl Serialize) -> Result<Change, Failure> {
    let value = serde_json::to_vec(value).map_err(|error| Failure::software(&error))?;
    Ok(Change {
        collection,
        key,
        value: Some(value),
        expected: Expected::Anything,
    })
}

fn read<'a, T: Deserialize<'a>>(record: &'a Record) -> Result<T, Failure> {
    serde_json::from_slice(&record.value).map_err(|error| {
        let sentence = format!("what was noted of an earlier pull cannot be read: {error}");
        Failure::new(Exit::Io, sentence)
    })
}
