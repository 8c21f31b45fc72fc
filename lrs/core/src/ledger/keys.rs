//! Collections of the ledger and the form of their keys.
//!
//! Every key begins with the definition's hash, so a definition's ledger is one stretch. Text
//! parts end with a zero byte where something follows, so that no part runs into the next.

use varde_xapi::Stored;

use super::Group;
use crate::definitions::DefinitionHash;
use crate::ports::{Collection, Position};
use crate::registers::NaturalKey;

/// hash, stage, group, entry key, known-from → [`super::LedgerRow`].
pub(crate) const ENTRY: Collection = Collection("ledger-entry");
/// hash, position, number → the fact and the groups it is in.
pub(crate) const FACT: Collection = Collection("ledger-fact");
/// hash, stage, group, position, number → the fact.
pub(crate) const MEMBER: Collection = Collection("ledger-member");
/// hash, natural key, `f` position number or `g` stage group → nothing: who asked for the key.
pub(crate) const ASKED: Collection = Collection("ledger-asked");
/// hash, stage, group → the natural keys it asked for.
pub(crate) const GROUP: Collection = Collection("ledger-group");
/// hash, stage, group → nothing: to be settled for the event under way.
pub(crate) const DIRTY: Collection = Collection("ledger-dirty");
/// hash, space, target → the position of the first statement that voids it.
pub(crate) const VOIDED: Collection = Collection("ledger-voided");
/// hash → [`super::Progress`].
pub(crate) const PROGRESS: Collection = Collection("ledger-progress");

/// Builds a key from its parts.
#[derive(Debug, Clone)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn of(hash: DefinitionHash) -> Self {
        Self(hash.0.to_vec())
    }

    pub(crate) fn position(mut self, position: Position) -> Self {
        self.0.extend(position.0.to_be_bytes());
        self
    }

    pub(crate) fn number(mut self, number: u32) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub(crate) fn natural(mut self, key: NaturalKey) -> Self {
        self.0.extend(key.0);
        self
    }

    pub(crate) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.extend(text.as_bytes());
        self.0.push(0);
        self
    }

    pub(crate) fn group(self, group: &Group) -> Self {
        self.byte(group.stage).text(&group.key)
    }

    pub(crate) fn stored(mut self, stored: Stored) -> Self {
        // Instants before 1970 never occur: the log's clock starts later.
        self.0.extend(stored.0.to_be_bytes());
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The beginning shared by all entries of groups whose key begins with a text.
pub(crate) fn entries_of_prefix(hash: DefinitionHash, stage: u8, prefix: &str) -> Vec<u8> {
    let mut key = Key::of(hash).byte(stage).bytes();
    key.extend(prefix.as_bytes());
    key
}
