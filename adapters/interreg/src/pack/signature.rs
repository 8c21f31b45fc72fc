//! Ed25519 keys and signatures (RFC 8032), in the forms that OpenSSL reads: private keys as PKCS #8,
//! public keys as `SubjectPublicKeyInfo` (RFC 8410), both as PEM; signatures as 64 bytes.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_core::Entropy;

use crate::reports::sha256;

/// How many bytes a key has, private or public.
const KEY_BYTES: usize = 32;
/// What stands before a public key in its `SubjectPublicKeyInfo` (RFC 8410, 4).
const PUBLIC_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// What stands before a private key in its PKCS #8 (RFC 8410, 7).
const PRIVATE_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const PUBLIC: &str = "PUBLIC KEY";
const PRIVATE: &str = "PRIVATE KEY";
/// How many characters a line of PEM has (RFC 7468, 2).
const PEM_LINE: usize = 64;

/// A text that is no key. It never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyTextError {
    /// No public key.
    #[error(
        "found no Ed25519 public key; expected PEM that begins with -----BEGIN PUBLIC KEY-----"
    )]
    Public,
    /// No private key.
    #[error(
        "found no Ed25519 private key; expected PEM that begins with -----BEGIN PRIVATE KEY-----"
    )]
    Private,
    /// No fingerprint.
    #[error("found no fingerprint; expected 64 hex digits")]
    Fingerprint,
}

/// The fingerprint of a public key: SHA-256 of its `SubjectPublicKeyInfo`, as 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(String);

/// The key that signatures are checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

/// The key that signs. It is in no file of a pack and no record.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Makes a new key and returns it as PEM, the only form in which it is ever kept.
    pub fn generate(entropy: &dyn Entropy) -> String {
        let mut seed = [0; KEY_BYTES];
        entropy.fill(&mut seed);
        pem(PRIVATE, &[&PRIVATE_HEAD[..], &seed].concat())
    }

    /// Returns the key that signatures of this one are checked with.
    pub fn public(&self) -> PublicKey {
        let mut key = [0; KEY_BYTES];
        // The library's keys of this kind have just so many bytes.
        let own = self.0.public_key().as_ref().iter();
        key.iter_mut().zip(own).for_each(|(to, from)| *to = *from);
        PublicKey(key)
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public()).finish()
    }
}

impl FromStr for SigningKey {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        let der = from_pem(PRIVATE, text).ok_or(KeyTextError::Private)?;
        let seed = der
            .strip_prefix(&PRIVATE_HEAD)
            .ok_or(KeyTextError::Private)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        pair.map(Self).map_err(|_| KeyTextError::Private)
    }
}

impl PublicKey {
    /// Returns it as PEM.
    pub fn pem(&self) -> String {
        pem(PUBLIC, &self.der())
    }

    /// Returns its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(sha256(&self.der()))
    }

    /// Tells whether a signature of a message is this key's.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.0);
        key.verify(message, signature).is_ok()
    }

    fn der(&self) -> Vec<u8> {
        [&PUBLIC_HEAD[..], &self.0].concat()
    }
}

impl FromStr for PublicKey {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        let der = from_pem(PUBLIC, text).ok_or(KeyTextError::Public)?;
        let key = der.strip_prefix(&PUBLIC_HEAD).ok_or(KeyTextError::Public)?;
        key.try_into().map(Self).map_err(|_| KeyTextError::Public)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        let text = text.trim();
        let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(KeyTextError::Fingerprint)
        }
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = KeyTextError;

    fn try_from(text: String) -> Result<Self, KeyTextError> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(PEM_LINE);
    let lines = lines.map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    let lines: String = lines.collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

fn from_pem(label: &str, text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let text = text.strip_prefix(&format!("-----BEGIN {label}-----"))?;
    let text = text.strip_suffix(&format!("-----END {label}-----"))?;
    let text: String = text.split_whitespace().collect();
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8410, 10.3, with its public key of 10.1.
    const OF_RFC: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";
    const PUBLIC_OF_RFC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";

    #[test]
    fn keys_have_the_form_of_the_standard() {
        let key: SigningKey = OF_RFC.parse().expect("a key");
        assert_eq!(key.public().pem(), PUBLIC_OF_RFC);
        assert_eq!(PUBLIC_OF_RFC.parse(), Ok(key.public()));
        let written = pem(PRIVATE, &from_pem(PRIVATE, OF_RFC).expect("PEM"));
        assert_eq!(written, OF_RFC);
        assert!(!format!("{key:?}").contains("1O5y"), "{key:?}");
    }

    #[test]
    fn a_signature_holds_for_its_message_and_its_key_alone() {
        let key: SigningKey = OF_RFC.parse().expect("a key");
        let signature = key.sign(b"a message");
        assert_eq!(signature, key.sign(b"a message"), "nothing in it is random");
        assert!(key.public().has_signed(b"a message", &signature));
        assert!(!key.public().has_signed(b"another", &signature));
        assert!(!PublicKey([7; KEY_BYTES]).has_signed(b"a message", &signature));
        assert!(!key.public().has_signed(b"a message", b"short"));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_quoted() {
        for text in [
            "",
            "secret",
            PUBLIC_OF_RFC,
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
        ] {
            let refused = text.parse::<SigningKey>().expect_err("no key");
            assert!(!refused.to_string().contains("secret"));
        }
        assert_eq!(OF_RFC.parse::<PublicKey>(), Err(KeyTextError::Public));
        assert!("ab".parse::<Fingerprint>().is_err());
        let upper = "AB"
            .repeat(32)
            .parse::<Fingerprint>()
            .expect("a fingerprint");
        assert_eq!(upper.to_string(), "ab".repeat(32));
    }
}
