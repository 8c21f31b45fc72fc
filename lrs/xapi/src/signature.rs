//! Signed statements: a JWS over the statement as it was before it was signed.
//!
//! xAPI 1.0.3 Data 2.6 / IEEE 9274.1.1 4.2.6. The chain of trust is not examined: a certificate in
//! `x5c` only has to fit the signature. Without one nothing can be checked but the payload.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rsa::PublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::signature::Verifier as _;
use sha2::{Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::family::Family;
use crate::fault::{Fault, Found, Rule};
use crate::json::{self, Node, Tree, Value};
use crate::media_type::essence;
use crate::model::Attachment;
use crate::receive::{Received, receive_one};

/// The `usageType` of a signature.
pub const USAGE_TYPE: &str = "http://adlnet.gov/expapi/attachments/signature";

/// The most octets of a signature that are looked at; certificates and statement together.
pub const SIGNATURE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA with SHA-256.
    Rs256,
    /// RSA with SHA-384.
    Rs384,
    /// RSA with SHA-512.
    Rs512,
}

/// What an accepted signature proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The algorithm it names.
    pub algorithm: Algorithm,
    /// Whether it was verified with a certificate that it carries.
    pub verified: bool,
}

/// Tells whether an attachment is a signature of its statement.
pub fn is_signature(attachment: &Attachment) -> bool {
    attachment.usage_type.as_str() == USAGE_TYPE
}

/// Checks a signature's data against the statement that carries it.
///
/// `path` is that of the attachment and serves the fault only. The payload must be a statement of
/// the family, equal to the received one; under 1.0.x also in `id` and `timestamp` where both have
/// them.
pub fn check(
    path: &str,
    attachment: &Attachment,
    data: &[u8],
    received: &Received,
    family: Family,
) -> Result<Accepted, Fault> {
    let jws = Jws { path, data };
    if essence(&attachment.content_type) != "application/octet-stream" {
        let found = &attachment.content_type;
        return Err(jws.fault(Rule::SignatureData, found, "application/octet-stream"));
    }
    let parts = jws.split()?;
    let header = jws.header(&parts)?;
    let tree = jws.header_tree(&header)?;
    let algorithm = jws.algorithm(&tree.root)?;
    jws.check_payload(&parts, received, family)?;
    let verified = match tree.root.get("x5c") {
        Some(chain) => {
            let key = jws.public_key(chain)?;
            jws.verify(&parts, algorithm, key)?;
            true
        }
        None => false,
    };
    Ok(Accepted {
        algorithm,
        verified,
    })
}

/// A JWS in compact serialisation, with the place it was found.
struct Jws<'a> {
    path: &'a str,
    data: &'a [u8],
}

/// The three parts of a JWS, payload and signature decoded.
struct Parts<'a> {
    header: &'a str,
    /// Header and payload as signed, with the dot between.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    fn fault(&self, rule: Rule, found: &str, expected: &str) -> Fault {
        Fault::of_parameter(self.path, rule, Found::new(found, "signature"), expected)
    }

    fn form(&self, found: &str) -> Fault {
        let expected = "three base64url texts with dots between: header, payload, signature";
        self.fault(Rule::SignatureForm, found, expected)
    }

    fn split(&self) -> Result<Parts<'a>, Fault> {
        if self.data.len() > SIGNATURE_BYTES_MAX {
            return Err(self.fault(Rule::SignatureForm, "a longer one", "at most 4 MiB"));
        }
        let text = std::str::from_utf8(self.data).map_err(|_| self.form("other octets"))?;
        let text = text.trim();
        let (signed, signature) = text.rsplit_once('.').ok_or_else(|| self.form("no dot"))?;
        let (header, payload) = signed.split_once('.').ok_or_else(|| self.form("one dot"))?;
        let decoded = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| self.form("a part that is not base64url"))
        };
        Ok(Parts {
            header,
            signed,
            payload: decoded(payload)?,
            signature: decoded(signature)?,
        })
    }

    fn header(&self, parts: &Parts<'_>) -> Result<String, Fault> {
        let decoded = URL_SAFE_NO_PAD.decode(parts.header).ok();
        let text = decoded.and_then(|octets| String::from_utf8(octets).ok());
        text.ok_or_else(|| self.form("a header that is not base64url of UTF-8"))
    }

    fn header_tree<'t>(&self, text: &'t str) -> Result<Tree<'t>, Fault> {
        json::parse(text).map_err(|_| self.form("a header that is not JSON"))
    }

    fn algorithm(&self, header: &Node<'_>) -> Result<Algorithm, Fault> {
        let named = header.get("alg").and_then(Node::as_str);
        match named {
            Some("RS256") => Ok(Algorithm::Rs256),
            Some("RS384") => Ok(Algorithm::Rs384),
            Some("RS512") => Ok(Algorithm::Rs512),
            _ => {
                let found = named.unwrap_or("no alg");
                Err(self.fault(Rule::SignatureAlgorithm, found, "RS256, RS384 or RS512"))
            }
        }
    }

    fn check_payload(
        &self,
        parts: &Parts<'_>,
        received: &Received,
        family: Family,
    ) -> Result<(), Fault> {
        let signed = receive_one(&parts.payload, family).map_err(|faults| {
            let first = faults
                .iter()
                .next()
                .map(ToString::to_string)
                .unwrap_or_default();
            self.fault(
                Rule::SignaturePayload,
                &first,
                "a valid statement as the payload",
            )
        })?;
        let (ours, theirs) = (&received.statement, &signed.statement);
        let same = |equal: Option<bool>| family == Family::V2 || equal.unwrap_or(true);
        let ids = ours.id.zip(theirs.id).map(|(left, right)| left == right);
        let times = ours.timestamp.as_ref().zip(theirs.timestamp.as_ref());
        let times = times.map(|(left, right)| left == right);
        if received.equality == signed.equality && same(ids) && same(times) {
            return Ok(());
        }
        let expected = "the statement that carries the signature";
        Err(self.fault(Rule::SignaturePayload, "another statement", expected))
    }

    /// Returns the key of the first certificate (RFC 7515 4.1.6: base64, not base64url).
    fn public_key(&self, chain: &Node<'_>) -> Result<PublicKey, Fault> {
        let first = match &chain.value {
            Value::Array(certificates) => certificates.first().and_then(Node::as_str),
            _ => None,
        };
        let key = first.and_then(certificate_key);
        let expected = "an array of X.509 certificates, the first with an RSA key";
        key.ok_or_else(|| self.fault(Rule::SignatureCertificate, "another x5c", expected))
    }

    fn verify(&self, parts: &Parts<'_>, algorithm: Algorithm, key: PublicKey) -> Result<(), Fault> {
        let signed = parts.signed.as_bytes();
        let verified =
            Signature::try_from(parts.signature.as_slice()).and_then(|signature| match algorithm {
                Algorithm::Rs256 => VerifyingKey::<Sha256>::new(key).verify(signed, &signature),
                Algorithm::Rs384 => VerifyingKey::<Sha384>::new(key).verify(signed, &signature),
                Algorithm::Rs512 => VerifyingKey::<Sha512>::new(key).verify(signed, &signature),
            });
        let expected = "a signature by the key of the first certificate in x5c";
        verified.map_err(|_| self.fault(Rule::SignatureCertificate, "another signature", expected))
    }
}

fn certificate_key(base64: &str) -> Option<PublicKey> {
    let der = STANDARD.decode(base64).ok()?;
    let certificate = Certificate::from_der(&der).ok()?;
    let key = certificate
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .ok()?;
    PublicKey::from_public_key_der(&key).ok()
}
