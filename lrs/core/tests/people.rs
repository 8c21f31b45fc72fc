//! Random ids in place of names, and what can be read with and without the key.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use varde_core::memory::MemoryStore;
use varde_core::people::{
    Identities, IdentityId, IdentityKind, IdentityName, KekError, KeyEncryptionKey, KeySource,
    KeyUnread, Vault, VaultError,
};
use varde_core::ports::{Change, Changes, CommitError, Records};
use varde_core::{Entropy, StoreError};
use varde_test_support::{SeededEntropy, TestClock};

/// A place for a key that a test fills and empties.
#[derive(Debug, Default)]
struct Place(Mutex<Option<String>>);

impl Place {
    fn with(seed: u64) -> Arc<Self> {
        let place = Self::default();
        place.put(Some(seed));
        Arc::new(place)
    }

    fn put(&self, seed: Option<u64>) {
        *self.0.lock().unwrap() = seed.map(|seed| key(seed).text());
    }
}

impl KeySource for Place {
    fn read(&self) -> Result<Option<KeyEncryptionKey>, KeyUnread> {
        let text = self.0.lock().unwrap();
        let read = text.as_ref().map(|text| text.parse()).transpose();
        read.map_err(|error: KekError| KeyUnread(error.to_string()))
    }
}

fn key(seed: u64) -> KeyEncryptionKey {
    KeyEncryptionKey::generate(&SeededEntropy::new(seed))
}

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new(Arc::new(TestClock::default())))
}

async fn open(store: &Arc<MemoryStore>, place: &Arc<Place>) -> Result<Vault, VaultError> {
    let entropy = Arc::new(SeededEntropy::new(11)) as Arc<dyn Entropy>;
    Vault::open(store.clone(), entropy, place.clone()).await
}

async fn identities(store: &Arc<MemoryStore>, place: &Arc<Place>) -> Identities {
    Identities::new(Arc::new(open(store, place).await.unwrap()))
}

async fn commit(store: &MemoryStore, changes: Vec<Change>) -> Result<(), CommitError> {
    let changes = Changes {
        changes,
        ..Changes::default()
    };
    store.commit(changes).await.map(|_| ())
}

fn names(texts: &[&str]) -> BTreeSet<IdentityName> {
    let name = |text: &&str| IdentityName::of(IdentityKind::Agent, *text);
    texts.iter().map(name).collect()
}

#[test]
fn a_printed_key_is_read_again_and_a_mistyped_digit_is_noticed() {
    let text = key(1).text();
    let read: KeyEncryptionKey = format!("  {}\n", text.to_uppercase()).parse().unwrap();
    assert_eq!(read.text(), text);
    assert_eq!(read.fingerprint(), key(1).fingerprint());
    assert_ne!(read.fingerprint(), key(2).fingerprint());
    for place in "varde-kek-1:".len()..text.len() {
        let mut typed: Vec<char> = text.chars().collect();
        typed[place] = if typed[place] == '7' { '3' } else { '7' };
        let typed: String = typed.into_iter().collect();
        let error = typed.parse::<KeyEncryptionKey>().unwrap_err();
        assert!(
            !error.to_string().contains(&typed[20..30]),
            "it is not quoted"
        );
    }
    for text in [
        "",
        "varde-kek-1",
        "varde-kek-2:00:00",
        &text[..40],
        &format!("{text}:"),
    ] {
        assert_eq!(
            text.parse::<KeyEncryptionKey>().unwrap_err(),
            KekError::Form
        );
    }
}

#[tokio::test]
async fn a_name_keeps_its_id_and_the_store_keeps_no_name() {
    let (store, place) = (store(), Place::with(1));
    let people = identities(&store, &place).await;
    let asked = names(&["mbox:mailto:a@example.org", "mbox:mailto:b@example.org"]);
    let first = people.resolve(asked.clone()).await.unwrap();
    assert_eq!((first.ids.len(), first.new.len()), (2, 2));
    for change in &first.new {
        let text = String::from_utf8_lossy(&change.key).into_owned();
        assert!(!text.contains("example"), "{text}");
    }
    // Not committed, so not known.
    for name in &asked {
        assert_eq!(people.find(name).await.unwrap(), None);
    }
    commit(&store, first.new.clone()).await.unwrap();
    let again = people.resolve(asked.clone()).await.unwrap();
    assert_eq!((&again.ids, again.new.len()), (&first.ids, 0));
    // Another process, and from the cache.
    let other = identities(&store, &place).await;
    for name in asked.iter().chain(&asked) {
        assert_eq!(other.find(name).await.unwrap(), Some(first.ids[name]));
    }
}

