//! Collections of the ledger and the form of their keys.
//!
//! Every key begins with the ledger's id, so a ledger is one stretch of each collection. Text
//! parts end with a zero byte where something follows, so that no part runs into the next; a long
//! text is cut and its hash put behind it, so that every key fits the store's bound.

use std::collections::HashSet;

use sha2::{Digest, Sha256};
use varde_xapi::{StatementId, Stored};

use super::Group;
use crate::definitions::DefinitionHash;
use crate::ports::{Collection, KeyRange, Position};
use crate::registers::NaturalKey;
use crate::space::Space;

/// stage, group, entry key → what holds now, as [`super::entry::Current`] has it.
pub(crate) const ENTRY: Collection = Collection("ledger-entry");
/// stage, group, entry key, known-to → [`super::entry::Row`] that holds no longer.
pub(crate) const ENDED: Collection = Collection("ledger-ended");
/// stage, group, position, number → the fact, which is in this group.
pub(crate) const FACT: Collection = Collection("ledger-fact");
/// natural key, stage, group → the group's key where it is long: which groups, by themselves or
/// by one of their facts, asked for the natural key.
pub(crate) const ASKED: Collection = Collection("ledger-asked");
/// stage, group → natural keys that it asked for, not always all: groups that are there.
pub(crate) const GROUP: Collection = Collection("ledger-group");
/// stage, group → the group: to be settled for the event under way.
pub(crate) const DIRTY: Collection = Collection("ledger-dirty");
/// space, statement → both: voided before it arrived.
pub(crate) const VOIDED: Collection = Collection("ledger-voided");
/// nothing further → [`super::Progress`].
pub(crate) const PROGRESS: Collection = Collection("ledger-progress");

/// The collections that ledgers are in.
pub(crate) const OF_LEDGER: [Collection; 8] =
    [ENTRY, ENDED, FACT, ASKED, GROUP, DIRTY, VOIDED, PROGRESS];

/// Tells whether a collection is part of ledgers.
pub(crate) fn is_of_ledger(collection: Collection) -> bool {
    OF_LEDGER.contains(&collection)
}

/// The most bytes of a text that stand in a key as they are.
const TEXT_MAX: usize = 160;
/// How many bytes of a longer text stand before its hash.
const TEXT_CUT: usize = 120;
/// How many bytes a ledger's id has, and a natural key.
const ID_BYTES: usize = 16;

/// How ledgers lie in the store. A ledger of another layout is none: it is built again from the log.
const LAYOUT: u8 = 2;

/// Names one generation of one definition's ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LedgerId([u8; ID_BYTES]);

impl LedgerId {
    pub(crate) fn of(hash: DefinitionHash, generation: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(hash.0)
            .chain_update(generation.to_be_bytes())
            .chain_update([LAYOUT])
            .finalize();
        let mut id = [0; ID_BYTES];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(id)
    }

    /// Tells whether a key is of this ledger.
    pub(crate) fn begins(self, key: &[u8]) -> bool {
        key.starts_with(&self.0)
    }
}

/// Builds a key from its parts.
#[derive(Debug, Clone)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn of(ledger: LedgerId) -> Self {
        Self(ledger.0.to_vec())
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
        let bytes = text.as_bytes();
        if is_short(text) {
            self.0.extend(bytes);
        } else {
            self.0.extend(bytes.iter().take(TEXT_CUT));
            // No text holds this byte, so no short one looks like a cut one.
            self.0.push(u8::MAX);
            self.0.extend(Sha256::digest(bytes));
        }
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

    pub(crate) fn statement(mut self, space: &Space, id: StatementId) -> Self {
        self = self.text(&space.to_string());
        self.0.extend(id.0.as_bytes());
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

fn is_short(text: &str) -> bool {
    text.len() <= TEXT_MAX
}

/// Tells whether a text can be read from a key that it is in.
pub(crate) fn is_whole(text: &str) -> bool {
    is_short(text) && !text.contains('\0')
}

/// Reads the group from an entry's key; `None` where it does not stand there whole.
pub(crate) fn group_of(entry: &[u8]) -> Option<Group> {
    let (stage, rest) = entry.get(ID_BYTES..)?.split_first()?;
    Some(Group {
        stage: *stage,
        key: first_text(rest)?,
    })
}

/// Reads an entry's own key from its record's, behind the group that it is of; `None` where it does not
/// stand there whole.
pub(crate) fn entry_of(entry: &[u8], group: &Group) -> Option<String> {
    let before = Key(Vec::new()).group(group).bytes().len();
    first_text(entry.get(ID_BYTES + before..)?)
}

fn first_text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    String::from_utf8(bytes.get(..end)?.to_vec()).ok()
}

