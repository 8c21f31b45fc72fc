//! Statements that a duty keeps: out of the log, under the person's key, with a last day.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_xapi::StatementId;

use super::{ErasureError, ErasureId, Erasures, RecordClass, Until};
use crate::people::{IdentityId, PersonKeys, Vault};
use crate::ports::{
    AttachmentName, Change, Changes, Collection, EventKind, Expected, KeyRange, NewEvent, Records,
    StoreError, StoredStatement,
};
use crate::{Position, Space};

/// erasure, position → [`Held`].
const HELD: Collection = Collection("held");
/// space, digest, erasure, position → nothing: attachments of what is held.
const HELD_ATTACHMENT: Collection = Collection("held-attachment");
/// How many records are read or ended at a time.
const AT_A_TIME: usize = 100;

/// A statement that is held: readable by administrators and auditors only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The erasure that took it out of the log.
    pub erasure: ErasureId,
    /// Its place in the log, where a tombstone stands or nobody in the person's place.
    pub position: Position,
    /// Its id.
    pub statement: StatementId,
    /// The space it was written in.
    pub space: Space,
    /// The class of record; `None` where everything was restricted on request.
    pub class: Option<RecordClass>,
    /// Until when, and by which rule.
    pub until: Until,
    /// Under whose key it is.
    pub(super) person: IdentityId,
    /// The statement, sealed, in Base64.
    sealed: String,
    /// The digests of the attachments it describes.
    attachments: Vec<String>,
}

/// What is held, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldStatement {
    /// What is known of it while it is closed.
    pub held: Held,
    /// The statement as it was read before the erasure; `None` where its key is missing.
    pub text: Option<String>,
}

/// What is to be held of a statement.
pub(super) struct Holding<'a> {
    pub(super) erasure: ErasureId,
    pub(super) class: Option<RecordClass>,
    pub(super) until: Until,
    pub(super) person: IdentityId,
    pub(super) attachments: &'a [AttachmentName],
}

fn key(erasure: ErasureId, position: Position) -> Vec<u8> {
    [erasure.0.as_bytes().as_slice(), &position.0.to_be_bytes()].concat()
}

fn attachment_prefix(space: &Space, sha2: &str) -> Vec<u8> {
    format!("{space}\0{sha2}\0").into_bytes()
}

fn change(collection: Collection, key: Vec<u8>, value: Option<Vec<u8>>) -> Change {
    Change {
        collection,
        key,
        value,
        expected: Expected::Anything,
    }
}

/// Tells whether something that is held describes an attachment of this digest.
pub(crate) async fn is_held(
    records: &dyn Records,
    name: &AttachmentName,
) -> Result<bool, StoreError> {
    let range = KeyRange {
        prefix: attachment_prefix(&name.space, &name.sha2),
        after: None,
        limit: 1,
    };
    Ok(!records.range(HELD_ATTACHMENT, &range).await?.is_empty())
}

impl Erasures {
    /// Returns the changes that hold a statement.
    pub(super) fn hold(
        &self,
        keys: &PersonKeys,
        statement: &StoredStatement,
        holding: Holding<'_>,
    ) -> Result<Vec<Change>, StoreError> {
        let vault = self.registers.identities().vault();
        let sealed = vault.seal(keys, holding.person, statement.text().as_bytes());
        let sealed = sealed.ok_or_else(|| StoreError::failed("a person has no key"))?;
        let mut changes = Vec::new();
        for name in holding.attachments {
            let mut of = attachment_prefix(&name.space, &name.sha2);
            of.extend(key(holding.erasure, statement.position));
            changes.push(change(HELD_ATTACHMENT, of, Some(Vec::new())));
        }
        let names = holding.attachments.iter();
        let held = Held {
            erasure: holding.erasure,
            position: statement.position,
            statement: statement.id,
            space: statement.space.clone(),
            class: holding.class,
            until: holding.until,
            person: holding.person,
            sealed: STANDARD_NO_PAD.encode(sealed),
            attachments: names.map(|name| name.sha2.clone()).collect(),
        };
        let value = serde_json::to_vec(&held).map_err(StoreError::failed)?;
        let place = key(held.erasure, held.position);
        changes.push(change(HELD, place, Some(value)));
        Ok(changes)
    }

    /// Returns everything that is held, opened where the key is there, in the order of erasures.
    /// It is for administrators and auditors, and for whoever runs the server.
    pub async fn held(&self) -> Result<Vec<HeldStatement>, ErasureError> {
        let vault = self.registers.identities().vault();
        let mut opened = Vec::new();
        for held in self.all_held().await? {
            let keys = vault.keys_of([held.person].into()).await?;
            let sealed = STANDARD_NO_PAD.decode(&held.sealed).ok();
            let text = sealed.and_then(|sealed| keys.open(held.person, &sealed));
            let text = text.and_then(|text| String::from_utf8(text).ok());
            opened.push(HeldStatement { held, text });
        }
        Ok(opened)
    }

    /// Erases what no duty keeps any longer on a day, and returns how many statements those were.
    pub async fn end_duties(&self, today: Date) -> Result<usize, ErasureError> {
        let all = self.all_held().await?;
        let is_over = |held: &Held| held.until.day.is_some_and(|last| last < today);
        let (over, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_over);
        for some in over.chunks(AT_A_TIME) {
            let changes = some.iter().flat_map(release).collect();
            self.commit_ended(changes, some.len()).await?;
        }
        for held in &over {
            if kept.iter().all(|other| other.person != held.person) {
                let gone = vec![Vault::key_removal(held.person)];
                self.commit_ended(gone, 0).await?;
            }
        }
        if !over.is_empty() {
            self.scrub().await?;
        }
        Ok(over.len())
    }

    async fn commit_ended(&self, changes: Vec<Change>, ended: usize) -> Result<(), ErasureError> {
        let events = (ended > 0).then(|| NewEvent {
            kind: EventKind::Erasure,
            body: serde_json::json!({ "duties-ended": ended }).to_string(),
        });
        let changes = Changes {
            changes,
            events: events.into_iter().collect(),
            import: true,
        };
        let done = self.records.commit(changes).await;
        done.map_err(crate::ports::EraseError::from)?;
        Ok(())
    }

    pub(super) async fn all_held(&self) -> Result<Vec<Held>, StoreError> {
        let mut range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: AT_A_TIME,
        };
        let mut all = Vec::new();
        loop {
            let records = self.records.range(HELD, &range).await?;
            for record in &records {
                all.push(serde_json::from_slice(&record.value).map_err(StoreError::failed)?);
            }
            match records.into_iter().next_back() {
                Some(last) => range.after = Some(last.key),
                None => return Ok(all),
            }
        }
    }
}

fn release(held: &Held) -> Vec<Change> {
    let place = key(held.erasure, held.position);
    let mut changes: Vec<_> = held
        .attachments
        .iter()
        .map(|sha2| {
            let mut of = attachment_prefix(&held.space, sha2);
            of.extend(&place);
            change(HELD_ATTACHMENT, of, None)
        })
        .collect();
    changes.push(change(HELD, place, None));
    changes
}
