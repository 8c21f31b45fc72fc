//! A secret key of 256 bits and what is done with it.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::Sha256;

use crate::Entropy;

/// How many bytes a key has.
pub(super) const KEY_BYTES: usize = 32;
/// How many bytes stand before what is sealed. Random ones of this length never meet twice.
const NONCE_BYTES: usize = 24;

/// A secret key, wiped from memory when it is dropped.
pub(super) struct SecretKey(SecretBox<[u8; KEY_BYTES]>);

impl SecretKey {
    pub(super) fn random(entropy: &dyn Entropy) -> Self {
        Self(SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| {
            entropy.fill(key);
        }))
    }

    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.try_into().ok()?;
        Some(Self(SecretBox::init_with_mut(|key| *key = bytes)))
    }

    pub(super) fn expose(&self) -> &[u8; KEY_BYTES] {
        self.0.expose_secret()
    }

    /// Derives a key for one purpose: the first block of HKDF-Expand (RFC 5869 2.3). This key is
    /// random as it stands, so nothing need be extracted from it first (RFC 5869 3.3).
    pub(super) fn derive(&self, purpose: &str) -> Self {
        let block = self.mac(&[purpose.as_bytes(), &[1]]);
        Self(SecretBox::init_with_mut(|key| *key = block))
    }

    /// Returns the HMAC-SHA-256 (RFC 2104) of the parts, one behind the other.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.expose())
            .expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Encrypts a text that belongs to `owner`: a nonce, then what only this key opens for the
    /// same owner.
    pub(super) fn seal(&self, entropy: &dyn Entropy, owner: &[u8], text: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        entropy.fill(&mut nonce);
        let payload = Payload {
            msg: text,
            aad: owner,
        };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("XChaCha20 takes more bytes than memory holds");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Decrypts what [`SecretKey::seal`] made; `None` for anything else.
    pub(super) fn open(&self, owner: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: owner,
        };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.expose().into())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_hmac_sha_256_of_the_parts_joined() {
        let key = SecretKey::of(&[0x0b; 32]).unwrap();
        assert!(SecretKey::of(&[0x0b; 20]).is_none());
        // Reckoned apart by another library: HMAC-SHA-256 of "Hi There" under 32 bytes 0x0b.
        let expected = [
            0x19, 0x8a, 0x60, 0x7e, 0xb4, 0x4b, 0xfb, 0xc6, 0x99, 0x03, 0xa0, 0xf1, 0xcf, 0x2b,
            0xbd, 0xc5, 0xba, 0x0a, 0xa3, 0xf3, 0xd9, 0xae, 0x3c, 0x1c, 0x7a, 0x3b, 0x16, 0x96,
            0xa0, 0xb6, 0x8c, 0xf7,
        ];
        assert_eq!(key.mac(&[b"Hi ", b"There"]), expected);
    }
}
