//! People: random ids in place of identifiers, and the keys that personal values are kept under.
//!
//! Ledgers, facts and indexes hold only random ids. [`Identities`] knows which id an identifier, a
//! pseudonym or a sole trader's number has, found by a keyed hash; it keeps none of these texts.
//! What the registers say of a person is encrypted under that person's own key ([`PersonKeys`]),
//! which the [`Vault`] wraps with the store's [`KeyEncryptionKey`]. That key is kept outside the
//! store ([`KeySource`]); while it is missing the store is *sealed*: whatever needs it fails with
//! [`crate::StoreError::Sealed`], and goes on once the key is back.

mod acquainted;
mod identities;
mod identity;
mod kek;
mod person_keys;
mod pseudonyms;
mod secret;
mod vault;

pub use acquainted::Acquainted;
pub(crate) use identities::IDENTITY;
pub use identities::{Identities, Resolved};
pub use identity::{IdentityId, IdentityIdError, IdentityKind, IdentityName};
pub use kek::{Fingerprint, KekError, KeyEncryptionKey};
pub use person_keys::PersonKeys;
pub use pseudonyms::Pseudonyms;
pub use vault::{KeySource, KeyUnread, Vault, VaultError};
