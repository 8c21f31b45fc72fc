//! What was begun before and cut short.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::{Work, put};
use crate::erasures::{ErasureError, Manner};
use crate::people::IdentityId;
use crate::ports::{Change, Collection, Happened, KeyRange, StoreError};
use crate::{Position, Space};

/// erasure, digest of space and activity → both: of what activities statements spoke that went, for
/// as long as the erasure is under way.
const TOUCHED: Collection = Collection("erasure-activity");
/// How many activities are read at a time.
const AT_A_TIME: usize = 500;

impl Work<'_> {
    /// Returns the person under whose key things are held: the same one, however often this is done.
    pub(super) async fn holder_of(&self) -> Result<Option<IdentityId>, StoreError> {
        let begun = self.erasures.restriction(self.receipt.erasure).await?;
        if let Some(holder) = begun.and_then(|begun| begun.holder) {
            return Ok(Some(holder));
        }
        let mut ids: BTreeSet<IdentityId> = self.ids.values().copied().collect();
        for keyed in &self.named.keyed {
            ids.extend(
                self.erasures
                    .registers
                    .identities()
                    .find_keyed(keyed)
                    .await?,
            );
        }
        let any = ids.first();
        Ok(self.named.persons.first().or(any).copied())
    }

    /// Takes up what is held already, so that it is told of and unlearned with the rest.
    pub(super) async fn take_up(&mut self) -> Result<(), ErasureError> {
        if self.named.keyed.is_empty() {
            return Ok(());
        }
        let (erasures, erasure) = (self.erasures, self.receipt.erasure);
        let is_on_record = erasures.restriction(erasure).await?.is_some();
        self.is_closed = is_on_record && matches!(self.manner, Manner::Restrict(_));
        self.receipt.documents = erasures.documents_held_by(erasure).await?.len();
        let vault = erasures.registers.identities().vault();
        for held in erasures.all_held().await? {
            if held.erasure != erasure {
                continue;
            }
            self.note_restricted(held.class, &held.until);
            let place = (held.position, held.statement);
            let before = Position(held.position.0.saturating_sub(1));
            let now = erasures.log.follow(before, 1).await?.pop();
            if !matches!(now.map(|event| event.what), Some(Happened::Erased(_))) {
                self.receipt.mentions.push(place);
                continue;
            }
            self.receipt.statements.push(place);
            let keys = vault.all_keys_of([held.person].into()).await?;
            if let Some(kept) = held.opened(&keys)? {
                self.note_definitions(&held.space, &kept.body);
            }
        }
        Ok(())
    }

    /// Returns what notes the activities of which a statement says something, in the act in which it
    /// goes.
    pub(super) fn touched(&self, space: &Space, body: &str) -> Result<Vec<Change>, StoreError> {
        let mentions = varde_xapi::mentions(body).into_iter();
        let notes = mentions.map(|mention| {
            let activity = (space.to_string(), mention.activity);
            let value = serde_json::to_vec(&activity).map_err(StoreError::failed)?;
            let erasure = self.receipt.erasure.0;
            let key = [erasure.as_bytes().as_slice(), &Sha256::digest(&value)].concat();
            Ok(put(TOUCHED, key, Some(value)))
        });
        notes.collect()
    }

    /// Learns anew what activities are, and returns what removes the notes of them. What was said of
    /// those by statements that went before this was cut short is not known any more: they are
    /// learned anew in any case.
    pub(super) async fn unlearn(&mut self) -> Result<Vec<Change>, ErasureError> {
        let activities = &self.erasures.activities;
        let (mut before, mut removals) = (BTreeSet::new(), Vec::new());
        let mut range = KeyRange {
            prefix: self.receipt.erasure.0.as_bytes().to_vec(),
            after: None,
            limit: AT_A_TIME,
        };
        loop {
            let notes = self.erasures.records.range(TOUCHED, &range).await?;
            let Some(last) = notes.last() else { break };
            range.after = Some(last.key.clone());
            for note in notes {
                let (space, activity): (String, String) =
                    serde_json::from_slice(&note.value).map_err(StoreError::failed)?;
                let activity = (space.parse().map_err(StoreError::failed)?, activity);
                if !self.definitions.contains_key(&activity) {
                    before.insert(activity);
                }
                removals.push(put(TOUCHED, note.key, None));
            }
        }
        activities.relearn(&before).await?;
        self.receipt.definitions = before.len() + activities.unlearn(&self.definitions).await?;
        Ok(removals)
    }
}
