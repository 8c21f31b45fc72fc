//! Statements that a duty keeps: out of the log, under the person's key, with a last day.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use varde_xapi::{Assigned, Statement, StatementId, Stored};

use super::{ErasureError, ErasureId, Erasures, RecordClass, Until};
use crate::audit::Told;
use crate::people::{IdentityId, PersonKeys, Vault};
use crate::ports::{
    AttachmentName, Change, ChangedStatement, Changes, Collection, EventKind, Expected, KeyRange,
    NewEvent, Records, StoreError, StoredStatement, TermKey,
};
use crate::registers::PersonId;
use crate::statements::index_terms;
use crate::{Caller, KeyId, Need, Position, Space};

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

/// What is sealed of a statement: all that its place in the log does not tell.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    stored: Stored,
    pub(super) id_text: Option<String>,
    pub(super) key: KeyId,
    authority: String,
    pub(super) version: String,
    pub(super) timestamp: Option<jiff::Timestamp>,
    pub(super) equality: [u8; 32],
    pub(super) body: String,
    /// The digest of what its place in the log says instead.
    left: [u8; 32],
}

impl Kept {
    fn of(statement: &StoredStatement, left: &str) -> Self {
        Self {
            stored: statement.stored,
            id_text: statement.id_text.clone(),
            key: statement.key,
            authority: statement.authority.to_string(),
            version: statement.version.clone(),
            timestamp: statement.timestamp,
            equality: statement.equality,
            body: statement.body.clone(),
            left: Sha256::digest(left.as_bytes()).into(),
        }
    }

    /// Tells whether the statement's place in the log still says what it was left with.
    pub(super) fn was_left_as(&self, now: &str) -> bool {
        <[u8; 32]>::from(Sha256::digest(now.as_bytes())) == self.left
    }

    /// Returns the statement as readers saw it.
    pub(super) fn text(&self, held: &Held) -> String {
        let id = held.statement.to_string();
        varde_xapi::splice(
            &self.body,
            &Assigned {
                id: self.id_text.as_deref().unwrap_or(&id),
                stored: self.stored,
                authority: &self.authority,
                version: &self.version,
                timestamp_absent: self.timestamp.is_none(),
            },
        )
    }

    /// Returns what the statement said, and what it was found by.
    pub(super) fn says(&self, held: &Held, statement: &Statement) -> ChangedStatement {
        let space = &held.space;
        ChangedStatement {
            body: self.body.clone(),
            authority: self.authority.as_str().into(),
            terms: index_terms(statement, space),
            scope: vec![
                TermKey::space(space),
                TermKey::authority(space, &self.authority),
            ],
        }
    }
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
    /// What stands in the log instead: facts, or the text without the person.
    pub(super) left: &'a str,
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
        let kept = serde_json::to_vec(&Kept::of(statement, holding.left));
        let kept = kept.map_err(StoreError::failed)?;
        let sealed = vault.seal(keys, holding.person, &kept);
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
    /// It is for administrators and auditors, and the audit log says who read it.
    pub async fn held(&self, caller: &Caller) -> Result<Vec<HeldStatement>, ErasureError> {
        caller.may(Need::ReadHeld)?;
        let all = self.all_held().await?;
        let told = Told {
            persons: persons_of(&all),
            ..Told::new("people held", &[], all.len())
        };
        self.note(caller, &told).await?;
        let vault = self.registers.identities().vault();
        let mut opened = Vec::new();
        for held in all {
            let keys = vault.all_keys_of([held.person].into()).await?;
            let text = held.opened(&keys)?.map(|kept| kept.text(&held));
            opened.push(HeldStatement { held, text });
        }
        Ok(opened)
    }

    /// Erases what no duty keeps any longer on a day, and returns how many statements those were.
    pub async fn end_duties(&self, today: Date) -> Result<usize, ErasureError> {
        let is_over = |held: &Held| held.until.day.is_some_and(|last| last < today);
        let all = self.all_held().await?;
        let (over, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_over);
        let ended = self.end_restrictions(today).await?;
        for some in over.chunks(AT_A_TIME) {
            let changes = some.iter().flat_map(release).collect();
            self.commit_ended(changes, some.len()).await?;
        }
        // What was held on request is no sign that the person was erased.
        for held in over.iter().filter(|held| held.class.is_some()) {
            if kept.iter().all(|other| other.person != held.person) {
                let gone = Vault::key_removal(held.person);
                self.commit_ended(gone.into(), 0).await?;
            }
        }
        if ended > 0 || !over.is_empty() {
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

impl Held {
    /// Opens what is held; `None` where the key is missing.
    pub(super) fn opened(&self, keys: &PersonKeys) -> Result<Option<Kept>, StoreError> {
        let sealed = STANDARD_NO_PAD.decode(&self.sealed);
        let sealed = sealed.map_err(StoreError::failed)?;
        let text = keys.open(self.person, &sealed);
        let kept = text.map(|text| serde_json::from_slice(&text));
        kept.transpose().map_err(StoreError::failed)
    }
}

fn persons_of(held: &[Held]) -> Vec<PersonId> {
    let persons: BTreeSet<IdentityId> = held.iter().map(|held| held.person).collect();
    persons.into_iter().map(PersonId::registered).collect()
}

/// Returns what lets go of something that is held.
pub(super) fn release(held: &Held) -> Vec<Change> {
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