/// Returns the beginning shared by all entries of groups whose key begins with a text; others may
/// share it too where the text is long.
pub(crate) fn entries_of_prefix(ledger: LedgerId, stage: u8, prefix: &str) -> Vec<u8> {
    let mut key = Key::of(ledger).byte(stage).bytes();
    key.extend(prefix.bytes().take(TEXT_CUT));
    key
}

/// Returns the range of the first row of an entry, by its key, that ended after an instant.
pub(crate) fn ended_after(entry: Vec<u8>, instant: Stored) -> KeyRange {
    KeyRange {
        after: Some(Key(entry.clone()).stored(instant).bytes()),
        prefix: entry,
        limit: 1,
    }
}

/// Cuts the instant off an ended row's key, which leaves the entry's.
pub(crate) fn cut_instant(key: &mut Vec<u8>) {
    key.truncate(key.len().saturating_sub(size_of::<Stored>()));
}

/// Returns what stands beside an asker's key: the group's own key where that was cut.
pub(crate) fn asker_value(group: &Group) -> Vec<u8> {
    let long = (!is_short(&group.key)).then(|| group.key.clone().into_bytes());
    long.unwrap_or_default()
}

/// Reads the group that asked; `None` where the record is none of ours.
pub(crate) fn asker(key: &[u8], value: &[u8]) -> Option<Group> {
    let (stage, text) = key.get(2 * ID_BYTES..)?.split_first()?;
    let (_, text) = text.split_last()?;
    let text = if value.is_empty() { text } else { value };
    Some(Group {
        stage: *stage,
        key: String::from_utf8(text.to_vec()).ok()?,
    })
}

/// Returns what stands with a group: some of the natural keys under which the index has it.
pub(crate) fn asked_value(asked: &HashSet<NaturalKey>) -> Vec<u8> {
    asked.iter().flat_map(|key| key.0).collect()
}

/// Reads what stands with a group.
pub(crate) fn asked_of(value: &[u8]) -> impl Iterator<Item = NaturalKey> {
    value.as_chunks().0.iter().map(|key| NaturalKey(*key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::KEY_BYTES_MAX;

    fn asked(key: &str) -> Group {
        let ledger = LedgerId::of(DefinitionHash([7; 32]), 0);
        let group = Group {
            stage: 2,
            key: key.to_owned(),
        };
        let natural = NaturalKey([9; 16]);
        let record = Key::of(ledger).natural(natural).group(&group).bytes();
        asker(&record, &asker_value(&group)).expect("a group")
    }

    #[test]
    fn an_asker_is_read_back_whatever_its_length() {
        for key in ["", "joint|https://example.org/å", &"x".repeat(3_000)] {
            assert_eq!(asked(key).key, key);
        }
    }

    #[test]
    fn the_longest_texts_fit_the_stores_bound_and_stay_apart() {
        let ledger = LedgerId::of(DefinitionHash([7; 32]), 0);
        let key = |text: &str| {
            let group = Group {
                stage: 2,
                key: text.to_owned(),
            };
            Key::of(ledger)
                .group(&group)
                .text(text)
                .stored(Stored(1))
                .bytes()
        };
        let (one, other) = ("y".repeat(3_000), "y".repeat(3_001));
        assert!(key(&one).len() <= KEY_BYTES_MAX);
        assert_ne!(key(&one), key(&other));
        let prefix = entries_of_prefix(ledger, 2, &one);
        assert!(key(&one).starts_with(&prefix) && key(&other).starts_with(&prefix));
    }
}
