use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use varde_core::Entropy;
use varde_core::people::{
    Acquainted, Identities, IdentityId, IdentityName, KekError, KeyEncryptionKey, KeySource,
    KeyUnread, Vault,
};
use varde_core::ports::{Records, StatementLog};
use varde_core::registers::RegisterBook;
use varde_xapi::Ifi;

use crate::SeededEntropy;

/// A place that always has the same key-encryption key, given by its text.
#[derive(Debug, Clone)]
pub struct TestKey(pub String);

impl Default for TestKey {
    fn default() -> Self {
        Self(KeyEncryptionKey::generate(&SeededEntropy::new(1)).text())
    }
}

impl KeySource for TestKey {
    fn read(&self) -> Result<Option<KeyEncryptionKey>, KeyUnread> {
        let key = self.0.parse();
        key.map(Some)
            .map_err(|error: KekError| KeyUnread(error.to_string()))
    }
}

/// Opens the identities of a store with a key.
///
/// # Panics
/// When the store was founded with another key.
pub async fn identities(records: Arc<dyn Records>, key: TestKey) -> Arc<Identities> {
    // No two draw the same ids.
    static SEED: AtomicU64 = AtomicU64::new(1_000);
    let seed = SEED.fetch_add(1, Ordering::Relaxed);
    let entropy = Arc::new(SeededEntropy::new(seed)) as Arc<dyn Entropy>;
    let vault = Vault::open(records, entropy, Arc::new(key)).await;
    let vault = vault.expect("the store has this key");
    Arc::new(Identities::new(Arc::new(vault)))
}

/// Opens the registers of a store with the key of tests.
pub async fn registers(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) -> Arc<RegisterBook> {
    let identities = identities(Arc::clone(&records), TestKey::default()).await;
    Arc::new(RegisterBook::new(log, records, identities))
}

/// Returns an id for an identifier where no store gives one: always the same.
pub fn identity(ifi: &Ifi) -> IdentityId {
    let mut hasher = DefaultHasher::new();
    ifi.hash(&mut hasher);
    let bits = u128::from(hasher.finish()) | 1 << 127;
    IdentityId(bits.to_be_bytes())
}

/// Knows the [`identity`] of each of the agents.
pub fn acquainted_with<'a>(agents: impl IntoIterator<Item = &'a Ifi>) -> Acquainted {
    let id = |ifi: &'a Ifi| (IdentityName::agent(ifi), identity(ifi));
    Acquainted::with(agents.into_iter().map(id).collect::<HashMap<_, _>>())
}
