//! National identity numbers that came in statements: noted with their place, never with what they
//! are.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use varde_xapi::national_id::NationalIds;
use varde_xapi::{Batch, Fault, Faults, Received, StatementId, signature};

use crate::ports::{Change, Collection, Expected, KeyRange, Records, StoreError, StoredStatement};
use crate::statements::RepeatsError;
use crate::{Caller, KeyId, NationalIdPolicy, Need, Space};

/// statement → [`Noted`].
const NOTED: Collection = Collection("national-id");
/// The most statements a page holds.
pub const NOTED_PER_PAGE_MAX: usize = 1_000;
/// The most places of one statement that are noted.
const PLACES_MAX: usize = 20;

/// A statement that came with national identity numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Its id.
    pub statement: StatementId,
    /// The space it was written in.
    pub space: Space,
    /// The key that wrote it.
    pub key: KeyId,
    /// What became of the numbers: `flag` or `mask`.
    pub policy: NationalIdPolicy,
    /// The JSON paths of the first twenty.
    pub paths: Vec<String>,
}

/// A page of such statements, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotedPage {
    /// The statements.
    pub statements: Vec<Noted>,
    /// What `after` of the next page is; `None` on the last.
    pub next: Option<String>,
}

/// Lists statements that came with national identity numbers.
#[derive(Debug, Clone)]
pub struct NationalIdNotes {
    records: Arc<dyn Records>,
}

impl NationalIdNotes {
    /// Works on one store.
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self { records }
    }

    /// Returns up to 1,000 of those that the caller may read, behind the last of another page.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<&str>,
    ) -> Result<NotedPage, RepeatsError> {
        caller.may(Need::ReviewStatements)?;
        let mut range = KeyRange {
            prefix: Vec::new(),
            after: after.map(|after| after.as_bytes().to_vec()),
            limit: NOTED_PER_PAGE_MAX,
        };
        let mut statements = Vec::new();
        loop {
            let records = self.records.range(NOTED, &range).await?;
            if records.is_empty() {
                let next = None;
                return Ok(NotedPage { statements, next });
            }
            for record in records {
                let noted: Noted =
                    serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                if caller.reads.contains(&noted.space) {
                    statements.push(noted);
                }
                range.after = Some(record.key);
                if statements.len() == NOTED_PER_PAGE_MAX {
                    let next = statements
                        .last()
                        .map(|last| key(last.statement, &last.space));
                    return Ok(NotedPage { statements, next });
                }
            }
        }
    }
}

fn key(statement: StatementId, space: &Space) -> String {
    let kind = if space.is_test() { ":test" } else { "" };
    format!("{statement}{kind}")
}

/// Returns what forgets that a statement came with national identity numbers.
pub(crate) fn unnoted(statement: &StoredStatement) -> Change {
    change(&statement.id, &statement.space, None)
}

fn change(statement: &StatementId, space: &Space, value: Option<Vec<u8>>) -> Change {
    Change {
        collection: NOTED,
        key: key(*statement, space).into_bytes(),
        value,
        expected: Expected::Anything,
    }
}

/// Statements as their key's policy lets them be stored.
pub(super) struct Admitted {
    pub(super) statements: Vec<Received>,
    /// What notes those with national identity numbers, in the act that stores them.
    pub(super) notes: Vec<Change>,
}

/// Carries out what a caller's policy says of national identity numbers. All statements have ids.
pub(super) fn admit(caller: &Caller, batch: Batch) -> Result<Admitted, Faults> {
    let policy = caller.ingest.policy.national_ids;
    let (mut faults, mut noted) = (Vec::new(), BTreeMap::new());
    let paths: Vec<_> = (0..batch.statements.len())
        .map(|at| batch.path(at))
        .collect();
    let mut statements = Vec::with_capacity(paths.len());
    let mut with_numbers = 0;
    for (received, path) in batch.statements.into_iter().zip(paths) {
        let Some(found) = NationalIds::find(&received.body) else {
            statements.push(received);
            continue;
        };
        with_numbers += 1;
        if let Some(id) = received.statement.id {
            let places = found.places().iter().take(PLACES_MAX);
            let noting = Noted {
                statement: id,
                space: caller.space.clone(),
                key: caller.key,
                policy,
                paths: places.map(|place| place.path.clone()).collect(),
            };
            noted.insert(id, noting);
        }
        match policy {
            NationalIdPolicy::Flag => statements.push(received),
            NationalIdPolicy::Mask => {
                if let Some(fault) = unmaskable(&received, &found, &path) {
                    faults.push(fault);
                } else {
                    let body = found.masked();
                    statements.push(received.rewritten(body)?);
                }
            }
            NationalIdPolicy::Refuse => {
                let expected = "a text without one: this key's statements are refused with them";
                let places = found.places().iter();
                faults.extend(places.map(|place| place.fault(&path, expected)));
            }
        }
    }
    if let Some(faults) = Faults::of(faults) {
        caller
            .ingest
            .counts
            .add(NationalIdPolicy::Refuse, with_numbers);
        return Err(faults);
    }
    if with_numbers > 0 {
        caller.ingest.counts.add(policy, with_numbers);
    }
    let changes = noted.values().map(|noted| {
        // A map of names and numbers can always be written.
        let value = serde_json::to_vec(noted).unwrap_or_default();
        change(&noted.statement, &noted.space, Some(value))
    });
    Ok(Admitted {
        statements,
        notes: changes.collect(),
    })
}

/// Tells why the numbers in a statement cannot be masked, if they cannot.
fn unmaskable(received: &Received, found: &NationalIds<'_>, path: &str) -> Option<Fault> {
    let expected = "another identifier: a masked one would name many, so this key's statements are \
                    refused with it";
    if let Some(place) = found.identifying() {
        return Some(place.fault(path, expected));
    }
    let mut attachments = received.statement.attachments.iter();
    attachments.any(signature::is_signature).then(|| {
        let expected = "a text without one: a signed statement cannot be masked";
        let first = found.places().first();
        first.map(|place| place.fault(path, expected))
    })?
}