#[tokio::test]
async fn the_kind_is_part_of_the_name() {
    let (store, place) = (store(), Place::with(1));
    let people = identities(&store, &place).await;
    let kinds = [
        IdentityKind::Agent,
        IdentityKind::Pseudonym,
        IdentityKind::SoleTrader,
    ];
    let same: BTreeSet<_> = kinds
        .into_iter()
        .map(|kind| IdentityName::of(kind, "p-001"))
        .collect();
    let resolved = people.resolve(same).await.unwrap();
    let ids: BTreeSet<_> = resolved.ids.values().collect();
    assert_eq!(ids.len(), kinds.len());
}

#[tokio::test]
async fn of_two_who_name_the_same_person_first_one_is_told_to_ask_again() {
    let (store, place) = (store(), Place::with(1));
    let people = identities(&store, &place).await;
    let one = people.resolve(names(&["openid:x"])).await.unwrap();
    let other = people.resolve(names(&["openid:x"])).await.unwrap();
    commit(&store, one.new).await.unwrap();
    let refused = commit(&store, other.new).await.unwrap_err();
    assert!(matches!(refused, CommitError::Conflict { .. }));
    let again = people.resolve(names(&["openid:x"])).await.unwrap();
    assert_eq!(again.ids, one.ids);
}

#[tokio::test]
async fn another_key_than_the_stores_own_is_refused_with_both_fingerprints() {
    let store = store();
    assert!(!Vault::is_founded(&*store).await.unwrap());
    open(&store, &Place::with(1)).await.unwrap();
    assert!(Vault::is_founded(&*store).await.unwrap());
    open(&store, &Place::with(1)).await.unwrap();
    let sentence = open(&store, &Place::with(2)).await.unwrap_err().to_string();
    for key in [key(1), key(2)] {
        assert!(
            sentence.contains(&key.fingerprint().to_string()),
            "{sentence}"
        );
        assert!(!sentence.contains(&key.text()), "{sentence}");
    }
}

#[tokio::test]
async fn a_store_without_its_key_is_sealed_until_the_right_one_is_back() {
    let (store, place) = (store(), Place::with(1));
    let asked = names(&["openid:x"]);
    let resolved = identities(&store, &place)
        .await
        .resolve(asked.clone())
        .await
        .unwrap();
    commit(&store, resolved.new).await.unwrap();

    place.put(None);
    let people = identities(&store, &place).await;
    assert!(people.vault().is_sealed());
    let sealed = people.resolve(asked.clone()).await.unwrap_err();
    assert!(matches!(sealed, StoreError::Sealed), "{sealed}");
    place.put(Some(2));
    assert!(people.vault().is_sealed(), "another key does not open it");
    place.put(Some(1));
    assert!(!people.vault().is_sealed());
    assert_eq!(people.resolve(asked).await.unwrap().ids, resolved.ids);
    place.put(None);
    assert!(!people.vault().is_sealed(), "what is open stays open");
}

proptest! {
    #[test]
    fn what_is_sealed_is_read_with_the_persons_key_alone(
        text in prop::collection::vec(any::<u8>(), 0..200),
        flip in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (store, place) = (store(), Place::with(1));
            let vault = open(&store, &place).await.unwrap();
            let (anna, other) = (IdentityId([1; 16]), IdentityId([2; 16]));
            let both = BTreeSet::from([anna, other]);
            let mut keys = vault.keys_of(both.clone()).await.unwrap();
            assert_eq!(vault.seal(&keys, anna, &text), None, "there is no key yet");
            let new = vault.complete(&mut keys, both.clone()).unwrap();
            commit(&store, new).await.unwrap();
            let sealed = vault.seal(&keys, anna, &text).unwrap();
            assert_ne!(&sealed, &vault.seal(&keys, anna, &text).unwrap(), "no two look alike");

            let kept = open(&store, &place).await.unwrap().keys_of(both.clone()).await.unwrap();
            assert_eq!(kept.open(anna, &sealed).as_deref(), Some(&text[..]));
            assert_eq!(kept.open(other, &sealed), None);
            let mut altered = sealed.clone();
            altered[flip.index(sealed.len())] ^= 1;
            assert_eq!(kept.open(anna, &altered), None);
            let none = vault.keys_of(BTreeSet::from([other])).await.unwrap();
            assert_eq!(none.open(anna, &sealed), None);
        });
    }
}
