//! Bearer tokens of OpenID Connect issuers: JSON Web Tokens (RFC 7519, RFC 9068) that are checked with
//! the issuer's published keys (OpenID Connect Discovery 1.0, RFC 8414, RFC 7517).
//!
//! - [`Issuers`]: every issuer that is trusted, and the check of a token.
//! - `keys`: an issuer's keys, read when they are needed, kept, and read again when they change.
//! - `sign_in`: people who sign in at an issuer.
//! - `signature`: the algorithms.
//! - `fetch`: reading from an issuer.

mod fetch;
mod keys;
mod sign_in;
mod signature;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};
use varde_core::tokens::{TokenTrouble, TokenVerifier, VerifiedToken};
use varde_core::{Clock, Scope};

pub(crate) use self::fetch::Fetch;
use self::keys::IssuerKeys;
pub(crate) use self::sign_in::SignInIssuers;
pub(crate) use self::signature::ALGORITHMS;
use crate::ambient::SystemClock;
use crate::config::IssuerSection;

/// The most bytes of a token.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How much the clocks of an issuer and of this machine may differ, in seconds.
const LEEWAY_SECONDS: i64 = 60;
/// The most bytes of a subject, which becomes the name of an account.
const SUBJECT_BYTES_MAX: usize = 255;
const SECOND_MICROS: i64 = 1_000_000;

/// The issuers that are trusted.
#[derive(Debug)]
pub(crate) struct Issuers {
    issuers: Vec<Issuer>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Issuer {
    section: IssuerSection,
    keys: IssuerKeys,
}

/// The claims that are looked at beside the scopes.
#[derive(Debug, Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Reads the keys of an issuer as for the first of its tokens, and returns how many there are.
pub(crate) async fn keys_of(issuer: &str, fetch: &Arc<dyn Fetch>) -> Result<usize, TokenTrouble> {
    let keys = IssuerKeys::new(issuer, Arc::clone(fetch), Arc::new(SystemClock));
    Ok(keys.load().await?.len())
}

impl Issuers {
    /// Trusts some issuers, whose keys are read by `fetch` when the first token comes.
    pub(crate) fn new(
        sections: &[IssuerSection],
        fetch: &Arc<dyn Fetch>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        signature::install();
        let issuer = |section: &IssuerSection| Issuer {
            keys: IssuerKeys::new(&section.issuer, Arc::clone(fetch), Arc::clone(clock)),
            section: section.clone(),
        };
        Self {
            issuers: sections.iter().map(issuer).collect(),
            clock: Arc::clone(clock),
        }
    }

    /// Finds the issuer that a token says to be of. Nothing of it is believed yet.
    fn claimed(&self, token: &str) -> Option<&Issuer> {
        #[derive(Deserialize)]
        struct Claimed {
            iss: String,
        }
        let Claimed { iss } = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
        let mut issuers = self.issuers.iter();
        issuers.find(|issuer| issuer.section.issuer == iss)
    }
}

impl Issuers {
    /// Returns the claims of a token of an issuer that is for an audience; `None` for one that is not
    /// right.
    async fn verified(
        &self,
        issuer: &Issuer,
        token: &str,
        audience: &str,
    ) -> Result<Option<Claims>, TokenTrouble> {
        if token.len() > TOKEN_BYTES_MAX {
            return Ok(None);
        }
        let Ok(header) = jsonwebtoken::decode_header(token) else {
            return Ok(None);
        };
        // Before a key is looked for, so that nobody makes an issuer be asked by what is never let in.
        if !issuer.section.allows(header.alg) {
            return Ok(None);
        }
        let key = issuer.keys.find(header.kid.as_deref(), header.alg).await?;
        let now = self.clock.now().0 / SECOND_MICROS;
        Ok(key.and_then(|key| issuer.checked((token, audience), &key, header.alg, now)))
    }
}

#[async_trait]
impl TokenVerifier for Issuers {
    async fn verify(&self, token: &str) -> Result<Option<VerifiedToken>, TokenTrouble> {
        if token.len() > TOKEN_BYTES_MAX {
            return Ok(None);
        }
        let Some(issuer) = self.claimed(token) else {
            return Ok(None);
        };
        let section = &issuer.section;
        let claims = self.verified(issuer, token, &section.audience).await?;
        Ok(claims.map(|claims| VerifiedToken {
            issuer: section.issuer.clone(),
            key: section.key.clone(),
            scopes: scopes(claims.others.get(&section.scope_claim)),
            subject: claims.sub,
        }))
    }
}

impl Issuer {
    fn checked(
        &self,
        (token, audience): (&str, &str),
        key: &DecodingKey,
        algorithm: Algorithm,
        now: i64,
    ) -> Option<Claims> {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.section.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // The library would ask the system for the time; below it comes from the clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation);
        let claims = claims.ok()?.claims;
        let over = claims.exp.saturating_add(LEEWAY_SECONDS) <= now;
        let early = claims
            .nbf
            .is_some_and(|nbf| nbf > now.saturating_add(LEEWAY_SECONDS));
        let named = (1..=SUBJECT_BYTES_MAX).contains(&claims.sub.len());
        (!over && !early && named).then_some(claims)
    }
}

/// Reads the scopes of a claim: a text with spaces (RFC 8693 4.2), or a list of texts, as some issuers
/// write. What is no scope of xAPI is of no concern here.
fn scopes(claim: Option<&Value>) -> Vec<Scope> {
    let words: Vec<&str> = match claim {
        Some(Value::String(text)) => text.split(' ').collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    words.iter().filter_map(|word| word.parse().ok()).collect()
}
