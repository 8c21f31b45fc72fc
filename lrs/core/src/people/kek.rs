//! The key-encryption key: one text that a person can print and put away.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::secret::{KEY_BYTES, SecretKey};
use crate::Entropy;

/// What the text of a key begins with.
const FORM: &str = "varde-kek-1";
/// How many hex digits at the end of the text tell a mistyped one.
const CHECK_DIGITS: usize = 8;

/// The one key of a store that is kept outside of it. Everything that is known of persons can be
/// read with it and not without it.
#[derive(Debug)]
pub struct KeyEncryptionKey(pub(super) SecretKey);

/// Why a text is no key. It never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KekError {
    /// Not of the form of a key.
    #[error(
        "found another form than a key-encryption key's; expected `{FORM}:`, 64 hex digits, `:` and 8 hex digits"
    )]
    Form,
    /// The last eight digits do not fit the others.
    #[error(
        "found a key-encryption key whose last 8 digits do not fit the others; look for a mistyped digit"
    )]
    Check,
}

/// Tells keys apart and tells nothing else of them. Printed as 16 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeyEncryptionKey {
    /// Makes a new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(SecretKey::random(entropy))
    }

    /// Returns the key as the text that [`FromStr`] reads: the secret itself.
    pub fn text(&self) -> String {
        let key = hex(self.0.expose());
        let check = check_digits(&key);
        format!("{FORM}:{key}:{check}")
    }

    /// Returns what tells this key from others.
    pub fn fingerprint(&self) -> Fingerprint {
        let mac = self.0.derive("varde fingerprint").mac(&[]);
        Fingerprint(hex(mac.get(..8).unwrap_or_default()))
    }
}

impl FromStr for KeyEncryptionKey {
    type Err = KekError;

    /// Reads a key as [`KeyEncryptionKey::text`] writes it, with white space around it or none.
    fn from_str(text: &str) -> Result<Self, KekError> {
        let text = text.trim().to_ascii_lowercase();
        let mut parts = text.split(':');
        let (Some(FORM), Some(key), Some(check), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(KekError::Form);
        };
        let bytes = unhex(key).ok_or(KekError::Form)?;
        let secret = SecretKey::of(&bytes).ok_or(KekError::Form)?;
        if check == check_digits(key) {
            Ok(Self(secret))
        } else {
            Err(KekError::Check)
        }
    }
}

fn check_digits(key: &str) -> String {
    let digest = Sha256::digest(format!("{FORM}:{key}").as_bytes());
    hex(digest.get(..CHECK_DIGITS / 2).unwrap_or_default())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() == 2 * KEY_BYTES)?;
    let bytes = digits.chunks(2);
    Some(
        bytes
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    )
}
